"""What the service says: one frozen model for each answer.

Elements that a version or a moment leaves out are None or empty. A word that the documents do not list (recorded
instances have `Provisioning`) keeps its text. Sources: *Get Operation Status*, *Get Deployment*, *Get Cloud Service
Properties*, *List Extensions*, *List Subscription Operations* and recorded traffic.
"""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from handlers.service_management.errors import Retry, rule_for
from handlers.service_management.messages import Slot


class OpenWord(StrEnum):
    """A value of a list that the service may lengthen: an unlisted word is a member with its own text."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = "UNLISTED", value
        return member


class OperationStatus(StrEnum):
    """How far an operation is. There are no others, so another word is an answer nobody can use."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class DeploymentStatus(OpenWord):
    """What a deployment does."""

    RUNNING = "Running"
    SUSPENDED = "Suspended"
    RUNNING_TRANSITIONING = "RunningTransitioning"
    SUSPENDED_TRANSITIONING = "SuspendedTransitioning"
    STARTING = "Starting"
    SUSPENDING = "Suspending"
    DEPLOYING = "Deploying"
    DELETING = "Deleting"


class InstanceStatus(OpenWord):
    """What a role instance does. Only `ReadyRole` serves."""

    UNKNOWN = "Unknown"
    ROLE_STATE_UNKNOWN = "RoleStateUnknown"
    CREATING_VM = "CreatingVM"
    STARTING_VM = "StartingVM"
    CREATING_ROLE = "CreatingRole"
    STARTING_ROLE = "StartingRole"
    READY_ROLE = "ReadyRole"
    BUSY_ROLE = "BusyRole"
    STOPPING_ROLE = "StoppingRole"
    STOPPING_VM = "StoppingVM"
    DELETING_VM = "DeletingVM"
    STOPPED_VM = "StoppedVM"
    RESTARTING_ROLE = "RestartingRole"
    CYCLING_ROLE = "CyclingRole"
    FAILED_STARTING_ROLE = "FailedStartingRole"
    FAILED_STARTING_VM = "FailedStartingVM"
    UNRESPONSIVE_ROLE = "UnresponsiveRole"
    STOPPED_DEALLOCATED = "StoppedDeallocated"
    PREPARING = "Preparing"


class CloudServiceStatus(OpenWord):
    """What a cloud service does."""

    CREATING = "Creating"
    CREATED = "Created"
    DELETING = "Deleting"
    DELETED = "Deleted"
    CHANGING = "Changing"
    RESOLVING_DNS = "ResolvingDns"


class Answer(BaseModel):
    """What the service said."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, ser_json_bytes="base64", val_json_bytes="base64"
    )


class OperationError(Answer):
    """Why an operation failed, in the service's words (URLs and signatures left out)."""

    code: str
    message: str


class Operation(Answer):
    """How an asynchronous change goes. `id` is the request id: 32 hex digits, no dashes."""

    id: str
    status: OperationStatus
    http_status_code: int | None = None
    """Only once it is over: 200 after Succeeded; 400, 404, 409, 500 after Failed."""
    error: OperationError | None = None
    """Only after Failed."""

    @property
    def retry(self) -> Retry:
        """Say whether a failed operation is worth starting anew; never for one that has not failed.

        It is over, so there is nothing to look for first: what would be a look before a lost call is later here.
        """
        if self.status is not OperationStatus.FAILED:
            return Retry.NEVER
        code, message = (self.error.code, self.error.message) if self.error else (None, None)
        rule = rule_for(self.http_status_code or 400, code, message)
        return Retry.NEVER if rule.changing is Retry.NEVER else Retry.LATER


class RoleInstance(Answer):
    """One virtual machine of a role, named `<role>_IN_<n>`."""

    role_name: str
    name: str
    status: InstanceStatus
    upgrade_domain: int | None = None
    fault_domain: int | None = None
    size: str | None = None
    state_details: str | None = None
    error_code: str | None = None
    ip_address: str | None = None
    power_state: str | None = None


class Role(Answer):
    """A role of the package as it is deployed."""

    name: str
    os_version: str | None = None


class UpgradeStatus(Answer):
    """How far an update is; only there while one runs."""

    type: str
    current_upgrade_domain_state: str | None = None
    """Before or During."""
    current_upgrade_domain: int | None = None


class ActiveExtension(Answer):
    """An extension of a deployed role; the state is lower case when it was never sent."""

    id: str
    state: str | None = None


class ActiveExtensions(Answer):
    """The extensions of a deployment. The service may list what was sent for all roles under each role."""

    all_roles: tuple[ActiveExtension, ...] = ()
    named_roles: dict[str, tuple[ActiveExtension, ...]] = Field(default_factory=dict)


class VirtualIP(Answer):
    """A public address of a deployment."""

    address: str
    name: str | None = None
    is_dns_programmed: bool | None = None


class Deployment(Answer):
    """What stands in a slot."""

    name: str
    slot: Slot
    status: DeploymentStatus
    private_id: str | None = None
    label: str | None = None
    """Decoded."""
    url: str | None = None
    """Where it is reached, e.g. `http://<service>.cloudapp.net/`; missing while it is being laid down."""
    configuration: bytes = Field(default=b"", repr=False)
    """The .cscfg, decoded from base64, byte for byte."""
    role_instances: tuple[RoleInstance, ...] = ()
    roles: tuple[Role, ...] = ()
    upgrade_status: UpgradeStatus | None = None
    upgrade_domain_count: int | None = None
    sdk_version: str | None = None
    locked: bool = False
    """True while the service takes an operation in; changes are refused with 409 then."""
    rollback_allowed: bool = False
    virtual_network_name: str | None = None
    created_time: datetime | None = None
    last_modified_time: datetime | None = None
    extended_properties: dict[str, str] = Field(default_factory=dict)
    extension_configuration: ActiveExtensions | None = None
    virtual_ips: tuple[VirtualIP, ...] = ()


class CloudService(Answer):
    """A cloud service; with its deployments when they were asked for."""

    name: str
    url: str | None = None
    status: CloudServiceStatus | None = None
    label: str | None = None
    description: str | None = None
    location: str | None = None
    affinity_group: str | None = None
    date_created: datetime | None = None
    date_last_modified: datetime | None = None
    extended_properties: dict[str, str] = Field(default_factory=dict)
    deployments: tuple[Deployment, ...] = ()


class AvailableExtension(Answer):
    """An extension that was added to a cloud service. Its private configuration is never given back."""

    id: str
    provider_name_space: str
    type: str
    version: str | None = None
    thumbprint: str | None = None
    thumbprint_algorithm: str | None = None
    public_configuration: bytes = Field(default=b"", repr=False)


class SubscriptionOperation(Answer):
    """A past or running change in the subscription."""

    id: str
    """The request id: 32 hex digits, no dashes."""
    name: str
    """E.g. `CreateDeploymentBySlot`."""
    object_id: str | None = None
    """The path of what was changed."""
    parameters: dict[str, str] = Field(default_factory=dict, repr=False)
    """Parameters of the call, bodies among them, which may hold a SAS."""
    status: OperationStatus | None = None
    http_status_code: int | None = None
    caller_thumbprint: str | None = None
    started_time: datetime | None = None
    completed_time: datetime | None = None


class SubscriptionOperations(Answer):
    """One page of a list of changes; `continuation_token` asks for the next, None is the end."""

    operations: tuple[SubscriptionOperation, ...] = ()
    continuation_token: str | None = None
