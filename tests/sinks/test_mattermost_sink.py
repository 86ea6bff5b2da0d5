"""What Mattermost shows of a request, against a Mattermost that behaves."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import SecretStr

from handlers.chat_api.errors import OWNER_PATIENCE
from handlers.chat_api.http import ChatHttp
from handlers.chat_api.mattermost import LOOK_BACK, MattermostApi
from handlers.errors import SettingsWrong, SinkRefused, Unavailable
from handlers.sinks.channel_message import ChannelMessage
from handlers.sinks.mattermost import mattermost_sinks
from handlers.telling.report import Report
from local.chat.answers import Limit
from local.chat.rendering import render_message
from local.chat.server import FakeChats
from local.chat.world import Message
from tests.sinks.reports import (
    ENVIRONMENTS,
    IN_MATTERMOST,
    MATTERMOST_CHANNEL,
    MATTERMOST_NEWS,
    TOLD,
    failed,
    queued,
    request,
    running,
    succeeded,
)

ASKED = request(IN_MATTERMOST)


@pytest.fixture
def asked(mattermost: MattermostApi) -> ChannelMessage:
    """Give the sink for the channel where somebody asked."""
    return mattermost_sinks(mattermost, ENVIRONMENTS)[0]


def tell(sink: ChannelMessage, *reports: Report) -> Mapping[str, str]:
    """Post reports one after the other."""
    references: Mapping[str, str] = {}
    for report in reports:
        references = sink.post(report, references)
    return references


def test_one_post_from_beginning_to_end(asked: ChannelMessage, chats: FakeChats) -> None:
    """Posted once, then edited."""
    references = tell(asked, queued(ASKED), running(ASKED), succeeded(ASKED))
    (post,) = chats.world.mattermost.posts
    assert (post.channel, post.edits) == (MATTERMOST_CHANNEL, 2)
    assert references[f"id:{MATTERMOST_CHANNEL}"] == post.id


def test_a_post_as_a_person_sees_it(asked: ChannelMessage, chats: FakeChats) -> None:
    """The same as everywhere; a command stands where Slack has a button."""
    tell(asked, running(ASKED))
    assert render_message(chats.world.mattermost.posts[0]) == "\n".join(
        [
            "⏳ v1.2.0 → shop-production",
            "in progress since 12:00 UTC, asked for by monalisa on Slack",
            "▓▓▓░ 3 of 4 instances ready",
            "WebRole_IN_3 is StartingVM",
            f"Azure's request id 0123456789abcdef0123456789abcdef, ours {ASKED.id}",
            f"To cancel it, say cancel {ASKED.id}",
        ]
    )


def test_a_failure_in_markdown(asked: ChannelMessage, chats: FakeChats) -> None:
    """Our words are plain or bold, everybody else's are code."""
    tell(asked, failed(ASKED))
    lines = chats.world.mattermost.posts[0].content["message"].splitlines()
    assert lines[0] == "#### ❌ `v1.2.0` → `shop-production`"
    assert lines[3] == "**Error** `ConflictError`"
    assert lines[4] == "`Another operation has exclusive access.`"
    assert lines[5].startswith("**What to try:** Wait for")


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=5)], ids=["at once", "long after"])
def test_a_lost_answer_leaves_one_post(asked: ChannelMessage, chats: FakeChats, later: timedelta) -> None:
    """Also when the server has forgotten the post's key: it is found by what it carries."""
    chats.fault("/posts", 0, skip=1, after=True)
    with pytest.raises(Unavailable, match="Mattermost post: no answer"):
        asked.post(queued(ASKED), {})
    chats.world.clock.forward(later)
    asked.post(running(ASKED), {})
    (post,) = chats.world.mattermost.posts
    assert "in progress" in post.content["message"]


def test_a_post_of_another_request_is_left_alone(asked: ChannelMessage, chats: FakeChats) -> None:
    """Each request has its own."""
    tell(asked, queued(ASKED))
    tell(asked, queued(request(IN_MATTERMOST, number=2)))
    assert len(chats.world.mattermost.posts) == 2


def test_a_busy_channel_does_not_hide_our_post(asked: ChannelMessage, chats: FakeChats) -> None:
    """As long as it is among the latest."""
    tell(asked, queued(ASKED))
    now = chats.world.clock.now()
    chats.world.mattermost.posts += [
        Message(f"p{number}", MATTERMOST_CHANNEL, {"message": "x" * 16_000, "props": None}, now)
        for number in range(LOOK_BACK - 1)
    ]
    tell(asked, running(ASKED))
    assert len(chats.world.mattermost.posts) == LOOK_BACK
    assert chats.world.mattermost.posts[0].edits == 1


def test_a_post_that_somebody_else_has_marked_as_ours_is_passed_over(asked: ChannelMessage, chats: FakeChats) -> None:
    """Anybody may write any property, and the id of a request can be known before it is told."""
    props = {"slipway": {"request": ASKED.id}}
    now = chats.world.clock.now()
    theirs = Message("e" * 26, MATTERMOST_CHANNEL, {"message": "hello", "props": props}, now, by="eve")
    chats.world.mattermost.posts.append(theirs)
    tell(asked, queued(ASKED))
    tell(asked, running(ASKED))
    assert [(post.by, post.edits) for post in chats.world.mattermost.posts] == [("eve", 0), (None, 1)]


@pytest.mark.parametrize("answered", [{}, {"id": 5}, {"id": ""}, {"id": "p" * 100_000}, {"id": "../x"}])
def test_an_answer_without_an_id_that_can_be_kept_is_for_later(
    asked: ChannelMessage, chats: FakeChats, answered: dict[str, object]
) -> None:
    """It would be written into a row, and called again."""
    chats.fault("/posts", 201, skip=1, body=answered)
    with pytest.raises(Unavailable, match="without id"):
        tell(asked, queued(ASKED))


def test_a_deleted_post_is_posted_anew(asked: ChannelMessage, chats: FakeChats) -> None:
    """Its end must be seen somewhere."""
    references = tell(asked, queued(ASKED))
    chats.world.mattermost.posts[0].deleted = True
    asked.post(succeeded(ASKED), references)
    assert [post.deleted for post in chats.world.mattermost.posts] == [True, False]


def test_two_channels_are_two_sinks(mattermost: MattermostApi, chats: FakeChats) -> None:
    """Where it was asked for, and where the environment's news go."""
    asked, told = mattermost_sinks(mattermost, TOLD)
    assert (asked.name, told.name) == ("mattermost", "mattermost-notify")
    asked.post(queued(ASKED), {})
    told.post(queued(ASKED), {})
    assert [post.channel for post in chats.world.mattermost.posts] == [MATTERMOST_CHANNEL, MATTERMOST_NEWS]


def test_the_servers_limit_is_obeyed(asked: ChannelMessage, chats: FakeChats) -> None:
    """It says how long, and we do not ask again before."""
    chats.world.mattermost.limit = Limit(1, timedelta(seconds=20))
    with pytest.raises(Unavailable) as told:
        asked.post(queued(ASKED), {})
    assert told.value.retry_after is not None
    assert told.value.retry_after >= timedelta(seconds=19)
    with pytest.raises(Unavailable, match="not so fast"):
        asked.post(queued(ASKED), {})
    chats.world.mattermost.limit = None
    chats.world.clock.forward(timedelta(seconds=21))
    asked.post(queued(ASKED), {})
    assert len(chats.world.mattermost.posts) == 1


def test_a_bot_that_is_not_in_the_channel(asked: ChannelMessage, chats: FakeChats) -> None:
    """The owner can add it; then it is told."""
    chats.world.mattermost.channels[MATTERMOST_CHANNEL].member = False
    with pytest.raises(Unavailable, match="add the bot to its team and to it") as told:
        asked.post(queued(ASKED), {})
    assert told.value.retry_after == OWNER_PATIENCE


def test_a_wrong_token(http: ChatHttp, chats: FakeChats) -> None:
    """The owner can change it. It is not in the error."""
    api = MattermostApi(http, chats.world.clock.now, chats.mattermost, SecretStr("of-somebody-else"))
    with pytest.raises(Unavailable, match="check MATTERMOST_BOT_TOKEN") as told:
        mattermost_sinks(api, ENVIRONMENTS)[0].post(queued(ASKED), {})
    assert "somebody" not in str(told.value)


def test_an_archived_channel_is_refused(asked: ChannelMessage, chats: FakeChats) -> None:
    """It would be refused again."""
    chats.world.mattermost.channels[MATTERMOST_CHANNEL].archived = True
    with pytest.raises(SinkRefused, match="can_not_post_to_deleted"):
        asked.post(queued(ASKED), {})


def test_a_channel_cannot_lead_to_another_path(mattermost: MattermostApi, chats: FakeChats) -> None:
    """Its id comes from a command."""
    place = IN_MATTERMOST.model_copy(update={"channel": "../users/me?x="})
    with pytest.raises(SinkRefused):
        mattermost_sinks(mattermost, ENVIRONMENTS)[0].post(queued(request(place)), {})
    assert "users/me" not in chats.calls()[0]["path"].replace("%2F", "/").split("/channels/")[0]
    assert chats.calls()[0]["query"] == {"per_page": str(LOOK_BACK), "skipFetchThreads": "true"}


def test_a_server_without_tls_gets_no_token(http: ChatHttp, chats: FakeChats) -> None:
    """Except on this machine."""
    with pytest.raises(SettingsWrong, match="MATTERMOST_URL"):
        MattermostApi(http, chats.world.clock.now, "http://chat.example.com", SecretStr("x"))
