"""Mattermost as a place where people see how a request is going.

What is guaranteed: each channel shows a request in one post, and its end. Where the post's id was lost, the post is
found again among the channel's latest by the request's id in its properties.
"""

from handlers.chat_api.mattermost import Attachments, MattermostApi
from handlers.environments import Environments
from handlers.model import Source
from handlers.sinks.card import Button, Card
from handlers.sinks.channel_message import ChannelMessage
from handlers.sinks.channels import asked_in, told_in
from handlers.sinks.mattermost_buttons import MattermostButtons
from handlers.sinks.mattermost_text import text


class MattermostChat:
    """A `channel_message.Chat`."""

    def __init__(self, api: MattermostApi, buttons: MattermostButtons | None) -> None:
        """Without `buttons` all commands are named in words."""
        self._api = api
        self._buttons = buttons

    def post(self, channel: str, card: Card, instead_of: str | None) -> str:
        """Post a card, or show it in the post that is there already; return the post's id."""
        found = self._api.find(channel, card.request)
        if found is not None:
            self.edit(channel, found, card)
            return found
        shown, attachments = self._written(channel, card)
        key = f"slipway:{card.request}:{channel}:{instead_of or ''}"
        return self._api.post(channel, shown, card.request, key, attachments)

    def edit(self, channel: str, message: str, card: Card) -> None:
        """Show a card in place of what a post shows."""
        shown, attachments = self._written(channel, card)
        self._api.edit(channel, message, shown, card.request, attachments)

    def _written(self, channel: str, card: Card) -> tuple[str, Attachments]:
        """Write the text, and as a button what may be one: nothing is asked here before a press is taken."""
        if self._buttons is None:
            return text(card), ()
        pressed = [button for button in card.buttons if button.until is not None]
        return text(card, pressed), [one for button in pressed for one in self._attach(button, channel)]

    def _attach(self, button: Button, channel: str) -> Attachments:
        if self._buttons is None or button.until is None:
            return ()
        return self._buttons.attach(button.in_full, button.command, channel, button.until)


def mattermost_sinks(
    api: MattermostApi, environments: Environments, buttons: MattermostButtons | None = None
) -> tuple[ChannelMessage, ChannelMessage]:
    """Return the sinks `mattermost` (the channel where somebody asked) and `mattermost-notify` (the environment's)."""
    chat = MattermostChat(api, buttons)
    return (
        ChannelMessage("mattermost", chat, asked_in(Source.MATTERMOST), environments),
        ChannelMessage("mattermost-notify", chat, told_in(Source.MATTERMOST, environments), environments),
    )
