"""Locks and freezes: who is refused, what waits, what goes on, and that nothing slips through."""

from datetime import timedelta

import pytest

from handlers.environments import Environment, Strategy
from handlers.environments.rights import Freeze, Right
from handlers.ledger import State
from handlers.model import (
    Actor,
    DeploymentRequest,
    Inquiry,
    Release,
    Rollback,
    SetStatus,
    SlackPlace,
    Slot,
    Source,
    derive_id,
)
from handlers.policy import Lock
from handlers.ports import StagedPackage
from tests.flows.world import PRODUCTION, Fault, World

PLACE = SlackPlace(team="T1", channel="C1")
MONA = Actor(source=Source.SLACK, id="U1", name="mona")
HUBOT = Actor(source=Source.SLACK, id="U2", name="hubot")
OCTO = Actor(source=Source.SLACK, id="U3", name="octo")
RULED = PRODUCTION.model_copy(
    update={
        "strategy": Strategy.SWAP,
        "allow": {Source.SLACK: ("U1", "U2", "U3")},
        "rights": {Right.UNLOCK_OTHERS: ("slack:U3",)},
        "people": {"mona": {Source.SLACK: ("U1",), Source.GITHUB: ("1",)}},
    }
)
"""The releases of the fakes are published by mona, under her identity on GitHub."""


def world(environment: Environment = RULED) -> World:
    """Return a world in which something runs."""
    made = World(environment=environment)
    made.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    return made


def say(where: World, text: str, actor: Actor = HUBOT, run: timedelta = timedelta(seconds=3)) -> str:
    """Say something, and return what is answered last."""
    inquiry = Inquiry(id=derive_id(text, len(where.calls)), text=text, actor=actor, place=PLACE, asked_at=where.clock)
    where.inquiries.put(inquiry.model_dump_json())
    where.run(run)
    return where.voice.said[-1]


def launch(where: World, number: int = 1, run: timedelta = timedelta(hours=6)) -> DeploymentRequest:
    """Let mona publish a release."""
    request = where.release(number, f"v{number}")
    where.deliver(request)
    where.run(run)
    return request


def ending(where: World, request: DeploymentRequest) -> tuple[str | None, str]:
    """Return how a request ended, in code and words."""
    outcome = where.row(request).outcome
    assert outcome is not None, where.row(request)
    return outcome.code, outcome.message


def test_a_lock_refuses_others_with_its_reason() -> None:
    """Azure hears nothing."""
    here = world()
    assert say(here, "lock production because the database moves").startswith(
        "production is locked by hubot: the database moves. Others are refused"
    )
    request = launch(here)
    assert ending(here, request) == ("Locked", "production is locked by hubot: the database moves.")
    assert here.azure.operations == []


def test_the_owner_goes_on_under_any_identity() -> None:
    """Locked in Slack, published on GitHub."""
    here = world()
    say(here, "lock production because I try something", MONA)
    assert ending(here, launch(here))[0] is None


@pytest.mark.parametrize(("time", "code"), [("for 1h", "Locked"), ("for 1m", None)])
def test_a_lock_runs_out(time: str, code: str | None) -> None:
    """By itself."""
    here = world()
    say(here, f"lock production because we test {time}")
    here.clock += timedelta(minutes=2)
    assert ending(here, launch(here))[0] == code


def test_a_run_under_way_waits_before_its_next_step_until_it_is_unlocked() -> None:
    """And says for what."""
    here = world()
    request = launch(here, run=timedelta(seconds=15))
    say(here, "lock production because it burns", run=timedelta(minutes=10))
    assert here.azure.accepted("swap") == []
    assert here.sink.shown[request.id][-1].description == "Waiting: production is locked by hubot: it burns."
    assert say(here, "unlock production") == "production is unlocked."
    here.run()
    assert ending(here, request)[0] is None


def test_a_run_under_way_does_not_wait_for_ever() -> None:
    """Two hours, then it says so; what Azure has stays as it is."""
    here = world()
    request = launch(here, run=timedelta(seconds=15))
    say(here, "lock production because it burns")
    here.run()
    code, sentence = ending(here, request)
    assert code == "GaveUp"
    assert "locked by hubot" in sentence
    assert here.row(request).state is State.TOLD


def test_a_lock_between_the_look_and_the_call_is_not_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The announcement fails with the standing that it was decided by."""
    here = world()
    stage = here.packages.stage
    lock = Lock(id="l", owner=HUBOT, reason="just now", since=here.clock)

    def stage_while_somebody_locks(environment: Environment, release: Release) -> StagedPackage:
        stored = here.ledger.standing("production")
        here.ledger.replace_standing("production", stored, stored.row.model_copy(update={"lock": lock}))
        return stage(environment, release)

    monkeypatch.setattr(here.packages, "stage", stage_while_somebody_locks)
    assert ending(here, launch(here))[0] == "Locked"
    assert here.azure.operations == []


def test_a_ledger_that_is_down_blocks() -> None:
    """Nothing is called while nobody can say whether there is a lock."""
    here = world()
    here.faults = dict.fromkeys(range(1, 400), Fault.AWAY)
    here.deliver(here.release())
    here.run(timedelta(minutes=5))
    assert here.azure.operations == []


def test_somebody_elses_lock_is_neither_replaced_nor_taken_off() -> None:
    """Without a right of its own."""
    here = world()
    say(here, "lock production because it burns")
    assert say(here, "lock production because I want to", MONA) == "production is locked by hubot: it burns."
    assert "You have no right to unlock-others" in say(here, "unlock production", MONA)
    longer = say(here, "lock production because it burns brightly")
    assert longer.startswith("production is locked by hubot: it burns brightly")


def test_taking_somebody_elses_lock_off_is_told_to_its_owner() -> None:
    """Where it was put on."""
    here = world()
    say(here, "lock production because it burns")
    assert say(here, "unlock production", OCTO) == (
        "production is unlocked. It was locked by hubot: it burns; its owner is told."
    )
    assert here.voice.said[-2] == "octo has taken your lock off production: it burns"
    assert say(here, "unlock production", OCTO) == "production is not locked."


def test_a_command_that_comes_once_more_puts_no_old_lock_on_again() -> None:
    """A redelivery: the lock was taken off, or has run out; nor does it take off a newer one."""
    here = world()

    def repeat(text: str, name: str) -> str:
        inquiry = Inquiry(id=derive_id(name), text=text, actor=HUBOT, place=PLACE, asked_at=here.clock)
        here.inquiries.put(inquiry.model_dump_json())
        here.run(timedelta(seconds=3))
        return here.voice.said[-1]

    repeat("lock production because it burns", "one")
    repeat("unlock production", "two")
    assert repeat("lock production because it burns", "one") == "production is no longer locked."
    repeat("lock production because we test for 1m", "three")
    assert repeat("unlock production", "two").startswith("production was locked again: it is locked by hubot until")
    here.clock += timedelta(minutes=2)
    assert repeat("lock production because we test for 1m", "three") == "production is no longer locked."
    assert ending(here, launch(here))[0] is None


def test_what_was_kept_is_not_removed_under_a_lock() -> None:
    """It waits; and is removed once the lock is off."""
    here = world(RULED.model_copy(update={"keep_previous": 1}))
    launch(here, run=timedelta(seconds=70))
    say(here, "lock production because we may go back", run=timedelta(minutes=20))
    assert here.azure.accepted("delete") == []
    say(here, "unlock production", run=timedelta(hours=1))
    assert [step.name for step in here.azure.accepted("delete")] == ["old"]


WEEK_OFF = Freeze(reason="holidays", weekly="Mon 09:01 - Sun 00:00")
"""The world begins on a Monday at 9."""


def test_what_waits_when_a_freeze_begins_is_refused() -> None:
    """It was accepted before, and has not begun."""
    here = world(RULED.model_copy(update={"freezes": (WEEK_OFF,)}))
    first = launch(here, 1, run=timedelta(seconds=30))
    second = launch(here, 2)
    assert ending(here, first)[0] is None
    assert ending(here, second) == ("Frozen", "production is frozen, Mon 09:01 - Sun 00:00 (UTC): holidays.")


def test_a_freeze_stops_what_is_under_way_where_it_says_so() -> None:
    """No further step; what Azure accepted goes on."""
    here = world(RULED.model_copy(update={"freezes": (WEEK_OFF.model_copy(update={"running": "stop"}),)}))
    here.azure.boots_in = timedelta(minutes=2)
    request = launch(here)
    assert ending(here, request)[0] == "Frozen"
    assert [one.step.kind for one in here.azure.operations] == ["create"]


def test_the_way_back_is_open_in_a_freeze() -> None:
    """A rollback, and suspend and resume."""
    here = world(RULED.model_copy(update={"freezes": (WEEK_OFF,)}))
    here.clock += timedelta(minutes=5)
    request = here.request(SetStatus(status="Running"))
    here.deliver(request, here.request(Rollback()))
    here.run()
    assert ending(here, request)[0] is None
    assert "Frozen" not in {one.outcome.code for one in here.outcomes if one.outcome is not None}


def test_a_broken_glass_is_said_aloud() -> None:
    """Who and why, in every report."""
    place = RULED.model_copy(update={"freezes": (WEEK_OFF,), "rights": {Right.BREAK_GLASS: ("mona",)}})
    here = world(place)
    here.clock += timedelta(minutes=5)
    request = here.release().model_copy(update={"break_glass": "the shop is down", "place": PLACE, "actor": MONA})
    here.deliver(request)
    here.run()
    assert ending(here, request)[0] is None
    assert here.sink.shown[request.id][-1].description.endswith("The glass was broken by mona: the shop is down")
