"""Timer schedules: NCRONTAB text -> the next instant. Pure; time is an argument.

The dialect is that of the NCrontab library, which the Functions host uses, and not that of cron:

- Five fields (minute hour day month weekday) or six (second first). Numbers, names and prefixes of names
  (`JAN`, `January`, `mon`), lists `a,b`, ranges `a-b`, steps `*/n`, `a-b/n`, and `a/n`, which runs on to the end.
- A range that is written backwards is turned round: `FRI-MON` is Monday to Friday. A step below 1 is 1.
- Day and weekday must both match (cron takes either). Sunday is 0; 7 is an error.
- A schedule that no date fulfils (30 February) is valid and never fires.

A timespan (`00:00:10`) instead of fields repeats with that distance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from handlers.timers.timespan import parse_timespan

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

_SEARCHED_YEARS = 100
"""Ours: 29 February on one weekday comes back after 40 years at most, so a longer search finds nothing new."""


class ScheduleError(ValueError):
    """The text is not a schedule. The message says which part, and what would be right."""


class _PartError(ValueError):
    """A part of a field is not what it may be."""


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: Sequence[str] = ()


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _WEEKDAYS),
)


@dataclass(frozen=True)
class Cron:
    """Fires at every instant (UTC, whole seconds) whose six parts are all in these sets."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def after(self, instant: datetime) -> datetime | None:
        """Say when it fires next, strictly after an aware instant; None where it never does."""
        earliest = instant.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        for day in self._days(earliest.date()):
            found = self._time(earliest.time() if day == earliest.date() else time.min)
            if found is not None:
                return datetime.combine(day, found, UTC)
        return None

    def _days(self, start: date) -> Iterator[date]:
        day = start
        end_year = min(start.year + _SEARCHED_YEARS, date.max.year)
        while day.year < end_year:
            if day.month not in self.months:
                day = _next_month(day)
                continue
            if day.day in self.days and (day.weekday() + 1) % 7 in self.weekdays:
                yield day
            day += timedelta(days=1)

    def _time(self, earliest: time) -> time | None:
        for hour in sorted(hour for hour in self.hours if hour >= earliest.hour):
            for minute in sorted(self.minutes):
                for second in sorted(self.seconds):
                    if (hour, minute, second) >= (earliest.hour, earliest.minute, earliest.second):
                        return time(hour, minute, second)
        return None


@dataclass(frozen=True)
class Every:
    """Fires again and again with a fixed distance."""

    interval: timedelta

    def after(self, instant: datetime) -> datetime | None:
        """Say when it fires next after an aware instant; None where that is behind the last date there is."""
        try:
            return instant.astimezone(UTC) + self.interval
        except OverflowError:
            return None


Schedule = Cron | Every


def parse_schedule(text: str) -> Schedule:
    """Read a schedule; raises ScheduleError."""
    fields = text.split()
    if len(fields) in (5, 6):
        try:
            return Cron(*(_parse_field(part, kind) for part, kind in zip(["0", *fields][-6:], _FIELDS, strict=True)))
        except _PartError as error:
            raise ScheduleError(f"{text!r} is not a schedule: {error}") from None
    interval = parse_timespan(text.strip())
    if interval is None:
        raise ScheduleError(
            f"{text!r} is not a schedule: write 5 fields (minute hour day month weekday), 6 (second first) or hh:mm:ss"
        )
    if interval <= timedelta():
        raise ScheduleError(f"{text!r} is not a schedule: the interval must be longer than zero")
    return Every(interval)


def _next_month(day: date) -> date:
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def _parse_field(text: str, field: _Field) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        values.update(_parse_part(part, field))
    return frozenset(values)


def _parse_part(part: str, field: _Field) -> range:
    span, slash, step_text = part.partition("/")
    if slash and not step_text.isdecimal():
        raise _PartError(f"{part!r} is no {field.name}: the step after '/' must be a number")
    step = max(int(step_text), 1) if slash else 1
    if span == "*":
        return range(field.low, field.high + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _parse_value(first_text, field)
    end = field.high if slash else first
    last = _parse_value(last_text, field) if dash else end
    return range(min(first, last), max(first, last) + 1, step)


def _parse_value(text: str, field: _Field) -> int:
    if text.isdecimal():
        value = int(text)
        if field.low <= value <= field.high:
            return value
    elif text:
        for index, name in enumerate(field.names):
            if name.startswith(text.lower()):
                return field.low + index
    name = f" or a name such as {field.names[0][:3].upper()}" if field.names else ""
    raise _PartError(f"{text!r} is no {field.name}: it must be {field.low} to {field.high}{name}")
