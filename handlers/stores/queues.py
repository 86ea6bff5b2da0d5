"""Queues with the host's encoding: base64, never expiring, hidden until due."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage, StorageErrorCode

from handlers.stores.account import storage_troubles

NEVER = -1
"""The time to live of a message that must not vanish; the default would be 7 days."""

_ANOTHERS = {
    StorageErrorCode.MESSAGE_NOT_FOUND,
    StorageErrorCode.POP_RECEIPT_MISMATCH,
    StorageErrorCode.QUEUE_NOT_FOUND,
}

LONGEST_DELAY = timedelta(days=7)
"""Azure's limit for hiding a message."""


@dataclass
class HeldMessage:
    """A message that was received; hidden from others until its visibility timeout ends."""

    text: str
    _queue: QueueClient
    _message: QueueMessage

    def hide(self, delay: timedelta) -> None:
        """Show it again after `delay`. Where somebody else has it meanwhile, it is theirs."""
        with storage_troubles("queue"), _unless_it_is_anothers():
            self._queue.update_message(self._message, visibility_timeout=_seconds(delay))

    def delete(self) -> None:
        """Take it off the queue, unless somebody else has."""
        with storage_troubles("queue"), _unless_it_is_anothers():
            self._queue.delete_message(self._message)


class StorageQueue:
    """One Azure queue, made on first use."""

    def __init__(self, client: QueueClient) -> None:
        self._client = client

    def put(self, text: str, delay: timedelta = timedelta(0)) -> None:
        """Put a message that shows itself after `delay`. Raises Unavailable."""
        content = base64.b64encode(text.encode()).decode()
        with storage_troubles("queue"):
            try:
                self._send(content, delay)
            except ResourceNotFoundError:
                self._create()
                self._send(content, delay)

    def receive(self, limit: int, hidden_for: timedelta) -> Sequence[HeldMessage]:
        """Return up to `limit` (at most 32) messages that are due. Raises Unavailable."""
        with storage_troubles("queue"):
            try:
                pages = self._client.receive_messages(
                    messages_per_page=limit, max_messages=limit, visibility_timeout=_seconds(hidden_for)
                )
                return [HeldMessage(_decoded(str(one.content)), self._client, one) for one in pages]
            except ResourceNotFoundError:
                return []

    def _send(self, content: str, delay: timedelta) -> None:
        self._client.send_message(content, visibility_timeout=_seconds(min(delay, LONGEST_DELAY)), time_to_live=NEVER)

    def _create(self) -> None:
        try:
            self._client.create_queue()
        except ResourceExistsError:
            return


@contextmanager
def _unless_it_is_anothers() -> Iterator[None]:
    """Let a message be that is gone, or that somebody else received after our time with it was over."""
    try:
        yield
    except HttpResponseError as error:
        if getattr(error, "error_code", None) not in _ANOTHERS:
            raise


def _seconds(delay: timedelta) -> int:
    """Round up to Azure's whole seconds: a message is never early."""
    return max(0, -int(-delay.total_seconds() // 1))


def _decoded(content: str) -> str:
    """Undo the host's base64. What is not base64 of UTF-8 is somebody else's message and is shown as it came."""
    try:
        return base64.b64decode(content, validate=True).decode()
    except ValueError:
        return content
