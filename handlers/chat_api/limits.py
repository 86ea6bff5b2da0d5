"""What a chat's limits ask of us: `Retry-After` from the other side, and a pace of our own.

The chats decide (429 with `Retry-After`). The pace spares them and us most of those answers: one process does not
send faster than they ask for. It is a courtesy and no guarantee, as every process has its own.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from handlers.errors import Unavailable
from handlers.ports import Clock

LONGEST = timedelta(hours=1)
"""Our choice: whatever a header says, look again after that."""

_SOONEST = timedelta(seconds=1)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read `Retry-After`, seconds or a date, as a wait between a second and an hour; None where it is neither."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(max(timedelta(seconds=int(value[:9])), _SOONEST), LONGEST)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return min(max(date.astimezone(UTC) - now, _SOONEST), LONGEST)


class Pace:
    """One call in `every`, counted by key (a channel, a method), and `burst` at once after a rest. Thread-safe."""

    def __init__(self, now: Clock, every: timedelta, burst: int) -> None:
        """`burst` is at least 1."""
        self._now = now
        self._every = every
        self._ahead = every * (burst - 1)
        self._due: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def take(self, key: str, subject: str) -> None:
        """Take the turn for one call now. Raises Unavailable, with the wait, where it is not our turn yet."""
        with self._lock:
            now = self._now()
            due = max(self._due.get(key, now), now)
            if due - now > self._ahead:
                raise Unavailable(f"{subject}: not so fast", due - now - self._ahead)
            self._due[key] = due + self._every

    def pause(self, key: str, wait: timedelta) -> None:
        """Leave the key alone for `wait`: the other side asked for it."""
        with self._lock:
            now = self._now()
            self._due[key] = max(self._due.get(key, now), now + wait + self._ahead)
