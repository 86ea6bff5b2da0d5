"""Fixtures: a storage service that holds a package, a simulator, a caller."""

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.simulator.api import Api
from tests.simulator.process import Simulator, running_simulator

PACKAGE = b"PK\x03\x04" + bytes(20_000)
_numbers = itertools.count(1)


class _Blobs(BaseHTTPRequestHandler):
    """Answers `/c/app.cspkg` with a package when the SAS is there, `/c/empty.cspkg` with nothing, else 404."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        known = path in {"/c/app.cspkg", "/c/empty.cspkg"} and "sig=" in query
        self.send_response(200 if known else 404)
        self.end_headers()
        if known and path == "/c/app.cspkg":
            self.wfile.write(PACKAGE)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="session")
def blobs() -> Iterator[str]:
    """Run a storage service. Its base URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Blobs) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def package_url(blobs: str) -> str:
    """URL of a package, with a SAS."""
    return f"{blobs}/c/app.cspkg?sv=2020-01-01&sig=SECRET"


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    """Connect without looking at the environment's proxies and certificates."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run one simulator for a module, over plain HTTP, in which nothing takes time."""
    with running_simulator(tmp_path_factory.mktemp("simulator") / "state", "--http") as simulator:
        yield simulator


@pytest.fixture
def api(simulator: Simulator, session: requests.Session) -> Iterator[Api]:
    """Call the module's simulator; faults do not outlive a test."""
    yield Api(simulator, session)
    simulator.admin("DELETE", "faults")


@pytest.fixture
def service(api: Api) -> str:
    """Create a cloud service of this test's own. Its path."""
    name = f"shop{next(_numbers)}"
    assert api.create_service(name).status == 201
    return f"services/hostedservices/{name}"
