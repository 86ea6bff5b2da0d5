"""Lines of fixed width for any chat. Pure."""

import unicodedata

from handlers.model import Actor


def lines_of(text: str) -> list[str]:
    """Take a text apart into its lines, without what cannot be seen: controls, and what turns the direction of text."""
    return [
        "".join(character for character in line if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"})
        for line in text.splitlines()
    ]


def shortened(text: str, longest: int) -> str:
    """Cut a text to a place's limit, in characters, and mark the cut."""
    return text if len(text) <= longest else f"{text[:longest]}\n..."


def addressed(to: Actor, text: str) -> str:
    """Write a text that is meant for one person, where others read it too."""
    return f"{to.name}: {text}"
