"""What the fake GitHub knows about pull requests: where their branches are, and what people write. No HTTP."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Activity:
    """One change of a branch, as the server saw it."""

    id: int
    ref: str
    """`refs/heads/...`."""
    before: str
    after: str
    timestamp: str
    """By the server's clock, whatever the commit says about its own time."""
    kind: str
    """`push`, `force_push`, `branch_creation` and so on."""
    actor: str
    """A login."""


@dataclass
class Pull:
    """A pull request. Its head is wherever its branch is."""

    id: int
    number: int
    title: str
    author: str
    branch: str
    head_repository: int | None
    """The id of the repository that has the branch; None for a fork that is gone."""
    created_at: str
    sha: str
    """Where the branch was when the pull request was opened, and when it was closed."""
    closed_at: str | None = None
    merged: bool = False

    @property
    def state(self) -> str:
        """`open` or `closed`."""
        return "open" if self.closed_at is None else "closed"


@dataclass
class Comment:
    """A comment on an issue or a pull request."""

    id: int
    number: int
    """Of the issue or the pull request."""
    author: str
    body: str
    created_at: str
    updated_at: str
    app: str | None = None
    """The id of the app by which it was written."""
