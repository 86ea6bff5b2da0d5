"""Carries a release's package from GitHub into our own container, and reads its service configuration."""

import hashlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase

from handlers.environments import Environment
from handlers.errors import PackageUnusable, Unavailable
from handlers.github_api.client import NOT_FOUND, GitHub
from handlers.github_api.errors import REFUSAL_PATIENCE, GitHubRefused
from handlers.github_api.releases import (
    Asset,
    PublishedRelease,
    commit_of_tag,
    download_asset,
    find_release,
    newest_tags,
    read_assets,
    read_repository,
)
from handlers.model import Commit, Release
from handlers.ports import StagedPackage
from handlers.stores.commit_packages import CommitPackages
from handlers.stores.configurations import require_configuration, require_short
from handlers.stores.package_container import PackageContainer

UPLOAD_PATIENCE = timedelta(seconds=30)
"""Our choice: the wait where somebody is still uploading an asset to a published release."""

_SHOWN = 20
"""Assets that a sentence names."""

_NEWEST = 5
"""Tags that a sentence names."""


class BlobPackages:
    """Packages in a container of blobs. See `handlers.ports.Packages`."""

    def __init__(self, github: GitHub, container: PackageContainer) -> None:
        """Read from `github` and from where builds lay their packages, keep in `container`."""
        self._github = github
        self._container = container
        self._builds = CommitPackages(container)

    def configuration(self, environment: Environment, release: Release) -> bytes:
        """Return the release's .cscfg, checked, byte for byte."""
        with _github_troubles():
            asset = choose_configuration(environment, read_assets(self._github, release.repository, release.id))
            return self._read_configuration(release, asset)

    def stage(self, environment: Environment, release: Release) -> StagedPackage:
        """Bring the package and return it. What is in the container already is not fetched again."""
        with _github_troubles():
            assets = read_assets(self._github, release.repository, release.id)
            package, configuration = choose_package(environment, assets), choose_configuration(environment, assets)
            content = self._read_configuration(release, configuration)
            sha256 = package.sha256
            if sha256 is None or not self._container.has(sha256, package.size):
                with download_asset(self._github, release.repository, package) as pieces:
                    sha256 = self._container.keep(pieces, package.size, sha256)
        self._container.keep_configuration(content)
        return StagedPackage(self._container.link(sha256), content)

    def find(self, environment: Environment, tag: str) -> Release:
        """Return the published release of a tag in the environment's repository, as its delivery would name it."""
        with _github_troubles():
            repository = read_repository(self._github, environment.repository)
            release = self._find(repository.full_name, tag)
        return Release(
            repository=repository.full_name,
            repository_id=repository.id,
            id=release.id,
            tag=release.tag_name,
            prerelease=release.prerelease,
            url=release.html_url,
        )

    def stage_commit(self, environment: Environment, commit: Commit) -> StagedPackage:
        """Return the package that a build has laid down for a commit, copied so that it cannot change any more."""
        return self._builds.stage(environment, commit)

    def commit_of(self, release: Release) -> str | None:
        """Return the commit behind the release's tag, None where the tag is gone."""
        with _github_troubles():
            return commit_of_tag(self._github, release.repository, release.tag)

    def _find(self, repository: str, tag: str) -> PublishedRelease:
        try:
            return find_release(self._github, repository, tag)
        except GitHubRefused as refused:
            if refused.status != NOT_FOUND:
                raise
            tags = newest_tags(self._github, repository)
            raise PackageUnusable("VersionNotFound", no_such_version(repository, tag, tags)) from refused

    def _read_configuration(self, release: Release, asset: Asset) -> bytes:
        require_short(asset.name, asset.size)
        content = bytearray()
        with download_asset(self._github, release.repository, asset) as pieces:
            for piece in pieces:
                content += piece
                if len(content) > asset.size:
                    break
        check_configuration(asset, bytes(content))
        return bytes(content)


def choose_package(environment: Environment, assets: Sequence[Asset]) -> Asset:
    """Find the one package. Pure. Raises PackageUnusable, Unavailable while it is being uploaded."""
    return _the_one(assets, environment.package, environment, "Package", "package")


def choose_configuration(environment: Environment, assets: Sequence[Asset]) -> Asset:
    """Find the one configuration. Pure. Raises PackageUnusable, Unavailable while it is being uploaded."""
    return _the_one(assets, environment.configuration, environment, "Configuration", "configuration")


def check_configuration(asset: Asset, content: bytes) -> None:
    """Refuse a configuration that is not what was uploaded or cannot be read. Pure. Raises PackageUnusable."""
    if len(content) != asset.size or asset.sha256 not in {None, hashlib.sha256(content).hexdigest()}:
        raise PackageUnusable("ConfigurationDamaged", f"{asset.name} is not what GitHub says was uploaded.")
    require_configuration(asset.name, content)


def no_such_version(repository: str, tag: str, tags: Sequence[str]) -> str:
    """Say that a repository has no published release of a tag, and which it has: newest first, these. Pure."""
    close = get_close_matches(tag, tags, n=1)
    meant = f"; did you mean {close[0]}?" if close else "."
    newest = f" The newest are {', '.join(tags[:_NEWEST])}." if tags else " It has none at all."
    return f"{repository} has no published release {tag}{meant}{newest}"


def _the_one(assets: Sequence[Asset], pattern: str, environment: Environment, code: str, what: str) -> Asset:
    matching = [asset for asset in assets if fnmatchcase(asset.name, pattern)]
    uploaded = [asset for asset in matching if asset.state == "uploaded"]
    if len(uploaded) == 1:
        return uploaded[0]
    if uploaded:
        raise PackageUnusable(
            f"{code}Ambiguous",
            f"{len(uploaded)} assets of the release match {what} = {pattern!r} of {environment.name}: "
            f"{_names(uploaded)}. Exactly one must; write a narrower pattern.",
        )
    if matching:
        raise Unavailable(f"{_names(matching)} is still being uploaded", UPLOAD_PATIENCE)
    raise PackageUnusable(
        f"{code}NotFound",
        f"No asset of the release matches {what} = {pattern!r} of {environment.name}; it has {_names(assets)}. "
        "Upload the assets before the release is published.",
    )


def _names(assets: Sequence[Asset]) -> str:
    shown = ", ".join(asset.name for asset in assets[:_SHOWN]) or "none"
    return shown if len(assets) <= _SHOWN else f"{shown} and {len(assets) - _SHOWN} more"


@contextmanager
def _github_troubles() -> Generator[None]:
    """Say what a refusal by GitHub means for a release: gone for good, or a token that the owner can put right."""
    try:
        yield
    except GitHubRefused as refused:
        if refused.status == NOT_FOUND:
            raise PackageUnusable("ReleaseNotFound", refused.reason) from refused
        raise Unavailable(refused.reason, REFUSAL_PATIENCE) from refused
