"""One message for each request in one channel, edited as things move: for chats whose bots can edit."""

from collections.abc import Mapping
from typing import Protocol

from handlers.chat_api.errors import MessageGone
from handlers.environments import Environments
from handlers.model import DeploymentRequest, Phase
from handlers.sinks.card import Card, card_of
from handlers.sinks.channels import Where
from handlers.telling.report import Report


class Chat(Protocol):
    """What a chat's bot can do. Every method may raise Unavailable and SinkRefused."""

    def post(self, channel: str, card: Card, instead_of: str | None) -> str:
        """Post a card; return the message's id. `instead_of` is the id of a message that is gone.

        Where an earlier post of the same request may be there, its message is used again as far as the chat allows.
        """

    def edit(self, channel: str, message: str, card: Card) -> None:
        """Show a card in place of what a message shows. Raises MessageGone."""


class ChannelMessage:
    """A sink: requests in the channel that `where` names. Threads may share it.

    Its references are `id:<channel>`, the message's id, and `phase:<channel>`, the last phase that it shows.
    """

    def __init__(self, name: str, chat: Chat, where: Where, environments: Environments) -> None:
        self.name = name
        self._chat = chat
        self._where = where
        self._environments = environments

    def concerns(self, request: DeploymentRequest) -> bool:
        """Say whether there is a channel for it."""
        return self._where(request) is not None

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Show the report in the request's message; post it where there is none or somebody has deleted it.

        Raises Unavailable, SinkRefused.
        """
        channel = self._where(report.request)
        if channel is None or _is_further(references.get(f"phase:{channel}"), report.phase):
            return references
        card = card_of(report, self._environments.get(report.request.environment))
        message = references.get(f"id:{channel}")
        if message is not None:
            try:
                self._chat.edit(channel, message, card)
            except MessageGone:
                message = self._chat.post(channel, card, instead_of=message)
        else:
            message = self._chat.post(channel, card, instead_of=None)
        return {**references, f"id:{channel}": message, f"phase:{channel}": report.phase.value}


def _is_further(shown: str | None, phase: Phase) -> bool:
    """Say whether the place shows a later phase already."""
    return shown is not None and phase.comes_before(Phase(shown))
