"""Locks: an environment is left to one person for a while."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from handlers.environments.people import are_one
from handlers.model import Actor, Message, Place
from handlers.policy.attempt import Attempt
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling


class Lock(Message):
    """A lock that somebody has put on an environment."""

    id: str
    """The inquiry that asked for it, so that one that comes twice locks once."""
    owner: Actor
    reason: str = Field(min_length=1)
    since: AwareDatetime
    until: AwareDatetime | None = None
    """When it runs out; None: when somebody takes it off."""
    place: Place | None = None
    """Where it was asked for, so that its owner hears there who took it off."""

    def holds(self, now: datetime) -> bool:
        """Say whether it has not run out."""
        return self.until is None or now < self.until

    @property
    def words(self) -> str:
        """Say whose it is and why."""
        end = f" until {self.until:%Y-%m-%d %H:%M} UTC" if self.until is not None else ""
        return f"locked by {self.owner.name}{end}: {self.reason}"


class Unlocking(Message):
    """Who took a lock off before its time."""

    by: Actor
    at: AwareDatetime
    inquiry: str
    lock: str = ""
    """The id of the lock, so that the inquiry that put it on does not do so again when it comes once more."""


def rule_lock(attempt: Attempt, lock: Lock | None) -> Ruling:
    """Say whether somebody else's lock stands in the way."""
    place = attempt.environment.name
    if lock is None or not lock.holds(attempt.now):
        return Ruling(Reason.NOT_LOCKED, f"{place} is not locked.")
    if are_one(attempt.actor, lock.owner, attempt.environment.people):
        return Ruling(Reason.OWN_LOCK, f"{place} is locked by you.")
    if attempt.begun:
        return Ruling(Reason.LOCKED_UNDER_WAY, f"{place} is {lock.words}.")
    return Ruling(Reason.LOCKED, f"{place} is {lock.words}.")
