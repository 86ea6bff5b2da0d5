"""Hop 3: a delivery becomes deployment requests, or a sentence that says why not.

Nothing here is looked up or waited for: prove, read, decide, enqueue.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.environments import Environments
from handlers.errors import DeliveryRefused
from handlers.events import Delivery, Event, Ignored, Ping, ReleasePublished
from handlers.logs import line
from handlers.model import DeploymentRequest, RequestsMessage, release_request
from handlers.sources import Sources
from handlers.sources.door import read_delivery

log = logging.getLogger(__name__)


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
    """What the sender is told, and what goes on queue `requests` before it is told."""

    status: int
    body: Mapping[str, Any]
    message: RequestsMessage | None = None


def receive(delivery: Delivery, door: Door, now: datetime) -> Answer:
    """Decide about one delivery.

    202 with the requests' ids where it deploys; 200 with a reason where it is proved and ignored; 4xx where it is
    refused; 503 where it is proved and no environment is configured, so that the sender keeps it for redelivery.
    """
    try:
        event = read_delivery(delivery, door.sources, door.body_cap, now)
    except DeliveryRefused as refused:
        log.warning(line("delivery.refused", source=delivery.source, status=refused.status, reason=refused.reason))
        return Answer(refused.status, {"error": refused.reason})
    answer = decide(event, door.environments, now)
    ids = ",".join(request.id for request in answer.message.requests) if answer.message else None
    log.info(
        line(
            "delivery.accepted" if answer.message else "delivery.ignored",
            source=delivery.source,
            status=answer.status,
            requests=ids,
            reason=answer.body.get("ignored") or answer.body.get("error"),
        )
    )
    return answer


def decide(event: Event, environments: Environments, now: datetime) -> Answer:
    """Say what a proved event asks for."""
    match event:
        case Ping():
            return Answer(200, {"pong": True})
        case Ignored(reason):
            return Answer(200, {"ignored": reason})
        case ReleasePublished() if not environments:
            return Answer(503, {"error": "no environment is configured; redeliver when there is one"})
        case ReleasePublished():
            return _deploy(event, environments, now)


def _deploy(event: ReleasePublished, environments: Environments, now: datetime) -> Answer:
    reasons: list[str] = []
    requests: list[DeploymentRequest] = []
    for environment in environments.values():
        reason = environment.wants(event.release)
        if reason is not None:
            reasons.append(reason)
        else:
            requests.append(release_request(event.release, environment.name, event.actor, event.delivery, now))
    if not requests:
        what = f"{event.release.repository} {event.release.tag}"
        return Answer(200, {"ignored": f"no environment deploys {what}: {'; '.join(reasons)}"})
    accepted = [{"id": request.id, "environment": request.environment} for request in requests]
    return Answer(202, {"requests": accepted}, RequestsMessage(requests=tuple(requests)))
