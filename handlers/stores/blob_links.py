"""Addresses at which one blob of our storage account can be read for a while."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from azure.storage.blob import BlobClient, BlobSasPermissions, BlobServiceClient, generate_blob_sas

from handlers.errors import Unavailable

LINK_LIFETIME = timedelta(hours=2)
"""Our choice: how long Azure may take until it has fetched a package. It takes minutes."""

LINK_BACKDATED = timedelta(minutes=15)
"""A link holds from a while ago, as clocks differ. Microsoft's advice."""

_PORTS = {"https": 443, "http": 80}


class BlobLinks:
    """Signs addresses with the account's key, or with a key that Azure lends to its identity."""

    def __init__(self, blobs: BlobServiceClient, clock: Callable[[], datetime]) -> None:
        """Sign for the account that `blobs` reaches."""
        self._blobs = blobs
        self._clock = clock

    def to(self, blob: BlobClient) -> str:
        """Return an address at which this one blob can be read for LINK_LIFETIME. It holds a SAS: never log it.

        Raises Unavailable where the account is reached by neither a key nor an identity.
        """
        start, expiry = self._clock() - LINK_BACKDATED, self._clock() + LINK_LIFETIME
        sas = generate_blob_sas(
            account_name=str(self._blobs.account_name),
            container_name=str(blob.container_name),
            blob_name=str(blob.blob_name),
            permission=BlobSasPermissions(read=True),
            start=start,
            expiry=expiry,
            protocol="https" if str(blob.url).startswith("https:") else None,
            **self._signing_key(start, expiry),
        )
        return f"{blob.url}?{sas}"

    def find(self, url: str) -> BlobClient | None:
        """Return the blob of our account that an address without a query leads to, None where it leads elsewhere."""
        ours, asked = urlsplit(str(self._blobs.url)), urlsplit(url)
        prefix = f"{ours.path.rstrip('/')}/"
        if _origin(ours) != _origin(asked) or not asked.path.startswith(prefix):
            return None
        container, _, name = asked.path.removeprefix(prefix).partition("/")
        if not container or not name:
            return None
        return self._blobs.get_blob_client(unquote(container), unquote(name))

    def _signing_key(self, start: datetime, expiry: datetime) -> dict[str, Any]:
        credential = self._blobs.credential
        account_key = getattr(credential, "account_key", None)
        if account_key is not None:
            return {"account_key": account_key}
        if not hasattr(credential, "get_token"):
            raise Unavailable("packages cannot be handed to Azure: AzureWebJobsStorage needs a key or an identity")
        return {"user_delegation_key": self._blobs.get_user_delegation_key(start, expiry)}


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    return address.scheme, address.hostname, address.port or _PORTS.get(address.scheme)
