"""A card in Slack's Block Kit. Pure.

Outside text stands in code spans or in `plain_text`, with `& < >` escaped everywhere: Slack knows mentions, channels
and links only between angle brackets, and formatting neither in code nor in plain text. Nothing is turned into a link
or a mention by itself (`verbatim`, and `parse: none` beside it).

Limits, docs.slack.dev: 50 blocks, 150 characters of a header, 3,000 of a section, 75 of a button's label, 2,000 of its
value, 300 of a question.
"""

from typing import Any

from handlers.outside_text import one_line, shorten
from handlers.sinks.card import Button, Card, Line, Part, Span, Voice

MAX_HEADER = 150
MAX_SECTION = 3000

_APOSTROPHE = "\N{MODIFIER LETTER APOSTROPHE}"
_SMALL = {Part.FACTS, Part.WAITING, Part.IDS, Part.HINT}
"""Lines that are small and grey."""


def payload(card: Card, *, buttons: bool = True) -> dict[str, Any]:
    """Write `text` (for notifications and screen readers) and `blocks`. Without buttons, hints stand for them."""
    blocks = [_header(card), *(_block(line) for line in (card.lines if buttons else card.lines_without_buttons))]
    if buttons and card.buttons:
        blocks.append({"type": "actions", "elements": [_button(button) for button in card.buttons]})
    return {"text": _summary(card), "blocks": blocks}


def escape(text: str) -> str:
    """Escape the three characters that Slack reads as control characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Write outside text as a code span."""
    return f"`{in_code(one_line(text, MAX_SECTION)) or '-'}`"


def in_code(text: str) -> str:
    """Write outside text that stands in code. There is no escape for a backtick there: it becomes an apostrophe."""
    return escape(text.replace("`", _APOSTROPHE))


def fitted(text: str, limit: int) -> str:
    """Return outside text escaped, cut so that it has at most `limit` characters as it is sent."""
    shown = one_line(text, limit) or "-"
    room = limit
    while len(escape(shown)) > limit:
        room -= 1
        shown = shorten(shown, room)
    return escape(shown)


def _summary(card: Card) -> str:
    return f"{card.sign} {code(card.what)} → {code(card.where)}: {escape(card.standing)}"


def _header(card: Card) -> dict[str, Any]:
    return {"type": "header", "text": _plain(f"{card.sign} {card.what} → {card.where}", MAX_HEADER)}


def _block(line: Line) -> dict[str, Any]:
    quoted = [span for span in line.spans if span.voice is Voice.QUOTE]
    if quoted:
        return {"type": "section", "text": _plain(" ".join(span.text for span in quoted), MAX_SECTION)}
    text = {"type": "mrkdwn", "text": "".join(map(_span, line.spans)), "verbatim": True}
    if line.part in _SMALL:
        return {"type": "context", "elements": [text]}
    return {"type": "section", "text": text}


def _span(span: Span) -> str:
    match span.voice:
        case Voice.OURS:
            return escape(span.text)
        case Voice.STRONG:
            words = span.text.strip()
            return span.text.replace(words, f"*{escape(words)}*")
        case Voice.CODE | Voice.QUOTE:
            return code(span.text)


def _button(button: Button) -> dict[str, Any]:
    style = "danger" if button.takes_back else "primary"
    return {
        "type": "button",
        "text": _plain(button.label, 75),
        "action_id": f"slipway-{button.command.split()[0]}",
        "value": button.command,
        "style": style,
        "confirm": {
            "title": _plain(f"{button.label}?", 100),
            "text": _plain(button.question, 300),
            "confirm": _plain(button.label, 30),
            "deny": _plain("No", 30),
            "style": style,
        },
    }


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": fitted(text, limit), "emoji": False}
