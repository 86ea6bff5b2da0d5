"""A GitHub that knows where commits are and what is said about them, as the test has it at the moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from handlers.environments.commits import matches
from handlers.policy.what import CheckRun, Checks, CommitStatus, Found, Refs

T = TypeVar("T")

COMMIT = "c" * 40
"""Where every tag of the fakes leads, and where their branch `main` is."""


class Outside(Protocol):
    """Where every call to the outside passes."""

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Do one thing outside."""


@dataclass
class FakeCommits:
    """Branches with what they contain, tags, and everything that was said about any commit."""

    world: Outside
    branches: dict[str, set[str]] = field(default_factory=lambda: {"main": {COMMIT}})
    """The commits that each contains."""
    tags: dict[str, str] = field(default_factory=dict)
    runs: list[CheckRun] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    trouble: Exception | None = None

    def find(self, repository: str, sha: str, refs: Refs, hint: str | None) -> Found:
        """Look where a commit is."""

        def effect() -> Found:
            if self.trouble is not None:
                raise self.trouble
            inside = [
                f"branch {name}" for name, shas in self.branches.items() if sha in shas and matches(name, refs.branches)
            ]
            behind = [f"tag {name}" for name, one in self.tags.items() if one == sha and matches(name, refs.tags)]
            return Found(next(iter([*inside, *behind]), None))

        return self.world.io("commits.find", effect)

    def checks(self, repository: str, sha: str, contexts: Sequence[str]) -> Checks:
        """Return what was said, about every commit: the rule tells them apart."""
        return self.world.io("commits.checks", lambda: Checks(tuple(self.runs), tuple(self.statuses)))
