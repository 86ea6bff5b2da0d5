"""A text taken apart: words, values, commas and equals signs.

Blanks only separate. What stands in quotes is one value, in which `""` is a quote and a backslash is itself. A
character that cannot be seen is refused wherever it stands.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from handlers.commands.command import CommandNotUnderstood

MAX_LENGTH = 1000
"""Characters of a command. Our choice: a chat allows more, and no command needs it."""

LONGEST_SHOWN = 40
"""Characters of a piece of the text that a sentence quotes. Our choice: longer words are a slip or an attack."""

BLANKS = " \t\r\n\u00a0"
"""Chats send line ends, and no-break spaces where somebody typed two spaces."""

_TOKEN = re.compile(
    rf"""
    [{BLANKS}]*
    (?:
        (?P<comma>,)
        | (?P<equals>=)
        | "(?P<quoted>(?:[^"]|"")*)"(?=[{BLANKS},=]|\Z)
        | (?P<word>[^{BLANKS},="]+)(?=[{BLANKS},=]|\Z)
    )
    """,
    re.VERBOSE,
)


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    COMMA = auto()
    EQUALS = auto()


@dataclass(frozen=True)
class Token:
    """A word, a value without its quotes, a comma or an equals sign."""

    kind: Kind
    text: str


def tokens(text: str) -> tuple[Token, ...]:
    """Take a text apart. Raises CommandNotUnderstood."""
    require_readable(text)
    found: list[Token] = []
    rest = text.strip(BLANKS)
    place = 0
    while place < len(rest):
        match = _TOKEN.match(rest, place)
        if match is None:
            raise CommandNotUnderstood(
                "The quotes do not match: put a value between two of them, with a blank after it."
            )
        place = match.end()
        kind = Kind[(match.lastgroup or "").upper()]
        part = match[kind.name.lower()]
        if kind is Kind.QUOTED:
            part = part.replace('""', '"')
            _refuse_blanks_that_are_none(part)
        found.append(Token(kind, part))
    return tuple(found)


def require_readable(text: str) -> None:
    """Refuse a text that is too long, or holds what cannot be seen. Raises CommandNotUnderstood."""
    if len(text) > MAX_LENGTH:
        raise CommandNotUnderstood(
            f"A command has at most {MAX_LENGTH:,} characters; this has {len(text):,}.", repairable=False
        )
    for character in text:
        if not character.isprintable() and character not in BLANKS:
            raise CommandNotUnderstood(
                f"There is a character in it that cannot be seen: {named(character)}. Please type it again.",
                repairable=False,
            )


def named(character: str) -> str:
    """Name a character without showing it: `U+0435 (CYRILLIC SMALL LETTER IE)`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"


def shown(text: str) -> str:
    """Quote a piece of the text in a sentence, so that no letter in it can pass for another: `"d[U+0435]ploy"`."""
    plain = "".join(c if c.isascii() and c.isprintable() else f"[U+{ord(c):04X}]" for c in text[:LONGEST_SHOWN])
    return f'"{plain}{"..." if len(text) > LONGEST_SHOWN else ""}"'


def _refuse_blanks_that_are_none(value: str) -> None:
    """Line ends and no-break spaces separate words; inside a value nobody could tell them from a blank."""
    odd = next((c for c in value if c in BLANKS and c != " "), None)
    if odd is not None:
        raise CommandNotUnderstood(
            f"There is a character in the quotes that only looks like a blank: {named(odd)}.", repairable=False
        )
