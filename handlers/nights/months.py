"""What the nights of a month came to. No claim about money that Azure would not pay. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from handlers.nights.rules import Way
from handlers.nights.state import Slept, Snapshot

MONTHS_KEPT = 24
"""Our choice."""


def add_night(months: Mapping[str, Slept], snapshot: Snapshot, until: datetime) -> Mapping[str, Slept]:
    """Add a night that is over to the months that it lies in (UTC)."""
    found = dict(months)
    start, gone = snapshot.taken_at.astimezone(UTC), _gone(snapshot)
    began = f"{start:%Y-%m}"
    while start < until:
        month = f"{start:%Y-%m}"
        end = min(
            (start.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1), until
        )
        hours = (end - start) / timedelta(hours=1)
        so_far = found.get(month, Slept())
        found[month] = Slept(
            hours=so_far.hours + hours,
            nights=so_far.nights + (month == began),
            instance_hours=so_far.instance_hours + hours * gone,
        )
        start = end
    return {month: found[month] for month in sorted(found)[-MONTHS_KEPT:]}


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
    line = f"{environment} slept {slept.hours:.0f} h in {slept.nights} nights of {month}."
    if slept.instance_hours:
        return f"{line} {slept.instance_hours:.0f} instance-hours did not run."
    return f"{line} Its instances were suspended, which Azure charges for all the same."
