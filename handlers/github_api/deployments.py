"""Deployments and their statuses.

Source: *REST API endpoints for deployments*, GitHub documentation.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from handlers.github_api.client import NOT_FOUND, PER_PAGE, GitHub, read_as
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.shapes import Shape

MAX_DESCRIPTION = 140
"""Characters of a status's description."""

TASK = "deploy"

_PERMISSION = "Deployments"
_CREATED = 201


class State(StrEnum):
    """Where a deployment is, in GitHub's words."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    INACTIVE = "inactive"
    """Another deployment has taken its place."""


class Deployment(Shape):
    """A deployment as GitHub keeps it."""

    id: int
    ref: str = ""
    """What it deploys: a tag, or a commit."""
    payload: Any = None
    """Whatever its creator put there."""


class DeploymentStatus(Shape):
    """One of a deployment's statuses."""

    id: int
    state: str
    description: str | None = None


class NewDeployment(Shape):
    """What is to be created. Nothing is merged and no check is asked: that was decided when the release was made."""

    ref: str
    environment: str
    description: str
    payload: dict[str, Any]
    production_environment: bool
    task: str = TASK
    transient_environment: bool = False
    auto_merge: bool = False
    required_contexts: tuple[str, ...] = ()


_DEPLOYMENT = TypeAdapter(Deployment)
_DEPLOYMENTS = TypeAdapter(Sequence[Deployment])
_STATUSES = TypeAdapter(Sequence[DeploymentStatus])


def create(github: GitHub, repository: str, new: NewDeployment) -> Deployment:
    """Create a deployment.

    Raises GitHubRefused for 409 (checks failed), 422 (no such ref), and for 202: GitHub merged something instead.
    """
    answer = github.write("POST", repository, "/deployments", "a deployment", _PERMISSION, new.model_dump(mode="json"))
    if answer.status != _CREATED:
        raise GitHubRefused(
            answer.status, f"GitHub answered {answer.status} and created no deployment in {repository}."
        )
    return read_as(_DEPLOYMENT, answer)


def latest(
    github: GitHub, repository: str, environment: str, ref: str | None = None, limit: int = PER_PAGE
) -> Sequence[Deployment]:
    """Return the newest deployments to an environment, newest first, at most a page."""
    wanted: dict[str, str | int] = {"environment": environment, "task": TASK, "per_page": limit}
    if ref is not None:
        wanted["ref"] = ref
    try:
        return read_as(_DEPLOYMENTS, github.get(repository, "/deployments", "the deployments", wanted))
    except GitHubRefused as refused:
        return _none_where_not_found(refused)


def statuses(github: GitHub, repository: str, deployment: int) -> list[DeploymentStatus]:
    """Return a deployment's statuses, newest first, at most a page."""
    path = f"/deployments/{deployment}/statuses"
    try:
        answer = github.get(repository, path, "a deployment's statuses", {"per_page": PER_PAGE})
    except GitHubRefused as refused:
        return _none_where_not_found(refused)
    given: Sequence[DeploymentStatus] = read_as(_STATUSES, answer)
    return sorted(given, key=lambda status: status.id, reverse=True)


def add_status(
    github: GitHub, repository: str, deployment: int, state: State, description: str, log_url: str | None = None
) -> None:
    """Add a status. `description` has at most MAX_DESCRIPTION characters."""
    body = {"state": state, "description": description} | ({"log_url": log_url} if log_url else {})
    github.write("POST", repository, f"/deployments/{deployment}/statuses", "a deployment's status", _PERMISSION, body)


def _none_where_not_found(refused: GitHubRefused) -> list[Any]:
    """Take what cannot be found for nothing: the write that follows says whether it may be done."""
    if refused.status != NOT_FOUND:
        raise refused
    return []
