"""Slack without a bot: five answers in half an hour."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from handlers.chat_api.addresses import is_response_url
from handlers.chat_api.http import ChatHttp
from handlers.chat_api.slack import SLACK, SlackReplies
from handlers.errors import SinkRefused, Unavailable
from handlers.model import DeploymentRequest, Phase, Retire
from handlers.sinks.slack_reply import BETWEEN, USES, VALID_FOR, SlackReplySink, Spending, spending
from handlers.telling.report import Report
from local.chat.rendering import render_message
from local.chat.server import FakeChats
from local.chat.world import Reply
from tests.sinks.reports import ENVIRONMENTS, IN_SLACK, SLACK_CHANNEL, asking, queued, request, running, succeeded

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sink(replies: SlackReplies, chats: FakeChats) -> SlackReplySink:
    """Give what is tested."""
    return SlackReplySink(replies, ENVIRONMENTS, chats.world.clock.now)


@pytest.fixture
def reply(chats: FakeChats) -> Reply:
    """Give a command's response_url."""
    return chats.world.add_reply(SLACK_CHANNEL)


def asked(chats: FakeChats, reply: Reply) -> DeploymentRequest:
    """Ask by a command that came with the response_url, now."""
    place = IN_SLACK.model_copy(update={"response_url": chats.response_url(reply)})
    return request(place).model_copy(update={"accepted_at": chats.world.clock.now()})


def test_a_long_request_keeps_one_answer_for_its_end(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """Whatever there is to tell meanwhile."""
    one = asked(chats, reply)
    references: Mapping[str, str] = sink.post(queued(one), {})
    for minute in range(29):
        references = sink.post(running(one, ready=minute % 4), references)
        chats.world.clock.forward(MINUTE)
    sink.post(succeeded(one), references)
    assert reply.uses == USES
    assert chats.world.slack.messages[-1].content["text"].startswith("✅")


def test_everybody_in_the_channel_sees_it(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """In place of the last answer; hints stand where a bot has buttons."""
    one = asked(chats, reply)
    references = sink.post(queued(one), {})
    sink.post(running(one), references)
    (message,) = chats.world.slack.messages
    assert (message.only_for, message.edits) == (None, 1)
    assert render_message(message).endswith(f"To cancel it, say cancel {one.id}")


def test_a_second_person_is_asked_for_at_once(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """It is worth an answer, once."""
    one = asked(chats, reply)
    references = sink.post(queued(one), {})
    references = sink.post(asking(one), references)
    assert sink.post(asking(one), references) == references
    assert reply.uses == 2
    assert f"To agree to it, say approve {one.id}" in render_message(chats.world.slack.messages[-1])


def test_an_end_after_half_an_hour_cannot_be_told(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """The log says what would help."""
    one = asked(chats, reply)
    references = sink.post(queued(one), {})
    chats.world.clock.forward(VALID_FOR)
    assert sink.post(running(one), references) == references
    with pytest.raises(SinkRefused, match="Set SLACK_BOT_TOKEN"):
        sink.post(succeeded(one), references)
    assert reply.uses == 1


def test_slack_has_the_last_word_on_what_is_over(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """Also where our own count was lost."""
    reply.uses = USES
    with pytest.raises(SinkRefused, match="5 times in 30 minutes"):
        sink.post(succeeded(asked(chats, reply)), {})


def test_an_answer_without_an_answer_is_tried_again(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """And the address, which lets whoever has it post, is in no error."""
    chats.fault("/slack/commands", 0)
    with pytest.raises(Unavailable) as error:
        sink.post(queued(asked(chats, reply)), {})
    assert reply.path not in str(error.value)
    assert error.value.__cause__ is None
    sink.post(queued(asked(chats, reply)), {})
    assert reply.uses == 1


def test_what_has_no_address_is_not_concerned(sink: SlackReplySink) -> None:
    """A channel alone cannot be answered without a bot, and nobody asked for a removal."""
    assert not sink.concerns(request())
    assert not sink.concerns(request(None))
    place = IN_SLACK.model_copy(update={"response_url": "https://hooks.slack.com/commands/T/1/x"})
    assert sink.concerns(request(place))
    assert not sink.concerns(request(place, Retire(name="d2")))


@pytest.mark.parametrize(
    ("phase", "shown", "uses", "age", "since_last", "decision"),
    [
        (Phase.QUEUED, None, 0, MINUTE, None, Spending.TELL),
        (Phase.IN_PROGRESS, Phase.QUEUED, 1, MINUTE, MINUTE, Spending.TELL),
        (Phase.IN_PROGRESS, Phase.IN_PROGRESS, 2, MINUTE, BETWEEN - MINUTE, Spending.KEEP),
        (Phase.IN_PROGRESS, Phase.IN_PROGRESS, 2, 5 * MINUTE, BETWEEN, Spending.TELL),
        (Phase.IN_PROGRESS, Phase.IN_PROGRESS, 3, 9 * MINUTE, BETWEEN, Spending.KEEP),
        (Phase.IN_PROGRESS, Phase.IN_PROGRESS, 3, 9 * MINUTE, 2 * BETWEEN, Spending.TELL),
        (Phase.IN_PROGRESS, Phase.IN_PROGRESS, 4, 20 * MINUTE, 10 * MINUTE, Spending.KEEP),
        (Phase.QUEUED, Phase.IN_PROGRESS, 2, 9 * MINUTE, 8 * MINUTE, Spending.KEEP),
        (Phase.FAILURE, Phase.IN_PROGRESS, 4, 20 * MINUTE, MINUTE, Spending.TELL),
        (Phase.FAILURE, Phase.IN_PROGRESS, 5, 20 * MINUTE, MINUTE, Spending.REFUSE),
        (Phase.FAILURE, Phase.QUEUED, 1, VALID_FOR, MINUTE, Spending.REFUSE),
        (Phase.IN_PROGRESS, Phase.QUEUED, 1, VALID_FOR, MINUTE, Spending.KEEP),
    ],
    ids=[
        "first",
        "next phase",
        "progress too soon",
        "progress",
        "second progress too soon",
        "second progress",
        "kept for the end",
        "late news",
        "end",
        "end, used up",
        "end, too late",
        "progress, too late",
    ],
)
def test_how_answers_are_spent(
    phase: Phase, shown: Phase | None, uses: int, age: timedelta, since_last: timedelta | None, decision: Spending
) -> None:
    """Each rule once."""
    assert spending(phase, shown, uses, age, since_last) is decision


HOSTILE_URLS = [
    "http://hooks.slack.com/commands/T/1/x",
    "https://hooks.slack.com.evil.example/commands/T/1/x",
    "https://evil.example/hooks.slack.com",
    "https://hooks.slack.com@evil.example/x",
    "https://hooks.slack.com:443@evil.example/x",
    "https://hooks.slack.com:443/actions/T1/2/x",
    "https://evil.example#@hooks.slack.com/",
    "https://evil.example\\@hooks.slack.com/x",
    "https://hooks.slack.com:8443/x",
    "https://hooks.slack.com:x/",
    "https://hooks.slack.com./x",
    "https://xhooks.slack.com/x",
    "https://hooks%2eslack.com/x",
    "https://hooks。slack。com/x",
    "https://hooks.slack.com\n.evil.example/x",
    "https:/hooks.slack.com/x",
    "//hooks.slack.com/x",
    "https://[::1]/x",
    "https://[::ffff:169.254.169.254]/x",
    "https://127.0.0.1/x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
@pytest.mark.parametrize("local", [False, True], ids=["in Azure", "on this machine"])
def test_a_response_url_leads_to_slack_or_nowhere(url: str, local: bool) -> None:
    """Exactly the host, over https, on its usual port."""
    assert not is_response_url(url, local=local)


def test_slacks_own_response_urls_are_taken() -> None:
    """With and without the port; on this machine only where Slack is there too."""
    assert is_response_url("https://hooks.slack.com/commands/T1/2/x", local=False)
    assert is_response_url("http://127.0.0.1:8080/slack/commands/T/1/x", local=True)
    assert not is_response_url("http://127.0.0.1:8080/slack/commands/T/1/x", local=False)


def test_a_stranger_is_not_called(http: ChatHttp, chats: FakeChats, reply: Reply) -> None:
    """With the real Slack, an address on this machine is not Slack's."""
    sink = SlackReplySink(SlackReplies(http, SLACK), ENVIRONMENTS, chats.world.clock.now)
    with pytest.raises(SinkRefused, match="does not lead to Slack"):
        sink.post(queued(asked(chats, reply)), {})
    assert chats.calls() == []


def test_a_redirect_is_not_followed(sink: SlackReplySink, chats: FakeChats, reply: Reply) -> None:
    """Wherever it leads to."""
    chats.fault("/slack/commands", 307, headers={"Location": f"{chats.url}/slack/api/auth.test"})
    with pytest.raises(Unavailable, match="sent elsewhere"):
        sink.post(queued(asked(chats, reply)), {})
    assert [call["path"] for call in chats.calls()] == [reply.path]


@pytest.mark.parametrize("report", [queued(), running()], ids=["queued", "running"])
def test_a_report_without_an_address_changes_nothing(sink: SlackReplySink, report: Report) -> None:
    """Its references stay as they are."""
    assert sink.post(report, {"uses": "1"}) == {"uses": "1"}
