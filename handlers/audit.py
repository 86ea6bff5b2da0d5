"""The audit trail: what happened, by whom, as a chain in which every row holds the hash of the row before. Pure.

The ledger writes a record in the transaction that makes it true, so that there is neither a change without its record
nor a record without its change.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import AwareDatetime, Field

from handlers.ledger import Entry, State
from handlers.model import Actor, CreateStep, Message, Refused, RunCommit, UpgradeStep, derive_id
from handlers.model.consent import Proposal
from handlers.nights.state import NightRow
from handlers.policy.reasons import Reason
from handlers.policy.standing import Standing

BEGINNING = "0" * 64
"""In place of the hash before the first row."""


class What(StrEnum):
    """What happened."""

    ACCEPTED = "accepted"
    """A delivery passed the rules at the door and became a request."""
    PINNED = "pinned"
    """The commit was looked up that a comment on a pull request was about."""
    ANNOUNCED = "announced"
    """A call is about to be made; where the last look is against it, the next row says so."""
    CALLED = "called"
    """Azure accepted an operation."""
    PROPOSED = "proposed"
    """Others were asked to agree."""
    APPROVED = "approved"
    LAPSED = "lapsed"
    """A consent does not count any more, for whoever gave it has lost the right."""
    CANCELLED = "cancelled"
    ENDED = "ended"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    REFUSED = "refused"
    """A rule refused what a delivery or an inquiry attempted; nothing follows from it."""
    OVERRIDDEN = "overridden"
    """Somebody wants something else of a night than its rule."""
    SKIPPED = "skipped"
    """The clock did not do what a rule of the night says."""


class Record(Message):
    """One decision or effect. A field more would give every row that is written another hash: there are no new ones."""

    at: AwareDatetime
    environment: str
    what: What
    actor: Actor | None
    """Who caused it: the source, the immutable id, and the name by then."""
    delivery: str | None = None
    """The sender's id of the HTTP call, or the inquiry's."""
    request: str | None = None
    goal: str | None = None
    rule: str | None = None
    """The code of the rule or the error that decided; None where every rule passed."""
    sha: str | None = None
    """The commit: 40 hex digits."""
    plan: str | None = None
    """The call, as JSON."""
    operation: str | None = None
    """Azure's `x-ms-request-id`."""
    outcome: str | None = None
    words: str | None = None


class Link(Message):
    """A record in its place in the chain of its environment."""

    number: int = Field(ge=1)
    previous: str
    """The hash of the row before."""
    record: Record

    @property
    def hash(self) -> str:
        """SHA-256 over number, previous hash and record: 64 hex digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Head(Message):
    """Where a chain ends."""

    number: int = 0
    hash: str = BEGINNING

    def append(self, record: Record) -> Link:
        """Return the next row of the chain."""
        return Link(number=self.number + 1, previous=self.hash, record=record)


def after(link: Link) -> Head:
    """Return the end of the chain behind a row."""
    return Head(number=link.number, hash=link.hash)


def of_opening(entry: Entry) -> Record:
    """Record that a request was accepted."""
    request = entry.request
    words = f"{request.goal.title}, break-glass: {request.break_glass}" if request.break_glass else request.goal.title
    waits = Reason.ASKED_LATER if request.asked_later else None
    return _record(entry, What.ACCEPTED, request.accepted_at, rule=waits, words=words)


def of_change(old: Entry, new: Entry) -> Record | None:
    """Record what a row's change stands for, None where it only waits or looks again."""
    if new.ended and not old.ended and new.outcome is not None:
        outcome = new.outcome
        ended = _record(
            new, What.ENDED, outcome.ended_at, rule=outcome.code, outcome=outcome.result, words=outcome.message
        )
        return ended if old.cancelling is not None else _by_whoever_cancelled(ended, new)
    if new.request.goal != old.request.goal:
        return _record(new, What.PINNED, new.touched_at, words=new.request.goal.title)
    if new.proposal is not None and new.proposal != old.proposal:
        return _of_proposal(new, new.proposal, old.proposal)
    if new.cancelling is not None and old.cancelling is None:
        words = f"by {new.cancelling.name}"
        return _by_whoever_cancelled(_record(new, What.CANCELLED, new.touched_at, words=words), new)
    announced = (old.state, old.announced_at) != (new.state, new.announced_at)
    if new.state is State.INTENT and new.step is not None and announced:
        carried = new.package if isinstance(new.step, CreateStep | UpgradeStep) else None
        return _record(new, What.ANNOUNCED, new.touched_at, plan=new.step.model_dump_json(), words=carried)
    if new.operation is not None and new.operation != old.operation:
        return _record(new, What.CALLED, new.touched_at, operation=new.operation.id)
    return None


def of_standing(environment: str, old: Standing, new: Standing) -> Record | None:
    """Record that a lock was put on or taken off."""
    if new.lock is not None and new.lock != old.lock:
        lock = new.lock
        return Record(
            at=lock.since,
            environment=environment,
            what=What.LOCKED,
            actor=lock.owner,
            delivery=lock.id,
            words=lock.words,
        )
    if old.lock is not None and new.lock is None and new.unlocked is not None:
        off = new.unlocked
        return Record(
            at=off.at,
            environment=environment,
            what=What.UNLOCKED,
            actor=off.by,
            delivery=off.inquiry,
            words=old.lock.words,
        )
    return None


def of_night(old: NightRow, new: NightRow) -> Record | None:
    """Record that somebody overrode a rule of the night."""
    known = {one.id for one in old.overrides}
    added = next((one for one in new.overrides if one.id not in known), None)
    if added is None:
        return None
    until = f"{added.until:%Y-%m-%d %H:%M} UTC"
    because = f": {added.reason}" if added.reason else ""
    return Record(
        at=added.since,
        environment=new.environment,
        what=What.OVERRIDDEN,
        actor=added.by,
        delivery=added.id,
        words=f"{'sleeps now,' if added.sleeps is not None else 'stays up'} until {until}{because}",
    )


def of_refused(refused: Refused) -> Iterator[tuple[str, Record]]:
    """Yield a record for each environment, with the key under which it is written once."""
    for one in refused.against:
        record = Record(
            at=refused.at,
            environment=one.environment,
            what=What.REFUSED,
            actor=refused.actor,
            delivery=refused.delivery,
            request=refused.request,
            rule=one.rule,
            sha=refused.sha,
            words=f"{refused.words}: {one.sentence}",
        )
        yield derive_id(refused.actor.source, *_once(refused), one.environment, "refused"), record


def _once(refused: Refused) -> tuple[str, ...]:
    """Return what a refusal is known by, beside source and environment: its delivery, or who, what and the hour."""
    if not refused.hourly:
        return (refused.delivery,)
    return refused.actor.id, refused.words.partition(" ")[0], refused.at.astimezone(UTC).strftime("%Y-%m-%d %H")


def of_skipped(environment: str, actor: Actor, delivery: str, words: str, at: datetime) -> Record:
    """Record that the clock left something alone, and why. `delivery` names the rule, the day and the action."""
    return Record(at=at, environment=environment, what=What.SKIPPED, actor=actor, delivery=delivery, words=words)


def breaks(links: Iterable[Link | None], hashes: Iterable[str], head: Head | None) -> Iterator[str]:
    """Yield every place where a chain is broken: a row that is missing, was changed, or was put in; a cut end.

    `hashes` are what stands beside the rows. None is what stands there and cannot be read. Nothing is yielded for a
    chain that is whole.
    """
    end = Head()
    for link, written in zip(links, hashes, strict=True):
        if link is None:
            end = Head(number=end.number + 1, hash=written)
            yield f"row {end.number} was changed and cannot be read"
            continue
        if link.number != end.number + 1:
            yield f"row {end.number + 1} is missing"
        elif link.previous != end.hash:
            yield f"row {link.number} does not follow on the row before it"
        if link.hash != written:
            yield f"row {link.number} was changed"
        end = Head(number=link.number, hash=written)
    if head is None:
        yield "what says where the chain ends was changed and cannot be read"
    elif end != head:
        yield f"the chain ends with row {end.number}, not with row {head.number} as its end says"


def _of_proposal(entry: Entry, new: Proposal, old: Proposal | None) -> Record:
    """Record who was asked to agree to what, who did, or whose consent does not count any more."""
    agreed = old is not None and len(new.approvals) > len(old.approvals)
    what = What.APPROVED if agreed else What.PROPOSED
    record = _record(entry, what, entry.touched_at, sha=new.sha, plan=new.plan, words=new.package)
    lapsed = new.lapsed[len(old.lapsed) :] if old is not None else ()
    if lapsed:
        facts = {"what": What.LAPSED, "rule": Reason.APPROVAL_LAPSED, "words": ". ".join(one.why for one in lapsed)}
        return record.model_copy(update={**facts, "actor": lapsed[-1].approval.actor})
    if not agreed:
        return record
    last = new.approvals[-1]
    return record.model_copy(update={"actor": last.actor, "delivery": last.inquiry or record.delivery})


def _by_whoever_cancelled(record: Record, entry: Entry) -> Record:
    """Name the person who stopped a request, who need not be the one who asked for it."""
    if entry.cancelling is None or isinstance(entry.cancelling.by, str):
        return record
    return record.model_copy(update={"actor": entry.cancelling.by, "delivery": entry.cancelling.inquiry})


def _record(entry: Entry, what: What, at: datetime, **facts: str | None) -> Record:
    request, proposal = entry.request, entry.proposal
    goal = request.goal
    known = entry.commit or (proposal.sha if proposal is not None else None)
    return Record.model_validate(
        {
            "at": at,
            "environment": request.environment,
            "what": what,
            "actor": request.actor,
            "delivery": request.delivery,
            "request": request.id,
            "goal": goal.kind,
            "sha": goal.commit.sha if isinstance(goal, RunCommit) else known,
            **facts,
        }
    )
