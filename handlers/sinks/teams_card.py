"""A card as an Adaptive Card for Teams. Pure.

Outside text stands in text runs, which are shown as they are: markdown is read in text blocks only, and mentions
need an entity that we never send. `<` and `[` are set apart all the same, for clients that read more than they should.

Limits: version 1.2 of the schema, so that every Teams client shows it; some 28 KB for a message.
"""

from typing import Any

from handlers.model import Phase
from handlers.sinks.card import Card, Line, Part, Span, Voice

VERSION = "1.2"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"

MAX_BYTES = 28 * 1024
"""Of a message with its card, as Teams documents it."""

_APART = "\N{ZERO WIDTH SPACE}"
_STYLES = {
    Phase.QUEUED: "accent",
    Phase.IN_PROGRESS: "accent",
    Phase.SUCCESS: "good",
    Phase.FAILURE: "attention",
    Phase.ERROR: "warning",
}
_SUBTLE = {Part.FACTS, Part.WAITING, Part.IDS, Part.HINT}


def adaptive_card(card: Card) -> dict[str, Any]:
    """Write an Adaptive Card."""
    title = _run(f"{card.sign} {literal(card.what)} → {literal(card.where)}", size="Large", weight="Bolder")
    return {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": f"{card.sign} {card.standing}, request {card.request}",
        "body": [
            {"type": "Container", "style": _STYLES[card.phase], "bleed": True, "items": [_text_of([title])]},
            *(_line(line) for line in card.lines_without_buttons),
        ],
    }


def literal(text: str) -> str:
    """Return outside text with nothing in it that could begin a tag or a link."""
    return text.replace("<", f"<{_APART}").replace("](", f"]{_APART}(")


def _line(line: Line) -> dict[str, Any]:
    return _text_of([_span(span, subtle=line.part in _SUBTLE) for span in line.spans])


def _span(span: Span, *, subtle: bool) -> dict[str, Any]:
    look: dict[str, Any] = {"isSubtle": True} if subtle else {}
    match span.voice:
        case Voice.OURS:
            return _run(span.text, **look)
        case Voice.STRONG:
            return _run(span.text, weight="Bolder", **look)
        case Voice.CODE:
            return _run(literal(span.text), fontType="Monospace", **look)
        case Voice.QUOTE:
            return _run(literal(span.text), **look)


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **look}


def _text_of(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": runs}
