"""Microsoft Teams: an outgoing webhook, called by mentioning it in a channel. Pure.

Source: *Create and send messages with outgoing webhooks*, Microsoft Teams documentation. The answer is the only thing
that can be said this way, within five seconds. No time is signed; a message is known by its id.
"""

import base64
import binascii
import hashlib
import hmac
import html
import json
import re
from datetime import datetime
from typing import Annotated

from pydantic import Field

from handlers import model
from handlers.errors import Malformed, SettingsWrong, Unproved
from handlers.events import CommandGiven, Delivery, Event, HttpReply, Ignored, Reply
from handlers.sources.entrance import ANYWHERE, Rules
from handlers.sources.fields import MAX_TEXT, Payload, Token, read_fields, read_object, require_type, shown_name
from handlers.sources.signatures import is_any, usable

_AROUND = re.compile(r"\s+|&nbsp;|</?(?:p|div)(?:\s[^<>]*)?>|<at[^<>]*>[^<>]*</at>")
"""What stands before and after a command: the mention, and the paragraph that Teams puts around formatted text."""

EntraId = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]


class _From(Payload):
    id: str = ""
    aadObjectId: EntraId  # noqa: N815 - Teams' name
    name: str | None = None


class _Conversation(Payload):
    id: Token
    tenantId: str = ""  # noqa: N815 - Teams' name


class _Tenant(Payload):
    id: str


class _ChannelData(Payload):
    tenant: _Tenant | None = None


class _Message(Payload):
    id: Token
    text: str = Field(max_length=MAX_TEXT)
    sender: _From = Field(alias="from")
    conversation: _Conversation
    channelData: _ChannelData = _ChannelData()  # noqa: N815 - Teams' name

    @property
    def workspace(self) -> str:
        """The tenant's id. Where it stands has changed over the years; newer messages say it in both places."""
        return self.channelData.tenant.id if self.channelData.tenant else self.conversation.tenantId


class TeamsSource:
    """Reads deliveries that are signed with one of the secrets; several at a time let one be replaced."""

    def __init__(self, secrets: tuple[str, ...], rules: Rules = ANYWHERE) -> None:
        """Take the active secrets, in base64 as Teams shows them. Raises SettingsWrong where one is not that."""
        self._keys = [_key(secret) for secret in usable(secrets)]
        self._rules = rules

    def read(self, delivery: Delivery, now: datetime) -> Event:  # noqa: ARG002 - Teams signs no time
        """Prove the delivery, then read what it says. Raises Unproved, then Malformed."""
        if not is_any(delivery.headers.get("authorization"), [sign(key, delivery.body) for key in self._keys]):
            raise Unproved
        require_type(delivery, "application/json")
        payload = read_object(delivery.body)
        if payload.get("type") != "message":
            return Ignored("Only messages are understood here.")
        message = read_fields(_Message, payload, "Teams")
        if message.sender.id.startswith("28:"):
            return Ignored("Commands are taken from people, not from bots.")
        channel = message.conversation.id.partition(";")[0]
        refusal = self._rules.refuse(message.workspace, channel)
        if refusal is not None:
            return Ignored(refusal)
        person = message.sender.aadObjectId.lower()
        return CommandGiven(
            text=command_in(message.text),
            actor=model.Actor(source=model.Source.TEAMS, id=person, name=shown_name(message.sender.name, person)),
            place=model.TeamsPlace(channel=channel),
            delivery=message.id,
        )

    def render(self, reply: Reply) -> HttpReply:
        """Write the text as a message in the same thread, with 200: Teams shows nothing of any other answer."""
        return HttpReply(200, json.dumps({"type": "message", "textFormat": "plain", "text": reply.text}).encode())


def sign(key: bytes, body: bytes) -> str:
    """Write the `Authorization` of a body: `HMAC ` and the base64 of HMAC-SHA256."""
    return "HMAC " + base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


def command_in(text: str) -> str:
    """Return a message's text without the mention at its beginning or end, and without HTML's escapes.

    Raises Malformed where an escape has more digits than Python reads, which no character has.
    """
    around = [match.span() for match in _AROUND.finditer(text)]
    start, end = 0, len(text)
    for begins, ends in around:
        if begins == start:
            start = ends
    for begins, ends in reversed(around):
        if ends == end > start:
            end = begins
    try:
        return html.unescape(text[start:end])
    except ValueError:
        raise Malformed("text", "must not hold an escape of thousands of digits") from None


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret, validate=True)
    except binascii.Error:
        raise SettingsWrong("teams: a secret is not base64; it is the security token that Teams showed") from None
    if not key:
        raise SettingsWrong("teams: a secret is empty")
    return key
