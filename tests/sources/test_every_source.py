"""What holds for every source: who proves nothing is told nothing, and every answer has the place's own form."""

import ast
import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.errors import DeliveryRefused, Malformed, SettingsWrong, TooLarge, Unproved
from handlers.events import CommandGiven, Delivery, Event, HttpReply, Ping, Reply
from handlers.model import Source
from handlers.sources import Entrance, read_delivery, render_refusal, sources_from
from handlers.sources.slack import sign
from tests.sources import senders
from tests.sources.senders import CAP, NOW

ROOT = Path(__file__).parents[2]
SOURCES = senders.every_source()
GOOD = {
    "github": senders.github(b"{}", "ping"),
    "slack": senders.slash(),
    "slack button": senders.press(),
    "teams": senders.mention(),
    "mattermost": senders.slash_in_mattermost(),
    "mattermost button": senders.press_in_mattermost(),
}
MALFORMED = {
    "github": senders.github(b"[]", "ping"),
    "slack": senders.slash(user_id=None),
    "teams": senders.teams(b"[]"),
    "mattermost": senders.slash_in_mattermost(user_id=None),
}


def read(delivery: Delivery) -> Event:
    """Bring a delivery to the door."""
    return read_delivery(delivery, SOURCES, CAP, NOW)


def refuse(delivery: Delivery) -> HttpReply:
    """Bring a delivery to the door; return how it is refused."""
    with pytest.raises(DeliveryRefused) as refused:
        read(delivery)
    return render_refusal(delivery, refused.value, SOURCES)


def test_every_source_has_a_reader() -> None:
    """The names are those of the paths."""
    assert set(SOURCES) == set(Source) - {Source.CLOCK}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_proved_is_read(name: str) -> None:
    """Each of the deliveries that the other tests spoil is good."""
    assert isinstance(read(GOOD[name]), CommandGiven | Ping)


FORGERIES = [
    (name, spoilt)
    for name in GOOD
    for spoilt in ("body", "no headers", "other secret", "empty body")
    if (name, spoilt)
    not in {
        ("mattermost", "body"),  # a token proves who sends, and nothing about a body
        ("mattermost button", "no headers"),  # a press is proved by what stands in it
    }
]


@pytest.mark.parametrize(("name", "spoilt"), FORGERIES)
def test_what_is_not_proved_is_told_the_same_everywhere(name: str, spoilt: str) -> None:
    """One generic 401, whatever the source and whatever is wrong."""
    good = GOOD[name]
    forged = {
        "body": replace(good, body=good.body.replace(b"status", b"swap  ") + b" "),
        "no headers": replace(good, headers={"content-type": good.headers["content-type"]}),
        "other secret": good,
        "empty body": replace(good, headers={}, body=b""),
    }[spoilt]
    others = senders.every_source(
        github="other", slack="other", teams=base64.b64encode(b"other").decode(), mattermost="other"
    )
    sources = others if spoilt == "other secret" else SOURCES
    with pytest.raises(Unproved) as refused:
        read_delivery(forged, sources, CAP, NOW)
    assert render_refusal(forged, refused.value, sources) == HttpReply(
        401, b'{"error": "signature missing or wrong"}', "application/json"
    )


@pytest.mark.parametrize("name", ["github", "slack", "slack button", "teams"])
@given(data=st.data())
@settings(max_examples=200)
def test_one_flipped_bit_of_a_body_breaks_the_proof(name: str, data: st.DataObject) -> None:
    """The exact bytes are signed."""
    good = GOOD[name]
    with pytest.raises(Unproved):
        read(replace(good, body=_flip(good.body, data)))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("github", "x-hub-signature-256"),
        ("slack", "x-slack-signature"),
        ("slack", "x-slack-request-timestamp"),
        ("teams", "authorization"),
        ("mattermost", "authorization"),
    ],
)
@given(data=st.data())
@settings(max_examples=200)
def test_one_flipped_bit_of_a_proof_breaks_it(name: str, header: str, data: st.DataObject) -> None:
    """Signature, time and token."""
    good = GOOD[name]
    flipped = _flip(good.headers[header].encode(), data).decode("latin-1")
    with pytest.raises(Unproved):
        read(replace(good, headers={**good.headers, header: flipped}))


@pytest.mark.parametrize("header", ["x-slack-signature", "x-slack-request-timestamp", "authorization"])
@given(value=st.text(st.characters(codec=None), max_size=80))
@settings(max_examples=300)
def test_no_header_raises_anything_else(header: str, value: str) -> None:
    """Whatever a host makes of a header, it is just not a proof."""
    for name in ("slack", "teams", "mattermost"):
        good = GOOD[name]
        if header in good.headers:
            with pytest.raises(Unproved):
                read(replace(good, headers={**good.headers, header: value}))


@given(
    body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    source=st.sampled_from(["slack", "teams", "mattermost", "button"]),
)
@settings(max_examples=600)
def test_no_proved_body_raises_anything_but_malformed(body: bytes, source: str) -> None:
    """Whoever has the secret may send what they like."""
    sent = {
        "slack": _signed_by_hand(body),
        "teams": senders.teams(body),
        "mattermost": senders.mattermost(body),
        "button": _signed_by_hand(b"payload=" + body),
    }[source]
    try:
        read(sent)
    except Malformed as refused:
        assert refused.status == 400  # noqa: PT017 - both ends are allowed


@pytest.mark.parametrize(("name", "status"), [("github", 400), ("slack", 200), ("teams", 200), ("mattermost", 200)])
def test_what_is_proved_and_malformed_is_told_in_the_places_own_way(name: str, status: int) -> None:
    """GitHub shows any answer; a chat shows the text of a 200 and nothing of another one."""
    reply = refuse(MALFORMED[name])
    assert reply.status == status
    shown = json.loads(reply.body)
    assert "missing" in shown.get("text", "missing") or "must be" in shown["text"]
    assert (
        set(shown)
        == {
            "github": {"error"},
            "slack": {"response_type", "text", "blocks"},
            "teams": {"type", "textFormat", "text"},
            "mattermost": {"response_type", "text", "ephemeral_text", "skip_slack_parsing"},
        }[name]
    )


@pytest.mark.parametrize("name", ["slack", "teams", "mattermost"])
def test_what_is_too_large_is_told_before_it_is_proved(name: str) -> None:
    """And so in no place's own way."""
    good = GOOD[name]
    with pytest.raises(TooLarge) as refused:
        read_delivery(good, SOURCES, len(good.body) - 1, NOW)
    assert render_refusal(good, refused.value, SOURCES).status == 413


REPLIES = {
    "accepted": Reply(202, "Accepted: swap production.", {"id": "d"}),
    "refused": Reply(403, "You may not.", {"error": "refused"}),
    "not configured": Reply(503, "No environment is configured.", {"error": "no environment"}),
}


@pytest.mark.parametrize("kind", REPLIES)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slack", {"response_type": "ephemeral"}),
        ("mattermost", {"response_type": "ephemeral", "skip_slack_parsing": True}),
        ("teams", {"type": "message", "textFormat": "plain"}),
    ],
)
def test_a_chat_gets_every_reply_as_text_with_200(kind: str, name: str, expected: dict[str, str]) -> None:
    """For the person who typed alone, where the place can do that."""
    reply = SOURCES[name].render(REPLIES[kind])
    assert (reply.status, reply.content_type) == (200, "application/json")
    shown = json.loads(reply.body)
    assert shown.pop("ephemeral_text", shown["text"]) == shown["text"]
    shown.pop("blocks", None)
    assert shown == {**expected, "text": REPLIES[kind].text}


@pytest.mark.parametrize("kind", REPLIES)
def test_github_gets_every_reply_as_facts_with_its_status(kind: str) -> None:
    """Its list of deliveries shows both."""
    reply = SOURCES["github"].render(REPLIES[kind])
    assert (reply.status, json.loads(reply.body)) == (REPLIES[kind].status, dict(REPLIES[kind].facts))


@pytest.mark.parametrize("name", ["slack", "teams", "mattermost"])
def test_two_secrets_are_active(name: str) -> None:
    """While one is replaced by the other."""
    new = {"slack": "new", "mattermost": "new", "teams": base64.b64encode(b"new").decode()}[name]
    old = {"slack": senders.SLACK_SECRET, "mattermost": senders.MATTERMOST_TOKEN, "teams": senders.TEAMS_SECRET}[name]
    sources = sources_from({name: Entrance((new, old))})
    signed_with_new = {
        "slack": senders.slack(GOOD["slack"].body, secret="new"),
        "teams": senders.teams(GOOD["teams"].body, secret=base64.b64encode(b"new").decode()),
        "mattermost": senders.mattermost(
            GOOD["mattermost"].body.replace(senders.MATTERMOST_TOKEN.encode(), b"new"), token="new"
        ),
    }[name]
    assert isinstance(read_delivery(GOOD[name], sources, CAP, NOW), CommandGiven)
    assert isinstance(read_delivery(signed_with_new, sources, CAP, NOW), CommandGiven)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("secrets", [(), ("",), (" ", "\n")], ids=["none", "empty", "blank"])
def test_a_source_without_a_secret_is_off(name: str, secrets: tuple[str, ...]) -> None:
    """It answers as if it did not exist."""
    sources = sources_from({name: Entrance(secrets)})
    assert sources == {}
    with pytest.raises(DeliveryRefused) as refused:
        read_delivery(GOOD[name], sources, CAP, NOW)
    assert render_refusal(GOOD[name], refused.value, sources) == HttpReply(404, b'{"error": "no such source"}')


@pytest.mark.parametrize("secret", ["not base64!", "YWJj ZGVm", "YWJjZGVmZ", "===="])
def test_a_secret_of_teams_that_is_not_base64_stops_the_start(secret: str) -> None:
    """And is not repeated."""
    with pytest.raises(SettingsWrong) as wrong:
        sources_from({"teams": Entrance((secret,))})
    assert secret not in str(wrong.value)


def test_secrets_are_not_shown() -> None:
    """Not even by what holds them."""
    assert "hush" not in repr(Entrance(("hush",)))


def test_no_secret_is_compared_in_any_other_way() -> None:
    """Signatures, keys and tokens go through one comparison in constant time; `==` may stand beside nothing of them."""
    suspicious = ("sign", "secret", "token", "hmac", "digest", "key", "authorization")
    found = [
        f"{path.name}:{node.lineno}"
        for path in (ROOT / "handlers" / "sources").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        and any(word in ast.unparse(node).lower() for word in suspicious)
    ]
    assert found == []


def test_reading_a_command_imports_little() -> None:
    """The path has three seconds from a cold start."""
    heavy = ["azure", "requests", "lxml", "cryptography", "urllib3", "http.client", "ssl", "asyncio", "xml"]
    code = (
        "import sys, handlers.sources, handlers.commands\n"
        f"print([name for name in {heavy!r} if name in sys.modules], end='')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]"


def _flip(text: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, 8 * len(text) - 1))
    flipped = bytearray(text)
    flipped[bit // 8] ^= 1 << (bit % 8)
    return bytes(flipped)


def _signed_by_hand(body: bytes) -> Delivery:
    """Sign what Slack's library cannot, because it need not be text."""
    timestamp = str(int(NOW.timestamp()))
    signature = sign(senders.SLACK_SECRET, timestamp, body)
    return Delivery("slack", {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}, body)
