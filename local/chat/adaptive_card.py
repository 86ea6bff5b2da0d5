"""What the published JSON schema of Adaptive Cards asks for, for the elements that are used here. Pure.

Source: `schemas/1.4.0/adaptive-card.json` of microsoft/AdaptiveCards: every object is closed
(`additionalProperties: false`), words of enumerations are compared without regard to case, and a property has the
version that brought it. An element that is not in the table is refused, so that nothing unchecked is taken for checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NEWEST = (1, 4)
"""The newest version that this knows. Teams shows a little more; Workflows may not."""

MAX_BYTES = 28 * 1024


@dataclass(frozen=True)
class Property:
    """One property of an element."""

    kind: str
    """`string`, `boolean`, `words`, `element`, `elements`, `runs` or `facts`."""
    since: tuple[int, int] = (1, 0)
    words: frozenset[str] = frozenset()
    required: bool = False


def _words(*words: str, since: tuple[int, int] = (1, 0)) -> Property:
    return Property("words", since, frozenset(words))


_SPACING = _words("default", "none", "small", "medium", "large", "extralarge", "padding")
_COLORS = _words("default", "dark", "light", "accent", "good", "warning", "attention")
_ALIGNMENT = _words("left", "center", "right")
_ELEMENT = {
    "height": _words("auto", "stretch", since=(1, 1)),
    "separator": Property("boolean"),
    "spacing": _SPACING,
    "id": Property("string"),
    "isVisible": Property("boolean", (1, 2)),
}
_FONT = {
    "color": _COLORS,
    "fontType": _words("default", "monospace", since=(1, 2)),
    "isSubtle": Property("boolean"),
    "size": _words("default", "small", "medium", "large", "extralarge"),
    "weight": _words("default", "lighter", "bolder"),
}
_STYLE = _words("default", "emphasis", "good", "attention", "warning", "accent")

_CARD = {
    "$schema": Property("string"),
    "version": Property("string", required=True),
    "body": Property("elements"),
    "fallbackText": Property("string"),
    "speak": Property("string"),
    "lang": Property("string"),
    "minHeight": Property("string", (1, 2)),
}
_ELEMENTS: Mapping[str, tuple[tuple[int, int], Mapping[str, Property]]] = {
    "Container": (
        (1, 0),
        {
            **_ELEMENT,
            "items": Property("elements", required=True),
            "style": _STYLE,
            "bleed": Property("boolean", (1, 2)),
        },
    ),
    "RichTextBlock": (
        (1, 2),
        {**_ELEMENT, "inlines": Property("runs", required=True), "horizontalAlignment": _ALIGNMENT},
    ),
    "TextBlock": (
        (1, 0),
        {
            **_ELEMENT,
            **_FONT,
            "text": Property("string", required=True),
            "wrap": Property("boolean"),
            "horizontalAlignment": _ALIGNMENT,
        },
    ),
    "FactSet": ((1, 0), {**_ELEMENT, "facts": Property("facts", required=True)}),
}
_RUN = {
    **_FONT,
    "text": Property("string", required=True),
    "highlight": Property("boolean"),
    "italic": Property("boolean"),
    "strikethrough": Property("boolean"),
    "underline": Property("boolean", (1, 3)),
}
_FACT = {"title": Property("string", required=True), "value": Property("string", required=True)}


def mistakes(card: object) -> list[str]:
    """Return what is wrong with a card, each with the place in it."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["card: must be an object of type AdaptiveCard"]
    version = _version(card.get("version"))
    if version is None or version > NEWEST:
        return [f"card.version: must be 1.0 to {NEWEST[0]}.{NEWEST[1]}"]
    return list(_object(card, _CARD, "card", version))


def _object(one: dict[str, Any], table: Mapping[str, Property], at: str, version: tuple[int, int]) -> Iterator[str]:
    for name, rule in table.items():
        if rule.required and name not in one:
            yield f"{at}.{name}: missing"
    for name, value in one.items():
        if name == "type":
            continue
        if name not in table:
            yield f"{at}.{name}: no such property"
        elif table[name].since > version:
            yield f"{at}.{name}: needs version {table[name].since[0]}.{table[name].since[1]}"
        else:
            yield from _value(value, table[name], f"{at}.{name}", version)


def _value(value: object, rule: Property, at: str, version: tuple[int, int]) -> Iterator[str]:
    match rule.kind, value:
        case ("string", str()) | ("boolean", bool()):
            return
        case "words", str() if value.lower() in rule.words:
            return
        case "elements", list():
            for index, one in enumerate(value):
                yield from _element(one, f"{at}[{index}]", version)
        case "runs", list():
            for index, one in enumerate(value):
                if not isinstance(one, str):
                    yield from _typed(one, "TextRun", _RUN, f"{at}[{index}]", version)
        case "facts", list():
            for index, one in enumerate(value):
                yield from _typed(one, "Fact", _FACT, f"{at}[{index}]", version)
        case _:
            yield f"{at}: not one of its values"


def _element(one: object, at: str, version: tuple[int, int]) -> Iterator[str]:
    known = _ELEMENTS.get(str(one.get("type"))) if isinstance(one, dict) else None
    if known is None or not isinstance(one, dict):
        yield f"{at}: no element that is known here"
        return
    since, table = known
    if since > version:
        yield f"{at}: needs version {since[0]}.{since[1]}"
    yield from _object(one, table, at, version)


def _typed(one: object, kind: str, table: Mapping[str, Property], at: str, version: tuple[int, int]) -> Iterator[str]:
    if not isinstance(one, dict) or one.get("type", kind) != kind:
        yield f"{at}: must be a {kind}"
        return
    yield from _object(one, table, at, version)


def _version(value: object) -> tuple[int, int] | None:
    major, dot, minor = value.partition(".") if isinstance(value, str) else ("", "", "")
    return (int(major), int(minor)) if dot and major.isdigit() and minor.isdigit() else None
