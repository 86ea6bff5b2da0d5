"""The audit trail tells what the clock did, what it left alone and why, and who wanted something else."""

import pytest

from handlers.audit import Record, What
from handlers.commands import SkipTonight, SleepNow, Wish
from handlers.model import Slot, Source
from tests.nights.world import ALLOWED, NightWorld, resume, sleeper, wishes


def of_the_clock(world: NightWorld) -> list[tuple[What, str]]:
    """Return what the trail says that the clock did, after the rules passed."""
    shown = {What.ACCEPTED, What.ENDED, What.SKIPPED}
    return [
        (one.what, one.words or "")
        for one in world.ledger.audit
        if one.actor is not None and one.actor.source is Source.CLOCK and one.what in shown
    ]


def last(world: NightWorld) -> Record:
    """Return the newest row."""
    return world.ledger.audit[-1]


def test_an_evening_and_its_morning_are_rows() -> None:
    """With the rule as the actor, and the day and the action as the delivery."""
    world = NightWorld(sleeper())
    world.live("03 06:30")
    runs = world.azure.slots[Slot.PRODUCTION].name
    assert of_the_clock(world) == [
        (What.ACCEPTED, "suspend"),
        (What.ENDED, "production is suspended. Azure charges for it all the same."),
        (What.ACCEPTED, "resume"),
        (What.ENDED, f"{runs} runs in production, 2 of 2 instances ready."),
    ]


def test_an_evening_that_is_skipped_is_one_row_with_its_reason() -> None:
    """However often the timer comes."""
    world = NightWorld(sleeper())
    world.stop("02 20:05")
    world.live("02 21:00", timers=2)
    ((what, words),) = of_the_clock(world)
    assert what is What.SKIPPED
    assert words == "not put to sleep: more than 120 minutes have passed, nobody looked after it"
    assert "2026-03-02" in (last(world).delivery or "")


def test_a_morning_that_is_left_to_a_human_is_a_row() -> None:
    """Somebody resumed it by hand in the night."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.order(resume())
    world.live("03 07:00")
    assert of_the_clock(world)[-1][0] is What.SKIPPED
    assert of_the_clock(world)[-1][1].startswith("not woken up: ")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param(SkipTonight("production"), "stays up until 2026-03-03 06:00 UTC", id="skip"),
        pytest.param(SleepNow("production"), "sleeps now, until 2026-03-03 06:00 UTC", id="sleep"),
    ],
)
def test_an_override_is_a_row_of_its_own(wanted: Wish, words: str) -> None:
    """Once, though it is asked for twice."""
    world = NightWorld(ALLOWED)
    world.stop("02 15:00")
    for _ in range(2):
        wishes(world, wanted)
    rows = [one for one in world.ledger.audit if one.what is What.OVERRIDDEN]
    assert [(one.actor and one.actor.id, one.words) for one in rows] == [("U1", words)]


def test_a_wish_that_is_refused_is_a_row() -> None:
    """With the rule."""
    world = NightWorld(sleeper())
    wishes(world, SleepNow("production"))
    row = last(world)
    assert (row.what, row.rule, row.actor and row.actor.id) == (What.REFUSED, "nobody_allowed", "U1")


def test_a_sleep_that_takes_a_second_person_is_refused_with_a_reason_of_its_own() -> None:
    """And with what to write instead."""
    world = NightWorld(ALLOWED.model_copy(update={"suspend_approvals": 1}))
    said = wishes(world, SleepNow("production"))
    row = last(world)
    assert (row.what, row.rule) == (What.REFUSED, "takes_a_second_person")
    assert said.endswith("write suspend production, which somebody else can approve.")
