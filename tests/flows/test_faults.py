"""Every call to the outside fails in every way: one effect, one truthful outcome, told, whatever dies in between."""

from itertools import combinations
from random import Random

import pytest

from handlers.ledger import State
from handlers.model import DeploymentRequest, Result
from tests.flows.world import Fault, World

PAIRS = 3000
"""Of some 17,000 pairs of faults, a fixed random choice; about 15 s."""


def calls_of_one_release() -> int:
    """Count the calls to the outside that one release takes when nothing goes wrong."""
    world = World()
    world.deliver(world.release())
    world.run()
    return len(world.calls)


CALLS = calls_of_one_release()


def broken_promises(world: World, request: DeploymentRequest) -> list[str]:
    """Check what we promise, whatever happened."""
    entry = world.ledger.entries[request.environment, request.id].row
    shown = world.sink.shown.get(request.id, [])
    finals = {report.fingerprint for report in shown if report.phase.final}
    promises = {
        "it ends and is told": entry.state is State.TOLD,
        "Azure creates one deployment": world.azure.creations(request.id) == 1,
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


def run_with(faults: dict[int, Fault]) -> tuple[World, DeploymentRequest]:
    """Run one release in a world where these calls fail."""
    world = World(faults=faults)
    request = world.release()
    world.deliver(request)
    world.run()
    return world, request


@pytest.mark.parametrize("fault", list(Fault))
def test_one_fault_anywhere_breaks_no_promise(fault: Fault) -> None:
    """Each call in turn."""
    broken = {}
    for position in range(CALLS):
        world, request = run_with({position: fault})
        if promises := broken_promises(world, request):
            broken[position, world.calls[position]] = promises
    assert not broken


def test_two_faults_anywhere_break_no_promise() -> None:
    """A fixed choice of all pairs of positions and kinds."""
    kinds = [(first, second) for first in Fault for second in Fault]
    schedules = [(pair, kind) for pair in combinations(range(CALLS), 2) for kind in kinds]
    broken = {}
    for (first, second), kind in Random(20260302).sample(schedules, min(PAIRS, len(schedules))):  # noqa: S311
        world, request = run_with({first: kind[0], second: kind[1]})
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
