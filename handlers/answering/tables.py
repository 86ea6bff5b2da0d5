"""Answers laid out for eyes: lines of equal columns, for a chat's fixed-width text. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.model import (
    ConfigureStep,
    CreateStep,
    DeleteStep,
    Phase,
    Retire,
    RollbackStep,
    Slot,
    StatusStep,
    Step,
    SwapStep,
    UpgradeStep,
    WalkStep,
)
from handlers.model.durations import in_words
from handlers.nights.rules import Way
from handlers.nights.sleep import SUSPENDED, is_scaled_down
from handlers.nights.state import Snapshot
from handlers.outside_text import one_line
from handlers.planning import Decision, Deployed, Impossible, Settle, Situation
from handlers.telling.report import report_on

LONGEST_CELL = 500
"""Characters. Our choice: Azure's longest recorded message has some 400."""


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out in columns as wide as their widest text, two blanks apart.

    Outside text in a cell stays on the cell's line, however it was written.
    """
    cells = [[one_line(text, LONGEST_CELL) for text in row] for row in rows]
    widths = [max(len(row[index]) for row in cells) for index in range(len(cells[0]))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def standing_rows(
    environment: Environment, situation: Situation, askers: Mapping[str, str], now: datetime
) -> list[tuple[str, ...]]:
    """Say what stands in the slots of one environment, and since when. `askers` names who asked for it, by request.

    Staging is shown beside production, where a swap keeps what ran before; production is another environment's where
    this one is in staging.
    """
    own = situation.at(environment.slot)
    kept = situation.staging if environment.slot is Slot.PRODUCTION else None
    rows = [_standing_row(environment, one, askers, now) for one in (own, kept) if one is not None]
    if own is None:
        rows.insert(0, (environment.name, environment.slot, "-", "empty", "", "", "", ""))
    return rows


def going_on_rows(environment: Environment, entries: Sequence[Entry], now: datetime) -> list[tuple[str, ...]]:
    """Say what is under way in one environment, oldest first. `entries` are requests of any."""
    under_way = [entry for entry in entries if entry.request.environment == environment.name and _is_under_way(entry)]
    return [_going_on_row(entry, now) for entry in sorted(under_way, key=_asked_for)]


def _is_under_way(entry: Entry) -> bool:
    """Say whether somebody waits for a request. Nobody asked for the removal of what a release replaced."""
    return not entry.ended and not isinstance(entry.request.goal, Retire)


def _asked_for(entry: Entry) -> tuple[datetime, str]:
    return entry.request.accepted_at, entry.request.id


def _standing_row(environment: Environment, one: Deployed, askers: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    who = askers.get(one.request or "", "")
    when = f"{in_words(now - one.accepted_at)} ago" if one.accepted_at is not None else ""
    ready = f"{one.readiness.ready}/{one.readiness.total}"
    update = one.readiness.words if one.readiness.domain is not None else ""
    return environment.name, one.slot, one.title, one.status, who, when, ready, update


def _going_on_row(entry: Entry, now: datetime) -> tuple[str, ...]:
    request, report = entry.request, report_on(entry)
    when = f"{in_words(now - request.accepted_at)} ago"
    return (
        request.environment,
        "now",
        request.goal.title,
        _phase(report.phase),
        request.actor.name,
        when,
        "",
        report.description,
    )


def _phase(phase: Phase) -> str:
    return phase.replace("_", " ")


def asleep_row(environment: Environment, situation: Situation, snapshot: Snapshot) -> Iterator[tuple[str, ...]]:
    """Yield until when a night lets an environment sleep; nothing where somebody has ended it by hand."""
    standing = situation.at(environment.slot)
    match snapshot.way:
        case Way.SUSPEND:
            sleeps = standing is not None and standing.status == SUSPENDED
        case Way.DELETE:
            sleeps = standing is None
        case Way.SCALE:
            sleeps = standing is not None and is_scaled_down(standing, snapshot)
    if sleeps:
        morning = snapshot.wake_at.astimezone(ZoneInfo(snapshot.zone))
        version = snapshot.kept.version if snapshot.kept is not None else "-"
        until = f"until {morning:%a %Y-%m-%d %H:%M} {snapshot.zone}"
        yield environment.name, "night", version, "asleep", "", "", "", until


STATUS_HEAD = ("environment", "slot", "version", "state", "who", "when", "ready", "")


def history_rows(entries: Sequence[Entry], now: datetime) -> list[tuple[str, ...]]:
    """Say what was asked for, newest first: what, how it ended, who, when, how long, request."""
    return [("what", "result", "who", "when", "took", "request"), *(_history_row(entry, now) for entry in entries)]


def _history_row(entry: Entry, now: datetime) -> tuple[str, ...]:
    report = report_on(entry)
    request = entry.request
    result = entry.outcome.code if entry.outcome is not None and entry.outcome.code is not None else None
    return (
        request.goal.title,
        result or _phase(report.phase),
        request.actor.name,
        f"{in_words(now - request.accepted_at)} ago",
        in_words(report.took) if report.took is not None else "",
        request.id[:8],
    )


def plan_text(steps: Sequence[Step], end: Decision) -> str:
    """Say what a plan would do, step by step, and how it would end."""
    lines = [f"{number}. {say_step(step)}" for number, step in enumerate(steps, 1)]
    match end:
        case Impossible(code, reason):
            lines.append(f"It would end there: {code}: {reason}" if lines else f"It cannot be done: {code}: {reason}")
        case Settle() if not lines:
            lines.append("Azure is at work on it; nothing would be called before that is over.")
        case _ if not lines:
            lines.append("Nothing: what is asked for holds already.")
    return "\n".join(lines)


def say_step(step: Step) -> str:
    """Say what a step would do, in a sentence."""
    match step:
        case CreateStep(slot=slot, name=name, start=start):
            return f"Create deployment {name} in {slot}{'' if start else ', suspended'}, and wait until it is ready."
        case DeleteStep(name=name):
            return f"Delete deployment {name}."
        case SwapStep(production=None, name=name):
            return f"Move {name} from staging to production, which is empty."
        case SwapStep(production=production, name=name):
            return f"Swap {name} into production; {production} goes to staging."
        case UpgradeStep(name=name, mode=mode):
            return f"Upgrade deployment {name} in place, mode {mode}."
        case WalkStep(domain=domain):
            return f"Walk upgrade domain {domain}, and wait for it."
        case RollbackStep(name=name):
            return f"Roll back the update of {name}."
        case ConfigureStep(name=name):
            return f"Change the configuration of {name}."
        case StatusStep(name=name, status=status):
            return f"Set {name} to {status}."
