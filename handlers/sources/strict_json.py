"""JSON from strangers: what Python's parser lets through and we do not. Pure.

Refused, each with the place where it stands: deeper nesting than 64, two equal keys in an object, NaN and infinities
(`1e999` too), whole numbers of more than 19 digits, lone surrogates and NUL in text, a byte order mark, anything that
is not UTF-8. The time is linear in the size: 5 MB of the worst take about a second.
"""

import json
import math
import re
from dataclasses import dataclass
from itertools import accumulate

from handlers.errors import Malformed

MAX_DEPTH = 64
"""Arrays and objects inside each other. Our choice: GitHub's stay below 10, the parser's stack lasts for 900."""

MAX_DIGITS = 19
"""Digits of a whole number: all that 64 bits hold. Longer ones cost quadratic time to read."""

WHOLE = "body"
"""How the whole is called in an error."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STEPS = bytes.maketrans(b"[{]}", bytes([1, 1, 0xFF, 0xFF]))
"""One level up, or (0xFF is -1 as a signed byte) one level down."""
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))


def parse(body: bytes) -> object:
    """Read JSON text. Raises Malformed and nothing else; its field is a path such as `release.assets[2].name`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(WHOLE, f"must be UTF-8; byte {error.start} is not") from None
    if text.startswith("\ufeff"):
        raise Malformed(WHOLE, "must not begin with a byte order mark")
    if _too_deep(body):
        raise Malformed(WHOLE, f"must not nest deeper than {MAX_DEPTH}")
    faults = _Faults()
    try:
        value = json.loads(
            text,
            object_pairs_hook=faults.members,
            parse_int=faults.integer,
            parse_float=faults.number,
            parse_constant=faults.constant,
        )
    except json.JSONDecodeError as error:
        raise Malformed(WHOLE, f"must be JSON; character {error.pos} is not") from None
    if faults.found or _may_hide_odd_text(body):
        _refuse_first_fault(value)
    return value


_NEVER_ODD = {int, float, bool, type(None)}


@dataclass(frozen=True)
class _Fault:
    """Stands in the parsed tree where something may not stand."""

    rule: str
    key: str | None = None


class _Faults:
    """The parser's hooks. They know no paths, so they leave a `_Fault` in the tree and go on."""

    def __init__(self) -> None:
        self.found = False

    def members(self, pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return self._fault("must stand there once", twice)

    def integer(self, digits: str) -> object:
        if len(digits) <= MAX_DIGITS or len(digits.lstrip("-")) <= MAX_DIGITS:
            return int(digits)
        return self._fault(f"must not have more than {MAX_DIGITS} digits")

    def number(self, digits: str) -> object:
        number = float(digits)
        return number if math.isfinite(number) else self._fault("must be a finite number")

    def constant(self, _: str) -> object:
        return self._fault("must be a finite number")

    def _fault(self, rule: str, key: str | None = None) -> _Fault:
        self.found = True
        return _Fault(rule, key)


def _too_deep(body: bytes) -> bool:
    """Say whether brackets nest deeper than MAX_DEPTH, without a loop over the text in Python.

    Take away escapes, then strings, then everything but brackets; what is left are steps up and down. In what is no
    JSON the answer may be either, up to where the parser stops.
    """
    without_escapes = body.replace(rb"\\", b"").replace(rb"\"", b"")
    outside_strings = b"".join(without_escapes.split(b'"')[::2])
    steps = memoryview(outside_strings.translate(_STEPS, _ALL_BUT_BRACKETS)).cast("b")
    return max(accumulate(steps), default=0) > MAX_DEPTH


def _may_hide_odd_text(body: bytes) -> bool:
    """Say whether an escape may stand for NUL or for half a character. Without one, decoding has refused both."""
    return any(escape in body for escape in (rb"\u0000", rb"\ud", rb"\uD"))


def _refuse_first_fault(value: object) -> None:
    found = _find_fault(value)
    if found is not None:
        rule, steps = found
        raise Malformed("".join(reversed(steps)).removeprefix(".") or WHOLE, rule)


def _find_fault(value: object) -> tuple[str, list[str]] | None:
    """Return the first rule that is broken and the steps to the place, the last one first."""
    if isinstance(value, str):
        rule = _odd(value)
        return None if rule is None else (rule, [])
    if isinstance(value, _Fault):
        return (value.rule, [] if value.key is None else [_member(value.key)])
    if isinstance(value, dict):
        for key, member in value.items():
            if rule := _odd(key):
                return (rule, [_member(key)])
            if found := _find_fault(member):
                found[1].append(_member(key))
                return found
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item.__class__ not in _NEVER_ODD and (found := _find_fault(item)):
                found[1].append(f"[{index}]")
                return found
    return None


def _member(key: str) -> str:
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else ".?"


def _odd(text: str) -> str | None:
    if "\0" in text:
        return "must not hold NUL"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "must not hold half a character (a lone surrogate)"
    return None
