"""When to look again, and when to stop. Pure: ages in, delays out."""

from datetime import timedelta

GIVE_UP_AFTER = timedelta(hours=2)
"""Our choice, for one operation as for one busy service; no published bound was found for how long Azure may take.
The longest change that was recorded took 17 minutes."""

CALL_TIMEOUT = timedelta(seconds=30)
"""Our choice: what one call to the Service Management API may take in all. Recorded changes were answered in 3 s."""

INTENT_LEASE = timedelta(seconds=45)
"""Our choice: longer than one call may take, so that a row which was announced earlier has lost its worker."""

LAST_LOOK = INTENT_LEASE - CALL_TIMEOUT
"""What asking others may take between the announcement and the call, so that the call still falls into the lease."""

MOST_TRIES = 8
"""Our choice: how often a row is read again where others change it at the same moment."""

FIRST_LOOK = timedelta(0)
"""Our choice: what Azure has just accepted is looked at when the timer comes next, which is wait enough."""

_SOONEST_CHECK = timedelta(seconds=1)
_LATEST_CHECK = timedelta(minutes=5)

_FIRST_RETRY = timedelta(seconds=5)
_LATEST_RETRY = timedelta(minutes=5)


def check_delay(age: timedelta) -> timedelta:
    """Return the wait until the next look at something that is `age` old.

    A tenth of its age, between 1 s and 5 min: a quick change is reported quickly, a slow one costs few calls. The
    timer that looks comes on a schedule of its own, so a wait is rounded up to its next tick.
    """
    return min(max(age / 10, _SOONEST_CHECK), _LATEST_CHECK)


def retry_delay(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return the wait before trying again after `attempts` tries in a row: 5 s, doubled each time, at most 5 min.

    `asked` is how long the other side asked us to wait; it is obeyed where it is longer.
    """
    own = min(_FIRST_RETRY * (1 << min(attempts, 10)), _LATEST_RETRY)
    return own if asked is None else max(own, asked)
