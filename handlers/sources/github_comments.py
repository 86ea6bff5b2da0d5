"""GitHub's comments: a first line that begins with a slash may be a command. Pure.

Source: *issue_comment*, GitHub documentation. What else matters here:

- GitHub keeps comments on pull requests as comments on issues; an issue that is a pull request has `pull_request`.
- A comment names no commit.
- A delivery may be written down after the comment was edited: `updated_at` shows it.
- An app can write in its own name (`user.type` is `Bot`) or in a person's (`performed_via_github_app`).
- `author_association` says what somebody is to the repository, and not what they may do: it is not read.
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from handlers import model
from handlers.events import CommandGiven, Event, Ignored, Message
from handlers.sources.fields import MAX_TEXT, Id, Payload, read_fields
from handlers.sources.github_fields import Repository, Sender

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_LIKE_A_COMMAND = re.compile(r"/[A-Za-z]+(\s|$)")


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value, re.ASCII):
        raise ValueError
    return datetime.fromisoformat(value)


Instant = Annotated[datetime, BeforeValidator(_instant)]


class _Author(Sender):
    type: str
    """`User`, `Bot`, `Organization` and so on."""


class _Comment(Payload):
    id: Id
    body: str | None = Field(default=None, max_length=MAX_TEXT)
    user: _Author | None = None
    """None where the account is gone."""
    created_at: Instant
    updated_at: Instant
    performed_via_github_app: object = None


class _Issue(Payload):
    number: Id
    pull_request: object = None


class _Commented(Payload):
    action: str
    issue: _Issue
    comment: _Comment
    repository: Repository
    sender: Sender


_STATES = {"created": Message.AS_SENT, "edited": Message.EDITED, "deleted": Message.DELETED}


def read_comment(payload: object, guid: str) -> Event:
    """Read what somebody wrote. Raises Malformed.

    Of a comment the first line alone is read; whether its first word is one of ours is not known here.
    """
    commented = read_fields(_Commented, payload, "GitHub")
    comment, repository = commented.comment, commented.repository
    first, *more = _LINE_ENDS.split(comment.body or "")
    if not first.startswith("/"):
        return Ignored("nothing to do for issue_comment that is not a command")
    if commented.issue.pull_request is None:
        return Ignored("nothing to do for issue_comment on an issue that is not a pull request")
    if commented.action not in _STATES:
        return Ignored("nothing to do for issue_comment but created")
    return CommandGiven(
        text=first.removeprefix("/"),
        actor=(comment.user or commented.sender).actor,
        place=model.GitHubPlace(
            repository=repository.full_name,
            repository_id=repository.id,
            number=commented.issue.number,
            comment=comment.id,
            commented_at=comment.created_at,
            unread=any(_LIKE_A_COMMAND.match(line) for line in more),
        ),
        delivery=guid,
        message=_state(commented),
    )


def _state(commented: _Commented) -> Message:
    """Say in what state the words arrived. Whose they are comes first: a bot's are no command in any state."""
    comment, author, sender = commented.comment, commented.comment.user, commented.sender
    if author is None or author.type != "User":
        return Message.BY_A_BOT
    if comment.performed_via_github_app is not None:
        return Message.BY_AN_APP
    state = _STATES[commented.action]
    if state is not Message.AS_SENT:
        return state
    if comment.updated_at != comment.created_at:
        return Message.EDITED
    return Message.AS_SENT if sender.id == author.id else Message.BY_AN_APP
