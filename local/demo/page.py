"""What stands on the terminal: 80 columns, in colour where somebody looks, plain everywhere else."""

import os
import sys
import textwrap
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from rich.console import Console
from rich.text import Text

WIDTH = 80
_INDENT = 16
"""Columns before the text of a line: seconds and place."""


class Place(StrEnum):
    """Where something happened."""

    GITHUB = "github"
    SLIPWAY = "slipway"
    AZURE = "azure"
    STORAGE = "storage"
    SOMEONE = "someone"
    DEMO = "demo"


class Mood(StrEnum):
    """How a line looks, in the words of `rich`."""

    PLAIN = ""
    GOOD = "green"
    BAD = "yellow"
    QUIET = "dim"


_COLOURS = {Place.GITHUB: "magenta", Place.SLIPWAY: "bold cyan", Place.AZURE: "blue", Place.SOMEONE: "yellow"}


@dataclass(frozen=True)
class Told:
    """One thing that happened, in words."""

    place: Place
    text: str
    more: tuple[str, ...] = ()
    """Lines below it, as they are."""
    mood: Mood = Mood.PLAIN


class Page:
    """Writes to standard output. Never moves the cursor."""

    def __init__(self, began: float | None = None) -> None:
        """Count seconds from `began`, an instant of `time.monotonic`; now where it is not given."""
        self._began = time.monotonic() if began is None else began
        plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))
        colours: Literal["auto"] | None = None if plain else "auto"
        self._console = Console(color_system=colours, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def title(self, text: str) -> None:
        """Write what follows is about."""
        self._console.print(Text(text, "bold"))

    def chapter(self, text: str) -> None:
        """Begin a part of the story."""
        self._console.print()
        self.title(text)

    def tell(self, told: Told) -> None:
        """Write one thing that happened, with the seconds until now."""
        head = Text()
        head.append(f"{self.seconds:5.1f}  ", Mood.QUIET)
        head.append(f"{told.place:<7}  ", _COLOURS.get(told.place, Mood.QUIET))
        first, *rest = textwrap.wrap(told.text, WIDTH - _INDENT, break_on_hyphens=False) or [""]
        head.append(first, told.mood)
        self._console.print(head)
        for line in rest:
            self._console.print(Text(" " * _INDENT + line, told.mood))
        for line in told.more:
            self._console.print(Text(" " * _INDENT + line, Mood.QUIET))

    def say(self, text: str = "", mood: Mood = Mood.PLAIN) -> None:
        """Write lines as they are."""
        self._console.print(Text(text, mood))
