"""What is wrong with an Adaptive Card: by Microsoft's schema, and by what Teams documents beside it. Pure.

In the schema an object allows no property that it does not name, words of enumerations are compared without regard to
case, and a property or an element has the version that brought it (`version`, a keyword of this schema alone).

Teams takes versions up to 1.5, and in cards that come through a webhook every element, but of the actions only some.
Source: *Adaptive Cards overview*, Copilot Studio documentation, and *Types of cards*, Teams documentation.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jsonschema import Draft6Validator, ValidationError

PUBLISHED = Path(__file__).parent / "schemas" / "adaptive-card-1.5.0.json"

NEWEST = (1, 5)
"""The newest version that Teams takes, and the schema's."""

MAX_BYTES = 28 * 1024
"""Of a message with its card."""

ACTIONS = frozenset({"Action.Execute", "Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility"})
"""What a button of a card from a webhook may do. `Action.Submit` has nobody to submit to."""

Version = tuple[int, int]


def mistakes(card: object) -> list[str]:
    """Return what is wrong with a card, each with the place in it."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["card: must be an object of type AdaptiveCard"]
    version = _version(card.get("version"))
    if version is None or not (1, 0) <= version <= NEWEST:
        return [f"card.version: must be 1.0 to {NEWEST[0]}.{NEWEST[1]}"]
    found = [sentence for error in _validator(version).iter_errors(card) for sentence in _sentences(error)]
    return found + [f"{at}: Teams has no {name} in a card from a webhook" for at, name in _other_actions(card, "card")]


@cache
def published() -> dict[str, Any]:
    """Return Microsoft's schema."""
    schema: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return schema


@cache
def _validator(version: Version) -> "Draft6Validator":
    """Make a validator for cards of a version. `jsonschema` is loaded with the first card, not when a fake starts."""
    from jsonschema import Draft6Validator, ValidationError, validators

    def since(_: Draft6Validator, first: str, __: object, ___: object) -> Iterator[ValidationError]:
        if (needed := _version(first)) is not None and needed > version:
            yield ValidationError(f"needs version {first}")

    def any_of(validator: Draft6Validator, branches: list[Any], one: object, whole: Any) -> Iterator[ValidationError]:
        """Try the one alternative that has the element's type, so that its mistakes are told; else all of them."""
        kind = one.get("type") if isinstance(one, dict) else None
        for index, branch in enumerate(branches):
            if kind is not None and {"$ref": f"#/definitions/{kind}"} in branch.get("allOf", ()):
                yield from validator.descend(one, branch, schema_path=index)
                return
        yield from Draft6Validator.VALIDATORS["anyOf"](validator, branches, one, whole)

    def word(_: Draft6Validator, pattern: str, one: object, ___: object) -> Iterator[ValidationError]:
        """Ask for the whole word: as they are written, the patterns would let a number and `xlargex` pass."""
        words = pattern.removeprefix("^").removesuffix("$")
        if not isinstance(one, str) or re.fullmatch(words, one) is None:
            yield ValidationError("no such word")

    make = validators.create(
        Draft6Validator.META_SCHEMA,
        {**Draft6Validator.VALIDATORS, "version": since, "anyOf": any_of, "pattern": word},
        type_checker=Draft6Validator.TYPE_CHECKER,
        applicable_validators=_all_keywords,
    )
    return cast("Draft6Validator", make(published()))


def _all_keywords(schema: Any) -> Any:
    """Apply what stands beside a `$ref` too: `version` does."""
    return schema.items()


def _sentences(error: "ValidationError") -> Iterator[str]:
    at = "card" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    schema, one = cast("Any", error.schema), cast("Any", error.instance)
    match error.validator:
        case "version":
            yield f"{at}: {error.message}"
        case "required":
            (name,) = (name for name in schema["required"] if error.message.startswith(repr(name)))
            yield f"{at}.{name}: missing"
        case "additionalProperties":
            yield from (f"{at}.{name}: no such property" for name in one if name not in schema["properties"])
        case "anyOf" if (only := _only_fitting(error)) is not None:
            for inner in only:
                yield from _sentences(inner)
        case "anyOf" if isinstance(one, dict):
            yield f"{at}: no element that is known here"
        case _:
            yield f"{at}: not one of its values"


def _only_fitting(error: "ValidationError") -> list["ValidationError"] | None:
    """Return the mistakes of the alternative that is meant: the only one for this JSON type, and this `type`."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    meant = [inner for inner in branches.values() if not any(map(_is_about_the_kind, inner))]
    return meant[0] if len(meant) == 1 else None


def _is_about_the_kind(error: "ValidationError") -> bool:
    return list(error.relative_path) in ([], ["type"]) and error.validator in {"type", "enum", "pattern"}


def _other_actions(one: object, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(one, dict):
        name = one.get("type")
        if isinstance(name, str) and name.startswith("Action.") and name not in ACTIONS:
            yield at, name
        for key, value in one.items():
            yield from _other_actions(value, f"{at}.{key}")
    elif isinstance(one, list):
        for index, value in enumerate(one):
            yield from _other_actions(value, f"{at}[{index}]")


def _version(value: object) -> Version | None:
    major, dot, minor = value.partition(".") if isinstance(value, str) else ("", "", "")
    return (int(major), int(minor)) if dot and major.isdecimal() and minor.isdecimal() else None
