"""How bodies of answers are written: elements, their values, and who asks. Pure.

Compact, no declaration, `xmlns` before `xmlns:i`, `<X/>` for what is empty. Recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

NAMESPACE = "http://schemas.microsoft.com/windowsazure"
INSTANCE_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
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


def dashed(request_id: str) -> str:
    """Write a request id as it stands in bodies: 8-4-4-4-12 hex digits."""
    return "-".join(request_id[start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def instant(at: datetime) -> str:
    """Write an instant to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def flag(value: bool) -> str:
    """Write a truth value."""
    return "true" if value else "false"


def root(name: str) -> etree._Element:
    """Begin a body."""
    element = etree.fromstring(_ROOT)
    element.tag = f"{{{NAMESPACE}}}{name}"
    return element


def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Add an element behind the others; return it."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text or None
    return element


def optional(parent: etree._Element, name: str, text: str | None) -> None:
    """Add an element that says `i:nil` when there is nothing."""
    element = add(parent, name, text)
    if text is None:
        element.set(f"{{{INSTANCE_NAMESPACE}}}nil", "true")


def serialized(body: etree._Element) -> bytes:
    """Write a body's bytes."""
    return etree.tostring(body, encoding="utf-8", xml_declaration=False)


def extended_properties(parent: etree._Element, pairs: Iterable[tuple[str, str]]) -> None:
    """Add `ExtendedProperties`, of a deployment or of a cloud service."""
    element = add(parent, "ExtendedProperties")
    for name, text in pairs:
        pair = add(element, "ExtendedProperty")
        add(pair, "Name", name)
        add(pair, "Value", text)
