"""Mornings that something stands in the way of, and evenings that somebody's clock or host died over."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from handlers.commands import KeepUp, SkipTonight, SleepNow, Until, Wish
from handlers.errors import Unavailable
from handlers.ledger import open_entry
from handlers.model import Failed, Slot, Succeeded
from handlers.night import night
from tests.nights.world import (
    ALLOWED,
    DOWN,
    EVENING,
    MORNING,
    UP,
    NightWorld,
    at,
    lock,
    resume,
    sleeper,
    status,
    wishes,
)


def test_an_owner_hears_once_why_a_morning_waits() -> None:
    """Somebody has locked it over the morning; it is woken when the lock ends."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    lock(world, "03 08:00")
    world.live("03 08:10")
    assert (world.status, world.goals) == (UP, [EVENING, "03 08:00 resume"])
    (told,) = [text for text in world.voice.said if "not woken up" in text]
    assert "locked by mona" in told


def test_what_lost_its_rule_waits_for_a_lock_like_every_morning() -> None:
    """It is asked for once, when the lock ends, and its owner hears once why it waits."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    lock(world, "02 22:00")
    world.environments["production"] = sleeper().model_copy(update={"night": ()})
    world.live("02 22:10")
    assert (world.status, world.goals) == (UP, [EVENING, "02 22:00 resume"])
    assert sum("not woken up" in text for text in world.voice.said) == 1


def test_who_keeps_up_what_sleeps_and_is_locked_hears_what_wakes_it() -> None:
    """The clock does not, whoever has locked it."""
    world = NightWorld(ALLOWED)
    world.live("02 20:00")
    lock(world, "02 23:00")
    said = wishes(world, KeepUp("production", timedelta(hours=4)))
    assert "locked by mona until 2026-03-02 23:00 UTC: a demo" in said
    assert "resume production wakes it" in said
    world.live("02 21:00")
    assert world.status == DOWN


def test_a_lock_that_comes_between_asking_and_waking_uses_up_no_try() -> None:
    """The resume is refused; the next one is asked for when the lock ends."""
    world = NightWorld(sleeper())
    world.live("03 05:55")
    world.stop("03 06:00")
    night(world.ports)
    lock(world, "03 08:00")
    world.live("03 08:10")
    assert (world.status, world.goals) == (UP, [EVENING, MORNING, "03 08:00 resume"])


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


@pytest.mark.parametrize(
    ("way", "command"),
    [
        pytest.param({}, "resume production", id="suspend"),
        pytest.param({"sleep": "delete"}, "deploy v1.4.2 to production", id="delete"),
    ],
)
def test_who_hears_that_it_did_not_wake_up_hears_what_to_say(way: dict[str, object], command: str) -> None:
    """Once a day, as long as nobody has said it."""
    world = NightWorld(sleeper(days="mon", **way))
    world.live("03 05:55")
    world.azure.ending = Failed(400, "BadRequest", "No.")
    world.live("04 05:00")
    told = [text for text in world.voice.said if "did not wake up" in text]
    assert told == [f"production did not wake up, 3 requests failed. To try again, say: {command}"] * 2


def test_nobody_is_told_that_it_did_not_wake_up_once_somebody_has_woken_it() -> None:
    """Its next night is days away."""
    world = NightWorld(sleeper(days="mon"))
    world.live("03 05:55")
    world.azure.ending = Failed(400, "BadRequest", "No.")
    world.live("03 07:00")
    world.azure.ending = Succeeded()
    world.order(resume())
    world.live("05 07:00")
    assert sum("did not wake up" in text for text in world.voice.said) == 1
    assert (world.status, world.remembered.snapshot) == (UP, None)


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


@pytest.mark.parametrize(
    ("wanted", "says", "first"),
    [
        pytest.param(SleepNow("production"), "back Mon 2026-03-09 07:00", "03 12:00 suspend", id="sleep"),
        pytest.param(
            KeepUp("production", timedelta(days=4)), "until Sat 2026-03-07 13:00", "07 12:00 suspend", id="keep"
        ),
        pytest.param(
            SkipTonight("production"), "the next one does on Fri 2026-03-06 19:00", "06 18:00 suspend", id="skip"
        ),
        pytest.param(
            KeepUp("production", Until(time(22))), "up until Fri 2026-03-06 19:00", "06 18:00 suspend", id="anyway"
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


def test_what_azure_scaled_down_is_scaled_up_again_though_its_instances_were_not_ready_in_time() -> None:
    """The one that was left restarted for an hour."""
    world = NightWorld(sleeper(sleep="scale", instances={"Web": 1}))
    world.stop("02 17:55")
    world.azure.boots_in = timedelta(hours=1)
    world.live("02 19:00")
    assert world.by_night[0].outcome is not None
    assert world.by_night[0].outcome.code == "NotReady"
    world.azure.boots_in = timedelta(minutes=1)
    world.live("03 06:10")
    assert world.scaling.counts == {"Web": 2}


def test_what_was_resumed_and_is_not_ready_is_not_forgotten() -> None:
    """It boots for forty minutes, of which half an hour is waited for each time."""
    world = NightWorld(sleeper())
    world.live("03 05:55")
    world.azure.boots_in = timedelta(minutes=40)
    world.live("03 06:35")
    assert world.by_night[1].outcome is not None
    assert world.by_night[1].outcome.code == "NotReady"
    kept = world.remembered.snapshot
    assert kept is not None
    world.live("03 07:00")
    assert (world.goals[1:], world.remembered.snapshot) == ([MORNING, "03 06:35 resume"], None)


@pytest.mark.parametrize(
    ("wanted", "goals"),
    [
        pytest.param(SleepNow("production"), [EVENING], id="sleep"),
        pytest.param(SkipTonight("production"), [], id="skip"),
    ],
)
def test_nobody_suspends_by_the_clock_what_takes_a_second_person(wanted: Wish, goals: list[str]) -> None:
    """In production that is so unless it is written otherwise. To keep it up takes nobody else."""
    world = NightWorld(ALLOWED.model_copy(update={"suspend_approvals": 1}))
    world.stop("02 15:00")
    assert ("takes a second person" in wishes(world, wanted)) == bool(goals)
    world.live("03 05:55")
    assert world.goals == goals


@pytest.mark.parametrize(
    ("service", "goals"),
    [pytest.param("Contoso-Web", [], id="the same"), pytest.param("contoso-other", [EVENING], id="another")],
)
def test_a_night_waits_for_a_release_into_the_other_slot_of_its_service(service: str, goals: list[str]) -> None:
    """A release that is swapped stands in both, one after the other."""
    world = NightWorld(sleeper())
    world.environments["twin"] = sleeper().model_copy(update={"name": "twin", "cloud_service": service, "night": ()})
    release = world.release(2, "v1.5.0").model_copy(update={"environment": "twin"})
    world.ledger.open(open_entry(release, at("02 17:59")))
    world.stop("02 18:00")
    night(world.ports)
    assert world.goals == goals


@pytest.mark.parametrize(
    ("accepted_at", "status"),
    [pytest.param("02 17:59", UP, id="before the night"), pytest.param("02 20:00", DOWN, id="in the night")],
)
def test_a_release_that_came_first_and_was_put_to_sleep_with_the_rest_is_woken(accepted_at: str, status: str) -> None:
    """It was under way when the night wrote down what ran, and its deployment has another name."""
    world = NightWorld(sleeper())
    world.live("02 18:10")
    slept = world.azure.slots[Slot.PRODUCTION]
    world.azure.slots[Slot.PRODUCTION] = replace(slept, name="dnewer", request="dnewer", accepted_at=at(accepted_at))
    world.live("03 06:10")
    assert world.status == status


@pytest.mark.parametrize(
    ("way", "row"),
    [
        pytest.param({}, "night  -  asleep  until Tue 2026-03-03 07:00 Europe/Berlin", id="suspend"),
        pytest.param(
            {"sleep": "delete"}, "night  v1.4.2  asleep  until Tue 2026-03-03 07:00 Europe/Berlin", id="delete"
        ),
        pytest.param(
            {"sleep": "scale", "instances": {"Web": 0}},
            "night  -  asleep  until Tue 2026-03-03 07:00 Europe/Berlin",
            id="scale",
        ),
    ],
)
def test_the_status_says_until_when_it_sleeps(way: dict[str, object], row: str) -> None:
    """In the night alone; and no role at all is fewer as well, and comes back."""
    world = NightWorld(sleeper(**way))
    assert "asleep" not in status(world)
    world.live("02 18:10")
    assert row.split() == status(world).splitlines()[-1].split()[1:]
    world.live("03 06:10")
    assert "asleep" not in status(world)
    assert (world.status, world.scaling.counts) == (UP, {"Web": 2})


def test_the_status_says_nothing_of_a_night_that_somebody_has_ended() -> None:
    """What is up is up."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.order(resume())
    world.live("02 21:00")
    assert "asleep" not in status(world)
