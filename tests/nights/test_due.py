"""Each end of a night is settled once, whichever timers run and whichever do not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.nights.due import Settlement, Verdict, due
from handlers.nights.instants import Action
from handlers.nights.rules import Rule
from handlers.nights.transitions import Night, at_midnight, nights
from tests.nights.rules import rule

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "Asia/Kolkata",
)
"""Both hemispheres; half hours and quarters; a change of 30 minutes; four changes a year; none."""

FIRST, LAST = date(2020, 1, 1), date(2029, 12, 31)


@cache
def change_days(zone: str) -> tuple[date, ...]:
    """Return every day of ten years on which the clocks of a zone change; where they never do, twenty other days."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
    offsets = [datetime.combine(day, time(), ZoneInfo(zone)).utcoffset() for day in [*days, LAST]]
    changing = tuple(day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after)
    return changing or tuple(days[::180])


def ticks(start: datetime, end: datetime, spacing: timedelta, lost: Random, share: float) -> Iterator[datetime]:
    """Yield when timers fire, with `share` of them lost one by one and some outages of hours."""
    now, away_until = start, start
    while now < end:
        if share and lost.random() < 0.004:
            away_until = now + timedelta(hours=lost.randint(1, 30))
        if now >= away_until and lost.random() >= share:
            yield now
        now += spacing
    yield end


def live(around: Sequence[Night], moments: Iterator[datetime], settled: str = "") -> list[tuple[datetime, Settlement]]:
    """Settle what is due at each moment, as the timer does."""
    found = []
    for now in moments:
        for settlement in due(around, now, settled):
            settled = settlement.transition.place
            found.append((now, settlement))
    return found


def around(one: Rule, day: date) -> tuple[list[Night], datetime, datetime]:
    """Return the nights that begin from two days before a day until its evening, and the time around them."""
    found = list(nights(one, day - timedelta(days=2), day))
    end = max([night.morning for night in found], default=at_midnight(day, one)) + timedelta(minutes=1)
    return found, at_midnight(day - timedelta(days=2), one), end


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    suspend=st.one_of(st.times(), st.times(time(0), time(4))),
    resume=st.one_of(st.times(), st.times(time(0), time(4))),
    spacing=st.integers(1, 60),
    share=st.sampled_from([0, 0.1, 0.5, 0.95]),
    seed=st.integers(0, 2**32),
)
def test_over_ten_years_of_changes_each_rule_date_and_action_happens_once(
    zone: str, suspend: time, resume: time, spacing: int, share: float, seed: int
) -> None:
    """Whatever the spacing of the ticks from 1 to 60 minutes, and whichever of them are lost."""
    suspend, resume = (at.replace(second=0, microsecond=0, fold=0) for at in (suspend, resume))
    if suspend == resume:
        return
    one = rule(f"{suspend:%H:%M}", f"{resume:%H:%M}", "mon-sun", zone)
    lost = Random(seed)  # noqa: S311 - which ticks are lost is no secret
    for day in change_days(zone):
        found, start, end = around(one, day)
        wanted = [transition.key for night in found for transition in night.transitions]
        assert len(wanted) == len(set(wanted)) == 6
        settled = live(found, ticks(start, end, timedelta(minutes=spacing), lost, share))
        assert [settlement.transition.key for _, settlement in settled] == wanted
        for now, settlement in settled:
            late = now - settlement.transition.at
            assert late >= timedelta(0)
            if share == 0 and settlement.verdict is not Verdict.OVERTAKEN:
                assert settlement.verdict is Verdict.ACT
                assert late < timedelta(minutes=spacing + 1)
            if settlement.verdict is Verdict.TOO_LATE:
                assert settlement.transition.action is Action.SUSPEND
                assert late > one.lateness


@pytest.mark.parametrize("zone", ZONES)
def test_no_night_ends_before_it_begins_and_none_begins_before_the_last_one_ended(zone: str) -> None:
    """Also where both its times lie in the hour that comes twice or never."""
    for suspend, resume in (("02:15", "02:45"), ("02:45", "02:15"), ("01:40", "01:50"), ("19:00", "07:00")):
        one = rule(suspend, resume, "mon-sun", zone)
        for day in change_days(zone):
            found, _, _ = around(one, day)
            ends = [transition.at for night in found for transition in night.transitions]
            assert ends == sorted(ends)


def test_two_timers_at_once_settle_nothing_twice() -> None:
    """The second one finds the place that the first one has written."""
    one = rule()
    found, start, end = around(one, date(2026, 3, 4))
    moments = ticks(start, end, timedelta(minutes=5), Random(1), 0)  # noqa: S311 - no secret
    both = live(found, (now for moment in moments for now in (moment, moment - timedelta(minutes=4))))
    assert max(Counter(settlement.transition.key for _, settlement in both).values()) == 1


EVENING = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("late", "verdict"),
    [
        pytest.param(timedelta(0), Verdict.ACT, id="on time"),
        pytest.param(timedelta(hours=2), Verdict.ACT, id="as late as may be"),
        pytest.param(timedelta(hours=2, seconds=1), Verdict.TOO_LATE, id="later"),
    ],
)
def test_a_night_begins_late_only_within_its_lateness(late: timedelta, verdict: Verdict) -> None:
    """Two hours where the rule says nothing else."""
    found, _, _ = around(rule(), date(2026, 3, 4))
    assert due(found, EVENING + late, "2026-03-03 2")[-1].verdict is verdict


def test_a_morning_is_never_too_late() -> None:
    """Ten hours after it, just before the next evening."""
    found, _, _ = around(rule(), date(2026, 3, 4))
    latest = due(found, EVENING - timedelta(minutes=1), "2026-03-03 1")[-1]
    assert (latest.transition.action, latest.verdict) == (Action.RESUME, Verdict.ACT)


def test_only_the_latest_of_several_counts() -> None:
    """A host that was down over evening and morning puts nothing to sleep at noon."""
    found, _, _ = around(rule(), date(2026, 3, 4))
    settled = due(found, EVENING - timedelta(hours=6), "2026-03-02 2")
    assert [one.verdict for one in settled] == [Verdict.OVERTAKEN, Verdict.ACT]
    assert settled[-1].transition.action is Action.RESUME
