"""How the fakes answer: limits, faults, and bodies that are no JSON."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web


@dataclass
class Fault:
    """Answers that are given instead of the true ones."""

    path: str
    """A part of the path, or empty for any."""
    status: int
    """0 hangs up."""
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    skip: int = 0
    """Calls that still get the true answer."""
    after: bool = False
    """Whether the call has its effect, and only its answer is lost."""


@dataclass
class Limit:
    """A real limit: `most` calls in `window`, counted by key. More are answered with 429."""

    most: int
    window: timedelta
    calls: dict[str, list[datetime]] = field(default_factory=dict)

    def wait(self, key: str, now: datetime) -> int | None:
        """Count a call; return the seconds to wait where it is one too many."""
        recent = [call for call in self.calls.get(key, []) if now - call < self.window]
        if len(recent) >= self.most:
            return max(1, -(-int((recent[0] + self.window - now).total_seconds() * 1000) // 1000))
        self.calls[key] = [*recent, now]
        return None


async def json_object(request: web.Request) -> dict[str, Any] | None:
    """Read a JSON object; None where there is none."""
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def bearer(request: web.Request) -> str | None:
    """Return the token of a call."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None
