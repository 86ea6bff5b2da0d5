"""What Teams shows of a request, against a Workflows webhook that behaves."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import SecretStr

from handlers.chat_api.errors import OWNER_PATIENCE
from handlers.chat_api.http import ChatHttp
from handlers.chat_api.workflows import TeamsWorkflow
from handlers.errors import SettingsWrong, SinkRefused, Unavailable
from handlers.model import Retire
from handlers.sinks.teams import TeamsSink
from handlers.telling.report import Report
from local.chat.rendering import render_message
from local.chat.server import FakeChats
from local.chat.world import Message
from tests.sinks.reports import (
    ENVIRONMENTS,
    IN_TEAMS,
    PROPOSAL,
    TOLD,
    asking,
    failed,
    queued,
    request,
    running,
    succeeded,
)

ASKED = request(IN_TEAMS)


@pytest.fixture
def sink(workflow: TeamsWorkflow) -> TeamsSink:
    """Give what is tested."""
    return TeamsSink(workflow, ENVIRONMENTS)


def tell(sink: TeamsSink, *reports: Report) -> Mapping[str, str]:
    """Post reports one after the other."""
    references: Mapping[str, str] = {}
    for report in reports:
        references = sink.post(report, references)
    return references


def cards(chats: FakeChats) -> list[Message]:
    """Return the cards so far."""
    return chats.world.workflows["releases"].cards


def test_two_cards_for_a_request(sink: TeamsSink, chats: FakeChats) -> None:
    """What was posted cannot be edited: the beginning and the end."""
    tell(sink, queued(ASKED), running(ASKED, ready=0), running(ASKED), succeeded(ASKED))
    assert [render_message(card).split()[0] for card in cards(chats)] == ["⏳", "✅"]


def test_a_third_card_asks_for_a_second_person(sink: TeamsSink, chats: FakeChats) -> None:
    """Once, with the command alone on its line; late news of it change nothing after the end."""
    references = tell(sink, queued(ASKED), asking(ASKED), asking(ASKED), running(ASKED), succeeded(ASKED))
    sink.post(asking(ASKED, asks=PROPOSAL.model_copy(update={"plan": "other"})), references)
    shown = [render_message(card).splitlines() for card in cards(chats)]
    assert len(shown) == 3
    typed = shown[1].index("To agree to it, type @Slipway and then:")
    assert shown[1][typed + 1] == f"approve {ASKED.id}"


def test_a_card_as_a_person_sees_it(sink: TeamsSink, chats: FakeChats) -> None:
    """The same as everywhere; a command stands where Slack has a button."""
    tell(sink, failed(ASKED))
    assert render_message(cards(chats)[0]).splitlines() == [
        "❌ v1.2.0 → shop-production",
        "failed after 4 min 12 s, asked for by monalisa on Slack",
        "▓▓▓▓ 4 of 4 instances ready",
        "Error ConflictError",
        "Another operation has exclusive access.",
        "What to try: Wait for the operation that Azure names, or find out who else deploys there, then try again.",
        f"Azure's request id 0123456789abcdef0123456789abcdef, ours {ASKED.id}",
        "To go back to what ran, type @Slipway and then:",
        "rollback shop-production",
    ]


def test_the_envelope_is_the_documented_one(sink: TeamsSink, chats: FakeChats) -> None:
    """A message with one Adaptive Card."""
    tell(sink, queued(ASKED))
    body = chats.calls("workflows")[0]["body"]
    assert body["type"] == "message"
    assert [one["contentType"] for one in body["attachments"]] == ["application/vnd.microsoft.card.adaptive"]


def test_an_end_is_told_once(sink: TeamsSink, chats: FakeChats) -> None:
    """And nothing after it."""
    references = tell(sink, queued(ASKED), failed(ASKED))
    assert sink.post(failed(ASKED), references) == references
    assert sink.post(running(ASKED), references) == references
    assert len(cards(chats)) == 2


@pytest.mark.parametrize(
    ("concerned", "shown"),
    [
        (request(IN_TEAMS), (True, True)),
        (request(), (False, True)),
        (request(None), (False, True)),
        (request(IN_TEAMS, Retire(name="d2")), (False, True)),
    ],
    ids=["asked for here", "asked for elsewhere", "from GitHub", "nobody asked for it"],
)
def test_where_a_request_is_shown(workflow: TeamsWorkflow, concerned: object, shown: tuple[bool, bool]) -> None:
    """There is one channel: the one that the workflow leads to."""
    sinks = TeamsSink(workflow, ENVIRONMENTS), TeamsSink(workflow, TOLD)
    assert tuple(sink.concerns(concerned) for sink in sinks) == shown  # type: ignore[arg-type]


def test_a_limit_is_obeyed(sink: TeamsSink, chats: FakeChats) -> None:
    """The workflow says how long, and we do not ask again before."""
    chats.fault("workflows", 429, headers={"Retry-After": "60"})
    with pytest.raises(Unavailable) as told:
        sink.post(queued(ASKED), {})
    assert told.value.retry_after == timedelta(seconds=60)
    with pytest.raises(Unavailable, match="not so fast"):
        sink.post(queued(ASKED), {})
    chats.world.clock.forward(timedelta(seconds=60))
    sink.post(queued(ASKED), {})
    assert len(cards(chats)) == 1


@pytest.mark.parametrize("trouble", ["off", "gone", "wrong signature"])
def test_what_the_owner_can_put_right_is_tried_again(
    http: ChatHttp, sink: TeamsSink, chats: FakeChats, trouble: str
) -> None:
    """And the address, which lets whoever has it post, is in no error."""
    workflow = chats.world.workflows["releases"]
    if trouble == "off":
        workflow.enabled = False
    elif trouble == "gone":
        del chats.world.workflows["releases"]
    else:
        url = chats.workflow_url(workflow).replace(workflow.signature, "somebody-elses")
        sink = TeamsSink(TeamsWorkflow(http, chats.world.clock.now, SecretStr(url)), ENVIRONMENTS)
    with pytest.raises(Unavailable, match="check TEAMS_WORKFLOW_URL") as told:
        sink.post(queued(ASKED), {})
    assert told.value.retry_after == OWNER_PATIENCE
    assert "sig" not in str(told.value)


def test_a_card_that_is_refused_would_be_refused_again(sink: TeamsSink, chats: FakeChats) -> None:
    """So it is not repeated."""
    chats.fault("workflows", 400, body={"error": {"code": "TriggerInputSchemaMismatch", "message": "no"}})
    with pytest.raises(SinkRefused, match="TriggerInputSchemaMismatch"):
        sink.post(queued(ASKED), {})


def test_a_lost_answer_may_show_a_card_twice(sink: TeamsSink, chats: FakeChats) -> None:
    """Nobody can ask the workflow what it has posted."""
    chats.fault("workflows", 0, after=True)
    with pytest.raises(Unavailable):
        sink.post(queued(ASKED), {})
    sink.post(queued(ASKED), {})
    assert len(cards(chats)) == 2


def test_an_unsafe_address_is_refused_without_repeating_it(http: ChatHttp, chats: FakeChats) -> None:
    """It is a secret."""
    with pytest.raises(SettingsWrong, match="TEAMS_WORKFLOW_URL") as error:
        TeamsWorkflow(http, chats.world.clock.now, SecretStr("http://flows.example.com/?sig=hidden"))
    assert "hidden" not in str(error.value)
