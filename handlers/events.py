"""What a delivery says, once it is proved and read."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.model import Actor, Release


@dataclass(frozen=True)
class Delivery:
    """One HTTP call from a source, untouched."""

    source: str
    """The last segment of the path, as the sender wrote it."""
    headers: Mapping[str, str]
    """Names in lower case, as the Functions host hands them over."""
    body: bytes
    """The exact bytes; a signature is over these."""


@dataclass(frozen=True)
class Ping:
    """The sender asks whether somebody is there."""


@dataclass(frozen=True)
class Ignored:
    """Proved and understood, and nothing to do."""

    reason: str


@dataclass(frozen=True)
class ReleasePublished:
    """Somebody published a release that is no draft."""

    release: Release
    actor: Actor
    delivery: str


Event = Ping | Ignored | ReleasePublished
