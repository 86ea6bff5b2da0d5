"""What the host makes of the values that functions put on queues."""

import json

import pytest
from azure.functions.meta import Datum
from hypothesis import given
from hypothesis import strategies as st

from local.host.errors import OutputFailed
from local.host.queue_output import messages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("hello", [b"hello"], id="plain text"),
        pytest.param("", [b""], id="empty text"),
        pytest.param("[1", [b"[1"], id="text that only begins like JSON"),
        pytest.param('{"a":1}', [b'{\n  "a": 1\n}'], id="an object is written again, indented"),
        pytest.param(' {"a":[1,{}]} ', [b'{\n  "a": [\n    1,\n    {}\n  ]\n}'], id="space around it does not matter"),
        pytest.param('["a","b"]', [b"a", b"b"], id="an array is split"),
        pytest.param("[]", [], id="an empty array is no message"),
        pytest.param(
            '[{"a":1},2,true,null,1.5,2.0]', [b'{\n  "a": 1\n}', b"2", b"True", b"", b"1.5", b"2"], id="kinds"
        ),
        pytest.param('[["a","b"]]', [b'[\n  "a",\n  "b"\n]'], id="an array is split once"),
        pytest.param('{"a":"\u00fc"}', ['{\n  "a": "\u00fc"\n}'.encode()], id="letters stay letters"),
    ],
)
def test_text_is_looked_into(text: str, expected: list[bytes]) -> None:
    """`Out[str]`."""
    assert messages(Datum(text, "string")) == expected


@pytest.mark.parametrize("text", ["{no}", "[1,]", "{}{}"])
def test_text_that_looks_like_json_and_is_none_fails(text: str) -> None:
    """The host parses it, and the function fails."""
    with pytest.raises(OutputFailed, match="looks like JSON"):
        messages(Datum(text, "string"))


@given(st.binary())
def test_bytes_pass_untouched(body: bytes) -> None:
    """`Out[bytes]`, whatever they look like."""
    assert messages(Datum(body, "bytes")) == [body]


def test_bytes_that_look_like_json_pass_untouched() -> None:
    """The way to send JSON."""
    assert messages(Datum(b'{"a":1}', "bytes")) == [b'{"a":1}']


@given(st.lists(st.text()))
def test_a_list_of_texts_is_one_message_each(texts: list[str]) -> None:
    """`Out[List[str]]`: the texts are not looked into."""
    encoded = Datum(json.dumps(texts), "json")
    assert messages(encoded) == [text.encode() for text in texts]


def test_a_queue_message_is_sent_as_json() -> None:
    """`Out[QueueMessage]`: the library writes id and body, the host indents."""
    assert messages(Datum('{"id": null, "body": "x"}', "json")) == [b'{\n  "id": null,\n  "body": "x"\n}']


@pytest.mark.parametrize(
    ("datum", "expected"),
    [
        pytest.param(Datum(5, "int"), [b"5"], id="int"),
        pytest.param(Datum(1.5, "double"), [b"1.5"], id="float"),
        pytest.param(Datum(None, None), [], id="nothing"),
    ],
)
def test_other_values_are_written_as_text(datum: Datum, expected: list[bytes]) -> None:
    """What `Out[str]` also takes."""
    assert messages(datum) == expected
