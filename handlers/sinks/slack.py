"""Slack as a place where people see how a request is going.

What is guaranteed: each channel shows a request in one message, and its end. Slack has no way to ask whether a message
was posted when the answer got lost. The post is repeated with the same `client_msg_id`, which Slack's errors speak of
and its documentation does not explain: at worst, a lost answer leaves a second message that is not edited any more.
"""

from uuid import NAMESPACE_URL, uuid5

from handlers.chat_api.slack import SlackApi
from handlers.environments import Environments
from handlers.model import Source
from handlers.sinks.card import Card
from handlers.sinks.channel_message import ChannelMessage
from handlers.sinks.channels import asked_in, told_in
from handlers.sinks.slack_blocks import payload


class SlackChat:
    """A `channel_message.Chat`."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def post(self, channel: str, card: Card, instead_of: str | None) -> str:
        """Post a card; return the message's `ts`."""
        return self._api.post(channel, payload(card), post_key(card.request, channel, instead_of))

    def edit(self, channel: str, message: str, card: Card) -> None:
        """Show a card in place of what a message shows."""
        self._api.update(channel, message, payload(card))


def slack_sinks(api: SlackApi, environments: Environments) -> tuple[ChannelMessage, ChannelMessage]:
    """Return the sinks `slack` (the channel where somebody asked) and `slack-notify` (the environment's channel)."""
    chat = SlackChat(api)
    return (
        ChannelMessage("slack", chat, asked_in(Source.SLACK), environments),
        ChannelMessage("slack-notify", chat, told_in(Source.SLACK, environments), environments),
    )


def post_key(request: str, channel: str, instead_of: str | None) -> str:
    """Return a UUID that is the same whenever the same message is posted again. Pure."""
    return str(uuid5(NAMESPACE_URL, f"slipway:{request}:{channel}:{instead_of or ''}"))
