"""What GitHub's limits ask of us. Pure.

Source: *Rate limits for the REST API* and *Best practices*, GitHub documentation. Who goes on calling while limited
may be banned.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from handlers.web.waits import bounded, retry_after

UNSAID = timedelta(seconds=60)
"""The least to wait where a limit says nothing of its own. GitHub asks for a minute, and for longer each time: that
is up to who calls again, as it knows how often it has."""


def limited(status: int, headers: Mapping[str, str], message: str, now: datetime) -> timedelta | None:
    """Say how long to wait where an answer is a limit, or None where it is something else.

    429 always is one. 403 is one with `Retry-After`, with `x-ratelimit-remaining: 0`, or where its message says so;
    otherwise it is a missing permission.
    """
    if status not in {403, 429}:
        return None
    asked = retry_after(headers, now)
    if asked is not None:
        return asked
    if headers.get("x-ratelimit-remaining") == "0":
        return _until_reset(headers.get("x-ratelimit-reset", ""), now)
    words = message.lower()
    if status == 429 or "rate limit" in words or "abuse detection" in words:
        return UNSAID
    return None


def _until_reset(epoch: str, now: datetime) -> timedelta:
    if not (epoch.isascii() and epoch.isdigit()):
        return UNSAID
    return bounded(timedelta(seconds=int(epoch[:12]) - now.timestamp() + 1))
