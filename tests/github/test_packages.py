"""Packages: from a release on a GitHub that behaves into real blobs."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient

from handlers.environments import Environment
from handlers.errors import PackageUnusable, Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import Nobody
from handlers.github_api.releases import Asset
from handlers.github_api.transport import Transport
from handlers.model import Release, Slot
from handlers.stores.account import StorageAccount
from handlers.stores.configurations import MAX_CONFIGURATION
from handlers.stores.package_container import BLOCK, PackageContainer
from handlers.stores.packages import BlobPackages, choose_configuration, choose_package
from local.azurite import Azurite
from local.github import releases
from local.github.assets import Content, Generated, Given, sha256_of
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.conftest import Names
from tests.github.conftest import REPOSITORY

ROOT = Path(__file__).parents[2]
CSCFG = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r
<ServiceConfiguration serviceName="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">\r
  <Role name="Web"><Instances count="2" /><ConfigurationSettings /></Role>\r
</ServiceConfiguration>\r
"""
PACKAGE = Generated(2 * BLOCK + 12345, seed=7)
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def environment(**change: Any) -> Environment:
    """Return an environment that deploys the repository."""
    return Environment(
        **{
            "name": "shop-production",
            "subscription": "c0ffee00-0000-0000-0000-000000000000",
            "cloud_service": "shop",
            "slot": Slot.PRODUCTION,
            "repository": REPOSITORY,
            "release": "v*",
            **change,
        }
    )


@pytest.fixture
def blobs(azurite: Azurite, names: Names) -> Iterator[ContainerClient]:
    """Give a container that is not there yet."""
    with StorageAccount(connection_string=azurite.connection_string).blobs() as service:
        yield service.get_container_client(names.container("packages"))


@pytest.fixture
def container(azurite: Azurite, blobs: ContainerClient) -> PackageContainer:
    """Give our side of the container."""
    service = BlobServiceClient.from_connection_string(azurite.connection_string)
    return PackageContainer(service, lambda: datetime.now(UTC), str(blobs.container_name))


@pytest.fixture
def packages(github: GitHub, container: PackageContainer) -> BlobPackages:
    """Give what is tested."""
    return BlobPackages(github, container)


def publish(fake: FakeGitHub, repository: Repository, *assets: releases.Asset, configuration: bytes = CSCFG) -> Release:
    """Publish a release with a configuration and these assets; return it in our words."""
    text = fake.world.asset("ServiceConfiguration.Cloud.cscfg", Given(configuration))
    release = fake.world.publish(repository, "v1", [*assets, text])
    return Release(
        repository=repository.full_name,
        repository_id=repository.id,
        id=release.id,
        tag=release.tag,
        prerelease=False,
        url=f"{fake.url}/{repository.full_name}/releases/tag/v1",
    )


def package(fake: FakeGitHub, content: Content = PACKAGE, **more: Any) -> releases.Asset:
    """Make a package."""
    return fake.world.asset("shop.cspkg", content, **more)


def blob_names(blobs: ContainerClient) -> list[str]:
    """Return what can be seen in the container."""
    try:
        return [str(blob.name) for blob in blobs.list_blobs()]
    except ResourceNotFoundError:
        return []


@pytest.mark.azurite
@pytest.mark.parametrize("with_digest", [True, False], ids=["with digest", "without"])
def test_a_package_arrives_whole_under_its_hash(
    packages: BlobPackages,
    fake: FakeGitHub,
    repository: Repository,
    blobs: ContainerClient,
    with_digest: bool,
) -> None:
    """Azure can fetch it at the address, and nothing else is left in the container."""
    release = publish(fake, repository, package(fake, with_digest=with_digest))
    staged = packages.stage(environment(), release)
    fetched = requests.get(staged.url, timeout=10)
    assert fetched.status_code == 200
    assert hashlib.sha256(fetched.content).hexdigest() == sha256_of(PACKAGE)
    assert blob_names(blobs) == sorted([f"{sha256_of(PACKAGE)}.cspkg", f"{hashlib.sha256(CSCFG).hexdigest()}.cscfg"])


@pytest.mark.azurite
def test_the_configuration_comes_byte_for_byte(
    packages: BlobPackages, fake: FakeGitHub, repository: Repository
) -> None:
    """With its byte order mark and line ends."""
    assert packages.stage(environment(), publish(fake, repository, package(fake))).configuration == CSCFG


@pytest.mark.azurite
def test_a_package_that_is_there_is_not_fetched_again(
    packages: BlobPackages, fake: FakeGitHub, repository: Repository
) -> None:
    """Nor is one of the same bytes in another release."""
    packages.stage(environment(), publish(fake, repository, package(fake)))
    fake.world.log.clear()
    packages.stage(environment(), publish(fake, repository, package(fake)))
    assert len(fake.calls("GET", "/_storage/")) == 1, "only the configuration"


@pytest.mark.azurite
def test_the_container_is_private(packages: BlobPackages, fake: FakeGitHub, repository: Repository) -> None:
    """Without the signature in the address there is nothing to see."""
    staged = packages.stage(environment(), publish(fake, repository, package(fake)))
    assert requests.get(staged.url.partition("?")[0], timeout=10).status_code in {403, 404}


@pytest.mark.azurite
def test_the_link_only_reads_one_package_and_ends(azurite: Azurite, blobs: ContainerClient) -> None:
    """Permission, place and time stand in its signature."""
    service = BlobServiceClient.from_connection_string(azurite.connection_string)
    container = PackageContainer(service, lambda: NOW, str(blobs.container_name))
    url = container.link("a" * 64)
    fields = parse_qs(urlsplit(url).query)
    assert fields["sp"] == ["r"]
    assert fields["sr"] == ["b"]
    assert fields["st"] == ["2026-03-01T11:45:00Z"]
    assert fields["se"] == ["2026-03-01T14:00:00Z"]


def test_a_link_to_azure_itself_is_for_https_only() -> None:
    """The emulator alone is reached over plain http."""
    service = BlobServiceClient.from_connection_string(
        "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net"
    )
    url = PackageContainer(service, lambda: NOW).link("a" * 64)
    assert url.startswith(f"https://shop.blob.core.windows.net/packages/{'a' * 64}.cspkg?")
    assert parse_qs(urlsplit(url).query)["spr"] == ["https"]


def test_an_account_reached_by_a_sas_cannot_sign() -> None:
    """The sentence says what is needed."""
    service = BlobServiceClient("https://shop.blob.core.windows.net/?sp=rw&sig=x")
    with pytest.raises(Unavailable, match="needs a key or an identity"):
        PackageContainer(service, lambda: NOW).link("a" * 64)


@pytest.mark.azurite
@pytest.mark.parametrize("with_digest", [True, False], ids=["with digest", "without"])
def test_what_breaks_off_leaves_nothing_and_goes_well_later(
    packages: BlobPackages,
    fake: FakeGitHub,
    repository: Repository,
    blobs: ContainerClient,
    with_digest: bool,
) -> None:
    """No half package is ever seen."""
    asset = package(fake, with_digest=with_digest)
    release = publish(fake, repository, asset)
    fake.world.broken_downloads[asset.id] = 1
    with pytest.raises(Unavailable, match="broke off"):
        packages.stage(environment(), release)
    assert blob_names(blobs) == []
    packages.stage(environment(), release)
    assert blob_names(blobs) == sorted([f"{sha256_of(PACKAGE)}.cspkg", f"{hashlib.sha256(CSCFG).hexdigest()}.cscfg"])


@pytest.mark.azurite
def test_a_byte_that_changed_on_the_way_is_noticed(
    packages: BlobPackages, fake: FakeGitHub, repository: Repository, blobs: ContainerClient
) -> None:
    """GitHub's digest is checked before anything can be seen."""
    asset = package(fake)
    release = publish(fake, repository, asset)
    fake.world.damaged_downloads[asset.id] = 1
    with pytest.raises(PackageUnusable, match="SHA-256") as unusable:
        packages.stage(environment(), release)
    assert unusable.value.code == "PackageDamaged"
    assert blob_names(blobs) == []


@pytest.mark.azurite
def test_more_bytes_than_promised_are_not_taken(container: PackageContainer, blobs: ContainerClient) -> None:
    """A source without end fills no storage."""
    with pytest.raises(PackageUnusable, match="more than the 10 bytes"):
        container.keep(iter([b"x" * 8] * 1000), 10, None)
    assert blob_names(blobs) == []


@pytest.mark.azurite
def test_fewer_bytes_than_promised_are_for_later(container: PackageContainer, blobs: ContainerClient) -> None:
    """Also where the end came without an error."""
    with pytest.raises(Unavailable, match="broke off after 4 of 10 bytes"):
        container.keep(iter([b"xxxx"]), 10, None)
    assert blob_names(blobs) == []


@pytest.mark.azurite
def test_another_upload_in_between_puts_no_byte_into_ours(container: PackageContainer, blobs: ContainerClient) -> None:
    """Somebody uploads other bytes under the same name while we do; theirs are refused and ours stay ours."""
    sha256 = sha256_of(PACKAGE)

    def interrupted() -> Iterator[bytes]:
        yield from (block for number, block in enumerate(PACKAGE.blocks()) if number < 5)
        with pytest.raises(PackageUnusable):
            container.keep(Generated(PACKAGE.size, seed=99).blocks(), PACKAGE.size, sha256)
        yield from (block for number, block in enumerate(PACKAGE.blocks()) if number >= 5)

    container.keep(interrupted(), PACKAGE.size, sha256)
    kept = blobs.download_blob(f"{sha256}.cspkg").readall()
    assert hashlib.sha256(kept).hexdigest() == sha256


@pytest.mark.azurite
def test_the_same_package_twice_at_a_time(
    packages: BlobPackages, fake: FakeGitHub, repository: Repository, blobs: ContainerClient
) -> None:
    """Two environments stage one release; both get it."""
    release = publish(fake, repository, package(fake))
    with ThreadPoolExecutor(4) as pool:
        staged = list(pool.map(lambda _: packages.stage(environment(), release), range(4)))
    assert {urlsplit(one.url).path for one in staged} == {urlsplit(staged[0].url).path}
    assert blob_names(blobs) == sorted([f"{sha256_of(PACKAGE)}.cspkg", f"{hashlib.sha256(CSCFG).hexdigest()}.cscfg"])


@pytest.mark.azurite
def test_the_storage_account_being_away_is_for_later(github: GitHub) -> None:
    """Not a bug."""
    away = BlobServiceClient.from_connection_string(
        "DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:9/x;", retry_total=0
    )
    with pytest.raises(Unavailable, match="container of packages"):
        PackageContainer(away, lambda: NOW).has("a" * 64, 1)


@pytest.mark.azurite
def test_memory_does_not_grow_with_the_package(azurite: Azurite, names: Names, fake: FakeGitHub) -> None:
    """64 MB pass through a process that grows by a fraction of that."""
    repository = fake.world.add_repository(REPOSITORY)
    release = publish(fake, repository, package(fake, Generated(64_000_000)))
    measured = subprocess.run(
        [sys.executable, "-m", "benchmarks.stage_one", azurite.connection_string, names.container("p"), fake.url,
         REPOSITORY, str(release.id)],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    before, after = map(int, measured.stdout.split())
    assert after - before < 40_000_000


@pytest.mark.parametrize(
    ("names", "change", "code", "words"),
    [
        (["a.cscfg"], {}, "PackageNotFound", "matches package = '*.cspkg' of shop-production; it has a.cscfg"),
        ([], {}, "PackageNotFound", "it has none"),
        (["a.cspkg"], {}, "ConfigurationNotFound", "matches configuration = '*.cscfg'"),
        (["a.cspkg", "b.cspkg", "a.cscfg"], {}, "PackageAmbiguous", "2 assets of the release match"),
        (["a.cspkg", "a.cscfg", "b.cscfg"], {}, "ConfigurationAmbiguous", "a.cscfg, b.cscfg"),
        (["A.CSPKG", "a.cscfg"], {}, "PackageNotFound", "A.CSPKG"),
        (["a.cspkg", "a.cscfg"], {"package": "shop-*"}, "PackageNotFound", "'shop-*'"),
    ],
    ids=["no package", "no assets", "no configuration", "two packages", "two configurations", "case", "own pattern"],
)
def test_what_cannot_be_chosen_is_explained(names: list[str], change: dict[str, Any], code: str, words: str) -> None:
    """The sentence says which pattern, and what was there."""
    assets = [Asset(id=number, name=name, state="uploaded", size=1) for number, name in enumerate(names)]
    with pytest.raises(PackageUnusable) as unusable:
        [choose(environment(**change), assets) for choose in (choose_package, choose_configuration)]
    assert unusable.value.code == code
    assert words in unusable.value.reason


def test_many_assets_are_not_all_named() -> None:
    """The sentence stays one."""
    assets = [Asset(id=number, name=f"{number}.zip", state="uploaded", size=1) for number in range(500)]
    with pytest.raises(PackageUnusable, match="and 480 more"):
        choose_package(environment(), assets)


def test_patterns_choose_among_many() -> None:
    """Each environment takes its own."""
    names = ["web.cspkg", "web.Production.cscfg", "web.Staging.cscfg", "notes.txt"]
    assets = [Asset(id=number, name=name, state="uploaded", size=1) for number, name in enumerate(names)]
    chosen = choose_configuration(environment(configuration="*.Production.cscfg"), assets)
    assert chosen.name == "web.Production.cscfg"


def test_an_asset_on_its_way_is_waited_for(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """Some tools publish first and upload afterwards."""
    release = publish(fake, repository, package(fake, state="starter"))
    with pytest.raises(Unavailable, match=r"shop\.cspkg is still being uploaded"):
        packages_without_storage(github).stage(environment(), release)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"not xml", "ConfigurationInvalid", "ServiceConfiguration.Cloud.cscfg is not a service configuration"),
        (b"<Other/>", "ConfigurationInvalid", "ServiceConfiguration.Cloud.cscfg is not a service configuration"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + CSCFG[3:], "ConfigurationInvalid", "is not a service configuration"),
        (b" " * (MAX_CONFIGURATION + 1), "ConfigurationInvalid", "is larger than 1048576 bytes"),
    ],
    ids=["not xml", "another document", "document type", "too large"],
)
def test_a_configuration_that_cannot_be_used_is_explained(
    github: GitHub, fake: FakeGitHub, repository: Repository, content: bytes, code: str, words: str
) -> None:
    """Before the package is fetched."""
    release = publish(fake, repository, package(fake), configuration=content)
    with pytest.raises(PackageUnusable) as unusable:
        packages_without_storage(github).stage(environment(), release)
    assert unusable.value.code == code
    assert words in unusable.value.reason


def test_a_configuration_that_changed_on_the_way_is_noticed(
    github: GitHub, fake: FakeGitHub, repository: Repository
) -> None:
    """Its digest is checked as well."""
    release = publish(fake, repository, package(fake))
    (configuration,) = [asset for asset in repository.releases[release.id].assets if asset.name.endswith(".cscfg")]
    fake.world.damaged_downloads[configuration.id] = 1
    with pytest.raises(PackageUnusable) as unusable:
        packages_without_storage(github).stage(environment(), release)
    assert unusable.value.code == "ConfigurationDamaged"


def test_the_configuration_can_be_had_alone(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """Also from a release without a package."""
    assert packages_without_storage(github).configuration(environment(), publish(fake, repository)) == CSCFG


def test_a_release_that_is_gone_ends_the_request(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """404: it will not come back under this id."""
    release = publish(fake, repository, package(fake))
    repository.releases.clear()
    with pytest.raises(PackageUnusable) as unusable:
        packages_without_storage(github).stage(environment(), release)
    assert unusable.value.code == "ReleaseNotFound"


def test_a_token_that_does_not_work_is_waited_out(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """The owner can put it right, and the release deploys then."""
    release = publish(fake, repository, package(fake))
    fake.world.tokens.clear()
    with pytest.raises(Unavailable, match="Bad credentials") as later:
        packages_without_storage(github).stage(environment(), release)
    assert later.value.retry_after is not None


def test_the_commit_behind_the_tag(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """The tag's, not what a branch is at."""
    release = publish(fake, repository, package(fake))
    assert packages_without_storage(github).commit_of(release) == repository.tags["v1"]


def test_a_tag_that_is_gone_has_no_commit(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """None, and no error."""
    release = publish(fake, repository, package(fake))
    repository.tags.clear()
    assert packages_without_storage(github).commit_of(release) is None


@pytest.mark.azurite
def test_a_public_release_needs_no_token(fake: FakeGitHub, repository: Repository, container: PackageContainer) -> None:
    """Reading is free; only telling needs one."""
    release = publish(fake, repository, package(fake))
    nobody = GitHub(Transport(lambda: NOW, fake.url), Nobody())
    assert BlobPackages(nobody, container).stage(environment(), release).configuration == CSCFG


def packages_without_storage(github: GitHub) -> BlobPackages:
    """Return packages for what ends before anything is stored."""
    service = BlobServiceClient.from_connection_string(
        "DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:9/x;", retry_total=0
    )
    return BlobPackages(github, PackageContainer(service, lambda: NOW))
