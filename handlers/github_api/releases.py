"""Releases, their assets and their tags."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Literal
from urllib.parse import quote

from pydantic import Field, TypeAdapter

from handlers.github_api.client import NOT_FOUND, PER_PAGE, GitHub, read_as
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.shapes import Shape

MAX_BODY = 125_000
"""Characters that a release's text may have. GitHub refuses more with 422."""

_SHA = "application/vnd.github.sha"
_UNPROCESSABLE = 422


class Asset(Shape):
    """A file of a release."""

    id: int
    name: str
    state: Literal["uploaded"] | str = "uploaded"  # noqa: PYI051 - shows the one value that means something
    """Anything but `uploaded` is on its way, or was broken off."""
    size: int = Field(ge=0)
    """Bytes."""
    digest: str | None = None
    """`sha256:` and 64 hex digits. None for what was uploaded before GitHub computed it, and on older servers."""

    @property
    def sha256(self) -> str | None:
        """The digest's hex digits, where GitHub gives one that we can compute."""
        scheme, _, digits = (self.digest or "").partition(":")
        known = scheme == "sha256" and len(digits) == 64 and not set(digits) - set("0123456789abcdef")
        return digits if known else None


class _Listed(Shape):
    tag_name: str
    draft: bool


class PublishedRelease(Shape):
    """A release that has its tag."""

    id: int
    tag_name: str
    prerelease: bool
    html_url: str


class Repository(Shape):
    """A repository under its name of today."""

    id: int
    full_name: str


class ReleaseText(Shape):
    """What people wrote about a release."""

    body: str | None = None


class _WithAssets(Shape):
    assets: tuple[Asset, ...] = ()


FEW = 30
"""GitHub's usual page: as many assets or more, and a release may not show all of them."""

_ASSETS = TypeAdapter(list[Asset])
_WITH_ASSETS = TypeAdapter(_WithAssets)
_LISTED = TypeAdapter(list[_Listed])
_PUBLISHED = TypeAdapter(PublishedRelease)
_REPOSITORY = TypeAdapter(Repository)
_TEXT = TypeAdapter(ReleaseText)


def find_release(github: GitHub, repository: str, tag: str) -> PublishedRelease:
    """Return the published release of a tag; a draft has none. GitHubRefused is 404 where there is none."""
    path = f"/releases/tags/{quote(tag, safe='')}"
    return read_as(_PUBLISHED, github.get(repository, path, f"a release {tag}"))


def newest_tags(github: GitHub, repository: str) -> list[str]:
    """Return the tags of published releases, newest first, as far as they are among the newest PER_PAGE releases."""
    answer = github.get(repository, "/releases", "the releases", {"per_page": PER_PAGE})
    return [release.tag_name for release in read_as(_LISTED, answer) if not release.draft]


def read_repository(github: GitHub, repository: str) -> Repository:
    """Return what the repository is called today, and its id."""
    return read_as(_REPOSITORY, github.get(repository, "", "the id"))


def read_assets(github: GitHub, repository: str, release: int) -> list[Asset]:
    """Return all assets of a release: those that stand in it, or where it is long their own list, page by page."""
    answer = github.get(repository, f"/releases/{release}", "the release")
    assets = read_as(_WITH_ASSETS, answer).assets
    if len(assets) < FEW:
        return list(assets)
    return github.get_all(repository, f"/releases/{release}/assets", "the release's assets", _ASSETS)


def download_asset(github: GitHub, repository: str, asset: Asset) -> AbstractContextManager[Iterator[bytes]]:
    """Open an asset's bytes, piece by piece. By its id: the address in a payload is never followed."""
    return github.download(repository, f"/releases/assets/{asset.id}", f"the asset {asset.name}")


def read_body(github: GitHub, repository: str, release: int) -> str:
    """Return the release's text, exactly; empty where it has none."""
    answer = github.get(repository, f"/releases/{release}", "the release")
    return read_as(_TEXT, answer).body or ""


def write_body(github: GitHub, repository: str, release: int, body: str) -> None:
    """Replace the release's text and nothing else."""
    github.write("PATCH", repository, f"/releases/{release}", "the release's text", "Contents", {"body": body})


def commit_of_tag(github: GitHub, repository: str, tag: str) -> str | None:
    """Return the commit behind a tag (40 hex digits), through an annotated one too; None where there is none.

    `tags/` keeps a branch of the same name out. Source: *Get a commit*, GitHub documentation.
    """
    ref = quote(f"tags/{tag}", safe="")
    try:
        answer = github.get(repository, f"/commits/{ref}", "the release's tag", accept=_SHA)
    except GitHubRefused as refused:
        if refused.status in {NOT_FOUND, _UNPROCESSABLE}:
            return None
        raise
    sha = answer.content.decode("ascii", errors="replace").strip()
    return sha if len(sha) == 40 and not set(sha) - set("0123456789abcdef") else None
