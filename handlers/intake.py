"""A proved event -> what it asks for, and what its sender is told. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers import commands
from handlers.commands import CommandNotUnderstood, Help, Order
from handlers.environments import Environment, Environments
from handlers.events import CommandGiven, CommitReady, Event, Ignored, Ping, ReleasePublished, Reply
from handlers.model import (
    DeploymentRequest,
    Inquiry,
    RequestsMessage,
    RunCommit,
    Source,
    derive_id,
    release_request,
)
from handlers.policy import refuses_command

NOT_CONFIGURED = Reply(
    503,
    "No environment is configured; deliver again when there is one.",
    {"error": "no environment is configured; redeliver when there is one"},
)


@dataclass(frozen=True)
class Decision:
    """What the sender is told, and what goes on queue `requests` before that."""

    reply: Reply
    message: RequestsMessage | None = None


def decide(event: Event, environments: Environments, now: datetime) -> Decision:
    """Say what a proved event asks for."""
    match event:
        case Ping():
            return Decision(Reply(200, "", {"pong": True}))
        case Ignored(reason):
            return Decision(_ignored(reason))
        case _ if not environments:
            return Decision(NOT_CONFIGURED)
        case ReleasePublished():
            return _release(event, environments, now)
        case CommitReady():
            return _commit(event, environments, now)
        case CommandGiven():
            return _command(event, environments, now)


def _release(event: ReleasePublished, environments: Environments, now: datetime) -> Decision:
    reasons: list[str] = []
    requests: list[DeploymentRequest] = []
    for environment in environments.values():
        reason = environment.wants(event.release)
        if reason is not None:
            reasons.append(reason)
        else:
            requests.append(release_request(event.release, environment.name, event.actor, event.delivery, now))
    if not requests:
        what = f"{event.release.repository} {event.release.tag}"
        return Decision(_ignored(f"no environment deploys {what}: {'; '.join(reasons)}"))
    return _accepted(requests)


def _commit(event: CommitReady, environments: Environments, now: datetime) -> Decision:
    commit = event.commit
    requests = [
        DeploymentRequest(
            id=derive_id(Source.GITHUB, commit.repository_id, event.trigger, event.object_id, environment.name),
            environment=environment.name,
            goal=RunCommit(commit=commit),
            actor=event.actor,
            delivery=event.delivery,
            accepted_at=now,
        )
        for environment in environments.values()
        if environment.wants_commit(commit.repository, event.trigger, event.name)
    ]
    if not requests:
        what = f"{event.trigger} {event.name} of {commit.repository}"
        return Decision(_ignored(f"no environment deploys the {what}"))
    return _accepted(requests)


def _command(event: CommandGiven, environments: Environments, now: datetime) -> Decision:
    try:
        command = commands.read(event.text, environments)
    except CommandNotUnderstood as mistake:
        return Decision(Reply(400, mistake.sentence, {"error": "command not understood"}))
    match command:
        case Help(topic):
            return Decision(Reply(200, commands.help_text(topic, environments), {"help": topic}))
        case Order():
            return _order(command, event, [environments[name] for name in command.environments], now)
        case _:
            inquiry = Inquiry(
                id=derive_id(event.actor.source, event.delivery, "inquiry"),
                text=commands.say(command),
                actor=event.actor,
                place=event.place,
                asked_at=now,
            )
            return Decision(Reply(202, "One moment.", {"inquiry": inquiry.id}), RequestsMessage(inquiry=inquiry))


def _order(order: Order, event: CommandGiven, places: Sequence[Environment], now: datetime) -> Decision:
    """Ask for the same in every environment, or in none where one of them is not this person's to change."""
    for environment in places:
        refusal = refuses_command(event.actor, environment)
        if refusal is not None:
            return Decision(Reply(403, refusal.sentence, {"refused": refusal.reason_code}))
    requests = [
        DeploymentRequest(
            id=derive_id(event.actor.source, event.delivery, commands.say(order), environment.name),
            environment=environment.name,
            goal=order.goal,
            actor=event.actor,
            delivery=event.delivery,
            accepted_at=now,
            place=event.place,
        )
        for environment in places
    ]
    return _accepted(requests, commands.say(order))


def _accepted(requests: Sequence[DeploymentRequest], what: str = "") -> Decision:
    facts = [{"id": request.id, "environment": request.environment} for request in requests]
    ids = ", ".join(f"{request.id} ({request.environment})" for request in requests)
    text = f"Accepted: {what or requests[0].goal.title}. {ids}"
    return Decision(Reply(202, text, {"requests": facts}), RequestsMessage(requests=tuple(requests)))


def _ignored(reason: str) -> Reply:
    return Reply(200, f"Ignored: {reason}", {"ignored": reason})
