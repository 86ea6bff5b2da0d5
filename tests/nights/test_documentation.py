"""The documentation of nights says what the code says."""

import re
import tomllib
from pathlib import Path

import pytest

from handlers import commands
from handlers.nights.rules import RULES, Rule
from tests.nights.rules import reading

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "nights.md").read_text(encoding="utf-8")


def test_every_key_has_its_row_and_its_default() -> None:
    """And no other."""
    rows = dict(re.findall(r"^\| `([a-z_]+)` \|([^|]*)\|", TEXT, re.MULTILINE))
    assert set(rows) == set(RULES)
    defaults = {name: rows[name].strip().strip("`") for name in ("max_lateness", "warn_before", "sleep", "wakes")}
    said = {name: value.strip('"') for name, value in defaults.items()}
    assert said == {name: str(Rule.model_fields[name].default) for name in defaults}


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
def test_every_example_can_be_read(block: str) -> None:
    """As rules without mistakes."""
    given = tomllib.loads(block)["environments"]["staging"]["night"]
    tables = given if isinstance(given, list) else [given]
    text = "\n".join(
        "[[environments.staging.night]]\n" + "\n".join(f'{key} = "{value}"' for key, value in table.items())
        for table in tables
    )
    found = reading(text)
    assert found.mistakes == ()
    assert len(found.rules) == len(tables)


@pytest.mark.parametrize("command", re.findall(r"^\| `((?:keep|skip|sleep) [^`]+)` \|", TEXT, re.MULTILINE))
def test_every_command_is_understood(command: str) -> None:
    """As it stands there."""
    assert commands.say(commands.read(command, ["staging"])) == command


def test_nobody_is_promised_money_that_azure_does_not_pay_back() -> None:
    """Wherever a suspension is offered, its price is named."""
    assert "Azure charges for a suspended deployment all the same" in TEXT
