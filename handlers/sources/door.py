"""The door: in which order a delivery is looked at, the same for every source. Pure."""

from collections.abc import Mapping
from typing import Protocol

from handlers.errors import TooLarge, UnknownSource, UnsupportedEncoding
from handlers.events import Delivery, Event


class Source(Protocol):
    """Reads the deliveries of one sender."""

    def read(self, delivery: Delivery) -> Event:
        """Prove the delivery, then read what it says.

        Raises Unproved before anything of the body is read, Malformed afterwards, and nothing else.
        """


Sources = Mapping[str, Source]
"""Those that are on, by the last segment of `/api/hooks/{source}`."""


def read_delivery(delivery: Delivery, sources: Sources, cap: int) -> Event:
    """Say what a delivery says.

    `cap` is the most bytes that a body may have. The cheap refusals come first: no such source (404), an encoding
    (415), too large (413); only then is the signature computed (401), and only what it proves is read (400).
    Raises DeliveryRefused, whose `status` and `reason` are the answer.
    """
    source = sources.get(delivery.source)
    if source is None:
        raise UnknownSource
    if delivery.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedEncoding
    if len(delivery.body) > cap:
        raise TooLarge(len(delivery.body), cap)
    return source.read(delivery)
