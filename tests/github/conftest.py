"""A fake GitHub, and clients for it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from handlers.github_api.client import GitHub
from handlers.github_api.credentials import Token
from handlers.github_api.transport import Transport
from local.github.repositories import Repository
from local.github.server import FakeGitHub, running_github
from tests.github.elsewhere import Elsewhere, running_elsewhere
from tests.github.fitting import Fitting

TOKEN = "ghp_a-token-that-works"
REPOSITORY = "octo/shop"


@pytest.fixture(scope="session")
def fitting() -> Fitting:
    """Compare every answer with what GitHub publishes about the call."""
    return Fitting()


@pytest.fixture(scope="session")
def server(fitting: Fitting) -> Iterator[FakeGitHub]:
    """Run one server for all of these tests."""
    with running_github(fitting.look) as running:
        yield running


@pytest.fixture
def fake(server: FakeGitHub, fitting: Fitting) -> Iterator[FakeGitHub]:
    """Give the server with an empty world and one token that may do everything. No answer of it may be wrong."""
    server.world.reset()
    server.world.add_token(TOKEN)
    fitting.mistakes.clear()
    yield server
    assert fitting.mistakes == []


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Give a web server with nothing on it."""
    with running_elsewhere() as running:
        yield running


@pytest.fixture
def repository(fake: FakeGitHub) -> Repository:
    """Give a public repository."""
    return fake.world.add_repository(REPOSITORY)


@pytest.fixture
def transport(fake: FakeGitHub) -> Transport:
    """Give a transport to the fake GitHub."""
    return Transport(lambda: datetime.now(UTC), fake.url)


@pytest.fixture
def github(transport: Transport) -> GitHub:
    """Give a client with the token."""
    return GitHub(transport, Token(SecretStr(TOKEN)))
