"""A card as an Adaptive Card for Teams. Pure.

There are no buttons. A Workflow takes a card and hands nothing back, so `Action.Submit` and `Action.Execute` lead
nowhere. A deep link that fills a compose box exists for chats between people (`l/chat/0/0?users=...&message=...`),
while the outgoing webhook hears channels only: a link to a channel opens it and fills in nothing. So each command
stands on a line of its own, to be copied. The mention has to be typed: Teams makes one where somebody chooses it from
its list.

Outside text stands in text runs, which are shown as they are: markdown is read in text blocks only, and mentions
need an entity that we never send. `<` and `[` are set apart all the same, for clients that read more than they should.

Limits: version 1.2 of the schema, so that every Teams client shows it; some 28 KB for a message.
"""

from typing import Any

from handlers.model import Phase
from handlers.sinks.card import Card, Line, Part, Span, Voice

VERSION = "1.2"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"

MENTION = "@Slipway"
"""The outgoing webhook, by the name that docs/commands.md gives it."""

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
            *(_line(line) for line in card.lines),
            *(one for button in card.buttons for one in to_copy(button.purpose, button.typed)),
        ],
    }


def to_copy(purpose: str, command: str) -> list[dict[str, Any]]:
    """Write what to do for a purpose, and the command alone on its line, so that nothing else is copied with it."""
    line = _text_of([_run(literal(command), fontType="Monospace")])
    return [_text_of([_run(f"{purpose}, type {MENTION} and then:", isSubtle=True)]), {**line, "spacing": "None"}]


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
