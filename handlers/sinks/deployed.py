"""What a request deploys, in the words of GitHub. Pure."""

from dataclasses import dataclass

from handlers.model import DeploymentRequest, Release, RunCommit, RunRelease, RunVersion
from handlers.report import Report


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
    """Say whether a request deploys a version; nothing else has a place on GitHub."""
    return isinstance(request.goal, RunRelease | RunVersion | RunCommit)


def deployed_by(report: Report) -> Deployed | None:
    """Say what the reported request deploys; None where that is nothing, or is not looked up yet."""
    actor = report.request.actor.name
    match report.request.goal:
        case RunRelease(release=release):
            return _of_a_release(release, f"published by {actor}")
        case RunVersion() if report.release is not None:
            return _of_a_release(report.release, f"asked for by {actor}")
        case RunCommit(commit=commit) as goal:
            return Deployed(
                repository=commit.repository,
                ref=commit.sha,
                title=goal.title,
                began=f"brought by {actor}",
                url=commit.url,
                announced=commit.deployment,
            )
        case _:
            return None


def _of_a_release(release: Release, began: str) -> Deployed:
    return Deployed(release.repository, release.tag, release.tag, began, release.url, release)
