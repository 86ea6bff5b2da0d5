"""Bodies of answers: values -> bytes, in the recorded form. Pure.

Compact, no declaration, `xmlns` before `xmlns:i`, `<X/>` for what is empty. Elements that a version does not
know are left out of answers to calls of that version.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lxml import etree

from local.simulator import versions
from local.simulator.deployments import is_web
from local.simulator.errors import Failure
from local.simulator.extensions import AVAILABLE
from local.simulator.state import (
    CloudService,
    Deployment,
    Extension,
    ExtensionReference,
    ExtensionUse,
    Instance,
    Mode,
    Operation,
    OperationStatus,
    Role,
    Slot,
    Update,
    UpdateKind,
)
from local.simulator.upgrades import rollback_allowed

NAMESPACE = "http://schemas.microsoft.com/windowsazure"
INSTANCE_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
PARAMETER_NAMESPACE = "http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"
REDIRECTED = b'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/"/>'
"""Body of a 307. Recorded."""
SDK_VERSION = "2.9.6496.2"
GUEST_OS = "WA-GUEST-OS-{family}.40_201506-01"
HTTP_PORT = "80"
ROLE_SIZES = ("A5", "A6", "A7", "ExtraLarge", "ExtraSmall", "Large", "Medium", "Small")
_ROOT = f'<Root xmlns="{NAMESPACE}" xmlns:i="{INSTANCE_NAMESPACE}"/>'
"""Parsed rather than built: the serializer keeps the order of namespaces only of what it has read."""


@dataclass(frozen=True)
class Context:
    """Who asks: it decides what an answer shows."""

    version: date
    now: datetime
    subscription: str
    base: str
    """`https://host:port` of the call."""

    def knows(self, since: date) -> bool:
        """Say whether elements of that date are shown."""
        return self.version >= since


def error(failure: Failure) -> bytes:
    """Write the `Error` body."""
    root = _root("Error")
    _add(root, "Code", failure.code)
    _add(root, "Message", failure.message)
    return _bytes(root)


def operation(value: Operation) -> bytes:
    """Write Get Operation Status. The id has dashes here, and none in the path."""
    root = _root("Operation")
    _add(root, "ID", _dashed(value.request_id))
    _outcome(root, value)
    if value.status is OperationStatus.FAILED and value.failure is not None:
        element = _add(root, "Error")
        _add(element, "Code", value.failure.code)
        _add(element, "Message", value.failure.message)
    return _bytes(root)


def operation_of_answer(request_id: str) -> bytes:
    """Write Get Operation Status for a call that changed nothing: it has succeeded."""
    root = _root("Operation")
    _add(root, "ID", _dashed(request_id))
    _add(root, "Status", OperationStatus.SUCCEEDED)
    _add(root, "HttpStatusCode", "200")
    return _bytes(root)


def operations(values: Iterable[Operation]) -> bytes:
    """Write List Subscription Operations."""
    root = _root("SubscriptionOperationCollection")
    listed = _add(root, "SubscriptionOperations")
    for value in values:
        _subscription_operation(_add(listed, "SubscriptionOperation"), value)
    return _bytes(root)


def deployment(value: Deployment, slot: Slot, service: CloudService, context: Context) -> bytes:
    """Write Get Deployment."""
    root = _root("Deployment")
    _deployment(root, value, slot, service, context)
    return _bytes(root)


def cloud_service(value: CloudService, context: Context, *, detailed: bool) -> bytes:
    """Write Get Cloud Service Properties, with its deployments when asked for detail."""
    root = _root("HostedService")
    _service(root, value, context)
    if detailed:
        deployments = _add(root, "Deployments")
        for slot, standing in value.slots.items():
            _deployment(_add(deployments, "Deployment"), standing, slot, value, context)
    return _bytes(root)


def cloud_services(values: Iterable[CloudService], context: Context) -> bytes:
    """Write List Cloud Services."""
    root = _root("HostedServices")
    for value in values:
        element = _add(root, "HostedService")
        _service(element, value, context)
        capabilities = _add(element, "ComputeCapabilities")
        for kind in ("WebWorkerRoleSizes", "VirtualMachinesRoleSizes"):
            sizes = _add(capabilities, kind)
            for size in ROLE_SIZES:
                _add(sizes, "RoleSize", size)
    return _bytes(root)


def availability(*, available: bool) -> bytes:
    """Write Check Name Availability."""
    root = _root("AvailabilityResponse")
    _add(root, "Result", _flag(available))
    _optional(root, "Reason", None if available else "A hosted service with the specified name already exists.")
    return _bytes(root)


def extension(value: Extension) -> bytes:
    """Write Get Extension."""
    root = _root("Extension")
    _extension(root, value)
    return _bytes(root)


def extensions(values: Iterable[Extension]) -> bytes:
    """Write List Extensions."""
    root = _root("Extensions")
    for value in values:
        _extension(_add(root, "Extension"), value)
    return _bytes(root)


def available_extensions() -> bytes:
    """Write List Available Extensions."""
    root = _root("ExtensionImages")
    for provider, kind, version, label in AVAILABLE:
        element = _add(root, "ExtensionImage")
        _add(element, "ProviderNameSpace", provider)
        _add(element, "Type", kind)
        _add(element, "Version", version)
        _add(element, "Label", label)
        _add(element, "HostingResources", "WebRole|WorkerRole")
    return _bytes(root)


def events() -> bytes:
    """Write List Deployment Events. There is never one: nobody maintains the simulator's machines."""
    root = _root("DeploymentEventCollection")
    _add(root, "RebootEvents")
    return _bytes(root)


def _service(parent: etree._Element, value: CloudService, context: Context) -> None:
    path = f"/{context.subscription}/services/hostedservices/{value.name}"
    _add(parent, "Url", context.base + path)
    _add(parent, "ServiceName", value.name)
    properties = _add(parent, "HostedServiceProperties")
    _optional(properties, "Description", value.description)
    if value.affinity_group is not None:
        _add(properties, "AffinityGroup", value.affinity_group)
    else:
        _add(properties, "Location", value.location)
    _add(properties, "Label", value.label)
    _add(properties, "Status", "Created" if value.deleting_by is None else "Deleting")
    _add(properties, "DateCreated", _time(value.created_at))
    _add(properties, "DateLastModified", _time(value.modified_at))
    if context.knows(versions.EXTENDED_PROPERTIES):
        _extended_properties(properties, value.extended_properties)


def _deployment(parent: etree._Element, value: Deployment, slot: Slot, service: CloudService, context: Context) -> None:
    standing = bool(value.instances)
    _add(parent, "Name", value.name)
    _add(parent, "DeploymentSlot", slot)
    _add(parent, "PrivateID", value.private_id)
    _add(parent, "Status", value.status)
    _add(parent, "Label", value.model.label)
    if standing:
        _add(parent, "Url", f"http://{service.hosts[slot]}.cloudapp.net/")
    _add(parent, "Configuration", value.model.configuration)
    listed = _add(parent, "RoleInstanceList")
    for instance in value.instances:
        _instance(_add(listed, "RoleInstance"), instance, service.addresses[slot], context)
    _upgrade_status(parent, value)
    if context.knows(versions.UPGRADE_DOMAINS):
        _add(parent, "UpgradeDomainCount", str(value.upgrade_domains))
    roles = _add(parent, "RoleList")
    for role in value.model.roles:
        _role(_add(roles, "Role"), role, value, service.addresses[slot], context)
    if context.knows(versions.UPGRADE_DOMAINS):
        _add(parent, "SdkVersion", SDK_VERSION)
        _add(parent, "Locked", _flag(value.locked_by is not None))
        _add(parent, "RollbackAllowed", _flag(rollback_allowed(value)))
    _add(parent, "CreatedTime", _time(value.created_at))
    _add(parent, "LastModifiedTime", _time(value.modified_at))
    if context.knows(versions.EXTENDED_PROPERTIES):
        _extended_properties(parent, value.model.extended_properties)
        _downtime(_add(parent, "PersistentVMDowntime"), value.created_at)
    if context.knows(versions.EXTENSIONS) and value.model.extensions is not None:
        _extension_configuration(parent, value.model.extensions, context)
    if context.knows(versions.EXTENDED_PROPERTIES):
        address = _add(_add(parent, "VirtualIPs"), "VirtualIP")
        _add(address, "Address", service.addresses[slot])
        _add(address, "IsDnsProgrammed", _flag(standing))
        _add(address, "Name", _contract(value))
    if context.knows(versions.LOAD_BALANCERS):
        _add(parent, "LoadBalancers")


def _instance(parent: etree._Element, value: Instance, address: str, context: Context) -> None:
    moment = value.seen(context.now)
    _add(parent, "RoleName", value.role)
    _add(parent, "InstanceName", value.name)
    _add(parent, "InstanceStatus", moment.status)
    if context.knows(versions.UPGRADE_DOMAINS):
        _add(parent, "InstanceUpgradeDomain", str(value.upgrade_domain))
        _add(parent, "InstanceFaultDomain", str(value.fault_domain))
        _add(parent, "InstanceSize", "Small")
    if context.knows(versions.ROLLBACK):
        _add(parent, "InstanceStateDetails", moment.details)
    if not context.knows(versions.EXTENDED_PROPERTIES):
        return
    _add(parent, "IpAddress", value.address)
    if is_web(value.role):
        endpoint = _add(_add(parent, "InstanceEndpoints"), "InstanceEndpoint")
        _add(endpoint, "Name", "Endpoint1")
        _add(endpoint, "Vip", address)
        _add(endpoint, "PublicPort", HTTP_PORT)
        _add(endpoint, "LocalPort", HTTP_PORT)
        _add(endpoint, "Protocol", "http")
    _add(parent, "PowerState", moment.power)


def _upgrade_status(parent: etree._Element, value: Deployment) -> None:
    update = value.update
    if update is None or not update.begun or (update.over and not _lingers(update)):
        return
    domain = (update.domains or update.walked or (0,))[0]
    element = _add(parent, "UpgradeStatus")
    _add(element, "UpgradeType", update.mode)
    _add(element, "CurrentUpgradeDomainState", "During" if update.during else "Before")
    _add(element, "CurrentUpgradeDomain", str(domain))


def _lingers(update: Update) -> bool:
    """Say whether `UpgradeStatus` outlives the walk while the deployment settles, as Auto, Before, 0.

    Recorded after an automatic upgrade, recorded not to be there after a configuration change. No other update was
    recorded, so there the document holds: it disappears when no update runs.
    """
    return update.kind is UpdateKind.UPGRADE and update.mode is Mode.AUTO


def _role(parent: etree._Element, role: Role, value: Deployment, address: str, context: Context) -> None:
    _add(parent, "RoleName", role.name)
    _add(parent, "OsVersion", GUEST_OS.format(family=value.model.os_family))
    if not context.knows(versions.EXTENDED_PROPERTIES):
        return
    sets = _add(_add(parent, "ConfigurationSets"), "ConfigurationSet")
    sets.set(f"{{{INSTANCE_NAMESPACE}}}type", "NetworkConfigurationSet")
    _add(sets, "ConfigurationSetType", "NetworkConfiguration")
    if is_web(role.name):
        endpoint = _add(_add(sets, "InputEndpoints"), "InputEndpoint")
        _add(endpoint, "Port", HTTP_PORT)
        _add(endpoint, "Protocol", "http")
        _add(endpoint, "Vip", address)
        _add(endpoint, "VirtualIPName", _contract(value))
    _add(sets, "SubnetNames")


def _contract(value: Deployment) -> str:
    return f"{value.model.service_name}ContractContract" if value.input_endpoints else "__PseudoBackEndContractVip"


def _extended_properties(parent: etree._Element, pairs: Iterable[tuple[str, str]]) -> None:
    element = _add(parent, "ExtendedProperties")
    for name, text in pairs:
        pair = _add(element, "ExtendedProperty")
        _add(pair, "Name", name)
        _add(pair, "Value", text)


def _downtime(parent: etree._Element, created_at: datetime) -> None:
    """Say something about virtual machines that has no meaning here; the service says it all the same. Recorded."""
    _add(parent, "StartTime", _time(created_at - timedelta(days=14)))
    _add(parent, "EndTime", _time(created_at - timedelta(days=10)))
    _add(parent, "Status", "PersistentVMUpdateScheduled")


def _extension_configuration(parent: etree._Element, use: ExtensionUse, context: Context) -> None:
    element = _add(parent, "ExtensionConfiguration")
    if use.all_roles is not None:
        _references(_add(element, "AllRoles"), use.all_roles, context)
    named = _add(element, "NamedRoles")
    for role in use.named_roles:
        entry = _add(named, "Role")
        _add(entry, "RoleName", role.role)
        _references(_add(entry, "Extensions"), role.extensions, context)


def _references(parent: etree._Element, references: Iterable[ExtensionReference], context: Context) -> None:
    for reference in references:
        element = _add(parent, "Extension")
        _add(element, "Id", reference.id)
        if context.knows(versions.EXTENSION_STATE):
            _add(element, "State", reference.state or "enable")


def _extension(parent: etree._Element, value: Extension) -> None:
    _add(parent, "ProviderNameSpace", value.provider)
    _add(parent, "Type", value.type)
    _add(parent, "Id", value.id)
    _add(parent, "Version", value.version)
    _add(parent, "Thumbprint", value.thumbprint)
    _add(parent, "ThumbprintAlgorithm", value.thumbprint_algorithm)
    _add(parent, "PublicConfiguration", value.public_configuration)


def _subscription_operation(parent: etree._Element, value: Operation) -> None:
    _add(parent, "OperationId", _dashed(value.request_id))
    _add(parent, "OperationObjectId", value.object_id)
    _add(parent, "OperationName", value.name)
    parameters = _add(parent, "OperationParameters")
    for name, text in value.parameters:
        parameter = _add(parameters, "OperationParameter")
        for tag, content in (("Name", name), ("Value", text)):
            qualified = f"{{{PARAMETER_NAMESPACE}}}{tag}"
            etree.SubElement(parameter, qualified, nsmap={"a": PARAMETER_NAMESPACE}).text = content
    caller = _add(parent, "OperationCaller")
    _add(caller, "UsedServiceManagementApi", "true")
    if value.caller:
        _add(caller, "SubscriptionCertificateThumbprint", value.caller)
    _add(caller, "ClientIP", value.client_ip)
    status = _add(parent, "OperationStatus")
    _add(status, "ID", _dashed(value.request_id))
    _outcome(status, value)
    _add(parent, "OperationStartedTime", _time(value.started_at))
    if value.ended_at is not None:
        _add(parent, "OperationCompletedTime", _time(value.ended_at))


def _outcome(parent: etree._Element, value: Operation) -> None:
    _add(parent, "Status", value.status)
    if value.http_status is not None:
        _add(parent, "HttpStatusCode", str(value.http_status))


def _dashed(request_id: str) -> str:
    return "-".join(request_id[start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def _time(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _root(name: str) -> etree._Element:
    root = etree.fromstring(_ROOT)
    root.tag = f"{{{NAMESPACE}}}{name}"
    return root


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text or None
    return element


def _optional(parent: etree._Element, name: str, text: str | None) -> None:
    """Add an element that says `i:nil` when there is nothing."""
    element = _add(parent, name, text)
    if text is None:
        element.set(f"{{{INSTANCE_NAMESPACE}}}nil", "true")


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=False)
