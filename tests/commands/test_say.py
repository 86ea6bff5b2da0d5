"""A command has one canonical text, and a text has one meaning."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.commands import (
    Approve,
    Cancel,
    Command,
    CommandGoal,
    CommandNotUnderstood,
    Help,
    History,
    KeepUp,
    Lock,
    Order,
    Plan,
    SkipTonight,
    SleepNow,
    Status,
    Unlock,
    Until,
    Verb,
    WhoMay,
    read,
    say,
)
from handlers.commands.parse import TAG
from handlers.environments.rights import Right
from handlers.model import Configure, Rollback, RunVersion, SetStatus, SwapSlots, UseConfiguration, Walk

ENVIRONMENTS = ("production", "staging", "qa", "to", "from", "walk")
ENVIRONMENT = st.sampled_from(ENVIRONMENTS)
SEVERAL = st.lists(ENVIRONMENT, min_size=1, max_size=4, unique=True).map(tuple)
ONE = ENVIRONMENT.map(lambda name: (name,))
TAGS = st.from_regex(TAG, fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,20}", fullmatch=True)
VISIBLE = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
VALUES = st.text(VISIBLE, max_size=20) | st.text('"\\=, a', max_size=10)


def named(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Give values names, of which no two differ by case alone."""
    pairs = st.lists(st.tuples(NAMES, values), min_size=1, max_size=4, unique_by=lambda pair: pair[0].lower())
    return pairs.map(dict)


GOALS_FOR_SEVERAL: st.SearchStrategy[CommandGoal] = st.one_of(
    TAGS.map(lambda tag: RunVersion(tag=tag)),
    st.just(Rollback()),
    st.sampled_from([SetStatus(status="Running"), SetStatus(status="Suspended")]),
)
GOALS_FOR_ONE: st.SearchStrategy[CommandGoal] = st.one_of(
    TAGS.map(lambda tag: UseConfiguration(tag=tag)),
    st.just(SwapSlots()),
    st.integers(0, 19).map(lambda domain: Walk(domain=domain)),
    named(st.integers(0, 9999)).map(lambda counts: Configure.model_validate({"instances": counts})),
    named(VALUES).map(lambda values: Configure.model_validate({"settings": values})),
)
REASONS = st.sampled_from(["the shop is down", "because", "Zo\u00eb, for 2h or so", "for all of us", 'a "b" = c'])
GLASS = st.none() | REASONS
TIMES = st.sampled_from([None, timedelta(minutes=90), timedelta(hours=2), timedelta(days=3)])
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
ENDS = st.builds(Until, CLOCKS, st.booleans()) | TIMES.filter(lambda time: time is not None)
PLAIN_ORDERS = st.one_of(st.builds(Order, SEVERAL, GOALS_FOR_SEVERAL), st.builds(Order, ONE, GOALS_FOR_ONE))
ORDERS = st.builds(replace, PLAIN_ORDERS, break_glass=GLASS)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    ORDERS,
    PLAIN_ORDERS.map(Plan),
    st.builds(Lock, ENVIRONMENT, REASONS, TIMES),
    ENVIRONMENT.map(Unlock),
    st.builds(KeepUp, ENVIRONMENT, ENDS, GLASS),
    st.builds(SkipTonight, ENVIRONMENT, GLASS),
    st.builds(SleepNow, ENVIRONMENT, GLASS),
    st.builds(WhoMay, st.sampled_from(Right), ENVIRONMENT),
    st.none().map(Status) | ENVIRONMENT.map(Status),
    ENVIRONMENT.map(History),
    st.from_regex(r"d[a-z2-7]{5,20}", fullmatch=True).map(Cancel),
    st.builds(
        Approve,
        st.from_regex(r"d[a-z2-7]{5,20}", fullmatch=True),
        st.none() | st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    ),
    st.none().map(Help) | st.sampled_from([verb.value for verb in Verb]).map(Help),
)


@given(command=COMMANDS)
@settings(max_examples=1000)
def test_what_is_said_is_read_again(command: Command) -> None:
    """Every command has a text, and it means that command."""
    text = say(command)
    if len(text) <= 1000:
        assert read(text, ENVIRONMENTS) == command


@given(
    command=st.one_of(st.builds(Order, SEVERAL, GOALS_FOR_SEVERAL), ENVIRONMENT.map(Status), ENVIRONMENT.map(History)),
    data=st.data(),
)
@settings(max_examples=500)
def test_case_and_blanks_change_nothing(command: Command, data: st.DataObject) -> None:
    """Letters of verbs, keywords and environments in any case, blanks of any kind and number."""
    tag = command.goal.tag if isinstance(command, Order) and isinstance(command.goal, RunVersion) else None
    words = say(command).split(" ")
    varied = [
        word if index == 1 and word == tag else "".join(data.draw(st.sampled_from([c, c.upper()])) for c in word)
        for index, word in enumerate(words)
    ]
    blanks = st.text(" \t\n\r\u00a0", min_size=1, max_size=3)
    text = "".join(data.draw(blanks) + word for word in varied) + data.draw(blanks)
    assert read(text, ENVIRONMENTS) == command


@given(text=st.text(st.characters(codec=None), max_size=60))
@settings(max_examples=1000)
def test_no_text_raises_anything_else(text: str) -> None:
    """A command or CommandNotUnderstood with a sentence."""
    check(text)


PIECES = st.sampled_from(
    [
        *Verb,
        *ENVIRONMENTS,
        "to",
        "from",
        ",",
        "=",
        '"',
        '""',
        " ",
        "\n",
        "v1",
        "A",
        "=1",
        "2",
        "\u0435",
        "\u00e9",
        "\u201c",
        "dabc234",
    ]
)


@given(text=st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=12).map(" ".join))
@settings(max_examples=2000)
def test_no_text_of_the_grammars_own_pieces_raises_anything_else(text: str) -> None:
    """Nearer to the edges than any text."""
    check(text)


def check(text: str) -> None:
    """Read a text; hold what comes to its promises."""
    try:
        command = read(text, ENVIRONMENTS)
    except CommandNotUnderstood as refused:
        assert refused.sentence  # noqa: PT017 - both ends are allowed
        return
    assert read(say(command), ENVIRONMENTS) == command


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("SCALE QA Web = 4", "scale qa Web=4"),
        ("set qa A = b", "set qa A=b"),
        ('set qa A="b"', "set qa A=b"),
        ("set qa A=\u65e5", 'set qa A="\u65e5"'),
        ('set qa A=""', 'set qa A=""'),
        ('set qa A="a""b"', 'set qa A="a""b"'),
        ("suspend qa,qa ,STAGING", "suspend qa, staging"),
        ("", "help"),
    ],
)
def test_the_canonical_form(text: str, canonical: str) -> None:
    """One for each meaning."""
    assert say(read(text, ENVIRONMENTS)) == canonical
