"""Packages of commits: from where a build has laid them into our own blobs."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from azure.storage.blob import BlobServiceClient, ContainerClient

from handlers.environments import Environment
from handlers.errors import PackageUnusable, Unavailable
from handlers.github_api.client import GitHub
from handlers.model import Commit, Slot
from handlers.ports import StagedPackage
from handlers.stores.configurations import MAX_CONFIGURATION
from handlers.stores.package_container import PackageContainer
from handlers.stores.packages import BlobPackages
from local.azurite import Azurite
from local.github.assets import Generated
from local.github.repositories import Repository
from tests.conftest import Names
from tests.github.conftest import REPOSITORY
from tests.github.elsewhere import Elsewhere, Page
from tests.github.test_packages import CSCFG

PACKAGE = b"a package" * 1000


@dataclass
class Storage:
    """Our storage account."""

    builds: ContainerClient
    """Where builds lay their packages."""
    kept: ContainerClient
    """Our own container."""
    packages: PackageContainer


@pytest.fixture
def storage(azurite: Azurite, names: Names) -> Iterator[Storage]:
    """Give an account whose container of builds is there."""
    with BlobServiceClient.from_connection_string(azurite.connection_string) as service:
        builds = service.create_container(names.container("builds"))
        kept = names.container("packages")
        container = PackageContainer(service, lambda: datetime.now(UTC), kept)
        yield Storage(builds, service.get_container_client(kept), container)


@pytest.fixture
def commit(repository: Repository) -> Commit:
    """Return the newest commit of the branch."""
    return Commit(
        repository=repository.full_name,
        repository_id=repository.id,
        sha=repository.branches["main"],
        branch="main",
        url=f"https://github.com/{repository.full_name}/commit/{repository.branches['main']}",
    )


def environment(base: str, **change: Any) -> Environment:
    """Return an environment that deploys what is built for a branch."""
    return Environment(
        **{
            "name": "shop-staging",
            "subscription": "c0ffee00-0000-0000-0000-000000000000",
            "cloud_service": "shop",
            "slot": Slot.STAGING,
            "repository": REPOSITORY,
            "push": "main",
            "package_url": f"{base}/{{repository}}/{{sha}}/app.cspkg",
            "configuration_url": f"{base}/{{repository}}/{{sha}}/app.cscfg",
            **change,
        }
    )


def build(storage: Storage, commit: Commit, package: bytes = PACKAGE, configuration: bytes = CSCFG) -> None:
    """Lay down what a build makes of a commit, in our account."""
    folder = f"{commit.repository}/{commit.sha}"
    storage.builds.upload_blob(f"{folder}/app.cspkg", package, overwrite=True)
    storage.builds.upload_blob(f"{folder}/app.cscfg", configuration, overwrite=True)


def build_elsewhere(elsewhere: Elsewhere, commit: Commit, package: Page, configuration: Page | None = None) -> None:
    """Lay it down on the server."""
    folder = f"/{commit.repository}/{commit.sha}"
    elsewhere.pages[f"{folder}/app.cspkg"] = package
    elsewhere.pages[f"{folder}/app.cscfg"] = configuration or Page(body=CSCFG)


def in_our_account(storage: Storage, **change: Any) -> Environment:
    """Return the environment whose packages lie in our account."""
    return environment(str(storage.builds.url), **change)


def fetched(staged: StagedPackage) -> bytes:
    """Fetch as Azure does."""
    answer = requests.get(staged.url, timeout=10)
    assert answer.status_code == 200
    return answer.content


def kept_names(storage: Storage) -> list[str]:
    """Return the packages in our container."""
    if not storage.kept.exists():
        return []
    return [str(blob.name) for blob in storage.kept.list_blobs() if str(blob.name).endswith(".cspkg")]


def without_storage(github: GitHub) -> BlobPackages:
    """Return packages for what ends before anything is stored."""
    service = BlobServiceClient.from_connection_string(
        "DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:9/x;", retry_total=0
    )
    return BlobPackages(github, PackageContainer(service, lambda: datetime.now(UTC)))


@pytest.fixture
def packages(github: GitHub, storage: Storage) -> BlobPackages:
    """Give what is tested."""
    return BlobPackages(github, storage.packages)


@pytest.mark.azurite
def test_what_was_built_in_our_account_arrives(packages: BlobPackages, storage: Storage, commit: Commit) -> None:
    """Azure can fetch it, the configuration comes byte for byte, and GitHub is not asked."""
    build(storage, commit)
    staged = packages.stage_commit(in_our_account(storage), commit)
    assert fetched(staged) == PACKAGE
    assert staged.configuration == CSCFG
    assert urlsplit(staged.url).path.startswith(urlsplit(str(storage.kept.url)).path)


@pytest.mark.azurite
def test_the_container_of_builds_stays_private(storage: Storage, commit: Commit, packages: BlobPackages) -> None:
    """We read it with our own key; nobody else reads it without."""
    build(storage, commit)
    packages.stage_commit(in_our_account(storage), commit)
    path = f"{storage.builds.url}/{commit.repository}/{commit.sha}/app.cspkg"
    assert requests.get(path, timeout=10).status_code in {401, 403, 404}


@pytest.mark.azurite
def test_a_branch_with_a_slash_is_a_folder_in_a_folder(
    packages: BlobPackages, storage: Storage, commit: Commit
) -> None:
    """As the service reads addresses."""
    storage.builds.upload_blob(f"feature/pay now/{commit.sha}.cspkg", PACKAGE)
    storage.builds.upload_blob(f"feature/pay now/{commit.sha}.cscfg", CSCFG)
    urls = {name: f"{storage.builds.url}/{{branch}}/{{sha}}{end}" for name, end in PARTS.items()}
    place = in_our_account(storage, **urls)
    staged = packages.stage_commit(place, commit.model_copy(update={"branch": "feature/pay now"}))
    assert fetched(staged) == PACKAGE


PARTS = {"package_url": ".cspkg", "configuration_url": ".cscfg"}


@pytest.mark.azurite
def test_what_is_staged_cannot_change_any_more(packages: BlobPackages, storage: Storage, commit: Commit) -> None:
    """Somebody builds the commit again: the first package stays what it was, and the next one is new."""
    build(storage, commit)
    first = packages.stage_commit(in_our_account(storage), commit)
    build(storage, commit, package=b"another package")
    assert fetched(first) == PACKAGE
    assert fetched(packages.stage_commit(in_our_account(storage), commit)) == b"another package"


@pytest.mark.azurite
def test_the_same_package_is_not_copied_again(packages: BlobPackages, storage: Storage, commit: Commit) -> None:
    """While Azure is busy, a request comes back many times."""
    build(storage, commit)
    packages.stage_commit(in_our_account(storage), commit)
    (name,) = kept_names(storage)
    written = storage.kept.get_blob_client(name).get_blob_properties().etag
    packages.stage_commit(in_our_account(storage), commit)
    assert storage.kept.get_blob_client(name).get_blob_properties().etag == written


@pytest.mark.azurite
def test_a_copy_that_was_deleted_is_made_again(packages: BlobPackages, storage: Storage, commit: Commit) -> None:
    """Somebody cleaned our container up."""
    build(storage, commit)
    packages.stage_commit(in_our_account(storage), commit)
    storage.kept.delete_blob(kept_names(storage)[0])
    assert fetched(packages.stage_commit(in_our_account(storage), commit)) == PACKAGE


@pytest.mark.azurite
@pytest.mark.parametrize("missing", ["package", "configuration", "container"])
def test_what_is_not_there_yet_is_waited_for(
    packages: BlobPackages, storage: Storage, commit: Commit, missing: str
) -> None:
    """The sentence names the path, and holds no signature; then it comes, and goes well."""
    folder = f"{commit.repository}/{commit.sha}"
    if missing == "configuration":
        storage.builds.upload_blob(f"{folder}/app.cspkg", PACKAGE)
    if missing == "container":
        storage.builds.delete_container()
    with pytest.raises(Unavailable) as later:
        packages.stage_commit(in_our_account(storage), commit)
    what, end = ("configuration", "cscfg") if missing == "configuration" else ("package", "cspkg")
    assert later.value.reason.startswith(f"{what} is not there yet: ")
    assert later.value.reason.endswith(f"{folder}/app.{end}")
    if missing != "container":
        build(storage, commit)
        assert fetched(packages.stage_commit(in_our_account(storage), commit)) == PACKAGE


@pytest.mark.azurite
@pytest.mark.parametrize(
    "headers", [{"ETag": '"1"'}, {"ETag": 'W/"1"'}, {}], ids=["ETag", "weak ETag", "without an ETag"]
)
def test_what_everybody_may_read_arrives_from_elsewhere(
    packages: BlobPackages, storage: Storage, elsewhere: Elsewhere, commit: Commit, headers: dict[str, str]
) -> None:
    """As it is, with nothing of ours in the call; and again where only a strong ETag says that it is the same."""
    build_elsewhere(elsewhere, commit, Page(body=PACKAGE, headers=headers))
    assert fetched(packages.stage_commit(environment(elsewhere.url), commit)) == PACKAGE
    build_elsewhere(elsewhere, commit, Page(body=PACKAGE[::-1], headers=headers))
    second = fetched(packages.stage_commit(environment(elsewhere.url), commit))
    assert second == (PACKAGE if headers == {"ETag": '"1"'} else PACKAGE[::-1])
    for path, sent in elsewhere.asked:
        assert "?" not in path
        assert not {"authorization", "cookie"} & set(sent)


def closed(status: int, **headers: str) -> Page:
    """Return a page that may not be read."""
    return Page(status, headers=headers)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (closed(401), r"may not be read \(401\): octo/shop/.*app\.cspkg; let everybody read it"),
        (closed(403), r"may not be read \(403\)"),
        (closed(409, **{"x-ms-error-code": "PublicAccessNotPermitted"}), r"may not be read \(409\)"),
        (closed(503), "its server answers 503 for the package"),
        (closed(429, **{"Retry-After": "77"}), "its server answers 429"),
        (Page(404), "package is not there yet: octo/shop/"),
    ],
    ids=["no login", "closed", "closed account", "away", "limited", "missing"],
)
def test_what_may_go_better_later(github: GitHub, elsewhere: Elsewhere, commit: Commit, page: Page, words: str) -> None:
    """The owner opens it, the server comes back, the build ends."""
    build_elsewhere(elsewhere, commit, page)
    with pytest.raises(Unavailable, match=words) as later:
        without_storage(github).stage_commit(environment(elsewhere.url), commit)
    if page.status == 429:
        assert later.value.retry_after is not None
        assert later.value.retry_after.total_seconds() == 77


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(302, headers={"Location": "http://127.0.0.1:9/secret"}), "answers 302. Write the address"),
        (Page(409), "answers 409"),
        (Page(400), "answers 400"),
        (Page(206, body=b"x"), "answers 206"),
        (Page(body=b"x", length=-1), "does not say how long it is"),
        (Page(body=b"x", headers={"Content-Encoding": "gzip"}), "has a Content-Encoding"),
    ],
    ids=["redirect", "conflict", "bad request", "a part", "no length", "packed"],
)
def test_what_waiting_does_not_change(
    github: GitHub, elsewhere: Elsewhere, commit: Commit, page: Page, words: str
) -> None:
    """And a redirect is not followed."""
    build_elsewhere(elsewhere, commit, page)
    with pytest.raises(PackageUnusable, match=words) as unusable:
        without_storage(github).stage_commit(environment(elsewhere.url), commit)
    assert unusable.value.code == "PackageUnreadable"
    assert len(elsewhere.asked) == 1


def test_a_server_that_is_away_is_waited_for(github: GitHub, commit: Commit) -> None:
    """The sentence names the path and the kind of error."""
    with pytest.raises(Unavailable, match=r"nobody answers for the package octo/shop/.* \(ConnectionError\)"):
        without_storage(github).stage_commit(environment("http://127.0.0.1:9"), commit)


@pytest.mark.azurite
def test_a_package_that_breaks_off_leaves_nothing(
    packages: BlobPackages, storage: Storage, elsewhere: Elsewhere, commit: Commit
) -> None:
    """It is tried again."""
    build_elsewhere(elsewhere, commit, Page(body=PACKAGE, length=len(PACKAGE) + 1))
    with pytest.raises(Unavailable, match="broke off"):
        packages.stage_commit(environment(elsewhere.url), commit)
    assert kept_names(storage) == []


@pytest.mark.parametrize(
    ("configuration", "code", "words"),
    [
        (b"not xml", "ConfigurationInvalid", "app.cscfg is not a service configuration"),
        (b" " * (MAX_CONFIGURATION + 1), "ConfigurationInvalid", "app.cscfg is larger than 1048576 bytes"),
    ],
    ids=["not xml", "too large"],
)
def test_a_configuration_that_cannot_be_used_is_explained(
    github: GitHub, elsewhere: Elsewhere, commit: Commit, configuration: bytes, code: str, words: str
) -> None:
    """Before the package is copied."""
    build_elsewhere(elsewhere, commit, Page(body=PACKAGE), Page(body=configuration))
    with pytest.raises(PackageUnusable) as unusable:
        without_storage(github).stage_commit(environment(elsewhere.url), commit)
    assert unusable.value.code == code
    assert words in unusable.value.reason


@pytest.mark.azurite
def test_memory_does_not_grow_with_the_package(packages: BlobPackages, elsewhere: Elsewhere, commit: Commit) -> None:
    """40 MB pass through a few blocks' worth; the server's are in it too."""
    build_elsewhere(elsewhere, commit, Page(body=Generated(40_000_000)))
    tracemalloc.start()
    try:
        packages.stage_commit(environment(elsewhere.url), commit)
        assert tracemalloc.get_traced_memory()[1] < 24_000_000
    finally:
        tracemalloc.stop()


def test_an_environment_without_addresses_deploys_no_commit(github: GitHub, commit: Commit) -> None:
    """The configuration was changed while the request waited."""
    place = environment("http://127.0.0.1:9", push=None, release="v*", package_url=None, configuration_url=None)
    with pytest.raises(PackageUnusable, match="has no address") as unusable:
        without_storage(github).stage_commit(place, commit)
    assert unusable.value.code == "PackageAddressInvalid"
