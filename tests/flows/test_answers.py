"""Commands that change nothing: looked up, laid out, and said where they were asked."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.answer import answer
from handlers.audit import What
from handlers.environments import Strategy
from handlers.errors import AzureRefused, SinkRefused, Unavailable
from handlers.ledger import Cancelling, Entry, State, open_entry
from handlers.model import (
    Actor,
    Configure,
    Goal,
    Inquiry,
    Result,
    Rollback,
    RunVersion,
    SlackPlace,
    Slot,
    Source,
    UpdateMode,
    derive_id,
)
from handlers.planning import Situation
from handlers.ports import Stored
from handlers.queueing.texts import alone
from handlers.submit import submit
from tests.flows.world import PRODUCTION, START, World

MONA = Actor(source=Source.SLACK, id="U1", name="mona")
ALLOWED = PRODUCTION.model_copy(update={"allow": {Source.SLACK: ("U1",)}, "strategy": None})


def ask(world: World, text: str, actor: Actor = MONA, run: timedelta = timedelta(minutes=10)) -> str:
    """Ask, and return what was said."""
    world.inquiries.put(inquiry(world, text, actor).model_dump_json())
    world.run(run)
    return world.voice.said[-1]


def inquiry(world: World, text: str, actor: Actor = MONA) -> Inquiry:
    """Return what somebody asks now."""
    return Inquiry(
        id=derive_id(text, len(world.calls)),
        text=text,
        actor=actor,
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=world.clock,
    )


def test_the_status_of_everything() -> None:
    """A line for each deployment, and one for what is going on."""
    world = World(environment=ALLOWED)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(minutes=5))
    head, row = ask(world, "status").splitlines()
    assert head.split() == ["environment", "slot", "version", "state", "who", "when", "ready"]
    stands = f"production   production  {request.id}  Running  {request.actor.name}"
    assert row.startswith(stands)
    assert row.endswith(" ago  2/2")


def test_the_status_says_who_asked_for_what_runs_and_when() -> None:
    """Also where more than a page of requests came after it."""
    world = World(environment=ALLOWED)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(minutes=5))
    world.azure.slots[Slot.PRODUCTION] = replace(
        world.azure.slots[Slot.PRODUCTION], accepted_at=request.accepted_at, version="v1.4.2"
    )
    for number in range(2, 14):
        world.deliver(world.request(Configure(instances={"Web": number}), number))
        world.run(timedelta(minutes=5))
    (row,) = ask(world, "status production").splitlines()[1:]
    assert f"v1.4.2   Running  {request.actor.name}  13 min" in row


def test_what_is_in_production_is_not_the_status_of_staging() -> None:
    """Staging says that it is empty; production shows what a swap keeps in staging."""
    world = World(environment=ALLOWED)
    world.environments["staging"] = ALLOWED.model_copy(update={"name": "staging", "slot": Slot.STAGING})
    world.azure.stand("new", Slot.PRODUCTION)
    assert [row.split()[:3] for row in ask(world, "status staging").splitlines()[1:]] == [["staging", "staging", "-"]]
    world.azure.stand("old", Slot.STAGING)
    rows = [row.split()[:3] for row in ask(world, "status").splitlines()[1:]]
    assert rows == [
        ["production", "production", "new"],
        ["production", "staging", "old"],
        ["staging", "staging", "old"],
    ]


def test_the_status_names_everything_that_is_under_way() -> None:
    """What runs now first, then what waits behind it."""
    world = World(environment=ALLOWED)
    goals: list[Goal] = [RunVersion(tag="v1"), Configure(instances={"Web": 3}), Rollback()]
    for number, goal in enumerate(goals):
        world.deliver(world.request(goal, number))
        world.run(timedelta(seconds=2))
    rows = [row.split() for row in ask(world, "status", run=timedelta(seconds=1)).splitlines()]
    assert [row[2] for row in rows if row[1] == "now"] == ["v1", "Web=3", "rollback"]


def test_the_status_names_what_is_under_way_however_much_was_asked_for_after_it() -> None:
    """The oldest waits for the longest, and is what holds the others up."""
    world = World(environment=ALLOWED.model_copy(update={"approvals": 1}))
    world.environments["staging"] = ALLOWED.model_copy(update={"name": "staging", "slot": Slot.STAGING})
    world.azure.stand("old", Slot.PRODUCTION)
    for number in range(14):
        world.deliver(world.request(Configure(instances={f"Web{number}": 3}), number))
        world.run(timedelta(seconds=2))
    rows = [row.split() for row in ask(world, "status", run=timedelta(seconds=1)).splitlines()]
    going_on = [(row[0], row[2]) for row in rows if row[1] == "now"]
    assert going_on == [("production", f"Web{number}=3") for number in range(14)]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (
            AzureRefused("ForbiddenError", "The certificate is not known."),
            "ForbiddenError: The certificate is not known.",
        ),
        (Unavailable("Azure does not answer"), "Azure does not answer"),
    ],
    ids=["refuses", "is away"],
)
def test_the_status_where_azure_does_not_say_what_runs(
    trouble: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: why, and what is under way all the same."""
    world = World(environment=ALLOWED)
    world.deliver(world.release())
    world.run(timedelta(seconds=5))

    def situation() -> Situation:
        raise trouble

    monkeypatch.setattr(world.azure, "situation", situation)
    head, row, going_on = ask(world, "status", run=timedelta(seconds=1)).splitlines()
    assert row.split(maxsplit=4) == ["production", "production", "-", "unknown", said]
    assert row.index(said) > head.index("ready")
    assert going_on.split()[:3] == ["production", "now", "v1.4.2"]


def test_the_status_of_an_empty_environment() -> None:
    """Says that it is empty."""
    assert "production   production  -        empty" in ask(World(environment=ALLOWED), "status production")


def test_the_status_while_something_is_going_on() -> None:
    """What it is, and how far."""
    world = World(environment=ALLOWED)
    world.deliver(world.release())
    world.run(timedelta(seconds=5))
    assert "v1.4.2" in ask(world, "status", run=timedelta(seconds=3)).splitlines()[-1]


def test_the_history_is_newest_first() -> None:
    """What, how it ended, who, when, how long."""
    world = World(environment=ALLOWED)
    for number, tag in ((1, "v1"), (2, "v2")):
        world.deliver(world.release(number, tag))
        world.run(timedelta(minutes=5))
    lines = ask(world, "history production").splitlines()
    assert lines[0].split() == ["what", "result", "who", "when", "took", "request"]
    assert [line.split()[0] for line in lines[1:] if line.startswith("v")] == ["v2", "v1"]
    assert "success" in lines[-1]


def test_a_history_of_nothing() -> None:
    """Says so."""
    assert ask(World(environment=ALLOWED), "history production") == "Nothing yet in production."


def test_a_plan_says_every_step_and_takes_none() -> None:
    """By the strategy, from what runs now."""
    world = World(environment=ALLOWED)
    world.azure.stand("old", Slot.PRODUCTION)
    world.azure.stand("stale", Slot.STAGING, request="d" + "a" * 20)
    lines = ask(world, "plan deploy v2 to production").splitlines()
    assert lines[0] == "production, by swap:"
    assert lines[1] == "1. Delete deployment stale."
    assert lines[2].startswith("2. Create deployment d")
    assert lines[2].endswith("in staging, and wait until it is ready.")
    assert lines[3].endswith("into production; old goes to staging.")
    assert world.azure.operations == []


def test_a_plan_that_cannot_be_done_says_why() -> None:
    """Before anybody tries."""
    assert "It cannot be done: NothingToSwap" in ask(World(environment=ALLOWED), "plan swap production")


def test_a_request_that_has_not_begun_is_cancelled() -> None:
    """At once, and told."""
    world = World(environment=ALLOWED)
    world.azure.refusal = [Unavailable("busy")] * 1000
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=20))
    assert "is cancelled; nothing had begun" in ask(world, f"cancel {request.id[:8]}")
    outcome = world.row(request).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.ERROR, "Cancelled")
    assert outcome.message == "Cancelled by mona before anything had begun."
    assert world.row(request).state is State.TOLD


def test_an_answer_that_was_held_up_still_says_that_it_is_cancelled() -> None:
    """The request is over and told by the time at which the chat takes the answer."""
    world = World(environment=ALLOWED)
    world.azure.refusal = [Unavailable("busy")] * 1000
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=20))
    world.voice.trouble = [Unavailable("not so fast")] * 2
    assert ask(world, f"cancel {request.id[:8]}") == f"{request.id} is cancelled; nothing had begun."


@pytest.mark.parametrize("verb", ["cancel", "approve"])
def test_an_id_that_is_cut_too_short_names_the_requests_that_may_be_meant(verb: str) -> None:
    """And nothing is done to any of them; those that cannot be reached from there are neither meant nor named."""
    world = World(environment=ALLOWED)
    world.environments["staging"] = ALLOWED.model_copy(update={"name": "staging", "slot": Slot.STAGING})
    world.azure.refusal = [Unavailable("busy")] * 1000
    requests = [
        world.release().model_copy(update={"id": f"d{'a' * 19}{end}", "environment": environment})
        for end, environment in (("b", "staging"), ("c", "production"))
    ]
    world.deliver(*requests)
    world.run(timedelta(seconds=20))
    assert ask(world, f"{verb} daaaaaaa") == (
        f"Several requests that are under way begin with daaaaaaa: {requests[0].id} (v1.4.2, staging),"
        f" {requests[1].id} (v1.4.2, production). Write more of the id."
    )
    assert [world.row(one).ended for one in requests] == [False, False]
    del world.environments["staging"]
    assert "Several" not in ask(world, f"{verb} daaaaaaa", run=timedelta(seconds=5))


def test_an_answer_that_was_held_up_is_about_the_request_that_was_cancelled() -> None:
    """Whichever of late begins with the same."""
    world = World(environment=ALLOWED)
    world.azure.refusal = [Unavailable("busy")] * 1000
    meant, other = (world.release(n).model_copy(update={"id": f"d{'a' * 19}{end}"}) for n, end in ((1, "b"), (2, "c")))
    world.deliver(meant)
    world.run(timedelta(seconds=20))
    world.voice.trouble = [Unavailable("not so fast", timedelta(minutes=3))]
    world.inquiries.put(inquiry(world, "cancel daaaaaaa").model_dump_json())
    world.run(timedelta(minutes=1))
    world.azure.refusal = []
    world.deliver(other)
    world.run()
    assert world.row(other).state is State.TOLD
    assert world.voice.said == [f"{meant.id} is cancelled; nothing had begun."]


def test_a_request_that_has_begun_takes_no_further_step() -> None:
    """What Azure accepted goes on; the swap does not come."""
    world = World(environment=ALLOWED)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=5))
    assert "takes no further step" in ask(world, f"cancel {request.id}")
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.code == "Cancelled"
    assert [one.step.kind for one in world.azure.operations] == ["create"]
    going_on = "Cancelled by mona: what Azure has accepted goes on, and no further step follows."
    assert going_on in [report.description for report in world.sink.shown[request.id]]


@pytest.mark.parametrize("call", ["take", "operation_status"])
def test_a_request_that_is_cancelled_during_a_call_is_gone_on_with(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes it can write nothing afterwards. Nobody takes it for lost meanwhile, and no sweep comes."""
    world = World(environment=ALLOWED)
    world.ports = replace(world.ports, sweep_after=timedelta(days=1))
    request = world.release()
    real, asked = getattr(world.azure, call), inquiry(world, f"cancel {request.id}").model_dump_json()

    def cancelled_meanwhile(*given: object) -> object:
        if not world.voice.said:
            answer(asked, world.ports)
            submit(alone(request), world.ports)
        return real(*given)

    monkeypatch.setattr(world.azure, call, cancelled_meanwhile)
    world.deliver(request)
    world.run(timedelta(minutes=5))
    outcome = world.row(request).outcome
    assert outcome is not None, world.row(request)
    assert outcome.code == "Cancelled"
    assert [step.kind for step in world.row(request).taken] == ["create"]
    assert [one.step.kind for one in world.azure.operations] == ["create"]


def test_a_request_that_is_cancelled_in_a_pause_is_over_at_once() -> None:
    """And not when the next domain would be walked."""
    upgrade = {"strategy": Strategy.UPGRADE, "mode": UpdateMode.MANUAL, "walk_pause": 60}
    world = World(environment=ALLOWED.model_copy(update=upgrade))
    world.azure.stand("theirs", Slot.PRODUCTION)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(minutes=10))
    assert world.row(request).not_before - world.clock > timedelta(minutes=30)
    ask(world, f"cancel {request.id}", run=timedelta(seconds=5))
    assert world.row(request).ended


def test_of_two_who_cancel_the_first_one_is_named() -> None:
    """In the outcome as in the audit trail; the other hears what holds all the same."""
    hubot = Actor(source=Source.SLACK, id="U2", name="hubot")
    world = World(environment=ALLOWED.model_copy(update={"allow": {Source.SLACK: ("U1", "U2")}}))
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=5))
    ask(world, f"cancel {request.id}", run=timedelta(seconds=2))
    assert "takes no further step" in ask(world, f"cancel {request.id}", hubot)
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.message == "Cancelled by mona."
    assert [one.actor for one in world.ledger.audit if one.what is What.CANCELLED] == [MONA]


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param({"cancelled_by": "mona"}, id="by the name alone"),
        pytest.param({"cancelled_by": "mona", "cancelling": Cancelling(by=MONA, inquiry="i").model_dump()}, id="twice"),
    ],
)
def test_a_row_that_was_cancelled_in_the_words_of_before_takes_no_further_step(kept: dict[str, Any]) -> None:
    """Rows are read that were written with a field for the name."""
    world = World(environment=ALLOWED)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=5))
    stored = world.ledger.entries[request.environment, request.id]
    assert not stored.row.ended
    written = {**stored.row.model_dump(mode="json", exclude={"cancelling"}), **kept}
    row = Entry.model_validate_json(json.dumps(written))
    world.ledger.entries[request.environment, request.id] = Stored(row, stored.etag)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert (outcome.code, outcome.message) == ("Cancelled", "Cancelled by mona.")
    assert [one.step.kind for one in world.azure.operations] == ["create"]
    assert "cancelled_by" not in world.row(request).model_dump()


def test_a_row_that_nobody_cancelled_is_read_in_the_words_of_before() -> None:
    """With the empty field for the name."""
    row = open_entry(World().release(), START)
    assert Entry.model_validate_json(json.dumps({**row.model_dump(mode="json"), "cancelled_by": None})) == row


def test_who_may_not_command_may_not_cancel() -> None:
    """The request goes on."""
    world = World(environment=ALLOWED)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=5))
    said = ask(world, f"cancel {request.id}", MONA.model_copy(update={"id": "U2"}))
    assert said.startswith("You may not command production")
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.result is Result.SUCCESS


def test_an_unknown_request_cannot_be_cancelled() -> None:
    """And the answer says so."""
    assert ask(World(environment=ALLOWED), "cancel dabcdefgh").startswith("No request that is under way begins with")


def test_a_chat_that_is_away_is_answered_later() -> None:
    """Within five minutes; then nobody waits any more."""
    world = World(environment=ALLOWED)
    world.voice.trouble = [Unavailable("away")] * 3
    assert "empty" in ask(world, "status")
    world.voice.trouble = [Unavailable("away")] * 1000
    ask(world, "status")
    assert len(world.voice.said) == 1


def test_a_chat_that_refuses_is_left_alone() -> None:
    """Nothing goes round."""
    world = World(environment=ALLOWED)
    ask(world, "status")
    world.voice.trouble = [SinkRefused("channel_not_found")]
    ask(world, "status")
    assert len(world.voice.said) == 1


@pytest.mark.parametrize("text", ["{", '{"v": 1}'])
def test_a_foreign_message_is_kept(text: str) -> None:
    """With the queue's name, and the place where it differs."""
    world = World()
    world.inquiries.put(text)
    world.run()
    (reason,) = world.ledger.poison.values()
    assert reason.startswith("queue inquiries: not a message of ours: ")


def test_a_bug_of_ours_is_said_where_the_command_was_given() -> None:
    """Five tries, then the poison queue, then a sentence that points to the log."""
    world = World(environment=ALLOWED)
    world.voice.trouble = [ZeroDivisionError("a bug")] * 5
    said = ask(world, "status")
    assert said.startswith("Slipway failed on this command; its log says why under ")
    (reason,) = world.ledger.poison.values()
    assert reason == "queue inquiries: every try ended in an error of ours; see the log"
    assert not world.poison_inquiries.messages


def test_a_foreign_message_among_the_poison_is_kept_too() -> None:
    """With the place where it differs, and nobody is spoken to."""
    world = World()
    world.poison_inquiries.put("{")
    world.run()
    (reason,) = world.ledger.poison.values()
    assert reason.startswith("queue inquiries: not a message of ours: ")
    assert not world.voice.said
