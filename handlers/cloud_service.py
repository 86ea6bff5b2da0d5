"""One cloud service in Azure, in our words: a step becomes one call, and every error says what it means for us."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from handlers import service_management
from handlers.environments import Environment
from handlers.errors import AnswerLost, AzureRefused, Unavailable
from handlers.model import (
    CreateStep,
    DeploymentRequest,
    Failed,
    InProgress,
    Operation,
    OperationStatus,
    Slot,
    StatusStep,
    Step,
    Succeeded,
)
from handlers.planning import Deployed, Instance, Situation
from handlers.ports import Clock, StagedPackage
from handlers.service_management import Deployment, Retry, ServiceManagement, ServiceManagementError
from handlers.service_management.errors import FIRST_WAIT

CLOCK_SKEW = timedelta(minutes=5)
"""Our choice: how far Azure's clock and ours may be apart."""

_CALL_NAMES = {"create": "CreateDeployment", "status": "UpdateDeploymentStatus"}
"""What List Subscription Operations calls our steps; it adds `BySlot` or `ByName`."""


class AzureCloudService:
    """Looks at and changes the cloud service of one environment.

    `client` gives the client of the environment's subscription; a certificate that cannot be read shows there, and is
    a delay: its owner can put it right while the request waits.
    """

    def __init__(self, client: Callable[[], ServiceManagement], environment: Environment, now: Clock) -> None:
        self._client = client
        self._environment = environment
        self._now = now

    def situation(self) -> Situation:
        """Return what stands in both slots. Raises AzureRefused, Unavailable."""
        with _asking():
            return Situation(
                production=_deployed(self._client().get_deployment(self._name, slot=Slot.PRODUCTION)),
                staging=_deployed(self._client().get_deployment(self._name, slot=Slot.STAGING)),
            )

    def take(self, step: Step, request: DeploymentRequest, commit: str | None, package: StagedPackage | None) -> str:
        """Make the one call of a step; return its request id. Raises AzureRefused, Unavailable, AnswerLost."""
        with _changing():
            match step:
                case CreateStep() if package is not None:
                    body = _create_deployment(step, request, commit, package)
                    return self._client().create_deployment(self._name, step.slot, body)
                case StatusStep(name=name, status=status):
                    return self._client().update_deployment_status(self._name, status, name=name)
        raise AssertionError(step)

    def operation_status(self, operation: Operation) -> OperationStatus:
        """Ask how an operation stands. Raises AzureRefused, Unavailable."""
        with _asking():
            answer = self._client().get_operation_status(operation.id)
        match answer.status:
            case service_management.OperationStatus.IN_PROGRESS:
                return InProgress()
            case service_management.OperationStatus.SUCCEEDED:
                return Succeeded()
            case service_management.OperationStatus.FAILED:
                error = answer.error
                return Failed(
                    answer.http_status_code or 500,
                    error.code if error else "Unknown",
                    error.message if error else "Azure does not say why.",
                )

    def find_operation(self, step: Step, since: datetime) -> Operation | None:
        """Look through the subscription's operations for the newest that this step began. Raises Unavailable."""
        with _asking():
            operations = self._client().list_subscription_operations(since - CLOCK_SKEW, self._now() + CLOCK_SKEW)
        ours = [
            operation
            for operation in operations
            if operation.name.startswith(_CALL_NAMES[step.kind])
            and any(step.name in text for text in (operation.object_id or "", *operation.parameters.values()))
        ]
        if not ours:
            return None
        newest = max(ours, key=lambda operation: operation.started_time or since)
        return Operation(id=newest.id, submitted_at=newest.started_time or since)

    @property
    def _name(self) -> str:
        return self._environment.cloud_service


def _create_deployment(
    step: CreateStep, request: DeploymentRequest, commit: str | None, package: StagedPackage
) -> service_management.CreateDeployment:
    """Write the body of Create Deployment, which carries where the deployment comes from."""
    release = request.goal.release
    properties = {"SlipwayRequest": request.id, "SlipwayRepository": release.repository, "SlipwayVersion": release.tag}
    if commit is not None:
        properties["SlipwayCommit"] = commit
    return service_management.CreateDeployment(
        name=step.name,
        package_url=package.url,
        label=f"{release.repository} {release.tag}"[-100:],
        configuration=package.configuration,
        start_deployment=step.start,
        extended_properties={name: value[:255] for name, value in properties.items()},
    )


def _deployed(deployment: Deployment | None) -> Deployed | None:
    if deployment is None:
        return None
    return Deployed(
        name=deployment.name,
        slot=Slot(deployment.slot.lower()),
        status=str(deployment.status),
        locked=deployment.locked,
        instances=tuple(Instance(one.name, str(one.status)) for one in deployment.role_instances),
    )


@contextmanager
def _asking() -> Iterator[None]:
    """Say what an error means for a call that changes nothing: it may be made again unless the answer is final."""
    try:
        yield
    except ServiceManagementError as error:
        if isinstance(error, service_management.Answered) and error.retry is Retry.NEVER:
            raise AzureRefused(error.code or str(error.status), error.message) from error
        raise Unavailable(_reason(error), _asked(error)) from error


@contextmanager
def _changing() -> Iterator[None]:
    """Say what an error means for a call that changes something: whether Azure may have acted decides."""
    try:
        yield
    except ServiceManagementError as error:
        if error.ambiguous:
            raise AnswerLost(_reason(error)) from error
        if error.retry is not Retry.NEVER:
            raise Unavailable(_reason(error), _asked(error)) from error
        raise AzureRefused(error.code or type(error).__name__, error.message) from error


def _reason(error: ServiceManagementError) -> str:
    return f"{error.code}: {error.message}" if error.code else error.message


def _asked(error: ServiceManagementError) -> timedelta | None:
    """Return how long Azure itself asked us to wait; the client's own suggestion is left to `pacing`."""
    return error.wait if error.wait is not None and error.wait > FIRST_WAIT else None
