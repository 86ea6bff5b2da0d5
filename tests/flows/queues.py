"""Queues that behave: messages hide themselves for a while, by the world's clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

T = TypeVar("T")


class Outside(Protocol):
    """Where a queue is: every call to it is counted there."""

    clock: datetime

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Do one thing outside."""


@dataclass
class Message:
    """A message on a fake queue."""

    text: str
    visible_at: datetime
    dequeued: int = 0


@dataclass
class FakeHeld:
    """A message that was received."""

    queue: "FakeQueue"
    message: Message

    @property
    def text(self) -> str:
        """What was put."""
        return self.message.text

    def hide(self, delay: timedelta) -> None:
        """Show it again after `delay`."""

        def effect() -> None:
            self.message.visible_at = self.queue.world.clock + delay

        self.queue.world.io(f"{self.queue.name}.hide", effect)

    def delete(self) -> None:
        """Take it off the queue."""

        def effect() -> None:
            if self.message in self.queue.messages:
                self.queue.messages.remove(self.message)

        self.queue.world.io(f"{self.queue.name}.delete", effect)


@dataclass
class FakeQueue:
    """A queue with visibility timeouts."""

    world: Outside
    name: str
    messages: list[Message] = field(default_factory=list)

    def put(self, text: str, delay: timedelta = timedelta(0)) -> None:
        """Put a message that shows itself after `delay`."""
        self.world.io(f"{self.name}.put", lambda: self.messages.append(Message(text, self.world.clock + delay)))

    def due(self) -> list[Message]:
        """Return the messages that show themselves now."""
        return [message for message in self.messages if message.visible_at <= self.world.clock]

    def receive(self, limit: int, hidden_for: timedelta) -> Sequence[FakeHeld]:
        """Receive as Azure does: hidden from others for a while."""
        return self.world.io(f"{self.name}.receive", lambda: self._receive(limit, hidden_for))

    def _receive(self, limit: int, hidden_for: timedelta) -> Sequence[FakeHeld]:
        batch = self.due()[:limit]
        for message in batch:
            message.visible_at = self.world.clock + hidden_for
            message.dequeued += 1
        return [FakeHeld(self, message) for message in batch]
