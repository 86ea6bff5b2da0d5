"""From which repository an environment is deployed: by GitHub's numeric id, which nobody can take over."""

from handlers.environments import Environment
from handlers.model import DeploymentRequest, Release, RunCommit
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling


def repository_of(request: DeploymentRequest, release: Release | None) -> int | None:
    """Return the id of the repository that a request brings something from; None where it brings nothing."""
    if release is not None:
        return release.repository_id
    return request.goal.commit.repository_id if isinstance(request.goal, RunCommit) else None


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
