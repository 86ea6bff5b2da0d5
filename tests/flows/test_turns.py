"""One request at a time in an environment: who waits, who goes, what a newer one makes of an older one."""

from datetime import timedelta
from random import Random

import pytest

from handlers.environments import Environment, Strategy
from handlers.errors import PackageUnusable, Unavailable
from handlers.ledger import Cancelling, Entry, State, cancel
from handlers.model import (
    Configure,
    DeploymentRequest,
    Goal,
    Result,
    Rollback,
    RunVersion,
    SetStatus,
    Slot,
    SwapSlots,
)
from handlers.policy.standing import Standing, member_of
from tests.flows.world import PRODUCTION, Fault, World

SWAP = PRODUCTION.model_copy(update={"strategy": Strategy.SWAP, "keep_previous": 1})
REPLACE = PRODUCTION.model_copy(update={"strategy": Strategy.REPLACE})


class WatchedWorld(World):
    """A world that notices when two requests are under way at once."""

    def __init__(self, *, faults: dict[int, Fault] | None = None, environment: Environment = REPLACE) -> None:
        super().__init__(faults=faults, environment=environment)
        self.most_at_once = 0

    def watch(self, entry: Entry) -> None:
        """Count what has begun and is not over."""
        super().watch(entry)
        rows = [stored.row for stored in self.ledger.entries.values()]
        self.most_at_once = max(self.most_at_once, sum(row.begun and not row.ended for row in rows))

    def ask(self, goal: Goal, number: int = 1) -> DeploymentRequest:
        """Ask for a goal now."""
        request = self.request(goal, number)
        self.deliver(request)
        return request

    def launch(self, number: int) -> DeploymentRequest:
        """Publish a release now."""
        request = self.release(number, f"v{number}")
        self.deliver(request)
        return request

    def ending(self, request: DeploymentRequest) -> str:
        """Say how a request ended: the code, or the result."""
        outcome = self.row(request).outcome
        assert outcome is not None, self.row(request).state
        return outcome.code or str(outcome.result)


def test_a_second_request_waits_and_says_behind_which() -> None:
    """With its place in the line, in every place that shows it."""
    world = WatchedWorld()
    first = world.launch(1)
    world.run(timedelta(seconds=5))
    second, third = world.ask(SetStatus(status="Suspended")), world.ask(Rollback())
    world.run(timedelta(seconds=5))
    shown = {request.id: world.sink.shown[request.id][-1].description for request in (second, third)}
    assert shown[second.id] == f"Waiting: behind {first.id} (v1), place 1 in line."
    assert shown[third.id].endswith("place 2 in line.")
    world.run()
    assert [world.ending(one) for one in (first, second)] == ["success", "success"]
    assert world.row(third).state is State.TOLD
    assert world.most_at_once == 1


def test_those_who_wait_go_in_order() -> None:
    """By the time at which they were accepted, whoever looks first."""
    world = WatchedWorld()
    world.launch(1)
    world.run(timedelta(seconds=5))
    orders: list[Goal] = [SetStatus(status="Suspended"), Configure(instances={"Web": 3}), RunVersion(tag="v2")]
    requests = []
    for goal in orders:
        requests.append(world.request(goal))
        world.clock += timedelta(seconds=1)
    for request in reversed(requests):
        world.deliver(request)
    world.run()
    begun = sorted(requests, key=lambda request: world.row(request).announced_at or world.clock)
    assert begun == requests


def test_a_newer_release_supersedes_one_that_has_not_begun() -> None:
    """It says which, and Azure hears nothing of the older one."""
    world = WatchedWorld()
    first = world.launch(1)
    world.run(timedelta(seconds=5))
    second = world.launch(2)
    world.run(timedelta(seconds=5))
    third = world.launch(3)
    world.run()
    assert [world.ending(one) for one in (first, second, third)] == ["success", "Superseded", "success"]
    outcome = world.row(second).outcome
    assert outcome is not None
    assert outcome.message == f"v3 ({third.id}) was asked for later; this had not begun."
    assert {step.name for step in world.azure.accepted("create")} == {first.id, third.id}


def test_an_older_release_that_comes_late_is_superseded() -> None:
    """Whatever came of the newer one."""
    world = WatchedWorld()
    late = world.release(1, "v1")
    world.clock += timedelta(seconds=1)
    world.packages.trouble = PackageUnusable("PackageNotFound", "no package")
    newer = world.launch(2)
    world.run(timedelta(minutes=1))
    world.packages.trouble = None
    world.deliver(late)
    world.run()
    assert (world.ending(newer), world.ending(late)) == ("PackageNotFound", "Superseded")


def test_one_that_waits_for_its_package_lets_others_go_first() -> None:
    """And is superseded by a newer one before its package is there."""
    world = WatchedWorld(environment=SWAP)
    world.azure.stand("old", Slot.PRODUCTION)
    world.packages.trouble = Unavailable("waiting for check build")
    first = world.launch(1)
    world.run(timedelta(seconds=3))
    other = world.ask(SetStatus(status="Suspended"))
    world.run(timedelta(seconds=60))
    assert world.ending(other) == "success"
    world.packages.trouble = None
    second = world.launch(2)
    world.run()
    assert (world.ending(first), world.ending(second)) == ("Superseded", "success")


def test_one_that_azure_is_too_busy_for_keeps_its_place() -> None:
    """What was asked for afterwards comes afterwards."""
    world = WatchedWorld()
    world.azure.refusal = [Unavailable("another operation is under way")] * 3
    first = world.launch(1)
    world.run(timedelta(seconds=3))
    second = world.ask(SetStatus(status="Suspended"))
    world.run(timedelta(seconds=5))
    assert world.row(second).delayed_by == f"behind {first.id} (v1), place 1 in line."
    world.run()
    assert [world.ending(one) for one in (first, second)] == ["success", "success"]
    assert world.azure.slots[Slot.PRODUCTION].status == "Suspended"


@pytest.mark.parametrize("who", ["the holder", "the one that waits"])
def test_a_cancelled_request_holds_nobody_up(who: str) -> None:
    """Neither before nor after it has begun."""
    world = WatchedWorld()
    first = world.launch(1)
    world.run(timedelta(seconds=5))
    second, third = world.ask(SetStatus(status="Suspended")), world.ask(Configure(instances={"Web": 3}))
    world.run(timedelta(seconds=5))
    stored = world.ledger.entries["production", (first if who == "the holder" else second).id]
    world.ledger.replace(stored, cancel(stored.row, world.clock, Cancelling(by=stored.row.request.actor, inquiry="i")))
    world.run()
    assert world.row(third).state is State.TOLD
    assert world.ending(third) == "success"


def test_what_was_kept_is_removed_in_its_turn() -> None:
    """A removal that is due while a release is under way waits for it, and neither waits for ever."""
    world = WatchedWorld(environment=SWAP)
    world.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    first = world.launch(1)
    world.run(timedelta(minutes=1))
    second = world.launch(2)
    world.run()
    assert [world.ending(one) for one in (first, second)] == ["success", "success"]
    assert {stored.row.state for stored in world.ledger.entries.values()} == {State.TOLD}
    assert world.most_at_once == 1


def test_a_ledger_without_the_holders_row_holds_nobody_up() -> None:
    """Somebody has deleted it by hand."""
    world = WatchedWorld()
    world.ledger.standing("production")
    lost = world.release(9)
    stored = world.ledger.standings["production"]
    world.ledger.replace_standing("production", stored, Standing(holder=member_of(lost)))
    request = world.launch(1)
    world.run()
    assert world.ending(request) == "success"


GOALS: list[Goal] = [
    SetStatus(status="Suspended"),
    SetStatus(status="Running"),
    Rollback(),
    SwapSlots(),
    Configure(instances={"Web": 2}),
    Configure(settings={"Greeting": "hello"}),
]


@pytest.mark.parametrize("seed", range(25))
def test_nobody_waits_for_ever(seed: int) -> None:
    """Any requests at any times: each one ends and is told, and never are two under way."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    world = WatchedWorld(environment=random.choice([SWAP, REPLACE]))
    world.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    for number in range(random.randrange(2, 12)):
        if random.random() < 0.4:
            world.launch(number)
        else:
            world.ask(random.choice(GOALS), number)
        world.run(timedelta(seconds=random.choice([0, 1, 5, 30, 90])))
    world.run(timedelta(hours=20))
    assert {stored.row.state for stored in world.ledger.entries.values()} == {State.TOLD}
    assert world.most_at_once == 1
    assert not world.ledger.poison


def two_releases(faults: dict[int, Fault]) -> tuple[WatchedWorld, list[DeploymentRequest]]:
    """Publish a release, another one while it is under way, and suspend meanwhile."""
    world = WatchedWorld(faults=faults, environment=SWAP)
    world.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    requests = [world.launch(1)]
    world.run(timedelta(seconds=4))
    requests += [world.launch(2), world.ask(Configure(instances={"Web": 3}), 3)]
    world.run(timedelta(hours=12))
    return world, requests


CALLS = len(two_releases({})[0].calls)


@pytest.mark.parametrize(("first", "fault"), list(enumerate(Fault)), ids=list(Fault))
def test_a_fault_leaves_one_at_a_time(first: int, fault: Fault) -> None:
    """Every fourth call, each kind of fault at another: all end and are told, and the last release runs."""
    broken = {}
    for position in range(first, CALLS, len(Fault)):
        world, (one, second, third) = two_releases({position: fault})
        promises = {
            "one at a time": world.most_at_once == 1,
            "all are told": {stored.row.state for stored in world.ledger.entries.values()} == {State.TOLD},
            "the first runs or is superseded": world.ending(one) in {"success", "Superseded"},
            "the second runs": world.ending(second) == Result.SUCCESS,
            "and stays": getattr(world.azure.slots.get(Slot.PRODUCTION), "name", None) == second.id,
            "the third is done": world.ending(third) == Result.SUCCESS,
            "nobody is bothered": not world.ledger.poison,
        }
        if not all(promises.values()):
            broken[position, world.calls[position]] = [promise for promise, kept in promises.items() if not kept]
    assert not broken
