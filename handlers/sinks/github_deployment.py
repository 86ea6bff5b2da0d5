"""A request as a GitHub deployment with its statuses. `github_takeover` ends those of what it replaced.

A deployment of ours carries our request's id in its payload: by that it is found again when its own id was lost, and
known as ours when GitHub announces it. Where GitHub announced somebody else's deployment, that one is used.
"""

import json
from collections.abc import Sequence

from handlers.github_api import deployments
from handlers.github_api.client import GitHub
from handlers.github_api.deployments import MAX_DESCRIPTION, Deployment, DeploymentStatus, NewDeployment, State
from handlers.model import DeploymentRequest
from handlers.outside_text import one_line
from handlers.sinks.deployed import Deployed
from handlers.telling.report import Report

_OVER = {State.SUCCESS, State.FAILURE, State.ERROR, State.INACTIVE}


def show(github: GitHub, report: Report, deployed: Deployed, known: str | None, *, production: bool) -> str:
    """Show the report as the latest status of the request's deployment; return the deployment's id.

    `known` is that id from the last time. Raises Unavailable and GitHubRefused.
    """
    request, repository = report.request, deployed.repository
    deployment = int(known) if known else deployed.announced
    if deployment is None:
        deployment = _find_or_create(github, request, deployed, production=production)
    state, description = State(report.phase), one_line(report.description, MAX_DESCRIPTION)
    if not is_shown(deployments.statuses(github, repository, deployment), state, description):
        deployments.add_status(github, repository, deployment, state, description, log_url=deployed.url)
    return str(deployment)


def is_shown(statuses: Sequence[DeploymentStatus], state: State, description: str) -> bool:
    """Say whether a status need not be added: newest first, these are there. Pure.

    An outcome is not repeated, also where a newer deployment has made this one inactive since; and nothing goes back
    to an earlier state when news arrive late.
    """
    if state in _OVER:
        return any(status.state == state and status.description == description for status in statuses)
    if any(_rank(status.state) > _rank(state) for status in statuses):
        return True
    return bool(statuses) and (statuses[0].state, statuses[0].description) == (state, description)


def _rank(state: str) -> int:
    return 2 if state in _OVER else 1 if state == State.IN_PROGRESS else 0


def request_of(deployment: Deployment) -> str | None:
    """Return the id of the request that a deployment shows, None where it is not ours. Pure."""
    payload = deployment.payload
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except (ValueError, RecursionError):  # somebody else's, and perhaps made to be in the way
            return None
    ours = payload.get("slipway") if isinstance(payload, dict) else None
    request = ours.get("request") if isinstance(ours, dict) else None
    return request if isinstance(request, str) else None


def _find_or_create(github: GitHub, request: DeploymentRequest, deployed: Deployed, *, production: bool) -> int:
    for deployment in deployments.latest(github, deployed.repository, request.environment, deployed.ref):
        if request_of(deployment) == request.id:
            return deployment.id
    return create(github, request, deployed, production=production)


def create(github: GitHub, request: DeploymentRequest, deployed: Deployed, *, production: bool) -> int:
    """Make a deployment of ours; return its id. Raises Unavailable and GitHubRefused."""
    new = NewDeployment(
        ref=deployed.ref,
        environment=request.environment,
        description=one_line(f"{deployed.title}, {deployed.began}", MAX_DESCRIPTION),
        payload={"slipway": {"request": request.id}},
        production_environment=production,
    )
    return deployments.create(github, deployed.repository, new).id
