"""How long to wait before looking into an empty queue again. Pure; chance is an argument."""

from collections.abc import Callable
from datetime import timedelta

MINIMUM = timedelta(milliseconds=100)
"""Source: `QueuePollingIntervals.Minimum`."""
_SPREAD = 0.2
"""Source: `RandomizedExponentialBackoffStrategy.RandomizationFactor`."""


class Backoff:
    """Waits twice as long after each look that found nothing, give or take a fifth, up to a maximum."""

    def __init__(self, maximum: timedelta, chance: Callable[[], float]) -> None:
        """`chance`: a number from 0 to 1."""
        self._maximum = maximum
        self._chance = chance
        self._step = MINIMUM

    def reset(self) -> None:
        """Begin again with the shortest wait, because a message was found."""
        self._step = MINIMUM

    def next(self) -> timedelta:
        """Say how long to wait now."""
        wait = self._step * (1 - _SPREAD + 2 * _SPREAD * self._chance())
        self._step = min(self._step * 2, self._maximum)
        return max(min(wait, self._maximum), MINIMUM)
