"""Rows in an Azure table, whose JSON stands in `body`: compare-and-set by ETag. The table is made on first use."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, UpdateMode

from handlers.errors import LedgerConflict
from handlers.model import Message
from handlers.ports import Stored
from handlers.stores.account import storage_troubles

Row = TypeVar("Row", bound=Message)

WHAT = "ledger"
"""How the table is called where it does not answer."""


class Rows:
    """One table's rows. Every method may raise Unavailable."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    def get(self, partition: str, row: str, kind: type[Row]) -> Stored[Row] | None:
        """Return a row, or None."""
        with storage_troubles(WHAT):
            try:
                found = self._table.get_entity(partition, row)
            except ResourceNotFoundError:
                return None
        return Stored(kind.model_validate_json(found["body"]), str(found.metadata["etag"]))

    def has(self, partition: str, row: str) -> bool:
        """Say whether there is such a row, whatever stands in it."""
        with storage_troubles(WHAT):
            try:
                self._table.get_entity(partition, row)
            except ResourceNotFoundError:
                return False
        return True

    def find(self, query: str, kind: type[Row], **parameters: str) -> Iterator[Stored[Row]]:
        """Yield the rows that an OData filter finds, with its `@parameters`; none where there is no table."""
        with storage_troubles(WHAT):
            try:
                for found in self._table.query_entities(query, parameters=parameters, select=["body"]):
                    yield Stored(kind.model_validate_json(found["body"]), str(found.metadata["etag"]))
            except ResourceNotFoundError:
                return

    def insert(self, partition: str, row: str, body: Row, columns: Mapping[str, Any]) -> Stored[Row]:
        """Write a row that is not there. Raises LedgerConflict where it is."""
        written = entity(partition, row, body, columns)
        with storage_troubles(WHAT):
            try:
                return Stored(body, self._insert(written))
            except ResourceExistsError as error:
                raise LedgerConflict(f"{partition} {row}") from error

    def replace(self, partition: str, row: str, etag: str, body: Row, columns: Mapping[str, Any]) -> Stored[Row]:
        """Compare and set. Raises LedgerConflict."""
        written = entity(partition, row, body, columns)
        with storage_troubles(WHAT):
            try:
                return Stored(body, str(self._table.update_entity(written, **only_if(etag))["etag"]))
            except (ResourceModifiedError, ResourceNotFoundError) as error:
                raise LedgerConflict(f"{partition} {row}") from error

    def create_table(self) -> None:
        """Make the table, unless it is there."""
        with storage_troubles(WHAT), suppress(ResourceExistsError):
            self._table.create_table()

    def _insert(self, written: dict[str, Any]) -> str:
        try:
            return str(self._table.create_entity(written)["etag"])
        except ResourceNotFoundError:
            self.create_table()
            return str(self._table.create_entity(written)["etag"])


def entity(partition: str, row: str, body: Message, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Write a row as the storage SDK takes it. The columns repeat what is searched for."""
    return {"PartitionKey": partition, "RowKey": row, "body": body.model_dump_json(), **columns}


def only_if(etag: str) -> dict[str, Any]:
    """Say to the storage SDK: the whole row, and only as long as it has this ETag."""
    return {"mode": UpdateMode.REPLACE, "etag": etag, "match_condition": MatchConditions.IfNotModified}
