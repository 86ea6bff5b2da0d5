"""Extensions of a cloud service: added first, then used by deployments. Pure."""

import hashlib
from dataclasses import replace

from local.simulator.errors import bad_request, conflict, not_found, service_busy
from local.simulator.messages import AddExtension
from local.simulator.state import CloudService, Extension, Operation, Step, StepKind
from local.simulator.world import Call, World

AVAILABLE = (
    ("Microsoft.Windows.Azure.Extensions", "RDP", "1.2.1", "Windows Azure Remote Desktop Extension"),
    ("Microsoft.Azure.Diagnostics", "PaaSDiagnostics", "1.5.2", "Windows Azure Diagnostics Extension for PaaS"),
)
"""(provider, type, version, label) of what List Available Extensions shows."""
ADD = "add-extension"
"""Name of the call whose failure takes the extension away again."""


def add(world: World, call: Call, service_name: str, message: AddExtension) -> None:
    """Add Extension: an operation, though the extension can be used at once. Recorded."""
    service = world.service(service_name)
    if service.deleting_by is not None:
        raise service_busy()
    extension = message.extension
    if any(other.id == extension.id for other in service.extensions):
        raise conflict(f"The extension {extension.id} already exists in the hosted service.")
    if not extension.thumbprint:
        thumbprint = hashlib.sha1(f"{service.name} {extension.id}".encode(), usedforsecurity=False).hexdigest()
        extension = replace(extension, thumbprint=thumbprint.upper(), thumbprint_algorithm="sha1")
    service = replace(service, extensions=(*service.extensions, extension), modified_at=call.at)
    world.put(service)
    step = Step(call.at + world.pace.operation, StepKind.ENDED)
    world.accept(call, service, None, step, parameters=(("extensionId", extension.id),))


def get(world: World, service_name: str, extension_id: str) -> Extension:
    """Return one extension. Raise 404."""
    for extension in world.service(service_name).extensions:
        if extension.id == extension_id:
            return extension
    raise not_found(f"The extension {extension_id} does not exist.")


def delete(world: World, call: Call, service_name: str, extension_id: str) -> None:
    """Delete Extension: done at once, unless a deployment uses it."""
    extension = get(world, service_name, extension_id)
    service = world.service(service_name)
    if extension.id in _used(service):
        raise bad_request(f"The extension {extension.id} is used by a deployment. Change its configuration first.")
    others = tuple(other for other in service.extensions if other.id != extension.id)
    world.put(replace(service, extensions=others, modified_at=call.at))
    world.done(call, service.name, (("extensionId", extension.id),))


def undo(world: World, operation: Operation) -> None:
    """Take away an extension whose addition failed."""
    service = world.subscription.services.get(operation.service.lower())
    if service is not None and operation.call == ADD:
        failed = dict(operation.parameters)["extensionId"]
        world.put(replace(service, extensions=tuple(one for one in service.extensions if one.id != failed)))


def _used(service: CloudService) -> set[str]:
    models = [deployment.model for deployment in service.slots.values()]
    uses = [model.extensions for model in models if model.extensions is not None]
    return {
        reference.id
        for use in uses
        for reference in (*(use.all_roles or ()), *(one for role in use.named_roles for one in role.extensions))
    }
