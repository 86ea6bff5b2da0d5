"""The nights of a rule, each with an evening and a morning.

A night belongs to the day on which it begins. It ends on the next morning that is none of a weekend or a holiday, so
that a Friday's night ends on Monday; a day on which nights begin is no weekend, whatever day of the week it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from handlers.nights.instants import Action, instant, second_time
from handlers.nights.rules import Rule, is_off

LONGEST_NIGHT = timedelta(days=60)
"""Our choice: where holidays leave no morning for so long, somebody has made a mistake, and no night begins."""

_A_FEW_DAYS = timedelta(days=8)
"""A week and a day: few rules have no night that is over in it, and those are looked at further back."""

AHEAD = timedelta(days=15)
"""A day more than an override may last, so that one is about every night that begins before its end."""


@dataclass(frozen=True)
class Night:
    """One night of one rule."""

    rule: Rule
    began: date
    """The local date that it belongs to."""
    ended: date
    evening: datetime
    """When it begins. UTC."""
    morning: datetime
    """When it ends. UTC, and never before the evening."""
    held_by: str = ""
    """The id of the override that put the evening off."""

    @property
    def name(self) -> str:
        """What there is one of in an environment: `night 2026-03-02`."""
        return f"{self.rule.name} {self.began}"

    @property
    def transitions(self) -> tuple["Transition", "Transition"]:
        """Return its two ends, in order."""
        return Transition(self, Action.SUSPEND), Transition(self, Action.RESUME)


@dataclass(frozen=True)
class Transition:
    """One end of a night. It happens once, however many timers run."""

    night: Night
    action: Action

    @property
    def at(self) -> datetime:
        """When it happens. UTC."""
        return self.night.evening if self.action is Action.SUSPEND else self.night.morning

    @property
    def day(self) -> date:
        """The local date in the rule. A time that the clocks leave out may fall on the day after."""
        return self.night.began if self.action is Action.SUSPEND else self.night.ended

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one of: the rule's name, the date, the action."""
        return self.night.rule.name, self.day.isoformat(), str(self.action)

    @property
    def place(self) -> str:
        """Where it stands among the transitions of its rule: a text that grows from one to the next.

        An evening that was put off comes after the same one at its own time, so a night that somebody interrupts
        begins anew.
        """
        began = self.night.began.isoformat()
        if self.action is Action.RESUME:
            return f"{began} 2"
        return f"{began} 1 {self.at.isoformat()}" if self.night.held_by else f"{began} 1"

    @property
    def local(self) -> datetime:
        """When it happens, on the clocks of the rule's zone."""
        return self.at.astimezone(self.night.rule.zone)


def nights(rule: Rule, first: date, last: date, lead: timedelta = timedelta(0)) -> Iterator[Night]:
    """Yield the nights that begin on these days, in order.

    `lead` is how long a resume takes; a rule with `ready_by` resumes so much earlier.
    """
    for number in range((last - first).days + 1):
        night = _night(rule, first + timedelta(days=number), lead)
        if night is not None:
            yield night


def nights_around(rules: Sequence[Rule], now: datetime, lead: timedelta = timedelta(0)) -> list[Night]:
    """Return the nights of the last days, each that is under way, and those of the next two weeks, by their evenings.

    Of every rule that ever slept the last night that is over is among them, so that its morning can be caught up.
    """
    found = [night for rule in rules for night in _around(rule, now, lead)]
    return sorted(found, key=lambda night: night.evening)


def _around(rule: Rule, now: datetime, lead: timedelta) -> list[Night]:
    last = (now + AHEAD).astimezone(rule.zone).date()
    found: list[Night] = []
    for back in (_A_FEW_DAYS, LONGEST_NIGHT):
        found = list(nights(rule, (now - back).astimezone(rule.zone).date(), last, lead))
        if any(night.morning <= now for night in found):
            break
    return found


def overlaps(found: Sequence[Night]) -> Iterator[tuple[Night, Night]]:
    """Yield the nights of different rules that have time in common. Neither of the two happens."""
    for one, other in combinations(found, 2):
        if one.rule.name != other.rule.name and max(one.evening, other.evening) < min(one.morning, other.morning):
            yield one, other


def without_overlaps(found: Sequence[Night]) -> list[Night]:
    """Leave out the nights that contradict each other."""
    contradicted = {(night.rule.name, night.began) for pair in overlaps(found) for night in pair}
    return [night for night in found if (night.rule.name, night.began) not in contradicted]


def _night(rule: Rule, began: date, lead: timedelta) -> Night | None:
    if began.weekday() not in rule.days or is_off(rule, began):
        return None
    ended = _end(rule, began)
    if ended is None:
        return None
    evening = instant(began, rule.suspend, rule.zone, Action.SUSPEND)
    return Night(rule, began, ended, evening, _morning(rule, ended, evening, lead))


def _end(rule: Rule, began: date) -> date | None:
    """Find the first day with a morning."""
    same_day = rule.suspend < rule.morning
    for number in range(0 if same_day else 1, LONGEST_NIGHT.days):
        day = began + timedelta(days=number)
        if (day.weekday() in rule.days or day.weekday() not in rule.weekend) and not is_off(rule, day):
            return day
    return None


def _morning(rule: Rule, ended: date, evening: datetime, lead: timedelta) -> datetime:
    """Return when a night ends: at the earlier one of `resume` and of `ready_by` less what a resume takes."""
    found = []
    for at, earlier in ((rule.resume, timedelta(0)), (rule.ready_by, lead)):
        if at is not None:
            first = instant(ended, at, rule.zone, Action.RESUME)
            found.append((first if first > evening else second_time(ended, at, rule.zone)) - earlier)
    return max(min(found), evening)


def at_midnight(day: date, rule: Rule) -> datetime:
    """Return when a local date begins. UTC."""
    return instant(day, datetime.min.replace(tzinfo=UTC).time(), rule.zone, Action.RESUME)
