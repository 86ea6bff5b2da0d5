"""Recorded exchanges with the real service, and what an independent reading of their XML says.

A small selection stands in `recordings/`; where the whole collection is at hand beside the project, it is used too.
Nothing here uses the client's own XML.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

OWN = Path(__file__).parent / "recordings"
ALL = Path(__file__).resolve().parents[3] / "shared" / "asm" / "recordings"
NS = "{http://schemas.microsoft.com/windowsazure}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

counted: Counter[str] = Counter()
"""How many exchanges each test has compared, printed at the end of a run."""


@dataclass(frozen=True)
class Exchange:
    """One recorded request with its answer."""

    file: str
    kind: str
    method: str
    path: str
    request: str | None
    status: int
    headers: dict[str, str]
    body: str

    def __str__(self) -> str:
        return self.file


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Read every recorded exchange at hand; of two copies of one file, the collection's."""
    files = {path.name: path for folder in (OWN, ALL) for path in sorted(folder.glob("*.json")) if folder.is_dir()}
    files.pop("INDEX.json", None)
    return tuple(_exchange(path) for _, path in sorted(files.items()))


def of_kind(*kinds: str, status: int | None = None) -> list[Exchange]:
    """Choose exchanges by what was asked and how it was answered."""
    return [e for e in exchanges() if e.kind in kinds and (status is None or e.status == status)]


def _exchange(path: Path) -> Exchange:
    data = json.loads(path.read_text())
    request, response = data["request"], data["response"]
    return Exchange(
        file=path.stem,
        kind=data["kind"],
        method=request["method"],
        path=request["path"],
        request=request["body"],
        status=response["status"],
        headers={name.lower(): value for name, value in (response["headers"] or {}).items()},
        body=response["body"] or "",
    )


def parse(text: str) -> ET.Element:
    """Parse recorded XML."""
    return ET.fromstring(text.encode())  # noqa: S314 - recorded, and kept with the project


def text(element: ET.Element | None, path: str) -> str | None:
    """Read the text of a descendant; None where it is missing or nil."""
    found = element.find("/".join(f"{NS}{part}" for part in path.split("/"))) if element is not None else None
    return None if found is None or found.get(NIL) == "true" else found.text or ""


def each(element: ET.Element, path: str) -> list[ET.Element]:
    """List descendants along a path."""
    return element.findall("/".join(f"{NS}{part}" for part in path.split("/")))


def number(value: str | None) -> int | None:
    """Read a number, or None."""
    return int(value) if value else None


def instant(value: str | None) -> datetime | None:
    """Read an instant as the service writes it, or None."""
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").astimezone() if value else None


def plain(value: str | None) -> bytes:
    """Undo base64."""
    return base64.b64decode(value or "")


def one_line(value: str | None) -> str:
    """Write a message as it is shown: in one line, without URLs (another provider's error carries namespaces)."""
    return re.sub(r"https?://[^\s\"]+", "(URL left out)", re.sub(r"\s+", " ", value or "").strip())


def properties(element: ET.Element) -> dict[str, str | None]:
    """Read extended properties."""
    return {text(p, "Name") or "": text(p, "Value") for p in each(element, "ExtendedProperties/ExtendedProperty")}


def canonical(xml: str | bytes) -> str:
    """Write XML so that equal documents are equal text: C14N, without indentation and unused prefixes."""
    return ET.canonicalize(xml if isinstance(xml, str) else xml.decode(), strip_text=True)


# ---- requests, read into the arguments of a message


def arguments(root: ET.Element) -> Iterator[tuple[str, Any]]:
    """Read the body of a recorded request into keyword arguments of the message that should write it again."""
    for child in root:
        name = child.tag.removeprefix(NS)
        field = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        yield field, _argument(name, child)


def _argument(name: str, element: ET.Element) -> Any:
    value = element.text or ""
    match name:
        case "Label":
            return base64.b64decode(value).decode()
        case "Configuration" | "PublicConfiguration" | "PrivateConfiguration":
            return base64.b64decode(value)
        case "StartDeployment" | "TreatWarningsAsError" | "Force":
            return {"true": True, "false": False}[value]
        case "ExtendedProperties":
            return [(text(p, "Name"), text(p, "Value")) for p in element]
        case "ExtensionConfiguration":
            return dict(_extension_lists(element))
        case _:
            return value


def _extension_lists(element: ET.Element) -> Iterator[tuple[str, Any]]:
    for child in element:
        if child.tag == f"{NS}AllRoles":
            yield "all_roles", [_extension(e) for e in child]
        else:
            yield (
                "named_roles",
                [
                    {
                        "role_name": text(r, "RoleName"),
                        "extensions": [_extension(e) for e in each(r, "Extensions/Extension")],
                    }
                    for r in child
                ],
            )


def _extension(element: ET.Element) -> dict[str, str | None]:
    return {"id": text(element, "Id"), "state": text(element, "State")}
