"""A step's effect, taken in thought: what would stand there if Azure took it and all went well. Pure."""

from dataclasses import replace

from handlers.model import (
    ConfigureStep,
    CreateStep,
    DeleteStep,
    DeploymentRequest,
    RollbackStep,
    Slot,
    StatusStep,
    Step,
    SwapStep,
    UpdateMode,
    UpgradeStep,
    WalkStep,
)
from handlers.planning.situation import Deployed, Instance, Situation, Update

_READY = (Instance("all", "ReadyRole"),)


def after(step: Step, request: DeploymentRequest, situation: Situation) -> Situation:
    """Return what stands there after the step, every instance ready."""
    production, staging = situation.production, situation.staging
    match step:
        case CreateStep(slot=slot, name=name, start=start):
            status = "Running" if start else "Suspended"
            return _put(situation, slot, Deployed(name, slot, status, False, _READY, request=request.id))
        case SwapStep():
            return Situation(
                production=replace(staging, slot=Slot.PRODUCTION) if staging is not None else None,
                staging=replace(production, slot=Slot.STAGING) if production is not None else None,
            )
    there = situation.named(step.name)
    if there is None:
        return situation
    match step:
        case DeleteStep():
            return _put(situation, there.slot, None)
        case UpgradeStep(mode=UpdateMode.MANUAL):
            walking = Update(UpdateMode.MANUAL, 0, during=False)
            return _put(situation, there.slot, replace(there, request=request.id, update=walking))
        case UpgradeStep():
            return _put(situation, there.slot, replace(there, request=request.id, instances=_READY))
        case WalkStep(domain=domain):
            update = Update(UpdateMode.MANUAL, domain + 1, during=False) if domain + 1 < there.domains else None
            return _put(situation, there.slot, replace(there, update=update, instances=_READY))
        case StatusStep(status=status):
            return _put(situation, there.slot, replace(there, status=status, instances=_READY))
        case RollbackStep() | ConfigureStep():
            return _put(situation, there.slot, replace(there, update=None, instances=_READY))


def _put(situation: Situation, slot: Slot, deployed: Deployed | None) -> Situation:
    return replace(situation, **{str(slot): deployed})
