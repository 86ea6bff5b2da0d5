"""GitHub's comments: which of them may be commands, and whose they are."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.errors import Malformed
from handlers.events import CommandGiven, Event, Ignored, Message
from handlers.model import Actor, GitHubPlace, Source
from handlers.sources.github import GitHubSource
from tests.github import payloads
from tests.sources.senders import GITHUB_SECRET, NOW, github

GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
AUTHOR = Actor(source=Source.GITHUB, id="1034429", name="runatlantis")


def read(payload: Any) -> Event:
    """Read a signed payload."""
    return GitHubSource((GITHUB_SECRET,)).read(github(json.dumps(payload).encode(), "issue_comment"), NOW)


def comment(body: str | None = "/deploy to staging", action: str = "created", **fields: Any) -> Event:
    """Read a real comment on a pull request with another text, and some fields of the comment replaced."""
    payload = payloads.load("issue_comment.created")
    payload["action"] = action
    payload["comment"].update({"body": body, **fields})
    return read(payload)


def given(event: Event) -> CommandGiven:
    """Return the command."""
    assert isinstance(event, CommandGiven), event
    return event


def by(**fields: Any) -> dict[str, Any]:
    """Return the author with some fields replaced."""
    return {**payloads.load("issue_comment.created")["comment"]["user"], **fields}


def test_a_comment_with_a_slash_is_a_command() -> None:
    """All that we keep of a real delivery."""
    assert comment() == CommandGiven(
        text="deploy to staging",
        actor=AUTHOR,
        place=GitHubPlace(
            repository="runatlantis/atlantis-tests",
            repository_id=136474117,
            number=1,
            comment=396926483,
            commented_at=datetime(2018, 6, 13, 12, 53, 40, tzinfo=UTC),
        ),
        delivery=GUID,
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("###comment body###", id="as recorded"),
        pytest.param("", id="empty"),
        pytest.param(None, id="null"),
        pytest.param("please /deploy to staging", id="in the middle"),
        pytest.param(" /deploy to staging", id="behind a blank"),
        pytest.param("\n/deploy to staging", id="on the second line"),
        pytest.param("> /deploy to staging", id="quoted"),
        pytest.param("\uff0fdeploy to staging", id="a slash that only looks like one"),
        pytest.param("```\n/deploy to staging\n```", id="in a fence"),
        pytest.param("<!-- slipway:request:d -->\n/deploy to staging", id="behind a marker of ours"),
    ],
)
def test_what_does_not_begin_with_a_slash_is_left_alone(body: str | None) -> None:
    """People write what they like."""
    assert comment(body) == Ignored("nothing to do for issue_comment that is not a command")


@pytest.mark.parametrize(
    ("body", "text", "unread"),
    [
        pytest.param("/status\r\nthanks", "status", False, id="CRLF"),
        pytest.param("/status\rthanks", "status", False, id="CR"),
        pytest.param("/status  \nthanks /rollback all", "status  ", False, id="words behind it"),
        pytest.param("/status\n/usr/bin", "status", False, id="a path on another line"),
        pytest.param("/status\n/rollback production", "status", True, id="two commands"),
        pytest.param("/status\n\n/help", "status", True, id="further down"),
        pytest.param("/" + "x" * 65_535, "x" * 65_535, False, id="as long as GitHub lets it be"),
    ],
)
def test_the_first_line_alone_is_read(body: str, text: str, unread: bool) -> None:
    """Where another one looks like a command, the answer can say that nobody read it."""
    command = given(comment(body))
    assert command.text == text
    assert isinstance(command.place, GitHubPlace)
    assert command.place.unread is unread


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        pytest.param("edited", {}, Message.EDITED, id="edited"),
        pytest.param("deleted", {}, Message.DELETED, id="deleted"),
        pytest.param("created", {"user": by(type="Bot")}, Message.BY_A_BOT, id="a bot"),
        pytest.param("created", {"user": by(type="Organization")}, Message.BY_A_BOT, id="an organisation"),
        pytest.param("created", {"user": by(type="user")}, Message.BY_A_BOT, id="in other letters"),
        pytest.param("created", {"user": None}, Message.BY_A_BOT, id="nobody any more"),
        pytest.param("edited", {"user": by(type="Bot")}, Message.BY_A_BOT, id="a bot that edits"),
        pytest.param("created", {"performed_via_github_app": {"id": 1}}, Message.BY_AN_APP, id="an app for a person"),
        pytest.param("created", {"performed_via_github_app": None}, Message.AS_SENT, id="no app"),
        pytest.param("created", {"user": by(id=5)}, Message.BY_AN_APP, id="somebody else has sent it"),
        pytest.param("created", {"user": by(login="renamed")}, Message.AS_SENT, id="another name, the same id"),
        pytest.param("created", {"updated_at": "2018-06-13T12:53:41Z"}, Message.EDITED, id="edited before it was told"),
        pytest.param("created", {"author_association": "NONE"}, Message.AS_SENT, id="whatever the association is"),
    ],
)
def test_the_state_of_the_words_is_told(action: str, fields: dict[str, Any], state: Message) -> None:
    """The policy says what it means."""
    assert given(comment(action=action, **fields)).message is state


def test_a_comment_is_its_authors() -> None:
    """Known by the id, whatever they are called."""
    command = given(comment(user=by(login="mona")))
    assert command.actor == Actor(source=Source.GITHUB, id="1034429", name="mona")


@pytest.mark.parametrize("value", [None, ...], ids=["null", "absent"])
def test_an_issue_that_is_no_pull_request_does_nothing(value: object) -> None:
    """It has no head, and no branch."""
    payload = payloads.load("issue_comment.created")
    payload["comment"]["body"] = "/deploy to staging"
    payload["issue"]["pull_request"] = value
    if value is ...:
        del payload["issue"]["pull_request"]
    event = read(payload)
    assert isinstance(event, Ignored)
    assert event.reason.endswith("on an issue that is not a pull request")


def test_another_action_does_nothing() -> None:
    """GitHub may come to tell more."""
    assert isinstance(comment(action="pinned"), Ignored)


@pytest.mark.parametrize(
    ("part", "fields", "field"),
    [
        ("comment", {"body": 5}, "comment.body"),
        ("comment", {"body": "x" * 100_001}, "comment.body"),
        ("comment", {"id": "1"}, "comment.id"),
        ("comment", {"id": None}, "comment.id"),
        ("comment", {"created_at": None}, "comment.created_at"),
        ("comment", {"created_at": "yesterday"}, "comment.created_at"),
        ("comment", {"created_at": "2018-13-13T12:53:40Z"}, "comment.created_at"),
        ("comment", {"created_at": "2018-06-13T12:53:40+02:00"}, "comment.created_at"),
        ("comment", {"updated_at": None}, "comment.updated_at"),
        ("comment", {"user": {"id": 1, "login": "x"}}, "comment.user.type"),
        ("comment", {"user": {"id": "1", "login": "x", "type": "User"}}, "comment.user.id"),
        ("issue", {"number": 0}, "issue.number"),
        ("issue", {"number": True}, "issue.number"),
        ("repository", {"full_name": "../x"}, "repository.full_name"),
        ("repository", {"id": None}, "repository.id"),
        ("sender", {"id": None}, "sender.id"),
    ],
)
def test_a_wrong_field_is_named(part: str, fields: dict[str, Any], field: str) -> None:
    """Strict about types and forms."""
    payload = payloads.load("issue_comment.created")
    payload["comment"]["body"] = "/deploy to staging"
    payload[part].update(fields)
    with pytest.raises(Malformed) as refused:
        read(payload)
    assert refused.value.field == field
