"""The fake GitHub's branches, tags, forks and comparisons: in GitHub's shapes, by git's rules."""

from typing import Any

import pytest
import requests

from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY, TOKEN

COMPARISON = {
    *("url", "html_url", "permalink_url", "diff_url", "patch_url", "base_commit", "merge_base_commit", "status"),
    *("ahead_by", "behind_by", "total_commits", "commits", "files"),
}
"""*Compare two commits*, REST reference."""
COMMIT = {"url", "sha", "node_id", "html_url", "comments_url", "commit", "author", "committer", "parents"}


def get(fake: FakeGitHub, path: str, repository: str = REPOSITORY) -> Any:
    """Read something of a repository."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.get(f"{fake.url}/repos/{repository}{path}", headers=headers, timeout=10).json()


def post(fake: FakeGitHub, path: str, **body: Any) -> Any:
    """Do what the owner would do by hand."""
    answer = requests.post(f"{fake.url}/_github{path}", json={"repository": REPOSITORY, **body}, timeout=10)
    assert answer.status_code == 201
    return answer.json()


def heads(fake: FakeGitHub, repository: str) -> list[str]:
    """Return where a repository's branches point."""
    return [one["object"]["sha"] for one in get(fake, "/git/matching-refs/heads/", repository)]


@pytest.mark.parametrize(
    ("base", "head", "status", "ahead", "behind"),
    [
        ("main", "main", "identical", 0, 0),
        ("main", "feature", "diverged", 1, 1),
        ("main", "first", "behind", 0, 1),
        ("first", "main", "ahead", 1, 0),
        ("merged", "feature", "behind", 0, 2),
    ],
)
def test_two_commits_are_compared(
    fake: FakeGitHub, repository: Repository, base: str, head: str, status: str, ahead: int, behind: int
) -> None:
    """As git counts: what only the one has, what only the other has."""
    first = repository.branches["first"] = repository.branches["main"]
    main = fake.world.push(repository).sha
    feature = fake.world.push(repository, "feature", begins=first).sha
    fake.world.push(repository, "merged", begins=main, merges=feature)
    said = get(fake, f"/compare/{base}...{head}")
    assert (said["status"], said["ahead_by"], said["behind_by"]) == (status, ahead, behind)
    assert len(said["commits"]) == said["total_commits"] == ahead
    assert set(said) == COMPARISON
    assert set(said["merge_base_commit"]) == COMMIT


def test_histories_without_a_common_beginning_cannot_be_compared(fake: FakeGitHub, repository: Repository) -> None:
    """In GitHub's words."""
    fake.world.push(repository, "orphan")
    assert get(fake, "/compare/main...orphan")["message"] == "No common ancestor between main and orphan."


def test_a_forks_commit_is_seen_in_the_original(fake: FakeGitHub, repository: Repository) -> None:
    """By its SHA alone: it is in no branch."""
    post(fake, "/forks", full_name="mallory/shop")
    sha = post(fake, "/commits", repository="mallory/shop")["id"]
    assert get(fake, f"/commits/{sha}")["sha"] == sha
    assert get(fake, f"/compare/main...{sha}")["status"] == "ahead"
    assert heads(fake, REPOSITORY) == [repository.branches["main"]]
    assert heads(fake, "mallory/shop") == [sha]


def test_a_branch_is_pushed_by_force(fake: FakeGitHub, repository: Repository) -> None:
    """What it had is still there, and in no branch."""
    first, thrown_away = repository.branches["main"], fake.world.push(repository).sha
    post(fake, "/branches", branch="main", ref=first)
    assert get(fake, "/git/ref/heads/main")["object"] == {
        "type": "commit",
        "sha": first,
        "url": f"{fake.url}/repos/{REPOSITORY}/git/commits/{first}",
    }
    assert get(fake, f"/commits/{thrown_away}")["sha"] == thrown_away


def test_references_are_found_by_name_and_by_beginning(fake: FakeGitHub, repository: Repository) -> None:
    """One by its whole name; several by how they begin."""
    for name in ("release/1", "release/2", "releases"):
        repository.branches[name] = repository.branches["main"]
    repository.tags["v1"] = repository.branches["main"]
    assert [one["ref"] for one in get(fake, "/git/matching-refs/heads/release/")] == [
        "refs/heads/release/1",
        "refs/heads/release/2",
    ]
    assert get(fake, "/git/ref/heads/release")["message"] == "Not Found"
    assert [one["name"] for one in get(fake, "/tags")] == ["v1"]


def test_a_release_makes_its_tag_where_main_is(fake: FakeGitHub, repository: Repository) -> None:
    """As its target says."""
    fake.world.publish(repository, "v1")
    assert get(fake, "/commits/tags%2Fv1")["sha"] == repository.branches["main"]


def test_statuses_are_listed_with_who_wrote_them(fake: FakeGitHub, repository: Repository) -> None:
    """Newest first; an app's user is a bot. The combined status says neither."""
    post(fake, "/statuses", ref="main", context="build", state="pending", creator="jenkins[bot]")
    post(fake, "/statuses", ref="main", context="build", state="success")
    listed = get(fake, "/commits/main/statuses")
    assert [(one["state"], one["creator"]["login"], one["creator"]["type"]) for one in listed] == [
        ("success", "octo", "User"),
        ("pending", "jenkins[bot]", "Bot"),
    ]
    assert "creator" not in get(fake, "/commits/main/status")["statuses"][0]
