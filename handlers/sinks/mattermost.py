"""Mattermost as a place where people see how a request is going.

What is guaranteed: each channel shows a request in one post, and its end. Where the post's id was lost, the post is
found again among the channel's latest by the request's id in its properties.
"""

from handlers.chat_api.mattermost import MattermostApi
from handlers.environments import Environments
from handlers.model import Source
from handlers.sinks.card import Card
from handlers.sinks.channel_message import ChannelMessage
from handlers.sinks.channels import asked_in, told_in
from handlers.sinks.mattermost_text import text


class MattermostChat:
    """A `channel_message.Chat`."""

    def __init__(self, api: MattermostApi) -> None:
        self._api = api

    def post(self, channel: str, card: Card, instead_of: str | None) -> str:
        """Post a card, or show it in the post that is there already; return the post's id."""
        found = self._api.find(channel, card.request)
        if found is not None:
            self._api.edit(channel, found, text(card))
            return found
        return self._api.post(channel, text(card), card.request, f"slipway:{card.request}:{channel}:{instead_of or ''}")

    def edit(self, channel: str, message: str, card: Card) -> None:
        """Show a card in place of what a post shows."""
        self._api.edit(channel, message, text(card))


def mattermost_sinks(api: MattermostApi, environments: Environments) -> tuple[ChannelMessage, ChannelMessage]:
    """Return the sinks `mattermost` (the channel where somebody asked) and `mattermost-notify` (the environment's)."""
    chat = MattermostChat(api)
    return (
        ChannelMessage("mattermost", chat, asked_in(Source.MATTERMOST), environments),
        ChannelMessage("mattermost-notify", chat, told_in(Source.MATTERMOST, environments), environments),
    )
