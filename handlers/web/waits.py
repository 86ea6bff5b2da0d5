"""`Retry-After`: how long the other side asks us to wait. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SOONEST = timedelta(seconds=1)
"""Our choice: whoever asks for no wait at all gets this one."""

LONGEST = timedelta(hours=1)
"""Our choice: whatever a header says, look again after that."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read `Retry-After`, seconds or a date, as a wait between SOONEST and LONGEST; None where it is neither.

    `headers` find a name in any case, as those of requests do.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return bounded(timedelta(seconds=int(value[:9])))
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # no date, or one of a year or a zone that there is not
        return None
    # A date whose zone is -0000 is one in UTC, and is read without a zone.
    return bounded((date if date.tzinfo is not None else date.replace(tzinfo=UTC)) - now)


def bounded(wait: timedelta) -> timedelta:
    """Return a wait that is neither shorter than SOONEST nor longer than LONGEST."""
    return min(max(wait, SOONEST), LONGEST)
