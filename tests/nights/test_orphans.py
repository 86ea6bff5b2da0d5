"""What a night has put to sleep, and what the file of environments says elsewhere by the morning, or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from handlers import commands
from handlers.commands import KeepUp
from handlers.environments import Environment
from handlers.errors import Unavailable
from handlers.model import Failed, Slot
from handlers.night import night
from handlers.ports import Stored
from tests.nights.world import ALLOWED, DOWN, UP, NightWorld, resume, sleeper, status, wishes

OTHER = sleeper().model_copy(update={"name": "other", "cloud_service": "contoso-other", "night": (), "notify": {}})


def orphaned(world: NightWorld, now: dict[str, Environment], until: str = "03 07:00") -> list[str]:
    """Let a night begin, let the file say something else from nine on, and return what is said until the morning."""
    world.live("02 20:00")
    world.voice.said.clear()
    world.environments.clear()
    world.environments.update(now)
    world.live(until, timers=2)
    return world.voice.said


def test_an_environment_that_is_taken_out_of_the_file_in_its_night_is_told_once() -> None:
    """In the channels that it had, with what has to be done; Azure is asked nothing."""
    world = NightWorld(sleeper())
    (told,) = orphaned(world, {"other": OTHER}, until="04 07:00")
    assert told == (
        "production was put to sleep in contoso-web, production by the rule night at 19:00 on Monday 2026-03-02, and "
        "environments.toml does not name it any more: no morning wakes it. Put [environments.production] back as it "
        "was, and it is woken."
    )
    assert world.status == DOWN


@pytest.mark.parametrize(
    ("way", "command"),
    [
        pytest.param({}, "resume live", id="suspend"),
        pytest.param({"sleep": "scale", "instances": {"Web": 1}}, "scale live Web=2", id="scale"),
        pytest.param({"sleep": "delete"}, "deploy v1.4.2 to live", id="delete"),
    ],
)
def test_one_that_is_renamed_is_told_with_the_command_that_brings_it_back(way: dict[str, Any], command: str) -> None:
    """Under its new name, as a person types it."""
    world = NightWorld(sleeper(**way))
    live = sleeper().model_copy(update={"name": "live", "cloud_service": "Contoso-Web", "night": ()})
    (told,) = orphaned(world, {"other": OTHER, "live": live})
    assert told.endswith(f"; or, as that place is live by now, say: {command}")
    assert commands.say(commands.read(command, ["live"])) == command


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"cloud_service": "contoso-new"}, id="another cloud service"),
        pytest.param({"slot": Slot.STAGING, "strategy": None}, id="another slot"),
    ],
)
@pytest.mark.parametrize("way", ["suspend", "delete"])
def test_nothing_is_woken_where_it_did_not_sleep(changes: dict[str, Any], way: str) -> None:
    """The file says another place under the same name: its owner is told, and nothing is created there."""
    world = NightWorld(sleeper(sleep=way))
    elsewhere = sleeper(sleep=way, slots=["production", "staging"]).model_copy(update=changes)
    told = orphaned(world, {"production": elsewhere})
    assert ["environments.toml says another place for it" in one for one in told] == [True]
    assert len(world.goals) == 1


def test_one_that_moves_when_its_resumes_have_failed_is_told_as_one_that_has_moved() -> None:
    """What would be said for the resumes wakes what stands in the new place."""
    world = NightWorld(sleeper(days="mon"))
    world.live("03 05:55")
    world.azure.ending = Failed(400, "BadRequest", "No.")
    world.live("03 07:00")
    world.voice.said.clear()
    world.environments["production"] = sleeper(days="mon").model_copy(update={"cloud_service": "contoso-new"})
    world.live("04 08:00")
    (told,) = world.voice.said
    assert "environments.toml says another place for it" in told


def test_one_that_goes_before_it_has_fallen_asleep_is_not_said_to_sleep() -> None:
    """Its request ends without a call."""
    world = NightWorld(sleeper())
    world.live("02 17:55")
    world.voice.said.clear()
    world.stop("02 18:00")
    night(world.ports)
    world.environments.clear()
    world.environments["other"] = OTHER
    world.live("03 07:00", timers=2)
    assert (world.status, world.voice.said) == (UP, [])


def test_the_next_night_of_one_that_has_moved_begins_all_the_same() -> None:
    """What stands in the new place has nothing to do with what sleeps in the old one, nor has its rule."""
    world = NightWorld(sleeper())
    staging = sleeper(slots=["staging"], name="evenings").model_copy(update={"slot": Slot.STAGING, "strategy": None})
    orphaned(world, {"production": staging})
    world.azure.stand("theirs", Slot.STAGING)
    world.live("03 18:10")
    assert world.goals[-1] == "03 18:00 suspend"
    slept = world.remembered.snapshot
    assert slept is not None
    assert (slept.deployment, slept.slot) == ("theirs", Slot.STAGING)


def test_nobody_is_told_in_a_chat_of_a_sleep_in_another_place() -> None:
    """Neither by its status nor by what keeps it up."""
    world = NightWorld(ALLOWED.model_copy(update={"night": sleeper(sleep="delete").night}))
    moved = {"slot": Slot.STAGING, "strategy": None, "night": sleeper(sleep="delete", slots=["staging"]).night}
    orphaned(world, {"production": ALLOWED.model_copy(update=moved)}, until="03 05:00")
    assert "asleep" not in status(world)
    assert "woken" not in wishes(world, KeepUp("production", timedelta(hours=30)))


def test_one_that_is_put_back_is_woken() -> None:
    """However late."""
    world = NightWorld(sleeper())
    orphaned(world, {"other": OTHER}, until="03 12:00")
    world.environments["production"] = sleeper()
    world.live("03 12:20")
    assert world.status == UP


def test_nothing_is_said_of_one_that_somebody_has_woken_before() -> None:
    """Or that the night has."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.order(resume())
    world.live("02 20:30")
    assert orphaned(world, {"other": OTHER}, until="03 20:00") == []


def test_it_is_told_again_where_it_could_not_be_heard() -> None:
    """The chat was away."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    world.voice.trouble.append(Unavailable("Slack does not answer"))
    assert len(orphaned(world, {"other": OTHER})) == 1
    assert world.voice.trouble == []


def test_what_an_earlier_version_wrote_down_is_woken_and_told_as_far_as_it_goes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It did not keep where something sleeps, nor whom to tell: the log alone hears of one that is gone."""
    world = NightWorld(sleeper())
    world.live("02 20:00")
    stored = world.nights.rows["production"]
    old = stored.row.model_dump(mode="json")
    for field in ("subscription", "cloud_service", "slot", "notify"):
        del old["snapshot"][field]
    del old["orphaned"]
    world.nights.rows["production"] = Stored(type(stored.row).model_validate(old), stored.etag)
    assert orphaned(world, {"other": OTHER}, until="03 05:55") == []
    (told,) = [one.message for one in caplog.records if "owner.told" in one.message and "no morning" in one.message]
    assert "production was put to sleep by the rule night at 19:00" in told
    world.environments["production"] = sleeper()
    world.live("03 06:10")
    assert world.status == UP
