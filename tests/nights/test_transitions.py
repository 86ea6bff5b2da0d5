"""Which nights a rule has."""

from datetime import date, datetime, timedelta

import pytest

from handlers.nights.ready import DEFAULT_LEAD, lead
from handlers.nights.rules import Rule
from handlers.nights.transitions import nights, nights_around, overlaps, without_overlaps
from tests.nights.rules import reading, rule


def spans(one: Rule, first: str, last: str) -> list[str]:
    """Return the nights that begin in a time as `began ended`, month and day."""
    found = nights(one, date.fromisoformat(first), date.fromisoformat(last))
    return [f"{night.began:%m-%d} {night.ended:%m-%d}" for night in found]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(
            rule(),
            ["03-26 03-27", "03-27 03-30", "03-30 03-31"],
            id="a Friday's night lasts over the weekend",
        ),
        pytest.param(
            rule(more=', weekend = ""'),
            ["03-26 03-27", "03-27 03-28", "03-30 03-31"],
            id="unless there is no weekend",
        ),
        pytest.param(rule(days="fri"), ["03-27 03-30"], id="weekends alone"),
        pytest.param(rule(days="sat,sun"), ["03-28 03-29", "03-29 03-30"], id="nights of the weekend alone"),
        pytest.param(
            rule(days="sun-thu", more=', weekend = "fri-sat"'),
            ["03-26 03-29", "03-29 03-30", "03-30 03-31"],
            id="a weekend on other days",
        ),
        pytest.param(
            rule(suspend="01:00", resume="05:00"),
            ["03-26 03-26", "03-27 03-27", "03-30 03-30"],
            id="a night that begins after midnight belongs to that day",
        ),
        pytest.param(
            rule(more=', holidays = ["2026-03-27", 2026-03-30]'),
            ["03-26 03-31"],
            id="holidays before and after a weekend are slept through",
        ),
    ],
)
def test_a_rule_has_these_nights_from_the_26th_to_the_30th_of_march_2026(one: Rule, expected: list[str]) -> None:
    """Thursday to Monday, with the change of the clocks on the Sunday."""
    assert spans(one, "2026-03-26", "2026-03-30") == expected


def test_a_weekend_over_a_change_of_clocks_ends_on_local_time() -> None:
    """07:00 in Berlin is 06:00 UTC before it and 05:00 UTC after it."""
    (night,) = nights(rule(), date(2026, 3, 27), date(2026, 3, 27))
    assert (night.evening.isoformat(), night.morning.isoformat()) == (
        "2026-03-27T18:00:00+00:00",
        "2026-03-30T05:00:00+00:00",
    )


def test_a_long_night_is_found_to_its_end() -> None:
    """Also one that began long before the time that is asked for."""
    off = ", ".join(f'"2026-08-{day:02}"' for day in range(3, 29))
    one = rule(more=f", holidays = [{off}]")
    now = datetime.fromisoformat("2026-08-31T00:00Z")
    (night,) = (night for night in nights_around([one], now) if night.evening <= now < night.morning)
    assert night.began == date(2026, 7, 31)


def test_no_night_begins_where_no_morning_is_near() -> None:
    """Somebody has made a mistake, and things stay up."""
    off = ", ".join(f'"{date(2026, 1, 2) + timedelta(days=day)}"' for day in range(90))
    one = rule(more=f", holidays = [{off}]")
    assert spans(one, "2026-01-01", "2026-01-01") == []


def test_ready_by_begins_earlier_by_what_a_resume_takes() -> None:
    """And not before the evening."""
    (one,) = reading('night = { suspend = "19:00", ready_by = "08:00", zone = "Europe/Berlin" }').rules
    (night,) = nights(one, date(2026, 3, 4), date(2026, 3, 4), timedelta(minutes=20))
    assert night.morning.isoformat() == "2026-03-05T06:40:00+00:00"
    (short,) = nights(one, date(2026, 3, 4), date(2026, 3, 4), timedelta(days=1))
    assert short.morning == short.evening


def test_the_lead_is_the_slow_end_of_past_resumes_and_a_tenth() -> None:
    """One odd morning of twenty does not count."""
    usual = [timedelta(minutes=5)] * 19
    assert lead([*usual, timedelta(hours=1)]) == timedelta(minutes=5.5)
    assert lead([]) == DEFAULT_LEAD
    assert lead([timedelta(hours=9)]) == timedelta(hours=2)


TWO = """
[[environments.staging.night]]
name = "week"
suspend = "19:00"
resume = "07:00"
days = "mon-thu"
zone = "Europe/Berlin"

[[environments.staging.night]]
name = "weekend"
suspend = "{evening}"
resume = "07:00"
days = "fri"
zone = "Europe/Berlin"
"""


def test_two_rules_may_share_a_week() -> None:
    """Nothing overlaps."""
    found = nights_around(reading(TWO.format(evening="16:00")).rules, datetime.fromisoformat("2026-03-04T12:00Z"))
    assert list(overlaps(found)) == []


def test_nights_that_overlap_do_not_happen_and_others_do() -> None:
    """Thursday's night of one rule and Friday's early one of the other have an hour in common."""
    found = nights_around(reading(TWO.format(evening="06:00")).rules, datetime.fromisoformat("2026-03-06T12:00Z"))
    left = {(night.rule.name, night.began) for night in without_overlaps(found)}
    assert {("week", date(2026, 3, 5)), ("weekend", date(2026, 3, 6))}.isdisjoint(left)
    assert ("week", date(2026, 3, 4)) in left
