"""Where the branch of a pull request is, and since when, as the flows are told it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.errors import Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.errors import REFUSAL_PATIENCE
from handlers.github_api.pulls import PullRequest, read_pull
from handlers.model import Commit, GitHubPlace
from handlers.policy import Reason
from handlers.policy.heads import Head, rule_head
from handlers.stores import pull_heads
from handlers.stores.pull_heads import PullHeads
from local.github.pulls import Pull
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY

PUSHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMENTED = datetime(2026, 3, 1, 13, tzinfo=UTC)


@pytest.fixture
def pull(fake: FakeGitHub, repository: Repository) -> Pull:
    """Open a pull request whose branch was pushed a while before the comment."""
    fake.world.push(repository, "fix/a#1", at="2026-03-01T12:00:00Z")
    return fake.world.open_pull(repository, "fix/a#1")


@pytest.fixture
def place(repository: Repository, pull: Pull) -> GitHubPlace:
    """Comment on it."""
    return GitHubPlace(
        repository=REPOSITORY, repository_id=repository.id, number=pull.number, comment=1, commented_at=COMMENTED
    )


def test_a_head_is_a_commit_of_the_repository(
    fake: FakeGitHub, repository: Repository, github: GitHub, place: GitHubPlace
) -> None:
    """With its page, and whatever is in the branch's name."""
    sha = repository.branches["fix/a#1"]
    url = f"{fake.url}/{REPOSITORY}/commit/{sha}"
    commit = Commit(repository=REPOSITORY, repository_id=repository.id, sha=sha, branch="fix/a#1", url=url)
    assert PullHeads(github).head(place) == Head(commit, open=True, from_a_fork=False, since=PUSHED)


def test_a_push_between_the_two_questions_is_no_head_that_stands(
    fake: FakeGitHub,
    repository: Repository,
    github: GitHub,
    place: GitHubPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At this look nobody says since when it is there; at the next it is known to be too late."""

    def read_and_push(*given: Any) -> PullRequest:
        read = read_pull(*given)
        fake.world.push(repository, "fix/a#1")
        return read

    with monkeypatch.context() as patched:
        patched.setattr(pull_heads, "read_pull", read_and_push)
        first = PullHeads(github).head(place)
    assert rule_head(first, place, pinned=None).reason is Reason.HEAD_MOVES
    assert rule_head(PullHeads(github).head(place), place, pinned=None).reason is Reason.HEAD_MOVED


def test_a_push_after_it_was_pinned_is_seen(
    fake: FakeGitHub, repository: Repository, github: GitHub, place: GitHubPlace
) -> None:
    """Also one that goes on and comes back."""
    pinned = repository.branches["fix/a#1"]
    fake.world.push(repository, "fix/a#1")
    assert rule_head(PullHeads(github).head(place), place, pinned).reason is Reason.HEAD_MOVED
    fake.world.move(repository, "fix/a#1", pinned)
    assert rule_head(PullHeads(github).head(place), place, pinned).reason is Reason.HEAD_MOVED


@pytest.mark.parametrize("what", ["closed", "a fork"])
def test_what_is_refused_anyway_is_not_asked_about_further(
    fake: FakeGitHub, repository: Repository, github: GitHub, place: GitHubPlace, pull: Pull, what: str
) -> None:
    """A fork's branch is not ours to ask about, and a closed one may be gone."""
    if what == "closed":
        fake.world.close_pull(pull)
    else:
        pull.head_repository = None
    head = PullHeads(github).head(place)
    assert (head.open, head.from_a_fork, head.since) == (what != "closed", what != "closed", None)
    assert fake.calls("GET", "/activity") == []


@pytest.mark.parametrize("path", ["/pulls/", "/activity"])
def test_where_github_refuses_somebody_can_put_it_right(
    fake: FakeGitHub, github: GitHub, place: GitHubPlace, path: str
) -> None:
    """It is asked again, and nothing is deployed meanwhile."""
    fake.fault(403, path=path, body={"message": "Resource not accessible by integration"})
    with pytest.raises(Unavailable) as refused:
        PullHeads(github).head(place)
    assert refused.value.retry_after == REFUSAL_PATIENCE


def test_a_repository_that_has_taken_the_name_is_seen(
    fake: FakeGitHub, repository: Repository, github: GitHub, place: GitHubPlace
) -> None:
    """By its number."""
    impostor = place.model_copy(update={"repository_id": repository.id + 1})
    assert rule_head(PullHeads(github).head(impostor), impostor, pinned=None).reason is Reason.ANOTHER_REPOSITORY
