"""Pull requests and their comments: the fake GitHub's, and what our client makes of them."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from handlers.errors import Unavailable
from handlers.github_api import comments, pulls
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import GitHubApp
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.transport import Transport
from local.github import deliveries
from local.github.pulls import Pull
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github import payloads
from tests.github.conftest import REPOSITORY
from tests.github.test_fake_github import SECRET, keys
from tests.github.test_github_app import APP, private_pem, public_pem
from tests.github.test_github_app import key as key  # noqa: PLC0414 - a fixture

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MARKER = "<!-- slipway:request:d -->"


@pytest.fixture
def pull(fake: FakeGitHub, repository: Repository) -> Pull:
    """Open a pull request whose branch was pushed a while ago."""
    fake.world.push(repository, "feature", at="2026-03-01T12:00:00Z")
    return fake.world.open_pull(repository, "feature")


def test_its_comment_has_the_shape_of_a_recorded_one(fake: FakeGitHub, repository: Repository, pull: Pull) -> None:
    """On a pull request."""
    comment = fake.world.comment(repository, pull.number, "mona", "/deploy to staging")
    built = json.loads(deliveries.comment_delivery(SECRET, fake.url, repository, comment).body)
    recorded = payloads.load("issue_comment.created")
    assert set(built) == set(recorded)
    assert set(built["comment"]) == {*recorded["comment"], "performed_via_github_app", "reactions"}
    assert set(built["issue"]) <= {*recorded["issue"], "active_lock_reason", "reactions"}
    assert keys(built["issue"]["pull_request"]) == keys(recorded["issue"]["pull_request"])
    assert built["sender"]["id"] == built["comment"]["user"]["id"]


def test_a_head_stands_since_its_push_by_githubs_clock(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """Whatever the commit says about its own time."""
    read = pulls.read_pull(github, REPOSITORY, pull.number)
    assert (read.state, read.head.sha, read.from_a_fork) == ("open", repository.branches["feature"], False)
    since = pulls.stands_since(github, REPOSITORY, "feature", read.head.sha)
    assert since == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_commit_that_came_back_stands_since_it_came_back(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """Not since its first push."""
    first = repository.branches["feature"]
    fake.world.push(repository, "feature", at="2026-03-01T12:01:00Z")
    fake.world.move(repository, "feature", first, at="2026-03-01T12:02:00Z")
    assert pulls.stands_since(github, REPOSITORY, "feature", first) == datetime(2026, 3, 1, 12, 2, tzinfo=UTC)


def test_nobody_says_since_when_a_commit_stands_that_the_branch_has_left(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """Nor that of a branch that nobody pushed."""
    first = repository.branches["feature"]
    fake.world.push(repository, "feature")
    assert pulls.stands_since(github, REPOSITORY, "feature", first) is None
    assert pulls.stands_since(github, REPOSITORY, "another", first) is None


def test_a_commit_on_another_branch_says_nothing_about_this_one(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """It may have been in the repository for long."""
    early = fake.world.push(repository, "hidden", at="2026-03-01T11:00:00Z").sha
    fake.world.move(repository, "feature", early, at="2026-03-01T13:00:00Z")
    assert pulls.stands_since(github, REPOSITORY, "feature", early) == datetime(2026, 3, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone"])
def test_a_fork_is_known(fake: FakeGitHub, repository: Repository, github: GitHub, gone: bool) -> None:
    """Also where it is gone."""
    fork = fake.world.add_repository("eve/shop")
    opened = fake.world.open_pull(repository, "main", fork=fork)
    if gone:
        opened.head_repository = None
    assert pulls.read_pull(github, REPOSITORY, opened.number).from_a_fork


def test_a_pull_request_that_is_closed_says_so(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """Merged or not, and where its branch was stays known."""
    sha = repository.branches["feature"]
    fake.world.close_pull(pull, merged=True)
    fake.world.push(repository, "feature")
    read = pulls.read_pull(github, REPOSITORY, pull.number)
    assert (read.state, read.head.sha) == ("closed", sha)


def test_what_is_none_is_refused(github: GitHub, repository: Repository) -> None:
    """With what to check."""
    with pytest.raises(GitHubRefused, match=r"pull request 7.*Pull requests: read"):
        pulls.read_pull(github, REPOSITORY, 7)


def test_our_comment_is_found_again(fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull) -> None:
    """By its marker, among a hundred others and behind a page's end."""
    for number in range(120):
        fake.world.comment(repository, pull.number, "mona", f"comment {number}")
    made = comments.create(github, REPOSITORY, pull.number, f"{MARKER}\ntext")
    assert comments.find(github, REPOSITORY, pull.number, MARKER, LONG_AGO) == made
    assert comments.find(github, REPOSITORY, pull.number, "<!-- another -->", LONG_AGO) is None
    assert comments.edit(github, REPOSITORY, made, f"{MARKER}\nother text")
    assert repository.comments[made].body.endswith("other text")


def test_our_marker_in_somebody_elses_comment_is_passed_over(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """Or we would write over it, and whoever wrote it could go on from there."""
    theirs = fake.world.comment(repository, pull.number, "eve", f"{MARKER}\nsuccess!")
    assert comments.find(github, REPOSITORY, pull.number, MARKER, LONG_AGO) is None
    ours = comments.create(github, REPOSITORY, pull.number, MARKER)
    assert comments.find(github, REPOSITORY, pull.number, MARKER, LONG_AGO) == ours
    assert theirs.body.endswith("success!")


def test_an_app_knows_its_comments_too(
    fake: FakeGitHub, repository: Repository, transport: Transport, pull: Pull, key: object
) -> None:
    """By its own id, as an app is no user."""
    fake.world.install_app(APP, public_pem(key), [REPOSITORY])  # type: ignore[arg-type]
    pem = SecretStr(private_pem(key))  # type: ignore[arg-type]
    github = GitHub(transport, GitHubApp(APP, pem, transport, lambda: datetime.now(UTC)))
    fake.world.comment(repository, pull.number, "eve", MARKER)
    fake.world.comment(repository, pull.number, "another[bot]", MARKER, app="99")
    made = comments.create(github, REPOSITORY, pull.number, MARKER)
    assert repository.comments[made].author == "slipway[bot]"
    assert comments.find(github, REPOSITORY, pull.number, MARKER, LONG_AGO) == made


def test_a_token_of_nobody_finds_nothing_of_its_own(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """Rather a second comment than somebody else's."""
    comments.create(github, REPOSITORY, pull.number, MARKER)
    fake.fault(403, path="/user", body={"message": "Resource not accessible by integration"})
    assert comments.find(github, REPOSITORY, pull.number, MARKER, LONG_AGO) is None


def test_a_comment_that_was_deleted_cannot_be_edited(
    fake: FakeGitHub, repository: Repository, github: GitHub, pull: Pull
) -> None:
    """And says so."""
    made = comments.create(github, REPOSITORY, pull.number, MARKER)
    del repository.comments[made]
    assert not comments.edit(github, REPOSITORY, made, MARKER)


def test_githubs_limit_on_writing_is_waited_for(fake: FakeGitHub, github: GitHub, pull: Pull) -> None:
    """As long as it says."""
    body = {"message": "You have exceeded a secondary rate limit"}
    fake.fault(403, method="POST", path="/comments", headers={"Retry-After": "60"}, body=body)
    with pytest.raises(Unavailable) as limited:
        comments.create(github, REPOSITORY, pull.number, MARKER)
    assert limited.value.retry_after is not None
    assert limited.value.retry_after.total_seconds() == 60


def test_a_comment_that_is_too_long_is_refused(github: GitHub, pull: Pull) -> None:
    """At 65,536 characters."""
    assert comments.create(github, REPOSITORY, pull.number, "x" * comments.MAX_BODY)
    with pytest.raises(GitHubRefused, match="too long"):
        comments.create(github, REPOSITORY, pull.number, "x" * (comments.MAX_BODY + 1))
