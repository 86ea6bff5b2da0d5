"""Cloud services: the named containers in which deployments stand. Pure."""

import re
from dataclasses import replace

from local.simulator.deployments import merged
from local.simulator.errors import bad_request, conflict, deployment_busy, service_busy
from local.simulator.messages import CreateHostedService, UpdateHostedService
from local.simulator.state import CloudService, Operation, Step, StepKind
from local.simulator.world import Call, World

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""A DNS label: the service's address is `<name>.cloudapp.net`."""


def check_name(name: str) -> None:
    """Refuse a name that cannot be a DNS label. Recorded sentence."""
    if not _NAME.fullmatch(name):
        raise bad_request("The hosted service name is invalid.")


def create(world: World, call: Call, message: CreateHostedService) -> None:
    """Create Cloud Service: done at once, yet its id can be polled."""
    check_name(message.name)
    if message.name.lower() in world.subscription.services:
        raise conflict("The specified DNS name is already taken.")
    place = () if message.location is None else (("ResourceLocation", message.location),)
    own = (("ResourceGroup", message.name), *place)
    world.put(
        CloudService(
            name=message.name,
            label=message.label,
            description=message.description,
            location=message.location,
            affinity_group=message.affinity_group,
            created_at=call.at,
            modified_at=call.at,
            extended_properties=merged((), (*message.properties, *own)),
        )
    )
    world.done(call, message.name)


def update(world: World, call: Call, name: str, message: UpdateHostedService) -> None:
    """Update Cloud Service: what was left out stays, extended properties are merged by name."""
    service = world.service(name)
    if service.deleting_by is not None:
        raise service_busy()
    world.put(
        replace(
            service,
            label=message.label or service.label,
            description=service.description if message.description is None else message.description,
            extended_properties=merged(service.extended_properties, message.properties),
            modified_at=call.at,
        )
    )
    world.done(call, service.name)


def delete(world: World, call: Call, name: str) -> None:
    """Delete Cloud Service: only an empty one."""
    service = world.service(name)
    if service.deleting_by is not None:
        raise service_busy()
    if service.slots:
        raise bad_request(f"The hosted service {service.name} still has deployments. Delete them first.")
    world.drop(name)
    world.done(call, service.name)


def delete_all(world: World, call: Call, name: str) -> None:
    """Delete Cloud Service with `comp=media`: its deployments go with it, as an operation."""
    service = world.service(name)
    if service.deleting_by is not None:
        raise service_busy()
    for deployment in service.slots.values():
        if deployment.locked_by is not None:
            raise deployment_busy(deployment.locked_by)
    for deployment in service.slots.values():
        world.supersede(deployment.private_id, call.at)
    service = replace(service, deleting_by=call.request_id)
    world.put(service)
    world.accept(call, service, None, Step(call.at + world.pace.operation, StepKind.SERVICE_DELETED))


def deleted(world: World, operation: Operation, step: Step) -> None:
    """Take the cloud service away with everything in it."""
    world.drop(operation.service)
    world.succeed(operation, step.at)


def unlock(world: World, operation: Operation) -> None:
    """Free a cloud service whose deletion failed, and deployments that a failed swap still holds."""
    service = world.subscription.services.get(operation.service.lower())
    if service is None:
        return
    slots = {
        slot: replace(deployment, locked_by=None) if deployment.locked_by == operation.request_id else deployment
        for slot, deployment in service.slots.items()
    }
    deleting_by = None if service.deleting_by == operation.request_id else service.deleting_by
    world.put(replace(service, slots=slots, deleting_by=deleting_by))


def availability(world: World, name: str) -> bool:
    """Say whether a name can still be taken."""
    check_name(name)
    return name.lower() not in world.subscription.services
