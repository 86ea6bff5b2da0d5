"""One subscription while the simulator runs: finding things in it, replacing them, keeping its operations.

The world knows no clock: every call brings the instant. It decides nothing about deployments either; that is
in `deployments`, `upgrades`, `cloud_services` and `extensions`, which change it through this interface.
"""

from collections import deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from local.simulator.errors import (
    SUPERSEDED,
    Failure,
    deployment_busy,
    no_such_deployment,
    no_such_deployment_name,
    no_such_service,
    service_busy,
)
from local.simulator.instances import Pace
from local.simulator.state import (
    NO_FATE,
    CloudService,
    Deployment,
    DeploymentStatus,
    Fate,
    Operation,
    OperationStatus,
    PackageRequest,
    Slot,
    Step,
    StepKind,
    Subscription,
)

REMEMBERED_ANSWERS = 2_000
"""Our choice; how long the service remembers is not known."""


@dataclass(frozen=True)
class Call:
    """One call that may change something, as the rest of the simulator needs it."""

    request_id: str
    name: str
    """Our name of the call, `create-deployment`."""
    at: datetime
    service_name: str = ""
    """The service's name of the call, `CreateDeploymentBySlot`."""
    path: str = ""
    """The path without query."""
    caller: str = ""
    client_ip: str = ""
    fate: Fate = NO_FATE


@dataclass(frozen=True)
class ByName:
    """A deployment, by its name."""

    name: str


Target = Slot | ByName
"""How a call names its deployment."""


@dataclass(frozen=True)
class Found:
    """A deployment and where it stands."""

    service: CloudService
    slot: Slot
    deployment: Deployment


class World:
    """One subscription and its pace. The two dictionaries of the subscription are changed here only."""

    def __init__(self, subscription: Subscription, pace: Pace, new_id: Callable[[], str]) -> None:
        self.subscription = subscription
        self.pace = pace
        self.new_id = new_id
        """Makes 32 hex digits."""
        self.answered: deque[str] = deque(maxlen=REMEMBERED_ANSWERS)
        """Ids of calls that changed nothing. The service knows them too, as operations that succeeded. Recorded."""

    def service(self, name: str) -> CloudService:
        """Return a cloud service. Raise 404 when there is none of this name."""
        try:
            return self.subscription.services[name.lower()]
        except KeyError as error:
            raise no_such_service() from error

    def put(self, service: CloudService) -> None:
        """Insert or replace a cloud service."""
        self.subscription.services[service.name.lower()] = service

    def drop(self, name: str) -> None:
        """Take a cloud service away."""
        self.subscription.services.pop(name.lower(), None)

    def look(self, service_name: str, target: Target) -> Found:
        """Find a deployment to read it. Raise 404."""
        found = self._find(self.service(service_name), target)
        if found is None:
            raise no_such_deployment()
        return found

    def claim(self, service_name: str, target: Target) -> Found:
        """Find a deployment to change it. Raise 404, or 409 while an operation has exclusive access."""
        service = self.service(service_name)
        found = self._find(service, target)
        if found is None:
            raise no_such_deployment_name(target.name) if isinstance(target, ByName) else no_such_deployment()
        if service.deleting_by is not None:
            raise service_busy()
        if found.deployment.locked_by is not None:
            raise deployment_busy(found.deployment.locked_by)
        return found

    def of(self, operation: Operation) -> Found | None:
        """Find the deployment that an operation is about; None when it is gone."""
        service = self.subscription.services.get(operation.service.lower())
        if service is None or operation.private_id is None:
            return None
        for slot, deployment in service.slots.items():
            if deployment.private_id == operation.private_id:
                return Found(service, slot, deployment)
        return None

    def keep(self, found: Found, deployment: Deployment) -> None:
        """Replace a deployment where it stands now."""
        service = self.service(found.service.name)
        self.put(replace(service, slots={**service.slots, found.slot: deployment}))

    def accept(
        self,
        call: Call,
        service: CloudService,
        deployment: Deployment | None,
        *steps: Step,
        parameters: Iterable[tuple[str, str]] = (),
        package: PackageRequest | None = None,
        restore: DeploymentStatus | None = None,
    ) -> None:
        """Begin an asynchronous operation. A fault may have decided that it fails or never ends."""
        if call.fate.failure is not None:
            steps = (Step(call.at + self.pace.operation, StepKind.FAILED),)
        elif call.fate.endless:
            steps = ()
        operation = self._operation(call, service.name, deployment, parameters)
        self.record(
            replace(
                operation,
                steps=steps,
                package=package,
                restore=restore,
                failure=call.fate.failure,
                stuck=call.fate.stuck,
            )
        )

    def done(self, call: Call, service: str, parameters: Iterable[tuple[str, str]] = ()) -> None:
        """Record a synchronous call whose id can be polled: it has succeeded already."""
        operation = self._operation(call, service, None, parameters)
        self.record(replace(operation, status=OperationStatus.SUCCEEDED, http_status=200, ended_at=call.at))

    def record(self, operation: Operation) -> None:
        """Insert or replace an operation."""
        self.subscription.operations[operation.request_id] = operation

    def succeed(self, operation: Operation, at: datetime) -> None:
        """End an operation well. Steps that are left go on: the deployment may still settle."""
        current = self.subscription.operations[operation.request_id]
        self.record(replace(current, status=OperationStatus.SUCCEEDED, http_status=200, failure=None, ended_at=at))

    def fail(self, operation: Operation, failure: Failure, at: datetime) -> None:
        """End an operation badly; nothing more happens to it."""
        self.record(
            replace(
                operation,
                status=OperationStatus.FAILED,
                http_status=failure.status,
                failure=failure,
                ended_at=at,
                steps=(),
                package=None,
            )
        )

    def supersede(self, private_id: str, at: datetime, kinds: Container[StepKind] = tuple(StepKind)) -> None:
        """End what still goes on with a deployment and has one of these steps ahead: a later call takes its place."""
        for operation in list(self.subscription.operations.values()):
            if operation.private_id != private_id or not any(step.kind in kinds for step in operation.steps):
                continue
            if operation.status is OperationStatus.IN_PROGRESS:
                self.fail(operation, SUPERSEDED, at)
            else:
                self.record(replace(operation, steps=()))

    def _find(self, service: CloudService, target: Target) -> Found | None:
        for slot, deployment in service.slots.items():
            if target == slot or (isinstance(target, ByName) and target.name == deployment.name):
                return Found(service, slot, deployment)
        return None

    def _operation(
        self, call: Call, service: str, deployment: Deployment | None, parameters: Iterable[tuple[str, str]]
    ) -> Operation:
        identity = (("subscriptionID", self.subscription.id), ("serviceName", service))
        return Operation(
            request_id=call.request_id,
            call=call.name,
            name=call.service_name,
            object_id=call.path,
            parameters=(*identity, *parameters),
            service=service,
            deployment=None if deployment is None else deployment.name,
            private_id=None if deployment is None else deployment.private_id,
            caller=call.caller,
            client_ip=call.client_ip,
            started_at=call.at,
        )
