"""The fakes are like what they stand for: foreign clients, documented limits, signatures that others verify."""

import json
import sys
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from handlers.events import CommandGiven, Delivery
from handlers.model import MattermostPlace, SlackPlace, TeamsPlace
from handlers.sinks.card import card_of
from handlers.sinks.slack_blocks import payload
from handlers.sources.mattermost import MattermostSource
from handlers.sources.slack import SlackSource
from handlers.sources.teams import TeamsSource
from local.chat import block_kit
from local.chat.answers import Limit
from local.chat.deliveries import Person, block_action, mattermost_command, press, slash_command, teams_message
from local.chat.mattermost import MattermostRoutes
from local.chat.rendering import render_message
from local.chat.server import FakeChats
from local.chat.world import Message
from local.processes import Child
from tests.sinks.conftest import SLACK_TOKEN
from tests.sinks.reports import ENVIRONMENTS, MATTERMOST_CHANNEL, SLACK_CHANNEL, failed

MONA = Person("U0MONA", "monalisa")
ENTRA_MONA = Person("6fb24a3c-0000-4000-8000-0123456789ab", "Mona Lisa")
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAMS_SECRET = "c2VjcmV0IGtleSBvZiBhbiBvdXRnb2luZyB3ZWJob29r"
CARD = card_of(failed(), ENVIRONMENTS["shop-production"])


@pytest.fixture
def client(chats: FakeChats) -> WebClient:
    """Give Slack's own client, without its retries."""
    return WebClient(SLACK_TOKEN, base_url=f"{chats.slack_api}/", retry_handlers=[])


def test_slacks_own_client_posts_and_edits(client: WebClient, chats: FakeChats) -> None:
    """As against the real one."""
    posted = client.chat_postMessage(channel=SLACK_CHANNEL, text="one", blocks=payload(CARD)["blocks"])
    client.chat_update(channel=SLACK_CHANNEL, ts=str(posted["ts"]), text="two")
    assert [(one.content["text"], one.edits) for one in chats.world.slack.messages] == [("two", 1)]


def test_slacks_own_client_answers_a_command(chats: FakeChats) -> None:
    """Five times, and not once more."""
    hook = WebhookClient(chats.response_url(chats.world.add_reply(SLACK_CHANNEL)), retry_handlers=[])
    assert [hook.send(text="x").status_code for _ in range(6)] == [200] * 5 + [404]
    assert chats.world.slack.messages[0].only_for == "U0ASKER"


def test_a_response_url_expires(chats: FakeChats) -> None:
    """After half an hour."""
    url = chats.response_url(chats.world.add_reply(SLACK_CHANNEL))
    chats.world.clock.forward(timedelta(minutes=30))
    answer = requests.post(url, json={"text": "x"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": SLACK_CHANNEL}, "no_text"),
        ({"channel": SLACK_CHANNEL, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": SLACK_CHANNEL, "text": "x", "blocks": [{"type": "?"}]}, "invalid_blocks"),
    ],
    ids=["no such channel", "nothing", "too long", "blocks"],
)
def test_slack_says_no_with_200(client: WebClient, arguments: dict[str, Any], error: str) -> None:
    """And its own client knows the error."""
    with pytest.raises(SlackApiError) as refused:
        client.api_call("chat.postMessage", json=arguments)
    assert (refused.value.response.status_code, refused.value.response["error"]) == (200, error)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"member": False}, "not_in_channel"),
        ({"member": False, "private": True}, "channel_not_found"),
        ({"archived": True}, "is_archived"),
    ],
    ids=["not invited", "private", "archived"],
)
def test_channels_have_rules(client: WebClient, chats: FakeChats, change: dict[str, bool], error: str) -> None:
    """Which depend on the bot."""
    for name, value in change.items():
        setattr(chats.world.slack.channels[SLACK_CHANNEL], name, value)
    with pytest.raises(SlackApiError, match=error):
        client.chat_postMessage(channel=SLACK_CHANNEL, text="x")


def test_with_the_public_scope_a_bot_need_not_be_invited(client: WebClient, chats: FakeChats) -> None:
    """To public channels."""
    chats.world.slack.channels[SLACK_CHANNEL].member = False
    chats.world.slack.tokens[SLACK_TOKEN].add("chat:write.public")
    client.chat_postMessage(channel=SLACK_CHANNEL, text="x")


def test_only_what_is_there_can_be_edited(client: WebClient) -> None:
    """By its ts, in its channel."""
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=SLACK_CHANNEL, ts="1.2", text="x")


def test_a_real_limit_counts(client: WebClient, chats: FakeChats) -> None:
    """It says how long to wait, and afterwards the next message is taken."""
    chats.world.slack.posts = Limit(1, timedelta(seconds=1))
    client.chat_postMessage(channel=SLACK_CHANNEL, text="x")
    with pytest.raises(SlackApiError) as limited:
        client.chat_postMessage(channel=SLACK_CHANNEL, text="x")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "1"
    chats.world.clock.forward(timedelta(seconds=1))
    client.chat_postMessage(channel=SLACK_CHANNEL, text="x")


BLOCKS = payload(CARD)["blocks"]


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ((0, "text", "text"), "x" * 151, "1 to 150"),
        ((0, "text", "type"), "mrkdwn", "unsupported type"),
        ((2, "text", "text"), "x" * 3001, "1 to 3000"),
        ((2, "text", "text"), "", "1 to 3000"),
        ((1, "elements"), [], "1 to 10"),
        ((-1, "elements", 0, "value"), "x" * 2001, "at most 2000"),
        ((-1, "elements", 0, "text", "text"), "x" * 76, "1 to 75"),
        ((-1, "elements", 0, "style"), "red", "primary or danger"),
        ((-1, "elements", 0, "confirm", "text", "text"), "x" * 301, "1 to 300"),
        ((0, "color"), "red", "invalid additional property"),
        ((0, "type"), "video", "unsupported type"),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_limits_of_block_kit(path: tuple[Any, ...], value: object, rule: str) -> None:
    """Each of them refuses a message that is right in everything else."""
    (mistake,) = block_kit.mistakes(changed(BLOCKS, path, value))[:1]
    assert rule in mistake


def test_a_message_has_fifty_blocks_at_most() -> None:
    """Not one more."""
    assert block_kit.mistakes([{"type": "divider"}] * 50) == []
    assert block_kit.mistakes([{"type": "divider"}] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]


def changed(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Return a copy with one value changed."""
    copy = deepcopy(value)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return copy


def test_a_large_card_is_refused(chats: FakeChats) -> None:
    """28 KB is what Teams takes."""
    card = {"type": "AdaptiveCard", "version": "1.2", "body": [{"type": "TextBlock", "text": "x" * 28_000}]}
    envelope = {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }
    url = chats.workflow_url(chats.world.workflows["releases"])
    assert requests.post(url, json=envelope, timeout=5).status_code == 202
    card["body"] = [{"type": "TextBlock", "text": "x" * 29_000}]
    assert "larger" in requests.post(url, json=envelope, timeout=5).json()["error"]["message"]


def test_a_long_post_is_refused(chats: FakeChats) -> None:
    """16,383 characters is what Mattermost takes."""
    headers = {"Authorization": "Bearer a-token-that-works-too"}
    url = f"{chats.mattermost}/api/v4/posts"
    for length, status in ((16_383, 201), (16_384, 400)):
        body = {"channel_id": MATTERMOST_CHANNEL, "message": "x" * length}
        assert requests.post(url, json=body, headers=headers, timeout=5).status_code == status


def test_the_same_pending_post_is_one_post_for_half_a_minute(chats: FakeChats) -> None:
    """As in the server's source."""
    headers = {"Authorization": "Bearer a-token-that-works-too"}
    body = {"channel_id": MATTERMOST_CHANNEL, "message": "x", "pending_post_id": "p"}

    def post() -> str:
        return str(
            requests.post(f"{chats.mattermost}/api/v4/posts", json=body, headers=headers, timeout=5).json()["id"]
        )

    first = post()
    assert post() == first
    chats.world.clock.forward(timedelta(seconds=30))
    assert post() != first


def delivery(source: str, made: tuple[dict[str, str], bytes]) -> Delivery:
    """Return what an app would see of a call."""
    headers, body = made
    return Delivery(source, {name.lower(): value for name, value in headers.items()}, body)


def test_a_slash_command_is_signed_as_slack_does() -> None:
    """Slack's own verifier says so, and our source reads it."""
    made = slash_command(SECRET, "deploy v1 <&> to shop-production", user=MONA, channel=SLACK_CHANNEL)
    assert SignatureVerifier(SECRET).is_valid_request(made[1], made[0])
    event = SlackSource((SECRET,)).read(delivery("slack", made), datetime.now(UTC))
    assert isinstance(event, CommandGiven)
    assert event.text == "deploy v1 <&> to shop-production"
    assert (event.actor.id, event.actor.name) == ("U0MONA", "monalisa")
    assert isinstance(event.place, SlackPlace)
    assert event.place.response_url is not None


def test_a_pressed_button_is_signed_as_slack_does() -> None:
    """Its value is a command."""
    made = block_action(SECRET, "cancel d234567abcdefghijklmn", user=MONA, channel=SLACK_CHANNEL)
    assert SignatureVerifier(SECRET).is_valid_request(made[1], made[0])
    event = SlackSource((SECRET,)).read(delivery("slack", made), datetime.now(UTC))
    assert isinstance(event, CommandGiven)
    assert event.text == "cancel d234567abcdefghijklmn"


def test_an_old_signature_can_be_made() -> None:
    """For those who test that it is refused."""
    made = slash_command(SECRET, "status", user=MONA, channel=SLACK_CHANNEL, at=1_700_000_000)
    assert not SignatureVerifier(SECRET).is_valid_request(made[1], made[0])


def test_a_message_in_teams_is_signed() -> None:
    """Our source, which was written without it, reads it."""
    made = teams_message(TEAMS_SECRET, "deploy v1 <&> to shop-production", user=ENTRA_MONA)
    event = TeamsSource((TEAMS_SECRET,)).read(delivery("teams", made), datetime.now(UTC))
    assert isinstance(event, CommandGiven)
    assert event.text == "deploy v1 <&> to shop-production"
    assert event.actor.id == ENTRA_MONA.id
    assert isinstance(event.place, TeamsPlace)


def test_a_command_in_mattermost_carries_its_token() -> None:
    """Our source, which was written without it, reads it."""
    user = Person("useruseruseruseruseruserus", "monalisa")
    made = mattermost_command("token-of-mattermost-00000", "status", user=user, channel=MATTERMOST_CHANNEL)
    event = MattermostSource(("token-of-mattermost-00000",)).read(delivery("mattermost", made), datetime.now(UTC))
    assert isinstance(event, CommandGiven)
    assert event.text == "status"
    assert isinstance(event.place, MattermostPlace)


def test_a_press_in_slack_brings_its_message_with_it() -> None:
    """And the button as it stands there, question and all. What is not there cannot be pressed."""
    shown: dict[str, Any] = {
        "id": "1700000000.000001",
        "channel": SLACK_CHANNEL,
        "content": payload(CARD),
        "shown": "as people see it",
    }
    made = press("secret", shown, "Roll back", user=Person("U0MONA", "monalisa"))
    event = SlackSource(("secret",)).read(delivery("slack", made), datetime.now(UTC))
    assert isinstance(event, CommandGiven)
    assert (event.text, event.pressed) == ("rollback shop-production", True)
    sent = json.loads(parse_qs(made[1].decode())["payload"][0])
    assert sent["actions"][0]["confirm"]["title"]["text"] == "Roll back?"
    assert sent["message"]["blocks"] == shown["content"]["blocks"]
    with pytest.raises(LookupError):
        press("secret", shown, "Approve", user=Person("U0MONA", "monalisa"))


def test_the_answer_to_a_press_in_mattermost_may_change_the_post(chats: FakeChats) -> None:
    """`update` takes the place of message and properties, `ephemeral_text` is for its presser alone."""
    routes, now = MattermostRoutes(chats.world), chats.world.clock.now()
    post = Message("p", MATTERMOST_CHANNEL, {"message": "before", "props": {"attachments": []}}, now)
    chats.world.mattermost.posts.append(post)
    answer = {"update": {"message": "after", "props": {}}, "ephemeral_text": "for you"}
    routes.take(answer, post, Person("useruseruseruseruseruserus", "monalisa"))
    assert post.content == {"message": "after", "props": {}}
    assert chats.world.mattermost.posts[-1].only_for == "useruseruseruseruseruserus"
    routes.take({"update": {"message": "again"}}, post, Person("u", "u"))
    assert post.content == {"message": "again", "props": {}}


def test_the_chats_run_as_a_program(tmp_path: Path) -> None:
    """They say where they are, and show what they were sent."""
    argv = [sys.executable, "-m", "local.chat", "--slack-channel", "C1", "--slack-token", "xoxb-1"]
    with Child.start(argv, name="the fake chats", log=tmp_path / "chat.log", cwd=Path(__file__).parents[2]) as child:
        _, url, workflow = child.wait_ready().split()
        headers = {"Authorization": "Bearer xoxb-1"}
        body = {"channel": "C1", **payload(CARD)}
        assert requests.post(f"{url}/slack/api/chat.postMessage", json=body, headers=headers, timeout=5).json()["ok"]
        (message,) = requests.get(f"{url}/_slack/messages", timeout=5).json()
        assert message["shown"].startswith("❌ v1.2.0 → shop-production\n")
        requests.post(f"{url}/_chat/faults", json={"path": "workflows", "status": 429}, timeout=5)
        assert requests.post(workflow, json={}, timeout=5).status_code == 429
        log = requests.get(f"{url}/_chat/log", timeout=5).json()
        assert [call["path"].rpartition("/")[2] for call in log] == ["chat.postMessage", "invoke"]


def test_fixed_width_answers_are_shown_too(client: WebClient, chats: FakeChats) -> None:
    """A table in a preformatted block."""
    text = {"type": "text", "text": "a  b\n1  2"}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [text]}]}]
    client.api_call("chat.postMessage", json={"channel": SLACK_CHANNEL, "text": "a", "blocks": blocks})
    assert render_message(chats.world.slack.messages[0]) == "a  b\n1  2"
