"""The safety net: a row that nobody has touched past its time is put on its queue again.

A killed host, a message that expired or was deleted by hand, a queue that was away after the row was written: each
leaves a row without a hint.
"""

import logging

from handlers.errors import LedgerConflict, Unavailable
from handlers.ledger import touch
from handlers.logs import line
from handlers.ports import Ports
from handlers.queueing.hints import hint

log = logging.getLogger(__name__)


def sweep(ports: Ports) -> None:
    """Hint once more at every row that is overdue. Raises only on a bug."""
    try:
        for stored in ports.ledger.unfinished():
            entry, now = stored.row, ports.now()
            idle = now - max(entry.touched_at, entry.not_before)
            if idle < ports.sweep_after:
                continue
            try:
                ports.ledger.replace(stored, touch(entry, now))
            except LedgerConflict:
                continue
            log.warning(line("request.swept", id=entry.request.id, state=entry.state, idle_s=int(idle.total_seconds())))
            hint(entry, now, ports)
    except Unavailable as error:
        log.warning(line("sweep.delayed", reason=error.reason))
