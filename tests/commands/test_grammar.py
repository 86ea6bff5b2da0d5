"""The grammar: what each text means, and which texts mean nothing."""

from datetime import time, timedelta

import pytest

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
    WhoMay,
    read,
)
from handlers.environments.rights import Right
from handlers.model import Configure, Rollback, RunVersion, SetStatus, SwapSlots, UseConfiguration, Walk

ENVIRONMENTS = ("production", "staging", "qa")


def order(goal: CommandGoal, *environments: str) -> Order:
    """Write an order shortly."""
    return Order(environments, goal)


V142 = RunVersion(tag="v1.4.2")
SUSPENDED, RUNNING = SetStatus(status="Suspended"), SetStatus(status="Running")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("deploy v1.4.2 to production", order(V142, "production")),
        ("rollback production", order(Rollback(), "production")),
        ("suspend staging", order(SUSPENDED, "staging")),
        ("resume staging", order(RUNNING, "staging")),
        ("scale production web=4", order(Configure(instances={"web": 4}), "production")),
        ("scale production web=4 worker=0", order(Configure(instances={"web": 4, "worker": 0}), "production")),
        ("set production Colour=blue", order(Configure(settings={"Colour": "blue"}), "production")),
        ('set qa Greeting="hello world"', order(Configure(settings={"Greeting": "hello world"}), "qa")),
        ("config production from v1.4.2", order(UseConfiguration(tag="v1.4.2"), "production")),
        ("swap production", order(SwapSlots(), "production")),
        ("walk production 2", order(Walk(domain=2), "production")),
        ("status", Status(None)),
        ("status staging", Status("staging")),
        ("history production", History("production")),
        ("plan deploy v1.4.2 to production", Plan(order(V142, "production"))),
        ("plan suspend staging, qa", Plan(order(SUSPENDED, "staging", "qa"))),
        ("cancel dabcdefghij234567abcd", Cancel("dabcdefghij234567abcd")),
        ("cancel dabc23", Cancel("dabc23")),
        ("approve dabc23", Approve("dabc23")),
        ("approve dabc23 IF 0123456789ABCDEF0123456789abcdef", Approve("dabc23", "0123456789abcdef" * 2)),
        ("lock production because Zo\u00eb's on it, really", Lock("production", "Zo\u00eb's on it, really")),
        ("Lock Production BECAUSE  it   moves for 2 h", Lock("production", "it moves", timedelta(hours=2))),
        ("lock qa because we wait for x for 90m", Lock("qa", "we wait for x", timedelta(minutes=90))),
        ("unlock production", Unlock("production")),
        ("who may unlock-others production", WhoMay(Right.UNLOCK_OTHERS, "production")),
        ("set qa A=b Break-Glass  because x", Order(("qa",), Configure(settings={"A": "b"}), break_glass="x")),
        (
            "deploy v1.4.2 to production break-glass because it burns",
            Order(("production",), V142, break_glass="it burns"),
        ),
        (
            'set qa A="x break-glass because y" B=z',
            order(Configure(settings={"A": "x break-glass because y", "B": "z"}), "qa"),
        ),
        ("keep production up until 22:00", KeepUp("production", Until(time(22)))),
        ("Keep Production Up Until Tomorrow 09:00", KeepUp("production", Until(time(9), tomorrow=True))),
        ("keep qa up for 90m because the demo is late", KeepUp("qa", timedelta(minutes=90), "the demo is late")),
        ("skip tonight staging", SkipTonight("staging")),
        ("skip tonight staging because we release", SkipTonight("staging", "we release")),
        ("sleep staging now", SleepNow("staging")),
        ("help", Help(None)),
        ("help deploy", Help("deploy")),
        ("", Help(None)),
        (" \t\n", Help(None)),
    ],
)
def test_every_command_is_read(text: str, command: Command) -> None:
    """All of the grammar."""
    assert read(text, ENVIRONMENTS) == command


@pytest.mark.parametrize(
    ("text", "environments"),
    [
        ("deploy v1.4.2 to staging, qa", ("staging", "qa")),
        ("deploy v1.4.2 to staging,qa", ("staging", "qa")),
        ("deploy v1.4.2 to staging ,qa , production", ("staging", "qa", "production")),
        ("rollback staging, qa", ("staging", "qa")),
        ("suspend staging, qa", ("staging", "qa")),
        ("resume qa, staging", ("qa", "staging")),
        ("resume qa, QA", ("qa",)),
    ],
)
def test_several_environments_are_read_where_that_makes_sense(text: str, environments: tuple[str, ...]) -> None:
    """In the order in which they were named, and none twice."""
    command = read(text, ENVIRONMENTS)
    assert isinstance(command, Order)
    assert command.environments == environments


@pytest.mark.parametrize(
    "text",
    [
        "scale staging, qa web=4",
        "set staging, qa A=b",
        "config staging, qa from v1",
        "swap staging, qa",
        "walk staging, qa 2",
        "status staging, qa",
        "history staging, qa",
    ],
)
def test_elsewhere_one_environment_is_all(text: str) -> None:
    """What differs from place to place is asked for place by place."""
    with pytest.raises(CommandNotUnderstood):
        read(text, ENVIRONMENTS)


@pytest.mark.parametrize(
    "text",
    [
        "DEPLOY v1.4.2 TO PRODUCTION",
        "Deploy v1.4.2 to Production",
        "  deploy   v1.4.2\tto  production  ",
        "deploy v1.4.2\nto production\r\n",
        "deploy\u00a0v1.4.2 to\u00a0production",
    ],
    ids=["upper case", "capitals", "blanks", "line ends", "no-break spaces"],
)
def test_case_and_blanks_do_not_matter(text: str) -> None:
    """A phone writes the first letter in upper case; a chat sends no-break spaces."""
    assert read(text, ENVIRONMENTS) == order(V142, "production")


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("deploy V1.4.2-RC.1 to qa", RunVersion(tag="V1.4.2-RC.1")),
        ("config qa from Release/7", UseConfiguration(tag="Release/7")),
        ("scale qa WebRole1=4", Configure(instances={"WebRole1": 4})),
        ("set qa Microsoft.Plugins.X=Y", Configure(settings={"Microsoft.Plugins.X": "Y"})),
    ],
)
def test_tags_roles_and_settings_keep_their_case(text: str, goal: CommandGoal) -> None:
    """Git and Azure tell them apart by it."""
    assert read(text, ENVIRONMENTS) == order(goal, "qa")


@pytest.mark.parametrize(
    "tag", ["v1", "1", "pkg@1.2.3", "@scope/pkg@1.2.3", "release/2024-05-01", "v1+build.7", "to", "V" * 254]
)
def test_tags_may_look_like_this(tag: str) -> None:
    """Also one that is a word of the grammar: its place decides."""
    assert read(f"deploy {tag} to qa", ENVIRONMENTS) == order(RunVersion(tag=tag), "qa")


@pytest.mark.parametrize(
    "tag", ["-v1", "v1..2", "v1/", "v1.", "a//b", "v1@{1}", "../x", "v1?", "v1*", "v1;ls", "$(ls)", "`ls`", "v" * 255]
)
def test_tags_may_not_look_like_that(tag: str) -> None:
    """Git forbids most of these, and nothing else should ever see the others."""
    with pytest.raises(CommandNotUnderstood):
        read(f"deploy {tag} to qa", ENVIRONMENTS)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("blue", "blue"),
        ('""', ""),
        ('"hello world"', "hello world"),
        ('"a=b,c"', "a=b,c"),
        ('"say ""hi"""', 'say "hi"'),
        (r"C:\temp", r"C:\temp"),
        (r'"C:\new folder\"', "C:\\new folder\\"),
        ("\u65e5\u672c\u8a9e", "\u65e5\u672c\u8a9e"),
        ('"gr\u00fc\u00dfe, \u4e16\u754c \U0001f600"', "gr\u00fc\u00dfe, \u4e16\u754c \U0001f600"),
        ("it's", "it's"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
@pytest.mark.parametrize("blank", ["", " "], ids=["", "blanks around the sign"])
def test_values_may_be_any_text_that_can_be_seen(written: str, value: str, blank: str) -> None:
    """In quotes where there is a blank, a comma, an equals sign or a quote in it."""
    command = read(f"set qa Greeting{blank}={blank}{written}", ENVIRONMENTS)
    assert command == order(Configure(settings={"Greeting": value}), "qa")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set qa A=b c", "after c"),
        ("set qa A=", "needs a value"),
        ("set qa A", '"=" is missing'),
        ("set qa =b", "is missing before"),
        ("set qa", "setting and its value is missing"),
        ("set qa A=b=c", "in quotes"),
        ("set qa A=b,c", "in quotes"),
        ("set qa A= B=2", "in quotes"),
        ("set qa A=1 a=2", "twice"),
        ('set qa A="b', "quotes do not match"),
        ('set qa A="b"c', "quotes do not match"),
        ('set qa A=b"c"', "quotes do not match"),
        ("set qa A=\u201cb\u201d", "U+201C (LEFT DOUBLE QUOTATION MARK)"),
        ("set qa A='b'", "U+0027 (APOSTROPHE)"),
        ('set qa A="b\u00a0c"', "U+00A0 (NO-BREAK SPACE)"),
        ('set qa A="b\nc"', "U+000A"),
        ('set qa "A"=b', "Only values go in quotes"),
        ("set qa A/B=b", "cannot be the name of a setting"),
        ("scale qa web=-1", "whole number"),
        ("scale qa web=1.5", "whole number"),
        ("scale qa web=04", "whole number"),
        ("scale qa web=10000", "whole number"),
        ("scale qa web=\u0664", "U+0664 (ARABIC-INDIC DIGIT FOUR)"),
        ("walk qa 20", "0 to 19"),
        ("walk qa -1", "0 to 19"),
        ("walk qa", "upgrade domain is missing"),
        ("cancel d1234", "not a request's id"),
        ("cancel dabc2", "not a request's id"),
        ("cancel dabcdefghij234567abcde", "not a request's id"),
        ("cancel dabc189", "not a request's id"),
        ("lock qa", "because"),
        ("lock qa because", "reason is missing"),
        ("lock qa because for 2h", "reason is missing"),
        ("lock qa staging because x", '"staging" at the end'),
        ("lock qa because " + "x" * 201, "at most 200"),
        ("status qa break-glass because x", "changes something"),
        ("plan deploy v1 to qa break-glass because x", "changes something"),
        ("deploy v1 to qa break-glass", '"break-glass" at the end'),
        ("deploy v1 to qa because x", '"because" at the end'),
        ("unlock qa because x", '"because" at the end'),
        ("who may fly qa", "is not a right"),
        ("who deploys qa", '"may" is missing'),
        ("plan status", "nothing to plan"),
        ("plan plan deploy v1 to qa", "nothing to plan"),
        ("plan", "command to plan is missing"),
        ("deploy v1 to qa,", "is missing"),
        ("deploy v1 to ,qa", "is missing before"),
        ("status ,", "is missing before"),
        ("swap qa ,", "There is a comma where none belongs"),
        ("rollback qa please", '"please" at the end'),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    """The sentence says what is wrong, not only that something is."""
    with pytest.raises(CommandNotUnderstood) as refused:
        read(text, ENVIRONMENTS)
    assert said in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("d\u0435ploy v1 to qa", "U+0435 (CYRILLIC SMALL LETTER IE)"),
        ("deploy v1 t\u043e qa", "U+043E (CYRILLIC SMALL LETTER O)"),
        ("deploy v\u0661 to qa", "U+0661 (ARABIC-INDIC DIGIT ONE)"),
        ("deploy v1 to \u0440roduction", "U+0440 (CYRILLIC SMALL LETTER ER)"),
        ("deploy v1 to \uff51\uff41", "U+FF51 (FULLWIDTH LATIN SMALL LETTER Q)"),
        ("SU\u017fPEND qa", "U+017F (LATIN SMALL LETTER LONG S)"),
        ("wal\u212a qa 2", "U+212A (KELVIN SIGN)"),
        ("deploi v1 to \u0440roduction", "U+0440"),
        ("set qa Col\u043eur=blue", "U+043E"),
        ("deploy v1 to qa\u200b", "U+200B (ZERO WIDTH SPACE)"),
        ("deploy \u202ev1 to qa", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("deploy v1\u2003to qa", "U+2003 (EM SPACE)"),
        ("deploy v1 to qa\x1b[31m", "U+001B"),
        ("status\0", "U+0000"),
        ("set qa A=\u2066x\u2069", "U+2066"),
        ("set qa A=\ud800", "U+D800"),
    ],
)
def test_lookalikes_and_unseen_characters_are_refused_by_name(text: str, named: str) -> None:
    """Nothing is guessed from them: the character is named, no form is offered, and it is not repeated."""
    with pytest.raises(CommandNotUnderstood) as refused:
        read(text, ENVIRONMENTS)
    sentence = refused.value.sentence
    assert named in sentence
    assert "Did you mean" not in sentence
    assert "Write it like this" not in sentence
    assert sentence.isascii()


@pytest.mark.parametrize("length", [1001, 10_000, 100_000])
def test_a_long_text_is_refused_by_its_length(length: int) -> None:
    """And not repeated."""
    with pytest.raises(CommandNotUnderstood) as refused:
        read("deploy " + "v" * (length - 7), ENVIRONMENTS)
    assert refused.value.sentence == f"A command has at most 1,000 characters; this has {length:,}."


def test_the_longest_text_is_read() -> None:
    """A thousand characters."""
    text = 'set qa A="' + "v" * 989 + '"'
    assert len(text) == 1000
    assert read(text, ENVIRONMENTS) == order(Configure(settings={"A": "v" * 989}), "qa")


def test_an_environment_that_is_not_configured_is_unknown() -> None:
    """The names are those of the file, nothing else."""
    with pytest.raises(CommandNotUnderstood, match='I do not know the environment "production"'):
        read("status production", ["staging"])


def test_without_environments_help_is_there() -> None:
    """And everything else says what it misses."""
    assert read("help", []) == Help(None)
    with pytest.raises(CommandNotUnderstood, match="I do not know the environment"):
        read("swap production", [])


@pytest.mark.parametrize("name", ["to", "from", "help", "deploy"])
def test_an_environment_may_have_the_name_of_a_word_of_the_grammar(name: str) -> None:
    """Its place decides."""
    assert read(f"deploy v1 to {name}", [name]) == order(RunVersion(tag="v1"), name)
    assert read(f"config {name} from v1", [name]) == order(UseConfiguration(tag="v1"), name)
