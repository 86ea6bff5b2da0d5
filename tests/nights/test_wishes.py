"""What somebody wants instead of a night: keep it up, skip it, let it sleep now."""

from datetime import time, timedelta

import pytest

from handlers.commands import KeepUp, SkipTonight, SleepNow, Until, Wish
from handlers.model import Actor, Inquiry, SlackPlace, Source
from handlers.nights.state import Override
from tests.nights.world import (
    ALLOWED,
    DOWN,
    EVENING,
    MORNING,
    UP,
    NightWorld,
    at,
    resume,
    sleeper,
    wishes,
)


def override(since: str, until: str, name: str = "o1") -> Override:
    """Keep production up for a while."""
    mona = Actor(source=Source.SLACK, id="U1", name="mona")
    return Override(id=name, by=mona, since=at(since), until=at(until))


def keep_up(world: NightWorld, one: Override) -> None:
    """Write an override, as its command does."""
    stored = world.nights.get("production")
    row = stored.row.model_copy(update={"overrides": (*stored.row.overrides, one)})
    world.nights.replace(stored, row)


def test_an_override_puts_the_evening_off_until_its_end() -> None:
    """And the lateness counts from there."""
    world = NightWorld(sleeper())
    keep_up(world, override("02 17:00", "02 21:30"))
    world.live("02 21:25")
    assert world.status == UP
    world.live("03 06:10")
    assert (world.status, world.goals) == (UP, ["02 21:30 suspend", MORNING])


def test_an_override_over_the_morning_skips_the_night() -> None:
    """The next one comes as always."""
    world = NightWorld(sleeper())
    keep_up(world, override("02 17:00", "03 08:00"))
    world.live("03 17:00")
    assert (world.status, world.goals) == (UP, [])
    world.live("03 18:10")
    assert world.status == DOWN


def test_an_override_while_it_sleeps_wakes_it_and_lets_it_sleep_again_at_its_end() -> None:
    """Each is a request of its own."""
    world = NightWorld(sleeper())
    world.live("02 19:00")
    keep_up(world, override("02 19:01", "02 21:00"))
    world.live("02 19:15")
    assert world.status == UP
    world.live("03 06:10")
    assert world.goals == [EVENING, "02 19:00 resume", "02 21:00 suspend", MORNING]


@pytest.mark.parametrize(
    ("wanted", "says", "goals"),
    [
        pytest.param(
            KeepUp("production", Until(time(22))), "until Mon 2026-03-02 22:00 Europe/Berlin", "02 21:00", id="until"
        ),
        pytest.param(KeepUp("production", timedelta(hours=6)), "until Mon 2026-03-02 22:00", "02 21:00", id="for"),
        pytest.param(
            KeepUp("production", Until(time(9), tomorrow=True)), "until Tue 2026-03-03 09:00", "03 18:00", id="tomorrow"
        ),
        pytest.param(
            KeepUp("production", Until(time(18))), "is up until Mon 2026-03-02 19:00", "02 18:00", id="anyway"
        ),
        pytest.param(SkipTonight("production"), "Tue 2026-03-03 07:00 Europe/Berlin is skipped", "03 18:00", id="skip"),
        pytest.param(SleepNow("production"), "back Tue 2026-03-03 07:00", "02 15:00", id="sleep"),
    ],
)
def test_a_wish_in_the_afternoon_changes_when_the_next_night_begins(wanted: Wish, says: str, goals: str) -> None:
    """At 16:00 in Berlin; what is said is what happens, once, also where the answer is written twice."""
    world = NightWorld(ALLOWED)
    world.stop("02 15:00")
    assert says in wishes(world, wanted)
    assert says in wishes(world, wanted)
    world.live("04 05:00")
    assert world.goals[0] == f"{goals} suspend"
    assert world.status == DOWN


def test_what_is_typed_in_a_chat_keeps_it_up_and_is_answered_there() -> None:
    """With who wanted it and why."""
    world = NightWorld(ALLOWED)
    world.stop("02 17:50")
    mona = Actor(source=Source.SLACK, id="U1", name="mona")
    inquiry = Inquiry(
        id="d" + "k" * 20,
        text="keep production up for 3h because the demo is late",
        actor=mona,
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=world.clock,
    )
    world.inquiries.put(inquiry.model_dump_json())
    world.run()
    assert world.voice.said == ["production stays up until Mon 2026-03-02 21:50 Europe/Berlin."]
    world.live("02 20:45")
    assert world.status == UP
    (kept,) = world.remembered.overrides
    assert (kept.by, kept.reason) == (mona, "the demo is late")


def test_sleep_now_after_somebody_resumed_it_in_the_night_sleeps_until_the_morning() -> None:
    """The late worker has gone home."""
    world = NightWorld(ALLOWED)
    world.live("02 20:00")
    world.order(resume())
    world.live("02 22:00")
    wishes(world, SleepNow("production"))
    world.live("02 22:10")
    assert world.status == DOWN
    world.live("03 06:10")
    assert world.goals == [EVENING, "02 22:00 suspend", MORNING]


def test_what_was_let_sleep_in_the_afternoon_can_be_kept_up_again() -> None:
    """Of two wishes the later one holds; at its end the earlier one does again."""
    world = NightWorld(ALLOWED)
    world.stop("02 13:00")
    wishes(world, SleepNow("production"))
    world.live("02 14:00")
    assert world.status == DOWN
    assert "stays up until Mon 2026-03-02 16:00" in wishes(
        world, KeepUp("production", timedelta(hours=1)), "d" + "z" * 20
    )
    world.live("02 14:10")
    assert world.status == UP
    world.live("03 06:10")
    assert world.goals[1:] == ["02 14:00 resume", "02 15:05 suspend", MORNING]


def test_whoever_may_not_change_the_environment_may_not_change_its_nights() -> None:
    """The same policy as for every command."""
    world = NightWorld(sleeper())
    assert "may" in wishes(world, SleepNow("production"))
    assert "production" not in world.nights.rows
