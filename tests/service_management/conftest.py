"""A server that answers as a test tells it to, and a client of it."""

from collections.abc import Iterator

import pytest

from handlers.service_management import ServiceManagement
from tests.service_management.serving import SUBSCRIPTION, Server


@pytest.fixture(scope="session")
def running_server() -> Iterator[Server]:
    """Start one plain server on loopback for all tests."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running_server: Server) -> Server:
    """Give that server as if it were new."""
    running_server.forget()
    return running_server


@pytest.fixture
def client(server: Server) -> Iterator[ServiceManagement]:
    """Give a client of that server."""
    with ServiceManagement(SUBSCRIPTION, url=server.url, timeout=5) as client:
        yield client
