"""Slack: slash commands and pressed buttons. Pure.

Source: *Verifying requests from Slack*, *Slash commands*, *block_actions payload*, docs.slack.dev. A delivery is
signed together with its time, so a copy of it proves nothing five minutes later. `ssl_check` proves nothing either: it
is answered like any other delivery, and unsigned ones with 401. Of the answer to a press Slack shows nothing: what is
to be said to its presser goes to its `response_url`, later.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from handlers import model
from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, HttpReply, Ignored, Ping, Reply
from handlers.outside_text import shorten
from handlers.sources.buttons import is_over, too_late
from handlers.sources.entrance import ANYWHERE, Rules
from handlers.sources.fields import MAX_TEXT, Payload, Token, read_fields, read_object, require_type, shown_name
from handlers.sources.forms import read_form
from handlers.sources.signatures import is_any, usable

WINDOW_S = 300
"""Seconds that a signed time may lie in the past or in the future; Slack's documentation says five minutes."""

_RESPONSE_URL = re.compile(r"https://hooks\.slack\.com/(?:commands|actions)(?:/[A-Za-z0-9_-]+)+")
"""The whole of it: no other scheme, host, port, user or dots in the path, whatever a URL parser makes of them."""


BLOCK = 3_000
"""Characters of a block's text, escaped. Slack's limit."""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _leads_to_slack(url: str) -> str:
    if not _RESPONSE_URL.fullmatch(url):
        raise ValueError
    return url


SlackId = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,40}$")]
ResponseUrl = Annotated[str, Field(max_length=500), AfterValidator(_leads_to_slack)]


class _SlashCommand(Payload):
    team_id: SlackId
    channel_id: SlackId
    user_id: SlackId
    user_name: str = ""
    text: str = Field(default="", max_length=MAX_TEXT)
    trigger_id: Token
    response_url: ResponseUrl | None = None
    bot_id: str = ""


_FIELDS = (*_SlashCommand.model_fields, "payload", "ssl_check")


class _Team(Payload):
    id: SlackId


class _Channel(Payload):
    id: SlackId


class _User(Payload):
    id: SlackId
    name: str = ""
    team_id: SlackId | None = None


class _Container(Payload):
    channel_id: SlackId | None = None


class _Action(Payload):
    type: str
    value: str | None = Field(default=None, max_length=MAX_TEXT)
    block_id: str = ""
    """May say until when the button means something (`buttons`)."""


class _BlockActions(Payload):
    user: _User
    team: _Team | None = None
    """None where the app is installed for a whole organisation; then the user's team says it."""
    channel: _Channel | None = None
    container: _Container = _Container()
    actions: list[_Action] = Field(min_length=1, max_length=1)
    trigger_id: Token
    response_url: ResponseUrl | None = None
    bot_id: str = ""


class SlackSource:
    """Reads deliveries that are signed with one of the secrets; several at a time let one be replaced."""

    def __init__(self, secrets: tuple[str, ...], rules: Rules = ANYWHERE) -> None:
        """Take the active signing secrets; without any nothing is proved."""
        self._secrets = usable(secrets)
        self._rules = rules

    def read(self, delivery: Delivery, now: datetime) -> Event:
        """Prove the delivery, then read what it says. Raises Unproved, then Malformed."""
        if not is_signed(delivery, self._secrets, now):
            raise Unproved
        require_type(delivery, "application/x-www-form-urlencoded")
        form = read_form(delivery.body, _FIELDS)
        if form.get("ssl_check") == "1":
            return Ping()
        if "payload" in form:
            return self._pressed(form["payload"], now)
        command = read_fields(_SlashCommand, form, "Slack")
        return self._given(
            command.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
            model.SlackPlace(team=command.team_id, channel=command.channel_id, response_url=command.response_url),
            user=_User(id=command.user_id, name=command.user_name),
            bot=command.bot_id,
            delivery=command.trigger_id,
        )

    def render(self, reply: Reply) -> HttpReply:
        """Write the text for the person who typed, with 200: Slack shows nothing of any other answer.

        A sentence is plain text, lines are a code block: in neither is anything formatted or made a link.
        """
        if not reply.text:
            return HttpReply(200, b"", "text/plain")
        shown: dict[str, object] = {"response_type": "ephemeral", "text": _escaped(reply.text)}
        if "\n" in reply.text:
            shown["text"] = f"```\n{_escaped(reply.text).replace('```', '` ` `')}\n```"
        else:
            fits = reply.text if len(_escaped(reply.text)) <= BLOCK else shorten(reply.text, BLOCK // len("&amp;"))
            plain = {"type": "plain_text", "text": _escaped(fits), "emoji": False}
            shown["blocks"] = [{"type": "section", "text": plain}]
        return HttpReply(200, json.dumps(shown).encode())

    def _pressed(self, text: str, now: datetime) -> Event:
        """Read a pressed button: its value is a command, as if its presser had typed it."""
        payload = read_object(text.encode())
        if payload.get("type") != "block_actions":
            return Ignored("Only buttons are understood here.")
        pressed = read_fields(_BlockActions, payload, "Slack")
        action = pressed.actions[0]
        channel = pressed.channel.id if pressed.channel else pressed.container.channel_id
        team = pressed.team.id if pressed.team else pressed.user.team_id
        if action.type != "button" or not action.value:
            return Ignored("Only a button with a command on it does something.")
        if channel is None:
            return Ignored("Buttons work in channels only.")
        if team is None:
            raise Malformed("team", "missing")
        place = model.SlackPlace(team=team, channel=channel, response_url=pressed.response_url)
        given = self._given(action.value, place, pressed.user, pressed.bot_id, pressed.trigger_id, pressed=True)
        if isinstance(given, CommandGiven) and is_over(action.block_id, now):
            return Ignored(too_late(action.value), given)
        return given

    def _given(
        self, text: str, place: model.SlackPlace, user: _User, bot: str, delivery: str, *, pressed: bool = False
    ) -> CommandGiven | Ignored:
        if bot or user.id == "USLACKBOT":
            return Ignored("Commands are taken from people, not from bots.")
        actor = model.Actor(source=model.Source.SLACK, id=user.id, name=shown_name(user.name, user.id))
        given = CommandGiven(text=text, actor=actor, place=place, delivery=delivery, pressed=pressed)
        refusal = self._rules.refuse(place.team, place.channel)
        if refusal is not None:
            return Ignored(refusal, given if pressed else None)
        return given


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Write the `X-Slack-Signature` of a body at a time: `v0=` and 64 hex digits in lower case."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(delivery: Delivery, secrets: Iterable[str], now: datetime) -> bool:
    """Say whether the delivery was signed by one of the secrets, within the window around now."""
    timestamp = delivery.headers.get("x-slack-request-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    expected = [sign(secret, timestamp, delivery.body) for secret in secrets]
    signed = is_any(delivery.headers.get("x-slack-signature"), expected)
    return signed and abs(now.timestamp() - int(timestamp)) <= WINDOW_S
