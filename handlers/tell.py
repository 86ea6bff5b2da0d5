"""Hop 6: what the row says is shown in every place that waits for it; each place fails and catches up alone."""

import logging
from datetime import timedelta

from handlers.errors import LedgerConflict, NotOurs, NotOurTurn, SinkRefused, Unavailable
from handlers.ledger import Entry, State, Telling, told, touch
from handlers.logs import line
from handlers.model import Check
from handlers.ports import Ports, Sink
from handlers.queueing.pacing import retry_delay
from handlers.queueing.texts import read_check
from handlers.telling.report import Brought, Report, Takeover, leading_to, report_on
from handlers.telling.takeovers import changed_by

log = logging.getLogger(__name__)

POSTING_LEASE = timedelta(seconds=90)
"""Our choice: longer than one post takes; a post whose worker died is taken over after it."""

ANOTHER_IS_POSTING = timedelta(seconds=2)
"""Our choice: the wait where another worker posts at this moment, perhaps an older report."""

STORAGE_AWAY = timedelta(seconds=30)
"""Our choice: the wait where the ledger cannot be read."""

NEWEST = 30
"""Our choice: rows among which one is looked for that has changed what runs after the one that is told."""

MOST_ATTEMPTS = 40
"""Our choice: about three hours of waiting between them, then the place is given up for this request."""


def tell(text: str, ports: Ports) -> None:
    """Work on one message of queue `notifications`. Raises only on a bug, or where the queue itself is away."""
    try:
        key = read_check(text)
    except NotOurs as error:
        log.error(line("message.not_ours", queue="notifications", reason=error))
        ports.ledger.keep_poison(text, f"queue notifications: {error}", ports.now())
        return
    try:
        wait = _tell_all(key, ports)
    except LedgerConflict:
        wait = ANOTHER_IS_POSTING
    except Unavailable as error:
        log.warning(line("news.delayed", id=key.request, reason=error.reason))
        wait = STORAGE_AWAY
    if wait is not None:
        ports.notifications.put(text, wait)


def _tell_all(key: Check, ports: Ports) -> timedelta | None:
    """Tell every place that is behind; return the wait until one of them is to be tried again."""
    stored = ports.ledger.get(key)
    if stored is None or stored.row.state is State.TOLD:
        return None
    entry = stored.row
    report = report_on(entry).model_copy(update={"takeover": _takeover(entry, ports)})
    places = [sink for sink in ports.sinks if sink.concerns(entry.request)]
    waits = [wait for sink in places if (wait := _tell_one(sink, key, report, ports)) is not None]
    if entry.state is State.DONE and not waits:
        ports.ledger.replace(stored, told(entry, ports.now()))
        log.info(line("request.told", id=key.request, places=",".join(sink.name for sink in places)))
    elif entry.state is State.DONE:
        ports.ledger.replace(stored, touch(entry, ports.now(), min(waits)))
    return min(waits, default=None)


def _takeover(entry: Entry, ports: Ports) -> Takeover | None:
    """Look up which versions a request that is over has put out of its environment, and which one back into it."""
    if not entry.ended:
        return None
    changed = changed_by(entry, ports.ledger.history(entry.request.environment, NEWEST))
    if changed is None:
        return None
    gone = [_brought(one, entry, ports) for one in changed.gone]
    return Takeover(
        gone=tuple(one for one in gone if one is not None),
        again=_brought(changed.again, entry, ports) if changed.again is not None else None,
        newest=changed.newest,
    )


def _brought(request: str, entry: Entry, ports: Ports) -> Brought | None:
    """Look up what a request has brought, also for another environment: a swap brings what was staging's."""
    for name in dict.fromkeys([entry.request.environment, *ports.environments]):
        stored = ports.ledger.get(Check(environment=name, request=request))
        if stored is not None:
            return Brought(request=stored.row.request, release=report_on(stored.row).release)
    return None


def _tell_one(sink: Sink, key: Check, report: Report, ports: Ports) -> timedelta | None:
    """Show the report in one place, unless it shows it already; return the wait until it is to be tried again."""
    now = ports.now()
    stored = ports.ledger.telling(key, Telling(sink=sink.name, not_before=now))
    telling = stored.row
    if telling.refused is not None or telling.told == report.fingerprint:
        return None
    if telling.not_before > now:
        return ANOTHER_IS_POSTING if telling.posting else telling.not_before - now
    claim = {"attempts": telling.attempts + 1, "posting": True, "not_before": now + POSTING_LEASE}
    try:
        stored = ports.ledger.replace_telling(key, stored, telling.model_copy(update=claim))
    except LedgerConflict:
        return ANOTHER_IS_POSTING
    outcome, wait = _post(sink, report, telling, ports)
    ports.ledger.replace_telling(key, stored, stored.row.model_copy(update={"posting": False, **outcome}))
    return wait


def _post(sink: Sink, report: Report, telling: Telling, ports: Ports) -> tuple[dict[str, object], timedelta | None]:
    """Post; return what to remember and the wait until it is to be tried again."""
    identity = {"id": report.request.id, "sink": sink.name}
    shown: dict[str, object] = {}
    references = telling.references
    try:
        for one in leading_to(report, telling.phase):
            references = sink.post(one, references)
            shown = {"references": references, "phase": one.phase}
            log.info(line("news.posted", **identity, phase=one.phase))
    except NotOurTurn as error:
        log.info(line("news.delayed", **identity, reason=error.reason, wait_s=int(error.retry_after.total_seconds())))
        waiting = {"attempts": telling.attempts, "not_before": ports.now() + error.retry_after}
        return {**shown, **waiting}, error.retry_after
    except Unavailable as error:
        if telling.attempts < MOST_ATTEMPTS:
            wait = retry_delay(telling.attempts, error.retry_after)
            log.warning(line("news.delayed", **identity, reason=error.reason, wait_s=int(wait.total_seconds())))
            return {**shown, "not_before": ports.now() + wait}, wait
        log.error(line("news.given_up", **identity, reason=error.reason))
        return {**shown, "refused": error.reason, "not_before": ports.now()}, None
    except SinkRefused as error:
        log.error(line("news.refused", **identity, reason=error))
        return {**shown, "refused": str(error), "not_before": ports.now()}, None
    return {**shown, "told": report.fingerprint, "attempts": 0, "not_before": ports.now()}, None
