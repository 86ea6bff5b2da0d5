"""The `connection` of a binding -> a client of the storage account. Never shows what a setting holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.host.errors import StartError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.storage.blob.aio import BlobServiceClient
    from azure.storage.queue.aio import QueueServiceClient

_PREFIX = "AzureWebJobs"
_DEVELOPMENT = "usedevelopmentstorage=true"
_DEVELOPMENT_ACCOUNT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1"
)
"""What `UseDevelopmentStorage=true` stands for; account and key are published by Microsoft. The SDK for Python does not
know the short form."""

_BACKOFF: dict[str, Any] = {"initial_backoff": 1, "increment_base": 2, "retry_total": 3}
"""Ours, in seconds: the SDK's default waits 15 s before its first retry, which is long on a developer's machine."""


@dataclass(frozen=True, repr=False)
class ConnectionString:
    """A whole connection string, with its key."""

    text: str


@dataclass(frozen=True)
class Identity:
    """An account that is reached as a person or a managed identity."""

    queue_uri: str | None
    blob_uri: str | None
    client_id: str | None
    is_managed: bool


Connection = ConnectionString | Identity


def read_connection(name: str, settings: Mapping[str, str]) -> Connection:
    """Find what a connection name stands for; raises StartError.

    As the host does: `AzureWebJobs<name>` before `<name>`, each either a connection string or a group
    `<name>__queueServiceUri`, `__blobServiceUri`, `__serviceUri`, `__accountName`, `__credential`, `__clientId`.
    An empty name is `Storage`.
    """
    for candidate in (_PREFIX + (name or "Storage"), name):
        if text := settings.get(candidate):
            return ConnectionString(_DEVELOPMENT_ACCOUNT if text.strip().rstrip(";").lower() == _DEVELOPMENT else text)
        if identity := _read_identity(candidate, settings):
            return identity
    name = name or f"{_PREFIX}Storage"
    raise StartError(
        f"connection {name} is not set: set {name} to a connection string (UseDevelopmentStorage=true for Azurite),"
        f" or {name}__queueServiceUri"
    )


def _read_identity(name: str, settings: Mapping[str, str]) -> Identity | None:
    if not name:
        return None
    account = settings.get(f"{name}__accountName")
    common = settings.get(f"{name}__serviceUri")
    queue = settings.get(f"{name}__queueServiceUri") or common or _endpoint(account, "queue")
    blob = settings.get(f"{name}__blobServiceUri") or _endpoint(account, "blob")
    if not queue and not blob:
        return None
    is_managed = settings.get(f"{name}__credential", "").lower() == "managedidentity"
    return Identity(queue, blob, settings.get(f"{name}__clientId"), is_managed)


def _endpoint(account: str | None, service: str) -> str | None:
    return f"https://{account}.{service}.core.windows.net" if account else None


def queue_service(name: str, connection: Connection) -> "QueueServiceClient":
    """Open the queue service of a connection; raises StartError where the connection cannot be used."""
    from azure.storage.queue.aio import QueueServiceClient

    match connection:
        case ConnectionString(text):
            try:
                return QueueServiceClient.from_connection_string(text, **_BACKOFF)
            except ValueError:
                raise StartError(f"connection {name} is no connection string of a storage account") from None
        case Identity(queue_uri=str(uri)):
            return QueueServiceClient(uri, credential=_credential(connection), **_BACKOFF)
        case Identity():
            raise StartError(f"connection {name} has no queue service: set {name}__queueServiceUri")


def blob_service(name: str, connection: Connection) -> "BlobServiceClient":
    """Open the blob service of a connection; raises StartError where the connection cannot be used."""
    from azure.storage.blob.aio import BlobServiceClient

    match connection:
        case ConnectionString(text):
            try:
                return BlobServiceClient.from_connection_string(text, **_BACKOFF)
            except ValueError:
                raise StartError(f"connection {name} is no connection string of a storage account") from None
        case Identity(blob_uri=str(uri)):
            return BlobServiceClient(uri, credential=_credential(connection), **_BACKOFF)
        case Identity():
            raise StartError(f"connection {name} has no blob service: set {name}__blobServiceUri")


def _credential(identity: Identity) -> "AsyncTokenCredential":
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

    if identity.is_managed:
        return ManagedIdentityCredential(client_id=identity.client_id)
    return DefaultAzureCredential(managed_identity_client_id=identity.client_id)
