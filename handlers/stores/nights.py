"""What the nights remember, beside the ledger's rows in its table, and what they keep, beside the packages.

| PartitionKey | RowKey | body |
|---|---|---|
| environment | `~night` | `NightRow` |
"""

from collections.abc import Iterator

from azure.data.tables import TableClient

from handlers.audit import Record, of_night
from handlers.errors import LedgerConflict
from handlers.nights.rules import ReadFile
from handlers.nights.state import NightRow
from handlers.ports import StagedPackage, Stored
from handlers.stores.chain import AuditChain, Change
from handlers.stores.package_container import PackageContainer
from handlers.stores.rows import Rows, entity, only_if

ROW = "~night"
"""No request can have this id: theirs begin with a letter."""

NONE_YET = ""
"""The ETag of a row that is not there."""


class StoredNights:
    """Keeps nights in the ledger's table, and what they put away with the packages. See `handlers.ports.Nights`."""

    def __init__(self, table: TableClient, container: PackageContainer, read_file: ReadFile) -> None:
        self._rows = Rows(table)
        self._chain = AuditChain(table)
        self._container = container
        self.read_file = read_file

    def get(self, environment: str) -> Stored[NightRow]:
        """Return the environment's row; an empty one where there is none. Raises Unavailable."""
        return self._rows.get(environment, ROW, NightRow) or Stored(NightRow(environment=environment), NONE_YET)

    def replace(self, stored: Stored[NightRow], row: NightRow) -> Stored[NightRow]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        record = of_night(stored.row, row)
        if record is not None:
            return Stored(row, self._replace_and_record(stored.etag, row, record))
        if stored.etag == NONE_YET:
            return self._rows.insert(row.environment, ROW, row, {})
        return self._rows.replace(row.environment, ROW, stored.etag, row, {})

    def asleep(self) -> Iterator[Stored[NightRow]]:
        """Yield every row with something that sleeps. Raises Unavailable."""
        rows = self._rows.find(f"RowKey eq '{ROW}'", NightRow)
        return (stored for stored in rows if stored.row.snapshot is not None)

    def keep(self, configuration: bytes) -> str:
        """Keep a .cscfg; return the blob's name. Raises Unavailable."""
        return self._container.keep_configuration(configuration)

    def kept(self, package: str, configuration: str) -> StagedPackage:
        """Return a package and a configuration by name. Raises PackageUnusable, Unavailable."""
        return self._container.kept(package, configuration)

    def _replace_and_record(self, etag: str, row: NightRow, record: Record) -> str:
        written = entity(row.environment, ROW, row, {})
        if etag != NONE_YET:
            return self._chain.commit(row.environment, [("update", written, only_if(etag))], record)
        change: Change = ("create", written, {})
        try:
            return self._chain.commit(row.environment, [change], record)
        except LedgerConflict:
            # The table may not be there yet; a row that somebody else has written meanwhile is a conflict again.
            self._rows.create_table()
            return self._chain.commit(row.environment, [change], record)
