"""Mattermost: slash commands. Pure.

Source: *Custom slash commands*, Mattermost's developer documentation, and its server's `DoCommandRequest`. The token
comes twice, in `Authorization: Token ...` and in the form. The header proves, so that nothing of a body is read that
has not been proved; the form has to agree with it.
"""

import json
import re
from datetime import datetime
from typing import Annotated

from pydantic import Field

from handlers import model
from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, HttpReply, Ignored, Reply
from handlers.sources.entrance import ANYWHERE, Rules
from handlers.sources.fields import Payload, Token, read_fields, require_type, shown_name
from handlers.sources.forms import read_form
from handlers.sources.signatures import is_any, usable

MAX_TEXT = 100_000
"""Characters of a command. What is too long for a command is refused by its grammar, with a sentence."""

_MARKUP = re.compile(r"([\\`*_\[\]()#|~<>!])")
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=\w)")
_ZERO_WIDTH_SPACE = "\u200b"

MattermostId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]


class _SlashCommand(Payload):
    team_id: MattermostId
    channel_id: MattermostId
    user_id: MattermostId
    user_name: str = ""
    text: str = Field(default="", max_length=MAX_TEXT)
    trigger_id: Token


class MattermostSource:
    """Reads deliveries that carry one of the tokens; several at a time let one be replaced."""

    def __init__(self, tokens: tuple[str, ...], rules: Rules = ANYWHERE) -> None:
        """Take the active tokens; without any nothing is proved."""
        self._expected = [f"Token {token}" for token in usable(tokens)]
        self._rules = rules

    def read(self, delivery: Delivery, now: datetime) -> Event:  # noqa: ARG002 - Mattermost signs no time
        """Prove the delivery, then read what it says. Raises Unproved, then Malformed."""
        if not is_any(delivery.headers.get("authorization"), self._expected):
            raise Unproved
        require_type(delivery, "application/x-www-form-urlencoded", "; let the command send POST")
        form = read_form(delivery.body, (*_SlashCommand.model_fields, "token"))
        if not is_any(f"Token {form['token']}" if "token" in form else None, self._expected):
            raise Malformed("token", "must be the one of the header")
        command = read_fields(_SlashCommand, form, "Mattermost")
        refusal = self._rules.refuse(command.team_id, command.channel_id)
        if refusal is not None:
            return Ignored(refusal)
        return CommandGiven(
            text=command.text,
            actor=model.Actor(
                source=model.Source.MATTERMOST,
                id=command.user_id,
                name=shown_name(command.user_name, command.user_id),
            ),
            place=model.MattermostPlace(channel=command.channel_id),
            delivery=command.trigger_id,
        )

    def render(self, reply: Reply) -> HttpReply:
        """Write the text for the person who typed, with 200: Mattermost shows nothing of any other answer."""
        if not reply.text:
            return HttpReply(200, b"{}")
        text = as_written(reply.text)
        return HttpReply(200, json.dumps({"response_type": "ephemeral", "text": text}).encode())


def as_written(text: str) -> str:
    """Write a text so that Mattermost shows its characters, and calls nobody.

    A line loses its markup to backslashes; several stand in a fence that is longer than any inside.
    """
    text = _MENTION.sub(f"@{_ZERO_WIDTH_SPACE}", text)
    if "\n" not in text:
        return _MARKUP.sub(r"\\\1", text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
