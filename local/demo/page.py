"""What stands on the terminal: 80 columns, in colour where somebody looks, plain everywhere else."""

import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from rich.console import Console
from rich.text import Text

from local.demo.frame import framed
from local.demo.picture import Picture

WIDTH = 80
_SECONDS = 7
"""Columns of the seconds. A message begins after them."""
_INDENT = 16
"""Columns before the text of a line: seconds and place."""


class Place(StrEnum):
    """Where something happened."""

    GITHUB = "github"
    SLIPWAY = "slipway"
    AZURE = "azure"
    STORAGE = "storage"
    SLACK = "slack"
    MONA = "mona"
    """Somebody who may."""
    BEN = "ben"
    """Somebody else who may."""
    EVE = "eve"
    """Somebody who may not."""
    SOMEONE = "someone"
    CLOCK = "clock"
    """The clock that the program moves."""


class Mood(StrEnum):
    """How a line looks, in the words of `rich`."""

    PLAIN = ""
    GOOD = "green"
    BAD = "yellow"
    QUIET = "dim"


_COLOURS = {
    Place.GITHUB: "magenta",
    Place.SLIPWAY: "bold cyan",
    Place.AZURE: "blue",
    Place.SLACK: "green",
    Place.MONA: "bold",
    Place.BEN: "bold",
    Place.EVE: "yellow",
    Place.SOMEONE: "yellow",
}
_PEOPLE = {Place.MONA, Place.BEN, Place.EVE}


@dataclass(frozen=True)
class Told:
    """One thing that happened, in words."""

    place: Place
    text: str
    more: tuple[str, ...] = ()
    """Lines below it, as they are."""
    mood: Mood = Mood.PLAIN
    message: str = ""
    """A message below it, as a person sees it in Slack."""
    drawn: bool = True
    """Whether it is worth a place in the picture."""


class Page:
    """Writes to standard output. Never moves the cursor."""

    def __init__(self, began: float | None = None, *, passed_on: bool = False) -> None:
        """Count seconds from `began`, an instant of `time.monotonic`; now where it is not given.

        What is `passed_on` to another page's terminal is in colour though no terminal is here.
        """
        self._picture: Picture | None = None
        self._clock: Callable[[], str] | None = None
        self._began = time.monotonic() if began is None else began
        self.in_colour = (sys.stdout.isatty() or passed_on) and not os.environ.get("NO_COLOR")
        colours: Literal["auto"] | None = "auto" if self.in_colour else None
        self._console = Console(
            color_system=colours,
            force_terminal=passed_on or None,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def show_time(self, clock: Callable[[], str]) -> None:
        """From now on, let what a clock shows, `18:45`, stand in place of the seconds."""
        self._clock = clock

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def draw_into(self, picture: Picture | None) -> None:
        """From now on, let a picture have what people and Slack say."""
        self._picture = picture

    def title(self, text: str) -> None:
        """Write what follows is about."""
        self._console.print(Text(text, "bold"))

    def chapter(self, text: str) -> None:
        """Begin a part of the story."""
        self._console.print()
        self.title(text)

    def tell(self, told: Told) -> None:
        """Write one thing that happened, with the seconds until now, or the time."""
        lines = list(_lines(told))
        instant = f"{self.seconds:5.1f}" if self._clock is None else self._clock()
        first = Text.assemble((f"{instant}  ", Mood.QUIET), lines[0])
        for line in (first, *(Text(" " * _SECONDS) + line for line in lines[1:])):
            self._console.print(line)
        if self._picture is not None and told.drawn and told.place in {*_PEOPLE, Place.SLACK}:
            self._picture.add(lines, apart=told.place in _PEOPLE)

    def pass_on(self, text: str) -> None:
        """Write what another page has written already, colours and all."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def say(self, text: str = "", mood: Mood = Mood.PLAIN) -> None:
        """Write lines as they are."""
        self._console.print(Text(text, mood))


def _lines(told: Told) -> Iterator[Text]:
    """Yield what is written, without the seconds."""
    first, *rest = textwrap.wrap(told.text, WIDTH - _INDENT, break_on_hyphens=False) or [""]
    yield Text.assemble((f"{told.place:<7}  ", _COLOURS.get(told.place, Mood.QUIET)), (first, told.mood))
    below = " " * (_INDENT - _SECONDS)
    for line in rest:
        yield Text(below + line, told.mood)
    for line in told.more:
        yield Text(below + line, Mood.QUIET)
    if told.message:
        yield from map(Text, framed(told.message, WIDTH - _SECONDS))
