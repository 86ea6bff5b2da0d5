"""Bodies of calls: bytes -> a value of `messages`. Pure.

The documents say that child elements come in the order shown and from which version on each of them is
known. A body that does not keep to it is refused with 400 `InvalidXmlRequest`; a value that is not allowed
with 400 `BadRequest`.
"""

import base64
import binascii
import re
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
    Mode,
)
from local.simulator.wire_elements import (
    Children,
    Field,
    read_children,
    read_extension_use,
    read_properties,
    read_root,
    read_text,
)
from local.simulator.wire_writing import NAMESPACE

MAX_LABEL = 100
"""Characters of a label, counted before base64; documented limit."""
MAX_DESCRIPTION = 1024
"""Characters of a cloud service's description; documented limit."""
MAX_DEPLOYMENT_PROPERTIES = 25
MAX_SERVICE_PROPERTIES = 50
"""Documented limits."""
_UPGRADE_DOMAIN = re.compile(r"\d{1,3}", re.ASCII)


def read_create_deployment(body: bytes, version: date) -> CreateDeployment:
    """Read the body of Create Deployment."""
    children = read_children(
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
    properties = read_properties(children, MAX_DEPLOYMENT_PROPERTIES, version) or ()
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
        extensions=read_extension_use(children, version),
    )


def read_change_configuration(body: bytes, version: date) -> ChangeConfiguration:
    """Read the body of Change Deployment Configuration."""
    children = read_children(
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
        properties=read_properties(children, MAX_DEPLOYMENT_PROPERTIES, version),
        extensions=read_extension_use(children, version),
    )


def read_upgrade_deployment(body: bytes, version: date) -> UpgradeDeployment:
    """Read the body of Upgrade Deployment. Here `Configuration` comes before `Label`."""
    children = read_children(
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
        role=children.verbatim("RoleToUpgrade") or None,
        properties=read_properties(children, MAX_DEPLOYMENT_PROPERTIES, version),
        extensions=read_extension_use(children, version),
    )


def read_update_status(body: bytes, version: date) -> UpdateDeploymentStatus:
    """Read the body of Update Deployment Status."""
    text = read_children(body, "UpdateDeploymentStatus", version, Field("Status", required=True)).text("Status")
    if text not in {DeploymentStatus.RUNNING, DeploymentStatus.SUSPENDED}:
        raise bad_value(text, "Status", "Running,Suspended")
    return UpdateDeploymentStatus(DeploymentStatus(text))


def read_walk_upgrade_domain(body: bytes, version: date) -> WalkUpgradeDomain:
    """Read the body of Walk Upgrade Domain."""
    text = read_children(body, "WalkUpgradeDomain", version, Field("UpgradeDomain", required=True)).required(
        "UpgradeDomain"
    )
    if not _UPGRADE_DOMAIN.fullmatch(text):
        raise invalid_xml()
    return WalkUpgradeDomain(int(text))


def read_rollback(body: bytes, version: date) -> RollbackUpdateOrUpgrade:
    """Read the body of Rollback Update Or Upgrade. The documents write its modes in lower case too."""
    children = read_children(body, "RollbackUpdateOrUpgrade", version, Field("Mode", required=True), Field("Force"))
    children.flag("Force")
    text = children.required("Mode").capitalize()
    if text not in {Mode.AUTO, Mode.MANUAL}:
        raise bad_request(
            f"Value '{text}' specified for parameter 'Mode' is invalid. Allowed values are 'Auto,Manual'."
        )
    return RollbackUpdateOrUpgrade(Mode(text))


def read_swap(body: bytes, version: date) -> Swap:
    """Read the body of Swap Deployment. `Production` may be left out, as recorded."""
    children = read_children(body, "Swap", version, Field("Production"), Field("SourceDeployment", required=True))
    return Swap(children.text("Production") or None, children.required("SourceDeployment"))


def read_create_service(body: bytes, version: date) -> CreateHostedService:
    """Read the body of Create Cloud Service."""
    children = read_children(
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
        properties=read_properties(children, MAX_SERVICE_PROPERTIES, version) or (),
    )


def read_update_service(body: bytes, version: date) -> UpdateHostedService:
    """Read the body of Update Cloud Service."""
    children = read_children(
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
        properties=read_properties(children, MAX_SERVICE_PROPERTIES, version) or (),
    )


def read_add_extension(body: bytes, version: date) -> AddExtension:
    """Read the body of Add Extension. The private configuration is checked and forgotten."""
    children = read_children(
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
    root = read_root(body, "RoleInstances")
    elements = list(root.iterchildren(tag=etree.Element))
    if version < versions.MEDIA or not elements or any(e.tag != f"{{{NAMESPACE}}}Name" for e in elements):
        raise invalid_xml()
    return DeleteRoleInstances(tuple(read_text(element) or "" for element in elements))


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise bad_request(f"The value of {name} is not base64-encoded.") from error


def _label(children: Children) -> str:
    text = children.required("Label")
    try:
        label = _decoded("Label", text).decode()
    except UnicodeDecodeError as error:
        raise bad_request("The label is not UTF-8 text.") from error
    if not 0 < len(label) <= MAX_LABEL:
        raise bad_request(f"The label must have between 1 and {MAX_LABEL} characters.")
    return text


def _description(children: Children) -> str | None:
    text = children.verbatim("Description")
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
