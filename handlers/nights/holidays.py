"""Days off, from a calendar file (`.ics`, RFC 5545).

Read are events of whole days: `DTSTART;VALUE=DATE` with `DTEND;VALUE=DATE` or `DURATION:P2D`, once or with
`RRULE:FREQ=YEARLY` (`COUNT`, `UNTIL`, `INTERVAL`), less their `EXDATE`. Everything else is named in `unread`, and its
days are days like any other. Events that are cancelled count for nothing.
"""

import re
from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

LONGEST = 366
"""Days of one event. Our choice."""

_REPEATING = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}


@dataclass(frozen=True)
class Yearly:
    """How an event comes back."""

    every: int = 1
    """Years."""
    times: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Event:
    """Some whole days, once or every so many years."""

    start: date
    days: int = 1
    without: frozenset[date] = frozenset()
    """First days on which it does not take place."""
    yearly: Yearly | None = None

    def covers(self, day: date) -> bool:
        """Say whether the event takes place on this day. It lasts a year at most."""
        begins = (self._in(year) for year in (day.year - 1, day.year))
        return any(begin is not None and begin <= day < begin + timedelta(days=self.days) for begin in begins)

    def _in(self, year: int) -> date | None:
        """Return the first day in a year. The 29th of February is there in leap years alone."""
        if year == self.start.year:
            return self.start if self.start not in self.without else None
        if self.yearly is None or year < self.start.year or (year - self.start.year) % self.yearly.every:
            return None
        if not _is_in(self.start, year):
            return None
        begin = self.start.replace(year=year)
        past = sum(_is_in(self.start, one) for one in range(self.start.year, year, self.yearly.every))
        over = self.yearly.times is not None and past >= self.yearly.times
        over = over or (self.yearly.until is not None and begin > self.yearly.until)
        return None if over or begin in self.without else begin


def _is_in(day: date, year: int) -> bool:
    return (day.month, day.day) != (2, 29) or isleap(year)


@dataclass(frozen=True)
class Calendar:
    """The days off of a file."""

    events: tuple[Event, ...] = ()
    unread: tuple[str, ...] = ()
    """What was not understood, one sentence an event."""

    def __contains__(self, day: date) -> bool:
        return any(event.covers(day) for event in self.events)


class NoCalendar(ValueError):
    """A text that is not a calendar at all."""


def read_calendar(text: str) -> Calendar:
    """Read the text of an `.ics` file. Raises NoCalendar."""
    lines = re.sub(r"\r?\n[ \t]", "", text.lstrip("\ufeff")).splitlines()
    filled = [line for line in lines if line.strip()]
    ends = [line.strip().upper() for line in (*filled[:1], *filled[-1:])]
    if ends != ["BEGIN:VCALENDAR", "END:VCALENDAR"]:
        raise NoCalendar("it does not begin with BEGIN:VCALENDAR and end with END:VCALENDAR")
    events: list[Event] = []
    unread: list[str] = []
    for properties in _events(filled):
        cancelled = properties.get("STATUS", ("", ""))[1].upper() == "CANCELLED"
        if cancelled and "RECURRENCE-ID" not in properties:
            continue
        try:
            events.append(_event(properties))
        except ValueError as reason:
            unread.append(f"{properties.get('SUMMARY', ('', 'an event without a name'))[1][:60]}: {reason}")
    return Calendar(tuple(events), tuple(unread))


_Properties = Mapping[str, tuple[str, str]]
"""By name in capitals: the parameters as they stand there, and the value."""


def _events(lines: Sequence[str]) -> Iterator[_Properties]:
    """Yield the properties of each event. What stands in an event's own parts (alarms) is not the event's."""
    inside: list[str] = []
    properties: dict[str, tuple[str, str]] = {}
    for line in lines:
        head, _, value = line.partition(":")
        name, _, parameters = head.partition(";")
        name, value = name.strip().upper(), value.strip()
        if name == "BEGIN":
            inside.append(value.upper())
            if inside[-1] == "VEVENT":
                properties = {}
        elif name == "END" and inside:
            if inside.pop() == "VEVENT":
                yield properties
        elif inside and inside[-1] == "VEVENT":
            joined = properties[name][1] + "," + value if name in properties and name == "EXDATE" else value
            properties[name] = (parameters.upper(), joined)


def _event(properties: _Properties) -> Event:
    if "RDATE" in properties or "RECURRENCE-ID" in properties:
        raise ValueError("RDATE and RECURRENCE-ID are not read")
    start = _date(properties, "DTSTART")
    without = properties.get("EXDATE", ("", ""))[1]
    once = Event(start, _days(properties, start), frozenset(_read_date(one) for one in without.split(",") if one))
    rule = properties.get("RRULE", ("", ""))[1]
    return replace(once, yearly=_yearly(rule, start)) if rule else once


def _days(properties: _Properties, start: date) -> int:
    duration = properties.get("DURATION", ("", ""))[1]
    if duration:
        match = re.fullmatch(r"\+?P(?:(\d{1,3})W|(\d{1,4})D)", duration)
        if match is None:
            raise ValueError("only a DURATION of whole days is read")
        days = int(match[1] or 0) * 7 + int(match[2] or 0)
    else:
        days = (_date(properties, "DTEND") - start).days if "DTEND" in properties else 1
    if not 0 <= days <= LONGEST:
        raise ValueError(f"it lasts {days} days; 1 to {LONGEST} are read")
    return max(days, 1)


def _yearly(rule: str, start: date) -> Yearly:
    parts = {name: value for name, _, value in (part.upper().partition("=") for part in rule.split(";"))}
    meaningless = {"BYMONTH": str(start.month), "BYMONTHDAY": str(start.day)}
    rest = {name for name, value in parts.items() if name not in _REPEATING and meaningless.get(name) != value}
    if parts.get("FREQ") != "YEARLY" or rest:
        raise ValueError(f"only RRULE:FREQ=YEARLY on the same date is read, not {rule[:80]}")
    return Yearly(
        every=_number(parts.get("INTERVAL", "1")),
        times=_number(parts["COUNT"]) if "COUNT" in parts else None,
        until=_read_date(parts["UNTIL"][:8]) if "UNTIL" in parts else None,
    )


def _number(text: str) -> int:
    if re.fullmatch(r"0*[1-9]\d{0,3}", text, re.ASCII) is None:
        raise ValueError(f"INTERVAL and COUNT are whole numbers from 1, not {text[:20]}")
    return int(text)


def _date(properties: _Properties, name: str) -> date:
    if name not in properties:
        raise ValueError(f"{name} is missing")
    parameters, value = properties[name]
    if "VALUE=DATE" not in parameters.split(";"):
        raise ValueError(f"only whole days are read, {name};VALUE=DATE")
    return _read_date(value)


def _read_date(text: str) -> date:
    try:
        if re.fullmatch(r"\d{8}", text, re.ASCII) is not None:
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        pass
    raise ValueError(f"{text[:20]} is not a date")
