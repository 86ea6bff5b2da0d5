"""Our own session over TLS: whom it trusts, and that its sockets know the time."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
import requests

import handlers.web.session as subject
from handlers.web.session import NO_ANSWER, bare_session, within
from tests.service_management.certifying import authority, certify, server_context
from tests.service_management.serving import Reply, Server

pytestmark = pytest.mark.tls

Serve = Callable[[str], Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start TLS servers whose certificate is for a host, by the authority of the tests."""
    running: list[Server] = []

    def start(host: str) -> Server:
        certified = certify("Server", issuer=authority(), host=host)
        server = Server(server_context(tmp_path, certified, clients=None))
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the usual authorities be that of the tests."""
    usual = tmp_path / "usual.pem"
    usual.write_bytes(authority().certificate_pem)
    monkeypatch.setattr(subject, "DEFAULT_CA_BUNDLE_PATH", str(usual))


@pytest.mark.usefixtures("trusted")
def test_the_usual_authorities_are_trusted(serve: Serve) -> None:
    """For the host that is called."""
    server = serve("127.0.0.1")
    server.replies = [Reply(200, b"good")]
    assert bare_session().get(server.url, timeout=10).content == b"good"


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_host_is_refused(serve: Serve) -> None:
    """It is somebody else."""
    with pytest.raises(requests.exceptions.SSLError):
        bare_session().get(serve("127.0.0.2").url, timeout=10)


def test_an_unknown_authority_is_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where the environment says otherwise."""
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority().certificate_pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
    with pytest.raises(requests.exceptions.SSLError):
        bare_session().get(serve("127.0.0.1").url, timeout=10)


@pytest.mark.usefixtures("trusted")
def test_an_answer_that_only_drips_is_not_waited_for(serve: Serve) -> None:
    """The whole, which would be good, takes some 10 seconds."""

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
            for _ in range(200):
                connection.sendall(b" ")
                Event().wait(0.05)
        except OSError:
            return

    server = serve("127.0.0.1")
    server.handle = drip
    with pytest.raises(NO_ANSWER), within(2.0):
        bare_session().get(server.url, timeout=10)
