"""Which environments something from GitHub is for, and from which repository each is deployed.

A repository is known by GitHub's numeric id, which nobody can take over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handlers.environments import Environment, Environments
from handlers.events import CommitReady, ReleasePublished
from handlers.model import DeploymentRequest, Release, RunCommit, RunRelease
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling


def repository_of(request: DeploymentRequest, release: Release | None = None) -> int | None:
    """Return the id of the repository that a request brings something from; None where it brings nothing.

    `release` is the one that was looked up for it.
    """
    match request.goal:
        case RunCommit(commit=commit):
            return commit.repository_id
        case RunRelease(release=published):
            return published.repository_id
        case _:
            return release.repository_id if release is not None else None


@dataclass(frozen=True)
class Routed:
    """The names of the environments that something from GitHub is for."""

    wanted: tuple[str, ...]
    perhaps: tuple[str, ...]
    """Where it would be wanted if their repository has another name now."""


def route(event: ReleasePublished | CommitReady, environments: Environments) -> Routed:
    """Say which environments want a release or a commit, and which perhaps do, under another name."""
    match event:
        case ReleasePublished(release=release):
            repository = release.repository
        case CommitReady(commit=commit):
            repository = commit.repository
    return Routed(
        wanted=_wanting(event, environments.values()),
        perhaps=_wanting(event, perhaps_renamed(environments, repository)),
    )


def _wanting(event: ReleasePublished | CommitReady, places: Iterable[Environment]) -> tuple[str, ...]:
    match event:
        case ReleasePublished(release=release):
            return tuple(one.name for one in places if one.wants(release) is None)
        case CommitReady(commit=commit, trigger=trigger, name=name):
            return tuple(one.name for one in places if one.wants_commit(commit, trigger, name))


def perhaps_renamed(environments: Environments, repository: str) -> Iterator[Environment]:
    """Yield the environments whose repository may have this name now, each as if it said so.

    Those are all that are routed by name, if the name is nobody's in the file; only the ledger knows which of them was
    deployed from the repository with this id.
    """
    if any(one.repository.lower() == repository.lower() for one in environments.values()):
        return
    for one in environments.values():
        if one.repository_id is None:
            yield one.model_copy(update={"repository": repository})


def rule_repository(environment: Environment, seen: int | None, repository_id: int | None) -> Ruling:
    """Say whether this is the repository that the environment is deployed from.

    `seen` is the id that it was first deployed from. A repository that was renamed keeps its id; whoever takes the old
    name has another one.
    """
    expected = environment.repository_id or seen
    if repository_id is None or expected is None or repository_id == expected:
        return Ruling(Reason.SAME_REPOSITORY, f"{environment.name} is deployed from {environment.repository}.")
    return Ruling(
        Reason.ANOTHER_REPOSITORY,
        f"{environment.repository} has the id {repository_id}, and {environment.name} is deployed from the repository"
        f" with the id {expected}. If that is meant, set repository_id.",
    )
