"""What is different in a comment: a slash in what is shown, and a deploy without a version."""

from collections.abc import Sequence

import pytest

from handlers.commands import (
    IN_A_CHAT,
    IN_A_COMMENT,
    Command,
    CommandNotUnderstood,
    Order,
    Plan,
    Verb,
    begins_with_a_verb,
    help_text,
    read,
    say,
)
from handlers.commands.verbs import FORMS
from handlers.model import RunHead, RunVersion

PLACES = ("production", "staging", "qa")


def comment(text: str, places: Sequence[str] = PLACES) -> Command:
    """Read the first line of a comment, without its slash."""
    return read(text, places, IN_A_COMMENT)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("deploy to staging", Order(("staging",), RunHead()), id="the head"),
        pytest.param("Deploy TO Staging , qa", Order(("staging", "qa"), RunHead()), id="in several"),
        pytest.param("plan deploy to qa", Plan(Order(("qa",), RunHead())), id="planned"),
        pytest.param("deploy v1 to staging", Order(("staging",), RunVersion(tag="v1")), id="a version"),
        pytest.param("deploy to to staging", Order(("staging",), RunVersion(tag="to")), id="a version called to"),
        pytest.param(
            "deploy to staging break-glass because it burns",
            Order(("staging",), RunHead(), "it burns"),
            id="in spite of a freeze",
        ),
    ],
)
def test_a_version_can_be_left_out(text: str, command: Command) -> None:
    """And what is read is written so that it is read again."""
    assert comment(text) == command
    assert comment(say(command)) == command


@pytest.mark.parametrize("text", ["deploy to staging", "plan deploy to staging"])
def test_in_a_chat_it_cannot(text: str) -> None:
    """There is no pull request."""
    with pytest.raises(CommandNotUnderstood):
        read(text, PLACES, IN_A_CHAT)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("deploy to", "The environment is missing."),
        ("deploy", "The version to deploy is missing."),
        ("deploy to staging now", "Did you mean: /deploy to staging"),
        ("deploy to stagin", "Did you mean: /deploy to staging"),
        ("deploy v1.4.2 to stagin", "Did you mean: /deploy v1.4.2 to staging"),
        ("lock staging", "Write it like this: /lock staging because REASON"),
    ],
)
def test_a_form_is_shown_with_its_slash(text: str, answer: str) -> None:
    """As it has to be typed."""
    with pytest.raises(CommandNotUnderstood) as mistake:
        comment(text)
    assert answer in mistake.value.sentence


def test_every_line_of_the_help_begins_with_a_slash() -> None:
    """And both ways to deploy are there."""
    lines = help_text(None, PLACES, IN_A_COMMENT).split("\n\n")[0].splitlines()
    assert all(line.startswith("/") for line in lines)
    assert len(lines) == len(FORMS) + 1
    assert "/deploy to ENVIRONMENT" in help_text("deploy", PLACES, IN_A_COMMENT)
    assert "deploy to ENVIRONMENT" not in help_text("deploy", PLACES)


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_is_known_in_any_case(verb: Verb) -> None:
    """With something behind it, or nothing."""
    for text in (verb, verb.upper(), f"{verb} x", f"{verb}\tx"):
        assert begins_with_a_verb(text)


@pytest.mark.parametrize(
    "text", ["", " ", " deploy", "deployment", "deploy/to", "usr/bin", "d\u0435ploy x", "deploy,x", "/deploy"]
)
def test_what_begins_with_anything_else_is_not_for_us(text: str) -> None:
    """Also where it only looks like a verb."""
    assert not begins_with_a_verb(text)
