"""What others say about a commit: check runs by apps, and commit statuses by anybody who may push.

Source: *REST API endpoints for check runs* and *for commit statuses*, GitHub documentation.
"""

from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter

from handlers.errors import Unavailable
from handlers.github_api.client import GitHub, read_as
from handlers.github_api.shapes import Shape
from handlers.policy.what import CheckRun, CommitStatus

COMPLETED = "completed"
_NEEDS_SOMEBODY = "action_required"
"""A run that is over and waits for a person: it counts as one that goes on."""

_BOT = "Bot"
_BOTS_LOGIN = "[bot]"
"""How the login of an app's own user ends. No person's can: it has a character that logins may not have."""

_PERMISSION_OF_RUNS = "Checks"
_PERMISSION_OF_STATUSES = "Commit statuses"


class _App(Shape):
    id: int
    slug: str | None = None


class _Run(Shape):
    id: int
    name: str
    head_sha: str
    status: str
    """Anything but `completed` is on its way."""
    conclusion: str | None = None
    app: _App | None = None

    @property
    def value(self) -> CheckRun:
        over = self.status == COMPLETED and self.conclusion != _NEEDS_SOMEBODY
        return CheckRun(
            id=self.id,
            context=self.name,
            sha=self.head_sha,
            end=(self.conclusion or "no conclusion") if over else None,
            app_id=self.app.id if self.app is not None else None,
            app=self.app.slug if self.app is not None else None,
        )


class _Runs(Shape):
    total_count: int
    check_runs: list[_Run]


class _Creator(Shape):
    login: str
    type: str


class _Status(Shape):
    id: int
    context: str
    state: str
    creator: _Creator | None = None
    """None where the account is gone. An app writes as a user of its own, `SLUG[bot]`; its id is not said."""

    @property
    def value(self) -> CommitStatus:
        by = self.creator
        is_an_app = by is not None and by.type == _BOT and by.login.endswith(_BOTS_LOGIN)
        app = by.login.removesuffix(_BOTS_LOGIN) if by is not None and is_an_app else None
        return CommitStatus(id=self.id, context=self.context, state=self.state, app=app)


_RUNS = TypeAdapter(_Runs)
_STATUSES = TypeAdapter(list[_Status])


def check_runs(github: GitHub, repository: str, sha: str, contexts: Sequence[str]) -> list[CheckRun]:
    """Return all runs of these names on a commit, of every app and every attempt.

    All of them, because `filter=latest` goes by when runs were completed, and one that waits has not been. Raises
    Unavailable where there are more of a name than are read (a thousand): the newest might not be among them.
    """
    return [run for context in dict.fromkeys(contexts) for run in _runs_of(github, repository, sha, context)]


def _runs_of(github: GitHub, repository: str, sha: str, context: str) -> Iterator[CheckRun]:
    path = f"/commits/{sha}/check-runs"
    asked = {"check_name": context, "filter": "all"}
    count, total = 0, 0
    for page in github.pages(repository, path, "the checks", asked, permission=_PERMISSION_OF_RUNS):
        read = read_as(_RUNS, page)
        count, total = count + len(read.check_runs), read.total_count
        yield from (run.value for run in read.check_runs)
    if count < total:
        raise Unavailable(f"{repository} has {total} runs of the check {context} on {sha[:7]}, {count} were read")


def commit_statuses(github: GitHub, repository: str, sha: str) -> list[CommitStatus]:
    """Return the newest statuses of a commit, the newest first: a thousand at most.

    Where an older one of a context is not among them, a newer one is, or the context was not written for long: then it
    is missing.
    """
    path = f"/commits/{sha}/statuses"
    pages = github.pages(repository, path, "the commit's statuses", permission=_PERMISSION_OF_STATUSES)
    return [status.value for page in pages for status in read_as(_STATUSES, page)]
