"""Schedules: the NCRONTAB dialect, and the next instant compared with a search second by second."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.timers.ncrontab import Cron, Every, ScheduleError, parse_schedule
from local.host.timer_status import is_monitored

NOON = datetime(2024, 5, 15, 12, 0, 0, tzinfo=UTC)
"""A Wednesday."""


def at(text: str) -> datetime:
    """Read `2024-05-15 12:00:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        pytest.param("* * * * * *", "2024-05-15 12:00:01", id="every second"),
        pytest.param("*/5 * * * *", "2024-05-15 12:05:00", id="five fields begin with minutes"),
        pytest.param("0 */5 * * * *", "2024-05-15 12:05:00", id="six fields begin with seconds"),
        pytest.param("0 0 12 * * *", "2024-05-16 12:00:00", id="the instant itself does not count"),
        pytest.param("30 2 * * MON-FRI", "2024-05-16 02:30:00", id="names of days"),
        pytest.param("0 0 * * sunday", "2024-05-19 00:00:00", id="whole names in small letters"),
        pytest.param("0 0 1 jan *", "2025-01-01 00:00:00", id="names of months"),
        pytest.param("0 0 1 J *", "2025-01-01 00:00:00", id="a prefix takes the first name that fits"),
        pytest.param("0 0 * * FRI-MON", "2024-05-16 00:00:00", id="a backward range is turned round: Monday to Friday"),
        pytest.param("5/20 * * * *", "2024-05-15 12:05:00", id="a step from a number"),
        pytest.param("10-20/5 * * * *", "2024-05-15 12:10:00", id="a step in a range"),
        pytest.param("1,59 * * * *", "2024-05-15 12:01:00", id="a list"),
        pytest.param("*/0 * * * *", "2024-05-15 12:01:00", id="a step of zero is one"),
        pytest.param("0 0 13 * FRI", "2024-09-13 00:00:00", id="day and weekday must both match"),
        pytest.param("0 0 31 * *", "2024-05-31 00:00:00", id="months without a 31st are skipped"),
        pytest.param("0 0 29 2 *", "2028-02-29 00:00:00", id="leap day"),
        pytest.param("0 0 29 2 THU", "2052-02-29 00:00:00", id="leap day on a Thursday"),
        pytest.param("0  0  *  *  *", "2024-05-16 00:00:00", id="more than one space"),
    ],
)
def test_a_schedule_fires_next(schedule: str, expected: str) -> None:
    """Each form of the dialect, from noon of a Wednesday."""
    assert parse_schedule(schedule).after(NOON) == at(expected)


def test_a_schedule_that_no_date_fulfils_never_fires() -> None:
    """30 February is a usual way to say "by hand only"."""
    assert parse_schedule("0 0 30 2 *").after(NOON) is None


def test_an_instant_in_another_zone_is_taken_as_utc() -> None:
    """14:00 at +02:00 is noon."""
    abroad = NOON.astimezone(timezone(timedelta(hours=2)))
    assert parse_schedule("*/5 * * * *").after(abroad) == at("2024-05-15 12:05:00")


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        pytest.param("00:00:10", timedelta(seconds=10), id="seconds"),
        pytest.param("01:30", timedelta(hours=1, minutes=30), id="hours and minutes"),
        pytest.param("1.00:00:00", timedelta(days=1), id="days before a dot"),
        pytest.param("24:00:00", timedelta(days=24), id="24 and more are days"),
    ],
)
def test_a_timespan_repeats(text: str, interval: timedelta) -> None:
    """`hh:mm:ss` in place of fields."""
    assert parse_schedule(text) == Every(interval)


def test_a_timespan_may_end_behind_the_last_date() -> None:
    """Then it never fires."""
    assert parse_schedule("9999999.00:00:00").after(datetime(2026, 3, 2, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "write 5 fields", id="empty"),
        pytest.param("* * * *", "write 5 fields", id="four fields"),
        pytest.param("* * * * * * *", "write 5 fields", id="seven fields"),
        pytest.param("60 * * * *", "'60' is no minute: it must be 0 to 59", id="minute too large"),
        pytest.param("0 24 * * *", "no hour", id="hour too large"),
        pytest.param("0 0 0 * *", "no day", id="day zero"),
        pytest.param("0 0 1 13 *", "no month", id="month 13"),
        pytest.param("0 0 * * 7", "it must be 0 to 6 or a name such as SUN", id="weekday 7"),
        pytest.param("0 0 * * XYZ", "no weekday", id="unknown name"),
        pytest.param("MON * * * *", "no minute", id="name where there is none"),
        pytest.param("1, * * * *", "no minute", id="list with nothing at the end"),
        pytest.param("1- * * * *", "no minute", id="range without end"),
        pytest.param("*/x * * * *", "the step after '/'", id="step that is no number"),
        pytest.param("@daily", "write 5 fields", id="nickname of cron"),
        pytest.param("00:00:00", "longer than zero", id="no interval"),
        pytest.param("00:61:00", "write 5 fields", id="minute of a timespan"),
    ],
)
def test_what_is_no_schedule_says_why(text: str, why: str) -> None:
    """Each way to get it wrong."""
    with pytest.raises(ScheduleError, match=why):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("text", "monitored"),
    [
        pytest.param("0 * * * * *", True, id="once a minute"),
        pytest.param("0,30 * * * * *", False, id="twice a minute"),
        pytest.param("00:01:00", True, id="interval of a minute"),
        pytest.param("00:00:59", False, id="interval under a minute"),
        pytest.param("0 0 30 2 *", True, id="never"),
    ],
)
def test_ticks_within_a_minute_are_not_monitored(text: str, *, monitored: bool) -> None:
    """The host does not remember them."""
    assert is_monitored(parse_schedule(text), NOON) is monitored


def naive(schedule: Cron, instant: datetime, within: timedelta) -> datetime | None:
    """Search second by second, with the parts of each second looked up in the sets."""
    moment = instant.replace(microsecond=0)
    while moment < instant + within:
        moment += timedelta(seconds=1)
        parts = (
            (moment.second, schedule.seconds),
            (moment.minute, schedule.minutes),
            (moment.hour, schedule.hours),
            (moment.day, schedule.days),
            (moment.month, schedule.months),
            (moment.isoweekday() % 7, schedule.weekdays),
        )
        if all(part in allowed for part, allowed in parts):
            return moment
    return None


def part(low: int, high: int) -> st.SearchStrategy[str]:
    """Write one field in any of its forms; wide ones often, so that searches end soon."""
    value = st.integers(low, high)
    span = st.tuples(value, value).map(lambda ends: f"{ends[0]}-{ends[1]}")
    step = st.integers(1, 20)
    whole = st.just("*")
    stepped = st.tuples(st.one_of(whole, span, value.map(str)), step).map(lambda pair: f"{pair[0]}/{pair[1]}")
    single = st.one_of(whole, span, stepped, value.map(str))
    return st.one_of(whole, single, st.lists(single, min_size=2, max_size=4).map(",".join))


instants = st.datetimes(datetime(2023, 1, 1), datetime(2033, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@settings(max_examples=25)
@given(
    st.tuples(part(0, 59), part(0, 59), part(0, 23)).map(lambda times: " ".join([*times, "* * *"])),
    instants,
)
def test_the_next_time_of_day_is_the_first_second_that_matches(text: str, instant: datetime) -> None:
    """Any seconds, minutes and hours match within a day."""
    schedule = parse_schedule(text)
    assert isinstance(schedule, Cron)
    assert schedule.after(instant) == naive(schedule, instant, timedelta(days=1, seconds=1))


@settings(max_examples=80)
@given(st.tuples(part(1, 31), part(1, 12), part(0, 6)).map(" ".join), instants)
def test_the_next_day_is_the_first_day_that_matches(dates: str, instant: datetime) -> None:
    """Any days, months and weekdays, looked for at midnight, day by day over eight years."""
    schedule = parse_schedule(f"0 0 0 {dates}")
    assert isinstance(schedule, Cron)
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (midnight + timedelta(days=number) for number in range(1, 8 * 366))
    expected = next(
        (
            day
            for day in days
            if day.day in schedule.days and day.month in schedule.months and day.isoweekday() % 7 in schedule.weekdays
        ),
        None,
    )
    found = schedule.after(instant)
    assert found == expected or (expected is None and (found is None or found > midnight + timedelta(days=8 * 365)))


@settings(max_examples=50)
@given(
    st.tuples(*(part(*ends) for ends in [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)])).map(" ".join), instants
)
def test_the_next_instant_matches_and_lies_ahead(text: str, instant: datetime) -> None:
    """All six fields at once: what is found fits, is later, and nothing lies in the minute before it."""
    schedule = parse_schedule(text)
    assert isinstance(schedule, Cron)
    found = schedule.after(instant)
    if found is None:
        return
    assert found > instant
    start = max(instant, found - timedelta(minutes=1))
    assert naive(schedule, start, timedelta(minutes=2)) == found
