"""A message as it stands in a channel, in a frame of characters. Pure."""

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

CHANNEL = "#releases"
"""The channel's name, as Slack sends it with a command."""


def framed(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a frame that is `width` columns wide. Lines that are too long are wrapped."""
    inner = width - 4
    yield f"╭─ {CHANNEL} ".ljust(width - 1, "─") + "╮"
    for line in text.split("\n"):
        for part in [line] if cell_len(line) <= inner else textwrap.wrap(line, inner, break_on_hyphens=False):
            yield f"│ {set_cell_size(part, inner)} │"
    yield "╰".ljust(width - 1, "─") + "╯"
