"""What can be deployed: a release, a commit, and what was kept for the morning."""

from pydantic import Field

from handlers.model.base import Message


class Release(Message):
    """A published GitHub release."""

    repository: str
    """`owner/name`, as GitHub writes it. May change."""
    repository_id: int
    """Stays when the repository is renamed or moved."""
    id: int
    tag: str
    prerelease: bool
    url: str
    """The page for people (`html_url`)."""


class Commit(Message):
    """A commit on a branch, whose package lies in a blob container."""

    repository: str
    """`owner/name`, as GitHub writes it. May change."""
    repository_id: int
    sha: str = Field(pattern=r"^[0-9a-f]{40}$")
    branch: str
    url: str
    """The page for people."""
    deployment: int | None = None
    """The id of the GitHub deployment that asked for it, where one did."""


class Kept(Message):
    """A deployment that can be made again: everything that Create Deployment needs lies in our own container."""

    version: str
    """What it calls itself: a tag, or a branch and a commit."""
    package: str
    """The name of the package's blob."""
    configuration: str
    """The name of the blob with the .cscfg that it ran with."""
    release: Release | None = None
    commit: str | None = None
