"""Chats that behave, and clients for them."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from handlers.chat_api.http import ChatHttp
from handlers.chat_api.mattermost import MattermostApi
from handlers.chat_api.slack import SlackApi, SlackReplies
from handlers.chat_api.workflows import TeamsWorkflow
from local.chat.server import FakeChats, running_chats
from tests.sinks.reports import MATTERMOST_CHANNEL, MATTERMOST_NEWS, SLACK_CHANNEL, SLACK_NEWS

SLACK_TOKEN = "xoxb-a-token-that-works"
MATTERMOST_TOKEN = "a-token-that-works-too"


@pytest.fixture(scope="session")
def server() -> Iterator[FakeChats]:
    """Run one server for all of these tests."""
    with running_chats() as running:
        yield running


@pytest.fixture
def chats(server: FakeChats) -> FakeChats:
    """Give the server with an empty world: two channels in each chat that has some, and a workflow."""
    server.world.reset()
    server.world.add_slack(SLACK_TOKEN, SLACK_CHANNEL, SLACK_NEWS)
    server.world.add_mattermost(MATTERMOST_TOKEN, MATTERMOST_CHANNEL, MATTERMOST_NEWS)
    server.world.add_workflow()
    return server


@pytest.fixture
def http(chats: FakeChats) -> ChatHttp:
    """Give a client of HTTP whose clock is the fakes'."""
    return ChatHttp(chats.world.clock.now)


@pytest.fixture
def slack(chats: FakeChats, http: ChatHttp) -> SlackApi:
    """Give a bot in Slack."""
    return SlackApi(http, chats.world.clock.now, SecretStr(SLACK_TOKEN), chats.slack_api)


@pytest.fixture
def replies(chats: FakeChats, http: ChatHttp) -> SlackReplies:
    """Give what answers without a bot."""
    return SlackReplies(http, chats.slack_api)


@pytest.fixture
def mattermost(chats: FakeChats, http: ChatHttp) -> MattermostApi:
    """Give a bot in Mattermost."""
    return MattermostApi(http, chats.world.clock.now, chats.mattermost, SecretStr(MATTERMOST_TOKEN))


@pytest.fixture
def workflow(chats: FakeChats, http: ChatHttp) -> TeamsWorkflow:
    """Give the workflow."""
    url = chats.workflow_url(chats.world.workflows["releases"])
    return TeamsWorkflow(http, chats.world.clock.now, SecretStr(url))
