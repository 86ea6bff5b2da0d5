"""Buttons in Mattermost: what proves a press, and what it is good for."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.errors import Malformed, Unproved
from handlers.events import CommandGiven, Delivery, Event, Ignored
from handlers.model import Actor, MattermostPlace, Source
from handlers.sources import Rules
from handlers.sources.mattermost import MAX_PRESS, MattermostSource
from handlers.sources.sealed import seal
from tests.sources.senders import CHANNEL, MATTERMOST_TOKEN, NOW, mattermost, mattermost_fields, press_in_mattermost

HOUR = timedelta(hours=1)
SEALED = dict(seal(MATTERMOST_TOKEN, "keep staging up for 3h", CHANNEL, NOW + HOUR))


def read(delivery: Delivery, *tokens: str, rules: Rules | None = None) -> Event:
    """Read a delivery."""
    return MattermostSource(tokens or (MATTERMOST_TOKEN,), rules or Rules()).read(delivery, NOW)


def test_a_press_is_the_command_that_was_sealed() -> None:
    """By whom the server says, where it says."""
    assert read(press_in_mattermost("keep staging up for 3h")) == CommandGiven(
        text="keep staging up for 3h",
        actor=Actor(source=Source.MATTERMOST, id="rnina9994bde8mua79zqcg5hmo", name="somename"),
        place=MattermostPlace(channel=CHANNEL),
        delivery="ZGZzZmRmc2ZkZjpybmluYTk5OTRiZGU4bXVhNzl6cWNnNWhtbzoxNQ==",
        pressed=True,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"command": "keep production up for 3h"},
        {"command": "skip tonight staging"},
        {"channel": "another"},
        {"until": str(int((NOW + 2 * HOUR).timestamp()))},
        {"seal": "0" * 64},
        {"seal": ""},
        {"seal": SEALED["seal"].upper()},
        {"seal": None},
        {"until": int(SEALED["until"])},
        {"command": None},
    ],
    ids=["environment", "action", "channel", "time", "another seal", "none", "its case", "null", "a number", "no text"],
)
def test_the_seal_is_bound_to_every_part_of_it(change: dict[str, Any]) -> None:
    """Environment, action, channel, and the night until whose end it means something."""
    with pytest.raises(Unproved):
        read(press_in_mattermost(context={**SEALED, **change}))


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
@settings(max_examples=300)
def test_no_two_buttons_have_one_seal(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Wherever the border between command and channel lies."""
    seals = [seal("t", command, channel, NOW)["seal"] for command, channel in (one, other)]
    assert (seals[0] == seals[1]) == (one == other)


def test_a_token_that_is_being_changed_still_opens() -> None:
    """Buttons sealed with the old one mean something as long as it is set; then nothing."""
    delivery = press_in_mattermost(token="old")
    assert isinstance(read(delivery, "new", "old"), CommandGiven)
    with pytest.raises(Unproved):
        read(delivery, "new")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"context": []}', b"\xff", b"{}" + b" " * MAX_PRESS])
def test_what_is_no_press_of_ours_is_just_unproved(body: bytes) -> None:
    """Nothing is said about a body that nobody has proved; a long one is not even read."""
    with pytest.raises(Unproved):
        read(replace(press_in_mattermost(), body=body))


def test_a_press_brings_no_token_with_it() -> None:
    """With one, it would be a command that has the wrong form."""
    with pytest.raises(Malformed):
        read(mattermost(json.dumps(mattermost_fields()).encode(), content_type="application/json"))


@pytest.mark.parametrize("at", [timedelta(0), -timedelta(seconds=1), -HOUR])
def test_it_ends_with_its_time(at: timedelta) -> None:
    """A press that comes later does nothing, and says so."""
    assert read(press_in_mattermost("keep staging up for 3h", until=NOW + at)) == Ignored(
        "This button has expired, and nothing has changed. What it stands for can be typed: keep staging up for 3h"
    )


def test_it_means_nothing_in_another_channel() -> None:
    """Where others read what it stands below."""
    assert read(press_in_mattermost(channel_id="o" * 26)) == Ignored("This button belongs to another channel.")


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(workspaces=frozenset({"other"})), "Commands are not taken from this workspace."),
        (Rules(channels=frozenset({"other"})), "Commands are not taken from this channel."),
    ],
    ids=["team", "channel"],
)
def test_it_obeys_where_commands_are_taken_from(rules: Rules, reason: str) -> None:
    """As commands do."""
    assert read(press_in_mattermost(), rules=rules) == Ignored(reason)


@pytest.mark.parametrize(
    ("field", "value"), [("user_id", ...), ("user_id", "a b"), ("trigger_id", ...), ("team_id", 7)]
)
def test_a_wrong_field_is_named_once_it_is_proved(field: str, value: Any) -> None:
    """Who and which one are needed."""
    with pytest.raises(Malformed) as refused:
        read(press_in_mattermost(**{field: value}))
    assert refused.value.field == field
