"""A release through the flows, told in three chats at once, each of which fails in its own way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from handlers.chat_api.http import ChatHttp
from handlers.chat_api.mattermost import MattermostApi
from handlers.chat_api.slack import SlackApi
from handlers.chat_api.workflows import TeamsWorkflow
from handlers.errors import AzureRefused
from handlers.ledger import State
from handlers.model import DeploymentRequest, Source
from handlers.ports import Sink
from handlers.sinks.mattermost import mattermost_sinks
from handlers.sinks.slack import slack_sinks
from handlers.sinks.teams import TeamsSink
from local.chat.server import FakeChats
from tests.flows.world import PRODUCTION, World
from tests.sinks.conftest import MATTERMOST_TOKEN, SLACK_TOKEN
from tests.sinks.reports import IN_SLACK, MATTERMOST_NEWS, SLACK_CHANNEL, SLACK_NEWS

NOTIFY = {Source.SLACK: SLACK_NEWS, Source.MATTERMOST: MATTERMOST_NEWS, Source.TEAMS: "releases"}


@pytest.fixture
def world(chats: FakeChats) -> World:
    """Give a world whose environment is told in every chat."""
    world = World(environment=PRODUCTION.model_copy(update={"notify": NOTIFY}))

    def now() -> Any:
        return world.clock

    http = ChatHttp(now)
    slack = SlackApi(http, now, SecretStr(SLACK_TOKEN), chats.slack_api)
    mattermost = MattermostApi(http, now, chats.mattermost, SecretStr(MATTERMOST_TOKEN))
    workflow = TeamsWorkflow(http, now, SecretStr(chats.workflow_url(chats.world.workflows["releases"])))
    sinks: list[Sink] = [
        world.sink,
        *slack_sinks(slack, world.environments),
        *mattermost_sinks(mattermost, world.environments),
        TeamsSink(workflow, world.environments),
    ]
    world.ports = replace(world.ports, sinks=sinks)
    return world


def run(world: World) -> DeploymentRequest:
    """Ask for a release in Slack, and run until everybody is told."""
    request = world.release().model_copy(update={"place": IN_SLACK})
    world.deliver(request)
    world.run()
    assert world.row(request).state is State.TOLD
    return request


def slack_titles(chats: FakeChats) -> dict[str, list[str]]:
    """Return the signs that each channel of Slack shows."""
    shown: dict[str, list[str]] = {}
    for message in chats.world.slack.messages:
        shown.setdefault(message.channel, []).append(message.content["text"].split()[0])
    return shown


def mattermost_titles(chats: FakeChats) -> list[str]:
    """Return the signs that Mattermost shows."""
    return [post.content["message"].split()[1] for post in chats.world.mattermost.posts]


def test_a_release_is_told_in_every_chat(world: World, chats: FakeChats) -> None:
    """One message in each channel; two cards in Teams."""
    run(world)
    assert slack_titles(chats) == {SLACK_CHANNEL: ["✅"], SLACK_NEWS: ["✅"]}
    assert mattermost_titles(chats) == ["✅"]
    cards = [card.content["body"][0]["style"] for card in chats.world.workflows["releases"].cards]
    assert cards == ["accent", "good"]


def test_progress_is_seen_on_the_way(world: World, chats: FakeChats) -> None:
    """The message was edited with a bar while instances became ready."""
    run(world)
    shown = [str(call["body"]["blocks"]) for call in chats.calls("chat.update")]
    assert any("░░ 0 of 2 instances ready" in blocks for blocks in shown)


def test_a_failure_names_azures_request_and_what_to_try(world: World, chats: FakeChats) -> None:
    """In the message where somebody asked."""
    refusal = AzureRefused("ForbiddenError", "The server failed to authenticate the request.", "c" * 32)
    world.azure.refusal.append(refusal)
    run(world)
    text = str(chats.world.slack.messages[0].content["blocks"])
    assert "ForbiddenError" in text
    assert "Azure's request id `" + "c" * 32 in text
    assert "Check that the management certificate belongs to this subscription" in text


TROUBLES = [
    pytest.param({"status": 503}, id="away"),
    pytest.param({"status": 503, "times": 6}, id="away for long"),
    pytest.param({"status": 429, "headers": {"Retry-After": "20"}, "times": 2}, id="limited"),
    pytest.param({"status": 0}, id="never heard us"),
    pytest.param({"status": 0, "after": True}, id="answer lost"),
    pytest.param({"status": 0, "after": True, "skip": 1}, id="later answer lost"),
]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("path", ["chat.postMessage", "chat.update", "api/v4", "workflows"])
def test_each_place_fails_and_catches_up_alone(
    world: World, chats: FakeChats, path: str, trouble: dict[str, Any]
) -> None:
    """The others see nothing of it, and in the end every place shows the end once."""
    chats.fault(path, **trouble)
    request = run(world)
    assert world.sink.phases(request) == ["queued", "in_progress", "success"]
    assert slack_titles(chats) == {SLACK_CHANNEL: ["✅"], SLACK_NEWS: ["✅"]}
    assert mattermost_titles(chats) == ["✅"]
    cards = [card.content["body"][0]["style"] for card in chats.world.workflows["releases"].cards]
    assert cards[0] == "accent"
    assert cards[-1] == "good"
    assert len(cards) == 2 or "after" in trouble


def test_a_bot_that_nobody_invites_holds_up_nobody_else(world: World, chats: FakeChats) -> None:
    """Its place is given up after some hours; all others were told at once."""
    chats.world.slack.channels[SLACK_CHANNEL].member = False
    request = run(world)
    assert slack_titles(chats) == {SLACK_NEWS: ["✅"]}
    assert mattermost_titles(chats) == ["✅"]
    outcome = world.row(request).outcome
    assert outcome is not None
    assert world.clock - outcome.ended_at > timedelta(hours=1)
