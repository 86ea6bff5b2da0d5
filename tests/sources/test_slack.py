"""Slack: slash commands, buttons, and what is neither."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from handlers.commands import CommandNotUnderstood
from handlers.commands import read as read_command
from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, Ignored, Ping, Reply
from handlers.model import Actor, SlackPlace, Source
from handlers.sources import Rules
from handlers.sources.buttons import block_id
from handlers.sources.slack import SlackSource, sign
from local.chat.block_kit import mistakes
from tests.sources.senders import ACTION_URL, NOW, RESPONSE_URL, SLACK_SECRET, press, slack, slash, slash_fields

VECTOR_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
    b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
    b"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
    b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
VECTOR = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def read(delivery: Delivery, rules: Rules | None = None) -> Event:
    """Read a delivery."""
    return SlackSource((SLACK_SECRET,), rules or Rules()).read(delivery, NOW)


def test_the_published_vector_is_reproduced() -> None:
    """Slack's documentation gives this secret, this time, this body and this signature."""
    assert sign(SLACK_SECRET, "1531420618", VECTOR_BODY) == VECTOR


def test_the_published_delivery_is_read() -> None:
    """All that we keep of it."""
    given = {"content-type": "application/x-www-form-urlencoded", "x-slack-signature": VECTOR}
    delivery = Delivery("slack", {**given, "x-slack-request-timestamp": "1531420618"}, VECTOR_BODY)
    at = NOW.fromtimestamp(1531420618, NOW.tzinfo)
    assert SlackSource((SLACK_SECRET,)).read(delivery, at) == CommandGiven(
        text="",
        actor=Actor(source=Source.SLACK, id="U2CERLKJA", name="roadrunner"),
        place=SlackPlace(
            team="T1DC2JH3J",
            channel="G8PSS9T3V",
            response_url="https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN",
        ),
        delivery="398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    )


def test_a_slash_command_is_read() -> None:
    """The text as it was typed."""
    assert read(slash("Deploy  v1.4.2 to production")) == CommandGiven(
        text="Deploy  v1.4.2 to production",
        actor=Actor(source=Source.SLACK, id="U2147483697", name="Steve"),
        place=SlackPlace(team="T0001", channel="C2147483705", response_url=RESPONSE_URL),
        delivery="13345224609.738474920.8088930838d88f008e0",
    )


def test_a_pressed_button_is_its_command() -> None:
    """By whoever pressed it, where it stands."""
    assert read(press("rollback production")) == CommandGiven(
        text="rollback production",
        actor=Actor(source=Source.SLACK, id="U2147483697", name="steve"),
        place=SlackPlace(team="T0001", channel="C2147483705", response_url=ACTION_URL),
        delivery="12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        pressed=True,
    )


@pytest.mark.parametrize("channel", [..., None], ids=["absent", "null"])
def test_the_channel_of_a_button_stands_in_its_container_too(channel: object) -> None:
    """Slack documents both."""
    event = read(press(channel=channel))
    assert isinstance(event, CommandGiven)
    assert isinstance(event.place, SlackPlace)
    assert event.place.channel == "C2147483705"


def test_the_team_of_an_organisation_wide_app_stands_in_the_user() -> None:
    """There the team itself is null."""
    event = read(press(team=None))
    assert isinstance(event, CommandGiven)
    assert isinstance(event.place, SlackPlace)
    assert event.place.team == "T0001"


def test_slacks_escapes_are_taken_back() -> None:
    """Slack writes three characters as entities, and what looks like an escaped entity was typed so."""
    event = read(slash('set qa A="&lt;b&gt; &amp; &amp;lt;"'))
    assert isinstance(event, CommandGiven)
    assert event.text == 'set qa A="<b> & &lt;"'


@pytest.mark.parametrize("seconds", [0, 1, 299, 300, -1, -300], ids=lambda seconds: f"{seconds} s old")
def test_a_delivery_within_five_minutes_is_proved(seconds: int) -> None:
    """Both ways, as Slack's own library has it."""
    delivery = slash(at=NOW - timedelta(seconds=seconds))
    assert isinstance(read(delivery), CommandGiven)
    assert _slacks_own(delivery)


@pytest.mark.parametrize(
    "seconds", [301, 360, 86_400, 10 * 365 * 86_400, -301, -360, -10 * 365 * 86_400], ids=lambda s: f"{s} s old"
)
def test_a_delivery_outside_is_not(seconds: int) -> None:
    """Replayed after six minutes, or signed for the future."""
    delivery = slash(at=NOW - timedelta(seconds=seconds))
    with pytest.raises(Unproved):
        read(delivery)
    assert not _slacks_own(delivery)


@pytest.mark.parametrize("timestamp", ["", "abc", "nan", "1e9", "-1", "1" * 5000, " 1", "\u0661", "1_0", "1.0", "+1"])
def test_a_time_that_is_none_is_no_proof(timestamp: str) -> None:
    """However it is signed."""
    body = urlencode(slash_fields()).encode()
    signature = sign(SLACK_SECRET, timestamp, body)
    with pytest.raises(Unproved):
        read(slack(body, x_slack_request_timestamp=timestamp, x_slack_signature=signature))


def test_a_signed_ssl_check_is_a_ping() -> None:
    """Slack asks so whether the certificate is good, and wants 200."""
    assert read(slack(b"ssl_check=1&token=gIkuvaNzQIHg97ATvDxqgjtO")) == Ping()


@pytest.mark.parametrize(
    "body", [b"ssl_check=1", b"ssl_check=1&" + urlencode(slash_fields("swap production")).encode()]
)
def test_an_unsigned_ssl_check_proves_nothing(body: bytes) -> None:
    """Whatever else it carries."""
    with pytest.raises(Unproved):
        read(slack(body, x_slack_signature=None, x_slack_request_timestamp=None))


@pytest.mark.parametrize("value", ["0", "true", "", "11"])
def test_only_1_is_an_ssl_check(value: str) -> None:
    """Anything else is a command with a strange field."""
    assert isinstance(read(slash(ssl_check=value)), CommandGiven)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/commands/T/1/a",
        "https://hooks.slack.com.evil/commands/T/1/a",
        "https://hooks.slack.com.evil.com/commands/T/1/a",
        "https://evil.com/hooks.slack.com/commands/T/1/a",
        "https://evilhooks.slack.com/commands/T/1/a",
        "https://hooks.slack.com@evil.com/commands/T/1/a",
        "https://user:pass@hooks.slack.com/commands/T/1/a",
        "https://user@hooks.slack.com/commands/T/1/a",
        "https://@hooks.slack.com/commands/T/1/a",
        "https://hooks.slack.com:8443/commands/T/1/a",
        "https://hooks.slack.com:80/commands/T/1/a",
        "https://hooks.slack.com:/commands/T/1/a",
        "https://hooks.slack.com:443@evil.com/commands/T/1/a",
        "https://hooks.slack.com:443/commands/T1/1/a",
        "https://hooks.slack.com./commands/T/1/a",
        "https://HOOKS.slack.com/commands/T/1/a",
        "HTTPS://hooks.slack.com/commands/T/1/a",
        "https:\\\\hooks.slack.com\\commands\\T",
        "https://hooks.slack.com\\@evil.com/commands/T/1/a",
        "https://hooks.slack.com/commands/../services/T/1/a",
        "https://hooks.slack.com/services/T/1/a",
        "https://hooks.slack.com/commands/T/1/a?redirect=https://evil.com",
        "https://hooks.slack.com/commands/T/1/a#x",
        "https://hooks.slack.com/commands/T/1/a%2f..",
        "https://hooks.slack.com/commands",
        "https://hooks.slack.com/",
        "https://hooks.slack.com",
        "https://169.254.169.254/commands/T/1/a",
        "https://h\u043eoks.slack.com/commands/T/1/a",
        "https://hooks.slack.com/commands/T/1/a\n",
        " https://hooks.slack.com/commands/T/1/a",
        "//hooks.slack.com/commands/T/1/a",
        "file:///etc/passwd",
        "",
        "https://hooks.slack.com/commands/" + "a" * 500,
    ],
)
def test_a_response_url_that_leads_anywhere_else_is_refused(url: str) -> None:
    """Nothing is posted there, and nothing else happens. The address is not repeated."""
    for delivery in (slash("swap production", response_url=url), press(response_url=url)):
        with pytest.raises(Malformed) as refused:
            read(delivery)
        assert refused.value.field == "response_url"
        assert not url.strip() or url not in str(refused.value)


@pytest.mark.parametrize("url", [RESPONSE_URL, ACTION_URL, "https://hooks.slack.com/commands/T1/1/a_-Z"])
def test_a_response_url_on_slacks_host_is_kept(url: str) -> None:
    """As it came."""
    event = read(slash(response_url=url))
    assert isinstance(event, CommandGiven)
    assert event.place == SlackPlace(team="T0001", channel="C2147483705", response_url=url)


def test_a_command_without_a_response_url_is_a_command() -> None:
    """It is answered in its channel."""
    event = read(slash(response_url=None))
    assert isinstance(event, CommandGiven)
    assert isinstance(event.place, SlackPlace)
    assert event.place.response_url is None


@pytest.mark.parametrize(
    "delivery",
    [slash(user_id="USLACKBOT"), slash(bot_id="B123"), press(user={"id": "USLACKBOT"}), press(bot_id="B1")],
    ids=["slackbot", "bot", "slackbot's press", "bot's press"],
)
def test_bots_command_nothing(delivery: Delivery) -> None:
    """A sentence, and no effect."""
    assert read(delivery) == Ignored("Commands are taken from people, not from bots.")


@pytest.mark.parametrize("delivery", [slash("swap production"), press("swap production")], ids=["typed", "pressed"])
@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(workspaces=frozenset({"T9"})), "Commands are not taken from this workspace."),
        (Rules(channels=frozenset({"C9"})), "Commands are not taken from this channel."),
        (Rules(frozenset({"T0001"}), frozenset({"C9"})), "Commands are not taken from this channel."),
        (Rules(frozenset({"t0001"})), "Commands are not taken from this workspace."),
        (Rules(frozenset({"T0001"}), frozenset({"C2147483705"})), None),
    ],
    ids=["workspace", "channel", "right workspace, wrong channel", "wrong case", "both right"],
)
def test_where_commands_are_taken_from(delivery: Delivery, rules: Rules, reason: str | None) -> None:
    """A wrong place gets a sentence, and nothing happens. Whoever pressed has to be told it later."""
    event = read(delivery, rules)
    assert isinstance(event, Ignored if reason else CommandGiven)
    if isinstance(event, Ignored):
        assert event.reason == reason
        assert (event.pressed is not None) == (b"payload" in delivery.body)


@pytest.mark.parametrize(
    ("block", "over"),
    [
        pytest.param(block_id(NOW + timedelta(hours=1)), False, id="before its time"),
        pytest.param(block_id(NOW), True, id="at its time"),
        pytest.param(block_id(NOW - timedelta(days=1)), True, id="the day after"),
        pytest.param("b1", False, id="of a version that named no time"),
        pytest.param("slipway-until-" + "9" * 400, False, id="no time at all"),
    ],
)
def test_a_button_ends_with_the_time_of_its_row(block: str, *, over: bool) -> None:
    """Its presser hears so, and what can be typed."""
    command = "keep staging up for 3h"
    event = read(press(actions=[{"type": "button", "value": command, "block_id": block}]))
    given = event.pressed if isinstance(event, Ignored) else event
    assert isinstance(event, Ignored) == over
    assert isinstance(given, CommandGiven)
    assert given.text == command
    if isinstance(event, Ignored):
        assert event.reason.startswith("This button has expired, and nothing has changed.")
        assert event.reason.endswith(command)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"type": "view_submission"}, "Only buttons"),
        ({"type": 5}, "Only buttons"),
        ({"type": ...}, "Only buttons"),
        ({"actions": [{"type": "static_select", "value": "x"}]}, "Only a button"),
        ({"actions": [{"type": "button"}]}, "Only a button"),
        ({"channel": ..., "container": {"type": "view"}}, "in channels only"),
    ],
    ids=["a view", "no text", "no type", "a menu", "a link", "a home page"],
)
def test_what_is_no_button_does_nothing(fields: dict[str, Any], reason: str) -> None:
    """Understood, and nothing to do."""
    event = read(press(**fields))
    assert isinstance(event, Ignored)
    assert reason in event.reason


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"user": ...}, "user"),
        ({"user": {"id": 5}}, "user.id"),
        ({"user": {"id": "u1"}}, "user.id"),
        ({"actions": []}, "actions"),
        ({"actions": "button"}, "actions"),
        ({"actions": [{"type": "button", "value": {"a": 1}}]}, "actions.0.value"),
        ({"actions": [{"type": "button", "value": "x"}] * 2}, "actions"),
        ({"trigger_id": ...}, "trigger_id"),
        ({"trigger_id": "a b"}, "trigger_id"),
        ({"team": ..., "user": {"id": "U1"}}, "team"),
        ({"channel": {"id": "../C1"}}, "channel.id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_of_a_press_is_named(fields: dict[str, Any], field: str) -> None:
    """Strict about types."""
    with pytest.raises(Malformed) as refused:
        read(press(**fields))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (urlencode(slash_fields(user_id=None)).encode(), "user_id"),
        (urlencode(slash_fields(user_id="")).encode(), "user_id"),
        (urlencode(slash_fields(team_id="t-1")).encode(), "team_id"),
        (urlencode(slash_fields(channel_id=None)).encode(), "channel_id"),
        (urlencode(slash_fields(trigger_id=None)).encode(), "trigger_id"),
        (urlencode(slash_fields("x" * 100_001)).encode(), "text"),
        (urlencode(slash_fields()).encode() + b"&text=swap+production", "text"),
        (urlencode(slash_fields()).encode() + b"&user%5fid=U1", "user_id"),
        (urlencode(slash_fields("a\0b")).encode(), "text"),
        (b"", "team_id"),
        (b"payload=", "body"),
        (b"payload=[]", "body"),
        (b"payload={", "body"),
        (b'payload={"a":1,"a":2}', "a"),
        (b"payload=NaN", "body"),
        (b"payload=" + b"[" * 100_000, "body"),
        (b"text", "body"),
        (b"text=%", "body"),
        (b"text=%zz", "body"),
        (b"text=%ff", "body"),
        (b"text=%ed%a0%80", "body"),
        (b"&".join([b"a=1"] * 201), "body"),
        (b"a=1;text=x", "team_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_form_is_named(body: bytes, field: str) -> None:
    """A field twice, half an escape, too many of them, the wrong form of an id."""
    with pytest.raises(Malformed) as refused:
        read(slack(body))
    assert refused.value.field == field


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    """Slack sends nothing else."""
    with pytest.raises(Malformed, match="content-type"):
        read(slack(b"text=status", content_type=kind))


def test_ten_thousand_characters_are_read_and_refused_by_the_grammar() -> None:
    """So that their typer gets a sentence."""
    event = read(slash("deploy " + "v" * 10_000))
    assert isinstance(event, CommandGiven)
    with pytest.raises(CommandNotUnderstood, match="10,007"):
        read_command(event.text, [])


def test_a_name_that_cannot_be_seen_loses_no_command() -> None:
    """It is for reading only."""
    event = read(slash(user_name="\u202eevil\u200b\n"))
    assert isinstance(event, CommandGiven)
    assert event.actor.name == "evil"
    unnamed = read(slash(user_name="\u200b"))
    assert isinstance(unnamed, CommandGiven)
    assert unnamed.actor.name == "U2147483697"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> <@U1> &", "&lt;!channel&gt; &lt;@U1&gt; &amp;"),
        ("<https://evil.com|click>", "&lt;https://evil.com|click&gt;"),
        ("two\nlines", "```\ntwo\nlines\n```"),
        ("two\n```<!here>", "```\ntwo\n` ` `&lt;!here&gt;\n```"),
    ],
    ids=["mentions", "a link", "lines", "a fence"],
)
def test_a_reply_calls_nobody(text: str, shown: str) -> None:
    """Whatever text from outside is in it."""
    reply = SlackSource((SLACK_SECRET,)).render(Reply(200, text))
    assert json.loads(reply.body)["text"] == shown


@pytest.mark.parametrize("text", ["*bold* _x_ :boom: http://evil.example", "<!here>", "&" * 2_000, "d" * 3_000])
def test_a_sentence_is_plain_text(text: str) -> None:
    """Nothing in it is bold, an emoji or a link, and it stays within what Slack takes."""
    reply = SlackSource((SLACK_SECRET,)).render(Reply(200, text))
    (block,) = json.loads(reply.body)["blocks"]
    assert mistakes([block]) == []
    plain = block["text"]
    assert (plain["type"], plain["emoji"]) == ("plain_text", False)
    seen = plain["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert seen == text or (text.startswith(seen.rstrip("…")) and seen.endswith("…"))


def test_a_reply_without_text_is_empty() -> None:
    """So is the answer to `ssl_check`."""
    reply = SlackSource((SLACK_SECRET,)).render(Reply(200, "", {"pong": True}))
    assert (reply.status, reply.body) == (200, b"")


def _slacks_own(delivery: Delivery) -> bool:
    """Ask Slack's own library whether a delivery is proved."""

    class Now(Clock):
        def now(self) -> float:
            return NOW.timestamp()

    return SignatureVerifier(SLACK_SECRET, Now()).is_valid_request(delivery.body, dict(delivery.headers))
