"""Mornings that something stands in the way of, and evenings that somebody's clock or host died over."""

from datetime import time, timedelta

import pytest

from handlers.commands import KeepUp, SkipTonight, SleepNow, Until, Wish
from handlers.errors import Unavailable
from handlers.model import Actor, Failed, Source, Succeeded
from handlers.night import night
from handlers.policy import Lock
from tests.nights.test_night import ALLOWED, DOWN, EVENING, UP, wishes
from tests.nights.world import NightWorld, at, sleeper

MORNING = "03 06:00 Running"


def lock(world: NightWorld, until: str) -> None:
    """Let mona lock production."""
    mona = Actor(source=Source.SLACK, id="U1", name="mona")
    standing = world.ledger.standing("production")
    one = Lock(id="l", owner=mona, reason="a demo", since=world.clock, until=at(until))
    world.ledger.replace_standing("production", standing, standing.row.model_copy(update={"lock": one}))


def test_an_owner_hears_once_why_a_morning_waits() -> None:
    """Somebody has locked it over the morning; it is woken when the lock ends."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    lock(world, "03 08:00")
    world.live("03 08:10")
    assert (world.status, world.goals) == (UP, [EVENING, "03 08:00 Running"])
    (told,) = [text for text in world.voice.said if "not woken up" in text]
    assert "locked by mona" in told


def test_a_lock_that_comes_between_asking_and_waking_uses_up_no_try() -> None:
    """The resume is refused; the next one is asked for when the lock ends."""
    world = NightWorld(sleeper())
    world.live("03 05:55")
    world.stop("03 06:00")
    night(world.ports)
    lock(world, "03 08:00")
    world.live("03 08:10")
    assert (world.status, world.goals) == (UP, [EVENING, MORNING, "03 08:00 Running"])


def test_what_somebody_scaled_after_a_resume_failed_is_left_as_it_is() -> None:
    """Nothing is tried again that is not wanted any more."""
    world = NightWorld(sleeper(sleep="scale", instances={"Web": 1}))
    world.live("03 05:55")
    world.azure.ending = Failed(400, "BadRequest", "No.")
    world.stop("03 06:00")
    night(world.ports)
    world.run(timedelta(minutes=3))
    world.azure.ending = Succeeded()
    world.scaling.counts["Web"] = 8
    world.live("03 07:00")
    assert (world.scaling.counts, len(world.goals)) == ({"Web": 8}, 2)
    assert world.remembered.snapshot is None


def test_what_could_not_be_woken_sleeps_on_where_the_next_night_begins() -> None:
    """It was to stay up until ten; at ten nobody is told that it did not go to sleep."""
    world = NightWorld(ALLOWED)
    world.live("02 19:00")
    wishes(world, KeepUp("production", timedelta(hours=2)))
    world.azure.ending = Failed(400, "BadRequest", "No.")
    world.live("02 20:55")
    world.azure.ending = Succeeded()
    world.live("03 06:10")
    assert (world.status, world.goals[-1]) == (UP, MORNING)
    assert not any("was not put to sleep" in text for text in world.voice.said)


def test_a_clock_that_goes_back_wakes_nothing() -> None:
    """It says ten to seven once more after it has said ten past."""
    world = NightWorld(sleeper())
    world.live("02 18:10")
    world.stop("02 17:50")
    world.live("02 19:00")
    assert (world.status, world.goals) == (DOWN, [EVENING])
    world.live("03 06:10")
    assert world.goals == [EVENING, MORNING]


def test_a_host_that_dies_before_it_asks_looks_again_at_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has locked it since what runs was written down; the night waits for that."""
    world = NightWorld(sleeper())
    world.stop("02 18:00")
    with monkeypatch.context() as dying:
        dying.setattr(world.ledger, "open", _dies)
        night(world.ports)
    taken = world.remembered.snapshot
    assert taken is not None
    lock(world, "02 19:00")
    world.live("02 18:55")
    assert (world.status, world.goals) == (UP, [])
    world.live("02 19:10")
    assert (world.status, world.remembered.snapshot) == (DOWN, taken)


def _dies(_: object) -> None:
    raise Unavailable("the ledger is away")


def test_no_role_gets_more_instances_by_falling_asleep() -> None:
    """Two run; three at night is no sleep."""
    world = NightWorld(sleeper(sleep="scale", instances={"Web": 3}))
    world.live("03 06:10")
    assert (world.scaling.counts, world.goals) == ({"Web": 2}, [])


def test_nobody_is_warned_of_a_night_that_is_skipped() -> None:
    """Neither in the evening nor before the morning that it is put off to."""
    world = NightWorld(ALLOWED)
    world.stop("02 15:00")
    wishes(world, SkipTonight("production"))
    world.live("03 07:00")
    assert world.voice.said == []


@pytest.mark.parametrize(
    ("wanted", "says", "first"),
    [
        pytest.param(SleepNow("production"), "back Mon 2026-03-09 07:00", "03 12:00 Suspended", id="sleep"),
        pytest.param(
            KeepUp("production", timedelta(days=4)), "until Sat 2026-03-07 13:00", "07 12:00 Suspended", id="keep"
        ),
        pytest.param(
            SkipTonight("production"), "the next one does on Fri 2026-03-06 19:00", "06 18:00 Suspended", id="skip"
        ),
        pytest.param(
            KeepUp("production", Until(time(22))), "up until Fri 2026-03-06 19:00", "06 18:00 Suspended", id="anyway"
        ),
    ],
)
def test_a_night_that_is_days_away_is_known(wanted: Wish, says: str, first: str) -> None:
    """It is Tuesday, and nights begin on Fridays."""
    world = NightWorld(ALLOWED.model_copy(update={"night": sleeper(days="fri").night}))
    world.stop("03 12:00")
    assert says in wishes(world, wanted)
    world.live("07 12:10")
    assert world.goals[0] == first
