"""The ledger in an Azure table: a row a request, a row a sink and request, compare-and-set by ETag.

| PartitionKey | RowKey | body |
|---|---|---|
| environment | request id | `Entry` |
| environment | request id`~`sink | `Telling` |
| environment | `~standing` | `Standing` |
| environment | `~noted` and a key | nothing: what the audit trail notes under this key stands there |
| `~strangers` | repository id`-`GitHub's id of a user | `Stranger` |
| `~poison` | SHA-256 of the text | the text and the reason |

The JSON stands in `body`; the other columns repeat what is searched for and what a person looks for in a table
browser. `chain` keeps the audit trail in the same partitions.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableClient

from handlers.audit import Head, Link, Record, of_change, of_opening, of_standing
from handlers.errors import LedgerConflict
from handlers.ledger import Entry, State, Telling
from handlers.model import Check
from handlers.policy.standing import Standing
from handlers.policy.strangers import Stranger
from handlers.ports import Stored
from handlers.stores.account import storage_troubles
from handlers.stores.chain import AuditChain, Change
from handlers.stores.rows import Row, Rows, entity, only_if

POISON = "~poison"
"""A partition that no environment can have: their names begin with a letter."""

STRANGERS = "~strangers"
"""Likewise."""

STANDING = "~standing"
"""A row that no request can have: their ids begin with a letter."""

NOTED = "~noted"
"""How the rows begin that let nothing be noted twice."""

LONGEST_TEXT = 30_000
"""Characters of a poisoned message that are kept; a table's text may have 32,768."""


class TableLedger:
    """Keeps the ledger in one table, made on first use."""

    def __init__(self, table: TableClient) -> None:
        self._table = table
        self._rows = Rows(table)
        self._chain = AuditChain(table)

    def open(self, entry: Entry) -> Stored[Entry]:
        """Insert the row if there is none of this key; return the one that is there. Raises Unavailable."""
        there = self.get(entry.key)
        if there is not None:
            return there
        row = entity(entry.request.environment, entry.request.id, entry, _entry_columns(entry))
        for _ in range(2):
            try:
                etag = self._chain.commit(entry.request.environment, [("create", row, {})], of_opening(entry))
                return Stored(entry, etag)
            except LedgerConflict:
                there = self.get(entry.key)
            if there is not None:
                return there
            self._rows.create_table()
        raise LedgerConflict(f"{entry.request.environment} {entry.request.id}")

    def get(self, key: Check) -> Stored[Entry] | None:
        """Return the row, or None. Raises Unavailable."""
        return self._rows.get(key.environment, key.request, Entry)

    def replace(self, stored: Stored[Entry], entry: Entry) -> Stored[Entry]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        request = entry.request
        record = of_change(stored.row, entry)
        if record is None:
            return self._rows.replace(request.environment, request.id, stored.etag, entry, _entry_columns(entry))
        return Stored(entry, self._chain.commit(request.environment, [_change(stored, entry)], record))

    def standing(self, environment: str) -> Stored[Standing]:
        """Return the environment's standing row, made if there is none. Raises Unavailable."""
        there = self._rows.get(environment, STANDING, Standing)
        return there if there is not None else self._insert_if_absent(environment, STANDING, Standing(), {})

    def replace_standing(self, environment: str, stored: Stored[Standing], standing: Standing) -> Stored[Standing]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        record = of_standing(environment, stored.row, standing)
        if record is None:
            return self._rows.replace(environment, STANDING, stored.etag, standing, {})
        change = ("update", entity(environment, STANDING, standing, {}), only_if(stored.etag))
        return Stored(standing, self._chain.commit(environment, [change], record))

    def replace_both(
        self, stored: Stored[Entry], entry: Entry, old: Stored[Standing], standing: Standing
    ) -> Stored[Entry]:
        """Compare and set the row and its environment's standing, both or neither. Raises LedgerConflict, Unavailable.

        One transaction: both rows stand in the environment's partition.
        """
        environment = entry.request.environment
        record = of_change(stored.row, entry)
        if record is None:
            raise ValueError("only what goes into the audit trail changes both")
        beside = ("update", entity(environment, STANDING, standing, {}), only_if(old.etag))
        return Stored(entry, self._chain.commit(environment, [_change(stored, entry), beside], record))

    def note(self, key: str, record: Record) -> None:
        """Write what changes no row into the audit trail, once for a key. Raises LedgerConflict, Unavailable."""
        environment, row = record.environment, f"{NOTED}{key}"
        mark = {"PartitionKey": environment, "RowKey": row, "at": record.at}
        for _ in range(2):
            if self._rows.has(environment, row):
                return
            try:
                self._chain.commit(environment, [("create", mark, {})], record)
            except LedgerConflict:
                self._rows.create_table()
            else:
                return
        if not self._rows.has(environment, row):
            raise LedgerConflict(f"{environment} {row}")

    def audit(self, environment: str) -> tuple[Sequence[tuple[Link | None, str]], Head | None]:
        """Return the environment's audit chain: its rows with their hashes, and its end. Raises Unavailable.

        None is what somebody has changed so that it cannot be read.
        """
        return self._chain.read(environment)

    def stranger(self, repository_id: int, actor: str) -> Stored[Stranger] | None:
        """Return how somebody was last met in a repository, or None. Raises Unavailable."""
        return self._rows.get(STRANGERS, f"{repository_id}-{actor}", Stranger)

    def remember_stranger(
        self, repository_id: int, actor: str, stored: Stored[Stranger] | None, stranger: Stranger
    ) -> None:
        """Insert or compare and set. Raises LedgerConflict, Unavailable."""
        row = f"{repository_id}-{actor}"
        if stored is None:
            self._rows.insert(STRANGERS, row, stranger, {})
        else:
            self._rows.replace(STRANGERS, row, stored.etag, stranger, {})

    def unfinished(self) -> Iterator[Stored[Entry]]:
        """Yield every row that is not told yet. Raises Unavailable."""
        return self._rows.find("unfinished eq true", Entry)

    def history(self, environment: str, most: int) -> Sequence[Entry]:
        """Return the newest rows of an environment, newest first. Raises Unavailable."""
        rows = "PartitionKey eq @environment and RowKey lt '~' and state ne ''"
        entries = [stored.row for stored in self._rows.find(rows, Entry, environment=environment)]
        return sorted(entries, key=lambda entry: entry.opened_at, reverse=True)[:most]

    def telling(self, key: Check, telling: Telling) -> Stored[Telling]:
        """Insert what a sink was told if there is no such row; return the one that is there. Raises Unavailable."""
        return self._insert_if_absent(key.environment, _telling_key(key, telling), telling, {"sink": telling.sink})

    def replace_telling(self, key: Check, stored: Stored[Telling], telling: Telling) -> Stored[Telling]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        columns = {"sink": telling.sink}
        return self._rows.replace(key.environment, _telling_key(key, telling), stored.etag, telling, columns)

    def keep_poison(self, text: str, reason: str, now: datetime) -> None:
        """Keep a message for a developer to read; the same text twice is one row. Raises Unavailable."""
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        columns = {"text": text[:LONGEST_TEXT], "reason": reason, "kept_at": now}
        with storage_troubles("ledger"):
            try:
                self._table.upsert_entity({"PartitionKey": POISON, "RowKey": digest, **columns})
            except ResourceNotFoundError:
                self._rows.create_table()
                self._table.upsert_entity({"PartitionKey": POISON, "RowKey": digest, **columns})

    def _insert_if_absent(self, partition: str, row: str, body: Row, columns: Mapping[str, Any]) -> Stored[Row]:
        try:
            return self._rows.insert(partition, row, body, columns)
        except LedgerConflict:
            there = self._rows.get(partition, row, type(body))
            if there is None:
                raise
            return there


def _entry_columns(entry: Entry) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "unfinished": entry.state is not State.TOLD,
        "state": str(entry.state),
        "opened_at": entry.opened_at,
        "not_before": entry.not_before,
    }
    if entry.operation is not None:
        columns["operation"] = entry.operation.id
    if entry.outcome is not None:
        columns["result"] = str(entry.outcome.result)
    return columns


def _change(stored: Stored[Entry], entry: Entry) -> Change:
    row = entity(entry.request.environment, entry.request.id, entry, _entry_columns(entry))
    return ("update", row, only_if(stored.etag))


def _telling_key(key: Check, telling: Telling) -> str:
    return f"{key.request}~{telling.sink}"
