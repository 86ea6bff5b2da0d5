"""Reports to be shown, and environments that name channels."""

from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.environments import Environment, OnUnready
from handlers.model import (
    Actor,
    DeploymentRequest,
    Goal,
    MattermostPlace,
    Operation,
    Outcome,
    Phase,
    Place,
    Readiness,
    Result,
    RunVersion,
    SlackPlace,
    Slot,
    Source,
    TeamsPlace,
    derive_id,
)
from handlers.model.consent import Proposal
from handlers.telling.report import Report

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
OPERATION = Operation(id="0123456789abcdef" * 2, submitted_at=NOON)

SLACK_CHANNEL = "C0RELEASES"
SLACK_NEWS = "C0NEWS"
MATTERMOST_CHANNEL = "abcdefghijklmnopqrstuvwxyz"
MATTERMOST_NEWS = "newsnewsnewsnewsnewsnewsne"

IN_SLACK = SlackPlace(team="T0TEAM", channel=SLACK_CHANNEL)
IN_MATTERMOST = MattermostPlace(channel=MATTERMOST_CHANNEL)
IN_TEAMS = TeamsPlace(channel="19:releases@thread.tacv2")


def environment(notify: dict[Source, str] | None = None, **change: Any) -> Environment:
    """Return the environment of all requests here."""
    return Environment(
        name="shop-production",
        subscription="c0ffee00-0000-0000-0000-000000000000",
        cloud_service="shop",
        slot=Slot.PRODUCTION,
        repository="octo/shop",
        notify=notify or {},
        **change,
    )


ENVIRONMENTS = {"shop-production": environment()}
TOLD = {
    "shop-production": environment({Source.SLACK: SLACK_NEWS, Source.MATTERMOST: MATTERMOST_NEWS, Source.TEAMS: "x"})
}
ROLLED_BACK = environment(on_unready=OnUnready.ROLLBACK)


def request(
    place: Place | None = IN_SLACK, goal: Goal | None = None, name: str = "monalisa", number: int = 1
) -> DeploymentRequest:
    """Ask for something in the environment. Each number is a request of its own."""
    return DeploymentRequest(
        id=derive_id("test", number),
        environment="shop-production",
        goal=goal or RunVersion(tag="v1.2.0"),
        actor=Actor(source=Source.SLACK, id="U0MONA", name=name),
        delivery="1.2.3",
        accepted_at=NOON,
        place=place,
    )


def queued(asked: DeploymentRequest | None = None, **change: Any) -> Report:
    """Report the beginning."""
    fields: dict[str, Any] = {
        "request": asked or request(),
        "phase": Phase.QUEUED,
        "description": "Accepted.",
        "release": None,
        "operation": None,
        "readiness": None,
        "outcome": None,
        "took": None,
    }
    return Report(**{**fields, **change})


PROPOSAL = Proposal(
    sha="1a2b3c4" + "0" * 33,
    plan="f" * 32,
    steps=(
        "Create deployment d2 in staging, and wait until it is ready.",
        "Swap d2 into production; d1 goes to staging.",
    ),
    asked_at=NOON,
    expires_at=NOON + timedelta(hours=1),
)


def asking(asked: DeploymentRequest | None = None, **change: Any) -> Report:
    """Report that somebody else has to agree."""
    awaited = f"Waiting: somebody else to agree to 1a2b3c4 by 13:00 UTC: approve {request().id}"
    return queued(asked, **{"asks": PROPOSAL, "description": awaited, **change})


def running(asked: DeploymentRequest | None = None, ready: int = 3, **change: Any) -> Report:
    """Report the middle: `ready` of four instances."""
    waiting = tuple(f"WebRole_IN_{number} is StartingVM" for number in range(ready, 4))
    fields: dict[str, Any] = {
        "phase": Phase.IN_PROGRESS,
        "description": f"{ready} of 4 instances ready.",
        "operation": OPERATION,
        "readiness": Readiness(ready=ready, total=4, waiting=waiting),
        "leads_back": True,
    }
    return queued(asked, **{**fields, **change})


def succeeded(asked: DeploymentRequest | None = None, **change: Any) -> Report:
    """Report a good end after 4 min 12 s."""
    return _ended(asked, Result.SUCCESS, None, "v1.2.0 runs in production, 4 of 4 instances ready.", change)


def failed(
    asked: DeploymentRequest | None = None,
    code: str = "ConflictError",
    message: str = "Another operation has exclusive access.",
    **change: Any,
) -> Report:
    """Report a bad end after 4 min 12 s."""
    return _ended(asked, Result.FAILURE, code, message, change)


def given_up(asked: DeploymentRequest | None = None, code: str = "GaveUp", **change: Any) -> Report:
    """Report that nobody tries any more."""
    return _ended(asked, Result.ERROR, code, "Stopped trying after 2 h.", change)


def _ended(
    asked: DeploymentRequest | None, result: Result, code: str | None, message: str, change: dict[str, Any]
) -> Report:
    took = timedelta(minutes=4, seconds=12)
    fields: dict[str, Any] = {
        "phase": Phase(result.value),
        "description": message,
        "outcome": Outcome(result=result, code=code, message=message, ended_at=NOON + took),
        "took": took,
        "readiness": Readiness(ready=4, total=4),
    }
    return running(asked, **{**fields, **change})
