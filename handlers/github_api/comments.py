"""Comments on pull requests, which GitHub keeps as comments on issues.

Source: *REST API endpoints for issue comments*, GitHub documentation.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import TypeAdapter

from handlers.github_api.client import NOT_FOUND, GitHub, read_as
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.pulls import PERMISSION
from handlers.github_api.shapes import Shape

MAX_BODY = 65_536
"""Characters of a comment. GitHub refuses more with 422."""

_GONE = {NOT_FOUND, 410}
_NO_USER = 403
"""What a token is answered that belongs to no user and to no app that we know of: then nothing is ours for sure."""


class _User(Shape):
    id: int


class _App(Shape):
    id: int
    client_id: str | None = None


class Comment(Shape):
    """A comment, with who wrote it."""

    id: int
    body: str | None = None
    user: _User | None = None
    performed_via_github_app: _App | None = None


_COMMENT = TypeAdapter(Comment)
_COMMENTS = TypeAdapter(list[Comment])
_USER = TypeAdapter(_User)


def find(github: GitHub, repository: str, number: int, marker: str, since: datetime) -> int | None:
    """Return the id of our own comment that begins with a marker, None where there is none.

    Only what was changed at `since` or later is looked through. Anybody can write our marker into a comment of theirs,
    so one by somebody else is passed over.
    """
    path, subject = f"/issues/{number}/comments", f"the comments of {number}"
    wanted: dict[str, str | int] = {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    pages = github.pages(repository, path, subject, wanted, permission=PERMISSION)
    found: Iterator[Comment] = (comment for page in pages for comment in read_as(_COMMENTS, page))
    marked = [comment for comment in found if (comment.body or "").startswith(marker)]
    return next((comment.id for comment in marked if _is_ours(github, repository, comment)), None)


def create(github: GitHub, repository: str, number: int, body: str) -> int:
    """Write a comment; return its id."""
    answer = github.write(
        "POST", repository, f"/issues/{number}/comments", f"a comment on {number}", PERMISSION, {"body": body}
    )
    return read_as(_COMMENT, answer).id


def edit(github: GitHub, repository: str, comment: int, body: str) -> bool:
    """Replace what a comment says; return False where somebody has deleted it."""
    path = f"/issues/comments/{comment}"
    try:
        github.write("PATCH", repository, path, "our comment", PERMISSION, {"body": body})
    except GitHubRefused as refused:
        if refused.status not in _GONE:
            raise
        return False
    return True


def _is_ours(github: GitHub, repository: str, comment: Comment) -> bool:
    """Say whether we wrote it: by our app's id or client id, or by the id of the token's user."""
    if github.app is not None:
        by = comment.performed_via_github_app
        return by is not None and github.app in {str(by.id), by.client_id}
    try:
        user = read_as(_USER, github.get_user(repository))
    except GitHubRefused as refused:
        if refused.status != _NO_USER:
            raise
        return False
    return comment.user is not None and comment.user.id == user.id
