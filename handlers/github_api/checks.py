"""What others say about a commit: check runs by apps, and commit statuses by anybody who may push.

Source: *REST API endpoints for check runs* and *for commit statuses*, GitHub documentation.
"""

from pydantic import BaseModel, ConfigDict, TypeAdapter

from handlers.github_api.client import GitHub, read_as

COMPLETED = "completed"
SUCCESS = "success"


class App(BaseModel):
    """Who made a check run."""

    model_config = ConfigDict(frozen=True)

    id: int


class CheckRun(BaseModel):
    """One run of a check. A run that is repeated is a new one with a higher id."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    status: str
    """Anything but `completed` is on its way."""
    conclusion: str | None = None
    app: App | None = None


class CommitStatus(BaseModel):
    """The latest status of one context."""

    model_config = ConfigDict(frozen=True)

    context: str
    """Its name."""
    state: str
    """`success`, `pending`, `failure` or `error`."""


class _CheckRuns(BaseModel):
    model_config = ConfigDict(frozen=True)

    check_runs: list[CheckRun]


class _Statuses(BaseModel):
    model_config = ConfigDict(frozen=True)

    statuses: list[CommitStatus]


_CHECK_RUNS = TypeAdapter(_CheckRuns)
_STATUSES = TypeAdapter(_Statuses)
_PERMISSION_OF_RUNS = "Checks"
_PERMISSION_OF_STATUSES = "Commit statuses"


def check_runs(github: GitHub, repository: str, sha: str) -> list[CheckRun]:
    """Return the check runs of a commit: of each suite the latest of every name."""
    path = f"/commits/{sha}/check-runs"
    pages = github.pages(repository, path, "the checks", {"filter": "latest"}, permission=_PERMISSION_OF_RUNS)
    return [run for page in pages for run in read_as(_CHECK_RUNS, page).check_runs]


def commit_statuses(github: GitHub, repository: str, sha: str) -> list[CommitStatus]:
    """Return the latest status of every context of a commit."""
    path = f"/commits/{sha}/status"
    pages = github.pages(repository, path, "the commit's statuses", permission=_PERMISSION_OF_STATUSES)
    return [status for page in pages for status in read_as(_STATUSES, page).statuses]
