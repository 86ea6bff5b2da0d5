"""Outside text in GitHub's markdown, as text and nothing else. Pure."""

import re

from handlers.outside_text import one_line

_BACKTICKS = re.compile("`+")


def code(text: str, limit: int) -> str:
    """Write a text as a code span that may stand in a table's cell: no mention, link, tag or comment comes out of it.

    A bar would end the cell and is written as a broken one.
    """
    shown = one_line(text, limit).replace("|", "\N{BROKEN BAR}").replace("@", "@\N{ZERO WIDTH SPACE}")
    shown = shown.replace("<!--", "<! --").replace("-->", "-- >") or "-"
    longest = max((len(run) for run in _BACKTICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest and (shown.startswith("`") or shown.endswith("`")) else ""
    return f"{fence}{padding}{shown}{padding}{fence}"
