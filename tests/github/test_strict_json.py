"""Strict JSON: what is refused, where it says the fault is, and that nothing else comes out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.errors import Malformed
from handlers.sources.strict_json import MAX_DEPTH, parse
from tests.github import payloads


def refusal(body: bytes) -> tuple[str, str]:
    """Return field and rule of a refusal."""
    with pytest.raises(Malformed) as refused:
        parse(body)
    return refused.value.field, refused.value.rule


@pytest.mark.parametrize("name", payloads.names())
def test_real_payloads_read_as_python_reads_them(name: str) -> None:
    """Strictness costs GitHub's own deliveries nothing."""
    assert parse(payloads.read(name)) == payloads.load(name)


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (b"", "body", "must be JSON; character 0 is not"),
        (b"{", "body", "must be JSON; character 1 is not"),
        (b'{"a": 1} x', "body", "must be JSON; character 9 is not"),
        (b"{'a': 1}", "body", "must be JSON; character 1 is not"),
        (b'{"a": "\x01"}', "body", "must be JSON; character 7 is not"),
        (b'"\\x"', "body", "must be JSON; character 1 is not"),
        (b'{"a": "\xff"}', "body", "must be UTF-8; byte 7 is not"),
        (b'"\xed\xa0\x80"', "body", "must be UTF-8; byte 1 is not"),
        ('{"a": 1}'.encode("utf-16"), "body", "must be UTF-8; byte 0 is not"),
        (b"\xef\xbb\xbf{}", "body", "must not begin with a byte order mark"),
        (b'{"release": {"id": NaN}}', "release.id", "must be a finite number"),
        (b"[-Infinity]", "[0]", "must be a finite number"),
        (b'{"release": {"id": 1e999}}', "release.id", "must be a finite number"),
        (b"1e999", "body", "must be a finite number"),
        (b'{"a": {"b": 1, "b": 2}}', "a.b", "must stand there once"),
        (b'{"a": 1, "\\u0061": 2}', "a", "must stand there once"),
        (b'{"body": {"body": [1, {"a": NaN}]}}', "body.body[1].a", "must be a finite number"),
        (b'{"id": 12345678901234567890}', "id", "must not have more than 19 digits"),
        (b'{"id": -12345678901234567890}', "id", "must not have more than 19 digits"),
        (b'{"id": ' + b"1" * 5000 + b"}", "id", "must not have more than 19 digits"),
        (b'{"release": {"body": "\\ud800"}}', "release.body", "must not hold half a character (a lone surrogate)"),
        (b'{"assets": [{"name": "a\\uDC00b"}]}', "assets[0].name", "must not hold half a character (a lone surrogate)"),
        (b'{"a\\ud800": 1}', "?", "must not hold half a character (a lone surrogate)"),
        (b'{"release": {"body": "a\\u0000"}}', "release.body", "must not hold NUL"),
        (b'{"odd key": {"x": NaN}}', "?.x", "must be a finite number"),
    ],
    ids=[
        "nothing",
        "broken off",
        "more behind",
        "apostrophes",
        "raw control character",
        "unknown escape",
        "not utf-8",
        "surrogate in utf-8",
        "utf-16",
        "byte order mark",
        "nan",
        "infinity",
        "overflow",
        "overflow alone",
        "key twice",
        "key twice in disguise",
        "a member called body",
        "20 digits",
        "minus 20 digits",
        "5000 digits",
        "high surrogate",
        "low surrogate",
        "surrogate in a key",
        "nul",
        "key not shown",
    ],
)
def test_what_is_refused_and_where(body: bytes, field: str, rule: str) -> None:
    """Each refusal names the place and the rule."""
    assert refusal(body) == (field, rule)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1234567890123456789", 1234567890123456789),
        (b"-1234567890123456789", -1234567890123456789),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"[[[ \\" [[["', '[[[ " [[['),
        (b"1e308", 1e308),
    ],
    ids=["19 digits", "minus 19 digits", "a pair", "escaped backslash", "no nul", "brackets in text", "large number"],
)
def test_what_only_looks_wrong_is_read(body: bytes, value: object) -> None:
    """The rules hit what they mean and nothing beside it."""
    assert parse(body) == value


@pytest.mark.parametrize("brackets", [b"[]", b"{}"], ids=["arrays", "objects"])
def test_the_deepest_that_is_read(brackets: bytes) -> None:
    """64 levels are read, 65 are not."""
    opening = brackets[:1] if brackets == b"[]" else b'{"a":'
    middle = b"1"
    deep = opening * MAX_DEPTH + middle + brackets[1:] * MAX_DEPTH
    parse(deep)
    assert refusal(opening + deep + brackets[1:])[1] == "must not nest deeper than 64"


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b'"a" \\" ' + b"[" * 100_000],
    ids=["open", "closed", "objects", "behind a stray escape"],
)
def test_the_parser_never_sees_great_depth(body: bytes) -> None:
    """No RecursionError, whatever else is wrong."""
    assert refusal(body)[0] == "body"


@pytest.mark.parametrize(
    "body",
    [
        b'"' * 5_000_000,
        b'"' + b"\\" * 5_000_000,
        b'"\\' * 2_500_000,
        b"1" * 5_000_000,
        b"[" + b"0," * 2_500_000 + b'"\\ud800"]',
        b"[" + (b"[" * 62 + b"]" * 62 + b",") * 40_000 + b"NaN]",
    ],
    ids=["quotes", "backslashes", "escaped quotes", "digits", "numbers", "nests"],
)
def test_five_megabytes_of_the_worst_are_refused(body: bytes) -> None:
    """Quadratic time would take hours here, far above the limit that every test has."""
    refusal(body)


@given(st.binary(max_size=400))
@settings(max_examples=1000)
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    """A value comes out, or Malformed."""
    try:
        parse(body)
    except Malformed as refused:
        assert refused.field  # noqa: PT017 - both ends are allowed


FRAGMENTS = st.sampled_from(
    [
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b":",
        b",",
        b"\\",
        b"\\u",
        b"d800",
        b"0000",
        b"1",
        b"e9",
        b"99",
        b"-",
        b"NaN",
        b"a",
        b" ",
    ]
)


@given(st.lists(FRAGMENTS, max_size=60).map(b"".join))
@settings(max_examples=1500)
def test_no_shreds_of_json_raise_anything_else(body: bytes) -> None:
    """The same with bytes that get further into the parser."""
    try:
        parse(body)
    except Malformed as refused:
        assert refused.field  # noqa: PT017 - both ends are allowed


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=1)), inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
@settings(max_examples=300)
def test_all_plain_json_is_read(value: object, ascii_only: bool) -> None:
    """What another program wrote by the book comes out unchanged."""
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value
