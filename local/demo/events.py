"""What can be seen from outside: in the app's log, in Azure, at GitHub. Pure values, no words for people."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Logged:
    """A line of the app's log that is an event with facts."""

    event: str
    """`operation.polled`"""
    facts: Mapping[str, str]
    trouble: bool
    """Whether it is a warning or an error."""


@dataclass(frozen=True)
class Complaint:
    """A warning or an error in the host's log that is no event of the app's."""

    text: str
    raised: bool
    """Whether it says that a function of the app has raised, which only bugs do."""


@dataclass(frozen=True)
class Staged:
    """A package has come into the app's container."""

    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Accepted:
    """Azure took a change on."""

    call: str
    """The simulator's name for it: `create-deployment`."""
    operation: str
    """Its `x-ms-request-id`."""
    status: str
    """Azure's word: InProgress as a rule."""


@dataclass(frozen=True)
class Operated:
    """The status of a change in Azure is another one."""

    call: str
    operation: str
    status: str
    """Azure's word: Succeeded or Failed."""


@dataclass(frozen=True)
class Fetched:
    """Azure has read the package of a deployment."""

    version: str
    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Instances:
    """The instances of a deployment are in other states."""

    slot: str
    version: str
    states: Mapping[str, str]
    """Azure's words by name of the instance, in the order of their names."""

    @property
    def ready(self) -> int:
        """How many of them run the code."""
        return sum(state == "ReadyRole" for state in self.states.values())


@dataclass(frozen=True)
class Turned:
    """A deployment was suspended, or resumed."""

    slot: str
    version: str
    status: str
    """Azure's word: Suspended or Running."""


@dataclass(frozen=True)
class Holding:
    """The slots hold other deployments."""

    production: str | None
    staging: str | None
    """Versions; None where the slot is empty."""


@dataclass(frozen=True)
class Posted:
    """A deployment at GitHub has a new status."""

    state: str
    description: str


@dataclass(frozen=True)
class TextWritten:
    """The text of a release was edited over GitHub's API."""

    release: int


@dataclass(frozen=True)
class ShownInSlack:
    """The app has posted a message in Slack, or edited one."""

    edits: int
    """How often it was edited until then."""
    text: str
    """What a person sees, in lines."""


Event = (
    Logged
    | Complaint
    | Staged
    | Accepted
    | Operated
    | Fetched
    | Instances
    | Turned
    | Holding
    | Posted
    | TextWritten
    | ShownInSlack
)
