"""What the nights remember, beside the ledger's rows in its table, and what they keep, beside the packages.

| PartitionKey | RowKey | body |
|---|---|---|
| environment | `~night` | `NightRow` |
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, UpdateMode
from azure.storage.blob import BlobClient, BlobServiceClient

from handlers.audit import Record, of_night
from handlers.errors import LedgerConflict, PackageUnusable
from handlers.nights.rules import ReadFile
from handlers.nights.state import NightRow
from handlers.ports import Clock, StagedPackage, Stored
from handlers.stores.account import storage_troubles
from handlers.stores.blob_links import BlobLinks
from handlers.stores.chain import AuditChain

ROW = "~night"
"""No request can have this id: theirs begin with a letter."""

NONE_YET = ""
"""The ETag of a row that is not there."""


class StoredNights:
    """Keeps nights in a table and in a container of blobs, both made on first use. See `handlers.ports.Nights`."""

    def __init__(
        self,
        table: TableClient,
        blobs: BlobServiceClient,
        now: Clock,
        read_file: ReadFile,
        container: str = "packages",
    ) -> None:
        """Use a table, and the container of the packages."""
        self._table = table
        self._blobs = blobs
        self._now = now
        self._container = container
        self.read_file = read_file

    def get(self, environment: str) -> Stored[NightRow]:
        """Return the environment's row; an empty one where there is none. Raises Unavailable."""
        with storage_troubles("nights"):
            try:
                entity = self._table.get_entity(environment, ROW)
            except ResourceNotFoundError:
                return Stored(NightRow(environment=environment), NONE_YET)
        return Stored(NightRow.model_validate_json(entity["body"]), str(entity.metadata["etag"]))

    def replace(self, stored: Stored[NightRow], row: NightRow) -> Stored[NightRow]:
        """Compare and set. Raises LedgerConflict, Unavailable."""
        entity = {"PartitionKey": row.environment, "RowKey": ROW, "body": row.model_dump_json()}
        record = of_night(stored.row, row)
        if record is not None:
            return Stored(row, self._replace_and_record(stored.etag, entity, record))
        with storage_troubles("nights"):
            try:
                if stored.etag == NONE_YET:
                    return Stored(row, self._insert(entity))
                written = self._table.update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=stored.etag,
                    match_condition=MatchConditions.IfNotModified,
                )
            except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError) as error:
                raise LedgerConflict(f"{row.environment} {ROW}") from error
        return Stored(row, str(written["etag"]))

    def asleep(self) -> Iterator[Stored[NightRow]]:
        """Yield every row with something that sleeps. Raises Unavailable."""
        with storage_troubles("nights"):
            try:
                for entity in self._table.query_entities(f"RowKey eq '{ROW}'", select=["body"]):
                    row = NightRow.model_validate_json(entity["body"])
                    if row.snapshot is not None:
                        yield Stored(row, str(entity.metadata["etag"]))
            except ResourceNotFoundError:
                return

    def keep(self, configuration: bytes) -> str:
        """Keep a .cscfg; return the blob's name. Raises Unavailable."""
        name = f"{hashlib.sha256(configuration).hexdigest()}.cscfg"
        with storage_troubles("the kept configurations"):
            blob = self._blob(name)
            try:
                blob.upload_blob(configuration, overwrite=True)
            except ResourceNotFoundError:
                with suppress(ResourceExistsError):
                    self._blobs.create_container(self._container)
                blob.upload_blob(configuration, overwrite=True)
        return name

    def kept(self, package: str, configuration: str) -> StagedPackage:
        """Return a package and a configuration by name. Raises PackageUnusable, Unavailable."""
        with storage_troubles("the kept packages"):
            try:
                content = self._blob(configuration).download_blob().readall()
                self._blob(package).get_blob_properties()
            except ResourceNotFoundError as error:
                raise PackageUnusable(
                    "PackageNotKept",
                    f"{package} or {configuration} is not in container {self._container} any more.",
                ) from error
            return StagedPackage(BlobLinks(self._blobs, self._now).to(self._blob(package)), content)

    def _replace_and_record(self, etag: str, entity: dict[str, str], record: Record) -> str:
        chain, environment = AuditChain(self._table), entity["PartitionKey"]
        if etag != NONE_YET:
            only_if = {"mode": UpdateMode.REPLACE, "etag": etag, "match_condition": MatchConditions.IfNotModified}
            return chain.commit(environment, [("update", entity, only_if)], record)
        try:
            return chain.commit(environment, [("create", entity, {})], record)
        except LedgerConflict:
            with suppress(ResourceExistsError):
                self._table.create_table()
            return chain.commit(environment, [("create", entity, {})], record)

    def _insert(self, entity: dict[str, str]) -> str:
        try:
            return str(self._table.create_entity(entity)["etag"])
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                self._table.create_table()
            return str(self._table.create_entity(entity)["etag"])

    def _blob(self, name: str) -> BlobClient:
        return self._blobs.get_blob_client(self._container, name)
