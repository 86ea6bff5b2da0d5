"""Outside text in GitHub's markdown, as text and nothing else. Pure."""

import re
import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Unicode categories that nobody sees: control, direction and zero-width characters, halves, the unassigned."""

_SPACE = re.compile(r"\s+")
_BACKTICKS = re.compile("`+")


def one_line(text: str, limit: int) -> str:
    """Return what can be seen of a text, on one line of at most `limit` characters."""
    spaced = _SPACE.sub(" ", text)
    seen = "".join(letter for letter in spaced if unicodedata.category(letter) not in _HIDDEN)
    return shorten(_SPACE.sub(" ", seen).strip(), limit)


def shorten(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, behind a word if there is one in its second half, and mark the cut with …."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    word_end = cut.rfind(" ") if text[limit - 1] != " " else len(cut)
    return (cut[:word_end] if word_end > limit // 2 else cut).rstrip(" .,;:") + "…"


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
