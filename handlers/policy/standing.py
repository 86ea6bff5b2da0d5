"""One at a time: who changes an environment, who waits behind, and what newer requests make of older ones."""

from collections.abc import Collection, Iterator
from datetime import datetime

from pydantic import AwareDatetime

from handlers.model import Configure, DeploymentRequest, Message, Retire, RunCommit, RunHead, RunRelease, RunVersion
from handlers.policy.locks import Lock, Unlocking
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling

MOST_SUBJECTS = 32
"""Our choice: of how many kinds of goals the newest request is remembered; the oldest of them is forgotten first."""


class Member(Message):
    """A request in line."""

    request: str
    title: str
    subject: str | None
    """What it decides about: the newer of two requests with one subject makes the older one pointless. None: nothing
    makes it pointless."""
    accepted_at: AwareDatetime
    """By our clock: what a commit says about its own time is its author's choice."""

    def comes_before(self, other: "Member") -> bool:
        """Say whether it was accepted earlier. Two of one instant have an order too."""
        return (self.accepted_at, self.request) < (other.accepted_at, other.request)


class Standing(Message):
    """What stands of an environment beside its requests; one row each, changed by compare-and-set.

    A request that has begun holds the environment until its own row is over; nobody has to give it back.
    """

    holder: Member | None = None
    """Whoever announced a call last."""
    waiting: tuple[Member, ...] = ()
    """In the order in which they were accepted."""
    newest: tuple[Member, ...] = ()
    """The newest request of every subject."""
    lock: Lock | None = None
    """The last one that nobody has taken off; it may have run out."""
    repository_id: int | None = None
    """The repository that the environment was first deployed from."""
    unlocked: Unlocking | None = None
    """Who took the last one off."""

    def held_lock(self, now: datetime) -> Lock | None:
        """Return the lock, unless it has run out."""
        return self.lock if self.lock is not None and self.lock.holds(now) else None

    def newer_than(self, member: Member) -> Member | None:
        """Return the request that makes this one pointless, None where there is none."""
        if member.subject is None:
            return None
        same = next((one for one in self.newest if one.subject == member.subject), None)
        return same if same is not None and member.comes_before(same) else None

    def before(self, member: Member) -> Iterator[Member]:
        """Yield who may stand in the way: the holder, then those who were accepted earlier."""
        if self.holder is not None and self.holder.request != member.request:
            yield self.holder
        if self.holder is None or self.holder.request != member.request:
            yield from (one for one in self.waiting if one.comes_before(member))

    def place_of(self, member: Member) -> int:
        """Return the member's place among those who wait, from 1."""
        return 1 + sum(one.comes_before(member) for one in self.waiting)

    def noted(self, member: Member) -> "Standing":
        """Remember a request as the newest of its subject, if it is."""
        if member.subject is None or self.newer_than(member) is not None:
            return self
        others = [one for one in self.newest if one.subject != member.subject]
        newest = sorted([*others, member], key=_age)[-MOST_SUBJECTS:]
        return self.model_copy(update={"newest": tuple(newest)})

    def joined(self, member: Member) -> "Standing":
        """Let a request wait in its place."""
        others = [one for one in self.waiting if one.request != member.request]
        return self.model_copy(update={"waiting": tuple(sorted([*others, member], key=_age))})

    def without(self, requests: Collection[str]) -> "Standing":
        """Take those off the line who wait no longer."""
        return self.model_copy(update={"waiting": tuple(one for one in self.waiting if one.request not in requests)})

    def held_by(self, member: Member, repository_id: int | None = None) -> "Standing":
        """Let a request hold the environment, and remember the first repository that one brings something from."""
        first = self.repository_id or repository_id
        return self.without({member.request}).model_copy(update={"holder": member, "repository_id": first})


def member_of(request: DeploymentRequest) -> Member:
    """Write a request as a member of the line."""
    return Member(
        request=request.id,
        title=request.goal.title,
        subject=_subject(request),
        accepted_at=request.accepted_at,
    )


def rule_turn(member: Member, standing: Standing, ahead: Member | None) -> Ruling:
    """Say whether it is a request's turn. `ahead` is who stands in its way, as their own rows say."""
    newer = standing.newer_than(member)
    if newer is not None:
        return Ruling(Reason.SUPERSEDED, f"{newer.title} ({newer.request}) was asked for later; this had not begun.")
    if ahead is not None:
        place = standing.place_of(member)
        return Ruling(Reason.BEHIND, f"behind {ahead.request} ({ahead.title}), place {place} in line.")
    return Ruling(Reason.YOUR_TURN, "Nothing else is under way.")


def _subject(request: DeploymentRequest) -> str | None:
    match request.goal:
        case Retire():
            return None
        case RunRelease() | RunVersion() | RunCommit() | RunHead():
            return "run"
        case Configure(instances=instances, settings=settings):
            return f"configure {' '.join(sorted([*instances, *settings]))}"
        case goal:
            return goal.kind


def _age(member: Member) -> tuple[AwareDatetime, str]:
    return member.accepted_at, member.request
