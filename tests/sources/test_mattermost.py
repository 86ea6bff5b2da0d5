"""Mattermost: slash commands."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, Ignored, Reply
from handlers.model import Actor, MattermostPlace, Source
from handlers.sources import Rules
from handlers.sources.mattermost import MattermostSource, as_written
from tests.sources.senders import MATTERMOST_TOKEN, NOW, mattermost, mattermost_fields, slash_in_mattermost


def read(delivery: Delivery, rules: Rules | None = None) -> Event:
    """Read a delivery."""
    return MattermostSource((MATTERMOST_TOKEN,), rules or Rules()).read(delivery, NOW)


def test_a_slash_command_is_read() -> None:
    """All that we keep of it; its address for answers is not looked at."""
    assert read(slash_in_mattermost("deploy v1.4.2 to production")) == CommandGiven(
        text="deploy v1.4.2 to production",
        actor=Actor(source=Source.MATTERMOST, id="rnina9994bde8mua79zqcg5hmo", name="somename"),
        place=MattermostPlace(channel="fukrydy7x3nh8jmdjkpyf7sryo"),
        delivery="ZGZzZmRmc2ZkZjpybmluYTk5OTRiZGU4bXVhNzl6cWNnNWhtbzoxNQ==",
    )


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Token",
        "Token ",
        MATTERMOST_TOKEN,
        f"token {MATTERMOST_TOKEN}",
        f"Bearer {MATTERMOST_TOKEN}",
        f"Token {MATTERMOST_TOKEN[:-1]}",
        f"Token {MATTERMOST_TOKEN}x",
        f"Token {MATTERMOST_TOKEN.upper()}",
        f"Token  {MATTERMOST_TOKEN}",
        "Token \u0445r3j5x3p4pfk7kk6ck7b4e6ghh",
    ],
)
def test_the_header_proves(header: str | None) -> None:
    """A token in the form alone does not: it would have to be read first."""
    with pytest.raises(Unproved):
        read(mattermost(urlencode(mattermost_fields()).encode(), authorization=header))


@pytest.mark.parametrize("token", [None, "", "other", MATTERMOST_TOKEN + "x"])
def test_the_form_agrees_with_the_header(token: str | None) -> None:
    """Mattermost writes the token into both. It is not repeated."""
    with pytest.raises(Malformed) as refused:
        read(slash_in_mattermost(token=token))
    assert str(refused.value) == "token: must be the one of the header"


def test_two_people_may_be_mentioned() -> None:
    """Mattermost sends a field of the same name for each of them."""
    body = urlencode(
        [
            *mattermost_fields("status").items(),
            ("user_mentions", "a"),
            ("user_mentions", "b"),
            ("user_mentions_ids", "1"),
        ]
    )
    assert isinstance(read(mattermost(body.encode())), CommandGiven)


@pytest.mark.parametrize("name", ["text", "user_id", "token", "trigger_id"])
def test_what_is_read_stands_there_once(name: str) -> None:
    """Of two, nobody knows which one somebody else has checked."""
    body = urlencode([*mattermost_fields().items(), (name, "again")])
    with pytest.raises(Malformed) as refused:
        read(mattermost(body.encode()))
    assert (refused.value.field, refused.value.rule) == (name, "must stand there once")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"user_id": None}, "user_id"),
        ({"user_id": "a/b"}, "user_id"),
        ({"channel_id": ""}, "channel_id"),
        ({"team_id": None}, "team_id"),
        ({"trigger_id": None}, "trigger_id"),
    ],
    ids=["no user", "a strange user", "no channel", "no team", "no id"],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    """Who, where and which one are needed."""
    with pytest.raises(Malformed) as refused:
        read(slash_in_mattermost(**fields))
    assert refused.value.field == field


def test_a_command_that_sends_get_is_told_so() -> None:
    """Its form would be in the address."""
    with pytest.raises(Malformed, match="let the command send POST"):
        read(mattermost(b"", content_type="text/plain"))


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(workspaces=frozenset({"other"})), "Commands are not taken from this workspace."),
        (Rules(channels=frozenset({"other"})), "Commands are not taken from this channel."),
        (Rules(frozenset({"rdc9bgriktyx9p4kowh3dmgqyc"}), frozenset({"fukrydy7x3nh8jmdjkpyf7sryo"})), None),
    ],
    ids=["team", "channel", "both right"],
)
def test_where_commands_are_taken_from(rules: Rules, reason: str | None) -> None:
    """A wrong place gets a sentence, and nothing happens."""
    event = read(slash_in_mattermost(), rules)
    assert event == Ignored(reason) if reason else isinstance(event, CommandGiven)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Accepted: swap production.", "Accepted: swap production."),
        ("@all @channel (@here)", "@\u200ball @\u200bchannel \\(@\u200bhere\\)"),
        ("deploy pkg@1.2.3", "deploy pkg@1.2.3"),
        ("[x](javascript:alert)", r"\[x\]\(javascript:alert\)"),
        ("a_b *c* `d` <e> #f ~g~ |h| \\i !j", r"a\_b \*c\* \`d\` \<e\> \#f \~g\~ \|h\| \\i \!j"),
        ("two\nlines", "```\ntwo\nlines\n```"),
        ("a\n```` b @all", "`````\na\n```` b @\u200ball\n`````"),
    ],
    ids=["plain", "mentions", "a version", "a link", "markup", "lines", "a fence"],
)
def test_a_reply_shows_its_characters_and_calls_nobody(text: str, written: str) -> None:
    """Whatever text from outside is in it."""
    assert as_written(text) == written
    reply = MattermostSource((MATTERMOST_TOKEN,)).render(Reply(403, text))
    assert (reply.status, json.loads(reply.body)["text"]) == (200, written)
