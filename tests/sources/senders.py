"""The senders: what each would have sent, signed as it signs."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from handlers.events import Delivery
from handlers.sources import Entrance, Rules, Sources, sources_from
from handlers.sources.sealed import seal

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
GITHUB_SECRET = "a webhook's secret"
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAMS_SECRET = base64.b64encode(b"thirty-two bytes of a teams key!").decode()
MATTERMOST_TOKEN = "xr3j5x3p4pfk7kk6ck7b4e6ghh"
PERSON = "7faf8c9b-0b5c-4a2d-9d1f-3d5b8f6f7a11"
CAP = 5 * 1024 * 1024

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
FORM = "application/x-www-form-urlencoded"
RESPONSE_URL = "https://hooks.slack.com/commands/T0001/1234567890/AbCdEf"
ACTION_URL = "https://hooks.slack.com/actions/T0001/1234567890/AbCdEf"


def every_source(rules: Rules | None = None, **secrets: str) -> Sources:
    """Return all four, each with its secret or the one that is given."""
    active = {
        "github": GITHUB_SECRET,
        "slack": SLACK_SECRET,
        "teams": TEAMS_SECRET,
        "mattermost": MATTERMOST_TOKEN,
        **secrets,
    }
    return sources_from({name: Entrance(tuple(given.split(",")), rules or Rules()) for name, given in active.items()})


def headers(**given: str | None) -> dict[str, str]:
    """Write headers; underscores in names are dashes, and None leaves one out."""
    return {name.replace("_", "-"): value for name, value in given.items() if value is not None}


def slack(body: bytes, at: datetime = NOW, secret: str = SLACK_SECRET, **more: str | None) -> Delivery:
    """Sign a body as Slack's own library does."""
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    given = {"content_type": FORM, "x_slack_request_timestamp": timestamp, "x_slack_signature": signature, **more}
    return Delivery("slack", headers(**given), body)


def slash_fields(text: str = "status", **fields: str | None) -> dict[str, str]:
    """Return the fields that Slack documents for a slash command; None leaves one out."""
    given = {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO",
        "team_id": "T0001",
        "team_domain": "example",
        "enterprise_id": "E0001",
        "enterprise_name": "Globular%20Construct%20Inc",
        "channel_id": "C2147483705",
        "channel_name": "test",
        "user_id": "U2147483697",
        "user_name": "Steve",
        "command": "/slipway",
        "text": text,
        "response_url": RESPONSE_URL,
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "api_app_id": "A123456",
        **fields,
    }
    return {name: value for name, value in given.items() if value is not None}


def slash(text: str = "status", at: datetime = NOW, **fields: str | None) -> Delivery:
    """Send a slash command in Slack."""
    return slack(urlencode(slash_fields(text, **fields)).encode(), at)


def press(value: str | None = "rollback production", **fields: Any) -> Delivery:
    """Press a button in Slack; `...` leaves a field of the payload out."""
    action = {"action_id": "again", "block_id": "b", "type": "button", "value": value, "action_ts": "1548426417.840180"}
    given = {
        "type": "block_actions",
        "team": {"id": "T0001", "domain": "example"},
        "user": {"id": "U2147483697", "username": "steve", "name": "steve", "team_id": "T0001"},
        "api_app_id": "A123456",
        "token": "9s8d9as89d8as9d8as989",
        "container": {"type": "message", "message_ts": "1548261231.000200", "channel_id": "C2147483705"},
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "channel": {"id": "C2147483705", "name": "review-updates"},
        "message": {"bot_id": "BAH5CA16Z", "type": "message", "text": "It failed.", "user": "UAJ2RU415"},
        "response_url": ACTION_URL,
        "actions": [{name: text for name, text in action.items() if text is not None}],
        **fields,
    }
    payload = {name: field for name, field in given.items() if field is not ...}
    return slack(urlencode({"payload": json.dumps(payload)}).encode())


def teams(body: bytes, secret: str = TEAMS_SECRET, **more: str | None) -> Delivery:
    """Sign a body as Teams does."""
    digest = hmac.new(base64.b64decode(secret), body, hashlib.sha256).digest()
    given = {
        "content_type": "application/json; charset=utf-8",
        "authorization": f"HMAC {base64.b64encode(digest).decode()}",
        **more,
    }
    return Delivery("teams", headers(**given), body)


def activity(text: str = "<at>Slipway</at> status\n", **fields: Any) -> bytes:
    """Write the activity of a message in a channel; `...` leaves a field out."""
    given = {
        "type": "message",
        "id": "1485983408511",
        "timestamp": "2026-05-04T03:02:00.437Z",
        "serviceUrl": "https://smba.trafficmanager.net/amer/",
        "channelId": "msteams",
        "from": {"id": "29:1XJKJMvc5GBtc2JwZq0oj8tHZmzrQgFmB39ATiQWA85gQtHieVkKilBZ9XHoq9j7Zaqt7CZ",
                 "name": "Megan Bowen", "aadObjectId": PERSON},
        "conversation": {"isGroup": True, "id": "19:253b1f34@thread.skype;messageid=1485983194839", "name": None},
        "recipient": None,
        "textFormat": "plain",
        "text": text,
        "attachments": [{"contentType": "text/html", "content": "<div>...</div>"}],
        "channelData": {
            "teamsChannelId": "19:253b1f34@thread.skype",
            "teamsTeamId": "19:712c61d0@thread.skype",
            "tenant": {"id": TENANT},
        },
        "replyToId": None,
        **fields,
    }  # fmt: skip
    return json.dumps({name: field for name, field in given.items() if field is not ...}).encode()


def mention(text: str = "<at>Slipway</at> status\n", **fields: Any) -> Delivery:
    """Mention the webhook in Teams."""
    return teams(activity(text, **fields))


def mattermost(body: bytes, token: str = MATTERMOST_TOKEN, **more: str | None) -> Delivery:
    """Send a body as Mattermost does."""
    given = {"content_type": FORM, "accept": "application/json", "authorization": f"Token {token}", **more}
    return Delivery("mattermost", headers(**given), body)


def mattermost_fields(text: str = "status", **fields: str | None) -> dict[str, str]:
    """Return the fields that Mattermost sends; None leaves one out."""
    given = {
        "token": MATTERMOST_TOKEN,
        "team_id": "rdc9bgriktyx9p4kowh3dmgqyc",
        "team_domain": "contoso",
        "channel_id": "fukrydy7x3nh8jmdjkpyf7sryo",
        "channel_name": "deployments",
        "user_id": "rnina9994bde8mua79zqcg5hmo",
        "user_name": "somename",
        "command": "/slipway",
        "text": text,
        "trigger_id": "ZGZzZmRmc2ZkZjpybmluYTk5OTRiZGU4bXVhNzl6cWNnNWhtbzoxNQ==",
        "response_url": "https://chat.contoso.com/hooks/commands/h67a9ei9gtgdjpz96f5ua9gg5r",
        **fields,
    }
    return {name: value for name, value in given.items() if value is not None}


def slash_in_mattermost(text: str = "status", **fields: str | None) -> Delivery:
    """Send a slash command in Mattermost."""
    return mattermost(urlencode(mattermost_fields(text, **fields)).encode())


CHANNEL = "fukrydy7x3nh8jmdjkpyf7sryo"
"""In Mattermost."""


def press_in_mattermost(
    command: str = "status",
    until: datetime = NOW + timedelta(hours=1),
    token: str = MATTERMOST_TOKEN,
    context: Any = None,
    **fields: Any,
) -> Delivery:
    """Press a button in Mattermost; `...` leaves a field out."""
    given = {
        "user_id": "rnina9994bde8mua79zqcg5hmo",
        "user_name": "somename",
        "channel_id": CHANNEL,
        "channel_name": "deployments",
        "team_id": "rdc9bgriktyx9p4kowh3dmgqyc",
        "team_domain": "contoso",
        "post_id": "x7j5fj5yq7nxfcgnhdx8gqm3pc",
        "trigger_id": "ZGZzZmRmc2ZkZjpybmluYTk5OTRiZGU4bXVhNzl6cWNnNWhtbzoxNQ==",
        "type": "button",
        "data_source": "",
        "context": context if context is not None else dict(seal(token, command, CHANNEL, until)),
        **fields,
    }
    body = json.dumps({name: field for name, field in given.items() if field is not ...}).encode()
    return Delivery("mattermost", {"content-type": "application/json", "accept": "application/json"}, body)


def github(body: bytes, event: str = "release", secret: str = GITHUB_SECRET, **more: str | None) -> Delivery:
    """Sign a body as GitHub does."""
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = {
        "content_type": "application/json",
        "x_github_event": event,
        "x_github_delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x_hub_signature_256": signature,
        **more,
    }
    return Delivery("github", headers(**given), body)


SECOND = timedelta(seconds=1)
