"""When a freeze holds something back: windows, zones, verbs, what is under way."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from handlers.environments.rights import Freeze, Right
from handlers.policy import Reason, at_the_door, freeze_at
from handlers.policy.when import rule_freeze
from tests.policy.places import PLACE, attempt


def freeze(**keys: Any) -> Freeze:
    """Read a freeze as the file has it."""
    return Freeze.model_validate({"reason": "holidays", **keys})


WEEKEND = freeze(weekly="Fri 16:00 - Mon 08:00", zone="Europe/Berlin")
HOLIDAYS = freeze(zone="Europe/Berlin", begins=datetime(2026, 12, 19, 18), ends=datetime(2027, 1, 4, 8))  # noqa: DTZ001 - wall-clock time
OFFICE = freeze(window="allow", weekly="Mon 08:00 - Fri 16:00", reason="nobody is there to help")


@pytest.mark.parametrize(
    ("window", "instant", "covered"),
    [
        pytest.param(WEEKEND, "2026-03-06T14:59+00:00", False, id="before the weekend in Berlin"),
        pytest.param(WEEKEND, "2026-03-06T15:00+00:00", True, id="its first minute"),
        pytest.param(WEEKEND, "2026-03-08T23:30+00:00", True, id="across the end of the week"),
        pytest.param(WEEKEND, "2026-03-09T06:59+00:00", True, id="its last minute"),
        pytest.param(WEEKEND, "2026-03-09T07:00+00:00", False, id="free again"),
        pytest.param(WEEKEND, "2026-07-03T14:00+00:00", True, id="an hour earlier in summer"),
        pytest.param(HOLIDAYS, "2026-12-19T16:59+00:00", False, id="before the holidays"),
        pytest.param(HOLIDAYS, "2026-12-19T17:00+00:00", True, id="their first minute"),
        pytest.param(HOLIDAYS, "2027-01-04T07:00+00:00", False, id="after them"),
    ],
)
def test_a_window_is_read_by_the_clocks_of_its_zone(window: Freeze, instant: str, covered: bool) -> None:
    """The end is free again."""
    assert window.covers(datetime.fromisoformat(instant)) is covered


@pytest.mark.parametrize(
    ("freezes", "instant", "by"),
    [
        pytest.param([OFFICE], "2026-03-02T09:00+00:00", None, id="inside a window that allows"),
        pytest.param([OFFICE], "2026-03-07T09:00+00:00", OFFICE, id="outside of it"),
        pytest.param([OFFICE, WEEKEND], "2026-03-06T15:30+00:00", WEEKEND, id="a window that denies wins"),
    ],
)
def test_windows_that_allow_freeze_everything_else(freezes: list[Freeze], instant: str, by: Freeze | None) -> None:
    """Outside of all of them."""
    place = PLACE.model_copy(update={"freezes": tuple(freezes)})
    assert freeze_at(place, Right.DEPLOY, datetime.fromisoformat(instant)) is by


@pytest.mark.parametrize("right", [Right.ROLLBACK, Right.RESUME, Right.SUSPEND, Right.CANCEL, Right.UNLOCK])
def test_the_way_back_stays_open(right: Right) -> None:
    """Unless the file names it."""
    saturday = datetime(2026, 3, 7, 9, tzinfo=UTC)
    assert freeze_at(PLACE.model_copy(update={"freezes": (WEEKEND,)}), right, saturday) is None
    strict = WEEKEND.model_copy(update={"verbs": (right,)})
    assert freeze_at(PLACE.model_copy(update={"freezes": (strict,)}), right, saturday) is strict


@pytest.mark.parametrize(("running", "reason"), [("finish", Reason.NOT_FROZEN), ("stop", Reason.FROZEN_UNDER_WAY)])
def test_a_freeze_says_what_becomes_of_a_run_under_way(running: str, reason: Reason) -> None:
    """It goes on, or takes no further step."""
    place = PLACE.model_copy(update={"freezes": (WEEKEND.model_copy(update={"running": running}),)})
    saturday = datetime(2026, 3, 7, 9, tzinfo=UTC)
    assert rule_freeze(attempt(Right.DEPLOY, environment=place, now=saturday, begun=True)).reason is reason


def test_a_refusal_says_when_and_why() -> None:
    """In the words of the file."""
    place = PLACE.model_copy(update={"freezes": (WEEKEND,)})
    saturday = datetime(2026, 3, 7, 9, tzinfo=UTC)
    sentences = [
        ruling.sentence for ruling in at_the_door(attempt(Right.SCALE, environment=place, now=saturday)).rulings
    ]
    assert "production is frozen, Fri 16:00 - Mon 08:00 (Europe/Berlin): holidays." in sentences


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="no time"),
        pytest.param({"begins": datetime(2026, 1, 1)}, id="no end"),  # noqa: DTZ001 - wall-clock time
        pytest.param({"weekly": "Fri 16:00 - Mon 08:00", "begins": datetime(2026, 1, 1)}, id="both"),  # noqa: DTZ001
        pytest.param({"weekly": "Fri 24:00 - Mon 08:00"}, id="no such hour"),
        pytest.param({"weekly": "Fri 16:00 - Mon 08:00", "zone": "Europe/Atlantis"}, id="no such zone"),
        pytest.param({"weekly": "Fri 16:00 - Mon 08:00", "zone": "../etc/passwd"}, id="a path"),
        pytest.param(
            {"begins": datetime(2026, 1, 2), "ends": datetime(2026, 1, 1)},  # noqa: DTZ001
            id="backwards",
        ),
        pytest.param(
            {"begins": datetime(2026, 1, 1, tzinfo=UTC), "ends": datetime(2026, 1, 2, tzinfo=UTC)}, id="with an offset"
        ),
        pytest.param({"weekly": "Fri 16:00 - Mon 08:00", "verbs": ["deplooy"]}, id="no such right"),
    ],
)
def test_a_freeze_without_a_meaning_is_refused(keys: dict[str, object]) -> None:
    """At the start, not at Christmas."""
    with pytest.raises(ValidationError):
        freeze(**keys)
