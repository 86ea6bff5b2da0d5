"""What a chat's limits ask of us: a pace of our own.

The chats decide (429 with `Retry-After`). The pace spares them and us most of those answers: one process does not
send faster than they ask for. It is a courtesy and no guarantee, as every process has its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from handlers.errors import NotOurTurn, Unavailable
from handlers.ports import Clock


class Pace:
    """One call in `every`, counted by key (a channel, a method), and `burst` at once after a rest. Thread-safe."""

    def __init__(self, now: Clock, every: timedelta, burst: int) -> None:
        """`burst` is at least 1."""
        self._now = now
        self._every = every
        self._ahead = every * (burst - 1)
        self._due: dict[str, datetime] = {}
        self._next_turn: dict[str, datetime] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, key: str, subject: str) -> Iterator[None]:
        """Make one call; where it is answered with a wait, leave the key alone for as long.

        Raises NotOurTurn where it is too early; of many who are, each is told a time of its own, in their order, so
        that they do not all come back at once. `subject` names the call in the error.
        """
        self._take(key, subject)
        try:
            yield
        except Unavailable as delay:
            if delay.retry_after is not None:
                self._pause(key, delay.retry_after)
            raise

    def _take(self, key: str, subject: str) -> None:
        with self._lock:
            now = self._now()
            due = max(self._due.get(key, now), now)
            soonest = due - self._ahead
            if soonest > now:
                turn = max(self._next_turn.get(key, soonest), soonest)
                self._next_turn[key] = turn + self._every
                raise NotOurTurn(f"{subject}: not so fast", turn - now)
            self._due[key] = due + self._every

    def _pause(self, key: str, wait: timedelta) -> None:
        with self._lock:
            now = self._now()
            self._due[key] = max(self._due.get(key, now), now + wait + self._ahead)
