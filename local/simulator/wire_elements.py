"""Elements of a body: well-formed, known to the version, in the documented order, each at most once. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lxml import etree

from local.simulator import versions
from local.simulator.errors import bad_request, bad_value, invalid_xml
from local.simulator.messages import Properties
from local.simulator.state import ExtensionReference, ExtensionUse, RoleExtensions
from local.simulator.wire_writing import INSTANCE_NAMESPACE, NAMESPACE

MAX_PROPERTY_VALUE = 255
"""Characters of an extended property; documented limit."""
_PROPERTY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


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
        """Return a word, a number or base64, without surrounding blanks; None when left out or nil."""
        text = self.verbatim(name)
        return None if text is None else text.strip()

    def verbatim(self, name: str) -> str | None:
        """Return what a simple element holds, with every blank; None when left out or nil."""
        element = self._elements.get(name)
        return None if element is None else read_text(element)

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


def read_children(body: bytes, root: str, version: date, *fields: Field) -> Children:
    """Read a body whose root has this name and these children."""
    return Children(read_root(body, root), fields, version)


def read_root(body: bytes, name: str) -> etree._Element:
    """Read a body whose root has this name. Raise 400 `InvalidXmlRequest`; document types are refused."""
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


def read_text(element: etree._Element) -> str | None:
    """Return what a simple element holds, with every blank; None when it is nil."""
    if next(element.iterchildren(tag=etree.Element), None) is not None:
        raise invalid_xml()
    return None if _is_nil(element) else "".join(str(part) for part in element.itertext(etree.Element))


def read_properties(children: Children, most: int, version: date) -> Properties | None:
    """Read `ExtendedProperties`, `most` of them at most; None when left out."""
    element = children.element("ExtendedProperties")
    if element is None:
        return None
    pairs: dict[str, str | None] = {}
    for child in element.iterchildren(tag=etree.Element):
        if child.tag != f"{{{NAMESPACE}}}ExtendedProperty":
            raise invalid_xml()
        pair = Children(child, (Field("Name", required=True), Field("Value", required=True)), version)
        name, value = pair.text("Name") or "", pair.verbatim("Value")
        if not _PROPERTY_NAME.fullmatch(name):
            raise bad_request("The name of an extended property is invalid.")
        if name in pairs:
            raise bad_request(f"The extended property {name} was specified twice.")
        if value is not None and not 0 < len(value) <= MAX_PROPERTY_VALUE:
            raise bad_request(f"The extended property {name} must have between 1 and {MAX_PROPERTY_VALUE} characters.")
        pairs[name] = value
    if len(pairs) > most:
        raise bad_request(f"Not more than {most} extended properties can be specified.")
    return tuple(pairs.items())


def read_extension_use(children: Children, version: date) -> ExtensionUse | None:
    """Read `ExtensionConfiguration`; None when left out."""
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
        name = role.verbatim("RoleName")
        if not name:
            raise bad_request("The element RoleName must not be empty.")
        roles.append(RoleExtensions(name, _references(extensions, version)))
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
