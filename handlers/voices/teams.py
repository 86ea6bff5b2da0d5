"""Speaking in Teams, through the Workflows URL."""

from typing import Any

from handlers.chat_api.workflows import TeamsWorkflow
from handlers.errors import SinkRefused
from handlers.model import Actor, Place, TeamsPlace
from handlers.ports import Offer
from handlers.sinks.teams_card import SCHEMA, VERSION, literal, to_copy
from handlers.voices.lines import addressed, lines_of, shortened

LONGEST = 16_000
"""Characters; a message with its card may have some 28 KB."""


class TeamsVoice:
    """Speaks in the channel that the Workflow posts to, whichever asked."""

    def __init__(self, workflow: TeamsWorkflow) -> None:
        self._workflow = workflow

    def say(self, place: Place, text: str, key: str, offer: Offer | None = None) -> None:  # noqa: ARG002 - no keys
        """Post a text, with an offer's command below it to be copied. Raises Unavailable, SinkRefused."""
        if not isinstance(place, TeamsPlace):
            raise SinkRefused(f"{place.kind} is not Teams")
        self._workflow.post(card(text, offer))

    def whisper(self, place: Place, to: Actor, text: str, key: str) -> None:
        """Say it in the channel: a Workflow knows nobody alone, and there are no buttons here to press."""
        self.say(place, addressed(to, text), key)


def card(text: str, offer: Offer | None = None) -> dict[str, Any]:
    """Write fixed-width text, a block a line: in text runs markdown and mentions are not read. Pure."""
    lines: list[dict[str, Any]] = [
        {
            "type": "RichTextBlock",
            "spacing": "None",
            "inlines": [{"type": "TextRun", "text": literal(line) or " ", "fontType": "Monospace"}],
        }
        for line in lines_of(shortened(text, LONGEST))
    ]
    if offer is not None:
        lines += to_copy(offer.label, offer.command)
    return {"$schema": SCHEMA, "type": "AdaptiveCard", "version": VERSION, "body": lines}
