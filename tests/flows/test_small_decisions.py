"""The small pure pieces: log lines, ids, waits, words, reports, texts on queues."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.answering.tables import columns
from handlers.errors import NotOurs
from handlers.ledger import (
    Entry,
    announce,
    await_instances,
    await_operation,
    end,
    open_entry,
    postpone,
    recall,
    seek_next_step,
)
from handlers.logs import line
from handlers.model import (
    CreateStep,
    DeleteStep,
    Operation,
    Outcome,
    Phase,
    Readiness,
    Result,
    Slot,
    Step,
    SwapStep,
    UpdateMode,
    UpgradeStep,
    derive_id,
)
from handlers.model.durations import in_words
from handlers.queueing.hints import write
from handlers.queueing.pacing import check_delay, retry_delay
from handlers.queueing.texts import alone, read_check, read_requests
from handlers.telling.report import Report, leading_to, report_on
from tests.flows.world import START, World

REQUEST = World().release()
ENTRY = open_entry(REQUEST, START)
WAITING = await_operation(ENTRY, START, Operation(id="a" * 32, submitted_at=START), timedelta(seconds=1))


@pytest.mark.parametrize(
    ("facts", "written"),
    [
        pytest.param({"id": "d7f", "took_s": 42}, "event id=d7f took_s=42", id="plain"),
        pytest.param({"reason": "two words"}, 'event reason="two words"', id="blank"),
        pytest.param({"reason": "a\nb=c"}, 'event reason="a\\nb=c"', id="line break"),
        pytest.param({"reason": ""}, 'event reason=""', id="empty"),
        pytest.param({"reason": None}, "event", id="none"),
        pytest.param({"reason": "ü\u202e"}, 'event reason="\\u00fc\\u202e"', id="not ASCII"),
    ],
)
def test_a_log_line_is_pairs(facts: dict[str, object], written: str) -> None:
    """Whatever the values."""
    assert line("event", **facts) == written


@given(st.text())
def test_no_value_begins_a_second_line_or_pair(text: str) -> None:
    """Outside text stays one value."""
    written = line("event", reason=text, after="x")
    assert written.isprintable()
    assert written.endswith(" after=x")
    assert written.isascii()


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_two_lists_of_facts_never_give_one_id(first: list[str], second: list[str]) -> None:
    """Where they differ, however their texts are cut."""
    assert (derive_id(*first) == derive_id(*second)) == (first == second)


def test_waits_grow_and_end() -> None:
    """Between the first and the longest; what the other side asked for is obeyed."""
    assert [retry_delay(attempts).seconds for attempts in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert retry_delay(0, timedelta(minutes=1)) == timedelta(minutes=1)
    assert retry_delay(7, timedelta(minutes=1)) == timedelta(minutes=5)
    assert retry_delay(10**6) == timedelta(minutes=5)
    ages = [timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(hours=2)]
    assert [check_delay(age).seconds for age in ages] == [1, 6, 300, 300]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (7200, "2 h"),
        (7261, "2 h 1 min"),
        (3605, "1 h"),
        (90_000, "1 d 1 h"),
        (3_000_000, "34 d 17 h"),
    ],
)
def test_durations_are_written_for_people(seconds: float, said: str) -> None:
    """The largest unit and the next one."""
    assert in_words(timedelta(seconds=seconds)) == said


def ended(result: Result, code: str | None = None) -> Report:
    """Return the report on a row that ended."""
    return report_on(end(WAITING, Outcome(result=result, code=code, message="It is over.", ended_at=START)))


ANNOUNCED = announce(ENTRY, START, DeleteStep(name="old"), timedelta(seconds=45))


@pytest.mark.parametrize(
    ("entry", "begun"),
    [
        pytest.param(ENTRY, False, id="accepted"),
        pytest.param(postpone(ENTRY, START, timedelta(seconds=1), "busy"), False, id="delayed"),
        pytest.param(ANNOUNCED, True, id="announced"),
        pytest.param(recall(ANNOUNCED), False, id="announcement taken back"),
        pytest.param(seek_next_step(WAITING, START), True, id="between two steps"),
        pytest.param(
            seek_next_step(await_instances(ANNOUNCED, START, Readiness(ready=2, total=2), timedelta(0)), START),
            True,
            id="between two steps, where only the effect of the first was seen",
        ),
    ],
)
def test_a_request_has_begun_once_azure_may_know_of_it(entry: Entry, begun: bool) -> None:
    """From then on it is cancelled no more at once, approved or superseded."""
    assert entry.begun is begun


@pytest.mark.parametrize(
    ("step", "leads_back"),
    [
        pytest.param(SwapStep(production="d1", name="d2"), True, id="swap"),
        pytest.param(UpgradeStep(name="d1", mode=UpdateMode.AUTO), True, id="upgrade"),
        pytest.param(SwapStep(production=None, name="d2"), False, id="swap into an empty slot"),
        pytest.param(CreateStep(slot=Slot.STAGING, name="d2", start=True), False, id="create"),
        pytest.param(DeleteStep(name="d1"), False, id="delete"),
    ],
)
def test_a_way_back_may_be_there_where_something_took_the_place_of_what_ran(step: Step, leads_back: bool) -> None:
    """From the step on that did it."""
    announced = announce(ENTRY, START, step, timedelta(seconds=45))
    assert not report_on(announced).leads_back
    taken = await_instances(announced, START, Readiness(ready=0, total=2), timedelta(0))
    assert report_on(taken).leads_back is leads_back


def test_a_report_says_where_a_request_is() -> None:
    """In GitHub's phases, with one sentence."""
    booting = await_instances(WAITING, START, Readiness(ready=1, total=4), timedelta(seconds=1))
    walking = await_instances(WAITING, START, Readiness(ready=1, total=4, domain=1, domains=5), timedelta(seconds=1))
    busy = postpone(ENTRY, START, timedelta(seconds=5), "ServerBusy")
    reports = [report_on(row) for row in (ENTRY, WAITING, booting, walking, busy)]
    assert [(report.phase, report.description) for report in reports] == [
        (Phase.QUEUED, "Accepted."),
        (Phase.IN_PROGRESS, "Azure accepted the change."),
        (Phase.IN_PROGRESS, "1 of 4 instances ready."),
        (Phase.IN_PROGRESS, "Upgrade domain 2 of 5."),
        (Phase.QUEUED, "Waiting: ServerBusy"),
    ]


@pytest.mark.parametrize(
    ("result", "phase"),
    [(Result.SUCCESS, Phase.SUCCESS), (Result.FAILURE, Phase.FAILURE), (Result.ERROR, Phase.ERROR)],
)
def test_an_outcome_is_its_phase(result: Result, phase: Phase) -> None:
    """With the code before the sentence."""
    report = ended(result, "BadRequest")
    assert (report.phase, report.description) == (phase, "BadRequest: It is over.")


@pytest.mark.parametrize(
    ("shown", "phases"),
    [
        pytest.param(None, ["queued", "in_progress", "success"], id="nothing was shown"),
        pytest.param(Phase.QUEUED, ["in_progress", "success"], id="queued was shown"),
        pytest.param(Phase.IN_PROGRESS, ["success"], id="in progress was shown"),
        pytest.param(Phase.SUCCESS, ["success"], id="it was shown"),
    ],
)
def test_no_phase_is_skipped_for_a_reader(shown: Phase | None, phases: list[str]) -> None:
    """A change can be over before anybody had time to tell that it began."""
    assert [report.phase for report in leading_to(ended(Result.SUCCESS), shown)] == phases


def test_what_never_reached_azure_was_never_in_progress() -> None:
    """A package that is missing goes from queued to failure."""
    failed = report_on(end(ENTRY, Outcome(result=Result.FAILURE, message="No package.", ended_at=START)))
    assert [report.phase for report in leading_to(failed, None)] == ["queued", "failure"]


def test_two_reports_are_equal_where_they_show_the_same() -> None:
    """However long it took until then."""
    report = ended(Result.SUCCESS)
    assert report.fingerprint == report.model_copy(update={"took": timedelta(hours=1)}).fingerprint
    assert report.fingerprint != ended(Result.FAILURE).fingerprint


def test_our_texts_are_read_again() -> None:
    """As they were written."""
    assert read_requests(alone(REQUEST)).requests == (REQUEST,)
    assert read_check(ENTRY.key.model_dump_json()) == ENTRY.key


@given(st.text())
def test_any_other_text_is_not_ours(text: str) -> None:
    """And the reason does not repeat it."""
    for read in (read_requests, read_check):
        with pytest.raises(NotOurs, match=r"^not a message of ours: "):
            read(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{}", id="asks for nothing"),
        pytest.param('{"v":2,"requests":[]}', id="another version"),
        pytest.param('{"v":1,"requests":[{"secret":"hunter2"}]}', id="unknown field"),
    ],
)
def test_the_reason_names_the_place_and_not_the_text(text: str) -> None:
    """It goes into the log."""
    with pytest.raises(NotOurs) as caught:
        read_requests(text)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "request_id"),
    [
        pytest.param("a/b", REQUEST.id, id="no name of an environment"),
        pytest.param("e" * 40_000, REQUEST.id, id="a very long name"),
        pytest.param("production", "x'y", id="no id of a request"),
        pytest.param("production", "~audit0000000001", id="another row of the ledger"),
    ],
)
def test_a_text_that_leads_to_no_row_is_not_ours(environment: str, request_id: str) -> None:
    """The ledger could not even be asked for some of them, and the text would come back for ever."""
    with pytest.raises(NotOurs):
        read_check(json.dumps({"v": 1, "environment": environment, "request": request_id}))


def test_outside_text_begins_no_line_of_a_table() -> None:
    """A tag or a label that could would show a version that nobody deployed."""
    forged = "v1\u2028production\u00a0v9"
    rows = columns([("environment", "version"), ("staging", forged), ("qa", "a label\nproduction v9")])
    assert rows.splitlines() == [
        "environment  version",
        "staging      v1 production v9",
        "qa           a label production v9",
    ]


def test_the_log_says_how_long_a_request_took_as_its_message_does(caplog: pytest.LogCaptureFixture) -> None:
    """In whole seconds, the nearest."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.run()
    row = world.row(request)
    assert row.outcome is not None
    outcome = row.outcome.model_copy(update={"ended_at": request.accepted_at + timedelta(seconds=1, milliseconds=600)})
    stored = world.ledger.get(row.key)
    assert stored is not None
    caplog.set_level("INFO")
    write(stored, row.model_copy(update={"outcome": outcome}), world.ports)
    took = report_on(world.row(request)).took
    assert took is not None
    assert in_words(took) == "2 s"
    assert caplog.messages[-1].endswith("took_s=2")
