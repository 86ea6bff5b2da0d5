"""The audit chain of each environment in the ledger's table.

| PartitionKey | RowKey | body |
|---|---|---|
| environment | `~audit` and the row's number, 10 digits | `Link`, and its hash beside it |
| environment | `~auditend` | `Head` |
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableClient, TableTransactionError
from pydantic import ValidationError

from handlers.audit import Head, Link, Record, after
from handlers.errors import LedgerConflict, Unavailable
from handlers.stores.account import storage_troubles
from handlers.stores.rows import only_if

END = "~auditend"

MOST_TRIES = 16
"""Our choice: how often the end of the chain is read again where others write to it at the same moment."""

_CHANGED = {404, 409, 412}
"""A row that is gone, there already, or not as it was read."""

Change = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""One operation of a transaction, as the storage SDK takes it."""


class AuditChain:
    """Writes changes together with their records."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    def commit(self, environment: str, changes: Sequence[Change], record: Record) -> str:
        """Make the changes and write the record behind the last one, all or nothing; return the first row's ETag.

        Raises LedgerConflict where a row is not as it was read, Unavailable.
        """
        end: tuple[Head, str | None] | None = None
        for _ in range(MOST_TRIES):
            read = self._end(environment)
            if read == end:
                raise LedgerConflict(environment)
            end = read
            link = end[0].append(record)
            try:
                with storage_troubles("ledger"):
                    written = self._table.submit_transaction([*changes, *_writes(environment, link, end[1])])
            except TableTransactionError as error:
                if error.status_code not in _CHANGED:
                    raise
                continue
            return str(written[0]["etag"])
        raise Unavailable(f"others write to the audit chain of {environment} all the time")

    def read(self, environment: str) -> tuple[Sequence[tuple[Link | None, str]], Head | None]:
        """Return every row of a chain with the hash that stands beside it, and its end. Raises Unavailable.

        None is what somebody has changed so that it cannot be read.
        """
        with storage_troubles("ledger"):
            rows = list(self._rows(environment))
        try:
            return rows, self._end(environment)[0]
        except (ValidationError, KeyError):
            return rows, None

    def _rows(self, environment: str) -> Iterator[tuple[Link | None, str]]:
        rows = f"PartitionKey eq @environment and RowKey gt '~audit0' and RowKey lt '{END}'"
        try:
            for entity in self._table.query_entities(rows, parameters={"environment": environment}):
                yield _link(entity), str(entity.get("hash"))
        except ResourceNotFoundError:
            return

    def _end(self, environment: str) -> tuple[Head, str | None]:
        with storage_troubles("ledger"):
            try:
                entity = self._table.get_entity(environment, END)
            except ResourceNotFoundError:
                return Head(), None
        return Head.model_validate_json(entity["body"]), str(entity.metadata["etag"])


def _link(entity: Mapping[str, Any]) -> Link | None:
    try:
        return Link.model_validate_json(entity["body"])
    except (ValidationError, KeyError):
        return None


def _writes(environment: str, link: Link, etag: str | None) -> list[Change]:
    key = {"PartitionKey": environment}
    row = {**key, "RowKey": f"~audit{link.number:010d}", "body": link.model_dump_json(), "hash": link.hash}
    end = {**key, "RowKey": END, "body": after(link).model_dump_json()}
    if etag is None:
        return [("create", row, {}), ("create", end, {})]
    return [("create", row, {}), ("update", end, only_if(etag))]
