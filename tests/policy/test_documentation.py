"""`docs/policy.md` and the code say the same."""

import re
from pathlib import Path
from typing import get_args

import pytest

from handlers.audit import What
from handlers.environments.rights import Freeze, Right
from handlers.model import Goal
from handlers.policy import REASONS, Reason, right_for
from tests.policy.places import PLACE

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under the row that begins with this heading."""
    table = TEXT.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def test_every_reason_is_listed() -> None:
    """With its rule, its effect and its meaning, and no other."""
    listed = {cells[0].strip("`"): tuple(cells[1:]) for cells in rows("reason")}
    assert listed == {str(reason): (str(one.rule), str(one.effect), one.words) for reason, one in REASONS.items()}
    assert set(REASONS) == set(Reason)


def test_every_right_is_listed() -> None:
    """And no other."""
    assert {cells[0].strip("`") for cells in rows("right")} == set(Right)


def test_every_key_of_a_freeze_is_listed() -> None:
    """And no other."""
    keys = {key for cells in rows("key") for key in re.findall(r"`(\w+)`", cells[0])}
    assert keys == set(Freeze.model_fields)


@pytest.mark.parametrize("goal", get_args(get_args(Goal)[0]), ids=lambda goal: goal.__name__)
def test_every_goal_takes_a_right(goal: type) -> None:
    """But for the removal of what a release of our own replaced."""
    made = goal.model_construct(status="Suspended", instances={}, settings={})  # type: ignore[attr-defined]
    assert (right_for(made, PLACE) is None) is (goal.__name__ == "Retire")


def test_every_kind_of_row_of_the_audit_trail_is_named() -> None:
    """In the words in which the trail is printed."""
    section = TEXT.split("## The audit trail", 1)[1].split("\n## ", 1)[0]
    assert {what for what in What if not re.search(rf"\b{what}\b", section)} == set()
