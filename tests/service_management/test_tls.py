"""Real TLS with client certificates: what is trusted, what is shown, and what is said when it fails."""

import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests.adapters
from cryptography.hazmat.primitives import serialization

from handlers.service_management import (
    CertificateRefused,
    ChangeConfiguration,
    Credentials,
    NotSent,
    Retry,
    ServiceManagement,
    ServiceManagementError,
    UntrustedServer,
)
from tests.service_management.certifying import Certified, authority, certify, management, server_context
from tests.service_management.serving import REQUEST_ID, SUBSCRIPTION, Reply, Server

pytestmark = pytest.mark.tls

Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start TLS servers, by default with a good certificate that take only the management certificate."""
    running: list[Server] = []

    def start(
        certified: Certified | None = None,
        clients: tuple[Certified, ...] | None = (management(),),
        newest: ssl.TLSVersion | None = None,
    ) -> Server:
        certified = certified or certify("Server", issuer=authority(), host="127.0.0.1")
        server = Server(server_context(tmp_path, certified, clients=clients, newest=newest))
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., ServiceManagement]]:
    """Make clients that trust the authority of the tests only."""
    ca, pem = tmp_path / "ca.pem", tmp_path / "management.pem"
    ca.write_bytes(authority().certificate_pem)
    made: list[ServiceManagement] = []

    def make(url: str, certified: Certified | None = None) -> ServiceManagement:
        certified = certified or management()
        pem.write_bytes(certified.key_pem() + certified.certificate_pem)
        made.append(ServiceManagement(SUBSCRIPTION, url=url, certificate=pem, ca=ca, timeout=10))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_management_certificate_is_shown(
    serve: Serve, connect: Callable[..., ServiceManagement], version: ssl.TLSVersion
) -> None:
    """The server sees the very certificate, over both versions of TLS."""
    server = serve(newest=version)
    assert connect(server.url).delete_deployment("shop", name="v1") == REQUEST_ID
    assert server.last.certificate == management().certificate.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "certified",
    [
        lambda: certify("Stranger", host="127.0.0.1"),
        lambda: certify("Elsewhere", issuer=authority(), host="management.core.windows.net"),
        lambda: certify("Old", issuer=authority(), host="127.0.0.1", starts=datetime.now(UTC) - timedelta(9), days=1),
    ],
    ids=["self-signed", "another host", "expired"],
)
def test_a_server_that_is_not_the_service_is_not_spoken_to(
    serve: Serve, connect: Callable[..., ServiceManagement], certified: Callable[[], Certified]
) -> None:
    """Nothing is sent, so nothing can have been accepted; an operator has to look."""
    server = serve(certified())
    with pytest.raises(UntrustedServer) as caught:
        connect(server.url).delete_deployment("shop", name="v1")
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.NEVER, False)
    assert server.seen == []


def test_only_the_given_authorities_are_trusted(serve: Serve, connect: Callable[..., ServiceManagement]) -> None:
    """Neither those of the system nor those that requests brings are added to `ca`."""
    server = serve()
    client = connect(server.url)
    client.delete_deployment("shop", name="v1")
    adapter = client._transport._session.get_adapter("https://x")
    assert isinstance(adapter, requests.adapters.HTTPAdapter)
    context = adapter.poolmanager.connection_pool_kw["ssl_context"]
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_certificate_that_the_server_refuses_is_an_error_of_its_own(
    serve: Serve, connect: Callable[..., ServiceManagement], version: ssl.TLSVersion
) -> None:
    """TLS 1.3 tells only when the request is on its way, here a long one; nothing was accepted, and it says so."""
    server = serve(newest=version)
    stranger = certify("Somebody")
    client = connect(server.url, stranger)
    request = ChangeConfiguration(configuration=b"x" * 500_000)
    calls: list[Callable[[], str]] = [
        lambda: client.delete_deployment("shop", name="v1"),
        lambda: client.change_deployment_configuration("shop", request, name="v1"),
    ]
    for call in calls:
        with pytest.raises(
            CertificateRefused, match=f"ends on {stranger.certificate.not_valid_after_utc:%Y-%m-%d}"
        ) as caught:
            call()
        assert (caught.value.retry, caught.value.ambiguous) == (Retry.NEVER, False)
    assert server.seen == []


def test_a_server_that_speaks_no_tls_is_not_spoken_to(
    server: Server, connect: Callable[..., ServiceManagement]
) -> None:
    """A plain server behind https is no service."""
    with pytest.raises(NotSent):
        connect(server.url.replace("http:", "https:")).delete_deployment("shop", name="v1")
    assert server.seen == []


def test_old_versions_of_tls_are_not_spoken() -> None:
    """1.2 is the oldest."""
    context = Credentials.load(Path(__file__).parent / "certificates/rc2-40.pfx").ssl_context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_the_environment_changes_nothing(
    serve: Serve, connect: Callable[..., ServiceManagement], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a proxy nor other authorities are taken from it."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert connect(serve().url).delete_deployment("shop", name="v1") == REQUEST_ID


def test_many_threads_share_few_connections(serve: Serve, connect: Callable[..., ServiceManagement]) -> None:
    """Sixteen threads make 160 calls over at most sixteen connections."""
    server = serve()
    client = connect(server.url)
    threads: set[int] = set()

    def remember(_: object) -> Reply:
        threads.add(threading.get_ident())  # the server has one thread for each connection
        return Reply()

    server.answer = remember
    with ThreadPoolExecutor(16) as pool:
        ids = list(pool.map(lambda n: client.delete_deployment("shop", name=f"v{n}"), range(160)))
    assert ids == [REQUEST_ID] * 160
    assert len(threads) <= 16


def test_a_redirect_is_followed_with_the_certificate(serve: Serve, connect: Callable[..., ServiceManagement]) -> None:
    """The front end of another region is shown the same certificate."""
    front, region = serve(), serve()
    front.answer = lambda seen: Reply(307, headers={"Location": f"{region.url}{seen.path}"})
    assert connect(front.url).delete_deployment("shop", name="v1") == REQUEST_ID
    assert region.last.certificate == management().certificate.public_bytes(serialization.Encoding.DER)


def test_no_error_of_tls_holds_the_address(serve: Serve, connect: Callable[..., ServiceManagement]) -> None:
    """Nor does anything that the error carries along."""
    server = serve(certify("Stranger", host="127.0.0.1"))
    with pytest.raises(ServiceManagementError) as caught:
        connect(server.url).delete_deployment("shop", name="v1")
    error: BaseException | None = caught.value
    while error is not None:
        assert str(server.port) not in str(error)
        error = error.__cause__ or error.__context__
