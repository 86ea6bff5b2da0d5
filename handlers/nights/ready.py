"""How long before `ready_by` a resume has to begin."""

from collections.abc import Sequence
from datetime import timedelta

DEFAULT_LEAD = timedelta(minutes=15)
"""Our choice, while nothing has been measured: classic roles take some minutes to boot."""

KEPT = 20
"""Past resumes that count: a month of working days."""

LONGEST_LEAD = timedelta(hours=2)
"""Our choice: as long as a request is tried at most."""

_RESERVE = 1.1
"""Our choice: a tenth more than the slowest of the resumes that count, of which it leaves out the slowest twentieth."""


def lead(took: Sequence[timedelta]) -> timedelta:
    """Return how early to begin, by what past resumes took: their 95th percentile and a tenth."""
    if not took:
        return DEFAULT_LEAD
    ordered = sorted(took[-KEPT:])
    slow = ordered[max(-(-len(ordered) * 95 // 100) - 1, 0)]
    return min(slow * _RESERVE, LONGEST_LEAD)
