"""The service configuration file (`.cscfg`): what the service needs to know of it, and how it may change."""

import base64
import binascii
from dataclasses import dataclass

from lxml import etree

from local.simulator.errors import bad_request
from local.simulator.state import Role

NAMESPACE = "http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration"
MAX_ROLES = 25
"""Roles of a deployment; documented limit."""
MAX_INSTANCES = 1000
"""Instances of one role. Our choice: the real bound is the subscription's quota of cores."""
MAX_VM_NAME = 10
"""Characters of `vmName`; documented limit."""
RETIRED_OS_FAMILY = "1"
"""The default of `osFamily`. Running on it is the one thing the simulator warns about."""


@dataclass(frozen=True)
class Configuration:
    """A `.cscfg` that was understood."""

    service_name: str
    os_family: str
    roles: tuple[Role, ...]

    @property
    def has_warnings(self) -> bool:
        """Say whether `TreatWarningsAsError` would refuse it."""
        return self.os_family == RETIRED_OS_FAMILY


def read_configuration(encoded: str) -> Configuration:
    """Read a base64 `.cscfg`. Raise 400 `BadRequest` when the service would not understand it."""
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except binascii.Error as error:
        raise bad_request("The service configuration is not base64-encoded.") from error
    root = _parse(data)
    if root.tag != f"{{{NAMESPACE}}}ServiceConfiguration":
        raise bad_request("The service configuration file does not have the root element ServiceConfiguration.")
    service_name = root.get("serviceName", "")
    if not service_name:
        raise bad_request("The service configuration file does not have a serviceName.")
    roles = tuple(_role(element) for element in root.iterchildren(f"{{{NAMESPACE}}}Role"))
    if not 0 < len(roles) <= MAX_ROLES:
        raise bad_request(f"The service configuration file must have between 1 and {MAX_ROLES} roles.")
    if len({role.name.lower() for role in roles}) < len(roles):
        raise bad_request("The service configuration file has two roles of the same name.")
    return Configuration(service_name, root.get("osFamily", RETIRED_OS_FAMILY), roles)


def check_change(old: tuple[Role, ...], new: tuple[Role, ...]) -> None:
    """Refuse what cannot change without a new package: the roles and the names of their settings."""
    settings = {role.name: set(role.settings) for role in old}
    if {role.name for role in new} != set(settings):
        raise bad_request("The roles of the service configuration are not those of the deployment's package.")
    for role in new:
        if set(role.settings) != settings[role.name]:
            raise bad_request(f"The settings of role {role.name} are not those that the deployment's package defines.")


def with_counts(encoded: str, counts: dict[str, int]) -> str:
    """Return the same base64 `.cscfg` with other instance counts; everything else is kept."""
    tree = _parse(base64.b64decode("".join(encoded.split()))).getroottree()
    for role in tree.getroot().iterchildren(f"{{{NAMESPACE}}}Role"):
        instances = role.find(f"{{{NAMESPACE}}}Instances")
        if instances is not None and (name := role.get("name", "")) in counts:
            instances.set("count", str(counts[name]))
    return base64.b64encode(etree.tostring(tree, encoding="utf-8", xml_declaration=True)).decode()


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data.removeprefix(b"\xef\xbb\xbf").lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise bad_request("The service configuration file is not well-formed XML.") from error
    if root.getroottree().docinfo.doctype:
        raise bad_request("The service configuration file must not have a document type.")
    return root


def _role(element: etree._Element) -> Role:
    name = element.get("name", "")
    if not name:
        raise bad_request("A role of the service configuration file does not have a name.")
    if len(element.get("vmName", "")) > MAX_VM_NAME:
        raise bad_request(f"The vmName of role {name} is longer than {MAX_VM_NAME} characters.")
    settings = element.findall(f"{{{NAMESPACE}}}ConfigurationSettings/{{{NAMESPACE}}}Setting")
    return Role(name, _count(name, element), tuple(sorted(setting.get("name", "") for setting in settings)))


def _count(role: str, element: etree._Element) -> int:
    instances = element.findall(f"{{{NAMESPACE}}}Instances")
    text = instances[0].get("count", "") if len(instances) == 1 else ""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MAX_INSTANCES):
        raise bad_request(f"Role {role} must have between 1 and {MAX_INSTANCES} instances.")
    return int(text)
