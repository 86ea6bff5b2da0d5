"""What lets a program into the fake GitHub: tokens, and an app with its key. No HTTP."""

from dataclasses import dataclass
from datetime import datetime

from local.github.repositories import Repository

ALL_PERMISSIONS = {
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "members": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}


@dataclass
class Token:
    """What a token may do, and where; None is everywhere."""

    permissions: dict[str, str]
    repositories: set[str] | None = None
    expires_at: datetime | None = None
    login: str = "slipway-bot"
    """Whose it is."""
    app: str | None = None
    """The app that it stands for; it has no user of its own then."""

    def reaches(self, repository: Repository) -> bool:
        """Say whether the token knows of a repository."""
        return self.repositories is None or repository.full_name.lower() in self.repositories


@dataclass
class App:
    """A GitHub App with its public key."""

    id: str
    public_key: str
    installations: dict[str, int]
    """Installation ids by repository, lower case."""
    permissions: dict[str, str]
