"""Deployments from Create to Delete: what each call asks of them, and what time then does. Pure."""

import re
from collections.abc import Container, Iterable
from dataclasses import replace

from local.simulator import configuration, instances
from local.simulator.errors import (
    Failure,
    bad_request,
    conflict,
    no_such_role,
    service_busy,
    slot_occupied,
    underway,
)
from local.simulator.messages import CreateDeployment, DeleteRoleInstances, Properties, Swap, UpdateDeploymentStatus
from local.simulator.state import (
    CloudService,
    Deployment,
    DeploymentStatus,
    ExtensionUse,
    Operation,
    PackageRequest,
    RoleExtensions,
    ServiceModel,
    Slot,
    Step,
    StepKind,
)
from local.simulator.world import Call, Found, Target, World

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,259}")
"""Our choice: only that some names are invalid is recorded."""
PACKAGE_WARNING = Failure(
    400, "BadRequest", "The service configuration has warnings: the guest OS family 1 is retired. Set osFamily."
)
RUNNING = (DeploymentStatus.RUNNING, DeploymentStatus.RUNNING_TRANSITIONING)


def create(world: World, call: Call, service_name: str, slot: Slot, message: CreateDeployment) -> None:
    """Create Deployment: the slot is taken at once, everything else waits for the package."""
    service = world.service(service_name)
    if service.deleting_by is not None:
        raise service_busy()
    if not _NAME.fullmatch(message.name):
        raise bad_request("The deployment name is invalid.")
    if slot in service.slots:
        raise slot_occupied(slot)
    if any(other.name == message.name for other in service.slots.values()):
        raise conflict(f"The specified deployment name {message.name} is already in use.")
    read = configuration.read_configuration(message.configuration)
    roles = [role.name for role in read.roles]
    check_extensions(service, message.extensions, roles)
    model = ServiceModel(
        message.label,
        message.configuration,
        read.service_name,
        read.os_family,
        read.roles,
        shown_extensions(None, message.extensions, roles),
        merged((), message.properties),
    )
    private_id = world.new_id()
    deployment = Deployment(
        name=message.name,
        private_id=private_id,
        status=DeploymentStatus.DEPLOYING,
        model=model,
        created_at=call.at,
        modified_at=call.at,
        upgrade_domains=instances.domain_count(read.roles),
        locked_by=call.request_id,
        input_endpoints=sum(is_web(role.name) for role in read.roles),
    )
    host = service.name if slot is Slot.PRODUCTION else private_id
    address = f"203.0.113.{1 + int(private_id[-2:], 16) % 254}"
    service = replace(
        service,
        slots={**service.slots, slot: deployment},
        hosts={**service.hosts, slot: host},
        addresses={**service.addresses, slot: address},
    )
    world.put(service)
    status = DeploymentStatus.RUNNING if message.start else DeploymentStatus.SUSPENDED
    step = Step(call.at + world.pace.operation, StepKind.CREATED, status)
    if message.warnings_are_errors and read.has_warnings:
        call = replace(call, fate=replace(call.fate, failure=call.fate.failure or PACKAGE_WARNING))
    world.accept(
        call,
        service,
        deployment,
        step,
        parameters=(("deploymentSlot", slot), ("deploymentName", message.name)),
        package=PackageRequest(message.package_url),
    )


def created(world: World, operation: Operation, step: Step) -> None:
    """Let the deployment stand: from now on its instances boot, or lie down when it is suspended."""
    found = world.of(operation)
    if found is None:
        return
    deployment = found.deployment
    machines = [
        instances.create(role.name, number, deployment.upgrade_domains, deployment.private_id, step.at)
        for role in deployment.model.roles
        for number in range(role.count)
    ]
    status = DeploymentStatus(step.argument)
    if status is DeploymentStatus.RUNNING:
        placed = instances.booted(machines, step.at, world.pace, operation.stuck)
    else:
        placed = instances.laid_down(machines, step.at, world.pace)
    world.keep(found, replace(deployment, status=status, instances=placed, locked_by=None, modified_at=step.at))
    world.succeed(operation, step.at)


def change_status(world: World, call: Call, service_name: str, target: Target, message: UpdateDeploymentStatus) -> None:
    """Update Deployment Status: locked until the fabric has taken it."""
    found = world.claim(service_name, target)
    world.keep(found, replace(found.deployment, locked_by=call.request_id))
    step = Step(call.at + world.pace.operation, StepKind.STATUS_CHANGED, message.status)
    world.accept(call, found.service, found.deployment, step, parameters=named(found))


def status_changed(world: World, operation: Operation, step: Step) -> None:
    """Start or stop the code. Under a running update the status stays a transitional one."""
    found = world.of(operation)
    if found is None:
        return
    deployment = found.deployment
    run = step.argument == DeploymentStatus.RUNNING
    machines = deployment.instances
    if run and deployment.status not in RUNNING:
        machines = instances.booted(machines, step.at, world.pace, operation.stuck)
    elif not run and deployment.status in RUNNING:
        machines = instances.stopped(machines, step.at, world.pace)
    world.keep(
        found,
        replace(
            deployment,
            status=status_of(run=run, updating=deployment.update is not None),
            instances=machines,
            locked_by=None,
            modified_at=step.at,
        ),
    )
    world.succeed(operation, step.at)


def delete(world: World, call: Call, service_name: str, target: Target) -> None:
    """Delete Deployment: whatever goes on with it is over, and it is gone when the operation ends."""
    found = world.claim(service_name, target)
    world.supersede(found.deployment.private_id, call.at)
    deleting = replace(
        found.deployment,
        status=DeploymentStatus.DELETING,
        locked_by=call.request_id,
        update=None,
    )
    world.keep(found, deleting)
    step = Step(call.at + world.pace.operation, StepKind.DELETED)
    restore = status_of(run=found.deployment.status in RUNNING, updating=False)
    world.accept(call, found.service, found.deployment, step, parameters=named(found), restore=restore)


def deleted(world: World, operation: Operation, step: Step) -> None:
    """Take the deployment out of its slot."""
    found = world.of(operation)
    if found is not None:
        remove(world, found)
    world.succeed(operation, step.at)


def remove(world: World, found: Found) -> None:
    """Empty a slot; its address goes too."""
    world.put(
        replace(
            found.service,
            slots={slot: other for slot, other in found.service.slots.items() if slot is not found.slot},
            hosts={slot: host for slot, host in found.service.hosts.items() if slot is not found.slot},
            addresses={slot: ip for slot, ip in found.service.addresses.items() if slot is not found.slot},
        )
    )


def swap(world: World, call: Call, service_name: str, message: Swap) -> None:
    """Swap Deployment. Refused when the names are not those that stand in the slots."""
    service = world.service(service_name)
    production, staging = service.slots.get(Slot.PRODUCTION), service.slots.get(Slot.STAGING)
    if staging is None or staging.name != message.source:
        raise conflict(f"The deployment {message.source} is not the one in the staging slot.")
    if (None if production is None else production.name) != message.production:
        raise conflict(f"The deployment {message.production or ''} is not the one in the production slot.")
    if production is not None and production.input_endpoints != staging.input_endpoints:
        raise bad_request("The deployments to swap do not have the same number of endpoints.")
    pair = [slot for slot in Slot if slot in service.slots]
    for slot in pair:
        world.claim(service.name, slot)
    for slot in pair:
        found = world.claim(service.name, slot)
        world.keep(found, replace(found.deployment, locked_by=call.request_id))
    step = Step(call.at + world.pace.operation, StepKind.SWAPPED)
    parameters = (("sourceDeployment", message.source), ("production", message.production or ""))
    world.accept(call, service, staging, step, parameters=parameters)


def swapped(world: World, operation: Operation, step: Step) -> None:
    """Exchange the deployments. Host names and addresses stay with their slots."""
    found = world.of(operation)
    if found is None:
        return
    service = found.service
    moved = {
        Slot.STAGING if slot is Slot.PRODUCTION else Slot.PRODUCTION: replace(
            deployment, locked_by=None, modified_at=step.at
        )
        for slot, deployment in service.slots.items()
    }
    hosts, addresses = service.hosts, service.addresses
    if len(moved) == 1:
        hosts = {Slot.PRODUCTION: service.name}
        addresses = {Slot.PRODUCTION: addresses[Slot.STAGING]}
    world.put(replace(service, slots=moved, hosts=hosts, addresses=addresses))
    world.succeed(operation, step.at)


def recycle(world: World, call: Call, service_name: str, target: Target, name: str) -> None:
    """Reboot, reimage or rebuild one instance: the machine goes down and comes up again."""
    found = world.claim(service_name, target)
    deployment = found.deployment
    chosen = [instance for instance in deployment.instances if instance.name == name]
    if not chosen:
        raise bad_request(f"The role instance {name} does not exist in the deployment.")
    if deployment.status not in RUNNING:
        raise bad_request("The role instances of a suspended deployment cannot be restarted.")
    (again,) = instances.rebooted(chosen, call.at, world.pace, call.fate.stuck)
    machines = tuple(again if instance.name == name else instance for instance in deployment.instances)
    world.keep(found, replace(deployment, instances=machines))
    step = Step(call.at + world.pace.operation, StepKind.ENDED)
    world.accept(call, found.service, deployment, step, parameters=(*named(found), ("roleInstanceName", name)))


def delete_instances(world: World, call: Call, service_name: str, target: Target, message: DeleteRoleInstances) -> None:
    """Delete Role Instances: each role must keep one."""
    found = world.claim(service_name, target)
    deployment = found.deployment
    if deployment.update is not None:
        raise underway()
    known = {instance.name: instance.role for instance in deployment.instances}
    if unknown := [name for name in message.names if name not in known]:
        raise bad_request(f"The role instance {unknown[0]} does not exist in the deployment.")
    left = {known[name] for name in known if name not in message.names}
    if left != set(known.values()):
        raise bad_request("At least one instance of each role must be left.")
    world.keep(found, replace(deployment, locked_by=call.request_id))
    step = Step(call.at + world.pace.operation, StepKind.INSTANCES_DELETED, "\n".join(message.names))
    world.accept(call, found.service, deployment, step, parameters=named(found))


def instances_deleted(world: World, operation: Operation, step: Step) -> None:
    """Take the instances away and count the rest in the configuration; the domain count stays."""
    found = world.of(operation)
    if found is None:
        return
    deployment = found.deployment
    gone = set(step.argument.split("\n"))
    machines = tuple(instance for instance in deployment.instances if instance.name not in gone)
    counts = {role.name: sum(i.role == role.name for i in machines) for role in deployment.model.roles}
    model = replace(
        deployment.model,
        configuration=configuration.with_counts(deployment.model.configuration, counts),
        roles=tuple(replace(role, count=counts[role.name]) for role in deployment.model.roles),
    )
    world.keep(found, replace(deployment, instances=machines, model=model, locked_by=None, modified_at=step.at))
    world.succeed(operation, step.at)


def status_of(*, run: bool, updating: bool) -> DeploymentStatus:
    """Return the status of a deployment that stands."""
    if run:
        return DeploymentStatus.RUNNING_TRANSITIONING if updating else DeploymentStatus.RUNNING
    return DeploymentStatus.SUSPENDED_TRANSITIONING if updating else DeploymentStatus.SUSPENDED


def is_web(role: str) -> bool:
    """Say whether the simulator gives a role an HTTP endpoint: endpoints are the package's, which is not read."""
    return role.lower().startswith("web")


def merged(old: Iterable[tuple[str, str]], new: Properties) -> tuple[tuple[str, str], ...]:
    """Merge extended properties by name: those not mentioned stay, a null value deletes."""
    result = dict(old)
    for name, value in new:
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return tuple(result.items())


def named(found: Found) -> tuple[tuple[str, str], ...]:
    """Return what List Subscription Operations says about the deployment of a call."""
    return (("deploymentSlot", found.slot), ("deploymentName", found.deployment.name))


def check_extensions(service: CloudService, use: ExtensionUse | None, roles: Container[str]) -> None:
    """Refuse extensions of roles that are not there, and extensions that were not added to the cloud service."""
    if use is None:
        return
    for named_role in use.named_roles:
        if named_role.role not in roles:
            raise no_such_role(named_role.role)
    known = {extension.id for extension in service.extensions}
    used = [*(use.all_roles or ()), *(one for role in use.named_roles for one in role.extensions)]
    for reference in used:
        if reference.id not in known:
            raise bad_request(f"The extension {reference.id} was not added to the hosted service.")


def shown_extensions(old: ExtensionUse | None, new: ExtensionUse | None, roles: Iterable[str]) -> ExtensionUse | None:
    """Say how Get Deployment shows extensions: the first time as sent, later spelled out for each role. Recorded."""
    if new is None:
        return old
    if old is None and (new.all_roles or new.named_roles):
        return new
    everywhere = new.all_roles or ()
    named_roles = {role.role: role.extensions for role in new.named_roles}
    spelled = ((role, (*everywhere, *named_roles.get(role, ()))) for role in roles)
    return ExtensionUse(None, tuple(RoleExtensions(role, used) for role, used in spelled if used))
