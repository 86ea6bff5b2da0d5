"""The world of fakes at night: a timer of its own, and instances that can be scaled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.answering.wishing import wish
from handlers.commands import Wish
from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.model import (
    Actor,
    Configure,
    ConfigureStep,
    DeploymentRequest,
    Goal,
    Inquiry,
    SetStatus,
    SlackPlace,
    Source,
    Step,
    derive_id,
)
from handlers.night import night
from handlers.nights.state import NightRow
from handlers.planning import Deployed, Instance
from handlers.policy import Lock
from handlers.ports import Materials
from tests.flows.azure import FakeAzure
from tests.flows.world import PRODUCTION, Fault, World

BERLIN = {"suspend": "19:00", "resume": "07:00", "days": "mon-fri", "zone": "Europe/Berlin", "slots": ["production"]}

TICK = timedelta(minutes=5)

UP, DOWN = "Running", "Suspended"
EVENING, MORNING = "02 18:00 suspend", "03 06:00 resume"


def at(text: str) -> datetime:
    """Read a time in March 2026, UTC: `02 18:00` is the first Monday at 19:00 in Berlin."""
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def sleeper(*more: Mapping[str, Any], **changes: Any) -> Environment:
    """Return production with nights: one rule with changes, and whole other ones."""
    fields = {"night": ({**BERLIN, **changes}, *more), "notify": {Source.SLACK: "C1"}}
    return PRODUCTION.model_copy(update=fields)


ALLOWED = sleeper().model_copy(update={"allow": {Source.SLACK: ("U1",)}, "suspend_approvals": 0})
"""Whose nights mona may change by herself."""


@dataclass
class ScalingAzure(FakeAzure):
    """Also counts the instances of its one role."""

    counts: dict[str, int] = field(default_factory=lambda: {"Web": 2})

    def _take(self, step: Step, request: DeploymentRequest, materials: Materials) -> str:
        taken = super()._take(step, request, materials)
        if isinstance(step, ConfigureStep) and isinstance(request.goal, Configure):
            self.counts.update(request.goal.instances)
        return taken

    def _instances(self, deployed: Deployed) -> tuple[Instance, ...]:
        shown = super()._instances(deployed)
        count = self.counts["Web"]
        return tuple(Instance(f"Web_IN_{number}", shown[-1].status) for number in range(count)) if shown else ()


class NightWorld(World):
    """A world whose clock runs through nights. What stands in production was deployed by a release of ours."""

    def __init__(self, environment: Environment, faults: Mapping[int, Fault] | None = None) -> None:
        super().__init__(environment=environment)
        self.azure = self.scaling = ScalingAzure(self)
        self.ports = replace(self.ports, cloud_service=self.azure)
        self.first = self.release()
        self.deliver(self.first)
        self.run()
        self.calls.clear()
        self.faults = dict(faults or {})

    def live(self, until: str, timers: int = 1) -> None:
        """Let time pass to an instant, with ticks every five minutes; the last one is at that instant."""
        end = at(until)
        while self.clock <= end:
            for _ in range(timers):
                self._guarded(lambda: night(self.ports))
            self._work_until(min(self._next_tick(), end + timedelta(seconds=1)))

    def stop(self, until: str) -> None:
        """Let time pass with the host down."""
        self.clock = at(until)

    def order(self, goal: Goal, by: str = "mona") -> DeploymentRequest:
        """Let somebody ask for something now."""
        actor = Actor(source=Source.SLACK, id="U1", name=by)
        request = self.request(goal).model_copy(
            update={"id": derive_id(goal.kind, self.clock.isoformat()), "actor": actor}
        )
        self.deliver(request)
        return request

    @property
    def status(self) -> str:
        """What production is: Running, Suspended, empty."""
        deployed = self.azure._situation().production
        return deployed.status if deployed is not None else "empty"

    @property
    def by_night(self) -> list[Entry]:
        """Return the night's requests, in order."""
        rows = [stored.row for stored in self.ledger.entries.values()]
        return [row for row in rows if row.request.actor.source is Source.CLOCK]

    @property
    def goals(self) -> list[str]:
        """Return what the night asked for, and when: `02 18:00 suspend`."""
        return [f"{row.request.accepted_at:%d %H:%M} {row.request.goal.title}" for row in self.by_night]

    @property
    def remembered(self) -> NightRow:
        """Return the row of production's nights."""
        return self.nights.rows["production"].row

    def _next_tick(self) -> datetime:
        seconds = TICK.total_seconds()
        return datetime.fromtimestamp((self.clock.timestamp() // seconds + 1) * seconds, UTC)

    def _work_until(self, end: datetime) -> None:
        if self._busy():
            self.run(end - self.clock)
        self.clock = max(self.clock, end)


def suspend() -> Goal:
    """Ask for a suspension by hand."""
    return SetStatus(status="Suspended")


def resume() -> Goal:
    """Ask for a resume by hand."""
    return SetStatus(status="Running")


def lock(world: NightWorld, until: str) -> None:
    """Let mona lock production."""
    mona = Actor(source=Source.SLACK, id="U1", name="mona")
    standing = world.ledger.standing("production")
    one = Lock(id="l", owner=mona, reason="a demo", since=world.clock, until=at(until))
    world.ledger.replace_standing("production", standing, standing.row.model_copy(update={"lock": one}))


def wishes(world: NightWorld, wanted: Wish, name: str = "d" + "w" * 20) -> str:
    """Let mona wish for something now."""
    inquiry = Inquiry(
        id=name,
        text="as the test says",
        actor=Actor(source=Source.SLACK, id="U1", name="mona"),
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=world.clock,
    )
    answered = wish(wanted, inquiry, world.ports)
    return answered if isinstance(answered, str) else answered.sentence


def status(world: NightWorld) -> str:
    """Ask in a chat."""
    inquiry = Inquiry(
        id=derive_id("status", world.clock.isoformat()),
        text="status production",
        actor=Actor(source=Source.SLACK, id="U1", name="mona"),
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=world.clock,
    )
    world.inquiries.put(inquiry.model_dump_json())
    world.run()
    return world.voice.said[-1]
