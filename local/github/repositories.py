"""What the fake GitHub knows about a repository: branches and tags, and what was made of them. No HTTP."""

from dataclasses import dataclass, field
from typing import Any

from local.github.commits import CheckRun, Commit, CommitStatus
from local.github.pulls import Activity, Comment, Pull
from local.github.releases import Release


@dataclass
class Deployment:
    """A deployment with its statuses, oldest first."""

    id: int
    fields: dict[str, Any]
    sha: str
    created_at: str
    statuses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def state(self) -> str | None:
        """Its latest status."""
        return str(self.statuses[-1]["state"]) if self.statuses else None


@dataclass
class Repository:
    """A repository."""

    id: int
    full_name: str
    private: bool
    branches: dict[str, str]
    tags: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    """Those that were pushed, by SHA."""
    network: dict[str, Commit] = field(default_factory=dict)
    """The same, and those of its forks: GitHub keeps the objects of them all in one place."""
    check_runs: dict[str, list[CheckRun]] = field(default_factory=dict)
    """By SHA."""
    commit_statuses: dict[str, list[CommitStatus]] = field(default_factory=dict)
    """By SHA."""
    releases: dict[int, Release] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    """Oldest first."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    """By number."""
    comments: dict[int, Comment] = field(default_factory=dict)
    renamed_from: set[str] = field(default_factory=set)
    roles: dict[int, str] = field(default_factory=dict)
    """By the numbers of users: their roles, custom ones too."""

    @property
    def refs(self) -> dict[str, str]:
        """Every branch and tag by its whole name."""
        heads = {f"refs/heads/{name}": sha for name, sha in self.branches.items()}
        return {**heads, **{f"refs/tags/{name}": sha for name, sha in self.tags.items()}}

    def resolve(self, ref: str) -> str | None:
        """Return the commit behind `heads/x`, `tags/x`, a branch, a tag or a commit."""
        commits = {*self.branches.values(), *self.tags.values(), *self.commits}
        if ref.startswith("heads/") and ref.removeprefix("heads/") in self.branches:
            return self.branches[ref.removeprefix("heads/")]
        if ref.startswith("tags/") and ref.removeprefix("tags/") in self.tags:
            return self.tags[ref.removeprefix("tags/")]
        return self.branches.get(ref) or self.tags.get(ref) or (ref if ref in commits or ref in self.network else None)
