"""Tells which steps run and for how long: a line that is rewritten on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SPINNER = "|/-\\"
"""One character for each tenth of a second. Plain ones, which every terminal and locale has."""

REWRITE = "\r\x1b[K"
"""Go to the beginning of the terminal's line and empty it."""


class Progress:
    """The steps that run now. Steps may run in several threads."""

    def __init__(self) -> None:
        self._running: dict[str, float] = {}
        self._lock = threading.Lock()
        self._terminal = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a step while it runs and, where it ends well, how many seconds it took."""
        start = time.monotonic()
        with self._lock:
            self._running[title] = start
            if not self._terminal:
                print(f"  {title} ...", flush=True)
        try:
            yield
            with self._lock:
                print(f"{REWRITE if self._terminal else ''}  {title}: {time.monotonic() - start:.0f} s", flush=True)
        finally:
            with self._lock:
                del self._running[title]

    def tick(self) -> None:
        """Rewrite the terminal's line. Call it some times in a second."""
        with self._lock:
            if self._terminal and self._running:
                now = time.monotonic()
                steps = ", ".join(f"{title} {now - start:.0f} s" for title, start in self._running.items())
                line = f"{SPINNER[int(now * 10) % len(SPINNER)]} {steps}"
                print(REWRITE + line[: shutil.get_terminal_size().columns - 1], end="", flush=True)

    def end(self) -> None:
        """Take the rewritten line away."""
        if self._terminal:
            print(REWRITE, end="", flush=True)
