"""The head of a pull request: whether the commit that would be deployed is the one that the comment was about.

A comment names no commit. What the branch pointed to at that time is deployed or nothing; and a commit's own dates are
written by whoever pushes it, so only GitHub's clock counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.model import Commit, GitHubPlace
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling

MARGIN = timedelta(seconds=2)
"""Our choice: how long before the comment a push has to have come. GitHub writes both times to the second."""


@dataclass(frozen=True)
class Head:
    """Where a pull request's branch is now, as GitHub says it."""

    commit: Commit
    """In the repository that the pull request is in."""
    open: bool
    from_a_fork: bool
    """Whether its branch is in another repository, or nobody knows any more in which."""
    since: datetime | None
    """When the branch came to point to the commit, by GitHub's clock. None: GitHub does not say yet."""


def rule_head(head: Head, place: GitHubPlace, pinned: str | None) -> Ruling:
    """Say whether a head may be deployed for the comment.

    `pinned` is the commit that was looked up for it before, None at the first look.
    """
    branch, sha = head.commit.branch, head.commit.sha[:7]
    if head.commit.repository_id != place.repository_id:
        return Ruling(
            Reason.ANOTHER_REPOSITORY,
            f"{place.repository} is another repository now than when the comment was written.",
        )
    if head.from_a_fork:
        return Ruling(Reason.FROM_A_FORK, "The head of this pull request is in a fork; such commits are not deployed.")
    if not head.open:
        return Ruling(
            Reason.PULL_REQUEST_CLOSED,
            "The pull request is closed. What was merged is deployed by its push or its release.",
        )
    if pinned is not None and head.commit.sha != pinned:
        return Ruling(Reason.HEAD_MOVED, f"{branch} has moved from {pinned[:7]} to {sha} meanwhile. {_AGAIN}")
    if head.since is None:
        return Ruling(Reason.HEAD_MOVES, f"waiting for GitHub to say since when {branch} has been at {sha}")
    if head.since + MARGIN > place.commented_at:
        return Ruling(
            Reason.HEAD_MOVED,
            f"{branch} came to {sha} at {head.since:%H:%M:%S} UTC, which is not clearly before the comment of"
            f" {place.commented_at:%H:%M:%S} UTC. {_AGAIN}",
        )
    return Ruling(Reason.HEAD_STANDS, f"{branch} has been at {sha} since {head.since:%Y-%m-%d %H:%M:%S} UTC.")


_AGAIN = "Look at it, then comment again."
