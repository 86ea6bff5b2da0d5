"""What the fake GitHub knows about a commit: what it says, and what others say about it. No HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

ZEROS = "0" * 40
"""Where a branch was before its first commit, and where one is that is deleted."""

ACTIONS = "github-actions"
"""The app behind GitHub's own workflows."""


@dataclass(frozen=True)
class Commit:
    """A commit that was pushed."""

    sha: str
    tree: str
    parent: str
    """Where its branch was before; ZEROS for the first commit of a new one."""
    message: str
    author: str
    """A login."""
    timestamp: str
    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    merged: str = ZEROS
    """The second parent of a merge."""

    @property
    def parents(self) -> tuple[str, ...]:
        """The commits that it follows on."""
        return tuple(one for one in (self.parent, self.merged) if one != ZEROS)


@dataclass
class CheckRun:
    """One run of a check."""

    id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    app: str
    """Its slug."""
    suite: int
    """Runs of one name in one suite replace each other."""
    started_at: str


@dataclass(frozen=True)
class CommitStatus:
    """A status that somebody wrote. The last of its context counts."""

    id: int
    context: str
    state: str
    description: str | None
    creator: str
    created_at: str


def latest_runs(runs: list[CheckRun]) -> list[CheckRun]:
    """Return of every suite the newest run of each name, newest first."""
    newest = {(run.suite, run.name): run for run in sorted(runs, key=lambda run: run.id)}
    return sorted(newest.values(), key=lambda run: -run.id)


def latest_statuses(statuses: list[CommitStatus]) -> list[CommitStatus]:
    """Return the newest status of each context."""
    newest = {status.context: status for status in sorted(statuses, key=lambda status: status.id)}
    return list(newest.values())


def combined_state(statuses: list[CommitStatus]) -> str:
    """Say what the latest statuses mean together."""
    states = {status.state for status in statuses}
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def history(network: Mapping[str, Commit], sha: str) -> set[str]:
    """Return a commit and all that it follows on."""
    seen: set[str] = set()
    ahead = [sha]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += network[one].parents if one in network else ()
    return seen


@dataclass(frozen=True)
class Comparison:
    """How a head relates to a base."""

    merge_base: str
    ahead: tuple[str, ...]
    """Commits that only the head has."""
    behind: int
    """How many only the base has."""

    @property
    def status(self) -> str:
        """GitHub's word for it."""
        match bool(self.ahead), bool(self.behind):
            case True, True:
                return "diverged"
            case True, False:
                return "ahead"
            case False, True:
                return "behind"
            case _:
                return "identical"


def compare(network: Mapping[str, Commit], base: str, head: str) -> Comparison | None:
    """Compare two commits; None where they have no ancestor in common."""
    of_base, of_head = history(network, base), history(network, head)
    both = of_base & of_head
    bases = [one for one in both if not any(one != other and one in history(network, other) for other in both)]
    if not bases:
        return None
    return Comparison(min(bases), tuple(sorted(of_head - of_base)), len(of_base - of_head))
