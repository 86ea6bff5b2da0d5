"""What leaves an environment up: work in it, its lock, rights, a freeze, and rules that nobody can read."""

from datetime import timedelta

import pytest

from handlers.environments import Environment, Strategy
from handlers.environments.rights import Freeze, Right
from handlers.model import Actor, Source
from handlers.policy import Lock
from tests.nights.world import (
    DOWN,
    EVENING,
    UP,
    NightWorld,
    at,
    sleeper,
)


def test_a_deployment_at_suspend_time_is_finished_first() -> None:
    """Then the night begins, late."""
    world = NightWorld(sleeper())
    world.stop("02 17:59")
    world.azure.takes = timedelta(minutes=12)
    world.deliver(world.release(2, "v1.5.0").model_copy(update={"environment": "production"}))
    world.azure.slots.clear()
    world.live("02 18:40")
    assert world.status == DOWN
    (asked,) = world.by_night
    assert at("02 18:10") < asked.request.accepted_at <= at("02 18:20")


def test_a_slot_that_a_release_has_emptied_at_suspend_time_is_not_taken_for_an_empty_one() -> None:
    """What is replaced has gone at seven; what comes after it sleeps as well."""
    world = NightWorld(sleeper().model_copy(update={"strategy": Strategy.REPLACE}))
    world.stop("02 17:50")
    world.azure.takes = timedelta(minutes=9, seconds=50)
    release = world.release(2, "v1.5.0")
    world.deliver(release)
    world.live("02 18:00")
    assert (world.status, world.row(release).ended) == ("empty", False)
    world.live("02 18:40")
    assert world.status == DOWN
    assert world.row(release).outcome is not None
    assert (len(world.goals), world.voice.said[1:]) == (1, [])


def test_a_rule_that_cannot_be_read_leaves_things_up_and_its_owner_hears_so_once_a_day() -> None:
    """For two days."""
    world = NightWorld(sleeper(zone="Europe/Brlin"))
    world.live("03 20:00")
    assert (world.status, world.goals) == (UP, [])
    assert len(world.voice.said) == 2
    assert ".zone: must be a time zone" in world.voice.said[0]


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(sleeper(zone="Europe/Brlin"), id="unreadable"),
        pytest.param(sleeper().model_copy(update={"night": ()}), id="taken away"),
        pytest.param(sleeper(name="other"), id="renamed"),
        pytest.param(sleeper({**sleeper().night[0], "name": "two", "suspend": "17:30"}), id="contradicted"),
    ],
)
def test_a_rule_that_is_spoilt_in_the_night_wakes_what_it_put_to_sleep(environment: Environment) -> None:
    """Nothing sleeps that no rule says should."""
    world = NightWorld(sleeper())
    world.live("02 22:00")
    world.environments["production"] = environment
    world.live("02 22:20")
    assert world.status == UP


def test_two_rules_that_overlap_leave_things_up() -> None:
    """And say so."""
    world = NightWorld(sleeper({**sleeper().night[0], "name": "two", "suspend": "20:00"}))
    world.live("03 07:00")
    assert world.goals == []
    assert any("overlap" in text for text in world.voice.said)


def test_a_locked_environment_does_not_fall_asleep() -> None:
    """It is left to whoever locked it; afterwards the night begins, late."""
    world = NightWorld(sleeper())
    mona = Actor(source=Source.SLACK, id="U1", name="mona")
    standing = world.ledger.standing("production")
    lock = Lock(id="l", owner=mona, reason="a demo", since=at("02 17:00"), until=at("02 19:00"))
    world.ledger.replace_standing("production", standing, standing.row.model_copy(update={"lock": lock}))
    world.live("02 18:55")
    assert world.status == UP
    world.live("02 19:10")
    assert world.goals == ["02 19:00 suspend"]


@pytest.mark.parametrize(
    ("resume_is_for", "goals"),
    [pytest.param("slack:U1", [], id="a person"), pytest.param("any:clock", [EVENING], id="the clock")],
)
def test_nothing_sleeps_that_the_clock_may_not_wake(resume_is_for: str, goals: list[str]) -> None:
    """Where rights are written down, both have to name it."""
    rights = {Right.SUSPEND_PRODUCTION: ("any:clock",), Right.RESUME: (resume_is_for,)}
    world = NightWorld(sleeper().model_copy(update={"rights": rights}))
    world.live("02 20:30")
    assert world.goals == goals


@pytest.mark.parametrize(
    ("way", "right"),
    [("suspend", Right.SUSPEND_PRODUCTION), ("delete", Right.SUSPEND_PRODUCTION), ("scale", Right.SCALE)],
)
def test_nothing_sleeps_by_a_right_that_the_clock_has_not(way: str, right: Right) -> None:
    """Where a right is written down for others; its owner hears why it stayed up."""
    rights = {right: ("slack:U3",), Right.RESUME: ("any:clock",)}
    counts = {"instances": {"Web": 1}} if way == "scale" else {}
    world = NightWorld(sleeper(sleep=way, **counts).model_copy(update={"rights": rights}))
    world.live("02 20:30")
    assert world.goals == []
    assert any(f"The clock has no right to {right}" in text for text in world.voice.said)


def test_a_frozen_environment_does_not_fall_asleep() -> None:
    """Its owner hears why it stayed up."""
    begins, ends = (at(text).replace(tzinfo=None) for text in ("02 12:00", "03 12:00"))
    freeze = Freeze(reason="the fair", begins=begins, ends=ends, verbs=(Right.SUSPEND_PRODUCTION,))
    world = NightWorld(sleeper().model_copy(update={"freezes": (freeze,)}))
    world.live("02 20:30")
    assert world.goals == []
    assert any("the fair" in text for text in world.voice.said)
