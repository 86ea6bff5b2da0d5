"""What a chat's limits ask of us: a pace of our own.

The chats decide (429 with `Retry-After`). The pace spares them and us most of those answers: one process does not
send faster than they ask for. It is a courtesy and no guarantee, as every process has its own.
"""

import threading
from datetime import datetime, timedelta

from handlers.errors import Unavailable
from handlers.ports import Clock


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
