"""Writing a row and hinting at it: one message on the queue where its state's worker looks. The row is the truth."""

import logging
from datetime import datetime, timedelta

from handlers.ledger import Entry, State, open_entry, touch
from handlers.logs import line
from handlers.model import Result, Rollback, RunCommit, RunRelease, RunVersion, SwapStep, retire_request
from handlers.ports import Ports, Stored
from handlers.queueing.texts import alone

log = logging.getLogger(__name__)


def write(stored: Stored[Entry], entry: Entry, ports: Ports) -> None:
    """Compare and set the row, and log what it says now. Raises LedgerConflict, Unavailable."""
    _keep_for_a_while(entry, ports)
    ports.ledger.replace(stored, entry)
    facts = {"id": entry.request.id, "environment": entry.request.environment}
    if entry.outcome is not None:
        took = round((entry.outcome.ended_at - entry.request.accepted_at).total_seconds())
        log.info(line("request.ended", **facts, result=entry.outcome.result, code=entry.outcome.code, took_s=took))
    elif entry.delayed_by is not None and entry.delayed_since is None:
        # It waits for its turn or for somebody to agree, which is no trouble.
        log.info(line("request.waits", **facts, reason=entry.delayed_by, place=entry.place))
    elif entry.delayed_by is not None:
        log.warning(line("request.delayed", **facts, reason=entry.delayed_by, attempts=entry.attempts))


def hint(entry: Entry, now: datetime, ports: Ports) -> None:
    """Put one message that shows itself when the row is due. Raises Unavailable."""
    wait = max(entry.not_before - now, timedelta(0))
    match entry.state:
        case State.ACCEPTED | State.INTENT:
            ports.requests.put(alone(entry.request), wait)
        case State.WAITING | State.STARTING:
            ports.operations.put(entry.key.model_dump_json(), wait)
        case State.DONE:
            ports.notifications.put(entry.key.model_dump_json(), wait)
        case State.TOLD:
            return


def spread_news(entry: Entry, ports: Ports) -> None:
    """Let the sinks show the row as it is now. Raises Unavailable."""
    ports.notifications.put(entry.key.model_dump_json())


def _keep_for_a_while(entry: Entry, ports: Ports) -> None:
    """After a release was swapped in, ask for the removal of what it replaced, once it need not be kept any more."""
    if entry.outcome is None or entry.outcome.result is not Result.SUCCESS:
        return
    environment = ports.environments.get(entry.request.environment)
    replaced = next((step.production for step in entry.taken if isinstance(step, SwapStep)), None)
    if (
        environment is None
        or replaced is None
        or not isinstance(entry.request.goal, RunRelease | RunVersion | RunCommit | Rollback)
    ):
        return
    now = ports.now()
    request = retire_request(entry.request, replaced, now)
    removal = touch(open_entry(request, now), now, timedelta(minutes=environment.keep_previous))
    hint(ports.ledger.open(removal).row, now, ports)
