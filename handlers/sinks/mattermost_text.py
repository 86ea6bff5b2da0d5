"""A card in Mattermost's markdown. Pure.

Outside text stands in code spans, where Mattermost looks for neither mentions nor markup; a backtick in it becomes an
apostrophe, so that one backtick on either side always makes a span. The server looks for hashtags, channels and
mentions in the raw text as well: a zero-width space stands behind `#`, `~` and `@`.
"""

from collections.abc import Collection

from handlers.outside_text import one_line
from handlers.sinks.card import Button, Card, Line, Span, Voice

MAX_TEXT = 16_383
"""Characters of a post."""

_TRIGGERS = ("@", "#", "~")
_APART = "\N{ZERO WIDTH SPACE}"
_APOSTROPHE = "\N{MODIFIER LETTER APOSTROPHE}"


def text(card: Card, pressed: Collection[Button] = ()) -> str:
    """Write a post; `pressed` are the buttons that stand below it, all others are said in words."""
    title = f"#### {card.sign} {code(card.what)} → {code(card.where)}"
    return "\n".join([title, *map(_line, card.lines_beside(pressed))])


def code(text: str) -> str:
    """Write outside text as a code span that the server finds nothing in either."""
    shown = one_line(text, MAX_TEXT).replace("`", _APOSTROPHE) or "-"
    return f"`{set_apart(shown)}`"


def set_apart(text: str) -> str:
    """Write a text so that the server finds no hashtag, channel or mention in it."""
    for trigger in _TRIGGERS:
        text = text.replace(trigger, f"{trigger}{_APART}")
    return text


def _line(line: Line) -> str:
    return "".join(map(_span, line.spans))


def _span(span: Span) -> str:
    match span.voice:
        case Voice.OURS:
            return span.text
        case Voice.STRONG:
            words = span.text.strip()
            return span.text.replace(words, f"**{words}**")
        case Voice.CODE | Voice.QUOTE:
            return code(span.text)
