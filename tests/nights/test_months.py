"""What nights come to, by the months of the zone of their rule."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.nights.months import add_night, last_month
from handlers.nights.rules import Way
from handlers.nights.state import Snapshot

APIA, BERLIN, HONOLULU = (ZoneInfo(name) for name in ("Pacific/Apia", "Europe/Berlin", "Pacific/Honolulu"))


def instant(text: str) -> datetime:
    """Read an instant of 2026, UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def slept(zone: str, begin: str, end: str) -> dict[str, tuple[float, int]]:
    """Return hours and nights by month after one night."""
    snapshot = Snapshot(
        rule="night",
        way=Way.SUSPEND,
        request="d" * 21,
        deployment="web",
        status="Running",
        counts={"Web": 2},
        zone=zone,
        taken_at=instant(begin),
        wake_at=instant(end),
    )
    found = add_night({}, snapshot, instant(end))
    return {month: (round(one.hours, 2), one.nights) for month, one in found.items()}


@pytest.mark.parametrize(
    ("zone", "begin", "end", "months"),
    [
        pytest.param("UTC", "03-31 18:00", "04-01 06:00", {"2026-03": (6, 1), "2026-04": (6, 0)}, id="UTC"),
        pytest.param(
            "Europe/Berlin", "03-31 17:00", "04-01 05:00", {"2026-03": (5, 1), "2026-04": (7, 0)}, id="before UTC"
        ),
        pytest.param("Pacific/Honolulu", "04-01 05:00", "04-01 09:00", {"2026-03": (4, 1)}, id="March is not over"),
        pytest.param("Pacific/Apia", "03-31 12:00", "03-31 18:00", {"2026-04": (6, 1)}, id="April has begun"),
        pytest.param(
            "Europe/Berlin",
            "10-24 17:00",
            "11-01 06:00",
            {"2026-10": (174, 1), "2026-11": (7, 0)},
            id="clocks go back meanwhile",
        ),
    ],
)
def test_a_night_counts_for_the_months_of_its_zone(
    zone: str, begin: str, end: str, months: dict[str, tuple[float, int]]
) -> None:
    """Hours where they were slept, the night where it began."""
    assert slept(zone, begin, end) == months


@pytest.mark.parametrize(
    ("zones", "now", "month", "ended"),
    [
        pytest.param([BERLIN], "03-31 21:59", "2026-02", "02-28 23:00", id="not yet"),
        pytest.param([BERLIN], "03-31 22:00", "2026-03", "03-31 22:00", id="midnight in Berlin"),
        pytest.param([APIA, HONOLULU], "04-01 09:59", "2026-02", "03-01 10:00", id="not yet in both"),
        pytest.param([HONOLULU, APIA], "04-01 10:00", "2026-03", "04-01 10:00", id="in both"),
        pytest.param([], "04-01 00:00", "2026-03", "04-01 00:00", id="no rule any more"),
    ],
)
def test_a_month_is_over_when_it_is_on_all_clocks(zones: list[ZoneInfo], now: str, month: str, ended: str) -> None:
    """Of an environment whose rules have several zones, on those of the last one."""
    assert last_month(instant(now), zones) == (month, instant(ended))
