"""`python -m handlers schedule`: the coming evenings and mornings, in UTC and on local clocks."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from handlers.cli.names import NO_ENVIRONMENTS, environment_named
from handlers.environments import Environments
from handlers.nights.instants import Action
from handlers.nights.ready import DEFAULT_LEAD, KEPT
from handlers.nights.rules import ReadFile, Rule, read_rules
from handlers.nights.transitions import (
    LONGEST_NIGHT,
    Night,
    Transition,
    at_midnight,
    nights,
    overlaps,
    without_overlaps,
)
from handlers.sleeping.holding import what_rights_hold

HEAD = ("environment", "action", "UTC", "local", "rule")

LEAD_MIN = DEFAULT_LEAD // timedelta(minutes=1)

BY_DEFAULT = f"(lead {LEAD_MIN} min, the default)"
"""Stands behind the rule of a resume whose time hangs on what past ones took, which only the storage knows."""

WHY_BY_DEFAULT = (
    f"resumes are shown with the default lead, {LEAD_MIN} min before ready_by; once one has been measured, the app "
    f"takes the 95th percentile and a tenth of what its last {KEPT} resumes took"
)


@dataclass(frozen=True)
class Question:
    """What is asked for."""

    environment: str | None = None
    """None: every one."""
    first_day: date | None = None
    """Local, in each rule's zone. None: today."""
    days: int = 7


@dataclass(frozen=True)
class Coming:
    """The coming transitions, and what stands in the way of others."""

    transitions: tuple[tuple[str, Transition], ...]
    """With the environment's name, in order."""
    mistakes: tuple[str, ...] = ()
    """Why environments stay up: one line each."""
    remarks: tuple[str, ...] = ()
    silent: tuple[str, ...] = field(default=())
    """Environments that do nothing in these days, each with why."""
    nobody: bool = False
    """Whether there is no environment at all."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """Everything that is no transition."""
        if self.nobody:
            return (f"environments: {NO_ENVIRONMENTS}",)
        return (*self.mistakes, *self.remarks, *self.silent)

    def as_json(self) -> str:
        """Write one object a line: environment, action, at, local, rule."""
        return "".join(json.dumps(_facts(name, one), ensure_ascii=False) + "\n" for name, one in self.transitions)

    def as_table(self) -> str:
        """Write columns for eyes, 80 of them where names are short, and what each rule says below."""
        if not self.transitions:
            return ""
        rows = [HEAD, *(tuple(_row(name, one)) for name, one in self.transitions)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
        rules = dict.fromkeys(f"{name}, {_said(one.night.rule)}" for name, one in self.transitions)
        return "".join(f"{line.rstrip()}\n" for line in (*lines, *([""] if rules else []), *rules))


def schedule(question: Question, environments: Environments, read_file: ReadFile, now: datetime) -> Coming:
    """Compute what the rules will do. Raises SettingsWrong where the environment is not known.

    A rule with `ready_by` is shown with the lead that holds while no resume has been measured, and says so.
    """
    asked = list(environments.values())
    if question.environment is not None:
        asked = [environments[environment_named(question.environment, environments)]]
    found: list[tuple[str, Transition]] = []
    silent: list[str] = []
    mistakes: list[str] = []
    remarks: list[str] = []
    for environment in asked:
        reading = read_rules(environment, read_file)
        held = {rule.name: what_rights_hold(rule, environment, now) for rule in reading.rules}
        refused = [f"environments.{environment.name}.{name}: {why}; it stays up" for name, why in held.items() if why]
        around = _nights([rule for rule in reading.rules if held[rule.name] is None], question, now)
        coming = [(environment.name, one) for one in _asked_for(around, question, now)]
        found += coming
        if not (coming or reading.mistakes or refused):
            silent.append(f"environments.{environment.name}: {_why_nothing(reading.rules, around, question, now)}")
        mistakes += [*(f"{one}; it stays up" for one in reading.mistakes), *refused]
        mistakes += [f"environments.{environment.name}.night: {one}" for one in _contradictions(around)]
        remarks += reading.remarks
        if any(rule.ready_by is not None for rule in reading.rules):
            remarks.append(f"environments.{environment.name}: {WHY_BY_DEFAULT}")
    found.sort(key=lambda one: (one[1].at, one[0], one[1].place))
    return Coming(tuple(found), tuple(mistakes), tuple(remarks), tuple(silent), nobody=not environments)


def _first_day(rule: Rule, question: Question, now: datetime) -> date:
    return question.first_day or now.astimezone(rule.zone).date()


def _nights(rules: Sequence[Rule], question: Question, now: datetime) -> list[Night]:
    """Return every night that has an end in the time that is asked for."""
    return [
        night
        for rule in rules
        for first in [_first_day(rule, question, now)]
        for night in nights(rule, first - LONGEST_NIGHT, first + timedelta(days=question.days), DEFAULT_LEAD)
        if night.morning >= at_midnight(first, rule)
    ]


def _asked_for(around: Sequence[Night], question: Question, now: datetime) -> Iterator[Transition]:
    for night in without_overlaps(around):
        first = _first_day(night.rule, question, now)
        start, end = (at_midnight(first + timedelta(days=day), night.rule) for day in (0, question.days))
        yield from (one for one in night.transitions if start <= one.at < end)


def _why_nothing(rules: Sequence[Rule], around: Sequence[Night], question: Question, now: datetime) -> str:
    """Say what an environment is in days in which no night of it begins or ends."""
    if not rules:
        return "no night, it stays up"
    for night in without_overlaps(around):
        first = at_midnight(_first_day(night.rule, question, now), night.rule)
        if night.evening < first:
            begin, end = (at.astimezone(night.rule.zone) for at in (night.evening, night.morning))
            return f"it sleeps all the time, from {begin:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M}"
    return "no night begins or ends in these days, it stays up"


def _contradictions(around: Sequence[Night]) -> Iterator[str]:
    for one, other in overlaps(around):
        first, second = (f"{night.rule.name} of {night.began}" for night in (one, other))
        yield f"{first} and {second} overlap; it stays up in both"


def _facts(environment: str, transition: Transition) -> dict[str, str]:
    return {
        "environment": environment,
        "action": str(transition.action),
        "at": transition.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "local": transition.local.isoformat(),
        "rule": _cause(transition),
    }


def _row(environment: str, transition: Transition) -> Iterator[str]:
    yield environment
    yield str(transition.action)
    yield f"{transition.at:%Y-%m-%d %H:%M}Z"
    yield f"{transition.local:%a %Y-%m-%d %H:%M %Z}"
    yield transition.night.rule.name


def _cause(transition: Transition) -> str:
    """Write the rule, and where it is not the last word on when, that too."""
    rule = transition.night.rule
    return _said(rule) if transition.action is Action.RESUME else rule.text


def _said(rule: Rule) -> str:
    return rule.text if rule.ready_by is None else f"{rule.text} {BY_DEFAULT}"
