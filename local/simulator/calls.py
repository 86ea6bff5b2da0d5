"""What each call does and answers. Pure: the body is there, the instant is there, nothing waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from local.simulator import cloud_services, deployments, extensions, upgrades, versions, wire_in, wire_out
from local.simulator.errors import Failure, ServiceError, bad_query, bad_version, not_found
from local.simulator.routes import CallName, Route
from local.simulator.state import Operation, OperationStatus, Slot, Step, StepKind
from local.simulator.wire_writing import Context
from local.simulator.world import ByName, Call, Target, World


@dataclass(frozen=True)
class Answer:
    """What a call is answered with."""

    status: int
    body: bytes = b""
    location: str | None = None


@dataclass(frozen=True)
class Request:
    """A call that was routed, authenticated and found to know its version."""

    route: Route
    call: Call
    body: bytes
    context: Context

    @property
    def target(self) -> Target:
        """The deployment that the path names."""
        if self.route.target is None:
            raise TypeError(f"{self.route.call} does not name a deployment")
        return self.route.target

    @property
    def version(self) -> date:
        """The `x-ms-version` of the call."""
        return self.context.version


def perform(world: World, request: Request) -> Answer:
    """Carry a call out. Raise `ServiceError` when the service refuses it."""
    answer = _CALLS[request.route.call](world, request)
    world.answered.append(request.call.request_id)
    return answer


def refused(failure: Failure) -> Answer:
    """Answer with an error."""
    return Answer(failure.status, wire_out.error(failure))


ACCEPTED = Answer(202)


def _create_deployment(world: World, request: Request) -> Answer:
    slot = request.target
    if not isinstance(slot, Slot):
        raise bad_query()
    message = wire_in.read_create_deployment(request.body, request.version)
    deployments.create(world, request.call, request.route.service, slot, message)
    return ACCEPTED


def _get_deployment(world: World, request: Request) -> Answer:
    found = world.look(request.route.service, request.target)
    return Answer(200, wire_out.deployment(found.deployment, found.slot, found.service, request.context))


def _delete_deployment(world: World, request: Request) -> Answer:
    _media(request)
    deployments.delete(world, request.call, request.route.service, request.target)
    return ACCEPTED


def _change_configuration(world: World, request: Request) -> Answer:
    message = wire_in.read_change_configuration(request.body, request.version)
    upgrades.change_configuration(world, request.call, request.route.service, request.target, message)
    return ACCEPTED


def _update_status(world: World, request: Request) -> Answer:
    message = wire_in.read_update_status(request.body, request.version)
    deployments.change_status(world, request.call, request.route.service, request.target, message)
    return ACCEPTED


def _upgrade(world: World, request: Request) -> Answer:
    message = wire_in.read_upgrade_deployment(request.body, request.version)
    upgrades.upgrade(world, request.call, request.route.service, request.target, message)
    return ACCEPTED


def _walk(world: World, request: Request) -> Answer:
    message = wire_in.read_walk_upgrade_domain(request.body, request.version)
    upgrades.walk(world, request.call, request.route.service, request.target, message)
    return ACCEPTED


def _rollback(world: World, request: Request) -> Answer:
    """Answer 200 by name and 202 by slot: a client of the vendor insists on exactly that."""
    message = wire_in.read_rollback(request.body, request.version)
    upgrades.rollback(world, request.call, request.route.service, request.target, message)
    return Answer(200) if isinstance(request.target, ByName) else ACCEPTED


def _swap(world: World, request: Request) -> Answer:
    deployments.swap(world, request.call, request.route.service, wire_in.read_swap(request.body, request.version))
    return ACCEPTED


def _recycle(world: World, request: Request) -> Answer:
    deployments.recycle(world, request.call, request.route.service, request.target, request.route.item)
    return ACCEPTED


def _delete_instances(world: World, request: Request) -> Answer:
    message = wire_in.read_delete_instances(request.body, request.version)
    deployments.delete_instances(world, request.call, request.route.service, request.target, message)
    return ACCEPTED


def _get_package(world: World, request: Request) -> Answer:
    """Accept the call and succeed later. Nothing is written: the package was not kept."""
    found = world.claim(request.route.service, request.target)
    step = Step(request.call.at + world.pace.operation, StepKind.ENDED)
    world.accept(request.call, found.service, found.deployment, step, parameters=deployments.named(found))
    return ACCEPTED


def _list_events(world: World, request: Request) -> Answer:
    world.look(request.route.service, request.target)
    for name in ("starttime", "endtime"):
        _instant(request.route.query[name])
    return Answer(200, wire_out.events())


def _create_vm_deployment(world: World, request: Request) -> Answer:
    world.service(request.route.service)
    raise ServiceError(Failure(501, "NotImplemented", "This simulator has no virtual machine deployments."))


def _get_operation(world: World, request: Request) -> Answer:
    request_id = request.route.item.lower().replace("-", "")
    operation = world.subscription.operations.get(request_id)
    if operation is not None:
        return Answer(200, wire_out.operation(operation))
    if request_id in world.answered:
        return Answer(200, wire_out.operation_of_answer(request_id))
    raise not_found("The operation request ID was not found.")


def _list_operations(world: World, request: Request) -> Answer:
    query = request.route.query
    try:
        begin, end = _instant(query["starttime"]), _instant(query["endtime"])
    except KeyError as error:
        raise bad_query() from error
    wanted = query.get("operationresultfilter", "")
    if wanted and wanted not in set(OperationStatus):
        raise bad_query()
    below = query.get("objectidfilter", "").lower().rstrip("/")

    def listed(operation: Operation) -> bool:
        path = operation.object_id.lower()
        return (
            begin <= operation.started_at <= end
            and wanted in {"", operation.status}
            and (not below or path == below or path.startswith(f"{below}/"))
        )

    operations = world.subscription.operations.values()
    return Answer(200, wire_out.operations(operation for operation in operations if listed(operation)))


def _create_service(world: World, request: Request) -> Answer:
    message = wire_in.read_create_service(request.body, request.version)
    cloud_services.create(world, request.call, message)
    context = request.context
    return Answer(201, location=f"{context.base}/subscriptions/{context.subscription}/compute/{message.name}")


def _update_service(world: World, request: Request) -> Answer:
    message = wire_in.read_update_service(request.body, request.version)
    cloud_services.update(world, request.call, request.route.service, message)
    return Answer(200)


def _delete_service(world: World, request: Request) -> Answer:
    if _media(request):
        cloud_services.delete_all(world, request.call, request.route.service)
        return ACCEPTED
    cloud_services.delete(world, request.call, request.route.service)
    return Answer(200)


def _get_service(world: World, request: Request) -> Answer:
    cloud_services.check_name(request.route.service)
    service = world.service(request.route.service)
    detailed = request.route.query.get("embed-detail", "").lower() == "true"
    return Answer(200, wire_out.cloud_service(service, request.context, detailed=detailed))


def _list_services(world: World, request: Request) -> Answer:
    return Answer(200, wire_out.cloud_services(world.subscription.services.values(), request.context))


def _check_name(world: World, request: Request) -> Answer:
    available = cloud_services.availability(world, request.route.item)
    return Answer(200, wire_out.availability(available=available))


def _add_extension(world: World, request: Request) -> Answer:
    message = wire_in.read_add_extension(request.body, request.version)
    extensions.add(world, request.call, request.route.service, message)
    return ACCEPTED


def _get_extension(world: World, request: Request) -> Answer:
    return Answer(200, wire_out.extension(extensions.get(world, request.route.service, request.route.item)))


def _list_extensions(world: World, request: Request) -> Answer:
    return Answer(200, wire_out.extensions(world.service(request.route.service).extensions))


def _delete_extension(world: World, request: Request) -> Answer:
    extensions.delete(world, request.call, request.route.service, request.route.item)
    return Answer(200)


def _list_available_extensions(_world: World, _request: Request) -> Answer:
    return Answer(200, wire_out.available_extensions())


def _media(request: Request) -> bool:
    """Say whether a delete takes disks along. Raise 400 for any other `comp`, or a version that does not know it."""
    comp = request.route.query.get("comp", "").lower()
    if comp not in {"", "media"}:
        raise bad_query()
    if comp and request.version < versions.MEDIA:
        raise bad_version()
    return bool(comp)


def _instant(text: str) -> datetime:
    """Read a time of a query. A `+` that was not encoded came as a blank; seven decimals are usual there."""
    try:
        instant = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError as error:
        raise bad_query() from error
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


_CALLS: dict[CallName, Callable[[World, Request], Answer]] = {
    CallName.CREATE_DEPLOYMENT: _create_deployment,
    CallName.GET_DEPLOYMENT: _get_deployment,
    CallName.DELETE_DEPLOYMENT: _delete_deployment,
    CallName.CHANGE_CONFIGURATION: _change_configuration,
    CallName.UPDATE_STATUS: _update_status,
    CallName.UPGRADE: _upgrade,
    CallName.WALK: _walk,
    CallName.ROLLBACK: _rollback,
    CallName.SWAP: _swap,
    CallName.REBOOT: _recycle,
    CallName.REIMAGE: _recycle,
    CallName.REBUILD: _recycle,
    CallName.DELETE_INSTANCES: _delete_instances,
    CallName.GET_PACKAGE: _get_package,
    CallName.LIST_EVENTS: _list_events,
    CallName.CREATE_VM_DEPLOYMENT: _create_vm_deployment,
    CallName.GET_OPERATION: _get_operation,
    CallName.LIST_OPERATIONS: _list_operations,
    CallName.CREATE_SERVICE: _create_service,
    CallName.UPDATE_SERVICE: _update_service,
    CallName.DELETE_SERVICE: _delete_service,
    CallName.GET_SERVICE: _get_service,
    CallName.LIST_SERVICES: _list_services,
    CallName.CHECK_NAME: _check_name,
    CallName.ADD_EXTENSION: _add_extension,
    CallName.GET_EXTENSION: _get_extension,
    CallName.LIST_EXTENSIONS: _list_extensions,
    CallName.DELETE_EXTENSION: _delete_extension,
    CallName.LIST_AVAILABLE_EXTENSIONS: _list_available_extensions,
}
