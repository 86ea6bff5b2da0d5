"""Evenings and mornings of a whole Slipway, on a clock that the tests move. Berlin is an hour ahead of UTC."""

from datetime import timedelta

import pytest

from handlers.errors import AzureRefused, PackageUnusable
from handlers.model import Failed, Result, Slot, Succeeded
from handlers.night import night
from handlers.planning import Deployed
from tests.nights.world import DOWN, EVENING, MORNING, UP, NightWorld, resume, sleeper, suspend


def test_a_night_suspends_in_the_evening_and_resumes_in_the_morning() -> None:
    """And nothing is left over."""
    world = NightWorld(sleeper())
    world.live("02 17:55")
    assert world.status == UP
    world.live("02 18:05")
    assert world.status == DOWN
    world.live("03 05:55")
    assert world.status == DOWN
    world.live("03 06:10")
    assert world.status == UP
    assert world.goals == [EVENING, MORNING]
    assert world.remembered.snapshot is None


def test_several_timers_ask_once() -> None:
    """Three at every tick, over two nights."""
    world = NightWorld(sleeper())
    world.live("04 07:00", timers=3)
    assert world.goals == [EVENING, MORNING, "03 18:00 suspend", "04 06:00 resume"]


def test_a_weekend_is_one_night() -> None:
    """From Friday to Monday."""
    world = NightWorld(sleeper())
    world.stop("06 17:00")
    world.live("09 07:00")
    assert world.goals == ["06 18:00 suspend", "09 06:00 resume"]


def test_a_host_that_was_down_over_the_morning_resumes_when_it_is_back() -> None:
    """However late."""
    world = NightWorld(sleeper())
    world.live("02 19:00")
    world.stop("03 11:20")
    world.live("03 11:30")
    assert (world.status, world.goals[-1]) == (UP, "03 11:20 resume")


@pytest.mark.parametrize(
    ("back", "status"),
    [pytest.param("02 20:00", DOWN, id="two hours late"), pytest.param("02 20:05", UP, id="later")],
)
def test_a_host_that_was_down_over_the_evening_suspends_within_two_hours(back: str, status: str) -> None:
    """After that it stays up, and its owner hears so."""
    world = NightWorld(sleeper())
    world.stop(back)
    world.live("02 20:30")
    assert world.status == status
    told = [text for text in world.voice.said if "was not put to sleep" in text]
    assert len(told) == (status == UP)


def test_what_a_human_resumed_stays_up_until_the_next_evening() -> None:
    """A late worker is not put to bed twice, and the morning has nothing to do."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.order(resume())
    world.live("03 07:00")
    assert (world.status, world.goals) == (UP, [EVENING])
    world.live("03 18:10")
    assert world.status == DOWN


@pytest.mark.parametrize(("wakes", "status"), [pytest.param("own", DOWN, id="own"), pytest.param("any", UP, id="any")])
def test_what_a_human_suspended_before_the_night_is_resumed_only_where_the_rule_says_so(
    wakes: str, status: str
) -> None:
    """The night did not put it to sleep."""
    world = NightWorld(sleeper(wakes=wakes))
    world.order(suspend())
    world.live("03 06:30")
    assert world.status == status


def test_what_a_human_suspended_again_in_the_night_is_not_resumed() -> None:
    """Whoever resumed it at nine and suspended it at ten meant it."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.order(resume())
    world.live("02 21:00")
    world.order(suspend())
    world.live("03 07:00")
    assert (world.status, world.goals) == (DOWN, [EVENING])
    assert world.remembered.snapshot is None


def test_a_release_in_the_night_is_left_as_it_is() -> None:
    """What slept is not there any more."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.azure.stand("theirs", Slot.PRODUCTION)
    world.live("03 07:00")
    assert world.goals == [EVENING]
    assert world.azure.slots[Slot.PRODUCTION].name == "theirs"


def test_delete_brings_back_the_same_version_and_configuration_without_github() -> None:
    """From what was kept in the evening."""
    world = NightWorld(sleeper(sleep="delete"))
    before: Deployed = world.azure.slots[Slot.PRODUCTION]
    world.azure.slots[Slot.PRODUCTION] = Deployed(**{**vars(before), "configuration": b"<scaled/>"})
    world.live("02 18:10")
    assert world.status == "empty"
    world.packages.trouble = PackageUnusable("ReleaseNotFound", "GitHub knows nothing of it.")
    world.live("03 06:10")
    assert world.status == UP
    assert world.goals == ["02 18:00 v1.4.2 put away", "03 06:00 v1.4.2"]
    assert list(world.nights.configurations.values()) == [b"<scaled/>"]
    world.packages.trouble = None
    world.live("04 06:10")
    assert (world.status, len(world.goals)) == (UP, 4)


def test_delete_leaves_up_what_slipway_could_not_create_again() -> None:
    """Its owner hears why."""
    world = NightWorld(sleeper(sleep="delete"))
    world.azure.stand("theirs", Slot.PRODUCTION)
    world.live("02 19:00")
    assert world.goals == []
    assert sum("could not create it again" in text for text in world.voice.said) == 1


def test_delete_leaves_up_what_cannot_be_kept() -> None:
    """Nothing is deleted before everything that brings it back is safe."""
    world = NightWorld(sleeper(sleep="delete"))
    world.packages.trouble = PackageUnusable("PackageNotFound", "The release has no package any more.")
    world.packages.configurations.clear()
    world.live("02 19:00")
    assert (world.status, world.azure.accepted("delete")) == (UP, [])


def test_the_morning_brings_back_the_bytes_of_the_evening() -> None:
    """The files of the release were replaced meanwhile."""
    world = NightWorld(sleeper(sleep="delete"))
    world.packages.package = "replaced"
    world.live("03 06:10")
    assert world.status == UP
    assert [package for _, package in world.azure.brought] == ["package", "package"]


def test_scale_runs_fewer_instances_and_brings_back_as_many_as_there_were() -> None:
    """Two, one, two."""
    world = NightWorld(sleeper(sleep="scale", instances={"Web": 1}))
    world.live("02 18:10")
    assert world.scaling.counts == {"Web": 1}
    world.live("03 06:10")
    assert world.scaling.counts == {"Web": 2}
    assert world.goals == ["02 18:00 Web=1", "03 06:00 Web=2"]


def test_scale_leaves_what_somebody_scaled_in_the_night() -> None:
    """They know why."""
    world = NightWorld(sleeper(sleep="scale", instances={"Web": 1}))
    world.live("02 18:10")
    world.scaling.counts["Web"] = 5
    world.live("03 06:10")
    assert world.scaling.counts == {"Web": 5}


def test_a_resume_that_fails_is_asked_for_again_and_what_ran_before_is_not_forgotten() -> None:
    """Azure refuses it once."""
    world = NightWorld(sleeper())
    world.live("03 05:55")
    world.azure.refusal.append(AzureRefused("BadRequest", "No."))
    world.live("03 06:20")
    assert (world.status, world.goals) == (UP, [EVENING, MORNING, "03 06:05 resume"])
    assert world.remembered.snapshot is None


def test_a_resume_that_keeps_failing_is_told_and_begins_anew_the_next_morning() -> None:
    """Three tries a morning."""
    world = NightWorld(sleeper())
    world.live("03 05:55")
    world.azure.ending = Failed(400, "BadRequest", "No.")
    world.live("03 17:00")
    assert len(world.goals) == 4
    assert sum("did not wake up" in text for text in world.voice.said) == 1
    world.azure.ending = Succeeded()
    world.live("04 06:20")
    assert world.status == UP


def test_a_night_that_did_not_begin_is_not_ended() -> None:
    """Azure refused the suspension."""
    world = NightWorld(sleeper())
    world.live("02 17:55")
    world.azure.refusal.append(AzureRefused("BadRequest", "No."))
    world.live("03 07:00")
    assert world.goals == [EVENING]
    assert world.by_night[0].outcome is not None
    assert world.by_night[0].outcome.result is Result.FAILURE
    assert world.remembered.snapshot is None


def test_what_a_resume_took_decides_when_the_next_one_begins() -> None:
    """`ready_by` begins a quarter of an hour early, then as early as the last one took."""
    environment = sleeper()
    rule = {name: value for name, value in environment.night[0].items() if name != "resume"}
    world = NightWorld(environment.model_copy(update={"night": ({**rule, "ready_by": "07:00"},)}))
    world.azure.boots_in = timedelta(minutes=25)
    world.live("04 06:20")
    assert [one for one in world.goals if one.endswith("resume")] == ["03 05:45 resume", "04 05:35 resume"]


def test_the_months_are_added_up() -> None:
    """Twelve hours; only instances that did not exist are counted as not having run."""
    for changes, saved in ((("suspend", {}), 0), (("delete", {}), 24), (("scale", {"Web": 1}), 12)):
        way, counts = changes
        world = NightWorld(sleeper(sleep=way, **({"instances": counts} if counts else {})))
        world.live("03 06:15")
        month = world.remembered.months["2026-03"]
        assert (round(month.hours, 1), month.nights, round(month.instance_hours, 1)) == (12, 1, saved)


@pytest.mark.parametrize(
    ("way", "says"),
    [
        pytest.param("suspend", "Azure charges for all the same", id="suspend"),
        pytest.param("delete", "34 instance-hours did not run", id="delete"),
    ],
)
def test_a_month_is_told_once_when_its_last_night_is_over(way: str, says: str) -> None:
    """A night of twelve hours, and five hours of the one that goes on in April, which begins at midnight in Berlin."""
    world = NightWorld(sleeper(sleep=way))
    world.stop("30 16:00")
    world.live("31 23:59")
    assert not any("of 2026-03" in text for text in world.voice.said)
    world.live("31 23:59", timers=2)
    world.clock += timedelta(hours=5, minutes=6)
    _tick(world)
    world.run()
    _tick(world)
    _tick(world)
    (line,) = [text for text in world.voice.said if "of 2026-03" in text]
    assert says in line


def _tick(world: NightWorld) -> None:
    night(world.ports)
    world.run()
    world.clock += timedelta(minutes=5)
