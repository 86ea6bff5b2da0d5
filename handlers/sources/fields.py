"""Single fields of strangers' payloads and headers, read by their exact type. Pure."""

import re
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from handlers.errors import Malformed
from handlers.events import Delivery
from handlers.sources import strict_json

MAX_TEXT = 100_000
"""Characters of a message. Our choice: no place where commands are given allows as many; what is too long for a
command is refused by its grammar, with a sentence."""

Id = Annotated[int, Field(ge=1, lt=2**63)]

Token = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,255}$")]
"""An opaque id in visible ASCII."""


class Payload(BaseModel):
    """What somebody else writes: only what is read is declared, and that by its exact type."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


P = TypeVar("P", bound=Payload)


def read_fields(model: type[P], payload: object, sender: str) -> P:
    """Read a payload. Raises Malformed, which names the first wrong field by its path, and the rule."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        raise Malformed(".".join(map(str, first["loc"])) or strict_json.WHOLE, _rule(first, sender)) from None


def read_object(body: bytes) -> dict[str, object]:
    """Read a body that is a JSON object. Raises Malformed."""
    payload = strict_json.parse(body)
    if not isinstance(payload, dict):
        raise Malformed(strict_json.WHOLE, "must be an object")
    return payload


def require_type(delivery: Delivery, wanted: str, advice: str = "") -> None:
    """Require a `Content-Type`, whatever its parameters; one that is missing passes. Raises Malformed."""
    given = delivery.headers.get("content-type", wanted).partition(";")[0].strip().lower()
    if given != wanted:
        raise Malformed("content-type", f"must be {wanted}{advice}")


def header(delivery: Delivery, name: str, pattern: str, rule: str, absent: str | None = None) -> str:
    """Return a header that has this form. Raises Malformed, also where it is absent and nothing stands for that."""
    value = delivery.headers.get(name, absent)
    if value is None:
        raise Malformed(name, "missing")
    if not re.fullmatch(pattern, value):
        raise Malformed(name, rule)
    return value


def shown_name(name: str | None, unnamed: str) -> str:
    """Return a person's name for reading: what cannot be seen is left out, and a long one is cut."""
    seen = "".join(character for character in name or "" if character.isprintable()).strip()
    return seen[:80] or unnamed


_RULES = {
    "missing": "missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
}
"""Pydantic's kinds of mistakes in our words."""


def _rule(mistake: ErrorDetails, sender: str) -> str:
    rule = _RULES.get(mistake["type"], f"must be of the form that {sender} documents")
    return rule.format(**mistake.get("ctx", {}))
