"""A night that is played beside the demo is told whole, and its trouble is the demo's."""

import sys
from pathlib import Path

import pytest

from local.demo.beside import NightBeside
from local.demo.page import Page
from local.demo.story import Missing
from local.processes import Child


def begun(program: str, folder: Path) -> Child:
    """Let a program write in place of a night."""
    return Child.start([sys.executable, "-c", program], name="the night", log=folder / "night.log")


def test_all_that_it_writes_is_told_also_what_comes_late(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it was written before anybody asked or after."""
    with begun("import time; print('evening'); time.sleep(0.3); print('morning')", tmp_path) as child:
        NightBeside(child).tell(Page())
    assert capsys.readouterr().out == "evening\nmorning\n"


def test_a_night_that_fails_fails_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After what it said itself about it."""
    fails = begun("print('it did not wake'); raise SystemExit(1)", tmp_path)
    with fails as child, pytest.raises(Missing, match="ended with 1"):
        NightBeside(child).tell(Page())
    assert capsys.readouterr().out == "it did not wake\n"
