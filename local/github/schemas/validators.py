"""Validators for GitHub's schemas: as they are published, or closed, so that they allow no field but those they name.

`jsonschema` is loaded with the first body, so that a fake that gets none starts as fast as before.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
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
    found = _validator(json.dumps(schema), closed).iter_errors(body)
    return sorted(found, key=lambda error: [str(part) for part in error.absolute_path])


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
        return [_closed(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    written = {key: _closed_value(key, value) for key, value in schema.items()}
    names_fields = "properties" in written or "allOf" in written
    if names_fields and not part:
        written.setdefault("unevaluatedProperties", False)
    return written


def _closed_value(key: str, value: Any) -> Any:
    match key:
        case "properties":
            return {name: _closed(one) for name, one in value.items()}
        case "allOf":
            return [_closed(one, part=True) for one in value]
        case "enum" | "required" | "type":
            return value
        case _:
            return _closed(value)


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
