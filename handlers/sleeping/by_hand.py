"""What a person says to bring back what a morning does not."""

from handlers.commands import CommandGoal, Order, say
from handlers.model import Configure, RunVersion, SetStatus
from handlers.nights.rules import Way
from handlers.nights.sleep import RUNNING
from handlers.nights.state import Snapshot


def command_for(environment: str, snapshot: Snapshot) -> str | None:
    """Write the command that brings back what a snapshot shows; None where no command does."""
    goal = _goal(snapshot)
    return say(Order((environment,), goal)) if goal is not None else None


def _goal(snapshot: Snapshot) -> CommandGoal | None:
    match snapshot.way:
        case Way.SUSPEND:
            return SetStatus(status=RUNNING)
        case Way.SCALE:
            return Configure(instances={role: snapshot.counts[role] for role in snapshot.asleep})
        case Way.DELETE:
            release = snapshot.kept.release if snapshot.kept is not None else None
            return RunVersion(tag=release.tag) if release is not None else None
