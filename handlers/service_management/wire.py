"""The XML of the Service Management API, both ways. Pure: values in, bytes out; bytes in, values out.

Out: `body` writes a message. In: one function for each answer (`operation`, `deployment`, ...), each raising only
BadAnswer, for every input. Namespaces are compared as names, never as prefixes, and nothing is believed that `safe_xml`
does not let through.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from lxml import etree
from pydantic import ValidationError

from handlers.service_management import answers, safe_xml
from handlers.service_management.errors import BadAnswer, canonical_id, shown
from handlers.service_management.messages import BASE64, Element

NAMESPACE = "http://schemas.microsoft.com/windowsazure"
"""Of every body, both ways. Some copies of the documents print https; no recorded body has it."""

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_T = TypeVar("_T")


# ---- out


def body(message: Element) -> etree._Element:
    """Build the body of a request: elements in the documented order, those that are None left out."""
    root = etree.Element(_name(message.element), nsmap={None: NAMESPACE})
    _fill(root, message)
    return root


def written(root: etree._Element) -> bytes:
    """Serialise a body as the documents show it, with an XML declaration."""
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def element_name(field: str) -> str:
    """Say which element a field of a message is: `package_url` is `PackageUrl`."""
    return "".join(word.capitalize() for word in field.split("_"))


def _fill(parent: etree._Element, message: Element) -> None:
    for field, info in type(message).model_fields.items():
        value = getattr(message, field)
        if value is None:
            continue
        child = etree.SubElement(parent, _name(element_name(field)))
        if BASE64 in info.metadata:
            child.text = base64.b64encode(value.encode()).decode()
        else:
            _write(child, value)


def _write(element: etree._Element, value: object) -> None:
    match value:
        case bool():
            element.text = "true" if value else "false"
        case bytes():
            element.text = base64.b64encode(value).decode()
        case str() | int():
            element.text = str(value)
        case Mapping():
            for name, text in value.items():
                _write_property(element, name, text)
        case tuple():
            for item in value:
                _fill(etree.SubElement(element, _name(item.element)), item)
        case Element():
            _fill(element, value)
        case _:
            raise TypeError(f"no way to write a {type(value).__name__}")


def _write_property(parent: etree._Element, name: str, text: str | None) -> None:
    pair = etree.SubElement(parent, _name("ExtendedProperty"))
    etree.SubElement(pair, _name("Name")).text = name
    if text is None:
        etree.SubElement(pair, _name("Value"), nsmap={"i": NIL[1:].partition("}")[0]}).set(NIL, "true")
    else:
        etree.SubElement(pair, _name("Value")).text = text


def _name(local: str) -> etree.QName:
    return etree.QName(NAMESPACE, local)


# ---- in


def operation(data: bytes) -> answers.Operation:
    """Read the answer of Get Operation Status."""
    return _read(data, "Operation", _operation)


def deployment(data: bytes) -> answers.Deployment:
    """Read the answer of Get Deployment."""
    return _read(data, "Deployment", _deployment)


def cloud_service(data: bytes) -> answers.CloudService:
    """Read the answer of Get Cloud Service Properties, with or without its deployments."""
    return _read(data, "HostedService", _cloud_service)


def extensions(data: bytes) -> tuple[answers.AvailableExtension, ...]:
    """Read the answer of List Extensions."""
    return _read(data, "Extensions", lambda root: tuple(_extension(child) for child in _children(root, "Extension")))


def subscription_operations(data: bytes) -> answers.SubscriptionOperations:
    """Read one page of List Subscription Operations."""
    return _read(data, "SubscriptionOperationCollection", _subscription_operations)


def error(data: bytes) -> answers.OperationError | None:
    """Read an `Error` body, with or without its namespace. None where the bytes are something else."""
    try:
        root = safe_xml.parse(data)
    except safe_xml.Malformed:
        return None
    tag = etree.QName(root)
    if tag.localname != "Error" or tag.namespace not in {NAMESPACE, None}:
        return None
    return _error(root, tag.namespace)


def _read(data: bytes, root_name: str, reader: Callable[[etree._Element], _T]) -> _T:
    """Parse, check the root, read. BadAnswer says what is wrong without showing any of it."""
    reason = ""
    try:
        root = safe_xml.parse(data)
        if root.tag == _name(root_name).text:
            return reader(root)
        reason = f"its root is not {root_name} of the Azure namespace"
    except safe_xml.Malformed as malformed:
        reason = str(malformed)
    except ValidationError as invalid:
        fields = sorted({".".join(str(part) for part in e["loc"]) for e in invalid.errors(include_input=False)})
        reason = f"{root_name} lacks or garbles {', '.join(fields)}"
    except (ValueError, OverflowError, binascii.Error):
        reason = f"a value in {root_name} is not of its kind"
    raise BadAnswer(f"the answer cannot be read: {reason}")


def _operation(root: etree._Element) -> answers.Operation:
    fault = root.find(_name("Error").text)
    return answers.Operation(
        id=canonical_id(_text(root, "ID") or ""),
        status=answers.OperationStatus(_text(root, "Status") or ""),
        http_status_code=_integer(root, "HttpStatusCode"),
        error=None if fault is None else _error(fault, NAMESPACE),
    )


def _error(root: etree._Element, namespace: str | None) -> answers.OperationError:
    return answers.OperationError(
        code=shown(root.findtext(etree.QName(namespace, "Code").text) or "Unknown"),
        message=shown(root.findtext(etree.QName(namespace, "Message").text) or ""),
    )


def _deployment(root: etree._Element) -> answers.Deployment:
    return answers.Deployment.model_validate(
        {
            "name": _text(root, "Name"),
            "slot": _text(root, "DeploymentSlot"),
            "status": answers.DeploymentStatus(_text(root, "Status") or "Unknown"),
            "private_id": _text(root, "PrivateID"),
            "label": _decoded_text(root, "Label"),
            "url": _text(root, "Url"),
            "configuration": _decoded(root, "Configuration"),
            "role_instances": tuple(_role_instance(child) for child in _list(root, "RoleInstanceList", "RoleInstance")),
            "roles": tuple(
                answers.Role(name=_text(child, "RoleName") or "", os_version=_text(child, "OsVersion"))
                for child in _list(root, "RoleList", "Role")
            ),
            "upgrade_status": _upgrade_status(root),
            "upgrade_domain_count": _integer(root, "UpgradeDomainCount"),
            "sdk_version": _text(root, "SdkVersion"),
            "locked": _boolean(root, "Locked") or False,
            "rollback_allowed": _boolean(root, "RollbackAllowed") or False,
            "virtual_network_name": _text(root, "VirtualNetworkName"),
            "created_time": _time(root, "CreatedTime"),
            "last_modified_time": _time(root, "LastModifiedTime"),
            "extended_properties": _properties(root),
            "extension_configuration": _active_extensions(root),
            "virtual_ips": tuple(
                answers.VirtualIP(
                    address=_text(child, "Address") or "",
                    name=_text(child, "Name"),
                    is_dns_programmed=_boolean(child, "IsDnsProgrammed"),
                )
                for child in _list(root, "VirtualIPs", "VirtualIP")
            ),
        }
    )


def _role_instance(root: etree._Element) -> answers.RoleInstance:
    return answers.RoleInstance(
        role_name=_text(root, "RoleName") or "",
        name=_text(root, "InstanceName") or "",
        status=answers.InstanceStatus(_text(root, "InstanceStatus") or "Unknown"),
        upgrade_domain=_integer(root, "InstanceUpgradeDomain"),
        fault_domain=_integer(root, "InstanceFaultDomain"),
        size=_text(root, "InstanceSize"),
        state_details=_text(root, "InstanceStateDetails"),
        error_code=_text(root, "InstanceErrorCode"),
        ip_address=_text(root, "IpAddress"),
        power_state=_text(root, "PowerState"),
    )


def _upgrade_status(root: etree._Element) -> answers.UpgradeStatus | None:
    status = root.find(_name("UpgradeStatus").text)
    if status is None:
        return None
    return answers.UpgradeStatus(
        type=_text(status, "UpgradeType") or "",
        current_upgrade_domain_state=_text(status, "CurrentUpgradeDomainState"),
        current_upgrade_domain=_integer(status, "CurrentUpgradeDomain"),
    )


def _active_extensions(root: etree._Element) -> answers.ActiveExtensions | None:
    configuration = root.find(_name("ExtensionConfiguration").text)
    if configuration is None:
        return None
    return answers.ActiveExtensions(
        all_roles=_active(configuration, "AllRoles"),
        named_roles={
            _text(role, "RoleName") or "": _active(role, "Extensions")
            for role in _list(configuration, "NamedRoles", "Role")
        },
    )


def _active(root: etree._Element, wrapper: str) -> tuple[answers.ActiveExtension, ...]:
    return tuple(
        answers.ActiveExtension(id=_text(child, "Id") or "", state=_text(child, "State"))
        for child in _list(root, wrapper, "Extension")
    )


def _cloud_service(root: etree._Element) -> answers.CloudService:
    properties = root.find(_name("HostedServiceProperties").text)
    if properties is None:
        properties = etree.Element(_name("HostedServiceProperties"))
    status = _text(properties, "Status")
    return answers.CloudService.model_validate(
        {
            "name": _text(root, "ServiceName"),
            "url": _text(root, "Url"),
            "status": status and answers.CloudServiceStatus(status),
            "label": _decoded_text(properties, "Label"),
            "description": _text(properties, "Description"),
            "location": _text(properties, "Location"),
            "affinity_group": _text(properties, "AffinityGroup"),
            "date_created": _time(properties, "DateCreated"),
            "date_last_modified": _time(properties, "DateLastModified"),
            "extended_properties": _properties(properties),
            "deployments": tuple(_deployment(child) for child in _list(root, "Deployments", "Deployment")),
        }
    )


def _extension(root: etree._Element) -> answers.AvailableExtension:
    return answers.AvailableExtension.model_validate(
        {
            "id": _text(root, "Id"),
            "provider_name_space": _text(root, "ProviderNameSpace"),
            "type": _text(root, "Type"),
            "version": _text(root, "Version"),
            "thumbprint": _text(root, "Thumbprint"),
            "thumbprint_algorithm": _text(root, "ThumbprintAlgorithm"),
            "public_configuration": _decoded(root, "PublicConfiguration"),
        }
    )


def _subscription_operations(root: etree._Element) -> answers.SubscriptionOperations:
    return answers.SubscriptionOperations(
        operations=tuple(
            _subscription_operation(child) for child in _list(root, "SubscriptionOperations", "SubscriptionOperation")
        ),
        continuation_token=_text(root, "ContinuationToken") or None,
    )


def _subscription_operation(root: etree._Element) -> answers.SubscriptionOperation:
    status = root.find(_name("OperationStatus").text)
    caller = root.find(_name("OperationCaller").text)
    word = None if status is None else _text(status, "Status")
    return answers.SubscriptionOperation(
        id=canonical_id(_text(root, "OperationId") or ""),
        name=_text(root, "OperationName") or "",
        object_id=_text(root, "OperationObjectId"),
        parameters=dict(_parameter(child) for child in _list(root, "OperationParameters", "OperationParameter")),
        status=answers.OperationStatus(word) if word else None,
        http_status_code=None if status is None else _integer(status, "HttpStatusCode"),
        caller_thumbprint=None if caller is None else _text(caller, "SubscriptionCertificateThumbprint"),
        started_time=_time(root, "OperationStartedTime"),
        completed_time=_time(root, "OperationCompletedTime"),
    )


def _parameter(root: etree._Element) -> tuple[str, str]:
    """Read a parameter, whose Name and Value stand in a namespace of their own (that of the service's .NET types)."""
    parts = {etree.QName(child).localname: child.text or "" for child in root}
    return parts.get("Name", ""), parts.get("Value", "")


# ---- values


def _text(parent: etree._Element, name: str) -> str | None:
    """Text of a child; None where it is missing or nil, "" where it is empty."""
    child = parent.find(_name(name).text)
    if child is None or child.get(NIL, "").strip() in {"true", "1"}:
        return None
    return child.text or ""


def _integer(parent: etree._Element, name: str) -> int | None:
    text = (_text(parent, name) or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ValueError(name)
    return int(text)


def _boolean(parent: etree._Element, name: str) -> bool | None:
    match (_text(parent, name) or "").strip().lower():
        case "":
            return None
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise ValueError(name)


def _time(parent: etree._Element, name: str) -> datetime | None:
    """Read an instant in UTC; fractions beyond a microsecond, which .NET writes, are cut."""
    text = (_text(parent, name) or "").strip()
    if not text:
        return None
    parts = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?", text, re.ASCII)
    if parts is None:
        raise ValueError(name)
    moment = datetime.fromisoformat(parts.group(1)).replace(tzinfo=UTC)
    return moment.replace(microsecond=int((parts.group(2) or "0").ljust(6, "0")[:6]))


def _decoded(parent: etree._Element, name: str) -> bytes:
    text = "".join((_text(parent, name) or "").split())
    return base64.b64decode(text, validate=True)


def _decoded_text(parent: etree._Element, name: str) -> str | None:
    return None if _text(parent, name) is None else _decoded(parent, name).decode()


def _properties(parent: etree._Element) -> dict[str, str]:
    return {
        _text(pair, "Name") or "": _text(pair, "Value") or ""
        for pair in _list(parent, "ExtendedProperties", "ExtendedProperty")
    }


def _list(parent: etree._Element, wrapper: str, item: str) -> list[etree._Element]:
    child = parent.find(_name(wrapper).text)
    return [] if child is None else _children(child, item)


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(_name(name).text)
