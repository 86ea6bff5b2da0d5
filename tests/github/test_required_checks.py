"""Whether a commit's checks have succeeded: the decision, and what is read for it."""

from collections.abc import Sequence

import pytest

from handlers.errors import PackageUnusable, Unavailable
from handlers.github_api.checks import App, CheckRun, CommitStatus, check_runs, commit_statuses
from handlers.github_api.client import GitHub
from handlers.github_api.errors import GitHubRefused
from handlers.stores.required_checks import require_success
from local.github import world
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY, TOKEN

Said = tuple[str, str | None] | tuple[str, str | None, int]
"""A name, a conclusion (None while it goes on) and the app that ran it."""


def runs(*said: Said) -> list[CheckRun]:
    """Return check runs, oldest first."""
    return [
        CheckRun(
            id=number,
            name=one[0],
            status="in_progress" if one[1] is None else "completed",
            conclusion=one[1],
            app=App(id=one[2] if len(one) > 2 else 1),
        )
        for number, one in enumerate(said)
    ]


def statuses(**states: str) -> list[CommitStatus]:
    """Return commit statuses by context."""
    return [CommitStatus(context=context, state=state) for context, state in states.items()]


@pytest.mark.parametrize(
    ("required", "there", "marks"),
    [
        ([], [("build", "failure")], {}),
        (["build"], [("build", "success")], {}),
        (["build"], [], {"build": "success"}),
        (["build"], [("build", "success")], {"build": "success"}),
        (["build", "test"], [("build", "success")], {"test": "success"}),
        (["build"], [("build", "success"), ("lint", "failure")], {"other": "error"}),
        (["build"], [("build", "failure"), ("build", "success")], {}),
        (["build"], [("build", "success", 1), ("build", "success", 2)], {}),
    ],
    ids=["none required", "run", "status", "both", "one each", "others", "run again", "two apps"],
)
def test_a_commit_passes(required: list[str], there: list[Said], marks: dict[str, str]) -> None:
    """Every required name has succeeded; what is not required does not matter."""
    require_success(required, runs(*there), statuses(**marks))


@pytest.mark.parametrize(
    ("required", "there", "marks", "waits_for"),
    [
        (["build"], [], {}, "waiting for check build"),
        (["build"], [("build", None)], {}, "waiting for check build"),
        (["build"], [], {"build": "pending"}, "waiting for check build"),
        (["build"], [("build", "success"), ("build", None)], {}, "waiting for check build"),
        (["build"], [("build", "failure"), ("build", None)], {}, "waiting for check build"),
        (["build"], [("build", None)], {"build": "success"}, "waiting for check build"),
        (["build"], [("build", "success")], {"build": "pending"}, "waiting for check build"),
        (["build"], [("build", "success", 1), ("build", None, 2)], {}, "waiting for check build"),
        (["build"], [("build", "action_required")], {}, "waiting for check build"),
        (["build"], [("Build", "success"), ("build ", "success")], {}, "waiting for check build"),
        (["build", "a", "test"], [("a", "success")], {}, "waiting for checks build, test"),
    ],
    ids=[
        "missing",
        "going on",
        "pending status",
        "run again after success",
        "run again after failure",
        "a status beside a run that goes on",
        "a run beside a pending status",
        "another app",
        "somebody has to act",
        "other names",
        "two of three",
    ],
)
def test_a_commit_waits(required: list[str], there: list[Said], marks: dict[str, str], waits_for: str) -> None:
    """What is not there yet may come."""
    with pytest.raises(Unavailable) as later:
        require_success(required, runs(*there), statuses(**marks))
    assert later.value.reason == waits_for


@pytest.mark.parametrize(
    ("there", "marks", "words"),
    [
        *(
            ([("build", end)], {}, f"The check build ({end}) did not succeed on this commit.")
            for end in ("failure", "cancelled", "timed_out", "skipped", "neutral", "stale", "startup_failure")
        ),
        ([], {"build": "failure"}, "The check build (failure) did not succeed on this commit."),
        ([], {"build": "error"}, "The check build (error) did not succeed on this commit."),
        ([("build", "failure")], {"build": "success"}, "The check build (failure) did not succeed on this commit."),
        ([("build", "success")], {"build": "error"}, "The check build (error) did not succeed on this commit."),
        ([("build", "failure", 1), ("build", "success", 2)], {}, "The check build (failure) did not succeed"),
        ([("build", "failure", 1), ("build", None, 2)], {}, "The check build (failure) did not succeed"),
        ([("build", "timed_out"), ("test", "failure")], {}, "The checks build (timed_out), test (failure) did not"),
    ],
    ids=lambda value: None if isinstance(value, dict | str) else "-".join(str(one[1]) for one in value) or "status",
)
def test_a_commit_is_refused(there: list[Said], marks: dict[str, str], words: str) -> None:
    """Nobody else's success stands in for a failure."""
    with pytest.raises(PackageUnusable) as unusable:
        require_success(["build", "test"], runs(*there), statuses(**marks))
    assert unusable.value.code == "CheckFailed"
    assert unusable.value.reason.startswith(words)


def test_a_completed_run_without_a_conclusion_has_not_succeeded() -> None:
    """GitHub documents none such."""
    odd = CheckRun(id=1, name="build", status="completed")
    with pytest.raises(PackageUnusable, match="no conclusion"):
        require_success(["build"], [odd], [])


def test_all_pages_are_read(github: GitHub, fake: FakeGitHub, repository: world.Repository) -> None:
    """The one that matters may stand on the last."""
    sha = repository.branches["main"]
    for number in range(230):
        fake.world.check(repository, sha, f"check {number}", "success")
        fake.world.mark(repository, sha, f"status {number}", "success")
    assert len(check_runs(github, REPOSITORY, sha)) == 230
    assert len(commit_statuses(github, REPOSITORY, sha)) == 230
    assert len(fake.calls("GET", f"/commits/{sha}/")) == 6


def names_and_ends(found: Sequence[CheckRun]) -> set[tuple[str, str | None]]:
    """Return what matters of check runs."""
    return {(run.name, run.conclusion) for run in found}


def test_the_latest_of_each_name_is_read(github: GitHub, fake: FakeGitHub, repository: world.Repository) -> None:
    """Of runs and of statuses."""
    sha = repository.branches["main"]
    fake.world.check(repository, sha, "build", "failure")
    fake.world.check(repository, sha, "build", "success")
    fake.world.check(repository, sha, "test")
    fake.world.mark(repository, sha, "deploy", "pending")
    fake.world.mark(repository, sha, "deploy", "success")
    assert names_and_ends(check_runs(github, REPOSITORY, sha)) == {("build", "success"), ("test", None)}
    assert commit_statuses(github, REPOSITORY, sha) == [CommitStatus(context="deploy", state="success")]


def test_a_missing_permission_is_named(github: GitHub, fake: FakeGitHub) -> None:
    """In the words of GitHub's pages."""
    private = fake.world.add_repository("octo/private", private=True)
    fake.world.add_token(TOKEN, {"contents": "read"})
    sha = private.branches["main"]
    with pytest.raises(GitHubRefused, match=r"permission Checks: read"):
        check_runs(github, "octo/private", sha)
    with pytest.raises(GitHubRefused, match=r"permission Commit statuses: read"):
        commit_statuses(github, "octo/private", sha)
