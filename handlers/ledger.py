"""The ledger's rows: every request with its state, and what each sink was told. Pure; `stores/ledger.py` keeps them.

    accepted ──> intent(step) ──> waiting(operation) ──> starting ──> done(outcome) ──> told
        ^                                │                   │
        └────────── next step ───────────┴───────────────────┘

Every arrow is one compare-and-set, and `intent` is written before the call that it announces. Queue messages only
hint that a row has work; the row says what, and from when on (`not_before`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field, model_validator

from handlers.model import (
    Actor,
    Check,
    Commit,
    DeploymentRequest,
    Message,
    Operation,
    Outcome,
    Phase,
    Readiness,
    Release,
    RunCommit,
    Step,
)
from handlers.model.consent import Approval, Proposal


class State(StrEnum):
    """Where a request is on its way."""

    ACCEPTED = "accepted"
    """Its next step is to be found and taken."""
    INTENT = "intent"
    """A call was announced, and whether Azure heard it is not known yet."""
    WAITING = "waiting"
    """Azure accepted an operation."""
    STARTING = "starting"
    """The operation succeeded and the instances are becoming ready."""
    DONE = "done"
    TOLD = "told"
    """Every sink shows the outcome, or has refused it for good."""


class Cancelling(Message):
    """Who does not want any further step."""

    by: Actor | str
    """The name alone in a row that was written when nothing more was kept."""
    inquiry: str | None = None

    @property
    def name(self) -> str:
        """The person's name by then."""
        return self.by if isinstance(self.by, str) else self.by.name


class Entry(Message):
    """One request's row."""

    request: DeploymentRequest
    state: State = State.ACCEPTED
    release: Release | None = None
    """The release that was looked up for a goal that names only its tag."""
    commit: str | None = None
    """The commit behind the release's tag: 40 hex digits."""
    package: str | None = None
    """The name of the package's blob that was announced: what is brought later is this one, whatever lies elsewhere."""
    configuration: str | None = None
    """The name of its .cscfg's blob."""
    step: Step | None = None
    """The call that was announced last; None too where it was not made."""
    announced_at: AwareDatetime | None = None
    taken: tuple[Step, ...] = ()
    """The steps that Azure accepted, in order."""
    cancelling: Cancelling | None = None
    """Who does not want any further step: also of a row that ended with it."""
    undoing: Outcome | None = None
    """The failure that is being rolled back; the outcome once that is done."""
    attempts: int = 0
    """How often in a row something had to be tried again; sets the next delay."""
    failed_operations: int = 0
    """Operations that Azure accepted and then failed for reasons of its own."""
    operation: Operation | None = None
    """The change that Azure accepted last."""
    ran_before: str | None = None
    """The request whose version stood in the environment's slot before the first call; None where none of ours did."""
    runs_since: str | None = None
    """The request whose version stood there when this one ended; None too where nobody looked at the end."""
    readiness: Readiness | None = None
    starting_since: AwareDatetime | None = None
    delayed_by: str | None = None
    """Why it waits, in words, while it waits for something else than its own operation."""
    delayed_since: AwareDatetime | None = None
    proposal: Proposal | None = None
    """What others have to agree to before it begins, and who did; None where nobody has been asked."""
    admitted: bool = False
    """Whether others said, when the work began, that the requester has the right. They are asked again before the
    first call."""
    place: int | None = None
    """Its place among those who wait for their turn, from 1; None while it does not wait for that."""
    not_before: AwareDatetime
    """Nothing is done about the row before this instant."""
    opened_at: AwareDatetime
    touched_at: AwareDatetime
    outcome: Outcome | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_rows_of_before(cls, fields: object) -> object:
        """Rows had the name of whoever cancelled in a field of its own, and at first nothing else about them."""
        if not isinstance(fields, dict) or "cancelled_by" not in fields:
            return fields
        name = fields["cancelled_by"]
        kept = {key: value for key, value in fields.items() if key != "cancelled_by"}
        return kept if name is None or kept.get("cancelling") is not None else {**kept, "cancelling": {"by": name}}

    @property
    def key(self) -> Check:
        """The message that hints at this row."""
        return Check(environment=self.request.environment, request=self.request.id)

    @property
    def begun(self) -> bool:
        """Whether Azure may have been asked for something, so that nothing takes the request's place any more."""
        return self.state is not State.ACCEPTED or self.operation is not None or bool(self.taken)

    @property
    def ended(self) -> bool:
        """Whether nothing will change Azure for this request any more."""
        return self.state in {State.DONE, State.TOLD}

    def change(self, now: datetime, **fields: object) -> "Entry":
        """Return the row as it is after one transition at `now`; fields not named stay."""
        return Entry.model_validate({**dict(self), "touched_at": now, "not_before": now, **fields})


def open_entry(request: DeploymentRequest, now: datetime) -> Entry:
    """Return the first row of a request."""
    return Entry(request=request, not_before=now, opened_at=now, touched_at=now)


def pin(entry: Entry, now: datetime, commit: Commit) -> Entry:
    """Write down which commit is meant: the request is about this one from now on, wherever a branch goes."""
    request = entry.request.model_copy(update={"goal": RunCommit(commit=commit)})
    return entry.change(now, **_ON_TIME, request=request)


def postpone(entry: Entry, now: datetime, delay: timedelta, reason: str) -> Entry:
    """Try the same again after `delay`, and say why meanwhile."""
    return entry.change(
        now,
        not_before=now + delay,
        attempts=entry.attempts + 1,
        place=None,
        delayed_by=reason,
        delayed_since=entry.delayed_since or now,
    )


def stand_in_line(entry: Entry, now: datetime, delay: timedelta, reason: str, place: int) -> Entry:
    """Wait for others to be done; look again after `delay`. However long that takes, it is no trouble."""
    return entry.change(now, not_before=now + delay, place=place, delayed_by=reason, delayed_since=None, attempts=0)


def await_approval(entry: Entry, now: datetime, delay: timedelta, proposal: Proposal) -> Entry:
    """Wait until others agree; look again after `delay`. However long they may take, it is no trouble."""
    return entry.change(
        now,
        not_before=now + delay,
        proposal=proposal,
        place=None,
        delayed_by=_asking(entry, proposal),
        delayed_since=None,
        attempts=0,
    )


def _asking(entry: Entry, proposal: Proposal) -> str:
    who = "somebody else" if proposal.missing <= 1 else f"{proposal.missing} others"
    commit = f" to {proposal.sha[:7]}" if proposal.sha is not None else ""
    lapsed = "".join(f". {one.why}" for one in proposal.lapsed)
    return f"{who} to agree{commit} by {proposal.expires_at:%H:%M} UTC: approve {entry.request.id}{lapsed}"


def approve(entry: Entry, now: datetime, approval: Approval) -> Entry:
    """Write down that somebody agrees. Due at once."""
    if entry.proposal is None:
        return entry
    agreed = entry.proposal.model_copy(update={"approvals": (*entry.proposal.approvals, approval)})
    return entry.change(now, proposal=agreed, delayed_by=_asking(entry, agreed) if agreed.missing else None)


def announce(entry: Entry, now: datetime, step: Step, lease: timedelta) -> Entry:
    """Announce a call. Whoever finds the row within `lease` leaves it to the one who announced it."""
    return entry.change(now, state=State.INTENT, step=step, announced_at=now, place=None, not_before=now + lease)


def withdraw(entry: Entry, now: datetime, delay: timedelta, reason: str) -> Entry:
    """Take an announcement back: Azure heard the call and did not act on it. Try again after `delay`."""
    return postpone(entry, now, delay, reason).change(now, state=State.ACCEPTED, not_before=now + delay)


def recall(entry: Entry) -> Entry:
    """Take back an announcement whose call was not made, and let others go first; a row that ended stays as it is."""
    return entry if entry.ended else entry.model_copy(update={"state": State.ACCEPTED, "step": None})


_ON_TIME = {"attempts": 0, "delayed_by": None, "delayed_since": None}


def await_operation(entry: Entry, now: datetime, operation: Operation, delay: timedelta) -> Entry:
    """Remember what Azure accepted; ask for its status after `delay`."""
    return entry.change(
        now,
        **_ON_TIME,
        state=State.WAITING,
        taken=_with_the_announced(entry),
        operation=operation,
        starting_since=None,
        not_before=now + delay,
    )


def await_instances(entry: Entry, now: datetime, readiness: Readiness, delay: timedelta) -> Entry:
    """Wait for the instances; look again after `delay`."""
    return entry.change(
        now,
        **_ON_TIME,
        state=State.STARTING,
        taken=_with_the_announced(entry),
        readiness=readiness,
        starting_since=entry.starting_since or now,
        not_before=now + delay,
    )


def look_again(entry: Entry, now: datetime, delay: timedelta, readiness: Readiness | None) -> Entry:
    """Keep how far a running operation is; look again after `delay`."""
    return entry.change(now, **_ON_TIME, readiness=readiness, not_before=now + delay)


def seek_next_step(entry: Entry, now: datetime, pause: timedelta = timedelta(0)) -> Entry:
    """Go back for the next step of the goal, after a pause."""
    return entry.change(now, **_ON_TIME, state=State.ACCEPTED, starting_since=None, not_before=now + pause)


def roll_back(entry: Entry, failure: Outcome) -> Entry:
    """Go back for the steps that undo the release; the failure is the outcome once they are taken."""
    return seek_next_step(entry, failure.ended_at).change(failure.ended_at, undoing=failure)


def _with_the_announced(entry: Entry) -> tuple[Step, ...]:
    """Return the accepted steps with the one that was announced last, which shows its effect by now."""
    if entry.state is not State.INTENT or entry.step is None:
        return entry.taken
    return (*entry.taken, entry.step)


def start_anew(entry: Entry, now: datetime, delay: timedelta, reason: str) -> Entry:
    """Take the step again: Azure accepted it and failed for reasons of its own."""
    failed = entry.failed_operations + 1
    return withdraw(entry, now, delay, reason).change(
        now, failed_operations=failed, taken=entry.taken[:-1], not_before=now + delay
    )


def end(entry: Entry, outcome: Outcome) -> Entry:
    """Write the outcome. Nothing changes it afterwards."""
    return entry.change(outcome.ended_at, state=State.DONE, outcome=outcome, delayed_by=None)


def cancel(entry: Entry, now: datetime, cancelling: Cancelling) -> Entry:
    """Let no further step be taken; what Azure accepted goes on. Due at once, but for a call that may be on its way."""
    return entry.change(now, cancelling=cancelling, not_before=entry.not_before if entry.state is State.INTENT else now)


def touch(entry: Entry, now: datetime, delay: timedelta = timedelta(0)) -> Entry:
    """Say that somebody looks after the row, for `delay` at least."""
    return entry.change(now, not_before=now + delay)


def told(entry: Entry, now: datetime) -> Entry:
    """Close the row: nobody waits for news of it."""
    return entry.change(now, state=State.TOLD)


class Telling(Message):
    """What one sink was told about one request. A row of its own, so that sinks fail and catch up alone."""

    sink: str
    told: str | None = None
    """`Report.fingerprint` of what the sink shows."""
    phase: Phase | None = None
    """The last phase that the sink shows."""
    references: Mapping[str, str] = Field(default_factory=dict)
    """What the sink needs to edit its post: ids of the place (a GitHub deployment's id)."""
    attempts: int = 0
    """Posts begun since the last one that went well."""
    not_before: AwareDatetime
    """Nobody posts before this instant: another one is posting, or the place asked us to wait."""
    posting: bool = False
    """A post is under way; whether the place shows it is not known until it ends."""
    refused: str | None = None
    """Why the place will not show it. Final."""
