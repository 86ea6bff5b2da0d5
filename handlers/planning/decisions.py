"""What can be decided about a request, and the rules that several goals share."""

from dataclasses import dataclass

from handlers.model import Readiness, StatusStep, Step, WalkStep
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


def bring_up(deployed: Deployed, *, start: bool, walk: bool = True) -> Decision:
    """Say what is missing until a deployment stands as it should.

    `start` is whether it is to run. `walk` lets a manual update go on to its next domain.
    """
    readiness = deployed.readiness
    if deployed.update is not None:
        waits = not deployed.update.during and not deployed.locked
        if walk and waits and deployed.update.mode == "Manual":
            return TakeStep(WalkStep(name=deployed.name, domain=deployed.update.domain))
        return Settle(readiness)
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


def bring_up_as_it_is(deployed: Deployed) -> Decision:
    """Wait until a deployment has settled, running or suspended as it happens to be."""
    return bring_up(deployed, start=not deployed.status.startswith("Suspend"), walk=False)
