"""What people are shown of a request: one report from its row of the ledger. Pure."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from handlers.ledger import Entry, State
from handlers.model import (
    DeploymentRequest,
    Message,
    Operation,
    Outcome,
    Phase,
    Readiness,
    Release,
    Result,
    RunCommit,
    RunRelease,
    Step,
    SwapStep,
    UpgradeStep,
)
from handlers.model.consent import Proposal


class Brought(Message):
    """A version, as the request that brought it to the environment knows it."""

    request: DeploymentRequest
    release: Release | None = None
    """The release that was looked up for it."""


class Takeover(Message):
    """Which versions a request has put out of its environment, and which one runs there again because of it."""

    gone: tuple[Brought, ...] = ()
    again: Brought | None = None
    """Only after a rollback or a swap: what a release brings is the release's own."""
    newest: bool = True
    """Whether nothing that ended later has changed what runs there."""


class Report(Message):
    """What to show now. Outside text in it is as it came: each sink escapes for its own place."""

    request: DeploymentRequest
    phase: Phase
    description: str
    """One sentence. A sink cuts it to what its place allows."""
    release: Release | None
    """The release that is deployed, or was looked up for it."""
    operation: Operation | None
    readiness: Readiness | None
    """How far it is, once something can be counted."""
    outcome: Outcome | None
    took: timedelta | None
    """From acceptance to outcome."""
    takeover: Takeover | None = None
    """What it has put out of the environment and back into it; only once it is over."""
    leads_back: bool = False
    """Whether it has put something in the place of what ran, so that there may be a way back."""
    asks: Proposal | None = None
    """What others are asked to agree to, while somebody has to."""

    @property
    def azure_id(self) -> str | None:
        """Return the `x-ms-request-id` to name to Azure: of the call it refused, else of its last operation."""
        if self.outcome is not None and self.outcome.request_id is not None:
            return self.outcome.request_id
        return self.operation.id if self.operation is not None else None

    @property
    def fingerprint(self) -> str:
        """Equal for two reports that show the same."""
        return hashlib.sha256(self.model_dump_json(exclude={"took", "takeover"}).encode()).hexdigest()[:32]


def leading_to(report: Report, shown: Phase | None) -> Iterator[Report]:
    """Yield the reports that a place is to show in order, the given one last, so that no phase is skipped.

    `shown` is the last phase that the place shows. A change can be over before anybody had time to tell that it was
    accepted; its reader sees it accepted, in progress and over all the same.
    """
    passed = [Phase.QUEUED]
    if report.operation is not None:
        passed.append(Phase.IN_PROGRESS)
    seen = passed.index(shown) + 1 if shown in passed else 0
    for phase in passed[seen:] if shown is None or shown in passed else []:
        if phase is not report.phase:
            yield report.model_copy(
                update={"phase": phase, "description": _PLAIN[phase], "outcome": None, "took": None, "asks": None}
            )
    yield report


_PLAIN = {Phase.QUEUED: "Accepted.", Phase.IN_PROGRESS: "Azure accepted the change."}
_PHASES = {Result.SUCCESS: Phase.SUCCESS, Result.FAILURE: Phase.FAILURE, Result.ERROR: Phase.ERROR}


def report_on(entry: Entry) -> Report:
    """Say what a row of the ledger means for those who wait for it."""
    outcome = entry.outcome
    if outcome is not None:
        phase, description = _PHASES[outcome.result], outcome.message
        if outcome.code is not None:
            description = f"{outcome.code}: {description}"
    elif entry.operation is None and entry.state in {State.ACCEPTED, State.INTENT}:
        phase, description = Phase.QUEUED, _PLAIN[Phase.QUEUED]
    else:
        phase, description = Phase.IN_PROGRESS, _PLAIN[Phase.IN_PROGRESS]
    if entry.readiness is not None and phase is Phase.IN_PROGRESS:
        description = f"{entry.readiness.words.capitalize()}."
    if entry.undoing is not None and outcome is None:
        description = f"Rolling back: {entry.undoing.message}"
    if entry.delayed_by is not None:
        reason = entry.delayed_by.removeprefix("waiting for ")
        description = f"Waiting: {reason}" if reason == entry.delayed_by else f"Waiting for {reason}"
    if entry.cancelling is not None and outcome is None:
        by = entry.cancelling.name
        description = f"Cancelled by {by}: what Azure has accepted goes on, and no further step follows."
    if entry.request.break_glass is not None:
        description = f"{description} The glass was broken by {entry.request.actor.name}: {entry.request.break_glass}"
    if entry.request.renamed_from is not None:
        description = f"{description} {_renamed(entry.request)}"
    return Report(
        request=entry.request,
        phase=phase,
        description=description,
        release=entry.release or (entry.request.goal.release if isinstance(entry.request.goal, RunRelease) else None),
        operation=entry.operation,
        readiness=entry.readiness,
        outcome=outcome,
        took=outcome.ended_at - entry.request.accepted_at if outcome is not None else None,
        leads_back=any(map(_replaces, entry.taken)),
        asks=entry.proposal if _asks(entry) else None,
    )


def _replaces(step: Step) -> bool:
    """Say whether a step puts something in the place of what runs."""
    return isinstance(step, UpgradeStep) or (isinstance(step, SwapStep) and step.production is not None)


def _renamed(request: DeploymentRequest) -> str:
    """Say what to write into the file of environments."""
    match request.goal:
        case RunRelease(release=source) | RunCommit(commit=source):
            return (
                f"{request.renamed_from} is {source.repository} now: write repository and"
                f" repository_id = {source.repository_id} into the file of environments."
            )
        case _:
            return ""


def _asks(entry: Entry) -> bool:
    """Say whether the request waits for others to agree."""
    return not entry.begun and entry.proposal is not None and entry.proposal.missing > 0
