"""Overrides of nights: one compare-and-set of what is remembered of them, and a sentence for who asked."""

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from handlers.commands import KeepUp, SkipTonight, SleepNow, Wish
from handlers.environments import Environment
from handlers.errors import LedgerConflict, Unavailable
from handlers.logs import line
from handlers.model import Inquiry, SetStatus
from handlers.nights.held import held_up
from handlers.nights.ready import lead
from handlers.nights.rules import read_rules
from handlers.nights.state import NightRow, Snapshot
from handlers.nights.transitions import nights_around, without_overlaps
from handlers.nights.wishes import grant
from handlers.policy import Ruling, Verdict, entrance_at, right_for
from handlers.policy.approvals import rule_sleep
from handlers.ports import Ports
from handlers.queueing.pacing import MOST_TRIES
from handlers.vetting.asking import refusal
from handlers.vetting.refusals import refuse

log = logging.getLogger(__name__)

KEPT = timedelta(days=3)
"""Our choice: an override that is over is kept for longer than its evening may still be late."""


def wish(wanted: Wish, inquiry: Inquiry, ports: Ports) -> str | Ruling:
    """Write an override down for whoever asks, or say which rule is against it; asked twice by one inquiry, it is one.

    Raises Unavailable.
    """
    environment = ports.environments[wanted.environment]
    against = _refusal(wanted, environment, inquiry, ports)
    if against is not None:
        return refuse(environment.name, against, inquiry, ports)
    reading = read_rules(environment, ports.nights.read_file)
    if reading.mistakes:
        return f"{environment.name} stays up: {reading.mistakes[0]}."
    for _ in range(MOST_TRIES):
        stored = ports.nights.get(environment.name)
        row = stored.row
        slept = row.asleep_in(environment)
        took = lead([timedelta(seconds=seconds) for seconds in row.took])
        earlier = [one for one in row.overrides if one.id != inquiry.id]
        nights = held_up(without_overlaps(nights_around(reading.rules, inquiry.asked_at, took)), earlier)
        granted = grant(wanted, nights, inquiry)
        if isinstance(granted, str):
            return granted
        if all(one.id != inquiry.id for one in row.overrides):
            if inquiry.pressed and isinstance(wanted, KeepUp) and slept is not None:
                return _too_late(inquiry, slept)
            recent = [one for one in row.overrides if one.until > inquiry.asked_at - KEPT]
            changed = NightRow.model_validate({**dict(row), "overrides": (*recent, granted.override)})
            try:
                ports.nights.replace(stored, changed)
            except LedgerConflict:
                continue
            log.info(line("night.overridden", environment=environment.name, id=inquiry.id, by=inquiry.actor.id))
        if slept is None or isinstance(wanted, SleepNow):
            return granted.sentence
        return f"{granted.sentence} {_when_it_wakes(environment, inquiry, ports)}"
    raise Unavailable(f"others change the nights of {environment.name} all the time")


def _too_late(inquiry: Inquiry, slept: Snapshot) -> str:
    """Answer the button of a warning once its night has begun: to wake what sleeps is said in words, not by a slip."""
    evening, morning = (at.astimezone(ZoneInfo(slept.zone)) for at in (slept.taken_at, slept.wake_at))
    return (
        f"Too late for this button, and nothing has changed: the night has begun at {evening:%H:%M} and ends on "
        f"{morning:%A at %H:%M}, {slept.zone}. To wake it up all the same, say: {inquiry.text}"
    )


def _when_it_wakes(environment: Environment, inquiry: Inquiry, ports: Ports) -> str:
    """Say when what sleeps is up. The clock wakes nothing that is locked, by whomever; who locked it may."""
    lock = ports.ledger.standing(environment.name).row.held_lock(inquiry.asked_at)
    if lock is None:
        return "It is woken up within minutes."
    return f"It sleeps, {lock.words}; until that is over, resume {environment.name} wakes it, for whoever locked it."


def _refusal(wanted: Wish, environment: Environment, inquiry: Inquiry, ports: Ports) -> Ruling | None:
    """Say why somebody may not: staying up takes the right to resume, sleeping the one to suspend."""
    match wanted:
        case KeepUp() | SkipTonight():
            goal = SetStatus(status="Running")
        case SleepNow():
            goal = SetStatus(status="Suspended")
    right = right_for(goal, environment)
    if right is None:
        return None
    against = refusal(right, environment, inquiry, ports)
    if against is not None or not isinstance(wanted, SleepNow):
        return against
    return Verdict((rule_sleep(right, entrance_at(inquiry.place), environment),)).refusal
