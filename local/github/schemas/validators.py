"""Validators for GitHub's schemas: as they are published, or closed, so that they allow no field but those they name.

`jsonschema` is loaded with the first body, so that a fake that gets none starts as fast as before.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError

PUBLISHED = Path(__file__).parent / "github.json"

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@cache
def published() -> dict[str, Any]:
    """Return github.json."""
    document: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return document


def errors(schema: Mapping[str, Any], body: object, *, closed: bool) -> list["ValidationError"]:
    """Return where a body does not fit, in the order of its fields."""
    found = list(_validator(json.dumps(schema), closed).iter_errors(body))
    return sorted(
        (error for error in found if not _is_echo(error, found)),
        key=lambda error: [str(part) for part in error.absolute_path],
    )


def _is_echo(error: "ValidationError", found: list["ValidationError"]) -> bool:
    """Say whether fields are unknown only because a part of the schema that names them found something else wrong."""
    in_parts = error.validator == "unevaluatedProperties" and "allOf" in cast("Any", error.schema)
    return in_parts and any(one is not error and one.absolute_path == error.absolute_path for one in found)


@cache
def _validator(schema: str, closed: bool) -> "Draft202012Validator":
    from jsonschema import Draft202012Validator

    whole = json.loads(schema)
    return Draft202012Validator(
        {**(_closed(whole) if closed else whole), "$defs": _definitions(closed)}, format_checker=_formats()
    )


@cache
def _definitions(closed: bool) -> dict[str, Any]:
    return {name: _closed(one) if closed else one for name, one in published()["$defs"].items()}


def _closed(schema: Any, *, part: bool = False) -> Any:
    """Return a schema that allows no field but those it names; `part` is one that others complete."""
    if isinstance(schema, list):
        return [_closed(one, part=part) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    names_fields = "properties" in schema or "allOf" in schema
    written: dict[str, Any] = {}
    for key, value in schema.items():
        match key:
            case "properties":
                written[key] = {name: _closed(one) for name, one in value.items()}
            case "allOf" | "anyOf" | "oneOf":
                written[key] = _closed(value, part=part or names_fields)
            case "items" | "additionalProperties":
                written[key] = _closed(value)
            case _:
                written[key] = value
    if names_fields and not part:
        written.setdefault("unevaluatedProperties", False)
    return written


@cache
def _formats() -> "FormatChecker":
    from jsonschema import FormatChecker

    formats = FormatChecker(formats=())
    formats.checks("date-time")(_is_date_time)
    formats.checks("uri")(_is_uri)
    return formats


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return bool(_RFC3339.fullmatch(value)) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _is_uri(value: object) -> bool:
    """Look for a scheme. GitHub writes an empty string where there is no address."""
    return not isinstance(value, str) or value == "" or bool(urlsplit(value).scheme)
