"""People steer deployments from where they talk, and get one message that stays true until the end."""

import time
from itertools import count
from typing import Any

import pytest

from handlers.model import Result
from local.chat.deliveries import Person, block_action, mattermost_command, slash_command, teams_message
from local.sample_release import assets
from local.stack import Answer, Stack
from local.stack.chat import (
    MATTERMOST_CHANNEL,
    MATTERMOST_TOKEN,
    MONA,
    MONA_IN_MATTERMOST,
    MONA_IN_TEAMS,
    SIGNING_SECRET,
    SLACK_CHANNEL,
    TEAMS_SECRET,
)

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]
VERSIONS = (f"v2.0.{number}" for number in count())
PATIENCE_S = 40.0


def publish(stack: Stack) -> str:
    """Publish a release that nobody deploys by itself; return its tag."""
    tag = next(VERSIONS)
    stack.github.publish(tag, assets(tag), repository="contoso/shop")
    return tag


def slack(stack: Stack, text: str, *, user: Person = MONA, channel: str = SLACK_CHANNEL, **more: Any) -> Answer:
    """Type a command in Slack."""
    headers, body = slash_command(more.pop("secret", SIGNING_SECRET), text, user=user, channel=channel, **more)
    return stack.host.send(headers, body, source="slack")


def seen(stack: Stack, request: str) -> list[dict[str, Any]]:
    """Return the messages in Slack that show a request."""
    return [message for message in stack.chat.messages() if request in message["shown"]]


def eventually_shown(messages: Any, *words: str) -> dict[str, Any]:
    """Wait until a message shows all these words; return it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for message in messages():
            if all(word in message["shown"] for word in words):
                return dict(message)
        time.sleep(0.1)
    pytest.fail(f"no message shows {words}: {[message['shown'] for message in messages()]}")


def ids(answer: Answer) -> list[str]:
    """Return the ids that an answer in Slack names."""
    return [word for word in answer.body["text"].replace(",", " ").split() if len(word) == 21 and word[0] == "d"]


def requests_for(stack: Stack, title: str) -> set[str]:
    """Return the ids of the shop's requests for a goal."""
    return {row.request.id for row in stack.history("shop") if row.request.goal.title == title}


def new_request(stack: Stack, title: str, before: set[str]) -> str:
    """Wait until one more request for a goal is there; return its id."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for request in requests_for(stack, title) - before:
            return request
        time.sleep(0.1)
    pytest.fail(f"nobody asked for {title}")


def test_slack_deploys_scales_and_rolls_back(stack: Stack) -> None:
    """Each in one message that is edited until it is over."""
    first, second = publish(stack), publish(stack)
    for tag in (first, second):
        (request,) = ids(slack(stack, f"deploy {tag} to shop"))
        row = stack.wait_for(request, environment="shop")
        assert row.outcome is not None
        assert row.outcome.result is Result.SUCCESS, row.outcome
        (message,) = seen(stack, request)
        assert message["edits"] > 0
        assert f"{tag}" in message["shown"]
        assert "✅" in message["shown"]
    (request,) = ids(slack(stack, "scale shop webrole=3"))
    assert stack.wait_for(request, environment="shop").outcome.code == "RoleNotFound"  # type: ignore[union-attr]
    (request,) = ids(slack(stack, "scale shop WebRole=3"))
    assert stack.wait_for(request, environment="shop").outcome.result is Result.SUCCESS  # type: ignore[union-attr]
    assert len(stack.simulator.slots("contoso-shop")["Production"]["instances"]) == 3
    (request,) = ids(slack(stack, "rollback shop"))
    assert stack.wait_for(request, environment="shop").outcome.result is Result.SUCCESS  # type: ignore[union-attr]
    production = stack.simulator.slots("contoso-shop")["Production"]
    assert production["extended_properties"]["SlipwayVersion"] == first


def test_status_and_history_are_laid_out_for_eyes(stack: Stack) -> None:
    """Looked up after the command was answered."""
    tag = publish(stack)
    (request,) = ids(slack(stack, f"deploy {tag} to shop"))
    stack.wait_for(request, environment="shop")
    assert slack(stack, "status shop").body["text"] == "One moment."
    eventually_shown(stack.chat.messages, "environment", "production", tag, "2/2")
    slack(stack, "history shop")
    eventually_shown(stack.chat.messages, "what", "took", tag, "mona")


def test_teams_and_mattermost_are_entrances_too(stack: Stack) -> None:
    """Answered in their own way, and told in their own place."""
    before = requests_for(stack, "suspend")
    headers, body = teams_message(TEAMS_SECRET, "suspend shop", user=MONA_IN_TEAMS)
    answer = stack.host.send(headers, body, source="teams")
    assert (answer.status, answer.body["type"]) == (200, "message")
    stack.wait_for(new_request(stack, "suspend", before), environment="shop")
    eventually_shown(stack.chat.cards, "suspend", "✅")
    headers, body = mattermost_command(
        MATTERMOST_TOKEN, "resume shop", user=MONA_IN_MATTERMOST, channel=MATTERMOST_CHANNEL
    )
    answer = stack.host.send(headers, body, source="mattermost")
    assert (answer.status, answer.body["response_type"]) == (200, "ephemeral")
    eventually_shown(stack.chat.posts, "resume", "✅")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({"secret": "another"}, 401, id="forged"),
        pytest.param({"at": time.time() - 360}, 401, id="replayed after six minutes"),
        pytest.param({"at": time.time() + 3600}, 401, id="from the future"),
        pytest.param({"user": Person("U0EVE", "eve")}, 200, id="somebody who may not"),
        pytest.param({"text": "deploy"}, 200, id="half a command"),
        pytest.param({"text": "status " + "x" * 10_000}, 200, id="ten thousand characters"),
        pytest.param({"text": "suspend nowhere"}, 200, id="unknown environment"),
    ],
)
def test_bad_input_has_no_effect(stack: Stack, more: dict[str, Any], status: int) -> None:
    """Answered in Slack's way, without a request and without a secret in the log."""
    before = len(stack.simulator.operations())
    text = more.pop("text", "suspend shop")
    answer = slack(stack, text, **more)
    assert answer.status == status
    if status == 200:
        assert answer.body["response_type"] == "ephemeral"
        assert ids(answer) == []
    time.sleep(1)
    assert len(stack.simulator.operations()) == before


def test_a_button_is_a_command(stack: Stack) -> None:
    """Pressed by somebody who may."""
    (deployed,) = ids(slack(stack, f"deploy {publish(stack)} to shop"))
    stack.wait_for(deployed, environment="shop")
    before = requests_for(stack, "suspend")
    headers, body = block_action(SIGNING_SECRET, "suspend shop", user=MONA, channel=SLACK_CHANNEL)
    assert stack.host.send(headers, body, source="slack").status == 200
    request = new_request(stack, "suspend", before)
    assert stack.wait_for(request, environment="shop").outcome.result is Result.SUCCESS  # type: ignore[union-attr]
    assert stack.simulator.slots("contoso-shop")["Production"]["status"] == "Suspended"
    (message,) = seen(stack, request)
    assert "✅" in message["shown"]


def test_no_secret_reached_the_log(stack: Stack) -> None:
    """After all that happened above."""
    log = (stack.folder / "host.log").read_text()
    for secret in (SIGNING_SECRET, TEAMS_SECRET, MATTERMOST_TOKEN, "xoxb-", "hooks.slack.com", "sig="):
        assert secret not in log
