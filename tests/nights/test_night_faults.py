"""Whatever fails or dies on the way, a night is one night."""

from collections.abc import Mapping

import pytest

from handlers.model import DeleteStep
from tests.flows.world import Fault
from tests.nights.world import UP, NightWorld, sleeper


def one_night(faults: Mapping[int, Fault], until: str) -> NightWorld:
    """Live through an evening and a morning, with nothing in between."""
    world = NightWorld(sleeper(sleep="delete"), faults)
    world.stop("02 17:50")
    world.live("02 18:15")
    world.stop("03 06:00")
    world.live(until)
    return world


@pytest.mark.parametrize("fault", Fault)
def test_whatever_fails_or_dies_the_night_deletes_once_and_the_morning_creates_once(fault: Fault) -> None:
    """At every single call outside, of the timer and of everything that follows until it runs again."""
    for number in range(len(one_night({}, until="03 06:05").calls)):
        world = one_night({number: fault}, until="03 06:30")
        what = f"{number} {world.calls[number]}"
        assert (world.status, what) == (UP, what)
        assert len([step for step in world.azure.accepted("delete") if isinstance(step, DeleteStep)]) == 1, what
        assert len(world.azure.accepted("create")) == 2, what
        assert world.remembered.snapshot is None, what
        assert world.remembered.months["2026-03"].nights == 1, what
