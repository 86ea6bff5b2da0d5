"""Evenings and mornings of a whole Slipway, on a clock that the tests move. Berlin is an hour ahead of UTC."""

from datetime import time, timedelta

import pytest

from handlers.answering.wishing import wish
from handlers.commands import KeepUp, SkipTonight, SleepNow, Until, Wish
from handlers.environments import Environment, Strategy
from handlers.environments.rights import Freeze, Right
from handlers.errors import AzureRefused, PackageUnusable
from handlers.model import Actor, DeleteStep, Failed, Inquiry, Result, SlackPlace, Slot, Source, Succeeded
from handlers.night import night
from handlers.nights.state import Override
from handlers.planning import Deployed
from handlers.policy import Lock
from tests.flows.world import Fault
from tests.nights.world import NightWorld, at, resume, sleeper, suspend

UP, DOWN = "Running", "Suspended"
EVENING, MORNING = "02 18:00 Suspended", "03 06:00 Running"


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
    assert world.goals == [EVENING, MORNING, "03 18:00 Suspended", "04 06:00 Running"]


def test_a_weekend_is_one_night() -> None:
    """From Friday to Monday."""
    world = NightWorld(sleeper())
    world.stop("06 17:00")
    world.live("09 07:00")
    assert world.goals == ["06 18:00 Suspended", "09 06:00 Running"]


def test_a_host_that_was_down_over_the_morning_resumes_when_it_is_back() -> None:
    """However late."""
    world = NightWorld(sleeper())
    world.live("02 19:00")
    world.stop("03 11:20")
    world.live("03 11:30")
    assert (world.status, world.goals[-1]) == (UP, "03 11:20 Running")


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
    assert (world.status, world.goals) == (UP, ["02 21:30 Suspended", MORNING])


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
    assert world.goals == [EVENING, "02 19:00 Running", "02 21:00 Suspended", MORNING]


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


def test_a_resume_that_fails_is_asked_for_again_and_what_ran_before_is_not_forgotten() -> None:
    """Azure refuses it once."""
    world = NightWorld(sleeper())
    world.live("03 05:55")
    world.azure.refusal.append(AzureRefused("BadRequest", "No."))
    world.live("03 06:20")
    assert (world.status, world.goals) == (UP, [EVENING, MORNING, "03 06:05 Running"])
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
    assert [one for one in world.goals if one.endswith("Running")] == ["03 05:45 Running", "04 05:35 Running"]


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


def calls_of_a_night() -> int:
    """Count what goes outside from before an evening until after its morning."""
    world = NightWorld(sleeper(sleep="delete"))
    _one_night(world)
    return len(world.calls)


def _one_night(world: NightWorld) -> None:
    world.stop("02 17:50")
    world.live("02 18:20")
    world.stop("03 05:55")
    world.live("03 06:45")


@pytest.mark.parametrize("fault", Fault)
def test_whatever_fails_or_dies_the_night_deletes_once_and_the_morning_creates_once(fault: Fault) -> None:
    """At every single call outside, of the timer and of everything that follows."""
    for number in range(calls_of_a_night()):
        world = NightWorld(sleeper(sleep="delete"), {number: fault})
        _one_night(world)
        what = f"{number} {world.calls[number]}"
        assert (world.status, what) == (UP, what)
        assert len([step for step in world.azure.accepted("delete") if isinstance(step, DeleteStep)]) == 1, what
        assert len(world.azure.accepted("create")) == 2, what
        assert world.remembered.snapshot is None, what
        assert world.remembered.months["2026-03"].nights == 1, what


def wishes(world: NightWorld, wanted: Wish, name: str = "d" + "w" * 20) -> str:
    """Let mona wish for something now."""
    inquiry = Inquiry(
        id=name,
        text="as the test says",
        actor=Actor(source=Source.SLACK, id="U1", name="mona"),
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=world.clock,
    )
    answered = wish(wanted, inquiry, world.ports)
    return answered if isinstance(answered, str) else answered.sentence


ALLOWED = sleeper().model_copy(update={"allow": {Source.SLACK: ("U1",)}, "suspend_approvals": 0})


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
    assert world.goals[0] == f"{goals} Suspended"
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
    assert world.goals == [EVENING, "02 22:00 Suspended", MORNING]


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
    assert world.goals[1:] == ["02 14:00 Running", "02 15:05 Suspended", MORNING]


def test_whoever_may_not_change_the_environment_may_not_change_its_nights() -> None:
    """The same policy as for every command."""
    world = NightWorld(sleeper())
    assert "may" in wishes(world, SleepNow("production"))
    assert "production" not in world.nights.rows


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
    assert world.goals == ["02 19:00 Suspended"]


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
    assert any(f"You have no right to {right}" in text for text in world.voice.said)


def test_a_frozen_environment_does_not_fall_asleep() -> None:
    """Its owner hears why it stayed up."""
    begins, ends = (at(text).replace(tzinfo=None) for text in ("02 12:00", "03 12:00"))
    freeze = Freeze(reason="the fair", begins=begins, ends=ends, verbs=(Right.SUSPEND_PRODUCTION,))
    world = NightWorld(sleeper().model_copy(update={"freezes": (freeze,)}))
    world.live("02 20:30")
    assert world.goals == []
    assert any("the fair" in text for text in world.voice.said)
