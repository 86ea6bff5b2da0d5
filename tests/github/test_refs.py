"""Where a commit is: asked over HTTP, by comparison; that GitHub shows it says nothing."""

import pytest

from handlers.errors import Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.commits import GitHubCommits
from handlers.github_api.refs import MOST_COMPARED
from handlers.github_api.releases import commit_of_tag
from handlers.policy.what import ANY_REF, Found, Refs
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY, TOKEN

MAIN = Refs(branches=("main",))
RELEASES = Refs(branches=("release/*",))
VERSIONS = Refs(tags=("v*",))


@pytest.fixture
def commits(github: GitHub) -> GitHubCommits:
    """Give what is tested."""
    return GitHubCommits(github)


def find(commits: GitHubCommits, sha: str, refs: Refs, hint: str | None = None) -> str | None:
    """Say where a commit is."""
    return commits.find(REPOSITORY, sha, refs, hint).ref


def test_a_branch_contains_where_it_points_and_what_came_before(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository
) -> None:
    """And nothing that comes after, or beside it."""
    before = repository.branches["main"]
    head = fake.world.push(repository).sha
    after = fake.world.push(repository, "next", begins=head).sha
    beside = fake.world.push(repository, "side", begins=before).sha
    unrelated = fake.world.push(repository, "orphan").sha
    assert find(commits, head, MAIN) == find(commits, before, MAIN) == "branch main"
    assert [find(commits, sha, MAIN) for sha in (after, beside, unrelated, "f" * 40)] == [None] * 4


def test_what_was_merged_is_in_the_branch(commits: GitHubCommits, fake: FakeGitHub, repository: Repository) -> None:
    """By the second parent of the merge."""
    side = fake.world.push(repository, "side", begins=repository.branches["main"]).sha
    assert find(commits, side, MAIN) is None
    fake.world.push(repository, merges=side)
    assert find(commits, side, MAIN) == "branch main"


def test_what_a_forced_push_has_thrown_away_is_not_in_it(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository
) -> None:
    """Although GitHub still shows it."""
    first, thrown_away = repository.branches["main"], fake.world.push(repository).sha
    repository.branches["main"] = first
    assert find(commits, thrown_away, MAIN) is None


@pytest.mark.parametrize("refs", [MAIN, RELEASES, VERSIONS, ANY_REF], ids=["branch", "pattern", "tag", "any"])
def test_a_commit_of_a_fork_is_nowhere(
    commits: GitHubCommits, github: GitHub, fake: FakeGitHub, repository: Repository, refs: Refs
) -> None:
    """GitHub shows it here by its SHA, whatever the fork calls its branches."""
    fork = fake.world.fork(repository, "mallory/shop")
    sha = fake.world.push(fork, "main").sha
    fake.world.push(fork, "release/1", begins=sha)
    fork.tags["v1"] = sha
    assert github.get(REPOSITORY, f"/commits/{sha}", "the commit").status == 200
    assert find(commits, sha, refs, "main") is None
    fake.world.push(repository, merges=sha)
    assert (find(commits, sha, refs) is None) is (refs in {RELEASES, VERSIONS}), "merged, it is in main"


def test_a_tag_with_a_branchs_name_does_not_stand_in_for_it(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository
) -> None:
    """Nor a branch with a tag's."""
    fork = fake.world.fork(repository, "mallory/shop")
    sha = fake.world.push(fork).sha
    repository.tags["main"] = sha
    repository.branches["v1"] = sha
    assert find(commits, sha, MAIN, "main") is None
    assert find(commits, sha, VERSIONS, "v1") is None


def test_a_branch_that_is_called_like_a_path_to_a_tag_is_none(
    commits: GitHubCommits, github: GitHub, fake: FakeGitHub, repository: Repository
) -> None:
    """Where there is no such tag, GitHub takes the branch for it; whoever may push could make one."""
    sha = fake.world.push(repository, "tags/v9").sha
    assert commit_of_tag(github, REPOSITORY, "v9") == sha, "the trap"
    assert find(commits, sha, VERSIONS, "v9") is None


def test_an_annotated_tag_is_followed_to_its_commit(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository
) -> None:
    """It points to an object of its own."""
    sha = repository.tags["v1"] = fake.world.push(repository, "side").sha
    target = {"type": "tag", "sha": "e" * 40, "url": "https://example.com"}
    fake.fault(200, path="/git/ref/tags/v1", body={"ref": "refs/tags/v1", "object": target})
    assert find(commits, sha, VERSIONS, "v1") == "tag v1"
    assert fake.calls("GET", "/tags?") == []


def test_a_tag_allows_what_it_points_to(commits: GitHubCommits, fake: FakeGitHub, repository: Repository) -> None:
    """Not what came before that."""
    before, sha = repository.branches["main"], fake.world.push(repository).sha
    repository.tags |= {"v1": sha, "nightly": before}
    assert find(commits, sha, VERSIONS) == "tag v1"
    assert find(commits, sha, VERSIONS, "v1") == "tag v1"
    assert find(commits, before, VERSIONS) is None
    assert find(commits, before, VERSIONS, "nightly") is None, "a tag that is not allowed"


def test_the_tag_of_a_release_is_asked_first(commits: GitHubCommits, fake: FakeGitHub, repository: Repository) -> None:
    """And no list is read."""
    repository.tags["v1"] = repository.branches["main"]
    assert find(commits, repository.branches["main"], VERSIONS, "v1") == "tag v1"
    assert fake.calls("GET", "/tags?") == []


def test_a_pattern_is_asked_of_all_there_are(commits: GitHubCommits, fake: FakeGitHub, repository: Repository) -> None:
    """Of branches in one answer, of tags on every page, the last one too."""
    fork = fake.world.fork(repository, "octo/elsewhere")
    other = fake.world.push(fork).sha
    sha = fake.world.push(repository).sha
    for number in range(230):
        repository.branches[f"release/{number:03}"] = repository.tags[f"v{number:03}"] = other
    repository.branches |= {"release/229": sha}
    repository.tags["v000"] = sha
    assert find(commits, sha, RELEASES) == "branch release/229"
    assert find(commits, sha, VERSIONS) == "tag v000"
    assert len(fake.calls("GET", "/matching-refs/heads/release/")) == 1
    assert len(fake.calls("GET", "/tags?")) == 3


def test_only_so_many_branches_are_compared(commits: GitHubCommits, fake: FakeGitHub, repository: Repository) -> None:
    """The newest names first, the default branch before them; and how many were left out is said."""
    first = repository.branches["main"]
    sha = fake.world.push(repository).sha
    newer = fake.world.push(repository).sha
    repository.branches["main"] = first
    for number in range(40):
        repository.branches[f"release/{number:02}"] = first
    repository.branches["release/02"] = newer
    assert commits.find(REPOSITORY, sha, RELEASES, None) == Found(None, unasked=40 - MOST_COMPARED)
    assert len(fake.calls("GET", "/compare/")) == MOST_COMPARED
    assert find(commits, sha, RELEASES, "release/02") == "branch release/02", "named by the request"
    assert find(commits, sha, Refs(("release/*", "release/02"))) == "branch release/02", "named by the file"
    assert find(commits, first, ANY_REF) is not None
    repository.branches["release/39"] = newer
    assert find(commits, sha, RELEASES) == "branch release/39", "among the newest"
    assert find(commits, newer, RELEASES) == "branch release/39", "where a branch points costs nothing"


def test_the_default_branch_is_among_those_that_are_compared(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository
) -> None:
    """However many there are, and whatever its name."""
    before = repository.branches["main"]
    fake.world.push(repository)
    orphan = fake.world.push(repository, "zzz").sha
    for number in range(40):
        repository.branches[f"zzz/{number:02}"] = orphan
    assert find(commits, before, ANY_REF) == "branch main"


def test_case_matters_and_odd_names_are_quoted(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository
) -> None:
    """A name may hold what means something in an address."""
    sha = fake.world.push(repository, "fix/a#b?c&d%20").sha
    assert find(commits, sha, Refs(("fix/a#b*",))) == "branch fix/a#b?c&d%20"
    assert find(commits, sha, ANY_REF, "fix/a#b?c&d%20") == "branch fix/a#b?c&d%20"
    assert find(commits, sha, Refs(("Fix/*",))) is None


def test_a_branch_that_is_not_there_contains_nothing(commits: GitHubCommits, repository: Repository) -> None:
    """And is named, for it may be a mistake; one that merely begins so is another."""
    repository.branches["main-2"] = repository.branches["main"]
    sha = repository.branches.pop("main")
    assert commits.find(REPOSITORY, sha, MAIN, None) == Found(None, missing=("main",))


@pytest.mark.parametrize("status", [403, 409, 429, 500, 502, 503])
@pytest.mark.parametrize("path", ["/compare/", "/git/ref/heads/main", "/matching-refs/", "/tags"])
def test_what_is_no_answer_is_asked_again(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository, path: str, status: int
) -> None:
    """Neither a yes nor a no."""
    before = repository.branches["main"]
    fake.world.push(repository)
    repository.branches["release/1"] = fake.world.push(repository, "side").sha
    fake.fault(status, path=path, body={"message": "no"}, times=9)
    refs = {"/compare/": MAIN, "/git/ref/heads/main": MAIN, "/matching-refs/": RELEASES, "/tags": VERSIONS}[path]
    with pytest.raises(Unavailable):
        find(commits, before, refs)


@pytest.mark.parametrize("status", [404, 422])
@pytest.mark.parametrize("path", ["/compare/", "/git/ref/heads/main"])
def test_what_is_not_there_is_a_no(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository, path: str, status: int
) -> None:
    """A branch that is gone, a commit that nobody knows, two histories without a common beginning."""
    before = repository.branches["main"]
    fake.world.push(repository)
    fake.fault(status, path=path, body={"message": "Not Found"})
    assert find(commits, before, MAIN) is None
    assert find(commits, before, MAIN) == "branch main"


@pytest.mark.parametrize(
    "said",
    [
        {"status": "ahead"},
        {"status": "diverged"},
        {"status": "Behind"},
        {"status": "behind", "merge_base_commit": {"sha": "f" * 40}},
        {"status": "identical", "merge_base_commit": {"sha": "f" * 40}},
    ],
    ids=["ahead", "diverged", "another word", "behind elsewhere", "identical elsewhere"],
)
def test_only_a_clear_yes_is_one(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository, said: dict[str, object]
) -> None:
    """Both halves of the answer have to say it."""
    before = repository.branches["main"]
    fake.world.push(repository)
    fake.fault(200, path="/compare/", body={"merge_base_commit": {"sha": before}, **said})
    assert find(commits, before, MAIN) is None


@pytest.mark.parametrize("body", [{}, [], "yes", {"status": "behind"}, {"status": None, "merge_base_commit": None}])
def test_an_answer_in_another_shape_is_none(
    commits: GitHubCommits, fake: FakeGitHub, repository: Repository, body: object
) -> None:
    """It is asked again."""
    before = repository.branches["main"]
    fake.world.push(repository)
    fake.fault(200, path="/compare/", body=body)
    with pytest.raises(Unavailable, match="not what it documents"):
        find(commits, before, MAIN)


def test_reading_contents_is_enough(commits: GitHubCommits, fake: FakeGitHub) -> None:
    """Less is not, and the sentence names it."""
    private = fake.world.add_repository("octo/private", private=True)
    fake.world.add_token(TOKEN, {"contents": "read"})
    sha = private.branches["main"]
    refs = Refs(("main", "release/*"), ("v*",))
    assert commits.find("octo/private", sha, refs, None).ref == "branch main"
    assert commits.find("octo/private", "f" * 40, refs, "v1").ref is None
    fake.world.add_token(TOKEN, {"metadata": "read"})
    with pytest.raises(Unavailable, match="permission Contents: read"):
        commits.find("octo/private", sha, refs, None)
