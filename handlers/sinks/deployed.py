"""What a request deploys, in the words of GitHub. Pure."""

from dataclasses import dataclass

from handlers.model import (
    BringBack,
    DeploymentRequest,
    Release,
    Rollback,
    RunCommit,
    RunRelease,
    RunVersion,
    SwapSlots,
)
from handlers.telling.report import Report


@dataclass(frozen=True)
class Deployed:
    """A version of a repository, and where GitHub shows it."""

    repository: str
    """`owner/name`."""
    ref: str
    """What a deployment is made of: the release's tag, or the commit."""
    title: str
    """For people: the tag, or the branch and the beginning of the commit."""
    began: str
    """How it came about, in a few words: `published by monalisa`."""
    url: str
    """The page for people."""
    release: Release | None = None
    """Whose text says how it went; None for a commit."""
    announced: int | None = None
    """The id of the deployment by which GitHub asked for it; its statuses are shown there and nowhere else."""


def is_shown_on_github(request: DeploymentRequest) -> bool:
    """Say whether a request has a place on GitHub: it deploys a version, or brings one back that was deployed."""
    return isinstance(request.goal, RunRelease | RunVersion | RunCommit | Rollback | SwapSlots)


def deployed_by(report: Report) -> Deployed | None:
    """Say what the reported request deploys; None where that is nothing, or is not looked up yet."""
    return None if isinstance(report.request.goal, BringBack) else brought_by(report.request, report.release)


def brought_by(request: DeploymentRequest, release: Release | None) -> Deployed | None:
    """Say what a request has brought, also one that brought it back in the morning. `release` was looked up for it."""
    actor = request.actor.name
    match request.goal:
        case RunRelease(release=published):
            return _of_a_release(published, f"published by {actor}")
        case RunVersion() if release is not None:
            return _of_a_release(release, f"asked for by {actor}")
        case BringBack(kept=kept) if kept.release is not None:
            return _of_a_release(kept.release, "kept for the morning")
        case RunCommit(commit=commit) as goal:
            return Deployed(
                repository=commit.repository,
                ref=commit.sha,
                title=goal.title,
                began=f"{'brought' if request.place is None else 'asked for'} by {actor}",
                url=commit.url,
                announced=commit.deployment,
            )
        case _:
            return None


def _of_a_release(release: Release, began: str) -> Deployed:
    return Deployed(release.repository, release.tag, release.tag, began, release.url, release)
