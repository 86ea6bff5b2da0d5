"""Calls about one repository, as somebody."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from handlers.errors import Unavailable
from handlers.github_api.credentials import Credentials
from handlers.github_api.errors import UNAUTHORIZED, GitHubRefused
from handlers.github_api.transport import JSON, Answer, Call, Transport

PER_PAGE = 100
"""The most that GitHub gives."""

MAX_PAGES = 10
"""A release has at most 1 000 assets."""

CONTENTS = "Contents"
"""The permission that most reading needs, as GitHub's pages name it."""

NOT_ASKED = 0
"""In place of a status, where we refuse ourselves."""

NOT_FOUND = 404

T = TypeVar("T")


class GitHub:
    """GitHub's REST API for repositories. Threads may share it.

    Every call may raise Unavailable (try later) and GitHubRefused (its text says what to check). `path` begins behind
    `/repos/{owner}/{name}`, its parts quoted; `subject` says in words what it is about.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        """Send over `transport`, as who `credentials` say."""
        self._transport = transport
        self._credentials = credentials

    @property
    def app(self) -> str | None:
        """The id of the GitHub App that we are, None where we are a user or nobody."""
        return self._credentials.app

    def get_user(self, repository: str) -> Answer:
        """GET who the token for this repository belongs to. An app has no user."""
        check = "Check that the token is valid."
        return self._send(repository, Call("GET", "/user", subject="the token's user", check=check))

    def get(
        self,
        repository: str,
        path: str,
        subject: str,
        params: Mapping[str, str | int] | None = None,
        accept: str = JSON,
        permission: str = CONTENTS,
    ) -> Answer:
        """GET one thing."""
        return self._send(repository, _reading(repository, path, subject, params, accept, permission))

    def look(self, repository: str, path: str, subject: str, check: str) -> Answer:
        """GET one thing outside of all repositories, such as a team, as who we are to this one.

        `path` begins at the API's address; `check` says what to check where it is refused.
        """
        return self._send(repository, Call("GET", path, subject=subject, check=check))

    def get_all(self, repository: str, path: str, subject: str, shape: TypeAdapter[list[T]]) -> list[T]:
        """GET every page of a list."""
        return [item for page in self.pages(repository, path, subject) for item in read_as(shape, page)]

    def pages(
        self,
        repository: str,
        path: str,
        subject: str,
        params: Mapping[str, str | int] | None = None,
        permission: str = CONTENTS,
    ) -> Iterator[Answer]:
        """GET page after page, as far as there are more, MAX_PAGES at most."""
        call = _reading(repository, path, subject, {**(params or {}), "per_page": PER_PAGE}, permission=permission)
        answer = self._send(repository, call)
        yield answer
        for _ in range(MAX_PAGES - 1):
            if answer.next_page is None:
                return
            answer = self._send(repository, call, answer.next_page)
            yield answer

    @contextmanager
    def download(self, repository: str, path: str, subject: str) -> Generator[Iterator[bytes]]:
        """GET bytes of any size, piece by piece; may raise also in the middle."""
        call = _reading(repository, path, subject, accept="application/octet-stream")
        with self._transport.download(call, self._credentials.authorization(repository)) as pieces:
            yield pieces

    def write(self, method: str, repository: str, path: str, subject: str, permission: str, body: object) -> Answer:
        """POST or PATCH JSON. Nothing is sent without a token."""
        if self._credentials.authorization(repository) is None:
            raise GitHubRefused(
                NOT_ASKED,
                f"{subject} of {repository} cannot be written: neither a token nor a GitHub App is configured",
            )
        call = Call(
            method,
            _path(repository, path),
            subject=f"{subject} of {repository}",
            check=f"Check that the token reaches {repository} and has the permission {permission}: write.",
            body=body,
        )
        return self._send(repository, call)

    def _send(self, repository: str, call: Call, page: str | None = None) -> Answer:
        try:
            return self._transport.send(call, self._credentials.authorization(repository), page)
        except GitHubRefused as refused:
            if refused.status != UNAUTHORIZED or not self._credentials.forget(repository):
                raise
        return self._transport.send(call, self._credentials.authorization(repository), page)


def read_as(shape: TypeAdapter[T], answer: Answer) -> T:
    """Read an answer in the shape that GitHub documents. Raises Unavailable where it has another one."""
    try:
        return shape.validate_json(answer.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise Unavailable(f"GitHub's answer is not what it documents: {where}: {first['msg']}") from None


def _reading(
    repository: str,
    path: str,
    subject: str,
    params: Mapping[str, str | int] | None = None,
    accept: str = JSON,
    permission: str = CONTENTS,
) -> Call:
    return Call(
        "GET",
        _path(repository, path),
        subject=f"{subject} of {repository}",
        check=f"Check that {repository} still has it, and that the token may read it (permission {permission}: read).",
        params=params,
        accept=accept,
    )


def _path(repository: str, path: str) -> str:
    parts = repository.split("/")
    if len(parts) != 2 or {"", ".", ".."} & set(parts):
        raise GitHubRefused(NOT_ASKED, f"{repository!r} is not a repository")
    return f"/repos/{quote(repository)}{path}"
