"""What people are shown of a request: one report from its row of the ledger. Pure."""

import hashlib
from datetime import timedelta
from enum import StrEnum

from handlers.ledger import Entry, State
from handlers.model import DeploymentRequest, Message, Operation, Outcome, Result


class Phase(StrEnum):
    """GitHub's names for the states of a deployment, which every sink uses."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"

    @property
    def final(self) -> bool:
        """Whether no other report follows."""
        return self not in {Phase.QUEUED, Phase.IN_PROGRESS}


class Report(Message):
    """What to show now. Outside text in it is as it came: each sink escapes for its own place."""

    request: DeploymentRequest
    phase: Phase
    description: str
    """One sentence. A sink cuts it to what its place allows."""
    operation: Operation | None
    outcome: Outcome | None
    took: timedelta | None
    """From acceptance to outcome."""

    @property
    def fingerprint(self) -> str:
        """Equal for two reports that show the same."""
        return hashlib.sha256(self.model_dump_json(exclude={"took"}).encode()).hexdigest()[:32]


_PHASES = {Result.SUCCESS: Phase.SUCCESS, Result.FAILURE: Phase.FAILURE, Result.ERROR: Phase.ERROR}


def report_on(entry: Entry) -> Report:
    """Say what a row of the ledger means for those who wait for it."""
    outcome = entry.outcome
    if outcome is not None:
        phase, description = _PHASES[outcome.result], outcome.message
        if outcome.code is not None:
            description = f"{outcome.code}: {description}"
    elif entry.operation is None and entry.state in {State.ACCEPTED, State.INTENT}:
        phase, description = Phase.QUEUED, "Accepted."
    else:
        phase, description = Phase.IN_PROGRESS, "Azure accepted the change."
    if entry.readiness is not None and phase is Phase.IN_PROGRESS:
        description = f"{entry.readiness.ready} of {entry.readiness.total} instances ready."
    if entry.delayed_by is not None:
        description = f"Waiting: {entry.delayed_by}"
    return Report(
        request=entry.request,
        phase=phase,
        description=description,
        operation=entry.operation,
        outcome=outcome,
        took=outcome.ended_at - entry.request.accepted_at if outcome is not None else None,
    )
