"""What the nights of a month came to. No claim about money that Azure would not pay. Pure."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.nights.rules import Way
from handlers.nights.state import Slept, Snapshot

MONTHS_KEPT = 24
"""Our choice."""


def add_night(months: Mapping[str, Slept], snapshot: Snapshot, until: datetime) -> Mapping[str, Slept]:
    """Add a night that is over to the months that it lies in, on the clocks of its rule's zone."""
    found, zone = dict(months), ZoneInfo(snapshot.zone)
    start, gone = snapshot.taken_at.astimezone(UTC), _gone(snapshot)
    began = f"{start.astimezone(zone):%Y-%m}"
    while start < until:
        month = f"{start.astimezone(zone):%Y-%m}"
        end = min((_begin_of_month(start, zone) + timedelta(days=32)).replace(day=1).astimezone(UTC), until)
        hours = (end - start) / timedelta(hours=1)
        so_far = found.get(month, Slept())
        found[month] = Slept(
            hours=so_far.hours + hours,
            nights=so_far.nights + (month == began),
            instance_hours=so_far.instance_hours + hours * gone,
        )
        start = end
    return {month: found[month] for month in sorted(found)[-MONTHS_KEPT:]}


def last_month(now: datetime, zones: Collection[ZoneInfo]) -> tuple[str, datetime]:
    """Return the last month that is over on the clocks of every zone, and when it was. Where there is none, UTC's."""
    zones = zones or (ZoneInfo("UTC"),)
    this_month = min(_begin_of_month(now, zone).replace(tzinfo=None) for zone in zones)
    return f"{this_month - timedelta(days=1):%Y-%m}", max(this_month.replace(tzinfo=zone) for zone in zones)


def _begin_of_month(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def _gone(snapshot: Snapshot) -> int:
    """Count the instances that did not exist. A suspended instance exists, and is charged."""
    match snapshot.way:
        case Way.SUSPEND:
            return 0
        case Way.DELETE:
            return sum(snapshot.counts.values())
        case Way.SCALE:
            return sum(max(snapshot.counts[role] - count, 0) for role, count in snapshot.asleep.items())


def say_month(environment: str, month: str, slept: Slept) -> str:
    """Write the line of one month."""
    nights = "1 night" if slept.nights == 1 else f"{slept.nights} nights"
    line = f"{environment} slept {slept.hours:.0f} h in {nights} of {month}."
    if slept.instance_hours:
        return f"{line} {slept.instance_hours:.0f} instance-hours did not run."
    return f"{line} Its instances were suspended, which Azure charges for all the same."
