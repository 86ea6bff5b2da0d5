"""What a swap would bring into production: it may have been deployed to staging by another environment's rules.

What this environment has deployed itself was looked at then. Anything else is a commit like any other.
"""

from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.model import Check, Rollback, RunCommit, Step, SwapSlots, SwapStep
from handlers.outcomes import fail
from handlers.planning import Situation
from handlers.policy.reasons import Reason
from handlers.ports import Ports
from handlers.vetting.commits import CODES, vet_commit


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
    if made is not None and made.request.environment == environment.name:
        return None
    if isinstance(goal, Rollback):
        return _never_ran_here(made, entry, environment, ports) if made is not None else None
    if not (environment.branches or environment.tags or environment.required_checks):
        return None
    if made is None or made.commit is None:
        sentence = (
            f"Nobody knows which commit {step.name} in staging is: deploy a version of {environment.name} instead."
        )
        return fail(entry, ports.now(), CODES[Reason.NOT_REACHABLE], sentence)
    return vet_commit(made.commit, _ref_of(made), entry, environment, ports)


def _never_ran_here(made: Entry, entry: Entry, environment: Environment, ports: Ports) -> Entry:
    there = made.request.environment
    sentence = (
        f"What stands in staging was deployed to {there}, and is nothing that {environment.name} could go back to."
    )
    return fail(entry, ports.now(), "NothingToRollBackTo", sentence)


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
