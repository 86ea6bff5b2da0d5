"""A night in a minute, played as a real process; and what it is made of."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from rich.cells import cell_len

from local.demo.night import environment, evening_of
from local.demo.schedule import coming
from local.stack.environments import write_environments
from tests.demo.running import Demo, running_demo

HOPS = (
    r"^2\. v1\.0\.0 comes to staging on \w+day, \d\d \w+ \d{4}",
    r"│ ✅ v1\.0\.0 → staging +│",
    r"python -m handlers schedule\n +environment +action +UTC +local\n +staging +suspend .*\n +staging +resume ",
    r"18:45  slack    a message\n +╭.*\n +│ staging goes to sleep at 19:00 ",
    r"│ \[Keep it up for 3 hours\] +│",
    r"18:4\d  ben      /slipway keep staging up until 22:00",
    r"│ staging stays up until .* 22:00 Europe/Berlin\. +│",
    r"19:00  clock    the night begins without staging: Running",
    r"21:00  clock    staging is Running",
    r"│ staging goes to sleep at 22:00 ",
    r"^4\. At 22:00 it goes to sleep",
    r"22:00  clock    the night begins",
    r"azure    Update Deployment Status accepted",
    r"azure    staging: v1\.0\.0 is Suspended",
    r"│ ✅ suspend → staging +│",
    r"│ staging is suspended\. Azure charges for it all the same\. +│",
    r"23:00  clock    ▓░{8} 1 of 9 h, Suspended",
    r"06:00  clock    ▓{8}░ 8 of 9 h, Suspended",
    r"^5\. In the morning it runs again",
    r"07:0\d  azure    Update Deployment Status accepted",
    r"07:0\d  azure    staging: v1\.0\.0 is Running",
    r"│ ✅ resume → staging +│",
    r"clock    \w+day, 01 \w+: the month is over",
    r"│ staging slept 9 h in 1 night of \d{4}-\d\d\. ",
    r"^Done in \d+ s; all parts have stopped",
)
"""What has to be seen, in this order."""


@pytest.fixture(scope="module")
def played() -> Iterator[Demo]:
    """Play it once for all tests of this file."""
    with running_demo("--night") as demo:
        demo.process.wait(150)
        yield demo


@pytest.mark.journey
@pytest.mark.azurite
@pytest.mark.tls
def test_a_night_is_seen_from_the_evening_to_the_hours_that_it_came_to(played: Demo) -> None:
    """With a late worker, on a clock that is moved, in 80 columns; and its folders are gone."""
    text = played.text
    assert played.process.returncode == 0, text
    position = 0
    for hop in HOPS:
        found = re.compile(hop, re.MULTILINE).search(text, position)
        assert found, f"{hop!r} does not come, or not after what is before it:\n{text}"
        position = found.end()
    assert [line for line in text.splitlines() if cell_len(line) > 80] == []
    assert list(played.temporary.iterdir()) == []


def test_its_evening_is_the_last_but_one_of_a_month_that_is_to_come() -> None:
    """On whatever day it is played: so its hours are those of one month, and told once that is over."""
    today = date(2026, 1, 1)
    for _ in range(800):
        evening = evening_of(today)
        assert today < evening <= today + timedelta(days=60)
        assert (evening + timedelta(days=2)).day == 1
        today += timedelta(days=1)


@pytest.mark.parametrize("day", [date(2026, 11, 27) + timedelta(days=number) for number in range(7)], ids=str)
def test_its_rule_has_one_night_on_any_day_of_the_week(day: date) -> None:
    """It begins on that day and ends on the next morning, also at a weekend."""
    text = write_environments({"staging": environment(day)})
    head, *rows = coming(text, day, 3, datetime(2026, 11, 1, tzinfo=UTC))
    assert head.split() == ["environment", "action", "UTC", "local"]
    assert [row.split()[1] for row in rows] == ["suspend", "resume"]
    assert [row.split()[-3:-1] for row in rows] == [[str(day), "19:00"], [str(day + timedelta(days=1)), "07:00"]]
