"""The small pure readers: timespans, `%NAME%`, the texts of queue messages, back-off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.timers.timespan import parse_timespan
from local.host.backoff import MINIMUM, Backoff
from local.host.expressions import ExpressionError, resolve
from local.host.host_json import MessageEncoding
from local.host.queue_text import Undecodable, decode_text, encode_text

SETTINGS = {"QUEUE": "requests", "GROUP__NAME": "nested", "NESTED": "%QUEUE%", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("00:00:02", timedelta(seconds=2), id="seconds"),
        pytest.param("00:00:00.5000000", timedelta(milliseconds=500), id="fraction"),
        pytest.param("2.00:00:00", timedelta(days=2), id="days"),
        pytest.param("25:00:00", timedelta(days=25), id="25 hours are 25 days in .NET"),
        pytest.param("99999999999.00:00:00", None, id="more days than there are"),
        pytest.param("10", None, id="a bare number"),
        pytest.param("00:00:60", None, id="60 seconds"),
        pytest.param("1.24:00:00", None, id="24 hours after days"),
        pytest.param(" 00:00:01", None, id="space before it"),
    ],
)
def test_a_timespan_is_read_as_dotnet_reads_it(text: str, expected: timedelta | None) -> None:
    """The forms of host.json and of timer schedules."""
    assert parse_timespan(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("requests", "requests", id="no expression"),
        pytest.param("%QUEUE%", "requests", id="whole"),
        pytest.param("a-%QUEUE%-b-%QUEUE%", "a-requests-b-requests", id="inside, twice"),
        pytest.param("%GROUP:NAME%", "nested", id="colon stands for two underscores"),
        pytest.param("%NESTED%", "%QUEUE%", id="a value is not looked at again"),
    ],
)
def test_an_expression_becomes_its_setting(text: str, expected: str) -> None:
    """`%NAME%` anywhere in a text."""
    assert resolve(text, SETTINGS) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("%MISSING%", "%MISSING% names no setting: set MISSING", id="missing"),
        pytest.param("%EMPTY%", "%EMPTY% names no setting", id="empty counts as missing"),
        pytest.param("100%", "not closed", id="one percent sign"),
    ],
)
def test_an_expression_that_names_nothing_says_so(text: str, why: str) -> None:
    """What cannot be resolved."""
    with pytest.raises(ExpressionError, match=why):
        resolve(text, SETTINGS)


@given(st.binary())
def test_base64_carries_any_bytes(body: bytes) -> None:
    """What is written is read again."""
    assert decode_text(encode_text(body, MessageEncoding.BASE64), MessageEncoding.BASE64) == body


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_plain_text_carries_text(text: str) -> None:
    """`messageEncoding: none`."""
    assert decode_text(encode_text(text.encode(), MessageEncoding.NONE), MessageEncoding.NONE).decode() == text


def test_space_inside_base64_does_not_count() -> None:
    """As in .NET."""
    assert decode_text("aGVs\nbG8=", MessageEncoding.BASE64) == b"hello"


@pytest.mark.parametrize("text", ["hello!", "aGVsbG8", '{"a": 1}', "aGVs*G8="])
def test_what_is_not_base64_is_refused(text: str) -> None:
    """Wrong letters, or padding that is missing."""
    with pytest.raises(Undecodable):
        decode_text(text, MessageEncoding.BASE64)


def test_the_wait_doubles_up_to_the_maximum() -> None:
    """Without chance: 0.1 s, 0.2 s, and so on."""
    backoff = Backoff(timedelta(seconds=1), lambda: 0.5)
    waits = [backoff.next().total_seconds() for _ in range(6)]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1, 1])


def test_a_message_makes_the_wait_short_again() -> None:
    """Reset after a find."""
    backoff = Backoff(timedelta(minutes=1), lambda: 0.5)
    for _ in range(5):
        backoff.next()
    backoff.reset()
    assert backoff.next() == MINIMUM


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_every_wait_lies_between_the_two_bounds(chances: list[float]) -> None:
    """Whatever chance says."""
    left = iter(chances)
    backoff = Backoff(timedelta(seconds=60), lambda: next(left))
    assert all(MINIMUM <= backoff.next() <= timedelta(seconds=60) for _ in chances)
