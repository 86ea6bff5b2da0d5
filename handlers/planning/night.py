"""A deployment that is deleted for the night, and the same one again in the morning. Pure."""

from handlers.environments import Environment
from handlers.model import BringBack, CreateStep, DeleteStep, DeploymentRequest, PutAway, Readiness, Step
from handlers.model.codes import SUPERSEDED
from handlers.planning.decisions import Decision, Impossible, Reached, Settle, TakeStep, bring_up
from handlers.planning.situation import Situation


def put_away(goal: PutAway, environment: Environment, situation: Situation) -> Decision:
    """Delete it by name, where it still stands in the environment's slot; a deployment that is newer stays."""
    occupant = situation.at(environment.slot)
    if occupant is None:
        return Reached(Readiness(ready=0, total=0))
    if occupant.name != goal.deployment:
        return Impossible(SUPERSEDED, f"Deployment {occupant.name} has come meanwhile; it stays up.")
    if occupant.locked or occupant.status == "Deleting":
        return Settle(occupant.readiness)
    return TakeStep(DeleteStep(name=occupant.name))


def bring_back(
    request: DeploymentRequest, environment: Environment, situation: Situation, taken: tuple[Step, ...]
) -> Decision:
    """Create it in the empty slot; whatever stands there meanwhile stays."""
    occupant = situation.at(environment.slot)
    if occupant is not None and request.id in {occupant.name, occupant.request}:
        return bring_up(occupant, start=True, taken=taken)
    if occupant is not None:
        return Impossible(SUPERSEDED, f"Deployment {occupant.name} has come meanwhile; it stays.")
    if any(isinstance(step, CreateStep) for step in taken):
        return Impossible(SUPERSEDED, "Somebody has deleted or moved the deployment meanwhile.")
    moved = situation.named(request.id)
    if moved is not None:
        return Impossible("DeploymentMoved", f"Deployment {moved.name} stands in {moved.slot}: somebody has moved it.")
    return TakeStep(CreateStep(slot=environment.slot, name=request.id, start=True))


Night = PutAway | BringBack


def night(
    request: DeploymentRequest, goal: Night, environment: Environment, situation: Situation, taken: tuple[Step, ...]
) -> Decision:
    """Say what leads to a goal of the night."""
    match goal:
        case PutAway():
            return put_away(goal, environment, situation)
        case BringBack():
            return bring_back(request, environment, situation, taken)
