"""What runs in a cloud service, in the words that decisions need."""

from dataclasses import dataclass
from datetime import datetime

from handlers.model import Readiness, Slot, UpdateMode


@dataclass(frozen=True)
class Instance:
    """A role instance, in Azure's words."""

    name: str
    status: str
    """`ReadyRole`, `StartingVM`, `StoppedVM` and so on."""
    domain: int | None = None
    """Its upgrade domain, counted from zero."""


@dataclass(frozen=True)
class Update:
    """An update that walks the upgrade domains."""

    mode: UpdateMode
    domain: int
    """The current one, counted from zero."""
    during: bool
    """Azure is at work on the domain; False: it waits before it."""


@dataclass(frozen=True)
class Deployed:
    """A deployment that Azure shows."""

    name: str
    slot: Slot
    status: str
    """`Deploying`, `Running`, `Suspended`, `RunningTransitioning` and so on."""
    locked: bool
    """Azure is taking an operation in and refuses others."""
    instances: tuple[Instance, ...]
    request: str | None = None
    """The id of the request that made it what it is; None where somebody else did."""
    accepted_at: datetime | None = None
    """When that request was accepted."""
    version: str | None = None
    """What it calls itself: a tag, or a branch and a commit."""
    configuration: bytes = b""
    """The .cscfg."""
    update: Update | None = None
    domains: int = 1
    rollback_allowed: bool = False

    @property
    def title(self) -> str:
        """Name it as people know it."""
        return self.version or self.name

    @property
    def readiness(self) -> Readiness:
        """Count the instances that are `ReadyRole`, and say where an update is that walks the domains."""
        walking = self.update if self.update is not None and self.update.mode is not UpdateMode.SIMULTANEOUS else None
        waiting = tuple(f"{one.name} is {one.status}" for one in self.instances if one.status != "ReadyRole")
        return Readiness(
            ready=len(self.instances) - len(waiting),
            total=len(self.instances),
            waiting=waiting,
            domain=walking.domain if walking is not None else None,
            domains=self.domains if walking is not None else None,
        )


@dataclass(frozen=True)
class Situation:
    """What runs in a cloud service now."""

    production: Deployed | None = None
    staging: Deployed | None = None

    def at(self, slot: Slot) -> Deployed | None:
        """Return what stands in a slot."""
        return self.production if slot is Slot.PRODUCTION else self.staging

    def request_at(self, slot: Slot) -> str | None:
        """Return the id of the request whose version stands in a slot, None where none of ours does."""
        there = self.at(slot)
        return there.request if there is not None else None

    def title_at(self, slot: Slot) -> str:
        """Name the version that stands in a slot, or its deployment where it does not say."""
        there = self.at(slot)
        return there.title if there is not None else "nothing"

    @property
    def all(self) -> tuple[Deployed, ...]:
        """Return everything that stands there."""
        return tuple(one for one in (self.production, self.staging) if one is not None)

    def named(self, name: str) -> Deployed | None:
        """Return the deployment of this name, in whichever slot."""
        return next((one for one in self.all if one.name == name), None)
