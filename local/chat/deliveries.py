"""What people do in a chat, as the signed HTTP calls that the chats make of it.

Sources: *Slash commands*, *block_actions payload* and *Verifying requests from Slack*, docs.slack.dev; *Create and send
messages with outgoing webhooks*, Microsoft Teams; *Slash commands*, Mattermost.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

TEAM = "T0TEAM"
APP = "A0SLIPWAY"


@dataclass(frozen=True)
class Person:
    """Somebody in a chat."""

    id: str
    """Slack's `U...`, Teams' Entra object id, Mattermost's user id."""
    name: str


Delivery = tuple[dict[str, str], bytes]
"""Headers and body of one call, ready to be sent."""


def slash_command(
    secret: str,
    text: str,
    *,
    user: Person,
    channel: str,
    team: str = TEAM,
    command: str = "/slipway",
    response_url: str | None = None,
    trigger_id: str | None = None,
    at: float | None = None,
) -> Delivery:
    """Build and sign a Slack command. `at` is the time of its signature, in seconds since 1970; now by default."""
    trigger = trigger_id or _trigger()
    form = {
        "token": "deprecated-verification-token",
        "team_id": team,
        "team_domain": "example",
        "channel_id": channel,
        "channel_name": "releases",
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url or f"https://hooks.slack.com/commands/{team}/{uuid4().int % 10**12}/{uuid4().hex}",
        "trigger_id": trigger,
    }
    return _signed_by_slack(secret, urlencode(form).encode(), at)


def block_action(
    secret: str,
    value: str,
    *,
    user: Person,
    channel: str,
    team: str = TEAM,
    action_id: str | None = None,
    block_id: str = "b1",
    message_ts: str = "1700000000.000100",
    message: Mapping[str, Any] | None = None,
    button: Mapping[str, Any] | None = None,
    response_url: str | None = None,
    trigger_id: str | None = None,
    at: float | None = None,
) -> Delivery:
    """Build and sign a press of a button whose value is `value`.

    `message` is the content of the message that it stands in, and `button` the element; Slack sends both back.
    """
    payload: dict[str, object] = {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": team},
        "api_app_id": APP,
        "token": "deprecated-verification-token",
        "container": {"type": "message", "message_ts": message_ts, "channel_id": channel, "is_ephemeral": False},
        "trigger_id": trigger_id or _trigger(),
        "team": {"id": team, "domain": "example"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": "releases"},
        "message": {"type": "message", "ts": message_ts, "text": "", **(message or {})},
        "state": {"values": {}},
        "response_url": response_url or f"https://hooks.slack.com/actions/{team}/{uuid4().int % 10**12}/{uuid4().hex}",
        "actions": [
            {
                "type": "button",
                "action_id": action_id or f"slipway-{value.split(maxsplit=1)[0]}",
                "block_id": block_id,
                "text": {"type": "plain_text", "text": value.split(maxsplit=1)[0].capitalize(), "emoji": False},
                "value": value,
                "style": "danger",
                **(button or {}),
                "action_ts": f"{time.time():.6f}",
            }
        ],
    }
    return _signed_by_slack(secret, urlencode({"payload": json.dumps(payload)}).encode(), at)


def press(secret: str, shown: Mapping[str, Any], label: str, *, user: Person, **more: Any) -> Delivery:
    """Press the button with this label on a message, as `/_slack/messages` shows it. Raises LookupError.

    `more`: what `block_action` takes.
    """
    rows = [block for block in shown["content"]["blocks"] if block["type"] == "actions"]
    found = [(one, row) for row in rows for one in row["elements"] if one["text"]["text"] == label]
    if not found:
        raise LookupError(f"no button {label} on: {shown['shown']}")
    button, row = found[0]
    return block_action(
        secret,
        button["value"],
        user=user,
        channel=shown["channel"],
        action_id=button["action_id"],
        block_id=row.get("block_id", "b1"),
        message_ts=shown["id"],
        message=shown["content"],
        button=button,
        **more,
    )


def teams_message(
    secret: str,
    text: str,
    *,
    user: Person,
    channel: str = "19:releases@thread.tacv2",
    webhook: str = "slipway",
    message_id: str | None = None,
) -> Delivery:
    """Build and sign a message that mentions an outgoing webhook. `secret` is base64, as Teams shows it."""
    number = message_id or str(int(time.time() * 1000) + uuid4().int % 1000)
    conversation = f"{channel};messageid={number}"
    payload = {
        "type": "message",
        "id": number,
        "timestamp": "2026-03-01T12:00:00.000Z",
        "localTimestamp": "2026-03-01T13:00:00.000+01:00",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "channelId": "msteams",
        "from": {"id": f"29:{uuid4().hex}", "name": user.name, "aadObjectId": user.id},
        "conversation": {
            "isGroup": True,
            "id": conversation,
            "name": None,
            "conversationType": "channel",
            "tenantId": "72f988bf-0000-0000-0000-2d7cd011db47",
        },
        "recipient": None,
        "textFormat": "plain",
        "attachmentLayout": None,
        "membersAdded": [],
        "text": f"<at>{webhook}</at> {_html(text)}\r\n",
        "attachments": [{"contentType": "text/html", "content": f"<div><at>{webhook}</at> {_html(text)}</div>"}],
        "entities": [{"type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web"}],
        "channelData": {
            "teamsChannelId": channel,
            "teamsTeamId": "19:team@thread.tacv2",
            "channel": {"id": channel},
            "team": {"id": "19:team@thread.tacv2"},
            "tenant": {"id": "72f988bf-0000-0000-0000-2d7cd011db47"},
        },
        "locale": "en-US",
    }
    body = json.dumps(payload, ensure_ascii=False).encode()
    mac = hmac.new(base64.b64decode(secret), body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Authorization": f"HMAC {base64.b64encode(mac).decode()}",
    }, body


def mattermost_command(
    token: str,
    text: str,
    *,
    user: Person,
    channel: str,
    team: str = "teamteamteamteamteamteamte",
    command: str = "/slipway",
    server: str = "https://chat.example.com",
    trigger_id: str | None = None,
) -> Delivery:
    """Build a Mattermost command: nothing is signed, the token proves it."""
    form = {
        "channel_id": channel,
        "channel_name": "releases",
        "command": command,
        "response_url": f"{server}/hooks/commands/{uuid4().hex[:26]}",
        "team_domain": "example",
        "team_id": team,
        "text": text,
        "token": token,
        "trigger_id": trigger_id or base64.b64encode(uuid4().bytes + uuid4().bytes).decode(),
        "user_id": user.id,
        "user_name": user.name,
    }
    headers = {
        "Accept": "application/json",
        "Authorization": f"Token {token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "mattermost-9.11",
    }
    return headers, urlencode(form).encode()


def mattermost_press(
    context: Mapping[str, Any],
    *,
    user: Person,
    channel: str,
    post: str = "postpostpostpostpostpostpo",
    team: str = "teamteamteamteamteamteamte",
    trigger_id: str | None = None,
) -> Delivery:
    """Build a press of a button in Mattermost, as the server sends it: nothing but its context is ours."""
    payload = {
        "user_id": user.id,
        "user_name": user.name,
        "channel_id": channel,
        "channel_name": "releases",
        "team_id": team,
        "team_domain": "example",
        "post_id": post,
        "trigger_id": trigger_id or base64.b64encode(uuid4().bytes * 10).decode(),
        "type": "button",
        "data_source": "",
        "context": dict(context),
    }
    headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "mattermost-10.5"}
    return headers, json.dumps(payload).encode()


def _signed_by_slack(secret: str, body: bytes, at: float | None) -> Delivery:
    timestamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }, body


def _trigger() -> str:
    return f"{uuid4().int % 10**12}.{uuid4().int % 10**12}.{uuid4().hex}"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
