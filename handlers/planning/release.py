"""Releases the way an engineer would do them: swap, create, replace, upgrade; and the way back. Pure."""

from collections.abc import Callable, Mapping

from handlers.environments import Environment, Strategy
from handlers.model import (
    CreateStep,
    DeleteStep,
    DeploymentRequest,
    Readiness,
    RollbackStep,
    Slot,
    Step,
    SwapStep,
    UpgradeStep,
)
from handlers.model.codes import SUPERSEDED
from handlers.planning.decisions import Decision, Impossible, Reached, Settle, TakeStep, bring_up
from handlers.planning.situation import Deployed, Situation

Taken = tuple[Step, ...]

Plan = Callable[[DeploymentRequest, Environment, Situation, Taken], Decision]


def run_release(
    request: DeploymentRequest, environment: Environment, situation: Situation, taken: tuple[Step, ...]
) -> Decision:
    """Say what leads to the release running in the environment.

    Two rules stand before every strategy: an older request never replaces a newer one, and what was made once for
    this request and is gone was taken away by somebody, whom we do not fight.
    """
    newer = [one for one in situation.all if one.accepted_at is not None and one.accepted_at > request.accepted_at]
    if newer and not any(_is_for(one, request) for one in situation.all):
        return Impossible(SUPERSEDED, f"Deployment {newer[0].name} belongs to a later release; it stays.")
    made = any(isinstance(step, CreateStep | UpgradeStep) for step in taken)
    if made and not any(_is_for(one, request) for one in situation.all):
        return Impossible(SUPERSEDED, "Its deployment is gone: a later release, or somebody by hand, has replaced it.")
    return _STRATEGIES[environment.plan_by](request, environment, situation, taken)


def _create(request: DeploymentRequest, environment: Environment, situation: Situation, taken: Taken) -> Decision:
    """Create, only in an empty slot."""
    occupant = situation.at(environment.slot)
    if occupant is None:
        return _create_in(environment.slot, request, environment, situation)
    if _is_for(occupant, request):
        return bring_up(occupant, start=environment.start, taken=taken)
    return _occupied(environment, occupant)


def _replace(request: DeploymentRequest, environment: Environment, situation: Situation, taken: Taken) -> Decision:
    """Delete what stands in the slot, then create."""
    occupant = situation.at(environment.slot)
    if occupant is None or _is_for(occupant, request):
        return _create(request, environment, situation, taken)
    return _delete(occupant)


def _upgrade(request: DeploymentRequest, environment: Environment, situation: Situation, taken: Taken) -> Decision:
    """Upgrade in place; create where there is nothing."""
    occupant = situation.at(environment.slot)
    if occupant is None or _is_for(occupant, request):
        return _create(request, environment, situation, taken)
    return TakeStep(UpgradeStep(name=occupant.name, mode=environment.mode))


def _swap(request: DeploymentRequest, environment: Environment, situation: Situation, taken: Taken) -> Decision:
    """Create in staging, wait until it is ready, swap into production."""
    production, staging = situation.production, situation.staging
    if production is not None and _is_for(production, request):
        return bring_up(production, start=environment.start, taken=taken)
    if staging is None:
        return _create_in(Slot.STAGING, request, environment, situation)
    if staging.request is None:
        return _occupied(environment, staging)
    if not _is_for(staging, request):
        return _delete(staging)
    ready = bring_up(staging, start=environment.start, taken=taken)
    if not isinstance(ready, Reached):
        return ready
    return TakeStep(SwapStep(production=production.name if production is not None else None, name=staging.name))


_STRATEGIES: Mapping[Strategy, Plan] = {
    Strategy.CREATE: _create,
    Strategy.REPLACE: _replace,
    Strategy.UPGRADE: _upgrade,
    Strategy.SWAP: _swap,
}


def undo(
    request: DeploymentRequest, environment: Environment, situation: Situation, taken: tuple[Step, ...]
) -> Decision:
    """Say what leads back to what ran before this release. Impossible where there is no way back."""
    swaps = [step for step in taken if isinstance(step, SwapStep)]
    occupant = situation.at(environment.slot)
    if swaps and swaps[0].production is not None:
        return _swap_back(swaps[0].production, environment, situation)
    if environment.plan_by is Strategy.SWAP and not swaps:
        # Production was never touched; what is not ready is taken out of staging, where it would be charged.
        ours = situation.named(request.id)
        return _delete(ours) if ours is not None else Reached(Readiness(ready=0, total=0))
    if any(isinstance(step, RollbackStep) for step in taken) and occupant is not None:
        return bring_up(occupant, start=environment.start, walk=False)
    if occupant is not None and occupant.rollback_allowed:
        return TakeStep(RollbackStep(name=occupant.name))
    return Impossible("NothingToRollBackTo", "Azure keeps nothing that ran before.")


def _swap_back(name: str, environment: Environment, situation: Situation) -> Decision:
    previous, production = situation.named(name), situation.production
    if previous is None:
        return Impossible("NothingToRollBackTo", f"Deployment {name} is gone.")
    if previous.slot is Slot.PRODUCTION:
        return bring_up(previous, start=environment.start)
    return TakeStep(SwapStep(production=production.name if production is not None else None, name=previous.name))


def _is_for(deployed: Deployed, request: DeploymentRequest) -> bool:
    """Say whether a deployment is this request's: made under its name, or upgraded for it."""
    return request.id in {deployed.name, deployed.request}


def _create_in(
    slot: Slot, request: DeploymentRequest, environment: Environment, situation: Situation
) -> TakeStep | Impossible:
    """Create under the request's name, unless somebody has moved that deployment elsewhere."""
    moved = situation.named(request.id)
    if moved is not None:
        return Impossible("DeploymentMoved", f"Deployment {moved.name} stands in {moved.slot}: somebody has moved it.")
    return TakeStep(CreateStep(slot=slot, name=request.id, start=environment.start))


def _delete(deployed: Deployed) -> TakeStep | Settle:
    """Delete by name, once Azure is not at work on it."""
    if deployed.locked or deployed.status == "Deleting":
        return Settle(deployed.readiness)
    return TakeStep(DeleteStep(name=deployed.name))


def _occupied(environment: Environment, occupant: Deployed) -> Impossible:
    return Impossible(
        "SlotOccupied",
        f"The {occupant.slot} slot of {environment.cloud_service} holds deployment {occupant.name}, which is not for"
        " Slipway to delete. Delete it or swap it away, then publish again.",
    )
