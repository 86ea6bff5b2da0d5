"""Which versions a request has put out of its environment, and which one back into it. Pure.

A request's row says what stood in the environment's slot before its first call and when it ended (`ran_before`,
`runs_since`), as Azure showed it. News may be told late: what a later request has changed since then is left to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.ledger import Entry
from handlers.model import Result, Rollback, RunCommit, RunRelease, RunVersion, SwapSlots


@dataclass(frozen=True)
class Changed:
    """Ids of the requests whose versions are concerned."""

    gone: tuple[str, ...]
    again: str | None
    newest: bool
    """Whether no later request has changed what runs."""


def changed_by(entry: Entry, rows: Iterable[Entry]) -> Changed | None:
    """Say what a request has changed about what runs; None where it has not, or may not have.

    `rows` are the environment's newest.
    """
    if not _has_changed(entry):
        return None
    newest = max([entry, *filter(_has_changed, rows)], key=_ended_at)
    is_newest = newest.key == entry.key
    brings_back = is_newest and isinstance(entry.request.goal, Rollback | SwapSlots)
    gone = [entry.ran_before] if is_newest else [entry.ran_before, entry.runs_since]
    return Changed(
        gone=tuple(dict.fromkeys(one for one in gone if one is not None and one != newest.runs_since)),
        again=entry.runs_since if brings_back and entry.runs_since != entry.ran_before else None,
        newest=is_newest,
    )


def _has_changed(entry: Entry) -> bool:
    """Say whether a request is over and what runs since is known. What a night does is undone in the morning."""
    if entry.outcome is None or not entry.taken:
        return False
    known = entry.outcome.result is Result.SUCCESS or entry.runs_since is not None
    return known and isinstance(entry.request.goal, RunRelease | RunVersion | RunCommit | Rollback | SwapSlots)


def _ended_at(entry: Entry) -> float:
    return entry.outcome.ended_at.timestamp() if entry.outcome is not None else 0.0
