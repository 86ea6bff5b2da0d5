"""The fields that several of GitHub's events have, by their exact form. Pure."""

from typing import Annotated

from pydantic import AfterValidator, Field

from handlers import model
from handlers.sources.fields import Id, Payload


def _no_odd_segments(name: str) -> str:
    if {"", ".", ".."} & set(name.split("/")):
        raise ValueError
    return name


RepositoryName = Annotated[
    str, Field(max_length=140, pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"), AfterValidator(_no_odd_segments)
]
"""`owner/name`: 39 and 100 characters at most. It becomes part of an address, so no segment may be `..`."""
Ref = Annotated[
    str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x20\x7f]+$"), AfterValidator(_no_odd_segments)
]
"""A branch, a tag or both with `refs/...` before. Git allows neither blanks nor control characters in it."""
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Url = Annotated[str, Field(max_length=2048, pattern=r"^https?://[^\x00-\x20\x7f]+$")]


class Repository(Payload):
    """A repository, as everything that happens in it names it."""

    id: Id
    full_name: RepositoryName


class Sender(Payload):
    """Who caused an event."""

    id: Id
    login: str = Field(min_length=1, max_length=100)

    @property
    def actor(self) -> model.Actor:
        """By the immutable id."""
        return model.Actor(source=model.Source.GITHUB, id=str(self.id), name=self.login)
