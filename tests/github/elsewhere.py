"""A web server that everybody may read from, and that answers as a test says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from local.github.assets import Generated


@dataclass
class Page:
    """What a server answers."""

    status: int = 200
    body: bytes | Generated = b""
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    """What happens as it is asked for."""
    length: int | None = None
    """Announced in place of the true one; negative for none at all."""


class Host(BaseHTTPRequestHandler):
    """A server that everybody may read from."""

    pages: dict[str, Page]
    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        """Answer from the table."""
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        page = self.pages.get(self.path, Page(404))
        page.before()
        size = page.body.size if isinstance(page.body, Generated) else len(page.body)
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        announced = size if page.length is None else page.length
        if announced >= 0:
            self.send_header("Content-Length", str(announced))
        self.end_headers()
        try:
            for block in page.body.blocks() if isinstance(page.body, Generated) else [page.body]:
                self.wfile.write(block)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@dataclass
class Elsewhere:
    """The server and what it has."""

    url: str
    pages: dict[str, Page]
    asked: list[tuple[str, dict[str, str]]]


@contextmanager
def running_elsewhere() -> Iterator[Elsewhere]:
    """Run one, with nothing on it yet, for the length of a `with` block."""
    Host.pages, Host.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield Elsewhere(f"http://127.0.0.1:{server.server_address[1]}", Host.pages, Host.asked)
    server.shutdown()
    server.server_close()
    thread.join(10)
