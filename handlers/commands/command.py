"""What can be said in a chat."""

from dataclasses import dataclass
from datetime import time, timedelta

from handlers.environments.rights import Right
from handlers.errors import SlipwayError
from handlers.model import Configure, Rollback, RunHead, RunVersion, SetStatus, SwapSlots, UseConfiguration, Walk

CommandGoal = RunVersion | RunHead | Rollback | SetStatus | Configure | UseConfiguration | SwapSlots | Walk
"""The goals that can be asked for in words. A Configure holds instances or settings, never both."""


@dataclass(frozen=True)
class Order:
    """Something is to become true in these environments."""

    environments: tuple[str, ...]
    """At least one, none twice, in the order in which they were named."""
    goal: CommandGoal
    break_glass: str | None = None
    """Why it is meant although the environment is frozen."""


@dataclass(frozen=True)
class Plan:
    """Say what the order would do; do nothing."""

    order: Order


@dataclass(frozen=True)
class Status:
    """Say what runs in this environment, or (None) in every one."""

    environment: str | None


@dataclass(frozen=True)
class History:
    """Say what was asked for in this environment, and how it ended."""

    environment: str


@dataclass(frozen=True)
class Cancel:
    """Let a request take no further step. What Azure has accepted goes on."""

    request: str
    """A request's id, or its beginning, at least 6 characters."""


@dataclass(frozen=True)
class Approve:
    """Agree to somebody else's request."""

    request: str
    """A request's id, or its beginning, at least 6 characters."""
    seen: str | None = None
    """The mark of the commit and the plan that are agreed to (`consent.Proposal.mark`); None: those of now."""


@dataclass(frozen=True)
class Lock:
    """Leave an environment to whoever says this."""

    environment: str
    reason: str
    lasts: timedelta | None = None
    """None: until it is taken off."""


@dataclass(frozen=True)
class Unlock:
    """Take the lock off an environment."""

    environment: str


@dataclass(frozen=True)
class WhoMay:
    """Say who has a right in an environment, and by which key."""

    right: Right
    environment: str


@dataclass(frozen=True)
class Until:
    """A time on the clocks of the zone of an environment's nights: the next one of this name, or tomorrow's."""

    at: time
    tomorrow: bool = False


@dataclass(frozen=True)
class KeepUp:
    """Let an environment stay up for a part of a night."""

    environment: str
    end: Until | timedelta
    reason: str | None = None


@dataclass(frozen=True)
class SkipTonight:
    """Leave out the night that is under way, or the next one."""

    environment: str
    reason: str | None = None


@dataclass(frozen=True)
class SleepNow:
    """Let the next night begin at once."""

    environment: str
    reason: str | None = None


@dataclass(frozen=True)
class Help:
    """Explain one verb, or (None) list them all."""

    topic: str | None


Wish = KeepUp | SkipTonight | SleepNow
"""What people want instead of the rules of the nights."""

Command = Order | Plan | Status | History | Cancel | Approve | Lock | Unlock | WhoMay | Wish | Help


def environments_in(command: Command) -> tuple[str, ...]:
    """Return the environments that a command names."""
    match command:
        case Order(environments=names) | Plan(order=Order(environments=names)):
            return names
        case Status(environment=None) | Cancel() | Approve() | Help():
            return ()
        case _:
            return () if command.environment is None else (command.environment,)


class CommandNotUnderstood(SlipwayError):
    """A text that is no command. Answered with `sentence`, and nothing happens."""

    def __init__(self, sentence: str, *, repairable: bool = True) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        """For the person who typed it. Holds words of the text, so a chat has to escape it."""
        self.repairable = repairable
        """Whether the nearest right form may be shown: not where a letter only looks like another one."""
