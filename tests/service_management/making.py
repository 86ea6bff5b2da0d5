"""Makes messages, and reads what they are written as with another library."""

from typing import Any
from xml.etree import ElementTree as ET

from handlers.service_management import (
    ChangeConfiguration,
    CreateCloudService,
    CreateDeployment,
    Extension,
    ExtensionConfiguration,
    ExtensionState,
    UpgradeDeployment,
    wire,
)
from handlers.service_management.messages import Element

NS = "{http://schemas.microsoft.com/windowsazure}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
CSCFG = "<ServiceConfiguration/>"
URL = "https://store.blob.core.windows.net/packages/v1.cspkg?sv=2012-02-12&sig=a%2Bb&se=x"
EXTENSIONS = ExtensionConfiguration(
    all_roles=("rdp", Extension(id="diag", state=ExtensionState.DISABLE)),
    named_roles={"Web": ["domain"]},
)


def create(**more: Any) -> CreateDeployment:
    """Make a message with what is required, and more."""
    return CreateDeployment(**{"name": "v1", "package_url": URL, "label": "Release 1", "configuration": CSCFG} | more)


def change(**more: Any) -> ChangeConfiguration:
    """Make a message with what is required, and more."""
    return ChangeConfiguration(**{"configuration": CSCFG} | more)


def upgrade(**more: Any) -> UpgradeDeployment:
    """Make a message with what is required, and more."""
    return UpgradeDeployment(**{"package_url": URL, "label": "Release 1", "configuration": CSCFG} | more)


def service(**more: Any) -> CreateCloudService:
    """Make a message with what is required, and more."""
    return CreateCloudService(**{"service_name": "shop", "label": "Shop", "location": "West US"} | more)


def written(message: Element) -> ET.Element:
    """Write a message and read it with another library."""
    return ET.fromstring(wire.written(wire.body(message)))  # noqa: S314 - our own bytes


def names(element: ET.Element) -> list[str]:
    """List the names of the children, in order."""
    return [child.tag.removeprefix(NS) for child in element]


def text(message: Element, *path: str) -> str | None:
    """Read the text of an element of a written message."""
    return written(message).findtext("/".join(f"{NS}{name}" for name in path))
