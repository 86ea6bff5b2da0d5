"""What GitHub shows of the versions that a request has put out of an environment, or back into it.

GitHub makes earlier deployments inactive by itself when a later one succeeds, but not those to production, and not the
later one when an earlier one is back. So the deployment of what runs no longer gets the status `inactive`, and the one
of what runs again `success` once more, each unless it shows that already: doing it twice writes nothing.
"""

from collections.abc import Iterable, Sequence

from handlers.github_api import deployments
from handlers.github_api.client import GitHub
from handlers.github_api.deployments import MAX_DESCRIPTION, Deployment, State
from handlers.model import Phase, Rollback, SwapSlots
from handlers.outside_text import one_line
from handlers.sinks.deployed import Deployed, brought_by
from handlers.sinks.github_deployment import create, request_of
from handlers.telling.report import Brought, Report, Takeover

LOOK_BACK = 30
"""Our choice: deployments to the environment, the newest, among which those that are concerned are looked for."""

_STILL_SHOWN = {State.SUCCESS, State.IN_PROGRESS}


def take_over(github: GitHub, report: Report, deployed: Deployed | None, own: str | None, *, production: bool) -> None:
    """Show what the report's takeover has put out of the environment and brought back into it.

    `deployed` is what the request itself deploys, and `own` the id of its deployment; None where it deploys nothing.
    Costs one call, and two for each deployment that is concerned. Raises Unavailable and GitHubRefused.
    """
    takeover = report.takeover or Takeover()
    succeeded = deployed is not None and report.phase is Phase.SUCCESS and takeover.newest
    if succeeded and not production:
        return  # GitHub does it by itself
    concerned = [brought_by(one.request, one.release) for one in (*takeover.gone, *_some(takeover.again))]
    repository = next((one.repository for one in (deployed, *concerned) if one is not None), None)
    if repository is None or not (succeeded or concerned):
        return
    there = deployments.latest(github, repository, report.request.environment, limit=LOOK_BACK)
    again = _bring_back(github, report, takeover.again, there, production=production)
    running = again or (int(own) if own is not None and takeover.newest else None)
    gone = {found for one in takeover.gone if (found := _find(there, one)) is not None} - {running}
    words = one_line(_why_gone(report, takeover, deployed), MAX_DESCRIPTION)
    for deployment in gone:
        _end(github, repository, deployment, words)
    if succeeded and running is not None:
        _end_older(github, repository, [one for one in there if one.id < running and one.id not in gone], words)


def _bring_back(
    github: GitHub, report: Report, again: Brought | None, there: Sequence[Deployment], *, production: bool
) -> int | None:
    """Let the deployment of what runs again be a success; make one where it never had one in this environment."""
    deployed = brought_by(again.request, again.release) if again is not None else None
    if again is None or deployed is None:
        return None
    made = next((one.id for one in there if request_of(one) == report.request.id), None)
    deployment = made or _find(there, again)
    if deployment is None:
        deployment = create(github, report.request, deployed, production=production)
    if _state(github, deployed.repository, deployment) != State.SUCCESS:
        what = "Runs again after a rollback" if isinstance(report.request.goal, Rollback) else "Runs since a swap"
        words = one_line(f"{what} by {report.request.actor.name}.", MAX_DESCRIPTION)
        deployments.add_status(github, deployed.repository, deployment, State.SUCCESS, words, log_url=deployed.url)
    return deployment


def _find(there: Sequence[Deployment], brought: Brought) -> int | None:
    """Find the deployment that a request is shown as, else the newest of ours of the same version."""
    deployed = brought_by(brought.request, brought.release)
    if deployed is None:
        return None
    if deployed.announced is not None:
        return deployed.announced
    its_own = [one.id for one in there if request_of(one) == brought.request.id]
    same = [one.id for one in there if request_of(one) is not None and one.ref == deployed.ref]
    return next(iter((*its_own, *same)), None)


def _end_older(github: GitHub, repository: str, older: Iterable[Deployment], words: str) -> None:
    """Make ours inactive, newest first, until one is already: those before it had their turn."""
    for deployment in older:
        if request_of(deployment) is not None and _end(github, repository, deployment.id, words) == State.INACTIVE:
            return


def _end(github: GitHub, repository: str, deployment: int, words: str) -> str | None:
    """Make a deployment inactive that is still shown; return the state that it had."""
    state = _state(github, repository, deployment)
    if state in _STILL_SHOWN:
        deployments.add_status(github, repository, deployment, State.INACTIVE, words)
    return state


def _state(github: GitHub, repository: str, deployment: int) -> str | None:
    statuses = deployments.statuses(github, repository, deployment)
    return statuses[0].state if statuses else None


def _why_gone(report: Report, takeover: Takeover, deployed: Deployed | None) -> str:
    again = brought_by(takeover.again.request, takeover.again.release) if takeover.again is not None else None
    runs = f": {again.title} runs" if again is not None else ""
    actor = report.request.actor.name
    match report.request.goal:
        case _ if not takeover.newest:
            return "Something later has taken its place."
        case Rollback():
            return f"Rolled back by {actor}{runs} again."
        case SwapSlots():
            return f"Swapped out by {actor}{runs}."
        case _:
            return f"Replaced by {deployed.title if deployed is not None else 'another version'}."


def _some(brought: Brought | None) -> tuple[Brought, ...]:
    return (brought,) if brought is not None else ()
