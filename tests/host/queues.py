"""Storage queues, as a test sees them: exact texts, and what is left."""

import base64
import time
from dataclasses import dataclass

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient


@dataclass(frozen=True)
class Queue:
    """One queue of Azurite."""

    client: QueueClient

    @classmethod
    def of(cls, connection_string: str, name: str) -> "Queue":
        """Name a queue; it need not be there."""
        return cls(QueueClient.from_connection_string(connection_string, name))

    def create(self) -> "Queue":
        """Make the queue."""
        self.client.create_queue()
        return self

    def put(self, body: bytes) -> None:
        """Add a message, in base64."""
        self.put_text(base64.b64encode(body).decode())

    def put_text(self, text: str) -> None:
        """Add a message as it is."""
        self.client.send_message(text)

    def texts(self, count: int, seconds: float = 15) -> list[str]:
        """Wait for a number of messages that can be seen; return their texts and leave them there."""
        deadline = time.monotonic() + seconds
        while True:
            texts = self.visible()
            if len(texts) >= count:
                return texts
            if time.monotonic() > deadline:
                pytest.fail(f"queue {self.client.queue_name} holds {texts}, not {count} messages")
            time.sleep(0.05)

    def bodies(self, count: int) -> list[bytes]:
        """Wait for a number of messages; return their bytes out of base64."""
        return [base64.b64decode(text, validate=True) for text in self.texts(count)]

    def wait_for_size(self, size: int, seconds: float = 15) -> None:
        """Wait until so many messages are left, those that hide included."""
        deadline = time.monotonic() + seconds
        while (found := self.size()) != size:
            if time.monotonic() > deadline:
                pytest.fail(f"queue {self.client.queue_name} holds {found} messages, not {size}")
            time.sleep(0.05)

    def size(self) -> int:
        """Count the messages, those that hide included."""
        return self.client.get_queue_properties().approximate_message_count or 0

    def exists(self) -> bool:
        """Say whether anybody has made the queue."""
        try:
            self.client.get_queue_properties()
        except ResourceNotFoundError:
            return False
        return True

    def visible(self) -> list[str]:
        """Give the texts of the messages that can be seen, and leave them there."""
        try:
            return [message.content for message in self.client.peek_messages(32)]
        except ResourceNotFoundError:
            return []
