"""A local date and time -> the instant in UTC, also where the clocks change.

A time that the clocks leave out is the first instant after the gap. A time that comes twice is the first one in the
morning and the second one in the evening: where it is not clear, things are up.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Action(StrEnum):
    """What happens at the two ends of a night."""

    SUSPEND = "suspend"
    RESUME = "resume"


def instant(day: date, at: time, zone: ZoneInfo, action: Action) -> datetime:
    """Return when the clocks of a zone show this time on this day."""
    first, second = (datetime.combine(day, at, zone).replace(fold=fold) for fold in (0, 1))
    before, after = _offset(first), _offset(second)
    if before < after:
        return _end_of_gap(first.astimezone(UTC) - (after - before), after - before, zone)
    return (first if action is Action.RESUME else second).astimezone(UTC)


def second_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the last instant at which the clocks show this time on this day."""
    return instant(day, at, zone, Action.SUSPEND)


def _end_of_gap(earliest: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """Find the second at which the clocks go forward: not before `earliest`, and at most `length` later."""
    low, high = int(earliest.timestamp()), int((earliest + length).timestamp())
    target = _offset(datetime.fromtimestamp(high, zone))
    while low < high:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == target:
            high = middle
        else:
            low = middle + 1
    return datetime.fromtimestamp(high, UTC)


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
