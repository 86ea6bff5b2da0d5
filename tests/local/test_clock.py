"""A clock that can be moved, alone and under everything that a stack starts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handlers.model import Result
from local.clock import LONGEST_WAY, Clock, Hands
from local.sample_release import assets
from local.stack import Stack

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
A_MOMENT = timedelta(seconds=30)
"""Longer than a busy machine takes between two lines of a test, and shorter than every move here."""


@pytest.mark.parametrize(
    ("speed", "shown"),
    [
        pytest.param(1.0, timedelta(minutes=1), id="the machine's pace"),
        pytest.param(720.0, timedelta(hours=12), id="a night in a minute"),
        pytest.param(0.0, timedelta(0), id="stopped"),
    ],
)
def test_a_minute_of_the_machine_is_a_minute_times_the_speed(speed: float, shown: timedelta) -> None:
    """From what was shown when it was moved."""
    hands = Hands(at=NOON, shown=NOON + timedelta(days=1), speed=speed)
    assert hands.read(NOON + timedelta(minutes=1)) == NOON + timedelta(days=1) + shown


def test_a_clock_that_nobody_moved_is_the_machines(tmp_path: Path) -> None:
    """There is no file then."""
    clock = Clock(tmp_path / "clock.json")
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT
    assert list(tmp_path.iterdir()) == []


def test_another_reader_of_the_file_sees_every_move(tmp_path: Path) -> None:
    """Setting, advancing, stopping and running on."""
    moved, read = Clock(tmp_path / "clock.json"), Clock(tmp_path / "clock.json")
    start = datetime.now(UTC) + timedelta(days=3)
    moved.run(speed=0)
    moved.set(start)
    assert read.now() == start
    moved.advance(timedelta(hours=12))
    assert read.now() == start + timedelta(hours=12)
    moved.run(speed=1)
    assert timedelta(0) <= read.now() - start - timedelta(hours=12) < A_MOMENT


@pytest.mark.parametrize("way", [1, -1])
def test_a_clock_goes_no_further_than_certificates_hold(tmp_path: Path, way: int) -> None:
    """Refused, and the clock stays."""
    clock = Clock(tmp_path / "clock.json")
    with pytest.raises(ValueError, match="300 days"):
        clock.advance(way * (LONGEST_WAY + A_MOMENT))
    assert abs(clock.now() - datetime.now(UTC)) < A_MOMENT


def test_a_reader_never_meets_half_a_file(tmp_path: Path) -> None:
    """While another thread moves it all the time."""
    clock = Clock(tmp_path / "clock.json")

    def move() -> None:
        for _ in range(300):
            clock.advance(timedelta(seconds=1))

    with ThreadPoolExecutor(1) as pool:
        moves = pool.submit(move)
        seen = clock.now()
        while not moves.done():
            later = clock.now()
            assert later >= seen
            seen = later
        moves.result()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start everything, five days ahead."""
    with Stack(operation_seconds=0.2, instance_seconds=0.2, clock=True) as running:
        running.clock.advance(timedelta(days=5))
        yield running


@pytest.mark.journey
@pytest.mark.azurite
@pytest.mark.tls
def test_the_app_and_azure_live_on_the_clock(stack: Stack) -> None:
    """A release is deployed all the same: the address of its package holds on the emulator's clock, too."""
    begun = stack.clock.now()
    (request,) = stack.deliver(stack.github.publish("v1.0.0", assets("v1.0.0"))).requests
    row = stack.wait_for(request)
    assert row.outcome is not None
    assert row.outcome.result is Result.SUCCESS, row.outcome
    instants = [row.request.accepted_at, row.outcome.ended_at]
    instants += [datetime.fromisoformat(one["ended_at"]) for one in stack.simulator.operations("create-deployment")]
    assert all(begun <= one <= stack.clock.now() for one in instants)


@pytest.mark.journey
@pytest.mark.azurite
@pytest.mark.tls
def test_what_was_put_off_is_taken_up_after_a_jump(stack: Stack) -> None:
    """A message stays hidden for as long as the storage's clock says; the sweep finds its row overdue on ours."""
    stack.simulator.fault("503", operation="create-deployment", count=4)
    (request,) = stack.deliver(stack.github.publish("v1.1.0", assets("v1.1.0"))).requests
    for attempts in range(1, 5):
        stack.wait_for(request, lambda row, tried=attempts: row.attempts == tried)  # type: ignore[misc]
        stack.clock.advance(timedelta(minutes=6))
    row = stack.wait_for(request)
    assert row.outcome is not None
    assert row.outcome.result is Result.SUCCESS, row.outcome
    assert any("request.swept" in one for one in stack.host.lines())
