"""How far a deployment is, as a bar with words. Pure."""

from handlers.model import Readiness

CELLS = 20
"""Cells of the longest bar. Our choice: it fits beside its words on a telephone."""

_DONE = "▓"
_AT_IT = "▒"
_TO_COME = "░"


def progress(readiness: Readiness) -> str | None:
    """Write `▓▓▓░ 3 of 4 instances ready` or `▓▒░░░ upgrade domain 2 of 5`; None where nothing can be counted.

    One cell is one instance or one upgrade domain as long as there are at most 20 of them.
    """
    if readiness.domain is not None:
        total, done, at_it = readiness.domains or 0, readiness.domain, 1
    else:
        total, done, at_it = readiness.total, readiness.ready, 0
    if total <= 0:
        return None
    return f"{bar(done, at_it, total)} {readiness.words}"


def bar(done: int, at_it: int, total: int) -> str:
    """Draw a bar of `total` things, at most 20 cells wide: full only where all are done, empty only where none is."""
    done = min(max(done, 0), total)
    at_it = min(at_it, total - done)
    if total <= CELLS:
        return _DONE * done + _AT_IT * at_it + _TO_COME * (total - done - at_it)
    full = done * CELLS // total
    started = CELLS if done == total else min(max(full, 1 if done else 0), CELLS - 1)
    moving = min(1 if at_it else 0, CELLS - started)
    return _DONE * started + _AT_IT * moving + _TO_COME * (CELLS - started - moving)
