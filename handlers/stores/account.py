"""The storage account: how to reach it, and what its troubles mean for us."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from handlers.errors import Unavailable

Service = Literal["blob", "queue", "table"]

DEVELOPMENT_STORAGE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)
"""What `UseDevelopmentStorage=true` stands for. The key is public: every emulator has it."""


_BRIEFLY: dict[str, Any] = {"retry_total": 2, "connection_timeout": 5, "read_timeout": 30}
"""Our choice: the queues are our retries; a function that waits for storage is paid for. Seconds."""

_BACKOFF: dict[str, Any] = {"initial_backoff": 1, "increment_base": 2}
"""For blobs and queues, whose own default is to wait 15 s before the first retry. Seconds."""


@dataclass(frozen=True)
class StorageAccount:
    """One storage account, reached by connection string or by managed identity."""

    connection_string: str | None = None
    blob_uri: str | None = None
    queue_uri: str | None = None
    table_uri: str | None = None
    client_id: str | None = None
    """Of a user-assigned identity; None is the identity that the machine offers."""

    @property
    def is_emulator(self) -> bool:
        """Whether it is the emulator on its usual ports."""
        return (self.connection_string or "").strip().rstrip(";") == "UseDevelopmentStorage=true"

    def blobs(self) -> BlobServiceClient:
        """Return a client for blobs."""
        if self.connection_string is not None:
            return BlobServiceClient.from_connection_string(self._expanded(), **_BRIEFLY, **_BACKOFF)
        return BlobServiceClient(self._uri("blob"), credential=self._identity(), **_BRIEFLY, **_BACKOFF)

    def queues(self) -> QueueServiceClient:
        """Return a client for queues."""
        if self.connection_string is not None:
            return QueueServiceClient.from_connection_string(self._expanded(), **_BRIEFLY, **_BACKOFF)
        return QueueServiceClient(self._uri("queue"), credential=self._identity(), **_BRIEFLY, **_BACKOFF)

    def tables(self) -> TableServiceClient:
        """Return a client for tables."""
        if self.connection_string is not None:
            return TableServiceClient.from_connection_string(self._expanded(), **_BRIEFLY)
        return TableServiceClient(endpoint=self._uri("table"), credential=self._identity(), **_BRIEFLY)

    def _expanded(self) -> str:
        return DEVELOPMENT_STORAGE if self.is_emulator else self.connection_string or ""

    def _uri(self, service: Service) -> str:
        uri = {"blob": self.blob_uri, "queue": self.queue_uri, "table": self.table_uri}[service]
        if uri is None:
            names = f"AzureWebJobsStorage or AzureWebJobsStorage__{service}ServiceUri"
            raise Unavailable(f"no address for {service}s: set {names}")
        return uri

    def _identity(self) -> DefaultAzureCredential | ManagedIdentityCredential:
        if self.client_id is not None:
            return ManagedIdentityCredential(client_id=self.client_id)
        return DefaultAzureCredential()


@contextmanager
def storage_troubles(what: str) -> Iterator[None]:
    """Turn a storage account that is away or busy into Unavailable; anything else is a bug and passes."""
    try:
        yield
    except (ServiceRequestError, ServiceResponseError) as error:
        raise Unavailable(f"{what}: the storage account does not answer") from error
    except HttpResponseError as error:
        status = error.status_code or 0
        if status in {408, 429} or status >= 500:
            raise Unavailable(f"{what}: the storage account answers {status}") from error
        raise
