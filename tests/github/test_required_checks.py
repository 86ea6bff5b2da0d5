"""What others say about a commit: what is read of GitHub, and what is made of it."""

import pytest

from handlers.errors import Unavailable
from handlers.github_api.checks import check_runs, commit_statuses
from handlers.github_api.client import MAX_PAGES, PER_PAGE, GitHub
from handlers.github_api.commits import GitHubCommits
from handlers.github_api.errors import GitHubRefused
from handlers.policy.what import CheckRun
from local.github.commits import ACTIONS
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY, TOKEN

ACTIONS_ID = 15368


@pytest.fixture
def sha(repository: Repository) -> str:
    """Return the newest commit."""
    return repository.branches["main"]


def ends(github: GitHub, sha: str, *contexts: str) -> list[tuple[str, str | None]]:
    """Return names and ends of the runs that are read, newest first."""
    found = sorted(check_runs(github, REPOSITORY, sha, contexts), key=lambda run: -run.id)
    return [(run.context, run.end) for run in found]


def test_all_pages_are_read(github: GitHub, fake: FakeGitHub, repository: Repository, sha: str) -> None:
    """The one that matters may stand on the last."""
    for number in range(230):
        fake.world.check(repository, sha, "build", "success" if number else "failure")
        fake.world.mark(repository, sha, f"status {number}", "success")
    assert ends(github, sha, "build")[-1] == ("build", "failure")
    assert len(check_runs(github, REPOSITORY, sha, ["build"])) == 230
    assert len(commit_statuses(github, REPOSITORY, sha)) == 230
    assert len(fake.calls("GET", f"/commits/{sha}/")) == 3 + 3 + 3


def test_more_runs_than_are_read_are_no_answer(
    github: GitHub, fake: FakeGitHub, repository: Repository, sha: str
) -> None:
    """The newest might be among the others."""
    for _ in range(MAX_PAGES * PER_PAGE + 1):
        fake.world.check(repository, sha, "build", "success")
    with pytest.raises(Unavailable, match="1001 runs of the check build on"):
        check_runs(github, REPOSITORY, sha, ["build"])


def test_only_the_names_that_are_asked_for_are_read(
    github: GitHub, fake: FakeGitHub, repository: Repository, sha: str
) -> None:
    """Each once, by GitHub's own filter."""
    for name in ("build", "test", "lint"):
        fake.world.check(repository, sha, name, "success")
    assert {name for name, _ in ends(github, sha, "build", "test", "build")} == {"build", "test"}
    assert len(fake.calls("GET", "/check-runs")) == 2


def test_a_run_is_read_with_its_app_and_its_commit(
    github: GitHub, fake: FakeGitHub, repository: Repository, sha: str
) -> None:
    """By id and by slug."""
    made = fake.world.check(repository, sha, "build", "success")
    assert check_runs(github, REPOSITORY, sha, ["build"]) == [
        CheckRun(made.id, "build", sha, "success", ACTIONS_ID, ACTIONS)
    ]
    other = fake.world.check(repository, sha, "build", "failure", app="other")
    by_other = next(run for run in check_runs(github, REPOSITORY, sha, ["build"]) if run.id == other.id)
    assert (by_other.app, by_other.end) == ("other", "failure")
    assert by_other.app_id not in {None, ACTIONS_ID}


@pytest.mark.parametrize(
    ("status", "conclusion", "end"),
    [
        ("queued", None, None),
        ("in_progress", None, None),
        ("waiting", None, None),
        ("requested", None, None),
        ("completed", "success", "success"),
        ("completed", "action_required", None),
        ("completed", "skipped", "skipped"),
        ("completed", None, "no conclusion"),
        ("in_progress", "success", None),
    ],
)
def test_a_run_is_over_when_it_is_completed(
    github: GitHub,
    fake: FakeGitHub,
    repository: Repository,
    sha: str,
    status: str,
    conclusion: str | None,
    end: str | None,
) -> None:
    """Whatever else it says."""
    fake.world.check(repository, sha, "build", conclusion, status=status)
    assert ends(github, sha, "build") == [("build", end)]


def test_a_run_that_is_asked_for_again_is_read_beside_the_old_one(
    github: GitHub, fake: FakeGitHub, repository: Repository, sha: str
) -> None:
    """It waits, so nothing was completed after the old one."""
    fake.world.rerun(repository, fake.world.check(repository, sha, "build", "success"))
    assert ends(github, sha, "build") == [("build", None), ("build", "success")]


def test_a_status_says_which_app_wrote_it(github: GitHub, fake: FakeGitHub, repository: Repository, sha: str) -> None:
    """By the login of its user, which nobody else can have; a person is none."""
    for creator in ("jenkins[bot]", "jenkins", "mona"):
        fake.world.mark(repository, sha, "build", "success", creator=creator)
    fake.world.mark(repository, sha, "build", "failure", creator="jenkins[bot]")
    found = [(one.app, one.state) for one in commit_statuses(github, REPOSITORY, sha)]
    assert found == [("jenkins", "failure"), (None, "success"), (None, "success"), ("jenkins", "success")]


def test_what_is_said_of_another_commit_is_not_read(
    github: GitHub, fake: FakeGitHub, repository: Repository, sha: str
) -> None:
    """Of the one before it."""
    newer = fake.world.push(repository).sha
    fake.world.check(repository, sha, "build", "success")
    fake.world.mark(repository, sha, "build", "success")
    assert ends(github, newer, "build") == []
    assert commit_statuses(github, REPOSITORY, newer) == []


def test_a_missing_permission_is_named(github: GitHub, fake: FakeGitHub) -> None:
    """In the words of GitHub's pages."""
    private = fake.world.add_repository("octo/private", private=True)
    fake.world.add_token(TOKEN, {"contents": "read"})
    sha = private.branches["main"]
    with pytest.raises(GitHubRefused, match=r"permission Checks: read"):
        check_runs(github, "octo/private", sha, ["build"])
    with pytest.raises(GitHubRefused, match=r"permission Commit statuses: read"):
        commit_statuses(github, "octo/private", sha)


@pytest.mark.parametrize("status", [403, 404, 422, 500, 502])
@pytest.mark.parametrize("path", ["/check-runs", "/statuses"])
def test_where_github_gives_no_answer_it_is_asked_again(
    github: GitHub, fake: FakeGitHub, sha: str, path: str, status: int
) -> None:
    """The owner gives the permission, or GitHub comes to itself."""
    fake.fault(status, path=path, body={"message": "no"})
    with pytest.raises(Unavailable):
        GitHubCommits(github).checks(REPOSITORY, sha, ["build"])


@pytest.mark.parametrize("body", [{}, {"check_runs": [{"id": 1}], "total_count": 1}, [], "text"])
def test_an_answer_in_another_shape_is_none(github: GitHub, fake: FakeGitHub, sha: str, body: object) -> None:
    """Nothing is read into it."""
    fake.fault(200, path="/check-runs", body=body)
    with pytest.raises(Unavailable, match="not what it documents"):
        GitHubCommits(github).checks(REPOSITORY, sha, ["build"])
