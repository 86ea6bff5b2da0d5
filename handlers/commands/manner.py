"""How commands are written in a place: what stands before the verb, and what can be left out."""

from dataclasses import dataclass

from handlers.model import GitHubPlace, Place


@dataclass(frozen=True)
class Manner:
    """The grammar of one kind of place."""

    slash: str = ""
    """Stands before every command. The texts that are read come without it; the forms that are shown have it."""
    heads: bool = False
    """Whether `deploy to ENVIRONMENT` is a command: the head of the pull request where it is said."""


IN_A_CHAT = Manner()
IN_A_COMMENT = Manner("/", heads=True)


def manner_at(place: Place) -> Manner:
    """Say how commands are written in a place."""
    return IN_A_COMMENT if isinstance(place, GitHubPlace) else IN_A_CHAT
