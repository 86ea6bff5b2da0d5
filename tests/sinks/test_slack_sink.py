"""What Slack shows of a request, against a Slack that behaves."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import SecretStr

from handlers.chat_api.errors import OWNER_PATIENCE
from handlers.chat_api.http import ChatHttp
from handlers.chat_api.slack import BURST, SlackApi
from handlers.errors import SettingsWrong, SinkRefused, Unavailable
from handlers.model import Phase, Retire, Source
from handlers.sinks.channel_message import ChannelMessage
from handlers.sinks.slack import slack_sinks
from handlers.telling.report import Report
from local.chat.answers import Limit
from local.chat.rendering import render_message
from local.chat.server import FakeChats
from tests.sinks.reports import (
    ENVIRONMENTS,
    IN_MATTERMOST,
    IN_SLACK,
    PROPOSAL,
    SLACK_CHANNEL,
    SLACK_NEWS,
    TOLD,
    asking,
    environment,
    failed,
    queued,
    request,
    running,
    succeeded,
)


@pytest.fixture
def asked(slack: SlackApi) -> ChannelMessage:
    """Give the sink for the channel where somebody asked."""
    return slack_sinks(slack, ENVIRONMENTS)[0]


def tell(sink: ChannelMessage, *reports: Report) -> Mapping[str, str]:
    """Post reports one after the other."""
    references: Mapping[str, str] = {}
    for report in reports:
        references = sink.post(report, references)
    return references


def test_one_message_from_beginning_to_end(asked: ChannelMessage, chats: FakeChats) -> None:
    """Posted once, then edited."""
    references = tell(asked, queued(), running(ready=1), running(), succeeded())
    (message,) = chats.world.slack.messages
    assert (message.channel, message.edits) == (SLACK_CHANNEL, 3)
    assert references == {f"id:{SLACK_CHANNEL}": message.id, f"phase:{SLACK_CHANNEL}": "success"}
    assert [call["path"].rpartition("/")[2] for call in chats.calls()] == ["chat.postMessage"] + 3 * ["chat.update"]


def test_a_message_as_a_person_sees_it(asked: ChannelMessage, chats: FakeChats) -> None:
    """Title, facts, bar, error, advice, ids, and a button."""
    tell(asked, failed())
    assert render_message(chats.world.slack.messages[0]) == "\n".join(
        [
            "❌ v1.2.0 → shop-production",
            "failed after 4 min 12 s, asked for by monalisa on Slack",
            "▓▓▓▓ 4 of 4 instances ready",
            "Error ConflictError",
            "Another operation has exclusive access.",
            "What to try: Wait for the operation that Azure names, or find out who else deploys there, then try again.",
            f"Azure's request id 0123456789abcdef0123456789abcdef, ours {request().id}",
            "[Roll back]",
        ]
    )


def test_buttons_carry_commands(asked: ChannelMessage, chats: FakeChats) -> None:
    """As somebody would type them; they ask first."""
    tell(asked, running())
    button = chats.world.slack.messages[0].content["blocks"][-1]["elements"][0]
    assert (button["text"]["text"], button["value"]) == ("Cancel", f"cancel {request().id}")
    assert "confirm" in button
    tell(asked, running(), succeeded())
    assert all(block["type"] != "actions" for block in chats.world.slack.messages[-1].content["blocks"])


def test_the_approve_button_asks_about_what_is_shown(asked: ChannelMessage, chats: FakeChats) -> None:
    """Slack's own question names environment, version, commit and plan; the value says that it was these."""
    references = tell(asked, asking())
    message = chats.world.slack.messages[0]
    approve, cancel = message.content["blocks"][-1]["elements"]
    assert (approve["text"]["text"], approve["style"]) == ("Approve", "primary")
    assert approve["value"] == f"approve {request().id} if {PROPOSAL.mark}"
    assert approve["confirm"]["text"]["text"] == (
        "shop-production: v1.2.0, commit 1a2b3c4. Create deployment d2 in staging, and wait until it is ready. "
        "Swap d2 into production; d1 goes to staging."
    )
    assert cancel["style"] == "danger"
    asked.post(running(), references)
    assert "Approve" not in render_message(message)


def test_a_plan_too_long_for_the_question_is_cut(asked: ChannelMessage, chats: FakeChats) -> None:
    """At 300 characters, as Slack counts them."""
    many = PROPOSAL.model_copy(update={"steps": tuple(f"Delete deployment {n} & <more>." for n in range(60))})
    tell(asked, asking(asks=many))
    (approve, _) = chats.world.slack.messages[0].content["blocks"][-1]["elements"]
    assert 200 < len(approve["confirm"]["text"]["text"]) <= 300


def test_nothing_is_linked_or_previewed_by_slack(asked: ChannelMessage, chats: FakeChats) -> None:
    """Names in a text stay names."""
    tell(asked, queued(), running())
    post, update = chats.calls("chat.")
    assert (post["body"]["parse"], post["body"]["link_names"]) == ("none", False)
    assert (post["body"]["unfurl_links"], post["body"]["unfurl_media"]) == (False, False)
    assert (update["body"]["parse"], update["body"]["link_names"]) == ("none", False)


def test_a_lost_answer_leaves_one_message(asked: ChannelMessage, chats: FakeChats) -> None:
    """The post is repeated with the same key."""
    chats.fault("chat.postMessage", 0, after=True)
    with pytest.raises(Unavailable, match=r"Slack chat\.postMessage: no answer"):
        asked.post(queued(), {})
    asked.post(queued(), {})
    assert len(chats.world.slack.messages) == 1


def test_a_message_from_an_earlier_try_is_brought_up_to_date(asked: ChannelMessage, chats: FakeChats) -> None:
    """Its id was lost, and things have moved since."""
    chats.fault("chat.postMessage", 0, after=True)
    with pytest.raises(Unavailable):
        asked.post(queued(), {})
    chats.world.clock.forward(timedelta(seconds=5))
    asked.post(succeeded(), {})
    (message,) = chats.world.slack.messages
    assert message.content["text"].startswith("✅")


def test_late_news_do_not_take_the_place_of_later_ones(asked: ChannelMessage, chats: FakeChats) -> None:
    """What is over stays over."""
    references = tell(asked, queued(), succeeded())
    assert asked.post(running(), references) == references
    assert chats.world.slack.messages[0].content["text"].startswith("✅")


def test_a_deleted_message_is_posted_anew(asked: ChannelMessage, chats: FakeChats) -> None:
    """Its end must be seen somewhere."""
    references = tell(asked, queued())
    chats.world.slack.messages[0].deleted = True
    references = asked.post(running(), references)
    asked.post(succeeded(), references)
    assert [message.deleted for message in chats.world.slack.messages] == [True, False]
    assert chats.world.slack.messages[1].content["text"].startswith("✅")


def test_a_message_deleted_before_its_id_was_known_is_posted_anew(asked: ChannelMessage, chats: FakeChats) -> None:
    """Slack remembers the key and says that there is no message."""
    chats.fault("chat.postMessage", 0, after=True)
    with pytest.raises(Unavailable):
        asked.post(queued(), {})
    chats.world.slack.messages[0].deleted = True
    asked.post(queued(), {})
    assert [message.deleted for message in chats.world.slack.messages] == [True, False]


def test_two_channels_are_two_sinks(slack: SlackApi, chats: FakeChats) -> None:
    """One that fails takes nothing from the other."""
    asked, told = slack_sinks(slack, TOLD)
    assert (asked.name, told.name) == ("slack", "slack-notify")
    chats.world.slack.channels[SLACK_CHANNEL].member = False
    with pytest.raises(Unavailable):
        asked.post(queued(), {})
    told.post(queued(), {})
    assert [message.channel for message in chats.world.slack.messages] == [SLACK_NEWS]


def test_the_same_channel_twice_is_one_message(slack: SlackApi) -> None:
    """Where somebody asked in the channel that is told anyway."""
    here = {"shop-production": environment({Source.SLACK: SLACK_CHANNEL})}
    asked, told = slack_sinks(slack, here)
    assert (asked.concerns(request()), told.concerns(request())) == (True, False)
    assert (asked.concerns(request(None)), told.concerns(request(None))) == (False, True)


@pytest.mark.parametrize(
    ("place", "goal", "shown"),
    [
        (IN_SLACK, None, (True, True)),
        (None, None, (False, True)),
        (IN_MATTERMOST, None, (False, True)),
        (IN_SLACK, Retire(name="d2"), (False, True)),
    ],
    ids=["asked for here", "nowhere", "elsewhere", "nobody asked for it"],
)
def test_where_a_request_is_shown(slack: SlackApi, place: object, goal: object, shown: tuple[bool, bool]) -> None:
    """Where it was asked for, and where its environment's news go."""
    one = request().model_copy(update={"place": place, **({"goal": goal} if goal else {})})
    asked, told = slack_sinks(slack, TOLD)
    assert (asked.concerns(one), told.concerns(one)) == shown


def test_an_environment_that_is_gone_is_told_nowhere_else(slack: SlackApi, chats: FakeChats) -> None:
    """Who asked is told all the same."""
    asked, told = slack_sinks(slack, {})
    assert not told.concerns(request())
    asked.post(failed(code="EnvironmentUnknown", operation=None), {})
    assert "Put the environment back" in render_message(chats.world.slack.messages[0])


def test_slack_says_how_long_to_wait(asked: ChannelMessage, chats: FakeChats) -> None:
    """And we do not ask again before."""
    chats.fault("chat.postMessage", 429, headers={"Retry-After": "30"}, body={"ok": False, "error": "ratelimited"})
    with pytest.raises(Unavailable) as told:
        asked.post(queued(), {})
    assert told.value.retry_after == timedelta(seconds=30)
    chats.world.clock.forward(timedelta(seconds=20))
    with pytest.raises(Unavailable) as again:
        asked.post(queued(), {})
    assert again.value.retry_after is not None
    assert again.value.retry_after <= timedelta(seconds=10)
    assert len(chats.calls()) == 1
    chats.world.clock.forward(timedelta(seconds=10))
    asked.post(queued(), {})
    assert len(chats.world.slack.messages) == 1


def test_a_channel_gets_one_message_a_second(asked: ChannelMessage, chats: FakeChats) -> None:
    """After a burst we wait by ourselves; Slack, which counts, has nothing to complain of."""
    chats.world.slack.posts = Limit(BURST + 1, timedelta(seconds=2))
    for number in range(BURST):
        asked.post(queued(request(number=number)), {})
    with pytest.raises(Unavailable, match="not so fast") as early:
        asked.post(queued(request(number=BURST)), {})
    assert early.value.retry_after is not None
    assert early.value.retry_after <= timedelta(seconds=1)
    chats.world.clock.forward(early.value.retry_after)
    asked.post(queued(request(number=BURST)), {})
    assert {call["status"] for call in chats.calls()} == {200}


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("not_in_channel", "invite the bot to the channel"),
        ("channel_not_found", "invite the bot where the channel is private"),
        ("missing_scope", "give the app the scope chat:write"),
        ("invalid_auth", "check SLACK_BOT_TOKEN"),
        ("is_archived", "name another one"),
    ],
)
def test_what_the_owner_can_put_right_is_tried_again(
    asked: ChannelMessage, chats: FakeChats, error: str, advice: str
) -> None:
    """Not often, and the log says what to do."""
    chats.fault("chat.postMessage", 200, body={"ok": False, "error": error})
    with pytest.raises(Unavailable, match=advice) as told:
        asked.post(queued(), {})
    assert told.value.retry_after == OWNER_PATIENCE


def test_a_wrong_token_by_slacks_own_rules(http: ChatHttp, chats: FakeChats) -> None:
    """The token is not in the error."""
    api = SlackApi(http, chats.world.clock.now, SecretStr("xoxb-of-somebody-else"), chats.slack_api)
    with pytest.raises(Unavailable, match="invalid_auth") as told:
        slack_sinks(api, ENVIRONMENTS)[0].post(queued(), {})
    assert "somebody" not in str(told.value)


@pytest.mark.parametrize("error", ["msg_too_long", "invalid_blocks", "something_new"])
def test_what_nobody_can_put_right_is_refused(asked: ChannelMessage, chats: FakeChats, error: str) -> None:
    """It would be refused again."""
    chats.fault("chat.postMessage", 200, body={"ok": False, "error": error})
    with pytest.raises(SinkRefused, match=error):
        asked.post(queued(), {})


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {"ok": False, "error": "internal_error"}), (500, None), (503, None), (200, "<html>"), (302, None)],
    ids=["internal", "500", "503", "no JSON object", "redirect"],
)
def test_troubles_of_slacks_own_are_waited_out(
    asked: ChannelMessage, chats: FakeChats, status: int, body: object
) -> None:
    """Nothing is wrong with what we sent. A redirect is not followed."""
    chats.fault("chat.postMessage", status, body=body, headers={"Location": f"{chats.url}/_slack/messages"})
    with pytest.raises(Unavailable):
        asked.post(queued(), {})
    assert len(chats.calls()) == 1


def test_what_slack_says_cannot_write_into_our_log(asked: ChannelMessage, chats: FakeChats) -> None:
    """An error is a plain name, or it is not repeated."""
    chats.fault("chat.postMessage", 200, body={"ok": False, "error": "x\nnews.posted id=1 xoxb-secret"})
    with pytest.raises(SinkRefused, match="an unnamed error"):
        asked.post(queued(), {})


@pytest.mark.parametrize(
    "base", ["http://slack.com/api", "ftp://slack.com", "https:///api", "https://me:pw@slack.com/api"]
)
def test_a_token_goes_to_no_unsafe_address(http: ChatHttp, chats: FakeChats, base: str) -> None:
    """The app does not start, and the address is not repeated."""
    with pytest.raises(SettingsWrong, match=r"SLACK_API_URL: must be an https:// address") as error:
        SlackApi(http, chats.world.clock.now, SecretStr("x"), base)
    assert base not in str(error.value)


def test_the_phases_that_can_be_shown_are_all_phases(asked: ChannelMessage, chats: FakeChats) -> None:
    """Each phase has its sign."""
    for number, phase in enumerate(Phase):
        asked.post(running(request(number=number), phase=phase), {})
        chats.world.clock.forward(timedelta(seconds=1))
    signs = {message.content["text"].split()[0] for message in chats.world.slack.messages}
    assert signs == {"⏳", "✅", "❌", "⚠️"}
