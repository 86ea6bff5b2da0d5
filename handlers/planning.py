"""The goal and what runs now -> the next step. Pure.

A step is never "number k": it follows from what Azure shows, so that a step whose answer was lost, that ran twice or
that somebody did by hand is seen as done.
"""

from dataclasses import dataclass

from handlers.environments import Environment
from handlers.model import CreateStep, DeploymentRequest, Readiness, Slot, StatusStep, Step


@dataclass(frozen=True)
class Instance:
    """A role instance, in Azure's words."""

    name: str
    status: str
    """`ReadyRole`, `StartingVM`, `StoppedVM` and so on."""


@dataclass(frozen=True)
class Deployed:
    """A deployment that Azure shows."""

    name: str
    slot: Slot
    status: str
    """`Deploying`, `Running`, `Suspended`, `RunningTransitioning` and so on."""
    locked: bool
    """Azure is taking an operation in and refuses others."""
    instances: tuple[Instance, ...]

    @property
    def readiness(self) -> Readiness:
        """Count the instances that are `ReadyRole`."""
        waiting = tuple(f"{one.name} is {one.status}" for one in self.instances if one.status != "ReadyRole")
        return Readiness(ready=len(self.instances) - len(waiting), total=len(self.instances), waiting=waiting)


@dataclass(frozen=True)
class Situation:
    """What runs in a cloud service now."""

    production: Deployed | None = None
    staging: Deployed | None = None

    def at(self, slot: Slot) -> Deployed | None:
        """Return what stands in a slot."""
        return self.production if slot is Slot.PRODUCTION else self.staging

    def named(self, name: str) -> Deployed | None:
        """Return the deployment of this name, in whichever slot."""
        return next((one for one in (self.production, self.staging) if one is not None and one.name == name), None)


@dataclass(frozen=True)
class TakeStep:
    """This call brings the goal nearer."""

    step: Step


@dataclass(frozen=True)
class Settle:
    """What was asked for is there and not ready yet: look again."""

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


def next_step(request: DeploymentRequest, environment: Environment, situation: Situation) -> Decision:
    """Say what leads from what runs now to the request's goal.

    The request's id is the deployment's name, so the deployment of that name is ours.
    """
    ours = situation.named(request.id)
    occupant = situation.at(environment.slot)
    if ours is not None and ours.slot is not environment.slot:
        return Impossible(
            "DeploymentMoved", f"Deployment {ours.name} stands in {ours.slot}: somebody has moved it since."
        )
    if ours is not None:
        return _bring_up(ours, start=environment.start)
    if occupant is not None:
        return Impossible(
            "SlotOccupied",
            f"The {environment.slot} slot of {environment.cloud_service} holds deployment {occupant.name}."
            " Delete it or swap it away, then publish again.",
        )
    return TakeStep(CreateStep(slot=environment.slot, name=request.id, start=environment.start))


def _bring_up(ours: Deployed, *, start: bool) -> Decision:
    """Say what is missing until a deployment of ours stands as it should."""
    readiness = ours.readiness
    match ours.status, start:
        case "Suspended", False:
            return Reached(readiness)
        case "Suspended", True if not ours.locked:
            return TakeStep(StatusStep(name=ours.name, status="Running"))
        case "Running", True if readiness.total and not readiness.waiting:
            return Reached(readiness)
        case _:
            return Settle(readiness)
