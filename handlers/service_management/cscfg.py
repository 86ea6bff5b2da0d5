"""Service configurations (.cscfg): read them, and change one value without touching another byte.

People write these files, with comments, byte order marks and indentation of their own, so a change is not a new
serialisation: the attribute is found by its offset in the bytes, replaced there, and the result is read again to see
that nothing else changed. Source: *Azure Cloud Services Config Schema (.cscfg)*. Pure.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self
from xml.parsers import expat

from handlers.service_management.errors import BadServiceConfiguration
from handlers.service_management.messages import CONFIGURATION_LIMIT

NAMESPACE = "http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration"
"""Of every element. Written with http in the file; it is a name, not an address."""

DEPTH_LIMIT = 64
"""Nested elements. Our choice; the schema needs 6."""

EVENT_LIMIT = 100_000
"""Beginnings and ends of elements, and what stands between them. Our choice: a file full of the shortest settings has
fewer, and one full of empty elements would take a hundred times its size in memory."""

VM_NAME_LIMIT = 10
"""Characters of `vmName`. Source: *Role schema*."""

INSTANCE_LIMIT = 1000
"""Instances of one role. Our choice, against slips of the keyboard; quotas end far below."""

_ENCODINGS = {
    codecs.BOM_UTF8: ("utf-8", "utf-8"),
    codecs.BOM_UTF16_LE: ("utf-16-le", "utf-16"),
    codecs.BOM_UTF16_BE: ("utf-16-be", "utf-16"),
}
"""By byte order mark: what decodes the rest, and what the XML declaration may say."""

_ATTRIBUTE = re.compile(r"""\s+([^\s=/>'"<]+)\s*=\s*("[^"<]*"|'[^'<]*')""")
_TAG_NAME = re.compile(r"<[^\s/>]+")
_DECLARED = re.compile(r"""\A<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


@dataclass(frozen=True)
class Certificate:
    """A service certificate that a role refers to by its thumbprint."""

    name: str
    thumbprint: str
    thumbprint_algorithm: str


@dataclass(frozen=True)
class Role:
    """A role: how many instances, its settings by name, its certificates."""

    name: str
    instances: int
    settings: Mapping[str, str] = field(repr=False)
    """Settings hold connection strings, so they are never shown."""
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True)
class ServiceConfiguration:
    """A .cscfg that has been read.

    `service_name` is that of the definition, not of the cloud service; only files that the service itself made for
    virtual machines have none. `os_family` is "1" and `os_version` "*" where the file does not say.
    """

    data: bytes = field(repr=False)
    service_name: str | None
    os_family: str
    os_version: str
    roles: tuple[Role, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a file of at most 1 MiB, in UTF-8 or UTF-16. Raises BadServiceConfiguration."""
        reading = _read(data)
        root = reading.root
        _check_schema(reading)
        roles = tuple(_role(element) for element in root.children if element.name == "Role")
        names = [role.name for role in roles]
        if len(names) != len(set(names)):
            raise BadServiceConfiguration("the .cscfg has two roles of one name")
        return cls(
            data=data,
            service_name=root.attributes.get("serviceName"),
            os_family=root.attributes.get("osFamily", "1"),
            os_version=root.attributes.get("osVersion", "*"),
            roles=roles,
        )

    def role(self, name: str) -> Role:
        """Find a role. Raises BadServiceConfiguration, which names the roles there are."""
        for role in self.roles:
            if role.name == name:
                return role
        raise BadServiceConfiguration(f"the .cscfg has no role {name!r}; it has {_listed(r.name for r in self.roles)}")

    def scale(self, role: str, count: int) -> bytes:
        """Say how the file is with another number of instances of a role: 1 to 1000."""
        if type(count) is not int or not 1 <= count <= INSTANCE_LIMIT:
            raise BadServiceConfiguration(f"a role has 1 to {INSTANCE_LIMIT} instances, a whole number")
        if self.role(role).instances == count:
            return self.data
        return _edited(self.data, _Place(role, "Instances", None, "count"), str(count))

    def set(self, role: str, name: str, value: str) -> bytes:
        """Say how the file is with another value of a setting. A new setting needs an upgrade of the package."""
        settings = self.role(role).settings
        if name not in settings:
            raise BadServiceConfiguration(
                f"role {role!r} has no setting {name!r}; a new one needs a new package. It has {_listed(settings)}"
            )
        if not isinstance(value, str):
            raise BadServiceConfiguration(f"the value for {name!r} is not text")
        if _NOT_IN_XML.search(value):
            raise BadServiceConfiguration(f"the value for {name!r} has a character that XML cannot carry")
        if settings[name] == value:
            return self.data
        return _edited(self.data, _Place(role, "Setting", name, "value"), value)


# ---- reading


@dataclass
class _Element:
    """An element of the file: its name (without the namespace, which is checked), attributes and byte offset."""

    name: str
    attributes: dict[str, str]
    offset: int
    children: list["_Element"] = field(default_factory=list)

    def all(self, *path: str) -> list["_Element"]:
        """List the descendants along a path of names."""
        found = [self]
        for name in path:
            found = [child for element in found for child in element.children if child.name == name]
        return found


@dataclass
class _Reading:
    """What the parser saw: the tree, and every event in order, by which two readings are compared."""

    root: _Element
    events: list[tuple[object, ...]]
    prefixes: frozenset[str]
    """Namespace prefixes that the file declares."""

    @property
    def ascii(self) -> bool:
        """Say whether the file declares itself us-ascii; other characters are then written as references."""
        return any(event[0] == "declaration" and str(event[2]).lower() == "us-ascii" for event in self.events)


def _check_schema(reading: _Reading) -> None:
    """Raise BadServiceConfiguration for what the schema rules out of the file as a whole."""
    root = reading.root
    if not root.attributes.get("serviceName") and not _made_for_virtual_machines(reading):
        raise BadServiceConfiguration("the .cscfg needs a serviceName, that of the package's definition")
    if len(root.all("NetworkConfiguration")) > 1:
        raise BadServiceConfiguration("the .cscfg has more than one NetworkConfiguration")


def _made_for_virtual_machines(reading: _Reading) -> bool:
    """Say whether the service made up this file to describe virtual machines. Recorded: it has no serviceName.

    Nor has it any other attribute; its serializer declares xsd and xsi, and a role has nothing but its instances.
    """
    root = reading.root
    bare = all([child.name for child in role.children] == ["Instances"] for role in root.children)
    return not root.attributes and {"xsd", "xsi"} <= reading.prefixes and bare


def _role(element: _Element) -> Role:
    name = element.attributes.get("name")
    if not name:
        raise BadServiceConfiguration("a Role of the .cscfg has no name")
    if len(element.attributes.get("vmName", "")) > VM_NAME_LIMIT:
        raise BadServiceConfiguration(f"the vmName of role {name!r} has more than {VM_NAME_LIMIT} characters")
    counts = [instances.attributes.get("count", "") for instances in element.all("Instances")]
    if len(counts) != 1 or not re.fullmatch(r"\s*[0-9]{1,9}\s*", counts[0], re.ASCII):
        raise BadServiceConfiguration(f"role {name!r} of the .cscfg needs one Instances with a count")
    settings: dict[str, str] = {}
    for setting in element.all("ConfigurationSettings", "Setting"):
        key = setting.attributes.get("name")
        if key is None or "value" not in setting.attributes or key in settings:
            raise BadServiceConfiguration(f"a Setting of role {name!r} lacks its name or value, or comes twice")
        settings[key] = setting.attributes["value"]
    return Role(
        name=name,
        instances=int(counts[0]),
        settings=MappingProxyType(settings),
        certificates=tuple(
            Certificate(
                c.attributes.get("name", ""),
                c.attributes.get("thumbprint", ""),
                c.attributes.get("thumbprintAlgorithm", ""),
            )
            for c in element.all("Certificates", "Certificate")
        ),
    )


def _read(data: bytes) -> _Reading:
    """Parse the bytes. Raises BadServiceConfiguration for whatever is not a plain .cscfg."""
    if len(data) > CONFIGURATION_LIMIT:
        raise BadServiceConfiguration(f"the .cscfg is larger than {CONFIGURATION_LIMIT} bytes")
    _check_encoding(data)
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadServiceConfiguration(
            f"the .cscfg is not well-formed XML: {expat.ErrorString(error.code)}, line {error.lineno}"
        ) from None
    root = reader.top.children[0]
    if root.name != "ServiceConfiguration":
        raise BadServiceConfiguration(
            f"the root of a .cscfg is ServiceConfiguration in the namespace {NAMESPACE}, but this is another file"
        )
    return _Reading(root, reader.events, frozenset(reader.prefixes))


class _Reader:
    """Collects the tree and the events of one file."""

    def __init__(self) -> None:
        self.top = _Element("", {}, 0)
        self.events: list[tuple[object, ...]] = []
        self.prefixes: set[str] = set()
        self._open = [self.top]
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartNamespaceDeclHandler = lambda prefix, _: self.prefixes.add(prefix or "")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._note("text")
        self.parser.CommentHandler = self._note("comment")
        self.parser.ProcessingInstructionHandler = self._note("instruction")
        self.parser.XmlDeclHandler = self._note("declaration")
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        element = _Element(
            local if namespace == NAMESPACE else f"{{{namespace}}}{local}",
            dict(attributes),
            self.parser.CurrentByteIndex,
        )
        self._open[-1].children.append(element)
        self._open.append(element)
        self.events.append(("start", name, tuple(attributes.items())))
        if len(self.events) > EVENT_LIMIT:
            raise BadServiceConfiguration("the .cscfg has more elements than a service configuration can need")
        if len(self._open) > DEPTH_LIMIT:
            raise BadServiceConfiguration(f"the .cscfg is nested more than {DEPTH_LIMIT} deep")

    def _end(self, name: str) -> None:
        self._open.pop()
        self.events.append(("end", name))

    def _note(self, kind: str) -> Callable[..., None]:
        return lambda *values: self.events.append((kind, *values))

    def _refuse(self, *_: object) -> None:
        raise BadServiceConfiguration("a .cscfg has no document type (DOCTYPE)")


def _check_encoding(data: bytes) -> None:
    """Raise unless the bytes are UTF-8 or UTF-16 and, where they declare an encoding, declare that."""
    mark, decoder, name = _encoding(data)
    try:
        text = data[len(mark) :].decode(decoder)
    except UnicodeDecodeError:
        raise BadServiceConfiguration(f"the .cscfg is not {name}; save it as UTF-8") from None
    declared = _DECLARED.search(text)
    if declared and declared.group(1).lower() not in ({name, "us-ascii"} if name == "utf-8" else {name}):
        raise BadServiceConfiguration(f"the .cscfg declares another encoding than the {name} it has")


def _encoding(data: bytes) -> tuple[bytes, str, str]:
    for mark, (decoder, name) in _ENCODINGS.items():
        if data.startswith(mark):
            return mark, decoder, name
    return b"", "utf-8", "utf-8"


# ---- changing


@dataclass(frozen=True)
class _Place:
    """One attribute of one element of one role; `key` is the name of the element where there are several."""

    role: str
    element: str
    key: str | None
    attribute: str

    def within(self, root: _Element) -> _Element:
        """Find the element."""
        role = next(role for role in root.all("Role") if role.attributes.get("name") == self.role)
        path = ("ConfigurationSettings", "Setting") if self.element == "Setting" else (self.element,)
        return next(e for e in role.all(*path) if self.key is None or e.attributes.get("name") == self.key)


def _edited(data: bytes, place: _Place, value: str) -> bytes:
    """Replace one attribute value in the bytes. Raises BadServiceConfiguration if anything else would change."""
    before = _read(data)
    target = place.within(before.root)
    _, encoding, _ = _encoding(data)
    tag = data[target.offset :].decode(encoding)
    start, end = _value_span(tag, place.attribute)
    quote = tag[start - 1]
    first = target.offset + len(tag[:start].encode(encoding))
    last = target.offset + len(tag[:end].encode(encoding))
    written = _escaped(value, quote).encode("ascii" if before.ascii else encoding, "xmlcharrefreplace")
    edited = data[:first] + written + data[last:]
    _check_only_change(before, _read(edited), place, value)
    return edited


def _value_span(tag: str, attribute: str) -> tuple[int, int]:
    """Say from where to where, in text that begins with a start tag, the value of an attribute stands."""
    name = _TAG_NAME.match(tag)
    position = name.end() if name else 0
    while found := _ATTRIBUTE.match(tag, position):
        if found.group(1) == attribute:
            return found.start(2) + 1, found.end(2) - 1
        position = found.end()
    raise BadServiceConfiguration(f"the place of {attribute} in the .cscfg was not found")


def _escaped(value: str, quote: str) -> str:
    replacements = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
    replacements[quote] = "&quot;" if quote == '"' else "&apos;"
    return "".join(replacements.get(character, character) for character in value)


def _check_only_change(before: _Reading, after: _Reading, place: _Place, value: str) -> None:
    """Compare two readings event by event: one start tag differs, in one attribute, which has the new value."""
    changed = place.within(after.root)
    expected = dict(place.within(before.root).attributes) | {place.attribute: value}
    differing = [(old, new) for old, new in zip(before.events, after.events, strict=False) if old != new]
    same_length = len(before.events) == len(after.events)
    if not same_length or changed.attributes != expected or len(differing) != 1:
        raise BadServiceConfiguration(f"changing {place.attribute} would change more of the .cscfg than that")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(repr(name) for name in names)) or "none"
