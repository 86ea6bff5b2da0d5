"""One cloud service in Azure, in our words: a step becomes one call, and every error says what it means for us."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from handlers import service_management
from handlers.environments import Environment
from handlers.errors import AnswerLost, AzureRefused, Unavailable
from handlers.model import (
    REQUEST_ID,
    Configure,
    ConfigureStep,
    CreateStep,
    DeleteStep,
    DeploymentRequest,
    Failed,
    InProgress,
    Operation,
    OperationStatus,
    RollbackStep,
    RunCommit,
    Slot,
    StatusStep,
    Step,
    Succeeded,
    SwapStep,
    UpdateMode,
    UpgradeStep,
    WalkStep,
)
from handlers.planning import Deployed, Instance, Situation, Update
from handlers.ports import Clock, Materials, StagedPackage
from handlers.service_management import (
    INSTANCE_LIMIT,
    BadCredentials,
    BadServiceConfiguration,
    ChangeConfiguration,
    CreateDeployment,
    Deployment,
    Retry,
    ServiceConfiguration,
    ServiceManagement,
    ServiceManagementError,
    UpgradeDeployment,
    UpgradeStatus,
)

CLOCK_SKEW = timedelta(minutes=5)
"""Our choice: how far Azure's clock and ours may be apart."""

_REQUEST, _ACCEPTED, _VERSION = "SlipwayRequest", "SlipwayAccepted", "SlipwayVersion"
"""Extended properties that are read again."""

_CALL_NAMES = {
    "create": ("CreateDeployment",),
    "delete": ("DeleteDeployment",),
    "swap": ("SwapDeployment",),
    "upgrade": ("UpgradeDeployment",),
    "walk": ("WalkUpgradeDomain",),
    "rollback": ("Rollback",),
    "configure": ("ChangeConfiguration", "ChangeDeploymentConfiguration"),
    "status": ("UpdateDeploymentStatus",),
}
"""How the names begin that List Subscription Operations gives our steps. No recording of the list was found, so both
names that the documents suggest are taken."""


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

    def take(self, step: Step, request: DeploymentRequest, materials: Materials) -> str:
        """Make the one call of a step; return its request id. Raises AzureRefused, Unavailable, AnswerLost."""
        client, service = self._client(), self._name
        with _changing():
            match step:
                case CreateStep(slot=slot):
                    return client.create_deployment(service, slot, _create_deployment(step, request, materials))
                case DeleteStep(name=name):
                    return client.delete_deployment(service, name=name)
                case SwapStep(production=production, name=name):
                    return client.swap_deployment(service, name, production=production)
                case UpgradeStep(name=name):
                    return client.upgrade_deployment(service, _upgrade(step, request, materials), name=name)
                case WalkStep(name=name, domain=domain):
                    return client.walk_upgrade_domain(service, domain, name=name)
                case RollbackStep(name=name):
                    return client.rollback_update_or_upgrade(service, mode="Auto", force=True, name=name)
                case ConfigureStep(name=name):
                    change = ChangeConfiguration(
                        configuration=self._configuration(name, request, materials), mode=self._environment.mode
                    )
                    return client.change_deployment_configuration(service, change, name=name)
                case StatusStep(name=name, status=status):
                    return client.update_deployment_status(service, status, name=name)

    def _configuration(self, name: str, request: DeploymentRequest, materials: Materials) -> bytes:
        """Return the whole .cscfg that a change of configuration sends: a release's, or the present one, edited."""
        if materials.configuration is not None:
            return materials.configuration
        deployment = self._client().get_deployment(self._name, name=name)
        if deployment is None or not isinstance(request.goal, Configure):
            raise AzureRefused("ResourceNotFound", f"Deployment {name} does not exist any more.")
        return edited(deployment.configuration, request.goal)

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
            and all(
                any(name in text for text in (operation.object_id or "", *operation.parameters.values()))
                for name in (self._name, step.name)
            )
        ]
        if not ours:
            return None
        newest = max(ours, key=lambda operation: operation.started_time or since)
        return Operation(id=newest.id, submitted_at=newest.started_time or since)

    @property
    def _name(self) -> str:
        return self._environment.cloud_service


def edited(configuration: bytes, goal: Configure) -> bytes:
    """Scale roles and set settings in a .cscfg; whatever is not named stays byte for byte.

    Raises AzureRefused, in Azure's words for a role or setting that is not there.
    """
    try:
        for role, count in goal.instances.items():
            before = ServiceConfiguration.parse(configuration)
            names = [one.name for one in before.roles]
            if role not in names:
                raise AzureRefused("RoleNotFound", f"There is no role {role}. There are: {', '.join(names)}.")
            if not 1 <= count <= INSTANCE_LIMIT:
                raise AzureRefused("InstanceCountInvalid", f"A role has 1 to {INSTANCE_LIMIT} instances.")
            configuration = before.scale(role, count)
        for setting, value in goal.settings.items():
            roles = [role.name for role in ServiceConfiguration.parse(configuration).roles if setting in role.settings]
            if not roles:
                raise AzureRefused("SettingNotFound", f"No role has a setting {setting}.")
            for role in roles:
                configuration = ServiceConfiguration.parse(configuration).set(role, setting, value)
    except BadServiceConfiguration as error:
        raise AzureRefused("ConfigurationInvalid", error.message) from error
    return configuration


def _create_deployment(step: CreateStep, request: DeploymentRequest, materials: Materials) -> CreateDeployment:
    """Write the body of Create Deployment."""
    package = _brought(request, materials)
    return CreateDeployment(
        name=step.name,
        package_url=package.url,
        label=_label(request, materials),
        configuration=package.configuration,
        start_deployment=step.start,
        extended_properties=_properties(request, materials),
    )


def _upgrade(step: UpgradeStep, request: DeploymentRequest, materials: Materials) -> UpgradeDeployment:
    """Write the body of Upgrade Deployment. `Force`: a release may change the size of local storage."""
    package = _brought(request, materials)
    return UpgradeDeployment(
        mode=service_management.UpdateMode(step.mode),
        package_url=package.url,
        configuration=package.configuration,
        label=_label(request, materials),
        force=True,
        extended_properties=dict(_properties(request, materials)),
    )


def _brought(request: DeploymentRequest, materials: Materials) -> StagedPackage:
    if materials.package is None:
        raise AssertionError(request.goal.kind)
    return materials.package


def _label(request: DeploymentRequest, materials: Materials) -> str:
    """Name what is deployed within the 100 characters of a label; the version is at its end."""
    return f"{_repository(request, materials)} {request.goal.title}".strip()[-100:]


def _properties(request: DeploymentRequest, materials: Materials) -> dict[str, str]:
    """Return the extended properties that say where a deployment comes from. 255 characters each."""
    properties = {
        _REQUEST: request.id,
        _ACCEPTED: request.accepted_at.isoformat(),
        "SlipwayRepository": _repository(request, materials) or "unknown",
        _VERSION: request.goal.title,
        "SlipwayCommit": materials.commit or "unknown",
    }
    return {name: value[:255] for name, value in properties.items()}


def _repository(request: DeploymentRequest, materials: Materials) -> str:
    if isinstance(request.goal, RunCommit):
        return request.goal.commit.repository
    return materials.release.repository if materials.release is not None else ""


def _deployed(deployment: Deployment | None) -> Deployed | None:
    """Say what Azure shows in the words of planning."""
    if deployment is None:
        return None
    return Deployed(
        name=deployment.name,
        slot=Slot(deployment.slot.lower()),
        status=str(deployment.status),
        locked=deployment.locked,
        instances=tuple(Instance(one.name, str(one.status), one.upgrade_domain) for one in deployment.role_instances),
        request=_request(deployment.extended_properties.get(_REQUEST)),
        accepted_at=_instant(deployment.extended_properties.get(_ACCEPTED)),
        version=deployment.extended_properties.get(_VERSION) or deployment.label,
        configuration=deployment.configuration,
        update=_update(deployment.upgrade_status),
        domains=deployment.upgrade_domain_count or 1,
        rollback_allowed=deployment.rollback_allowed,
    )


def _request(text: str | None) -> str | None:
    """Return the id of the request that a deployment names; None where it names something else, which anybody may."""
    return text if text is not None and re.fullmatch(REQUEST_ID, text) else None


def _update(status: UpgradeStatus | None) -> Update | None:
    if status is None:
        return None
    mode = UpdateMode(status.type) if status.type in set(UpdateMode) else UpdateMode.AUTO
    return Update(mode, status.current_upgrade_domain or 0, status.current_upgrade_domain_state == "During")


def _instant(text: str | None) -> datetime | None:
    """Read a time that we wrote ourselves. Anybody may write there, so anything else counts as nothing."""
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


@contextmanager
def _asking() -> Iterator[None]:
    """Say what an error means for a call that changes nothing: it may be made again unless the answer is final."""
    try:
        yield
    except ServiceManagementError as error:
        if isinstance(error, service_management.Answered) and error.retry is Retry.NEVER:
            raise AzureRefused(error.code or str(error.status), error.message, error.request_id) from error
        raise Unavailable(_reason(error), error.retry_after) from error


@contextmanager
def _changing() -> Iterator[None]:
    """Say what an error means for a call that changes something: whether Azure may have acted decides."""
    try:
        yield
    except ServiceManagementError as error:
        if error.ambiguous:
            raise AnswerLost(_reason(error)) from error
        if error.retry is not Retry.NEVER:
            raise Unavailable(_reason(error), error.retry_after) from error
        raise AzureRefused(error.code or type(error).__name__, error.message, error.request_id) from error


def _reason(error: ServiceManagementError) -> str:
    if isinstance(error, BadCredentials):
        return f"SERVICE_MANAGEMENT_CERTIFICATE: {error.message}"
    return f"{error.code}: {error.message}" if error.code else error.message
