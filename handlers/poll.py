"""Hop 5: the timer asks about every operation that is due: still running, next step, or over."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from handlers.environments import Environment, OnUnready
from handlers.errors import AnswerLost, AzureRefused, LedgerConflict, NotOurs, PackageUnusable, Unavailable
from handlers.ledger import Entry, State, await_instances, look_again, roll_back, seek_next_step, start_anew
from handlers.logs import line
from handlers.model import (
    Check,
    ConfigureStep,
    Failed,
    InProgress,
    Operation,
    Readiness,
    RollbackStep,
    Succeeded,
    UpgradeStep,
    WalkStep,
)
from handlers.model.durations import in_words
from handlers.outcomes import after_trouble, decide, fail, impossible, leaving, stop_trying, succeed
from handlers.planning import Impossible, Reached, Settle, Situation, TakeStep
from handlers.ports import CloudService, Held, Ports, Stored
from handlers.queueing.hints import hint, spread_news, write
from handlers.queueing.pacing import GIVE_UP_AFTER, check_delay, retry_delay
from handlers.queueing.texts import read_check

log = logging.getLogger(__name__)

CONCURRENT_CHECKS = 16
"""Our choice: operations asked about at once, over one pooled session."""

HIDDEN_FOR = timedelta(minutes=2)
"""Our choice: longer than one check takes; a check whose worker died is due again after it."""

TICK = timedelta(minutes=4)
"""Our choice: no batch is begun later in one tick than this, so that it ends within any plan's time limit."""

BATCH = 32
"""Azure's limit for one receive."""

FAILURES_TO_REPEAT = 3
"""Our choice: how often a step is taken again that Azure accepted and then failed for reasons of its own."""


def poll(ports: Ports) -> None:
    """Work on every message of queue `operations` that is due. Raises only on a bug, after the others are done."""
    began = ports.now()
    with ThreadPoolExecutor(CONCURRENT_CHECKS) as pool:
        while ports.now() - began < TICK and (batch := ports.operations.receive(BATCH, HIDDEN_FOR)):
            futures = [pool.submit(_check, held, ports) for held in batch]
            for future in futures:
                future.result()


def _check(held: Held, ports: Ports) -> None:
    """Look after one row."""
    try:
        key = read_check(held.text)
    except NotOurs as error:
        log.error(line("message.not_ours", queue="operations", reason=error))
        ports.ledger.keep_poison(held.text, f"queue operations: {error}", ports.now())
        held.delete()
        return
    try:
        _look_after(key, held, ports)
    except LedgerConflict:
        # Somebody else looked after the row at this moment, and holds a message of its own.
        held.delete()
    except Unavailable as error:
        log.warning(line("check.delayed", id=key.request, reason=error.reason))


def _look_after(key: Check, held: Held, ports: Ports) -> None:
    stored, now = ports.ledger.get(key), ports.now()
    if stored is None or stored.row.state not in {State.WAITING, State.STARTING}:
        if stored is not None and stored.row.state is State.DONE:
            spread_news(stored.row, ports)
        held.delete()
        return
    if stored.row.not_before > now:
        held.hide(stored.row.not_before - now)
        return
    environment = ports.environments.get(stored.row.request.environment)
    if environment is None:
        entry = stop_trying(stored.row, now, "EnvironmentUnknown", "The environment is not configured any more.")
    else:
        entry = _next_row(stored.row, environment, ports)
    _commit(stored, entry, held, ports)


def _next_row(entry: Entry, environment: Environment, ports: Ports) -> Entry:
    """Ask Azure and say how the row goes on."""
    service = ports.cloud_service(environment)
    try:
        if entry.state is State.WAITING and entry.operation is not None:
            return _ask(entry, entry.operation, environment, service, ports)
        return _look(entry, environment, service, ports)
    except AzureRefused as refused:
        # A question was refused, not the change: the change goes on whatever the answer to us is.
        return after_trouble(entry, ports.now(), Unavailable(f"{refused.code}: {refused.message}"))
    except (Unavailable, AnswerLost, PackageUnusable) as trouble:
        return after_trouble(entry, ports.now(), trouble)


def _ask(entry: Entry, operation: Operation, environment: Environment, service: CloudService, ports: Ports) -> Entry:
    """Ask how the operation stands."""
    try:
        status = service.operation_status(operation)
    except AzureRefused as refused:
        if refused.code != "ResourceNotFound":
            raise
        # Azure has forgotten the operation; what runs tells how it ended.
        return _look(entry, environment, service, ports)
    now = ports.now()
    age = now - operation.submitted_at
    log.info(line("operation.polled", id=entry.request.id, operation=operation.id, status=type(status).__name__))
    match status:
        case Succeeded():
            return _look(entry, environment, service, ports)
        case Failed(http_status, code, message) if http_status >= 500 and entry.failed_operations < FAILURES_TO_REPEAT:
            return start_anew(entry, now, retry_delay(entry.failed_operations), f"{code}: {message}")
        case Failed(_, code, message):
            return fail(entry, now, code, message)
        case InProgress() if age >= GIVE_UP_AFTER:
            return stop_trying(
                entry,
                now,
                "StillRunning",
                f"Azure is still at operation {operation.id} after {in_words(age)}; stopped asking.",
            )
        case InProgress():
            return look_again(entry, now, check_delay(age), _progress(entry, service))


def _progress(entry: Entry, service: CloudService) -> Readiness | None:
    """Say how far an operation is that walks the domains; the others are over in a minute, and show nothing before."""
    if not isinstance(entry.step, UpgradeStep | WalkStep | ConfigureStep | RollbackStep):
        return entry.readiness
    try:
        deployed = service.situation().named(entry.step.name)
    except (Unavailable, AzureRefused):
        return entry.readiness
    return deployed.readiness if deployed is not None else None


def _look(entry: Entry, environment: Environment, service: CloudService, ports: Ports) -> Entry:
    """Look at what runs and say how the row goes on."""
    situation = service.situation()
    return leaving(_decided(entry, environment, situation, ports.now()), environment, situation)


def _decided(entry: Entry, environment: Environment, situation: Situation, now: datetime) -> Entry:
    """Say how the row goes on after a look at what runs."""
    match decide(entry, environment, situation):
        case Reached(readiness):
            return succeed(entry, now, readiness, situation.title_at(environment.slot))
        case Impossible(code, reason):
            return impossible(entry, now, code, reason)
        case TakeStep(step) if step == entry.step:
            return _settle(entry, now, entry.readiness or Readiness(ready=0, total=0), environment)
        case TakeStep(step):
            there = situation.named(step.name)
            pause = environment.walk_pause if isinstance(step, WalkStep) and step.domain > 0 else 0
            seeking = seek_next_step(entry, now, timedelta(minutes=pause))
            return seeking.model_copy(update={"readiness": there.readiness if there is not None else None})
        case Settle(readiness):
            return _settle(entry, now, readiness, environment)


def _settle(entry: Entry, now: datetime, readiness: Readiness, environment: Environment) -> Entry:
    """Wait until what Azure accepted shows its effect, but not for ever."""
    age = now - (entry.starting_since or now)
    left = timedelta(minutes=environment.ready_within) - age
    if left > timedelta(0):
        return await_instances(entry, now, readiness, min(check_delay(age), left))
    states = ", ".join(readiness.waiting) or "Azure reported success, yet nothing of it shows"
    sentence = f"{readiness.words} after {environment.ready_within} min: {states}."
    if environment.on_unready is OnUnready.LEAVE:
        sentence += " Everything was left as it is."
    failed = fail(entry, now, "NotReady", sentence[0].upper() + sentence[1:])
    if environment.on_unready is OnUnready.ROLLBACK and entry.undoing is None and failed.outcome is not None:
        return roll_back(entry, failed.outcome)
    return impossible(entry, now, "NotReady", sentence) if entry.undoing is not None else failed


def _commit(stored: Stored[Entry], entry: Entry, held: Held, ports: Ports) -> None:
    """Write the row, then hide the message until it is due, or hint at the next worker and take it off."""
    write(stored, entry, ports)
    now = ports.now()
    if entry.state in {State.WAITING, State.STARTING}:
        held.hide(entry.not_before - now)
    else:
        hint(entry, now, ports)
        held.delete()
    shown = (stored.row.readiness, stored.row.delayed_by, stored.row.state)
    if not entry.ended and shown != (entry.readiness, entry.delayed_by, entry.state):
        spread_news(entry, ports)
