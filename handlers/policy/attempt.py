"""What somebody attempts: which right it takes, by which entrance, in what state the message arrived."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.events import Message
from handlers.model import (
    Actor,
    Configure,
    DeploymentRequest,
    GitHubPlace,
    Goal,
    Place,
    Retire,
    RunCommit,
    SetStatus,
    Slot,
    Source,
)
from handlers.policy.membership import Answer, Question


class Entrance(StrEnum):
    """How it came in. A commit's have the values of `Trigger`: each trigger is an entrance."""

    RELEASE = "release"
    PUSH = "push"
    WORKFLOW = "workflow"
    DEPLOYMENT = "deployment"
    CHAT = "chat"
    """A command that was typed, or a button that stands for one."""
    COMMENT = "comment"
    CLOCK = "clock"


BY_PEOPLE = frozenset({Entrance.CHAT, Entrance.COMMENT})
"""Where somebody asks for something in words, and so by their own right."""


@dataclass(frozen=True)
class Attempt:
    """One attempt, as far as it is known without asking anybody."""

    right: Right
    environment: Environment
    actor: Actor
    entrance: Entrance
    now: datetime
    message: Message = Message.AS_SENT
    break_glass: str | None = None
    """The reason for setting a freeze aside, where somebody gave one."""
    begun: bool = False
    """Whether Azure was asked for something already."""
    place: Place | None = None
    """Where it was said; None for what nobody says."""
    answers: Mapping[Question, Answer] = field(default_factory=dict)
    """What others have just said of whoever attempts it. At the door nobody has been asked."""

    def knowing(self, question: Question, answer: Answer) -> "Attempt":
        """Return the same attempt with one more answer."""
        return replace(self, answers={**self.answers, question: answer})


_RIGHTS: Mapping[str, Right] = {
    "run-release": Right.DEPLOY,
    "run-version": Right.DEPLOY,
    "run-commit": Right.DEPLOY,
    "run-head": Right.DEPLOY,
    "rollback": Right.ROLLBACK,
    "use-configuration": Right.CONFIG,
    "swap": Right.SWAP,
    "walk": Right.WALK,
    "put-away": Right.SUSPEND,
    "bring-back": Right.RESUME,
}
"""By the goal's kind, where that says it all."""


def right_for(goal: Goal, environment: Environment) -> Right | None:
    """Say which right a goal takes; None for the removal of what a release of our own replaced."""
    match goal:
        case Retire():
            return None
        case Configure(instances=instances, settings=settings):
            return Right.SCALE if instances and not settings else Right.SET
        case SetStatus(status=status):
            right = Right.RESUME if status == "Running" else Right.SUSPEND
        case _:
            right = _RIGHTS[goal.kind]
    suspends_production = right is Right.SUSPEND and environment.slot is Slot.PRODUCTION
    return Right.SUSPEND_PRODUCTION if suspends_production else right


def entrance_at(place: Place) -> Entrance:
    """Say by which entrance somebody speaks in a place."""
    return Entrance.COMMENT if isinstance(place, GitHubPlace) else Entrance.CHAT


def entrance_of(request: DeploymentRequest) -> Entrance:
    """Say how a request came in, as far as it shows. A workflow's commit looks like a pushed one."""
    if request.place is not None:
        return entrance_at(request.place)
    if request.actor.source is Source.CLOCK:
        return Entrance.CLOCK
    if isinstance(request.goal, RunCommit):
        return Entrance.DEPLOYMENT if request.goal.commit.deployment is not None else Entrance.PUSH
    return Entrance.RELEASE
