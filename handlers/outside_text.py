"""Text that somebody else wrote, for eyes: on one line, without what cannot be seen. Pure."""

import re
import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that nobody sees: control, direction and zero-width characters, halves, the unassigned, and what
ends a line or a paragraph without being a line end."""

_SPACE = re.compile(r"\s+")


def seen_of(text: str) -> str:
    """Return what can be seen of a text, and its blanks."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in _HIDDEN)


def one_line(text: str, limit: int) -> str:
    """Return what can be seen of a text, on one line of at most `limit` characters."""
    return shorten(_SPACE.sub(" ", seen_of(_SPACE.sub(" ", text))).strip(), limit)


def shorten(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, behind a word if there is one in its second half, and mark the cut with …."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    word_end = cut.rfind(" ") if text[limit - 1] != " " else len(cut)
    return (cut[:word_end] if word_end > limit // 2 else cut).rstrip(" .,;:") + "…"
