"""Evenings and mornings on the days when clocks change, in zones of both hemispheres."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from handlers.nights.instants import Action, instant

SUSPEND, RESUME = Action.SUSPEND, Action.RESUME


def utc(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "action", "expected"),
    [
        pytest.param("Europe/Berlin", "2026-03-28T19:00", SUSPEND, "2026-03-28T18:00", id="Berlin, the evening before"),
        pytest.param("Europe/Berlin", "2026-03-29T07:00", RESUME, "2026-03-29T05:00", id="Berlin, the morning after"),
        pytest.param("Europe/Berlin", "2026-03-29T01:59", SUSPEND, "2026-03-29T00:59", id="Berlin, before the gap"),
        pytest.param("Europe/Berlin", "2026-03-29T02:00", SUSPEND, "2026-03-29T01:00", id="Berlin, the gap begins"),
        pytest.param("Europe/Berlin", "2026-03-29T02:30", SUSPEND, "2026-03-29T01:00", id="Berlin, suspend in the gap"),
        pytest.param("Europe/Berlin", "2026-03-29T02:30", RESUME, "2026-03-29T01:00", id="Berlin, resume in the gap"),
        pytest.param("Europe/Berlin", "2026-03-29T03:00", RESUME, "2026-03-29T01:00", id="Berlin, after the gap"),
        pytest.param("Europe/Berlin", "2026-10-25T02:30", RESUME, "2026-10-25T00:30", id="Berlin, resume comes first"),
        pytest.param("Europe/Berlin", "2026-10-25T02:30", SUSPEND, "2026-10-25T01:30", id="Berlin, suspend second"),
        pytest.param("Europe/Berlin", "2026-10-25T03:00", SUSPEND, "2026-10-25T02:00", id="Berlin, after the fold"),
        pytest.param("America/New_York", "2026-03-08T02:30", RESUME, "2026-03-08T07:00", id="New York, gap"),
        pytest.param("America/New_York", "2026-11-01T01:30", RESUME, "2026-11-01T05:30", id="New York, first"),
        pytest.param("America/New_York", "2026-11-01T01:30", SUSPEND, "2026-11-01T06:30", id="New York, second"),
        pytest.param("Australia/Sydney", "2026-10-04T02:30", RESUME, "2026-10-03T16:00", id="Sydney, gap in October"),
        pytest.param("Australia/Sydney", "2026-04-05T02:30", SUSPEND, "2026-04-04T16:30", id="Sydney, fold in April"),
        pytest.param("Australia/Adelaide", "2026-10-04T02:30", RESUME, "2026-10-03T16:30", id="Adelaide, half an hour"),
        pytest.param("Australia/Adelaide", "2026-04-05T02:30", RESUME, "2026-04-04T16:00", id="Adelaide, first"),
        pytest.param("Australia/Adelaide", "2026-04-05T02:30", SUSPEND, "2026-04-04T17:00", id="Adelaide, second"),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-04T02:15", RESUME, "2026-10-03T15:30", id="Lord Howe, gap of 30 min"
        ),
        pytest.param("Australia/Lord_Howe", "2026-10-04T02:30", RESUME, "2026-10-03T15:30", id="Lord Howe, after it"),
        pytest.param("Australia/Lord_Howe", "2026-04-05T01:45", RESUME, "2026-04-04T14:45", id="Lord Howe, first"),
        pytest.param("Australia/Lord_Howe", "2026-04-05T01:45", SUSPEND, "2026-04-04T15:15", id="Lord Howe, second"),
        pytest.param("Asia/Kolkata", "2026-03-29T02:30", SUSPEND, "2026-03-28T21:00", id="Kolkata never changes"),
        pytest.param("Asia/Kathmandu", "2026-03-29T19:00", SUSPEND, "2026-03-29T13:15", id="Kathmandu, 5:45"),
        pytest.param(
            "Europe/Dublin", "2026-03-29T01:30", RESUME, "2026-03-29T01:00", id="Dublin, whose winter is the DST"
        ),
        pytest.param(
            "America/Sao_Paulo", "2018-11-04T00:00", RESUME, "2018-11-04T03:00", id="no midnight in Sao Paulo"
        ),
        pytest.param(
            "Africa/Casablanca", "2026-03-22T02:30", RESUME, "2026-03-22T02:00", id="Casablanca after Ramadan"
        ),
        pytest.param("Africa/Casablanca", "2026-02-15T02:30", SUSPEND, "2026-02-15T02:30", id="Casablanca, second"),
        pytest.param("Pacific/Apia", "2011-12-30T07:00", RESUME, "2011-12-30T10:00", id="a day that Samoa left out"),
        pytest.param("UTC", "2026-03-29T02:30", SUSPEND, "2026-03-29T02:30", id="UTC"),
    ],
)
def test_a_local_time_is_one_instant(zone: str, local: str, action: Action, expected: str) -> None:
    """In the gap the first instant after it; in the fold the first to resume and the second to suspend."""
    given = datetime.fromisoformat(local)
    assert instant(given.date(), given.time(), ZoneInfo(zone), action) == utc(expected)


def test_the_gap_of_half_an_hour_ends_to_the_second() -> None:
    """Whatever time in the gap is asked for."""
    zone = ZoneInfo("Australia/Lord_Howe")
    found = {instant(date(2026, 10, 4), time(2, minute), zone, RESUME) for minute in range(30)}
    assert found == {utc("2026-10-03T15:30")}
