"""Teams: mentions of an outgoing webhook."""

import base64
import json
from typing import Any

import pytest

from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, Ignored, Reply
from handlers.model import Actor, Source, TeamsPlace
from handlers.sources import Rules
from handlers.sources.teams import TeamsSource, command_in, sign
from tests.sources.senders import NOW, PERSON, TEAMS_SECRET, TENANT, activity, mention, teams


def read(delivery: Delivery, rules: Rules | None = None) -> Event:
    """Read a delivery."""
    return TeamsSource((TEAMS_SECRET,), rules or Rules()).read(delivery, NOW)


def test_a_mention_is_read() -> None:
    """All that we keep of it."""
    assert read(mention("<at>Slipway</at> deploy v1.4.2 to production\n")) == CommandGiven(
        text="deploy v1.4.2 to production",
        actor=Actor(source=Source.TEAMS, id=PERSON, name="Megan Bowen"),
        place=TeamsPlace(channel="19:253b1f34@thread.skype"),
        delivery="1485983408511",
    )


def test_the_key_is_the_decoded_secret() -> None:
    """RFC 4231, test case 2, as Teams would write it."""
    expected = base64.b64encode(
        bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    ).decode()
    assert sign(b"Jefe", b"what do ya want for nothing?") == f"HMAC {expected}"


@pytest.mark.parametrize("scheme", ["", "hmac ", "Bearer ", "HMAC  ", "HMAC\t", "Hmac "])
def test_the_scheme_is_exact(scheme: str) -> None:
    """Teams writes HMAC and one blank."""
    good = mention()
    with pytest.raises(Unproved):
        read(teams(good.body, authorization=scheme + good.headers["authorization"].removeprefix("HMAC ")))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("<at>Slipway</at> status", "status"),
        ("<at>Slipway</at>&nbsp;status\n", "status"),
        ("<at>Slip way</at>status", "status"),
        ('<at id="0">Slipway</at> status', "status"),
        ("<p><at>Slipway</at>&nbsp;status</p>\r\n", "status"),
        ('<div class="x"><div><at>Slipway</at> status</div>\n</div>', "status"),
        ("status <at>Slipway</at>", "status"),
        ("<at>Slipway</at>", ""),
        ("", ""),
        ("status", "status"),
        ("<at>A</at> set qa A=&quot;a &amp; b &lt;c&gt;&quot;", 'set qa A="a & b <c>"'),
        ("<at>A</at> set qa A=&amp;lt;", "set qa A=&lt;"),
        ("<at>A</at> deploy <at>B</at> to qa", "deploy <at>B</at> to qa"),
        ("<at>A</at> deploy <b>v1</b> to qa", "deploy <b>v1</b> to qa"),
        ("&lt;at&gt;A&lt;/at&gt; status", "<at>A</at> status"),
        ("<at>A</at> " + " " * 50_000 + "x", "x"),
        ("<at>" * 20_000, "<at>" * 20_000),
    ],
    ids=[
        "a mention",
        "a no-break space",
        "no space",
        "an attribute",
        "a paragraph",
        "divisions",
        "the mention last",
        "the mention alone",
        "nothing",
        "no mention",
        "entities",
        "an entity that was typed",
        "somebody else inside stays",
        "format inside stays",
        "a mention that was typed",
        "many blanks",
        "many beginnings",
    ],
)
def test_the_command_is_what_stands_beside_the_mention(text: str, command: str) -> None:
    """Inside nothing is taken away: it would change the meaning."""
    assert command_in(text) == command


@pytest.mark.parametrize("kind", ["conversationUpdate", "invoke", "", None, 5, ...])
def test_what_is_no_message_does_nothing(kind: object) -> None:
    """Understood, and nothing to do."""
    assert read(mention(type=kind)) == Ignored("Only messages are understood here.")


def sent_by(**sender: str) -> Delivery:
    """Mention the webhook as somebody else."""
    fields: dict[str, Any] = {"from": sender}
    return mention(**fields)


def test_bots_command_nothing() -> None:
    """Their ids begin with 28, those of people with 29."""
    assert read(sent_by(id="28:5b1c7a30", name="Bot", aadObjectId=PERSON)) == Ignored(
        "Commands are taken from people, not from bots."
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"from": {"id": "29:1", "name": "x"}}, "from.aadObjectId"),
        ({"from": {"id": "29:1", "aadObjectId": None}}, "from.aadObjectId"),
        ({"from": {"id": "29:1", "aadObjectId": "megan@contoso.com"}}, "from.aadObjectId"),
        ({"from": ...}, "from"),
        ({"id": ...}, "id"),
        ({"id": 1485983408511}, "id"),
        ({"text": ...}, "text"),
        ({"text": ["status"]}, "text"),
        ({"text": "x" * 100_001}, "text"),
        ({"text": f"status &#{'9' * 5000};"}, "text"),
        ({"conversation": None}, "conversation"),
        ({"conversation": {}}, "conversation.id"),
        ({"channelData": "x"}, "channelData"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    """Strict about types; without an Entra id nobody knows who it was."""
    with pytest.raises(Malformed) as refused:
        read(mention(**fields))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b'{"type":"message","type":"message"}', b"[" * 100_000]
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """With the same strict reader as GitHub's."""
    with pytest.raises(Malformed):
        read(teams(body))


def test_an_id_in_capitals_is_the_same_person() -> None:
    """Entra's ids are the same in either case, and rules are compared by text."""
    event = read(sent_by(id="29:1", aadObjectId=PERSON.upper()))
    assert isinstance(event, CommandGiven)
    assert event.actor == Actor(source=Source.TEAMS, id=PERSON, name=PERSON)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(workspaces=frozenset({"19:other"})), "Commands are not taken from this workspace."),
        (Rules(channels=frozenset({"19:other"})), "Commands are not taken from this channel."),
        (Rules(frozenset({TENANT}), frozenset({"19:253b1f34@thread.skype"})), None),
    ],
    ids=["tenant", "channel", "both right"],
)
def test_where_commands_are_taken_from(rules: Rules, reason: str | None) -> None:
    """A wrong place gets a sentence, and nothing happens."""
    event = read(mention(), rules)
    assert event == Ignored(reason) if reason else isinstance(event, CommandGiven)


def test_the_tenant_may_stand_in_the_conversation() -> None:
    """Newer messages have it in both places."""
    conversation = {"id": "19:253b1f34@thread.skype", "tenantId": TENANT}
    event = read(mention(channelData={}, conversation=conversation), Rules(workspaces=frozenset({TENANT})))
    assert isinstance(event, CommandGiven)


def test_a_message_that_names_no_tenant_is_from_none() -> None:
    """It passes no rule about tenants."""
    event = read(mention(channelData={}), Rules(workspaces=frozenset({TENANT})))
    assert event == Ignored("Commands are not taken from this workspace.")


def test_a_reply_is_plain_text() -> None:
    """Without it Teams would read it as Markdown."""
    reply = TeamsSource((TEAMS_SECRET,)).render(Reply(403, "<at>all</at> [x](javascript:alert(1))"))
    assert reply.status == 200
    assert json.loads(reply.body) == {
        "type": "message",
        "textFormat": "plain",
        "text": "<at>all</at> [x](javascript:alert(1))",
    }


def test_the_activity_is_json() -> None:
    """Anything else is refused by its type."""
    with pytest.raises(Malformed, match="content-type"):
        read(teams(activity(), content_type="text/plain"))
