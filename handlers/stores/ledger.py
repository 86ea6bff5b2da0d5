"""The ledger in an Azure table: a row a request, a row a sink and request, compare-and-set by ETag.

| PartitionKey | RowKey | body |
|---|---|---|
| environment | request id | `Entry` |
| environment | request id`~`sink | `Telling` |
| environment | `~standing` | `Standing` |
| environment | `~noted` and a key | nothing: what the audit trail notes under this key stands there |
| `~poison` | SHA-256 of the text | the text and the reason |

The JSON stands in `body`; the other columns repeat what is searched for and what a person looks for in a table
browser. `chain` keeps the audit trail in the same partitions.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, UpdateMode

from handlers.audit import Head, Link, Record, of_change, of_opening, of_standing
from handlers.errors import LedgerConflict
from handlers.ledger import Entry, State, Telling
from handlers.model import Check, Message
from handlers.policy.standing import Standing
from handlers.ports import Stored
from handlers.stores.account import storage_troubles
from handlers.stores.chain import AuditChain, Change

POISON = "~poison"
"""A partition that no environment can have: their names begin with a letter."""

STANDING = "~standing"
"""A row that no request can have: their ids begin with a letter."""

NOTED = "~noted"
"""How the rows begin that let nothing be noted twice."""

LONGEST_TEXT = 30_000
"""Characters of a poisoned message that are kept; a table's text may have 32,768."""

Row = TypeVar("Row", bound=Message)


class TableLedger:
    """Keeps the ledger in one table, made on first use."""

    def __init__(self, table: TableClient) -> None:
        self._table = table
        self._chain = AuditChain(table)

    def open(self, entry: Entry) -> Stored[Entry]:
        """Insert the row if there is none of this key; return the one that is there. Raises Unavailable."""
        there = self.get(entry.key)
        if there is not None:
            return there
        row = _entity(entry.request.environment, entry.request.id, entry, _entry_columns(entry))
        for _ in range(2):
            try:
                etag = self._chain.commit(entry.request.environment, [("create", row, {})], of_opening(entry))
                return Stored(entry, etag)
            except LedgerConflict:
                there = self.get(entry.key)
            if there is not None:
                return there
            self._create()
        raise LedgerConflict(f"{entry.request.environment} {entry.request.id}")

    def get(self, key: Check) -> Stored[Entry] | None:
        """Return the row, or None. Raises Unavailable."""
        return self._get(key.environment, key.request, Entry)

    def replace(self, stored: Stored[Entry], entry: Entry) -> Stored[Entry]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        request = entry.request
        record = of_change(stored.row, entry)
        if record is None:
            return self._replace(request.environment, request.id, stored.etag, entry, _entry_columns(entry))
        return Stored(entry, self._chain.commit(request.environment, [_change(stored, entry)], record))

    def standing(self, environment: str) -> Stored[Standing]:
        """Return the environment's standing row, made if there is none. Raises Unavailable."""
        there = self._get(environment, STANDING, Standing)
        return there if there is not None else self._insert_if_absent(environment, STANDING, Standing(), {})

    def replace_standing(self, environment: str, stored: Stored[Standing], standing: Standing) -> Stored[Standing]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        record = of_standing(environment, stored.row, standing)
        if record is None:
            return self._replace(environment, STANDING, stored.etag, standing, {})
        change = ("update", _entity(environment, STANDING, standing, {}), _only_if(stored.etag))
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
        beside = ("update", _entity(environment, STANDING, standing, {}), _only_if(old.etag))
        return Stored(entry, self._chain.commit(environment, [_change(stored, entry), beside], record))

    def note(self, key: str, record: Record) -> None:
        """Write what changes no row into the audit trail, once for a key. Raises LedgerConflict, Unavailable."""
        environment, row = record.environment, f"{NOTED}{key}"
        mark = {"PartitionKey": environment, "RowKey": row, "at": record.at}
        for _ in range(2):
            if self._is_there(environment, row):
                return
            try:
                self._chain.commit(environment, [("create", mark, {})], record)
            except LedgerConflict:
                self._create()
            else:
                return
        if not self._is_there(environment, row):
            raise LedgerConflict(f"{environment} {row}")

    def audit(self, environment: str) -> tuple[Sequence[tuple[Link, str]], Head]:
        """Return the environment's audit chain: its rows with their hashes, and its end. Raises Unavailable."""
        return self._chain.read(environment)

    def unfinished(self) -> Iterator[Stored[Entry]]:
        """Yield every row that is not told yet. Raises Unavailable."""
        with storage_troubles("ledger"):
            try:
                for entity in self._table.query_entities("unfinished eq true", select=["body"]):
                    yield Stored(Entry.model_validate_json(entity["body"]), str(entity.metadata["etag"]))
            except ResourceNotFoundError:
                return

    def history(self, environment: str, most: int) -> Sequence[Entry]:
        """Return the newest rows of an environment, newest first. Raises Unavailable."""
        rows = "PartitionKey eq @environment and RowKey lt '~' and state ne ''"
        with storage_troubles("ledger"):
            try:
                found = self._table.query_entities(rows, parameters={"environment": environment}, select=["body"])
                entries = [Entry.model_validate_json(entity["body"]) for entity in found]
            except ResourceNotFoundError:
                return []
        return sorted(entries, key=lambda entry: entry.opened_at, reverse=True)[:most]

    def telling(self, key: Check, telling: Telling) -> Stored[Telling]:
        """Insert what a sink was told if there is no such row; return the one that is there. Raises Unavailable."""
        return self._insert_if_absent(key.environment, _telling_key(key, telling), telling, {"sink": telling.sink})

    def replace_telling(self, key: Check, stored: Stored[Telling], telling: Telling) -> Stored[Telling]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        columns = {"sink": telling.sink}
        return self._replace(key.environment, _telling_key(key, telling), stored.etag, telling, columns)

    def keep_poison(self, text: str, reason: str, now: datetime) -> None:
        """Keep a message for a developer to read; the same text twice is one row. Raises Unavailable."""
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        columns = {"text": text[:LONGEST_TEXT], "reason": reason, "kept_at": now}
        with storage_troubles("ledger"):
            try:
                self._table.upsert_entity({"PartitionKey": POISON, "RowKey": digest, **columns})
            except ResourceNotFoundError:
                self._create()
                self._table.upsert_entity({"PartitionKey": POISON, "RowKey": digest, **columns})

    def _insert_if_absent(self, partition: str, row: str, body: Row, columns: Mapping[str, Any]) -> Stored[Row]:
        entity = _entity(partition, row, body, columns)
        with storage_troubles("ledger"):
            try:
                return Stored(body, self._insert(entity))
            except ResourceExistsError:
                there = self._get(partition, row, type(body))
        if there is None:
            raise LedgerConflict(f"{partition} {row}")
        return there

    def _insert(self, entity: dict[str, Any]) -> str:
        try:
            return str(self._table.create_entity(entity)["etag"])
        except ResourceNotFoundError:
            self._create()
            return str(self._table.create_entity(entity)["etag"])

    def _get(self, partition: str, row: str, kind: type[Row]) -> Stored[Row] | None:
        with storage_troubles("ledger"):
            try:
                entity = self._table.get_entity(partition, row)
            except ResourceNotFoundError:
                return None
        return Stored(kind.model_validate_json(entity["body"]), str(entity.metadata["etag"]))

    def _is_there(self, partition: str, row: str) -> bool:
        with storage_troubles("ledger"):
            try:
                self._table.get_entity(partition, row)
            except ResourceNotFoundError:
                return False
        return True

    def _replace(self, partition: str, row: str, etag: str, body: Row, columns: Mapping[str, Any]) -> Stored[Row]:
        with storage_troubles("ledger"):
            try:
                written = self._table.update_entity(
                    _entity(partition, row, body, columns),
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=MatchConditions.IfNotModified,
                )
            except (ResourceModifiedError, ResourceNotFoundError) as error:
                raise LedgerConflict(f"{partition} {row}") from error
        return Stored(body, str(written["etag"]))

    def _create(self) -> None:
        try:
            self._table.create_table()
        except ResourceExistsError:
            return


def _entity(partition: str, row: str, body: Message, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"PartitionKey": partition, "RowKey": row, "body": body.model_dump_json(), **columns}


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
    row = _entity(entry.request.environment, entry.request.id, entry, _entry_columns(entry))
    return ("update", row, _only_if(stored.etag))


def _only_if(etag: str) -> dict[str, Any]:
    return {"mode": UpdateMode.REPLACE, "etag": etag, "match_condition": MatchConditions.IfNotModified}


def _telling_key(key: Check, telling: Telling) -> str:
    return f"{key.request}~{telling.sink}"
