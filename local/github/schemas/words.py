"""GitHub's words for a request whose body does not fit, as people have quoted them. Pure."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jsonschema import ValidationError


class Kind(StrEnum):
    """What is wrong with a value. GitHub answers the two differently."""

    FORM = "form"
    """Missing, or of another type."""
    CHOICE = "choice"
    """None of those that are listed."""


@dataclass(frozen=True)
class Mistake:
    """What does not fit in a request's body."""

    kind: Kind
    field: str
    """The field of the body, by its name at the top; empty for the body itself."""
    sentence: str


def mistake(error: "ValidationError") -> Mistake:
    """Put an error into words, as in `For 'properties/state', 5 is not a string`."""
    path = "/".join(str(part) for part in list(error.absolute_schema_path)[:-1])
    field = str(error.absolute_path[0]) if error.absolute_path else ""
    value = "nil" if error.instance is None else json.dumps(error.instance, ensure_ascii=False)
    at = f"For '{path}', " if path else ""
    wanted = cast("Any", error.validator_value)
    match error.validator:
        case "required":
            return Mistake(Kind.FORM, field, f"{at}{_missing(error.message, wanted)} wasn't supplied.")
        case "enum":
            return Mistake(Kind.CHOICE, field, f"{field} is not included in the list")
        case "type":
            types = [wanted] if isinstance(wanted, str) else wanted
            article = "an" if types[0][0] in "aeiou" else "a"
            return Mistake(Kind.FORM, field, f"{at}{value} is not {article} {' or '.join(types)}.")
        case "anyOf" | "oneOf":
            return Mistake(Kind.FORM, field, f'No subschema in "{error.validator}" matched.')
        case _:
            return Mistake(Kind.FORM, field, f"{at}{value} does not fit {error.validator}.")


def _missing(message: str, required: list[str]) -> str:
    """Return which field is missing, in quotes. There is an error for each, and only its message says for which."""
    return json.dumps(next(name for name in required if message.startswith(repr(name))))
