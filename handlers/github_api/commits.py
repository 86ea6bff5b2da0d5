"""What GitHub says about a commit, for those who decide. See `handlers.ports.Commits`."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from handlers.errors import Unavailable
from handlers.github_api.checks import check_runs, commit_statuses
from handlers.github_api.client import GitHub
from handlers.github_api.errors import REFUSAL_PATIENCE, GitHubRefused
from handlers.github_api.refs import find_commit
from handlers.policy.what import Checks, Found, Refs


class GitHubCommits:
    """Asks GitHub each time anew. Threads may share it."""

    def __init__(self, github: GitHub) -> None:
        """Ask `github`, which needs Contents, Checks and Commit statuses: read."""
        self._github = github

    def find(self, repository: str, sha: str, refs: Refs, hint: str | None) -> Found:
        """Say where a commit is."""
        with _refusals():
            return find_commit(self._github, repository, sha, refs, hint)

    def checks(self, repository: str, sha: str, contexts: Sequence[str]) -> Checks:
        """Return what was said about a commit."""
        with _refusals():
            runs = check_runs(self._github, repository, sha, contexts)
            statuses = commit_statuses(self._github, repository, sha)
        return Checks(tuple(runs), tuple(statuses))


@contextmanager
def _refusals() -> Generator[None]:
    """Wait where GitHub does not let us ask: its owner can put that right meanwhile, and it is no answer."""
    try:
        yield
    except GitHubRefused as refused:
        raise Unavailable(refused.reason, REFUSAL_PATIENCE) from refused
