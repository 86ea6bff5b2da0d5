"""What somebody attempts: which right it takes, by which entrance, in what state the message arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handlers.environments import Environment
from handlers.model import (
    Actor,
    BringBack,
    Configure,
    Goal,
    PutAway,
    Retire,
    Rollback,
    RunCommit,
    RunRelease,
    RunVersion,
    SetStatus,
    Slot,
    SwapSlots,
    UseConfiguration,
    Walk,
)
from handlers.rights import Right


class Entrance(StrEnum):
    """How it came in."""

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


class Message(StrEnum):
    """In what state the words arrived."""

    AS_SENT = "as sent"
    EDITED = "edited"
    DELETED = "deleted"
    BY_A_BOT = "by a bot"
    BY_AN_APP = "by an app"
    FROM_A_FORK = "from a fork"


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


def right_for(goal: Goal, environment: Environment) -> Right | None:
    """Say which right a goal takes; None for the removal of what a release of our own replaced."""
    match goal:
        case RunRelease() | RunVersion() | RunCommit():
            return Right.DEPLOY
        case SetStatus(status="Running"):
            return Right.RESUME
        case SetStatus():
            return Right.SUSPEND_PRODUCTION if environment.slot is Slot.PRODUCTION else Right.SUSPEND
        case Configure(instances=instances, settings=settings):
            return Right.SCALE if instances and not settings else Right.SET
        case PutAway():
            return right_for(SetStatus(status="Suspended"), environment)
        case BringBack():
            return Right.RESUME
        case Retire():
            return None
        case _:
            return _RIGHTS[type(goal)]


_RIGHTS: Mapping[type[Rollback | UseConfiguration | SwapSlots | Walk], Right] = {
    Rollback: Right.ROLLBACK,
    UseConfiguration: Right.CONFIG,
    SwapSlots: Right.SWAP,
    Walk: Right.WALK,
}
