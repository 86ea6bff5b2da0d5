"""Lines of fixed width for any chat. Pure."""

from handlers.model import Actor
from handlers.outside_text import seen_of


def lines_of(text: str) -> list[str]:
    """Take a text apart at our own line ends, without what cannot be seen; nothing else in it begins a line."""
    return [seen_of(line) for line in text.split("\n")]


def shortened(text: str, longest: int) -> str:
    """Cut a text to a place's limit, in characters, and mark the cut."""
    return text if len(text) <= longest else f"{text[:longest]}\n..."


def addressed(to: Actor, text: str) -> str:
    """Write a text that is meant for one person, where others read it too."""
    return f"{to.name}: {text}"
