"""Messages that nobody could work with: kept with a reason, and a request behind one is ended and told."""

import logging

from handlers.errors import NotOurs
from handlers.ledger import State, open_entry
from handlers.logs import line
from handlers.outcomes import stop_trying
from handlers.ports import Ports
from handlers.queueing.hints import hint, write
from handlers.queueing.texts import read_requests

log = logging.getLogger(__name__)


def keep(text: str, ports: Ports) -> None:
    """Work on one message of queue `requests-poison`: whatever is there needs a developer."""
    now = ports.now()
    try:
        message = read_requests(text)
    except NotOurs as error:
        reason = f"queue requests: {error}"
        ports.ledger.keep_poison(text, reason, now)
        log.error(line("poison.kept", reason=reason))
        return
    ports.ledger.keep_poison(text, "queue requests: every try ended in an error of ours; see the log", now)
    for request in message.requests:
        log.error(line("poison.kept", id=request.id, reason="every try ended in an error of ours"))
        stored = ports.ledger.open(open_entry(request, now))
        if stored.row.state in {State.ACCEPTED, State.INTENT}:
            sentence = f"Slipway failed on this request; its log says why under {request.id}."
            ended = stop_trying(stored.row, now, "InternalError", sentence)
            write(stored, ended, ports)
            hint(ended, now, ports)
