"""Configuration changes, upgrades and rollbacks: a change goes through the upgrade domains in order. Pure.

The deployment is locked only until the service has taken the change in (`begun`). From then on the change is
under way: `UpgradeStatus` shows it, it can be rolled back, and another call is allowed on top of it. In mode
Auto the operation ends when every domain was walked; in mode Manual it ends at once, and each domain is
walked by an operation of its own. After the last domain the deployment settles for a while.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from local.simulator import configuration, instances
from local.simulator.deployments import RUNNING, check_extensions, merged, named, shown_extensions, status_of
from local.simulator.errors import bad_request, no_such_role, underway
from local.simulator.messages import (
    ChangeConfiguration,
    RollbackUpdateOrUpgrade,
    UpgradeDeployment,
    WalkUpgradeDomain,
)
from local.simulator.state import (
    Deployment,
    Instance,
    Mode,
    Operation,
    PackageRequest,
    ServiceModel,
    Step,
    StepKind,
    Stuck,
    Update,
    UpdateKind,
)
from local.simulator.world import Call, Found, Target, World

LOCK = 0.25
"""Part of an operation's time during which an update locks the deployment. Our choice."""
SETTLE = 0.5
"""Part of an operation's time during which a deployment settles after the last domain. Our choice."""
ALL_DOMAINS = "*"
UPDATE_STEPS = frozenset(
    {
        StepKind.UPDATE_BEGUN,
        StepKind.DOMAIN_BEGUN,
        StepKind.DOMAIN_DONE,
        StepKind.UPDATE_OVER,
        StepKind.SETTLED,
    }
)
"""An operation that has one of these ahead belongs to an update, and a new update takes its place."""


def change_configuration(
    world: World, call: Call, service_name: str, target: Target, message: ChangeConfiguration
) -> None:
    """Change Deployment Configuration: other counts and values, same roles and names of settings."""
    found = world.claim(service_name, target)
    old = found.deployment.model
    read = configuration.read_configuration(message.configuration)
    configuration.check_change(old.roles, read.roles)
    if message.warnings_are_errors and read.has_warnings:
        raise bad_request("The service configuration has warnings: the guest OS family 1 is retired. Set osFamily.")
    roles = [role.name for role in read.roles]
    check_extensions(found.service, message.extensions, roles)
    model = replace(
        old,
        configuration=message.configuration,
        service_name=read.service_name,
        os_family=read.os_family,
        roles=read.roles,
        extensions=shown_extensions(old.extensions, message.extensions, roles),
        extended_properties=merged(old.extended_properties, message.properties or ()),
    )
    _start(world, call, found, UpdateKind.CONFIGURATION, message.mode, model)


def upgrade(world: World, call: Call, service_name: str, target: Target, message: UpgradeDeployment) -> None:
    """Upgrade Deployment: another package, in place. Roles stay; their settings are the new package's."""
    found = world.claim(service_name, target)
    old = found.deployment.model
    read = configuration.read_configuration(message.configuration)
    roles = [role.name for role in read.roles]
    if set(roles) != {role.name for role in old.roles}:
        raise bad_request("The roles of the service configuration are not those of the deployment's package.")
    if message.role is not None and message.role not in roles:
        raise no_such_role(message.role)
    check_extensions(found.service, message.extensions, roles)
    model = ServiceModel(
        message.label,
        message.configuration,
        read.service_name,
        read.os_family,
        read.roles,
        shown_extensions(old.extensions, message.extensions, roles),
        merged(old.extended_properties, message.properties or ()),
    )
    _start(
        world,
        call,
        found,
        UpdateKind.UPGRADE,
        message.mode,
        model,
        role=message.role,
        package=PackageRequest(message.package_url),
    )


def rollback(world: World, call: Call, service_name: str, target: Target, message: RollbackUpdateOrUpgrade) -> None:
    """Rollback Update Or Upgrade: domains that were walked go back, the others never left."""
    found = world.claim(service_name, target)
    update = found.deployment.update
    if update is None or not rollback_allowed(found.deployment):
        raise bad_request("No update that could be rolled back is in progress on the deployment.")
    walked = update.walked + update.domains[: 1 if update.during else 0]
    _start(world, call, found, UpdateKind.ROLLBACK, message.mode, update.before, domains=walked, role=update.role)


def walk(world: World, call: Call, service_name: str, target: Target, message: WalkUpgradeDomain) -> None:
    """Walk Upgrade Domain: the next one of a manual update, and no other."""
    found = world.claim(service_name, target)
    update = found.deployment.update
    if update is None or update.mode is not Mode.MANUAL or not update.domains:
        raise bad_request("No manual update is in progress on the deployment.")
    if update.during:
        raise underway()
    if message.domain != update.domains[0]:
        raise bad_request(f"Upgrade domains must be walked in order: the next one is {update.domains[0]}.")
    end = call.at + world.pace.operation
    steps = [
        Step(call.at, StepKind.DOMAIN_BEGUN, str(message.domain)),
        Step(end, StepKind.DOMAIN_DONE, str(message.domain)),
    ]
    if len(update.domains) == 1:
        steps += _last(world, end)
    else:
        steps.append(Step(end, StepKind.ENDED))
    world.accept(
        call,
        found.service,
        found.deployment,
        *steps,
        parameters=(*named(found), ("upgradeDomain", str(message.domain))),
    )


def rollback_allowed(deployment: Deployment) -> bool:
    """Say whether a change is under way that can still be taken back."""
    update = deployment.update
    return (
        update is not None
        and update.begun
        and not update.over
        and update.kind is not UpdateKind.ROLLBACK
        and bool(update.domains)
    )


def begun(world: World, operation: Operation, step: Step) -> None:
    """Take the change in: the deployment is what it is told to be, and no longer locked."""
    found = world.of(operation)
    if found is None or found.deployment.update is None:
        return
    deployment = found.deployment
    update = replace(found.deployment.update, begun=True)
    world.keep(
        found,
        replace(
            deployment,
            update=update,
            model=update.target,
            status=status_of(run=deployment.status in RUNNING, updating=True),
            upgrade_domains=max(deployment.upgrade_domains, instances.domain_count(update.target.roles)),
            locked_by=None,
            modified_at=step.at,
        ),
    )


def domain_begun(world: World, operation: Operation, step: Step) -> None:
    """Change the instances of one domain, or of all of them at once."""
    found = world.of(operation)
    if found is None or found.deployment.update is None:
        return
    deployment, update = found.deployment, found.deployment.update
    walked = update.domains if step.argument == ALL_DOMAINS else (int(step.argument),)
    machines = _walked(world, deployment, update, walked, operation, step.at)
    world.keep(
        found,
        replace(deployment, instances=machines, update=replace(update, during=True), modified_at=step.at),
    )


def domain_done(world: World, operation: Operation, step: Step) -> None:
    """Leave a domain behind."""
    found = world.of(operation)
    if found is None or found.deployment.update is None:
        return
    update = found.deployment.update
    walked = update.domains if step.argument == ALL_DOMAINS else (int(step.argument),)
    update = replace(
        update,
        during=False,
        walked=(*update.walked, *walked),
        domains=tuple(domain for domain in update.domains if domain not in walked),
    )
    world.keep(found, replace(found.deployment, update=update, modified_at=step.at))


def over(world: World, operation: Operation, step: Step) -> None:
    """End the operation: every domain was walked."""
    found = world.of(operation)
    if found is not None and found.deployment.update is not None:
        update = replace(found.deployment.update, over=True)
        world.keep(found, replace(found.deployment, update=update, modified_at=step.at))
    world.succeed(operation, step.at)


def settled(world: World, operation: Operation, step: Step) -> None:
    """Let the deployment be Running or Suspended again; nothing is under way any more."""
    found = world.of(operation)
    if found is None:
        return
    status = status_of(run=found.deployment.status in RUNNING, updating=False)
    world.keep(found, replace(found.deployment, update=None, status=status, modified_at=step.at))


def undo(world: World, operation: Operation) -> None:
    """Take back what a failed operation began on a deployment that stays."""
    found = world.of(operation)
    if found is None:
        return
    deployment = found.deployment
    update = deployment.update
    if update is not None and update.request_id == operation.request_id:
        update = None
    status = operation.restore or status_of(run=deployment.status in RUNNING, updating=update is not None)
    locked_by = None if deployment.locked_by == operation.request_id else deployment.locked_by
    world.keep(found, replace(deployment, update=update, status=status, locked_by=locked_by))


def _start(
    world: World,
    call: Call,
    found: Found,
    kind: UpdateKind,
    mode: Mode,
    target: ServiceModel,
    *,
    role: str | None = None,
    package: PackageRequest | None = None,
    domains: tuple[int, ...] | None = None,
) -> None:
    deployment = found.deployment
    world.supersede(deployment.private_id, call.at, UPDATE_STEPS)
    if domains is None:
        count = max(deployment.upgrade_domains, instances.domain_count(target.roles))
        domains = tuple(range(count))
    update = Update(call.request_id, kind, mode, target, deployment.model, domains, role=role)
    run = deployment.status in RUNNING
    changed = replace(
        deployment,
        update=update,
        status=status_of(run=run, updating=True),
        locked_by=call.request_id,
    )
    world.keep(found, changed)
    world.accept(
        call,
        found.service,
        deployment,
        *_steps(world, call.at, mode, domains),
        parameters=named(found),
        package=package,
        restore=status_of(run=run, updating=False),
    )


def _steps(world: World, at: datetime, mode: Mode, domains: tuple[int, ...]) -> list[Step]:
    instant = at + world.pace.operation * LOCK
    steps = [Step(instant, StepKind.UPDATE_BEGUN)]
    if mode is Mode.MANUAL and domains:
        return [*steps, Step(instant, StepKind.ENDED)]
    each = [ALL_DOMAINS] if mode is Mode.SIMULTANEOUS else [str(domain) for domain in domains]
    for domain in each:
        steps.append(Step(instant, StepKind.DOMAIN_BEGUN, domain))
        instant += world.pace.operation
        steps.append(Step(instant, StepKind.DOMAIN_DONE, domain))
    return [*steps, *_last(world, instant)]


def _last(world: World, at: datetime) -> list[Step]:
    return [Step(at, StepKind.UPDATE_OVER), Step(at + world.pace.operation * SETTLE, StepKind.SETTLED)]


def _walked(
    world: World, deployment: Deployment, update: Update, walked: tuple[int, ...], operation: Operation, at: datetime
) -> tuple[Instance, ...]:
    """Return the instances after a walk has begun: some go, some restart, some come."""
    order = [role.name for role in deployment.model.roles]
    roles = [role for role in deployment.model.roles if update.role in {None, role.name}]
    gone, come = instances.reshaped(deployment.instances, roles)
    touched = {role.name for role in roles}
    kept = [instance for instance in deployment.instances if instance.name not in gone or not _in(instance, walked)]
    restart = [instance for instance in kept if instance.role in touched and _in(instance, walked)]
    fresh = [
        instances.create(role, number, deployment.upgrade_domains, deployment.private_id, at) for role, number in come
    ]
    whole = operation.request_id == update.request_id
    domains = update.walked + update.domains if whole else walked
    left = [instance for instance in deployment.instances if instance.role in touched and instance.name not in gone]
    stuck = _named(operation.stuck, [instance for instance in (*left, *fresh) if _in(instance, domains)], order)
    fresh = [instance for instance in fresh if _in(instance, walked)]
    if deployment.status in RUNNING:
        again = instances.restarted(restart, at, world.pace, stuck)
        fresh = list(instances.booted(fresh, at, world.pace, stuck))
    else:
        again = tuple(restart)
        fresh = list(instances.laid_down(fresh, at, world.pace))
    changed = {instance.name: instance for instance in (*kept, *again, *fresh)}
    return tuple(sorted(changed.values(), key=lambda instance: _rank(instance, order)))


def _named(stuck: Stuck | None, walked: Sequence[Instance], order: Sequence[str]) -> Stuck | None:
    """Name the instance of a fault that names none: the last of all that the operation walks, in whatever domain."""
    if stuck is None or stuck.instance is not None or not walked:
        return stuck
    return replace(stuck, instance=max(walked, key=lambda instance: _rank(instance, order)).name)


def _rank(instance: Instance, order: Sequence[str]) -> tuple[int, int]:
    return order.index(instance.role), instance.number


def _in(instance: Instance, walked: tuple[int, ...]) -> bool:
    return instance.upgrade_domain in walked
