"""What people want instead of the rules, turned into an override with an end. Pure.

keep staging up until 22:00          keep staging up until tomorrow 09:00
keep staging up for 3h               skip tonight staging
sleep staging now
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.commands import KeepUp, SkipTonight, SleepNow, Until, Wish
from handlers.model import Inquiry
from handlers.nights.instants import Action, instant
from handlers.nights.state import Override
from handlers.nights.transitions import Night

LONGEST = timedelta(days=14)
"""Our choice: whoever wants more changes the rule."""


@dataclass(frozen=True)
class Granted:
    """What is written down, and what whoever asked is told."""

    override: Override
    sentence: str


def grant(wish: Wish, nights: Sequence[Night], inquiry: Inquiry) -> Granted | str:
    """Say what a wish comes to, or why it comes to nothing.

    `nights` are the environment's with the overrides so far, by their evenings.
    """
    now, name = inquiry.asked_at, wish.environment
    ahead = [night for night in nights if night.morning > now]
    if not ahead:
        return f"{name} has no night in the next {LONGEST.days} days."
    night = ahead[0]
    zone = night.rule.zone
    match wish:
        case KeepUp(end=end):
            until = end_of(end, now, zone)
            if until - now > LONGEST:
                return f"An override lasts {LONGEST.days} days at most; for more, change the rule."
            if until <= night.evening:
                return f"{name} is up until {_say(night.evening, zone)} anyway."
            return Granted(_override(wish, inquiry, until), f"{name} stays up until {_say(until, zone)}.")
        case SkipTonight():
            if night.evening - now > timedelta(days=1):
                return f"No night of {name} begins within a day; the next one does on {_say(night.evening, zone)}."
            sentence = f"{name} stays up; the night that ends {_say(night.morning, zone)} is skipped."
            return Granted(_override(wish, inquiry, night.morning), sentence)
        case SleepNow():
            sentence = f"{name} goes to sleep now, and is back {_say(night.morning, zone)}."
            return Granted(_override(wish, inquiry, night.morning, night.name), sentence)


def end_of(end: Until | timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when an override ends. Of a time that the clocks show twice it is the second."""
    if isinstance(end, timedelta):
        return now + end
    today = now.astimezone(zone).date()
    until = instant(today + timedelta(days=end.tomorrow), end.at, zone, Action.SUSPEND)
    if until <= now:
        until = instant(today + timedelta(days=1), end.at, zone, Action.SUSPEND)
    return until


def _override(wish: Wish, inquiry: Inquiry, until: datetime, sleeps: str | None = None) -> Override:
    return Override(
        id=inquiry.id,
        by=inquiry.actor,
        reason=wish.reason or "",
        since=inquiry.asked_at,
        until=until.astimezone(UTC),
        sleeps=sleeps,
    )


def _say(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M} {zone.key}"
