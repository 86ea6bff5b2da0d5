"""Cuts calls and deliveries out of an OpenAPI description and writes them as JSON Schema. Pure.

The description is OpenAPI 3.0, whose schemas are not quite JSON Schema; `translate` has the differences. Source: *Data
types* and *Schema object*, OpenAPI Specification 3.0.3, and JSON Schema 2020-12.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DEFINITIONS = "#/components/schemas/"
_SAYS_NOTHING = {
    *("title", "description", "default", "example", "examples", "externalDocs", "deprecated"),
    *("readOnly", "writeOnly", "discriminator", "xml"),
}
"""Keywords that no body can break, or that say something about generated code."""

FORMATS = {"date-time", "uri"}
"""Of strings, the formats that are looked at."""

_NAMES_TO_SCHEMAS = {"properties", "patternProperties"}
_NO_SCHEMAS = {"enum", "required"}
_ONE_LINE = {"$schema", "source"}


class DescriptionChanged(Exception):
    """The description has no such call or delivery, or writes it in a way that is not read here."""


def extract(
    description: Mapping[str, Any], calls: Iterable[str], deliveries: Iterable[str], more: Iterable[str] = ()
) -> dict[str, Any]:
    """Return `calls`, `deliveries` and the definitions that they (and `more`) refer to. Raises DescriptionChanged.

    A call has `query`, its parameters by name, and `request`, where it takes a body; and `answers` by status, of which
    one without a JSON body is null.
    """
    found = {
        "calls": {name: _call(description, name) for name in sorted(calls)},
        "deliveries": {name: _delivery(description, name) for name in sorted(deliveries)},
    }
    missing = [*_references(found), *more]
    definitions: dict[str, Any] = {}
    while missing:
        name = missing.pop()
        if name not in definitions:
            definitions[name] = translate(_in(description, "components", "schemas", name))
            missing.extend(_references(definitions[name]))
    return {**found, "$defs": dict(sorted(definitions.items()))}


def translate(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Write one OpenAPI 3.0 schema as JSON Schema, without what no body can break.

    `nullable` becomes the type `null`, for the type beside it or the alternatives (GitHub means it so; alone it says
    nothing, as everything is allowed then). What stands beside a `$ref` is ignored in OpenAPI, and dropped.
    """
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{_name_of(schema['$ref'])}"}
    written = {key: _value(key, value) for key, value in schema.items() if _is_kept(key)}
    if written.get("format") not in FORMATS:
        written.pop("format", None)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if written.pop(exclusive, False) is True:
            written[exclusive] = written.pop(bound)
    if not schema.get("nullable"):
        return written
    if "type" in written:
        written["type"] = [written["type"], "null"]
        if "enum" in written and None not in written["enum"]:
            written["enum"] = [*written["enum"], None]
        return written
    return {"anyOf": [written, {"type": "null"}]} if written else {}


def write(document: Mapping[str, Any]) -> str:
    """Write the document as JSON, a call, a delivery and a definition on one line each: so a change shows as one."""
    parts = []
    for name, value in document.items():
        if name in _ONE_LINE:
            written = _one_line(value)
        else:
            written = "{\n" + ",\n".join(f"{_one_line(one)}:{_one_line(what)}" for one, what in value.items()) + "\n}"
        parts.append(f"{_one_line(name)}:{written}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _call(description: Mapping[str, Any], name: str) -> dict[str, Any]:
    method, _, path = name.partition(" ")
    described = _in(description, "paths", path, method.lower())
    call: dict[str, Any] = {}
    parameters = [_resolved(description, one) for one in described.get("parameters", ())]
    query = {one["name"]: translate(one["schema"]) for one in parameters if one["in"] == "query"}
    if query:
        call["query"] = query
    if "requestBody" in described:
        call["request"] = _json_of(_resolved(description, described["requestBody"]))
    answers = {status: _resolved(description, answer) for status, answer in described["responses"].items()}
    call["answers"] = {status: _json_of(answer) for status, answer in answers.items()}
    return call


def _delivery(description: Mapping[str, Any], name: str) -> dict[str, Any]:
    body = _json_of(_in(description, "x-webhooks", name, "post", "requestBody"))
    if body is None:
        raise DescriptionChanged(f"{name} has no JSON body")
    return body


def _json_of(body: Mapping[str, Any]) -> dict[str, Any] | None:
    described = body.get("content", {}).get("application/json")
    return translate(described["schema"]) if described else None


def _resolved(description: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference to a shared parameter, request or answer."""
    if "$ref" not in part:
        return part
    found: Mapping[str, Any] = _in(description, *part["$ref"].removeprefix("#/").split("/"))
    return found


def _in(description: Mapping[str, Any], *path: str) -> Any:
    found: Any = description
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            raise DescriptionChanged(f"the description has no {' '.join(path)}")
        found = found[name]
    return found


def _is_kept(keyword: str) -> bool:
    return keyword not in _SAYS_NOTHING and keyword != "nullable" and not keyword.startswith("x-")


def _value(keyword: str, value: Any) -> Any:
    if keyword in _NAMES_TO_SCHEMAS:
        return {name: translate(schema) for name, schema in value.items()}
    if keyword in _NO_SCHEMAS:
        return value
    if isinstance(value, Mapping):
        return translate(value)
    return [translate(one) for one in value] if isinstance(value, list) else value


def _name_of(reference: str) -> str:
    if not reference.startswith(_DEFINITIONS):
        raise DescriptionChanged(f"{reference} refers to something that is no schema by name")
    return reference.removeprefix(_DEFINITIONS)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix("#/$defs/")
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _references(one)


def _one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
