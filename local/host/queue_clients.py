"""Storage queues by connection and name: opened once, created when missing, closed at the end."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

from local.host.connections import queue_service, read_connection
from local.host.errors import StartError
from local.host.host_json import MessageEncoding
from local.host.model import QueueOutput
from local.host.queue_text import encode_text
from local.host.storage_errors import error_name

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient, QueueServiceClient


class Queues:
    """Every queue that the app's bindings name."""

    def __init__(self, settings: Mapping[str, str], encoding: MessageEncoding) -> None:
        self._settings = settings
        self._encoding = encoding
        self._services: dict[str, QueueServiceClient] = {}
        self._watchers: dict[tuple[str, str], list[Callable[[], None]]] = {}

    def open(self, connection: str) -> None:
        """Check a connection and open it; raises StartError. Sends nothing yet."""
        if connection not in self._services:
            self._services[connection] = queue_service(connection, read_connection(connection, self._settings))

    def queue(self, connection: str, name: str) -> "QueueClient":
        """Name a queue of an open connection."""
        return self._services[connection].get_queue_client(name)

    async def create(self, connection: str, name: str) -> None:
        """Create a queue that is missing, at the start; raises StartError where the account does not answer."""
        try:
            await create_if_missing(self.queue(connection, name), retries=0)
        except AzureError as error:
            raise StartError(
                f"connection {connection}: queue {name} cannot be created ({error_name(error)}):"
                " start Azurite, or check the setting"
            ) from None

    def watch(self, connection: str, name: str, wake: Callable[[], None]) -> None:
        """Call back whenever an output binding has put a message on a queue."""
        self._watchers.setdefault((connection, name), []).append(wake)

    async def send(self, output: QueueOutput, bodies: list[bytes]) -> None:
        """Add messages in order, and create the queue if need be. Raises AzureError."""
        queue = self.queue(output.connection, output.queue)
        for body in bodies:
            await send_text(queue, encode_text(body, self._encoding))
        if bodies:
            for wake in self._watchers.get((output.connection, output.queue), []):
                wake()

    async def close(self) -> None:
        """Close every connection."""
        for service in self._services.values():
            await service.close()


async def send_text(queue: "QueueClient", text: str) -> None:
    """Add one message as it is, and create the queue if need be. Raises AzureError."""
    try:
        await queue.send_message(text)
    except ResourceNotFoundError:
        await create_if_missing(queue)
        await queue.send_message(text)


async def create_if_missing(queue: "QueueClient", retries: int = 3) -> None:
    """Create a queue unless it is there. Raises AzureError."""
    try:
        await queue.create_queue(retry_total=retries)
    except ResourceExistsError:
        return
