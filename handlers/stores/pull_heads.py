"""Asks GitHub where the branch of a pull request is, and since when."""

from handlers.errors import Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.errors import REFUSAL_PATIENCE, GitHubRefused
from handlers.github_api.pulls import PullRequest, read_pull, stands_since
from handlers.model import Commit, GitHubPlace
from handlers.policy.heads import Head


class PullHeads:
    """The heads of pull requests. See `handlers.ports.PullRequests`."""

    def __init__(self, github: GitHub) -> None:
        """Ask `github`."""
        self._github = github

    def head(self, place: GitHubPlace) -> Head:
        """Return where the pull request's branch is at this moment, and since when.

        The branch is asked for after the pull request: one that moves in between stands since nobody knows when.
        Raises Unavailable, also where GitHub refuses, which the owner can put right meanwhile.
        """
        try:
            pull = read_pull(self._github, place.repository, place.number)
            since = None
            if pull.state == "open" and not pull.from_a_fork:
                since = stands_since(self._github, place.repository, pull.head.ref, pull.head.sha)
        except GitHubRefused as refused:
            raise Unavailable(refused.reason, REFUSAL_PATIENCE) from refused
        return Head(_commit(pull), pull.state == "open", pull.from_a_fork, since)


def _commit(pull: PullRequest) -> Commit:
    return Commit(
        repository=pull.base.repo.full_name,
        repository_id=pull.base.repo.id,
        sha=pull.head.sha,
        branch=pull.head.ref,
        url=f"{pull.html_url.rpartition('/pull/')[0]}/commit/{pull.head.sha}",
    )
