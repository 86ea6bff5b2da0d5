"""Every goal beside a release: status, configuration, walk, rollback, swap, removal. Pure."""

from handlers.environments import Environment
from handlers.model import (
    Configure,
    ConfigureStep,
    DeleteStep,
    Readiness,
    Retire,
    Rollback,
    RollbackStep,
    SetStatus,
    Slot,
    Step,
    SwapSlots,
    SwapStep,
    UseConfiguration,
    Walk,
    WalkStep,
)
from handlers.planning.decisions import (
    Decision,
    Impossible,
    Reached,
    Settle,
    TakeStep,
    bring_up,
    bring_up_as_it_is,
)
from handlers.planning.situation import Deployed, Situation

Change = SetStatus | Configure | UseConfiguration | Walk | Rollback | SwapSlots | Retire


def change(goal: Change, environment: Environment, situation: Situation, taken: tuple[Step, ...]) -> Decision:
    """Say what leads to a goal that is about what is deployed already."""
    deployed = situation.at(environment.slot)
    match goal:
        case Retire(name=name):
            return _retire(name, situation)
        case SwapSlots() if environment.slot is not Slot.PRODUCTION:
            return _not_from_here(environment)
        case SwapSlots():
            return _swap(situation, taken)
        case _ if deployed is None:
            return Impossible("NothingDeployed", f"The {environment.slot} slot is empty.")
        case SetStatus(status=status):
            return bring_up(deployed, start=status == "Running", walk=False)
        case Configure() | UseConfiguration():
            return _configure(deployed, taken)
        case Walk(domain=domain):
            return _walk(domain, deployed, taken)
        case Rollback():
            return _roll_back(deployed, environment, situation, taken)


def _not_from_here(environment: Environment) -> Impossible:
    """Say that production is changed by whoever may change production, and under its rules alone."""
    return Impossible(
        "OnlyIntoProduction",
        f"{environment.name} is in staging. A swap changes what is in production: ask for it in that environment.",
    )


def _retire(name: str, situation: Situation) -> Decision:
    """Delete what was kept, unless somebody has gone back to it."""
    kept = situation.named(name)
    if kept is None or kept.slot is Slot.PRODUCTION:
        return Reached(Readiness(ready=0, total=0))
    if kept.locked or kept.status == "Deleting":
        return Settle(kept.readiness)
    return TakeStep(DeleteStep(name=name))


def _swap(situation: Situation, taken: tuple[Step, ...]) -> Decision:
    """Bring to production what stood in staging when the swap was first taken."""
    production, staging = situation.production, situation.staging
    meant = next((step.name for step in taken if isinstance(step, SwapStep)), None)
    if production is not None and production.name == meant:
        return bring_up_as_it_is(production)
    if staging is None or (meant is not None and staging.name != meant):
        return Impossible("NothingToSwap", "The staging slot does not hold what was to be swapped into production.")
    return TakeStep(SwapStep(production=production.name if production is not None else None, name=staging.name))


def _configure(deployed: Deployed, taken: tuple[Step, ...]) -> Decision:
    """Send the configuration once, then wait until the roles have taken it."""
    if not any(isinstance(step, ConfigureStep) for step in taken):
        return TakeStep(ConfigureStep(name=deployed.name))
    return bring_up(deployed, start=not deployed.status.startswith("Suspend"), taken=taken)


def _walk(domain: int, deployed: Deployed, taken: tuple[Step, ...]) -> Decision:
    """Walk to one domain of a manual update, the ones before it first."""
    if any(isinstance(step, WalkStep) and step.domain >= domain for step in taken):
        done = deployed.update is None or deployed.update.domain > domain
        return Reached(deployed.readiness) if done else Settle(deployed.readiness)
    if deployed.update is None or deployed.update.mode != "Manual":
        return Impossible("NoManualUpdate", "No manual update is under way, so there is no domain to walk.")
    if deployed.update.domain > domain:
        return Reached(deployed.readiness)
    if deployed.update.during or deployed.locked:
        return Settle(deployed.readiness)
    return TakeStep(WalkStep(name=deployed.name, domain=deployed.update.domain))


def _roll_back(deployed: Deployed, environment: Environment, situation: Situation, taken: tuple[Step, ...]) -> Decision:
    """Take an update back while Azure allows it, else swap what is kept in staging back."""
    if any(isinstance(step, RollbackStep) for step in taken):
        return bring_up_as_it_is(deployed)
    if any(isinstance(step, SwapStep) for step in taken):
        return _swap(situation, taken)
    if deployed.rollback_allowed:
        return TakeStep(RollbackStep(name=deployed.name))
    if environment.slot is not Slot.PRODUCTION:
        return Impossible("NothingToRollBackTo", f"No update of {environment.name} can be taken back; deploy by tag.")
    if situation.staging is None or situation.staging.request is None:
        return Impossible("NothingToRollBackTo", "No update can be taken back, and staging keeps nothing of ours.")
    return _swap(situation, taken)
