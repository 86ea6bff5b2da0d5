"""Speaking in Slack."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from handlers.chat_api.slack import SlackApi, SlackReplies
from handlers.errors import SinkRefused
from handlers.model import Actor, Place, SlackPlace
from handlers.ports import Offer
from handlers.sinks.slack_blocks import in_code
from handlers.sources.buttons import block_id
from handlers.voices.lines import addressed, lines_of

LONGEST = 2_900
"""Characters that one block shows, as they are sent; Slack's limit is 3,000."""


class SlackVoice:
    """Speaks as the bot, or through the command's `response_url` where there is no bot."""

    def __init__(self, api: SlackApi | None, replies: SlackReplies) -> None:
        self._api = api
        self._replies = replies

    def say(self, place: Place, text: str, key: str, offer: Offer | None = None) -> None:
        """Write a text in the channel. Raises Unavailable, SinkRefused."""
        if not isinstance(place, SlackPlace):
            raise SinkRefused(f"{place.kind} is not Slack")
        if self._api is not None:
            self._api.post(place.channel, payload(text, offer), str(uuid5(NAMESPACE_URL, key)))
        elif place.response_url is not None:
            self._replies.respond(place.response_url, payload(text), replace=False)
        else:
            raise SinkRefused("SLACK_BOT_TOKEN is not set, and the command came without a response_url")

    def whisper(self, place: Place, to: Actor, text: str, key: str) -> None:
        """Answer a press through its `response_url`, for its presser's eyes. Raises Unavailable, SinkRefused."""
        if isinstance(place, SlackPlace) and place.response_url is not None:
            self._replies.whisper(place.response_url, payload(text))
        else:
            self.say(place, addressed(to, text), key)


def payload(text: str, offer: Offer | None = None) -> dict[str, Any]:
    """Write fixed-width text in a code block. Pure.

    Slack knows mentions and links only between angle brackets, which are escaped; nothing else in a code block has a
    meaning but the backticks that end it, which become apostrophes.
    """
    lines = [in_code(line) for line in lines_of(text)] or ["-"]
    while len("\n".join(lines)) > LONGEST:
        lines = [*lines[:-2], "..."] if len(lines) > 1 else [lines[0][: LONGEST - 10]]
    block = {"type": "mrkdwn", "text": "```\n" + "\n".join(lines) + "\n```", "verbatim": True}
    blocks: list[dict[str, Any]] = [{"type": "section", "text": block}]
    if offer is not None:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": offer.label, "emoji": False},
            "action_id": f"slipway-{offer.command.split()[0]}",
            "value": offer.command,
        }
        blocks.append({"type": "actions", "block_id": block_id(offer.until), "elements": [button]})
    return {"text": lines[0], "blocks": blocks}
