"""How it goes and how it ended: operations, their status, instances, phases and outcomes."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import AwareDatetime, Field

from handlers.model.base import Message


class Result(StrEnum):
    """How a request ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    """Azure, or a rule, said no."""
    ERROR = "error"
    """We stopped trying; Azure's last word is not known."""


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

    def comes_before(self, other: "Phase") -> bool:
        """Whether a place that shows the other phase is further on already."""
        order = [Phase.QUEUED, Phase.IN_PROGRESS]
        return self in order and (other.final or order.index(self) < order.index(other))


class Outcome(Message):
    """The truthful end of a request."""

    result: Result
    code: str | None = None
    """Azure's error code, or ours in the same form (`PackageNotFound`)."""
    message: str
    """A sentence for people."""
    ended_at: AwareDatetime
    request_id: str | None = None
    """The `x-ms-request-id` of the call that Azure refused; None where it is the last operation that failed."""


class Operation(Message):
    """A change that Azure accepted."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    """Its `x-ms-request-id`."""
    submitted_at: AwareDatetime


@dataclass(frozen=True)
class InProgress:
    """Azure is still at it."""


@dataclass(frozen=True)
class Succeeded:
    """Azure took the change. Instances may still be on their way."""


@dataclass(frozen=True)
class Failed:
    """Azure accepted the change and could not make it."""

    status: int
    """The HTTP status code inside the operation: 400, 404, 500."""
    code: str
    message: str


OperationStatus = InProgress | Succeeded | Failed
"""Azure's words for how an operation stands."""


class Readiness(Message):
    """How far a deployment is: its instances, and an update that walks its domains."""

    ready: int
    total: int
    waiting: tuple[str, ...] = ()
    """`WebRole_IN_0 is StartingVM`, one for each instance that is not ready."""
    domain: int | None = None
    """The upgrade domain that an update is at, counted from zero; None while none runs."""
    domains: int | None = None

    @property
    def words(self) -> str:
        """Say it to people."""
        if self.domain is not None:
            return f"upgrade domain {self.domain + 1} of {self.domains}"
        return f"{self.ready} of {self.total} instances ready"
