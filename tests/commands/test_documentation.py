"""The documentation says what the grammar does."""

import re
from pathlib import Path

import pytest

from handlers.commands import CommandNotUnderstood, Order, Verb, read
from handlers.commands.verbs import FORMS

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
ENVIRONMENTS = ("production", "staging", "qa")


def rows(head: str) -> list[list[str]]:
    """Return the cells of the table that has this first column."""
    table = TEXT.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]


def plain(cell: str) -> str:
    """Return what stands in backticks."""
    assert cell.startswith("`")
    assert cell.endswith("`")
    return cell[1:-1]


def test_every_form_is_there() -> None:
    """In the words of the help."""
    assert [(plain(form), meaning) for form, meaning, _ in rows("form")] == [
        (form.written, form.meaning) for form in FORMS.values()
    ]


@pytest.mark.parametrize(("verb", "example"), [(verb, row[2]) for verb, row in zip(Verb, rows("form"), strict=True)])
def test_every_example_is_a_command(verb: Verb, example: str) -> None:
    """Of the verb beside it."""
    read(plain(example), ENVIRONMENTS)
    assert plain(example).split()[0] == verb


def test_what_means_the_same_means_the_same() -> None:
    """All lines of the block."""
    (block,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    meanings = [read(line, ENVIRONMENTS) for line in block.splitlines()]
    assert len(meanings) == 3
    assert all(meaning == meanings[0] for meaning in meanings)


@pytest.mark.parametrize(("typed", "answered"), [(plain(row[0]), row[1]) for row in rows("typed")])
def test_every_mistake_is_answered_so(typed: str, answered: str) -> None:
    """Word by word."""
    with pytest.raises(CommandNotUnderstood) as refused:
        read(typed, ENVIRONMENTS)
    assert refused.value.sentence == answered


def test_several_environments_may_be_named_where_it_says_so() -> None:
    """And nowhere else."""
    (said,) = re.findall(r"\*\*Several environments\*\*[^.]*\.", TEXT)
    assert set(re.findall(r"`(\w+)`", said)) == {verb for verb in Verb if FORMS[verb].several}
    for verb in re.findall(r"`(\w+)`", said):
        example = FORMS[Verb(verb)].example.replace("ENVIRONMENT", "staging, qa")
        command = read(example, ENVIRONMENTS)
        assert isinstance(command, Order)
        assert command.environments == ("staging", "qa")
