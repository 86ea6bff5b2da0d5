"""What the fake GitHub knows about a commit: what it says, and what others say about it. No HTTP."""

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
