"""What time does to operations: `advance` lets everything happen that is due. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from local.simulator import cloud_services, deployments, extensions, upgrades
from local.simulator.errors import Failure
from local.simulator.state import DeploymentStatus, Operation, Package, Step, StepKind
from local.simulator.world import World


def advance(world: World, now: datetime) -> None:
    """Let everything happen that is due at `now`, in the order of time, each thing at its own instant."""
    while (due := _next(world, now)) is not None:
        operation, step = due
        operation = replace(operation, steps=operation.steps[1:])
        world.record(operation)
        _EFFECTS[step.kind](world, operation, step)


def package_fetched(world: World, request_id: str, package: Package, now: datetime) -> None:
    """Let an operation go on whose package was found. What was due in the meantime is due now."""
    operation = world.subscription.operations[request_id]
    if operation.package is None:
        return
    steps = operation.steps
    if steps and steps[0].at < now:
        late = now - steps[0].at
        steps = tuple(replace(step, at=step.at + late) for step in steps)
    world.record(replace(operation, package=None, steps=steps))
    found = world.of(operation)
    if found is None:
        return
    deployment, update = found.deployment, found.deployment.update
    if update is not None and update.request_id == request_id:
        target = replace(update.target, package=package)
        world.keep(found, replace(deployment, update=replace(update, target=target)))
    else:
        world.keep(found, replace(deployment, model=replace(deployment.model, package=package)))


def package_missing(world: World, request_id: str, message: str, now: datetime) -> None:
    """Fail an operation whose package cannot be had."""
    operation = world.subscription.operations[request_id]
    if operation.package is not None:
        operation = replace(operation, package=None, failure=Failure(400, "BadRequest", message))
        _failed(world, operation, Step(now, StepKind.FAILED))


def _next(world: World, now: datetime) -> tuple[Operation, Step] | None:
    due = [
        (operation.steps[0].at, index, operation)
        for index, operation in enumerate(world.subscription.operations.values())
        if operation.package is None and operation.steps and operation.steps[0].at <= now
    ]
    if not due:
        return None
    operation = min(due)[2]
    return operation, operation.steps[0]


def _ended(world: World, operation: Operation, step: Step) -> None:
    world.succeed(operation, step.at)


def _unlocked(world: World, operation: Operation, step: Step) -> None:
    found = world.of(operation)
    if found is not None:
        world.keep(found, replace(found.deployment, locked_by=None, modified_at=step.at))


def _failed(world: World, operation: Operation, step: Step) -> None:
    """End an operation badly: what it began is undone, and everything it locked is free."""
    failure = operation.failure
    if failure is None:
        raise ValueError(f"operation {operation.request_id} fails without a failure")
    found = world.of(operation)
    if found is not None and found.deployment.status is DeploymentStatus.DEPLOYING:
        deployments.remove(world, found)
    elif found is not None:
        upgrades.undo(world, operation)
    cloud_services.unlock(world, operation)
    extensions.undo(world, operation)
    world.fail(operation, failure, step.at)


_EFFECTS: dict[StepKind, Callable[[World, Operation, Step], None]] = {
    StepKind.CREATED: deployments.created,
    StepKind.DELETED: deployments.deleted,
    StepKind.STATUS_CHANGED: deployments.status_changed,
    StepKind.SWAPPED: deployments.swapped,
    StepKind.INSTANCES_DELETED: deployments.instances_deleted,
    StepKind.UPDATE_BEGUN: upgrades.begun,
    StepKind.DOMAIN_BEGUN: upgrades.domain_begun,
    StepKind.DOMAIN_DONE: upgrades.domain_done,
    StepKind.UPDATE_OVER: upgrades.over,
    StepKind.SETTLED: upgrades.settled,
    StepKind.SERVICE_DELETED: cloud_services.deleted,
    StepKind.UNLOCKED: _unlocked,
    StepKind.ENDED: _ended,
    StepKind.FAILED: _failed,
}
