"""What is remembered of the nights of an environment, in one row that is replaced by compare-and-set. Pure.

The requests that a night makes are rows of the ledger like all others; here stands what no request says: what ran
before, so that the morning wakes just that; what is settled; what people have asked for instead.
"""

from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime, Field

from handlers.environments import Environment
from handlers.model import Actor, Kept, Message, Slot, Source
from handlers.nights.rules import Way


class Snapshot(Message):
    """What ran before a night. Taken once, and kept until what it shows has been seen to run again."""

    rule: str
    way: Way
    request: str
    """The id of the request that puts it to sleep."""
    subscription: str | None = None
    """Where it sleeps, with the two below. None in rows that were written before this was kept."""
    cloud_service: str | None = None
    slot: Slot | None = None
    notify: Mapping[Source, str] = Field(default_factory=dict)
    """The channels of its owner, who is to hear of it though the file names the environment no more."""
    deployment: str
    """Its name in Azure."""
    status: str
    counts: Mapping[str, int]
    """Instances by role."""
    asleep: Mapping[str, int] = Field(default_factory=dict)
    """With `scale`: the instances that are left, by role."""
    kept: Kept | None = None
    """With `delete`: what brings it back."""
    zone: str = "UTC"
    """The rule's time zone, whose months the night counts for."""
    taken_at: AwareDatetime
    wake_at: AwareDatetime
    """The morning, as it was known then."""

    def sleeps_in(self, environment: Environment) -> bool:
        """Say whether an environment of the file is where this sleeps; taken for granted where that was not kept."""
        if self.cloud_service is None:
            return True
        theirs = environment.subscription.lower(), environment.cloud_service.lower(), environment.slot
        return ((self.subscription or "").lower(), self.cloud_service.lower(), self.slot) == theirs


class Waking(Message):
    """A resume that has been asked for and not been seen to work yet."""

    request: str
    since: AwareDatetime
    tries: int = 1


class Override(Message):
    """Somebody wants something else than the rules, until an end: that it stays up, or that it sleeps now."""

    id: str
    """Derived from the command, so that one that comes twice holds once."""
    by: Actor
    reason: str = ""
    since: AwareDatetime
    until: AwareDatetime
    sleeps: str | None = None
    """The night that begins now instead of at its time (`Night.name`). None: no night before the end."""


class Slept(Message):
    """What the nights of one month came to."""

    hours: float = 0
    nights: int = 0
    instance_hours: float = 0
    """Instances that did not exist, times hours. Only what `delete` and `scale` took away: the rest is charged."""


class NightRow(Message):
    """Everything that is remembered of one environment's nights."""

    environment: str
    settled: Mapping[str, str] = Field(default_factory=dict)
    """By rule: the `Transition.place` that was settled last."""
    snapshot: Snapshot | None = None
    waking: Waking | None = None
    resumes: int = 0
    """Resumes that were asked for, ever: part of the ids of their requests."""
    overrides: tuple[Override, ...] = ()
    took: tuple[float, ...] = ()
    """Seconds that the last resumes took, the newest last."""
    orphaned: str | None = None
    """The request whose sleep no morning can end any more, once its owner has heard so."""
    warned: str | None = None
    """The evening that its owner has been warned of last."""
    complained: Mapping[str, date] = Field(default_factory=dict)
    """By complaint: the day (UTC) on which the owner heard it last."""
    months: Mapping[str, Slept] = Field(default_factory=dict)
    """By month (`2026-03`), on the clocks of the zone of the rule that a night is of."""
    reported: str | None = None
    """The last month whose line has been told."""

    def asleep_in(self, environment: Environment) -> Snapshot | None:
        """Return what a night has put to sleep where the environment is now; None where that is nothing."""
        return self.snapshot if self.snapshot is not None and self.snapshot.sleeps_in(environment) else None
