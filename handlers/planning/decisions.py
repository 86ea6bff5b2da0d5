"""What can be decided about a request, and the rules that several goals share."""

from dataclasses import dataclass

from handlers.model import Readiness, StatusStep, Step, UpdateMode, WalkStep
from handlers.planning.situation import Deployed


@dataclass(frozen=True)
class TakeStep:
    """This call brings the goal nearer."""

    step: Step


@dataclass(frozen=True)
class Settle:
    """What was asked for is on its way and not ready yet: look again."""

    readiness: Readiness


@dataclass(frozen=True)
class Reached:
    """The goal holds."""

    readiness: Readiness


@dataclass(frozen=True)
class Impossible:
    """No call that we may make leads to the goal."""

    code: str
    """Ours, in the form of Azure's codes."""
    reason: str


Decision = TakeStep | Settle | Reached | Impossible


def bring_up(deployed: Deployed, *, start: bool, taken: tuple[Step, ...] = (), walk: bool = True) -> Decision:
    """Say what is missing until a deployment stands as it should.

    `start` is whether it is to run. `walk` lets a manual update go on to its next domain, once the instances of those
    before it are ready; a domain that was walked (`taken`) is not walked again.
    """
    readiness = deployed.readiness
    update = deployed.update
    if update is not None and update.mode is UpdateMode.MANUAL and not _is_walked(deployed.name, update.domain, taken):
        if walk and not update.during and not deployed.locked and not _stragglers(deployed, update.domain):
            return TakeStep(WalkStep(name=deployed.name, domain=update.domain))
        return Settle(readiness)
    if update is not None:
        # Azure shows an update for a while after its operation has succeeded: the instances are what is waited for.
        return Settle(readiness.model_copy(update={"domain": None, "domains": None}))
    match deployed.status, start:
        case "Suspended", False:
            return Reached(readiness)
        case "Suspended", True if not deployed.locked:
            return TakeStep(StatusStep(name=deployed.name, status="Running"))
        case "Running", True if readiness.total and not readiness.waiting:
            return Reached(readiness)
        case "Running", False if not deployed.locked:
            return TakeStep(StatusStep(name=deployed.name, status="Suspended"))
        case _:
            return Settle(readiness)


def _is_walked(name: str, domain: int, taken: tuple[Step, ...]) -> bool:
    return any(isinstance(step, WalkStep) and step.name == name and step.domain >= domain for step in taken)


def _stragglers(deployed: Deployed, domain: int) -> bool:
    """Say whether instances of the domains before this one are not ready yet. A suspended one never is."""
    before = [one for one in deployed.instances if one.domain is not None and one.domain < domain]
    return not deployed.status.startswith("Suspend") and any(one.status != "ReadyRole" for one in before)


def bring_up_as_it_is(deployed: Deployed) -> Decision:
    """Wait until a deployment has settled, running or suspended as it happens to be."""
    return bring_up(deployed, start=not deployed.status.startswith("Suspend"), walk=False)
