"""What the simulator knows, as values: a subscription, its cloud services, their deployments, the operations.

Everything is a frozen dataclass, replaced as a whole when something changes, and serialises to the JSON of
the state file. Times are aware datetimes in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from local.simulator.errors import Failure


class Slot(StrEnum):
    """Where a deployment stands. The values are the service's own spelling."""

    PRODUCTION = "Production"
    STAGING = "Staging"


class DeploymentStatus(StrEnum):
    """`Status` of a deployment."""

    RUNNING = "Running"
    SUSPENDED = "Suspended"
    RUNNING_TRANSITIONING = "RunningTransitioning"
    SUSPENDED_TRANSITIONING = "SuspendedTransitioning"
    DEPLOYING = "Deploying"
    DELETING = "Deleting"


class InstanceStatus(StrEnum):
    """`InstanceStatus`; those that the simulator shows by itself, and those a fault may ask for."""

    UNKNOWN = "RoleStateUnknown"
    CREATING_VM = "CreatingVM"
    STARTING_VM = "StartingVM"
    CREATING_ROLE = "CreatingRole"
    STARTING_ROLE = "StartingRole"
    READY = "ReadyRole"
    BUSY = "BusyRole"
    STOPPING_ROLE = "StoppingRole"
    STOPPING_VM = "StoppingVM"
    DELETING_VM = "DeletingVM"
    STOPPED_VM = "StoppedVM"
    RESTARTING = "RestartingRole"
    CYCLING = "CyclingRole"
    FAILED_STARTING_ROLE = "FailedStartingRole"
    FAILED_STARTING_VM = "FailedStartingVM"
    UNRESPONSIVE = "UnresponsiveRole"
    STOPPED_DEALLOCATED = "StoppedDeallocated"
    PREPARING = "Preparing"


class Power(StrEnum):
    """`PowerState` of an instance."""

    STARTING = "Starting"
    STARTED = "Started"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    UNKNOWN = "Unknown"


class Mode(StrEnum):
    """How an update goes through the upgrade domains."""

    AUTO = "Auto"
    MANUAL = "Manual"
    SIMULTANEOUS = "Simultaneous"


class UpdateKind(StrEnum):
    """What is being walked through the domains."""

    CONFIGURATION = "configuration"
    UPGRADE = "upgrade"
    ROLLBACK = "rollback"


class OperationStatus(StrEnum):
    """`Status` of an operation."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True)
class Moment:
    """From `at` on, an instance looks like this."""

    at: datetime
    status: InstanceStatus
    power: Power
    details: str = ""


@dataclass(frozen=True)
class Instance:
    """One virtual machine of a role. Its whole future is written down when it boots: see `seen`."""

    role: str
    number: int
    upgrade_domain: int
    address: str
    moments: tuple[Moment, ...]

    @property
    def name(self) -> str:
        """`<role>_IN_<n>`, n from 0."""
        return f"{self.role}_IN_{self.number}"

    @property
    def fault_domain(self) -> int:
        """Instances alternate between two fault domains."""
        return self.number % 2

    def seen(self, now: datetime) -> Moment:
        """Return what Get Deployment shows at `now`."""
        reached = [moment for moment in self.moments if moment.at <= now]
        return reached[-1] if reached else self.moments[0]


@dataclass(frozen=True)
class Role:
    """What a `.cscfg` says about one role."""

    name: str
    count: int
    settings: tuple[str, ...] = ()
    """Names of the settings: they are the package's, so a configuration cannot add or drop one."""


@dataclass(frozen=True)
class ExtensionReference:
    """An extension in use. `state` is None when it was not sent."""

    id: str
    state: str | None = None


@dataclass(frozen=True)
class RoleExtensions:
    """The extensions of one role."""

    role: str
    extensions: tuple[ExtensionReference, ...]


@dataclass(frozen=True)
class ExtensionUse:
    """`ExtensionConfiguration`. `all_roles` is None when the element is not to be shown."""

    all_roles: tuple[ExtensionReference, ...] | None
    named_roles: tuple[RoleExtensions, ...]


@dataclass(frozen=True)
class Package:
    """A `.cspkg` that was fetched once. Only this is kept of it."""

    location: str
    """The URL without query: it never holds a SAS."""
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True)
class ServiceModel:
    """What a deployment is told to be: what an update replaces and a rollback brings back."""

    label: str
    """base64, as given."""
    configuration: str
    """base64, as given."""
    service_name: str
    """`serviceName` of the `.cscfg`."""
    os_family: str
    roles: tuple[Role, ...]
    extensions: ExtensionUse | None = None
    extended_properties: tuple[tuple[str, str], ...] = ()
    package: Package | None = None
    """None until it was fetched."""


@dataclass(frozen=True)
class PackageRequest:
    """A `.cspkg` that is still to be fetched. The URL may hold a SAS: it is never shown or logged."""

    url: str


@dataclass(frozen=True)
class Update:
    """A configuration change, upgrade or rollback on its way through the upgrade domains."""

    request_id: str
    """The operation that began it."""
    kind: UpdateKind
    mode: Mode
    target: ServiceModel
    before: ServiceModel
    domains: tuple[int, ...]
    """Still to be walked, in order."""
    walked: tuple[int, ...] = ()
    during: bool = False
    role: str | None = None
    """The one role to upgrade; None is all of them."""
    begun: bool = False
    """The service has taken the change in; until then the deployment is locked."""
    over: bool = False
    """Every domain was walked, the operation is over, the deployment still settles."""


@dataclass(frozen=True)
class Deployment:
    """One deployment, in one slot of one cloud service."""

    name: str
    private_id: str
    status: DeploymentStatus
    model: ServiceModel
    created_at: datetime
    modified_at: datetime
    upgrade_domains: int
    instances: tuple[Instance, ...] = ()
    locked_by: str | None = None
    """Request id of the operation that needs exclusive access."""
    update: Update | None = None
    input_endpoints: int = 0


@dataclass(frozen=True)
class Extension:
    """An extension that was added to a cloud service. The private part is thrown away at once."""

    id: str
    provider: str
    type: str
    version: str
    thumbprint: str
    thumbprint_algorithm: str
    public_configuration: str


@dataclass(frozen=True)
class CloudService:
    """A hosted service with its two slots."""

    name: str
    label: str
    description: str | None
    location: str | None
    affinity_group: str | None
    created_at: datetime
    modified_at: datetime
    extended_properties: tuple[tuple[str, str], ...] = ()
    slots: dict[Slot, Deployment] = field(default_factory=dict)
    hosts: dict[Slot, str] = field(default_factory=dict)
    """First label of the address of each slot. It stays with the slot when deployments are swapped."""
    addresses: dict[Slot, str] = field(default_factory=dict)
    """Virtual IP of each slot; stays with it too."""
    extensions: tuple[Extension, ...] = ()
    deleting_by: str | None = None
    """Request id of the operation that takes the service away with all that is in it."""


class StepKind(StrEnum):
    """What time does to a running operation; `world.advance` says what each one means."""

    CREATED = "created"
    DELETED = "deleted"
    STATUS_CHANGED = "status-changed"
    UPDATE_BEGUN = "update-begun"
    DOMAIN_BEGUN = "domain-begun"
    DOMAIN_DONE = "domain-done"
    UPDATE_OVER = "update-over"
    SETTLED = "settled"
    SWAPPED = "swapped"
    INSTANCES_DELETED = "instances-deleted"
    SERVICE_DELETED = "service-deleted"
    UNLOCKED = "unlocked"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One thing that happens to an operation at an instant."""

    at: datetime
    kind: StepKind
    argument: str = ""
    """Status to reach, number of a domain, names of instances, by kind."""


@dataclass(frozen=True)
class Stuck:
    """An instance that never becomes ready."""

    status: InstanceStatus
    instance: str | None = None
    """Its name; None is the last instance."""


@dataclass(frozen=True)
class Fate:
    """What a fault has decided for an operation before it began."""

    failure: Failure | None = None
    endless: bool = False
    stuck: Stuck | None = None


NO_FATE = Fate()


@dataclass(frozen=True)
class Operation:
    """A change that was accepted, under the request id of the answer that accepted it."""

    request_id: str
    call: str
    """Our name of the call, `create-deployment`."""
    name: str
    """The service's name of the call, for List Subscription Operations."""
    object_id: str
    parameters: tuple[tuple[str, str], ...]
    service: str
    deployment: str | None
    """Name of the deployment, when it is about one."""
    private_id: str | None
    caller: str
    """Thumbprint of the certificate; empty over plain HTTP."""
    client_ip: str
    started_at: datetime
    status: OperationStatus = OperationStatus.IN_PROGRESS
    http_status: int | None = None
    failure: Failure | None = None
    ended_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    package: PackageRequest | None = None
    """While this is set nothing happens to the operation: the package is being fetched."""
    restore: DeploymentStatus | None = None
    """The deployment's status before the call, for an operation that fails."""
    stuck: Stuck | None = None


@dataclass(frozen=True)
class Subscription:
    """Everything one subscription holds."""

    id: str
    services: dict[str, CloudService] = field(default_factory=dict)
    """By name in lower case: DNS names have no case."""
    operations: dict[str, Operation] = field(default_factory=dict)
    """By request id, oldest first."""
