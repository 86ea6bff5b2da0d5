"""Pull requests: where their branches are, and since when.

Source: *Get a pull request* and *List repository activities*, GitHub documentation.
"""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from handlers.github_api.client import GitHub, read_as
from handlers.github_api.shapes import Shape

PERMISSION = "Pull requests"


class _Repository(Shape):
    id: int
    full_name: str


class _Head(Shape):
    ref: str
    sha: str = Field(pattern=r"^[0-9a-f]{40}$")
    repo: _Repository | None
    """None where the fork is gone."""


class _Base(Shape):
    repo: _Repository


class PullRequest(Shape):
    """A pull request."""

    html_url: str
    state: Literal["open", "closed"]
    head: _Head
    base: _Base

    @property
    def from_a_fork(self) -> bool:
        """Whether its branch is in another repository, or nobody knows any more in which."""
        return self.head.repo is None or self.head.repo.id != self.base.repo.id


class _Activity(Shape):
    after: str
    timestamp: AwareDatetime


_PULL = TypeAdapter(PullRequest)
_ACTIVITIES = TypeAdapter(list[_Activity])


def read_pull(github: GitHub, repository: str, number: int) -> PullRequest:
    """Return a pull request as it is now."""
    answer = github.get(repository, f"/pulls/{number}", f"the pull request {number}", permission=PERMISSION)
    return read_as(_PULL, answer)


def require_activity(github: GitHub, repository: str) -> None:
    """Ask for the record of what happens to branches, which older servers do not keep. Raises GitHubRefused."""
    read_as(_ACTIVITIES, github.get(repository, "/activity", "the activity of branches", {"per_page": 1}))


def stands_since(github: GitHub, repository: str, branch: str, sha: str) -> datetime | None:
    """Return when a branch came to point to this commit, by GitHub's clock.

    None where GitHub's newest record of the branch is about another commit: it moves at this moment, or the record is
    late. What a commit says about its own time is its author's choice, and is not asked.
    """
    wanted: dict[str, str | int] = {"ref": f"refs/heads/{branch}", "direction": "desc", "per_page": 1}
    newest = read_as(_ACTIVITIES, github.get(repository, "/activity", f"the activity of {branch}", wanted))
    return newest[0].timestamp if newest and newest[0].after == sha else None
