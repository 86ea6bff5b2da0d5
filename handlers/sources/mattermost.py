"""Mattermost: slash commands and pressed buttons. Pure.

Source: *Custom slash commands* and *Interactive messages*, Mattermost's developer documentation, and its server's
`DoCommandRequest` and `DoPostActionWithCookie`. The token of a command comes twice, in `Authorization: Token ...` and
in the form. The header proves, so that nothing of a body is read that has not been proved; the form has to agree with
it. A press is JSON without any header of ours: what proves it stands in the body (`sealed`), and until then a body that
is anything else is just unproved.
"""

import json
import re
from datetime import datetime
from typing import Annotated

from pydantic import Field

from handlers import model
from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, HttpReply, Ignored, Reply
from handlers.sources.buttons import too_late
from handlers.sources.entrance import ANYWHERE, Rules
from handlers.sources.fields import MAX_TEXT, Payload, Token, read_fields, read_object, require_type, shown_name
from handlers.sources.forms import read_form
from handlers.sources.sealed import Sealed
from handlers.sources.signatures import is_any, usable

MAX_PRESS = 32 * 1024
"""Bytes of a press. Our choice: the server sends less than 2 KiB, and this is read before it is proved."""

_JSON = "application/json"
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


class _Press(Payload):
    team_id: str
    """Empty where the channel belongs to no team."""
    channel_id: MattermostId
    user_id: MattermostId
    user_name: str = ""
    trigger_id: Token


class MattermostSource:
    """Reads deliveries that carry one of the tokens, or its seal; several at a time let one be replaced."""

    def __init__(self, tokens: tuple[str, ...], rules: Rules = ANYWHERE) -> None:
        """Take the active tokens; without any nothing is proved."""
        self._tokens = usable(tokens)
        self._expected = [f"Token {token}" for token in self._tokens]
        self._rules = rules

    def read(self, delivery: Delivery, now: datetime) -> Event:
        """Prove the delivery, then read what it says. Raises Unproved, then Malformed."""
        if "authorization" not in delivery.headers and delivery.headers.get("content-type", "").startswith(_JSON):
            return self._pressed(delivery, now)
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
        return _given(command, command.text, pressed=False)

    def _pressed(self, delivery: Delivery, now: datetime) -> Event:
        """Prove by the seal that the button is ours, then read who pressed it."""
        if len(delivery.body) > MAX_PRESS:
            raise Unproved
        try:
            payload = read_object(delivery.body)
            button = read_fields(Sealed, payload.get("context"), "Mattermost")
        except Malformed:
            raise Unproved from None
        if not button.is_genuine(self._tokens):
            raise Unproved
        press = read_fields(_Press, payload, "Mattermost")
        refusal = self._rules.refuse(press.team_id, press.channel_id)
        if refusal is not None:
            return Ignored(refusal)
        if press.channel_id != button.channel:
            return Ignored("This button belongs to another channel.")
        if button.is_over(now):
            return Ignored(too_late(button.command))
        return _given(press, button.command, pressed=True)

    def render(self, reply: Reply) -> HttpReply:
        """Write the text for the person who typed or pressed, with 200: of any other answer nothing is shown.

        `text` is read from the answer to a command, `ephemeral_text` from the one to a press.
        """
        if not reply.text:
            return HttpReply(200, b"{}")
        text = as_written(reply.text)
        shown = {"response_type": "ephemeral", "text": text, "ephemeral_text": text, "skip_slack_parsing": True}
        return HttpReply(200, json.dumps(shown).encode())


def _given(who: _SlashCommand | _Press, text: str, *, pressed: bool) -> CommandGiven:
    return CommandGiven(
        text=text,
        actor=model.Actor(source=model.Source.MATTERMOST, id=who.user_id, name=shown_name(who.user_name, who.user_id)),
        place=model.MattermostPlace(channel=who.channel_id),
        delivery=who.trigger_id,
        pressed=pressed,
    )


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
