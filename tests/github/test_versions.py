"""Releases looked up by their tags."""

import pytest

from handlers.errors import PackageUnusable
from handlers.github_api.client import GitHub
from handlers.model import Release
from handlers.stores.packages import no_such_version
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY
from tests.github.test_packages import environment, packages_without_storage


@pytest.mark.parametrize("tag", ["v1", "release/2026 03#1"])
def test_a_release_is_found_by_its_tag(github: GitHub, fake: FakeGitHub, repository: Repository, tag: str) -> None:
    """The same as its delivery would say, also where the configuration has the repository's old name."""
    release = fake.world.publish(repository, tag, prerelease=True)
    fake.world.rename(repository, "octo/store")
    assert packages_without_storage(github).find(environment(), tag) == Release(
        repository="octo/store",
        repository_id=repository.id,
        id=release.id,
        tag=tag,
        prerelease=True,
        url=f"{fake.url}/octo/store/releases/tag/{tag}",
    )


def test_a_tag_without_a_release_is_not_found(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """A draft is none yet, and is not named either."""
    for tag in ("v1.4.0", "v1.4.1", "w2"):
        fake.world.publish(repository, tag)
    fake.world.publish(repository, "v1.4.2", draft=True)
    with pytest.raises(PackageUnusable) as unusable:
        packages_without_storage(github).find(environment(), "v1.4.2")
    assert unusable.value.code == "VersionNotFound"
    assert unusable.value.reason == (
        f"{REPOSITORY} has no published release v1.4.2; did you mean v1.4.1? The newest are w2, v1.4.1, v1.4.0."
    )


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([], "octo/shop has no published release v9. It has none at all."),
        (["autumn"], "octo/shop has no published release v9. The newest are autumn."),
        (["x", "v19"], "octo/shop has no published release v9; did you mean v19? The newest are x, v19."),
        (list("abcdefg"), "octo/shop has no published release v9. The newest are a, b, c, d, e."),
    ],
    ids=["none", "nothing alike", "one alike", "many"],
)
def test_which_versions_there_are(tags: list[str], words: str) -> None:
    """A slip of the finger is put right by reading the answer."""
    assert no_such_version("octo/shop", "v9", tags) == words


def test_a_repository_that_is_not_there_has_no_versions(github: GitHub) -> None:
    """Or one that the token does not reach."""
    with pytest.raises(PackageUnusable, match="octo/nowhere") as unusable:
        packages_without_storage(github).find(environment(repository="octo/nowhere"), "v1")
    assert unusable.value.code == "ReleaseNotFound"
