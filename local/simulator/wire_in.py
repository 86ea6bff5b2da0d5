"""Bodies of calls: bytes -> a value of `messages`. Pure.

The documents say that child elements come in the order shown and from which version on each of them is
known. A body that does not keep to it is refused with 400 `InvalidXmlRequest`; a value that is not allowed
with 400 `BadRequest`.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from lxml import etree

from local.simulator import versions
from local.simulator.errors import bad_request, bad_value, invalid_xml
from local.simulator.messages import (
    AddExtension,
    ChangeConfiguration,
    CreateDeployment,
    CreateHostedService,
    DeleteRoleInstances,
    Properties,
    RollbackUpdateOrUpgrade,
    Swap,
    UpdateDeploymentStatus,
    UpdateHostedService,
    UpgradeDeployment,
    WalkUpgradeDomain,
)
from local.simulator.state import (
    DeploymentStatus,
    Extension,
    ExtensionReference,
    ExtensionUse,
    Mode,
    RoleExtensions,
)

NAMESPACE = "http://schemas.microsoft.com/windowsazure"
INSTANCE_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
MAX_LABEL = 100
"""Characters of a label, counted before base64; documented limit."""
MAX_DESCRIPTION = 1024
"""Characters of a cloud service's description; documented limit."""
MAX_DEPLOYMENT_PROPERTIES = 25
MAX_SERVICE_PROPERTIES = 50
MAX_PROPERTY_VALUE = 255
"""Characters of an extended property; documented limit."""
_PROPERTY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_UPGRADE_DOMAIN = re.compile(r"\d{1,3}", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One element that a body may have."""

    name: str
    required: bool = False
    since: date = versions.FIRST


class Children:
    """The child elements of a body, known to be allowed, unique and in order."""

    def __init__(self, element: etree._Element, fields: Iterable[Field], version: date) -> None:
        expected = [field for field in fields if field.since <= version]
        order = {f"{{{NAMESPACE}}}{field.name}": index for index, field in enumerate(expected)}
        self._elements: dict[str, etree._Element] = {}
        last = -1
        for child in element.iterchildren(tag=etree.Element):
            index = order.get(str(child.tag), -1)
            if index <= last:
                raise invalid_xml()
            last = index
            self._elements[expected[index].name] = child
        if any(field.required and field.name not in self._elements for field in expected):
            raise invalid_xml()

    def element(self, name: str) -> etree._Element | None:
        """Return the element, or None when it was left out."""
        return self._elements.get(name)

    def text(self, name: str) -> str | None:
        """Return the text of a simple element without surrounding blanks; None when left out or nil."""
        element = self._elements.get(name)
        return None if element is None else _text(element)

    def required(self, name: str) -> str:
        """Return a text that must not be empty."""
        text = self.text(name)
        if not text:
            raise bad_request(f"The element {name} must not be empty.")
        return text

    def flag(self, name: str) -> bool:
        """Return a boolean, false when left out. Only lower case is a boolean."""
        match self.text(name):
            case "true":
                return True
            case "false" | None:
                return False
            case _:
                raise invalid_xml()


def read_create_deployment(body: bytes, version: date) -> CreateDeployment:
    """Read the body of Create Deployment."""
    children = _read(
        body,
        "CreateDeployment",
        version,
        Field("Name", required=True),
        Field("PackageUrl", required=True),
        Field("Label", required=True),
        Field("Configuration", required=True),
        Field("StartDeployment", since=versions.START_DEPLOYMENT),
        Field("TreatWarningsAsError", since=versions.WARNINGS_AS_ERRORS),
        Field("ExtendedProperties", since=versions.EXTENDED_PROPERTIES),
        Field("ExtensionConfiguration", since=versions.EXTENSIONS),
    )
    properties = _properties(children, MAX_DEPLOYMENT_PROPERTIES, version) or ()
    if any(value is None for _, value in properties):
        raise bad_request("An extended property must have a value.")
    return CreateDeployment(
        name=children.required("Name"),
        package_url=_package_url(children),
        label=_label(children),
        configuration=children.required("Configuration"),
        start=children.flag("StartDeployment"),
        warnings_are_errors=children.flag("TreatWarningsAsError"),
        properties=properties,
        extensions=_extension_use(children, version),
    )


def read_change_configuration(body: bytes, version: date) -> ChangeConfiguration:
    """Read the body of Change Deployment Configuration."""
    children = _read(
        body,
        "ChangeConfiguration",
        version,
        Field("Configuration", required=True),
        Field("TreatWarningsAsError", since=versions.WARNINGS_AS_ERRORS),
        Field("Mode", since=versions.CONFIGURATION_MODE),
        Field("ExtendedProperties", since=versions.EXTENDED_PROPERTIES),
        Field("ExtensionConfiguration", since=versions.EXTENSIONS),
    )
    return ChangeConfiguration(
        configuration=children.required("Configuration"),
        warnings_are_errors=children.flag("TreatWarningsAsError"),
        mode=_mode(children, simultaneous=version >= versions.EXTENSIONS),
        properties=_properties(children, MAX_DEPLOYMENT_PROPERTIES, version),
        extensions=_extension_use(children, version),
    )


def read_upgrade_deployment(body: bytes, version: date) -> UpgradeDeployment:
    """Read the body of Upgrade Deployment. Here `Configuration` comes before `Label`."""
    children = _read(
        body,
        "UpgradeDeployment",
        version,
        Field("Mode"),
        Field("PackageUrl", required=True),
        Field("Configuration", required=True),
        Field("Label", required=True),
        Field("RoleToUpgrade"),
        Field("Force", since=versions.ROLLBACK),
        Field("ExtendedProperties", since=versions.EXTENDED_PROPERTIES),
        Field("ExtensionConfiguration", since=versions.EXTENSIONS),
    )
    children.flag("Force")
    return UpgradeDeployment(
        mode=_mode(children, simultaneous=version >= versions.SIMULTANEOUS_UPGRADE),
        package_url=_package_url(children),
        configuration=children.required("Configuration"),
        label=_label(children),
        role=children.text("RoleToUpgrade") or None,
        properties=_properties(children, MAX_DEPLOYMENT_PROPERTIES, version),
        extensions=_extension_use(children, version),
    )


def read_update_status(body: bytes, version: date) -> UpdateDeploymentStatus:
    """Read the body of Update Deployment Status."""
    text = _read(body, "UpdateDeploymentStatus", version, Field("Status", required=True)).text("Status")
    if text not in {DeploymentStatus.RUNNING, DeploymentStatus.SUSPENDED}:
        raise bad_value(text, "Status", "Running,Suspended")
    return UpdateDeploymentStatus(DeploymentStatus(text))


def read_walk_upgrade_domain(body: bytes, version: date) -> WalkUpgradeDomain:
    """Read the body of Walk Upgrade Domain."""
    text = _read(body, "WalkUpgradeDomain", version, Field("UpgradeDomain", required=True)).required("UpgradeDomain")
    if not _UPGRADE_DOMAIN.fullmatch(text):
        raise invalid_xml()
    return WalkUpgradeDomain(int(text))


def read_rollback(body: bytes, version: date) -> RollbackUpdateOrUpgrade:
    """Read the body of Rollback Update Or Upgrade. The documents write its modes in lower case too."""
    children = _read(
        body, "RollbackUpdateOrUpgrade", version, Field("Mode", required=True), Field("Force", required=True)
    )
    children.flag("Force")
    text = children.required("Mode").capitalize()
    if text not in {Mode.AUTO, Mode.MANUAL}:
        raise bad_request(
            f"Value '{text}' specified for parameter 'Mode' is invalid. Allowed values are 'Auto,Manual'."
        )
    return RollbackUpdateOrUpgrade(Mode(text))


def read_swap(body: bytes, version: date) -> Swap:
    """Read the body of Swap Deployment. `Production` may be left out, as recorded."""
    children = _read(body, "Swap", version, Field("Production"), Field("SourceDeployment", required=True))
    return Swap(children.text("Production") or None, children.required("SourceDeployment"))


def read_create_service(body: bytes, version: date) -> CreateHostedService:
    """Read the body of Create Cloud Service."""
    children = _read(
        body,
        "CreateHostedService",
        version,
        Field("ServiceName", required=True),
        Field("Label", required=True),
        Field("Description"),
        Field("Location"),
        Field("AffinityGroup"),
        Field("ExtendedProperties", since=versions.EXTENDED_PROPERTIES),
        Field("ReverseDnsFqdn", since=versions.EXTENSION_STATE),
    )
    location, affinity_group = children.text("Location") or None, children.text("AffinityGroup") or None
    if (location is None) == (affinity_group is None):
        raise bad_request("Either a location or an affinity group must be specified, and not both.")
    return CreateHostedService(
        name=children.required("ServiceName"),
        label=_label(children),
        description=_description(children),
        location=location,
        affinity_group=affinity_group,
        properties=_properties(children, MAX_SERVICE_PROPERTIES, version) or (),
    )


def read_update_service(body: bytes, version: date) -> UpdateHostedService:
    """Read the body of Update Cloud Service."""
    children = _read(
        body,
        "UpdateHostedService",
        version,
        Field("Label"),
        Field("Description"),
        Field("ExtendedProperties", since=versions.EXTENDED_PROPERTIES),
        Field("ReverseDnsFqdn", since=versions.EXTENSION_STATE),
    )
    return UpdateHostedService(
        label=None if children.element("Label") is None else _label(children),
        description=_description(children),
        properties=_properties(children, MAX_SERVICE_PROPERTIES, version) or (),
    )


def read_add_extension(body: bytes, version: date) -> AddExtension:
    """Read the body of Add Extension. The private configuration is checked and forgotten."""
    children = _read(
        body,
        "Extension",
        version,
        Field("ProviderNameSpace", required=True),
        Field("Type", required=True),
        Field("Id", required=True),
        Field("Thumbprint"),
        Field("ThumbprintAlgorithm"),
        Field("PublicConfiguration"),
        Field("PrivateConfiguration"),
        Field("Version"),
    )
    for name in ("PublicConfiguration", "PrivateConfiguration"):
        _decoded(name, children.text(name) or "")
    return AddExtension(
        Extension(
            id=children.required("Id"),
            provider=children.required("ProviderNameSpace"),
            type=children.required("Type"),
            version=children.text("Version") or "*",
            thumbprint=children.text("Thumbprint") or "",
            thumbprint_algorithm=children.text("ThumbprintAlgorithm") or "",
            public_configuration=children.text("PublicConfiguration") or "",
        )
    )


def read_delete_instances(body: bytes, version: date) -> DeleteRoleInstances:
    """Read the body of Delete Role Instances: any number of names, at least one."""
    root = _root(body, "RoleInstances")
    elements = list(root.iterchildren(tag=etree.Element))
    if version < versions.MEDIA or not elements or any(e.tag != f"{{{NAMESPACE}}}Name" for e in elements):
        raise invalid_xml()
    return DeleteRoleInstances(tuple(_text(element) or "" for element in elements))


def _read(body: bytes, root: str, version: date, *fields: Field) -> Children:
    return Children(_root(body, root), fields, version)


def _root(body: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise invalid_xml() from error
    if root.getroottree().docinfo.doctype or root.tag != f"{{{NAMESPACE}}}{name}":
        raise invalid_xml()
    return root


def _is_nil(element: etree._Element) -> bool:
    return element.get(f"{{{INSTANCE_NAMESPACE}}}nil") in {"true", "1"}


def _text(element: etree._Element) -> str | None:
    if next(element.iterchildren(tag=etree.Element), None) is not None:
        raise invalid_xml()
    return None if _is_nil(element) else "".join(str(part) for part in element.itertext(etree.Element)).strip()


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise bad_request(f"The value of {name} is not base64-encoded.") from error


def _label(children: Children) -> str:
    text = children.required("Label")
    try:
        label = _decoded("Label", text).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad_request("The label is not UTF-8 text.") from error
    if not 0 < len(label) <= MAX_LABEL:
        raise bad_request(f"The label must have between 1 and {MAX_LABEL} characters.")
    return text


def _description(children: Children) -> str | None:
    text = children.text("Description")
    if text is not None and len(text) > MAX_DESCRIPTION:
        raise bad_request(f"The description must not have more than {MAX_DESCRIPTION} characters.")
    return text


def _package_url(children: Children) -> str:
    text = children.required("PackageUrl")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise bad_request("The package URL is invalid.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad_request("The package URL is invalid.")
    return text


def _mode(children: Children, *, simultaneous: bool) -> Mode:
    text = children.text("Mode") or Mode.AUTO
    allowed = [mode for mode in Mode if simultaneous or mode != Mode.SIMULTANEOUS]
    if text not in allowed:
        raise bad_value(text, "Mode", ",".join(allowed))
    return Mode(text)


def _properties(children: Children, most: int, version: date) -> Properties | None:
    element = children.element("ExtendedProperties")
    if element is None:
        return None
    pairs: dict[str, str | None] = {}
    for child in element.iterchildren(tag=etree.Element):
        if child.tag != f"{{{NAMESPACE}}}ExtendedProperty":
            raise invalid_xml()
        pair = Children(child, (Field("Name", required=True), Field("Value", required=True)), version)
        name, value_element = pair.text("Name") or "", pair.element("Value")
        if not _PROPERTY_NAME.fullmatch(name):
            raise bad_request("The name of an extended property is invalid.")
        if name in pairs:
            raise bad_request(f"The extended property {name} was specified twice.")
        value = None if value_element is None else _text(value_element)
        if value is not None and not 0 < len(value) <= MAX_PROPERTY_VALUE:
            raise bad_request(f"The extended property {name} must have between 1 and {MAX_PROPERTY_VALUE} characters.")
        pairs[name] = value
    if len(pairs) > most:
        raise bad_request(f"Not more than {most} extended properties can be specified.")
    return tuple(pairs.items())


def _extension_use(children: Children, version: date) -> ExtensionUse | None:
    element = children.element("ExtensionConfiguration")
    if element is None:
        return None
    parts = Children(element, (Field("AllRoles"), Field("NamedRoles")), version)
    all_roles, named_roles = parts.element("AllRoles"), parts.element("NamedRoles")
    roles: list[RoleExtensions] = []
    for child in () if named_roles is None else named_roles.iterchildren(tag=etree.Element):
        if child.tag != f"{{{NAMESPACE}}}Role":
            raise invalid_xml()
        role = Children(child, (Field("RoleName", required=True), Field("Extensions", required=True)), version)
        extensions = role.element("Extensions")
        roles.append(RoleExtensions(role.required("RoleName"), _references(extensions, version)))
    return ExtensionUse(None if all_roles is None else _references(all_roles, version), tuple(roles))


def _references(element: etree._Element | None, version: date) -> tuple[ExtensionReference, ...]:
    references: list[ExtensionReference] = []
    for child in () if element is None else element.iterchildren(tag=etree.Element):
        if child.tag != f"{{{NAMESPACE}}}Extension":
            raise invalid_xml()
        fields = (Field("Id", required=True), Field("State", since=versions.EXTENSION_STATE))
        reference = Children(child, fields, version)
        state = reference.text("State") or None
        if state is not None and state.lower() not in {"enable", "disable", "uninstall"}:
            raise bad_value(state, "State", "Enable,Disable,Uninstall")
        references.append(ExtensionReference(reference.required("Id"), state))
    return tuple(references)
