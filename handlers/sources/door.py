"""The door: in which order a delivery is looked at, the same for every source. Pure."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from handlers.errors import DeliveryRefused, Malformed, TooLarge, UnknownSource, UnsupportedEncoding
from handlers.events import Delivery, Event, HttpReply, Reply


class Source(Protocol):
    """Reads the deliveries of one sender, and answers them in its way."""

    def read(self, delivery: Delivery, now: datetime) -> Event:
        """Prove the delivery, then read what it says.

        Raises Unproved before anything of the body is read, Malformed afterwards, and nothing else.
        """

    def render(self, reply: Reply) -> HttpReply:
        """Write the answer to a delivery that was proved. A reply without a text may be an empty body."""


Sources = Mapping[str, Source]
"""Those that are on, by the last segment of `/api/hooks/{source}`."""


def read_delivery(delivery: Delivery, sources: Sources, cap: int, now: datetime) -> Event:
    """Say what a delivery says.

    `cap` is the most bytes that a body may have; `now` is held against the time that some senders sign. The cheap
    refusals come first: no such source (404), an encoding (415), too large (413); only then is the signature computed
    (401), and only what it proves is read (400).
    Raises DeliveryRefused, whose `status` and `reason` are the answer.
    """
    source = sources.get(delivery.source)
    if source is None:
        raise UnknownSource
    if delivery.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedEncoding
    if len(delivery.body) > cap:
        raise TooLarge(len(delivery.body), cap)
    return source.read(delivery, now)


def render_refusal(delivery: Delivery, refused: DeliveryRefused, sources: Sources) -> HttpReply:
    """Write what the sender of a refused delivery is told.

    Who has proved nothing gets the same whatever the source. Who has is told in the source's own way what is wrong.
    """
    facts = {"error": refused.reason}
    source = sources.get(delivery.source)
    if source is not None and isinstance(refused, Malformed):
        return source.render(Reply(refused.status, f"This could not be read. {refused.reason}", facts))
    return HttpReply(refused.status, json.dumps(facts).encode())
