"""Messages that nobody could work with: kept with a reason, and whoever waits for what is behind one hears of it."""

import logging

from handlers.errors import NotOurs, SinkRefused
from handlers.ledger import State, open_entry
from handlers.logs import line
from handlers.outcomes import stop_trying
from handlers.ports import Ports
from handlers.queueing.hints import hint, write
from handlers.queueing.texts import read_inquiry, read_requests

log = logging.getLogger(__name__)


_BUG = "every try ended in an error of ours"


def keep(text: str, ports: Ports) -> None:
    """Work on one message of queue `requests-poison`: whatever is there needs a developer."""
    try:
        message = read_requests(text)
    except NotOurs as error:
        _put_aside(text, f"queue requests: {error}", ports)
        return
    _put_aside(text, f"queue requests: {_BUG}; see the log", ports)
    now = ports.now()
    for request in message.requests:
        log.error(line("request.failed", id=request.id, reason=_BUG))
        stored = ports.ledger.open(open_entry(request, now))
        if stored.row.state in {State.ACCEPTED, State.INTENT}:
            sentence = f"Slipway failed on this request; its log says why under {request.id}."
            ended = stop_trying(stored.row, now, "InternalError", sentence)
            write(stored, ended, ports)
            hint(ended, now, ports)


def keep_inquiry(text: str, ports: Ports) -> None:
    """Work on one message of queue `inquiries-poison`. Raises Unavailable where its author cannot be told now."""
    try:
        inquiry = read_inquiry(text)
    except NotOurs as error:
        _put_aside(text, f"queue inquiries: {error}", ports)
        return
    _put_aside(text, f"queue inquiries: {_BUG}; see the log", ports)
    log.error(line("inquiry.failed", id=inquiry.id, reason=_BUG))
    voice = ports.voices.get(inquiry.actor.source)
    if voice is None:
        return
    failed = (
        f"Slipway failed on this command; its log says why under {inquiry.id}. "
        "Look at status and history before you give it again: it may have been carried out."
    )
    try:
        voice.say(inquiry.place, failed, inquiry.id)
    except SinkRefused as error:
        log.error(line("inquiry.unanswered", id=inquiry.id, reason=error))


def _put_aside(text: str, reason: str, ports: Ports) -> None:
    ports.ledger.keep_poison(text, reason, ports.now())
    log.error(line("poison.kept", reason=reason))
