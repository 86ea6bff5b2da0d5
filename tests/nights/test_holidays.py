"""Calendar files: what is read of them, and what is said of the rest."""

from datetime import date

import pytest

from handlers.nights.holidays import NoCalendar, read_calendar
from handlers.nights.rules import is_off
from tests.nights.rules import reading


def calendar(*events: str) -> str:
    """Write a calendar, with the line ends of the standard."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in events:
        lines += ["BEGIN:VEVENT", "SUMMARY:A day", *event.split("\n"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("event", "off", "on"),
    [
        pytest.param(
            "DTSTART;VALUE=DATE:20261225", ["2026-12-25"], ["2026-12-24", "2026-12-26", "2027-12-25"], id="a day"
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227",
            ["2026-12-25", "2026-12-26"],
            ["2026-12-27"],
            id="the end is the first day after it",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20261230\nDURATION:P1W", ["2026-12-30", "2027-01-05"], ["2027-01-06"], id="a week"
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20201003\nRRULE:FREQ=YEARLY", ["2020-10-03", "2041-10-03"], ["2019-10-03"], id="yearly"
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20201231\nDURATION:P2D\nRRULE:FREQ=YEARLY",
            ["2027-01-01"],
            ["2027-01-02"],
            id="over new year",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=2",
            ["2028-02-29"],
            ["2026-02-28", "2032-02-29"],
            id="leap",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY;UNTIL=20220601;BYMONTH=5",
            ["2022-05-01"],
            ["2023-05-01"],
            id="until",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY;INTERVAL=2", ["2022-05-01"], ["2021-05-01"], id="interval"
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20210501",
            ["2022-05-01"],
            ["2021-05-01"],
            id="an exception",
        ),
        pytest.param("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", [], ["2026-12-25"], id="cancelled"),
        pytest.param(
            "DTSTART;VALUE=DATE:2026\n 1225\nBEGIN:VALARM\nDTSTART;VALUE=DATE:20260101\nEND:VALARM",
            ["2026-12-25"],
            ["2026-01-01"],
            id="a folded line, and an alarm that is not the event's",
        ),
    ],
)
def test_whole_days_are_read(event: str, off: list[str], on: list[str]) -> None:
    """Once and yearly."""
    found = read_calendar(calendar(event))
    assert found.unread == ()
    assert [day for day in off if date.fromisoformat(day) not in found] == []
    assert [day for day in on if date.fromisoformat(day) in found] == []


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("DTSTART:20261225T090000Z", id="hours of a day"),
        pytest.param("DTSTART;VALUE=DATE:20261301", id="no date"),
        pytest.param("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=WEEKLY", id="weekly"),
        pytest.param("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;BYDAY=4TH", id="the fourth Thursday"),
        pytest.param("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;INTERVAL=x", id="no number"),
        pytest.param("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261220", id="ends before it begins"),
        pytest.param("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;INTERVAL=0", id="every no year"),
        pytest.param(
            "DTSTART;VALUE=DATE:20261225\nRECURRENCE-ID;VALUE=DATE:20261225\nSTATUS:CANCELLED", id="one time left out"
        ),
        pytest.param("SUMMARY:nothing", id="no start"),
    ],
)
def test_everything_else_is_named_and_is_no_day_off(event: str) -> None:
    """The others of the file are read all the same."""
    found = read_calendar(calendar(event, "DTSTART;VALUE=DATE:20261231"))
    (said,) = found.unread
    assert "int()" not in said
    assert "unconverted" not in said
    assert date(2026, 12, 25) not in found
    assert date(2026, 12, 31) in found


@pytest.mark.parametrize("text", ["", "<html>", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"])
def test_what_is_no_whole_calendar_is_refused(text: str) -> None:
    """Half a download would be half of the holidays."""
    with pytest.raises(NoCalendar):
        read_calendar(text)


def test_a_rule_knows_the_days_of_its_file() -> None:
    """And what was left out of it is said."""
    text = calendar("DTSTART;VALUE=DATE:20261225", "DTSTART;VALUE=DATE:20261226\nRRULE:FREQ=DAILY")
    table = 'suspend = "19:00", resume = "07:00", zone = "UTC", holidays_file = "off.ics"'
    found = reading(f"night = {{ {table} }}", read_file=lambda path: {"off.ics": text}[path])
    assert is_off(found.rules[0], date(2026, 12, 25))
    assert len(found.remarks) == 1
