"""What a swap would bring into production: it may have been deployed to staging by another environment's rules.

What this environment has deployed itself was looked at then. Anything else is a commit like any other. A rollback goes
back: to what ran here, and not to what was rolled back.
"""

from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.model import Check, Result, Rollback, RunCommit, Step, SwapSlots, SwapStep
from handlers.outcomes import fail
from handlers.planning import Situation
from handlers.policy.reasons import Reason
from handlers.ports import Ports
from handlers.vetting.commits import CODES, vet_commit

FAR_BACK = 100
"""Our choice: the newest requests of an environment among which its last swap is looked for."""


def vet_swap(step: Step, entry: Entry, environment: Environment, situation: Situation, ports: Ports) -> Entry | None:
    """Say how a row goes on whose swap would bring in what may not be here, or not yet; None where it may.

    Raises Unavailable.
    """
    goal = entry.request.goal
    if not (isinstance(step, SwapStep) and isinstance(goal, SwapSlots | Rollback)) or entry.taken:
        return None
    brought = situation.named(step.name)
    made = (
        _made_by(brought.request, environment, ports) if brought is not None and brought.request is not None else None
    )
    if isinstance(goal, Rollback):
        reason = _no_way_back(made, environment, ports) if made is not None else None
        return fail(entry, ports.now(), "NothingToRollBackTo", reason) if reason is not None else None
    if made is not None and made.request.environment == environment.name:
        return None
    if not (environment.branches or environment.tags or environment.required_checks):
        return None
    if made is None or made.commit is None:
        sentence = (
            f"Nobody knows which commit {step.name} in staging is: deploy a version of {environment.name} instead."
        )
        return fail(entry, ports.now(), CODES[Reason.NOT_REACHABLE], sentence)
    return vet_commit(made.commit, _ref_of(made), entry, environment, ports)


def _no_way_back(made: Entry, environment: Environment, ports: Ports) -> str | None:
    """Say why what stands in staging is nothing to go back to; None where it is."""
    there, title = made.request.environment, made.request.goal.title
    if there != environment.name:
        return (
            f"What stands in staging was deployed to {there}, and is nothing that {environment.name} could go back to."
        )
    if not _stayed(made):
        return f"{title}, which stands in staging, did not come to stay in {there}: what ran before it runs there."
    last = next((one for one in ports.ledger.history(there, FAR_BACK) if _has_swapped(one)), None)
    if last is not None and isinstance(last.request.goal, Rollback):
        return f"{title} was rolled back already. To run it again, write swap {there}."
    return None


def _stayed(made: Entry) -> bool:
    """Say whether what a request brought stood in its environment's slot when the request ended."""
    reached = made.outcome is not None and made.outcome.result is Result.SUCCESS
    return reached or made.runs_since == made.request.id


def _has_swapped(entry: Entry) -> bool:
    return any(isinstance(step, SwapStep) for step in entry.taken)


def _made_by(request: str, environment: Environment, ports: Ports) -> Entry | None:
    """Return the row of the request that deployed it, the environment's own first; None where there is none."""
    for name in sorted(ports.environments, key=lambda one: one != environment.name):
        stored = ports.ledger.get(Check(environment=name, request=request))
        if stored is not None:
            return stored.row
    return None


def _ref_of(made: Entry) -> str | None:
    """Return the tag or the branch that somebody deployed."""
    if isinstance(made.request.goal, RunCommit):
        return made.request.goal.commit.branch
    return made.release.tag if made.release is not None else None
