"""The container of packages: each blob is named after the SHA-256 of what is in it, so it is written once.

`<sha256>.cspkg` is only ever there whole and verified: Azure shows a blob when its list of blocks is committed, and
that happens last. What broke off before leaves blocks that nobody sees and Azure drops after a week. Bytes whose hash
is not known beforehand wait under `incoming/`.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobClient, BlobServiceClient, ContentSettings

from handlers.errors import PackageUnusable, Unavailable
from handlers.ports import StagedPackage
from handlers.stores.account import storage_troubles
from handlers.stores.blob_links import BlobLinks

BLOCK = 4 * 1024 * 1024
"""Bytes that are in memory at a time. Our choice: 50 000 blocks, Azure's most, are 200 GB of them."""

COPY_S = 60.0
"""Seconds that a copy inside the account may take. Our choice: it is done at once, whatever the size."""

_COPY_POLL_S = 0.25
_WHAT = "the container of packages"


class PackageContainer:
    """A private container of one storage account. Made when the first package comes."""

    def __init__(self, blobs: BlobServiceClient, clock: Callable[[], datetime], name: str = "packages") -> None:
        """Use the container `name`; it need not be there yet."""
        self.clock = clock
        self.links = BlobLinks(blobs, clock)
        """For other blobs of the same account."""
        self._container = blobs.get_container_client(name)

    def has(self, sha256: str, size: int) -> bool:
        """Say whether this package is there. Raises Unavailable."""
        try:
            with storage_troubles(_WHAT):
                return bool(self._package(sha256).get_blob_properties().size == size)
        except ResourceNotFoundError:
            return False

    def keep(self, pieces: Iterable[bytes], size: int, sha256: str | None) -> str:
        """Write a package of `size` bytes as they come; return the SHA-256 that it is kept under.

        Raises Unavailable where the bytes break off and PackageUnusable where they are not those of `sha256`; nothing
        is kept then.
        """
        with storage_troubles(_WHAT):
            with suppress(ResourceExistsError):
                self._container.create_container()
            if sha256 is not None:
                self._write(self._package(sha256), pieces, size, sha256)
                return sha256
            incoming = self._container.get_blob_client(f"incoming/{uuid4().hex}")
            found = self._write(incoming, pieces, size, None)
            try:
                self._copy(incoming, self._package(found))
            finally:
                incoming.delete_blob()
            return found

    def keep_configuration(self, content: bytes) -> str:
        """Write a service configuration beside the packages; return the blob's name. Raises Unavailable."""
        name = f"{hashlib.sha256(content).hexdigest()}.cscfg"
        with storage_troubles(_WHAT):
            with suppress(ResourceExistsError):
                self._container.create_container()
            with suppress(ResourceExistsError):
                self._container.get_blob_client(name).upload_blob(content)
        return name

    def kept(self, package: str, configuration: str) -> StagedPackage:
        """Return a package and a configuration by the names of their blobs. Raises PackageUnusable, Unavailable."""
        blob = self._container.get_blob_client(package)
        with storage_troubles(_WHAT):
            try:
                content = self._container.get_blob_client(configuration).download_blob().readall()
                blob.get_blob_properties()
            except ResourceNotFoundError as error:
                sentence = f"{package} or {configuration} is not in container {blob.container_name} any more."
                raise PackageUnusable("PackageNotKept", sentence) from error
            return StagedPackage(self.links.to(blob), content)

    def from_origin(self, origin: str) -> str | None:
        """Return the SHA-256 of the package that was kept from an origin; None where it has to be fetched."""
        try:
            with storage_troubles(_WHAT):
                sha256 = self._origin(origin).download_blob().readall().decode("ascii", errors="replace")
                return sha256 if self._package(sha256).exists() else None
        except ResourceNotFoundError:
            return None

    def remember_origin(self, origin: str, sha256: str) -> None:
        """Remember that this package came from there. An origin names its bytes: another version is another origin."""
        with storage_troubles(_WHAT):
            self._origin(origin).upload_blob(sha256.encode(), overwrite=True)

    def link(self, sha256: str) -> str:
        """Return an address at which this one package can be read for LINK_LIFETIME. It holds a SAS: never log it."""
        with storage_troubles(_WHAT):
            return self.links.to(self._package(sha256))

    def _origin(self, origin: str) -> BlobClient:
        return self._container.get_blob_client(f"origins/{hashlib.sha256(origin.encode()).hexdigest()}")

    def _package(self, sha256: str) -> BlobClient:
        return self._container.get_blob_client(f"{sha256}.cspkg")

    def _write(self, blob: BlobClient, pieces: Iterable[bytes], size: int, sha256: str | None) -> str:
        digest, written, blocks, upload = hashlib.sha256(), 0, list[BlobBlock](), uuid4().hex
        for number, block in enumerate(_in_blocks(pieces)):
            written += len(block)
            if written > size:
                raise PackageUnusable(
                    "PackageDamaged", f"The package has more than the {size} bytes that were announced."
                )
            digest.update(block)
            # Ids of this upload's own: another upload of the same package cannot put a block in our list.
            block_id = f"{upload}-{number:05d}"
            blob.stage_block(block_id, block, length=len(block))
            blocks.append(BlobBlock(block_id))
        if written < size:
            raise Unavailable(f"the package broke off after {written} of {size} bytes")
        found = digest.hexdigest()
        if sha256 is not None and found != sha256:
            raise PackageUnusable("PackageDamaged", f"The package has the SHA-256 {found}, announced was {sha256}.")
        self._commit(blob, blocks, size)
        return found

    def _commit(self, blob: BlobClient, blocks: list[BlobBlock], size: int) -> None:
        settings = ContentSettings(content_type="application/octet-stream")
        try:
            blob.commit_block_list(blocks, content_settings=settings)
        except HttpResponseError as error:
            # Another upload of the same bytes was committed first, which drops the blocks of this one.
            if getattr(error, "error_code", None) != "InvalidBlockList" or blob.get_blob_properties().size != size:
                raise

    def _copy(self, source: BlobClient, target: BlobClient) -> None:
        status: object = target.start_copy_from_url(self.links.to(source))["copy_status"]
        deadline = time.monotonic() + COPY_S
        while status == "pending" and time.monotonic() < deadline:
            time.sleep(_COPY_POLL_S)
            status = target.get_blob_properties().copy.status
        if status != "success":
            raise Unavailable(f"the storage account did not finish copying the package ({status})")


def _in_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut pieces of any length into blocks of BLOCK bytes; the last one is what is left."""
    block = bytearray()
    for piece in pieces:
        block += piece
        while len(block) >= BLOCK:
            yield bytes(block[:BLOCK])
            del block[:BLOCK]
    if block:
        yield bytes(block)
