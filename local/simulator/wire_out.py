"""Bodies of answers, one function for each call: values -> bytes, in the recorded form. Pure.

`wire_writing` says how elements are written, `wire_deployment` what a deployment shows.
"""

from collections.abc import Iterable

from lxml import etree

from local.simulator import versions
from local.simulator.errors import Failure
from local.simulator.extensions import AVAILABLE
from local.simulator.state import CloudService, Deployment, Extension, Operation, OperationStatus, Slot
from local.simulator.wire_deployment import add_deployment
from local.simulator.wire_writing import (
    Context,
    add,
    dashed,
    extended_properties,
    flag,
    instant,
    optional,
    root,
    serialized,
)

PARAMETER_NAMESPACE = "http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"
REDIRECTED = b'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/"/>'
"""Body of a 307. Recorded."""
ROLE_SIZES = ("A5", "A6", "A7", "ExtraLarge", "ExtraSmall", "Large", "Medium", "Small")


def error(failure: Failure) -> bytes:
    """Write the `Error` body."""
    body = root("Error")
    add(body, "Code", failure.code)
    add(body, "Message", failure.message)
    return serialized(body)


def operation(value: Operation) -> bytes:
    """Write Get Operation Status. The id has dashes here, and none in the path."""
    body = root("Operation")
    add(body, "ID", dashed(value.request_id))
    _outcome(body, value)
    if value.status is OperationStatus.FAILED and value.failure is not None:
        element = add(body, "Error")
        add(element, "Code", value.failure.code)
        add(element, "Message", value.failure.message)
    return serialized(body)


def operation_of_answer(request_id: str) -> bytes:
    """Write Get Operation Status for a call that changed nothing: it has succeeded."""
    body = root("Operation")
    add(body, "ID", dashed(request_id))
    add(body, "Status", OperationStatus.SUCCEEDED)
    add(body, "HttpStatusCode", "200")
    return serialized(body)


def operations(values: Iterable[Operation]) -> bytes:
    """Write List Subscription Operations."""
    body = root("SubscriptionOperationCollection")
    listed = add(body, "SubscriptionOperations")
    for value in values:
        _subscription_operation(add(listed, "SubscriptionOperation"), value)
    return serialized(body)


def deployment(value: Deployment, slot: Slot, service: CloudService, context: Context) -> bytes:
    """Write Get Deployment."""
    body = root("Deployment")
    add_deployment(body, value, slot, service, context)
    return serialized(body)


def cloud_service(value: CloudService, context: Context, *, detailed: bool) -> bytes:
    """Write Get Cloud Service Properties, with its deployments when asked for detail."""
    body = root("HostedService")
    _service(body, value, context)
    if detailed:
        deployments = add(body, "Deployments")
        for slot, standing in value.slots.items():
            add_deployment(add(deployments, "Deployment"), standing, slot, value, context)
    return serialized(body)


def cloud_services(values: Iterable[CloudService], context: Context) -> bytes:
    """Write List Cloud Services."""
    body = root("HostedServices")
    for value in values:
        element = add(body, "HostedService")
        _service(element, value, context)
        capabilities = add(element, "ComputeCapabilities")
        for kind in ("WebWorkerRoleSizes", "VirtualMachinesRoleSizes"):
            sizes = add(capabilities, kind)
            for size in ROLE_SIZES:
                add(sizes, "RoleSize", size)
    return serialized(body)


def availability(*, available: bool) -> bytes:
    """Write Check Name Availability."""
    body = root("AvailabilityResponse")
    add(body, "Result", flag(available))
    optional(body, "Reason", None if available else "A hosted service with the specified name already exists.")
    return serialized(body)


def extension(value: Extension) -> bytes:
    """Write Get Extension."""
    body = root("Extension")
    _extension(body, value)
    return serialized(body)


def extensions(values: Iterable[Extension]) -> bytes:
    """Write List Extensions."""
    body = root("Extensions")
    for value in values:
        _extension(add(body, "Extension"), value)
    return serialized(body)


def available_extensions() -> bytes:
    """Write List Available Extensions."""
    body = root("ExtensionImages")
    for provider, kind, version, label in AVAILABLE:
        element = add(body, "ExtensionImage")
        add(element, "ProviderNameSpace", provider)
        add(element, "Type", kind)
        add(element, "Version", version)
        add(element, "Label", label)
        add(element, "HostingResources", "WebRole|WorkerRole")
    return serialized(body)


def events() -> bytes:
    """Write List Deployment Events. There is never one: nobody maintains the simulator's machines."""
    body = root("DeploymentEventCollection")
    add(body, "RebootEvents")
    return serialized(body)


def _service(parent: etree._Element, value: CloudService, context: Context) -> None:
    path = f"/{context.subscription}/services/hostedservices/{value.name}"
    add(parent, "Url", context.base + path)
    add(parent, "ServiceName", value.name)
    properties = add(parent, "HostedServiceProperties")
    optional(properties, "Description", value.description)
    if value.affinity_group is not None:
        add(properties, "AffinityGroup", value.affinity_group)
    else:
        add(properties, "Location", value.location)
    add(properties, "Label", value.label)
    add(properties, "Status", "Created" if value.deleting_by is None else "Deleting")
    add(properties, "DateCreated", instant(value.created_at))
    add(properties, "DateLastModified", instant(value.modified_at))
    if context.knows(versions.EXTENDED_PROPERTIES):
        extended_properties(properties, value.extended_properties)


def _extension(parent: etree._Element, value: Extension) -> None:
    add(parent, "ProviderNameSpace", value.provider)
    add(parent, "Type", value.type)
    add(parent, "Id", value.id)
    add(parent, "Version", value.version)
    add(parent, "Thumbprint", value.thumbprint)
    add(parent, "ThumbprintAlgorithm", value.thumbprint_algorithm)
    add(parent, "PublicConfiguration", value.public_configuration)


def _subscription_operation(parent: etree._Element, value: Operation) -> None:
    add(parent, "OperationId", dashed(value.request_id))
    add(parent, "OperationObjectId", value.object_id)
    add(parent, "OperationName", value.name)
    parameters = add(parent, "OperationParameters")
    for name, text in value.parameters:
        parameter = add(parameters, "OperationParameter")
        for tag, content in (("Name", name), ("Value", text)):
            qualified = f"{{{PARAMETER_NAMESPACE}}}{tag}"
            etree.SubElement(parameter, qualified, nsmap={"a": PARAMETER_NAMESPACE}).text = content
    caller = add(parent, "OperationCaller")
    add(caller, "UsedServiceManagementApi", "true")
    if value.caller:
        add(caller, "SubscriptionCertificateThumbprint", value.caller)
    add(caller, "ClientIP", value.client_ip)
    status = add(parent, "OperationStatus")
    add(status, "ID", dashed(value.request_id))
    _outcome(status, value)
    add(parent, "OperationStartedTime", instant(value.started_at))
    if value.ended_at is not None:
        add(parent, "OperationCompletedTime", instant(value.ended_at))


def _outcome(parent: etree._Element, value: Operation) -> None:
    add(parent, "Status", value.status)
    if value.http_status is not None:
        add(parent, "HttpStatusCode", str(value.http_status))
