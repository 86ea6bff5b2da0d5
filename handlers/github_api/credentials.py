"""Who we are to GitHub: a token, a GitHub App, or nobody."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AwareDatetime, Field, SecretStr, ValidationError

from handlers.errors import SettingsWrong, Unavailable
from handlers.github_api.shapes import Shape
from handlers.github_api.transport import Call, Transport
from handlers.ports import Clock

PERMISSIONS = {"contents": "write", "deployments": "write"}
"""What we always need: read releases and write their text, write deployments."""

PERMISSIONS_FOR_CHECKS = {"checks": "read", "statuses": "read"}
"""Asked for where the app has them: only environments with `required_checks` need them."""

PERMISSIONS_FOR_COMMENTS = {"pull_requests": "write"}
"""Asked for where the app has them: only environments with `comments` need them."""

PERMISSIONS_FOR_TEAMS = {"members": "read"}
"""Asked for where the app has it, which its organization grants: only `github-team:` needs it."""

CLOCK_DRIFT = timedelta(seconds=60)
"""How far our clock may be ahead of GitHub's. GitHub's advice."""

JWT_LIFETIME = timedelta(minutes=9)
"""GitHub allows 10 minutes; one is left for a clock that is behind."""

RENEW_BEFORE = timedelta(minutes=5)
"""A token that is used has this long to live at least. Our choice: longer than one download takes to begin."""


class Credentials(Protocol):
    """Say for each repository how we present ourselves."""

    @property
    def app(self) -> str | None:
        """The id of the GitHub App that we are, None where we are a user or nobody."""

    def authorization(self, repository: str) -> str | None:
        """Return the `Authorization` header for calls about `owner/name`, or None for nobody."""

    def forget(self, repository: str) -> bool:
        """Drop what GitHub did not accept; say whether asking again gives something new."""


class Nobody:
    """No token. Public repositories can be read, 60 calls an hour."""

    app = None

    def authorization(self, repository: str) -> None:
        """Return None."""

    def forget(self, repository: str) -> bool:  # noqa: ARG002 - the same for all
        """Have nothing to drop."""
        return False


@dataclass(frozen=True)
class Token:
    """A personal access token, classic or fine-grained."""

    token: SecretStr

    @property
    def app(self) -> None:
        """Be a user."""
        return

    def authorization(self, repository: str) -> str:  # noqa: ARG002 - the same for all
        """Return the token, whatever the repository."""
        return f"Bearer {self.token.get_secret_value()}"

    def forget(self, repository: str) -> bool:  # noqa: ARG002 - the same for all
        """Have nothing newer."""
        return False


class _Installation(Shape):
    id: int
    permissions: dict[str, str] = Field(default_factory=dict)
    """What its owner has accepted, by name: `read` or `write`."""

    @property
    def asked(self) -> dict[str, str]:
        """What a token is asked for."""
        optional = PERMISSIONS_FOR_CHECKS | PERMISSIONS_FOR_COMMENTS | PERMISSIONS_FOR_TEAMS
        granted = {name: level for name, level in optional.items() if self.permissions.get(name) in {level, "write"}}
        return PERMISSIONS | granted


class _InstallationToken(Shape):
    """A token's length and form are GitHub's business; they have changed before."""

    token: SecretStr = Field(min_length=1)
    expires_at: AwareDatetime


class GitHubApp:
    """A GitHub App: tokens for an hour, each for one repository and for what we need there. Threads may share it.

    Source: *Authenticating as a GitHub App installation*, GitHub documentation.
    """

    def __init__(self, app: str, private_key: SecretStr, transport: Transport, clock: Clock) -> None:
        """Take the app's id (or client id) and its private key, PEM; line breaks may be written as backslash and n.

        Raises SettingsWrong where the key is none.
        """
        self.app = app
        self._key = _read_key(private_key)
        self._transport = transport
        self._clock = clock
        self._tokens: dict[str, _InstallationToken] = {}
        self._lock = threading.Lock()

    def authorization(self, repository: str) -> str:
        """Return a token for the repository, a new one shortly before the old one ends.

        Raises Unavailable, and GitHubRefused where the app is not installed there.
        """
        key = repository.lower()
        with self._lock:
            token = self._tokens.get(key)
            if token is None or token.expires_at <= self._clock() + RENEW_BEFORE:
                token = self._fetch(repository)
                self._tokens[key] = token
        return f"Bearer {token.token.get_secret_value()}"

    def forget(self, repository: str) -> bool:
        """Drop the repository's token."""
        with self._lock:
            return self._tokens.pop(repository.lower(), None) is not None

    def _fetch(self, repository: str) -> _InstallationToken:
        identity = f"Bearer {self._identity(self._clock())}"
        find = Call(
            "GET",
            f"/repos/{quote(repository)}/installation",
            subject=f"the app's installation in {repository}",
            check="Check the app's id and private key, and that it is installed in this repository.",
        )
        name = repository.partition("/")[2]
        try:
            installation = _Installation.model_validate_json(self._transport.send(find, identity).content)
            ask = Call(
                "POST",
                f"/app/installations/{installation.id}/access_tokens",
                subject=f"a token for {repository}",
                check="Check that the app has the permissions Contents: write and Deployments: write, accepted there.",
                body={"repositories": [name], "permissions": installation.asked},
            )
            return _InstallationToken.model_validate_json(self._transport.send(ask, identity).content)
        except ValidationError:
            raise Unavailable("GitHub's answer for an installation is not what it documents") from None

    def _identity(self, now: datetime) -> str:
        """Write the token by which the app itself signs in."""
        claims = {
            "iat": int((now - CLOCK_DRIFT).timestamp()),
            "exp": int((now + JWT_LIFETIME).timestamp()),
            "iss": self.app,
        }
        return jwt.encode(claims, self._key, algorithm="RS256")


def _read_key(pem: SecretStr) -> RSAPrivateKey:
    text = pem.get_secret_value().replace("\\n", "\n").strip()
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SettingsWrong("the GitHub App's private key must be an RSA key in PEM form, as GitHub gives it")
    return key
