"""A ledger that behaves: rows with ETags, and the audit trail that is written with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol, TypeVar

from handlers.audit import Record, of_change, of_opening, of_standing
from handlers.errors import LedgerConflict
from handlers.ledger import Entry, State, Telling
from handlers.model import Check
from handlers.policy.standing import Standing
from handlers.policy.strangers import Stranger
from handlers.ports import Row, Stored

T = TypeVar("T")


class Watched(Protocol):
    """Where the ledger is: every call to it is counted there, and every change looked at."""

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Do one thing outside."""

    def watch(self, entry: Entry) -> None:
        """Look at a row that was written."""


@dataclass
class FakeLedger:
    """Rows with ETags."""

    world: Watched
    entries: dict[tuple[str, str], Stored[Entry]] = field(default_factory=dict)
    standings: dict[str, Stored[Standing]] = field(default_factory=dict)
    audit: list[Record] = field(default_factory=list)
    """What the real ledger writes in the same transaction."""
    noted: set[str] = field(default_factory=set)
    strangers: dict[tuple[int, str], Stored[Stranger]] = field(default_factory=dict)
    tellings: dict[tuple[str, str, str], Stored[Telling]] = field(default_factory=dict)
    poison: dict[str, str] = field(default_factory=dict)
    _etags: Iterator[int] = field(default_factory=count)

    def open(self, entry: Entry) -> Stored[Entry]:
        """Insert if absent."""
        key = (entry.request.environment, entry.request.id)

        def effect() -> Stored[Entry]:
            if key not in self.entries:
                self.audit.append(of_opening(entry))
            return self.entries.setdefault(key, self._store(entry))

        return self.world.io("ledger.open", effect)

    def get(self, key: Check) -> Stored[Entry] | None:
        """Return the row."""
        return self.world.io("ledger.get", lambda: self.entries.get((key.environment, key.request)))

    def replace(self, stored: Stored[Entry], entry: Entry) -> Stored[Entry]:
        """Compare and set."""
        key = (entry.request.environment, entry.request.id)

        def effect() -> Stored[Entry]:
            if self.entries[key].etag != stored.etag:
                raise LedgerConflict("entry")
            self._record(of_change(self.entries[key].row, entry))
            self.entries[key] = self._store(entry)
            self.world.watch(entry)
            return self.entries[key]

        return self.world.io("ledger.replace", effect)

    def standing(self, environment: str) -> Stored[Standing]:
        """Return the environment's standing."""
        first = self._store(Standing())
        return self.world.io("ledger.standing", lambda: self.standings.setdefault(environment, first))

    def replace_standing(self, environment: str, stored: Stored[Standing], standing: Standing) -> Stored[Standing]:
        """Compare and set."""

        def effect() -> Stored[Standing]:
            if self.standings[environment].etag != stored.etag:
                raise LedgerConflict("standing")
            self._record(of_standing(environment, stored.row, standing))
            self.standings[environment] = self._store(standing)
            return self.standings[environment]

        return self.world.io("ledger.replace_standing", effect)

    def replace_both(
        self, stored: Stored[Entry], entry: Entry, old: Stored[Standing], standing: Standing
    ) -> Stored[Entry]:
        """Compare and set both, or neither."""
        key = (entry.request.environment, entry.request.id)

        def effect() -> Stored[Entry]:
            if self.entries[key].etag != stored.etag or self.standings[key[0]].etag != old.etag:
                raise LedgerConflict("both")
            self._record(of_change(self.entries[key].row, entry))
            self.entries[key] = self._store(entry)
            self.standings[key[0]] = self._store(standing)
            self.world.watch(entry)
            return self.entries[key]

        return self.world.io("ledger.replace_both", effect)

    def note(self, key: str, record: Record) -> None:
        """Insert if absent."""

        def effect() -> None:
            if key not in self.noted:
                self.noted.add(key)
                self.audit.append(record)

        self.world.io("ledger.note", effect)

    def stranger(self, repository_id: int, actor: str) -> Stored[Stranger] | None:
        """Return the row."""
        return self.world.io("ledger.stranger", lambda: self.strangers.get((repository_id, actor)))

    def remember_stranger(
        self, repository_id: int, actor: str, stored: Stored[Stranger] | None, stranger: Stranger
    ) -> None:
        """Insert, or compare and set."""
        key = (repository_id, actor)

        def effect() -> None:
            if self.strangers.get(key) != stored:
                raise LedgerConflict("stranger")
            self.strangers[key] = self._store(stranger)

        self.world.io("ledger.remember_stranger", effect)

    def unfinished(self) -> Iterator[Stored[Entry]]:
        """Yield what is not told."""
        rows = self.world.io("ledger.unfinished", lambda: list(self.entries.values()))
        return iter([stored for stored in rows if stored.row.state is not State.TOLD])

    def history(self, environment: str, most: int) -> Sequence[Entry]:
        """Return the newest rows of an environment."""
        rows = self.world.io("ledger.history", lambda: list(self.entries.values()))
        ours = [stored.row for stored in rows if stored.row.request.environment == environment]
        return sorted(ours, key=lambda entry: entry.opened_at, reverse=True)[:most]

    def telling(self, key: Check, telling: Telling) -> Stored[Telling]:
        """Insert if absent."""
        place = (key.environment, key.request, telling.sink)
        return self.world.io("ledger.telling", lambda: self.tellings.setdefault(place, self._store(telling)))

    def replace_telling(self, key: Check, stored: Stored[Telling], telling: Telling) -> Stored[Telling]:
        """Compare and set."""
        place = (key.environment, key.request, telling.sink)

        def effect() -> Stored[Telling]:
            if self.tellings[place].etag != stored.etag:
                raise LedgerConflict("telling")
            self.tellings[place] = self._store(telling)
            return self.tellings[place]

        return self.world.io("ledger.replace_telling", effect)

    def keep_poison(self, text: str, reason: str, now: datetime) -> None:
        """Keep a message."""
        self.world.io("ledger.keep_poison", lambda: self.poison.update({text: reason}))

    def _record(self, record: Record | None) -> None:
        if record is not None:
            self.audit.append(record)

    def _store(self, row: Row) -> Stored[Row]:
        return Stored(row, str(next(self._etags)))
