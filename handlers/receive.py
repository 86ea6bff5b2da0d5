"""Hop 3: a delivery is proved, read and decided about; what it asks for goes on a queue before it is answered.

Nothing here is looked up or waited for.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from handlers.environments import Environments
from handlers.errors import DeliveryRefused
from handlers.events import Delivery, HttpReply
from handlers.intake import decide
from handlers.logs import line
from handlers.model import RequestsMessage
from handlers.sources import Sources, read_delivery, render_refusal

log = logging.getLogger(__name__)

_ASKS = 202
"""What a delivery is answered that asks for something."""


@dataclass(frozen=True)
class Door:
    """What a delivery has to pass."""

    sources: Sources
    """By the last segment of the path. A source without a secret is not in it."""
    environments: Environments
    body_cap: int
    """Bytes."""


@dataclass(frozen=True)
class Answer:
    """What the sender is told, and what goes on queue `requests` before that."""

    reply: HttpReply
    message: RequestsMessage | None = None


def receive(delivery: Delivery, door: Door, now: datetime) -> Answer:
    """Answer one delivery, in the way of its source.

    202 where it asks for something; 200 with a reason where it is proved and ignored; 4xx where it is refused; 503
    where it is proved and no environment is configured, so that the sender keeps it for redelivery.
    """
    try:
        event = read_delivery(delivery, door.sources, door.body_cap, now)
    except DeliveryRefused as refused:
        log.warning(line("delivery.refused", source=delivery.source, status=refused.status, reason=refused.reason))
        return Answer(render_refusal(delivery, refused, door.sources))
    decision = decide(event, door.environments, now)
    message, facts = decision.message, decision.reply.facts
    requests = message.requests if message is not None else ()
    candidates = message.candidates if message is not None else ()
    inquiry = message.inquiry if message is not None else None
    log.info(
        line(
            "delivery.accepted" if decision.reply.status == _ASKS else "delivery.ignored",
            source=delivery.source,
            status=decision.reply.status,
            requests=",".join(request.id for request in requests) or None,
            candidates=",".join(one.id for one in candidates) or None,
            inquiry=inquiry.id if inquiry is not None else None,
            reason=facts.get("ignored") or facts.get("error") or facts.get("refused"),
        )
    )
    return Answer(door.sources[delivery.source].render(decision.reply), message)
