"""Tells what happens until what should come has come, or says what did not."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from local.clock import Clock
from local.demo.events import Complaint, Event, Logged
from local.demo.page import Page
from local.demo.watch import Watch
from local.demo.words import Words
from local.processes import Child
from local.stack import Stack

LOOK_S = 0.04
"""Seconds between two looks. Our choice: an instance that boots in a demo has each state for longer than that."""

PATIENCE_S = 30.0
"""Seconds to wait for one thing. Our choice: several times what it takes on a busy machine."""

TAIL = 12
"""Lines of a log that are shown."""


class Missing(Exception):
    """What was expected did not come. The text says what, and ends with the tail of a log."""


class Story:
    """One telling over one stack."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.stack = stack
        self.page = page
        self.words = Words()
        self.to_be_refused: set[str] = set()
        """Ids of the requests that are expected to fail."""
        self._watch = Watch(stack)
        self._unread: list[Event] = []

    @property
    def now(self) -> datetime:
        """What the clock of the app shows."""
        clock: Clock | None = getattr(self.stack, "clock", None)
        return clock.now() if clock is not None else datetime.now(UTC)

    def look(self) -> list[Event]:
        """Look once, tell what is new, and return it. Raises Missing where a part has ended."""
        seen = []
        for event in self._watch.news():
            seen.append(event)
            told = self.words.say(event)
            if told is not None:
                self.page.tell(told)
        self._all_run()
        return seen

    def until(self, arrived: Callable[[Event], bool], expected: str) -> Event:
        """Tell what happens until an event is as `arrived` says; return it. What came after it is for the next call.

        Neither a request that ends in anything but success, unless it is `to_be_refused`, nor a function that raises
        is ever what is expected. Raises Missing.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            seen, self._unread = self._unread or self.look(), []
            for number, event in enumerate(seen, 1):
                self._hold_to_the_best(event, expected)
                if arrived(event):
                    self._unread = seen[number:]
                    return event
            if time.monotonic() > deadline:
                raise Missing(f"Expected within {PATIENCE_S:g} s: {expected}.{self._tail()}")
            time.sleep(LOOK_S)

    def wait(self, seconds: float) -> None:
        """Tell what happens for a while; it is for the next `until`. Raises Missing where a part has ended."""
        deadline = time.monotonic() + seconds
        self._unread += self.look()
        while time.monotonic() < deadline:
            time.sleep(LOOK_S)
            self._unread += self.look()

    def expect(self, holds: bool, expected: str) -> None:
        """Hold the story to a fact. Raises Missing."""
        if not holds:
            raise self.missing(expected)

    def missing(self, expected: str) -> Missing:
        """Make the error that says what did not come."""
        return Missing(f"Expected: {expected}.{self._tail()}")

    def _hold_to_the_best(self, event: Event, expected: str) -> None:
        match event:
            case Logged("request.ended", facts) if facts["result"] != "success":
                if facts["id"] not in self.to_be_refused:
                    raise Missing(f"Expected: {expected}. The request ended otherwise.{self._tail()}")
            case Complaint(_, raised) if raised:
                raise Missing(f"Expected: {expected}. A function of the app has raised.{self._tail()}")
            case _:
                pass

    def _all_run(self) -> None:
        stack = self.stack
        chat = getattr(stack, "chat", None)
        parts = (stack.host, stack.simulator, stack.github, stack.azurite, *filter(None, [chat]))
        for child in (part.child for part in parts):
            if child is not None and child.exit_code is not None:
                raise Missing(f"{child.name} has ended with exit code {child.exit_code}.{self._tail(child)}")

    def _tail(self, child: Child | None = None) -> str:
        """Return the end of a log: of the app's, unless another part is to blame."""
        part = child or self.stack.host.child
        return f" The end of the log of {part.name}:\n{part.tail(TAIL)}" if part is not None else ""
