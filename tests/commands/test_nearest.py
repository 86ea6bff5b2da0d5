"""Mistakes are answered with the nearest right form, in the words of whoever made them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.commands import CommandNotUnderstood, read
from handlers.commands.nearest import LONGEST

ENVIRONMENTS = ("production", "staging", "qa")


def refusal(text: str, environments: tuple[str, ...] = ENVIRONMENTS) -> str:
    """Return the sentence that a text is answered with."""
    with pytest.raises(CommandNotUnderstood) as refused:
        read(text, environments)
    return refused.value.sentence


def test_the_whole_sentence() -> None:
    """What is wrong, then the form."""
    assert refusal("deploi v1.4.2 to prodcution") == (
        'I do not know "deploi". Did you mean: deploy v1.4.2 to production'
    )


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("deploi v1.4.2 to prodcution", "deploy v1.4.2 to production"),
        ("deploy v1.4.2 to prod", "deploy v1.4.2 to production"),
        ("deploy v1.4.2 production", "deploy v1.4.2 to production"),
        ("deploy production v1.4.2", "deploy v1.4.2 to production"),
        ("deploy to qa v1.4.2", "deploy v1.4.2 to qa"),
        ("deploy v1.4.2 on staging and qa", "deploy v1.4.2 to staging, qa"),
        ('deploy "v1.4.2" to qa', "deploy v1.4.2 to qa"),
        ("please deploy v1.4.2 to qa", "deploy v1.4.2 to qa"),
        ("ship v1.4.2 to qa", "deploy v1.4.2 to qa"),
        ("roll back qa", "rollback qa"),
        ("rolback qa", "rollback qa"),
        ("stop qa", "suspend qa"),
        ("suspend staging qa", "suspend staging, qa"),
        ("start qa", "resume qa"),
        ("scale qa web 4", "scale qa web=4"),
        ("scale web=4 qa", "scale qa web=4"),
        ("scale qa web:4", "scale qa web=4"),
        ("scale qa web=4, worker=2", "scale qa web=4 worker=2"),
        ("set qa Greeting=hello world", 'set qa Greeting="hello world"'),
        ("set qa Greeting=\u201chello world\u201d", 'set qa Greeting="hello world"'),
        ("set Greeting=hello qa", 'set qa Greeting="hello qa"'),
        ("config qa v1.4.2", "config qa from v1.4.2"),
        ("swap prod", "swap production"),
        ("walk 2 qa", "walk qa 2"),
        ("status of qa", "status qa"),
        ("state qa", "status qa"),
        ("histroy qa", "history qa"),
        ("keep qa until 9:30", "keep qa up until 09:30"),
        ("keep qa up tomorrow 09:00", "keep qa up until tomorrow 09:00"),
        ("keep staging for 3h", "keep staging up for 3h"),
        ("skip staging tonight", "skip tonight staging"),
        ("sleep qa", "sleep qa now"),
        ("plan deploy v1.4.2 to prodution", "plan deploy v1.4.2 to production"),
        ("lock prod because the database moves, slowly", "lock production because the database moves, slowly"),
        ("unlok qa", "unlock qa"),
        ("who may deploy to qa", "who may deploy qa"),
        ("cancel request dabc234", "cancel dabc234"),
        ("help me", "help"),
        ("help deplo", "help deploy"),
    ],
)
def test_a_right_form_is_offered(text: str, form: str) -> None:
    """Ready to be typed."""
    assert refusal(text).endswith(f"Did you mean: {form}")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("deploy", "deploy VERSION to ENVIRONMENT"),
        ("deploy to qa", "deploy VERSION to qa"),
        ("deploy v1.4.2", "deploy v1.4.2 to ENVIRONMENT"),
        ("deploy v1.4.2 to moon", "deploy v1.4.2 to ENVIRONMENT"),
        ("scale qa web=many", "scale qa web=COUNT"),
        ("scale qa", "scale qa ROLE=COUNT"),
        ("set qa", "set qa NAME=VALUE"),
        ("set qa A=", "set qa A=VALUE"),
        ("set qa A=b=c", "set qa A=VALUE"),
        ("walk qa two", "walk qa DOMAIN"),
        ("status moon", "status ENVIRONMENT"),
        ("plan status", "plan COMMAND"),
        ("cancel it", "cancel ID"),
    ],
)
def test_a_gap_is_shown_where_a_word_is_missing(text: str, form: str) -> None:
    """In capitals, with the words that are right already."""
    assert refusal(text).endswith(f"Write it like this: {form}")


def test_the_environments_are_listed_where_one_is_missing() -> None:
    """Whoever does not know the name cannot write it."""
    assert "There are: production, staging, qa." in refusal("swap")


def test_a_sole_environment_is_taken_as_meant() -> None:
    """There is no other."""
    assert refusal("deploy v1", ("production",)).endswith("Did you mean: deploy v1 to production")


def test_what_is_near_to_nothing_leads_to_help() -> None:
    """No verb is made up."""
    assert refusal("lorem ipsum") == 'I do not know "lorem". Write help to see what I know.'


def test_a_lookalike_is_near_to_nothing() -> None:
    """Not even where it would have been a value."""
    assert refusal("swap a=b \u0440roduction").endswith("Write it like this: swap ENVIRONMENT")


def test_an_offered_form_is_never_done() -> None:
    """A mistake raises, however near the right form is."""
    with pytest.raises(CommandNotUnderstood):
        read("suspend prodution", ENVIRONMENTS)


VERBS = ["deploy", "deploi", "stop", "scale", "set", "plan", "config", "walk", "status", "help"]
WORDS = [*VERBS, "to", "from", "v1.4.2", "production", "prod", "qa", "web=4", "A=b", 'A="b', 'c"', "2", "VERSION"]
MARKS = [",", "=", '"', '""', "\u0435"]


@given(text=st.lists(st.sampled_from([*WORDS, *MARKS]), max_size=8).map(" ".join))
@settings(max_examples=1000)
def test_every_offered_form_is_a_command(text: str) -> None:
    """Whoever types what is offered is not refused again."""
    try:
        read(text, ENVIRONMENTS)
    except CommandNotUnderstood as refused:
        offered = re.search(r"Did you mean: (.*)", refused.sentence)
        if offered:
            read(offered[1], ENVIRONMENTS)


def test_a_long_mistake_is_not_repaired() -> None:
    """It was hardly mistyped, and comparing its words would take long."""
    assert "Did you mean" in refusal("deploi v1 to qa".ljust(LONGEST - 2) + " x")
    assert refusal("deploi v1 to qa".ljust(LONGEST) + " x") == 'I do not know "deploi".'
