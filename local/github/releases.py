"""What the fake GitHub knows about a release: its tag and its files. No HTTP."""

from dataclasses import dataclass, field

from local.github.assets import Content, sha256_of


@dataclass
class Asset:
    """A file of a release."""

    id: int
    name: str
    content: Content
    state: str = "uploaded"
    with_digest: bool = True
    content_type: str = "application/octet-stream"
    uploaded_at: str = ""

    @property
    def digest(self) -> str | None:
        """As GitHub writes it; None where the asset is older than digests."""
        return f"sha256:{sha256_of(self.content)}" if self.with_digest else None


@dataclass
class Release:
    """A release and its tag."""

    id: int
    tag: str
    name: str | None
    body: str | None
    draft: bool
    prerelease: bool
    target: str
    created_at: str
    assets: list[Asset] = field(default_factory=list)
