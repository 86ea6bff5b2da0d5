"""Every call to the outside fails in every way: one effect, one truthful outcome, told, whatever dies in between."""

from itertools import combinations
from random import Random

import pytest

from handlers.environments import Environment, Strategy
from handlers.ledger import State
from handlers.model import DeploymentRequest, Result, Slot
from tests.flows.world import PRODUCTION, Fault, World

PAIRS = 1500
"""Of tens of thousands of pairs of faults, a fixed random choice for each strategy; some 10 s."""

STRATEGIES = {
    "create": PRODUCTION,
    "swap": PRODUCTION.model_copy(update={"strategy": Strategy.SWAP}),
}


def calls_of_one_release(environment: Environment) -> int:
    """Count the calls to the outside that one release takes when nothing goes wrong."""
    world = World(environment=environment)
    world.deliver(world.release())
    world.run()
    return len(world.calls)


CALLS = {name: calls_of_one_release(environment) for name, environment in STRATEGIES.items()}


def broken_promises(world: World, request: DeploymentRequest) -> list[str]:
    """Check what we promise, whatever happened."""
    entry = world.ledger.entries[request.environment, request.id].row
    shown = world.sink.shown.get(request.id, [])
    finals = {report.fingerprint for report in shown if report.phase.final}
    promises = {
        "it ends and is told": entry.state is State.TOLD,
        "Azure creates one deployment": len(world.azure.accepted("create")) == 1,
        "and swaps it in at most once": len(world.azure.accepted("swap")) <= 1,
        "it runs in production": getattr(world.azure.slots.get(Slot.PRODUCTION), "name", None) == request.id,
        "it has one outcome": len({str(one.outcome) for one in world.outcomes}) == 1,
        "the outcome is the truth": entry.outcome is not None and entry.outcome.result is Result.SUCCESS,
        "the reader sees the phases in order": world.sink.phases(request) == ["queued", "in_progress", "success"],
        "the reader sees one outcome": len(finals) == 1,
        "and sees it last": bool(shown) and shown[-1].phase.final,
        "nothing is left on a queue": not any(
            queue.messages for queue in (world.requests, world.operations, world.notifications, world.poison)
        ),
        "nobody is bothered": not world.ledger.poison,
    }
    return [promise for promise, kept in promises.items() if not kept]


def run_with(strategy: str, faults: dict[int, Fault]) -> tuple[World, DeploymentRequest]:
    """Run one release in a world where these calls fail."""
    world = World(faults=faults, environment=STRATEGIES[strategy])
    request = world.release()
    world.deliver(request)
    world.run()
    return world, request


@pytest.mark.parametrize("strategy", list(STRATEGIES))
@pytest.mark.parametrize("fault", list(Fault))
def test_one_fault_anywhere_breaks_no_promise(strategy: str, fault: Fault) -> None:
    """Each call in turn."""
    broken = {}
    for position in range(CALLS[strategy]):
        world, request = run_with(strategy, {position: fault})
        if promises := broken_promises(world, request):
            broken[position, world.calls[position]] = promises
    assert not broken


@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_two_faults_anywhere_break_no_promise(strategy: str) -> None:
    """A fixed choice of all pairs of positions and kinds."""
    kinds = [(first, second) for first in Fault for second in Fault]
    schedules = [(pair, kind) for pair in combinations(range(CALLS[strategy]), 2) for kind in kinds]
    broken = {}
    for (first, second), kind in Random(20260302).sample(schedules, PAIRS):  # noqa: S311 - repeatable on purpose
        world, request = run_with(strategy, {first: kind[0], second: kind[1]})
        if promises := broken_promises(world, request):
            broken[first, second, *kind] = promises
    assert not broken


def test_the_promises_can_be_broken() -> None:
    """A ledger that forgets what was announced makes two deployments, and the check sees it."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.run()
    world.ledger.entries.clear()
    world.azure.slots.clear()
    world.deliver(request)
    world.run()
    assert "Azure creates one deployment" in broken_promises(world, request)
