"""The pace that we keep in a chat: one at a time, and a turn for each who is too early."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.chat_api.limits import Pace
from handlers.errors import NotOurTurn

SECOND = timedelta(seconds=1)


class Hand:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def call(pace: Pace) -> timedelta:
    """Make a call; return the wait until our turn, zero where it was made."""
    try:
        with pace.turn("C1", "Slack"):
            return timedelta(0)
    except NotOurTurn as early:
        return early.retry_after


def test_who_is_too_early_is_told_a_time_of_their_own() -> None:
    """And then comes through: nobody is sent away twice because all came back at once."""
    clock = Hand()
    pace = Pace(clock, SECOND, burst=2)
    assert [call(pace) for _ in range(5)] == [timedelta(0), timedelta(0), SECOND, 2 * SECOND, 3 * SECOND]
    for _ in range(3):
        clock.now += SECOND
        assert call(pace) == timedelta(0)


def test_who_comes_later_has_a_later_turn() -> None:
    """Behind those who wait already."""
    clock = Hand()
    pace = Pace(clock, SECOND, burst=1)
    assert [call(pace) for _ in range(3)] == [timedelta(0), SECOND, 2 * SECOND]
    clock.now += SECOND / 2
    assert call(pace) == 2.5 * SECOND


@pytest.mark.parametrize("rest", [10, 3600])
def test_after_a_rest_nobody_waits_for_turns_that_are_over(rest: int) -> None:
    """Those who did not come back hold up nobody."""
    clock = Hand()
    pace = Pace(clock, SECOND, burst=1)
    for _ in range(5):
        call(pace)
    clock.now += timedelta(seconds=rest)
    assert [call(pace), call(pace)] == [timedelta(0), SECOND]
