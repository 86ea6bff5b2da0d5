"""Speaking in Slack."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from handlers.chat_api.slack import SlackApi, SlackReplies
from handlers.errors import SinkRefused
from handlers.model import Place, SlackPlace
from handlers.sinks.slack_blocks import escape

LONGEST = 2_900
"""Characters that one block shows; Slack's limit is 3,000."""


class SlackVoice:
    """Speaks as the bot, or through the command's `response_url` where there is no bot."""

    def __init__(self, api: SlackApi | None, replies: SlackReplies) -> None:
        self._api = api
        self._replies = replies

    def say(self, place: Place, text: str) -> None:
        """Write a text in the channel. Raises Unavailable, SinkRefused."""
        if not isinstance(place, SlackPlace):
            raise SinkRefused(f"{place.kind} is not Slack")
        if self._api is not None:
            self._api.post(place.channel, payload(text), str(uuid5(NAMESPACE_URL, f"{place.channel}:{text}")))
        elif place.response_url is not None:
            self._replies.respond(place.response_url, payload(text), replace=False)
        else:
            raise SinkRefused("SLACK_BOT_TOKEN is not set, and the command came without a response_url")


def payload(text: str) -> dict[str, Any]:
    """Write fixed-width text: in a preformatted element Slack reads neither mentions nor markup. Pure."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n..."
    preformatted = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": shown}]}
    return {
        "text": escape(shown.splitlines()[0] if shown else "-"),
        "blocks": [{"type": "rich_text", "elements": [preformatted]}],
    }
