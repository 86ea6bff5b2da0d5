"""A night that is played beside the main job, as a program of its own, and told when its chapters come."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.demo.page import Page
from local.demo.story import Missing
from local.processes import Child

LOOK_S = 0.05
"""Our choice: the wait between two looks at what it has written."""


class NightBeside:
    """One night that is being played."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def tell(self, page: Page) -> None:
        """Write what it has written, and go on until it ends. Raises Missing where something in it did not come."""
        told = 0
        while True:
            ended = self._child.exit_code is not None  # before the look, so that its last words are seen
            text = self._child.output()
            whole = text[told : text.rfind("\n") + 1]
            page.pass_on(whole)
            told += len(whole)
            if ended:
                break
            time.sleep(LOOK_S)
        if self._child.exit_code != 0:
            raise Missing(f"The night that was played beside it ended with {self._child.exit_code}.")


@contextmanager
def night_beside(page: Page, first_chapter: int) -> Iterator[NightBeside]:
    """Let a night begin, told as chapters from `first_chapter` on; whatever happens, it is over after the block."""
    words = ["--night", "--from-chapter", str(first_chapter), *(["--in-colour"] if page.in_colour else [])]
    with (
        TemporaryDirectory(prefix="slipway-night-") as folder,
        Child.start(
            [sys.executable, "-m", "local.demo", *words],
            name="the night",
            log=Path(folder) / "night.log",
        ) as child,
    ):
        yield NightBeside(child)
