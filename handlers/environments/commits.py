"""Which commits may be deployed, as `environments.toml` says it: branches, tags, checks. Values alone."""

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

WILDCARDS = "*?["
"""What makes a name a pattern."""


def _could_be_a_ref(name: str) -> str:
    """Refuse what no branch or tag of git can be called: it becomes a part of an address."""
    if {"", ".", ".."} & set(name.split("/")) or ".." in name:
        raise ValueError
    return name


RefPattern = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f~^:\\]+$"), AfterValidator(_could_be_a_ref)
]
"""A branch or a tag without `refs/...` before, or a pattern: `*` any text, `?` one character, `[abc]` one of these."""


def is_pattern(name: str) -> bool:
    """Say whether a name stands for several."""
    return bool(set(WILDCARDS) & set(name))


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Say whether a branch or a tag is one of these. Case matters."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class RequiredCheck(BaseModel):
    """A check that must have succeeded on a commit, in the words of GitHub's branch protection."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    context: str = Field(min_length=1, max_length=255)
    """Its exact name: a check run's, or a commit status's context."""
    app_id: int | None = Field(default=None, ge=1)
    """The GitHub App that has to say it. The id decides; GitHub's own workflows have 15368."""
    app: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")
    """The app's slug: for reading beside an id, and what decides without one."""

    @property
    def words(self) -> str:
        """Name it for people."""
        if self.app_id is None and self.app is None:
            return self.context
        return f"{self.context} by {self.app or f'app {self.app_id}'}"
