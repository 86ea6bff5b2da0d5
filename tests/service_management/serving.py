"""A local HTTP server that answers as a test tells it to, and remembers what it was asked."""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
REQUEST_ID = "0123456789abcdef0123456789abcdef"
DASHED = "01234567-89ab-cdef-0123-456789abcdef"
XMLNS = 'xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    certificate: bytes | None = None
    """The client's certificate, DER."""


@dataclass
class Reply:
    """What to answer. `raw` replaces the whole answer by these bytes."""

    status: int = 202
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


def error(code: str, message: str) -> bytes:
    """Write an error as the service does."""
    return f"<Error {XMLNS}><Code>{code}</Code><Message>{message}</Message></Error>".encode()


class _Handler(BaseHTTPRequestHandler):
    """Remembers a request and sends what its Server says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Quiet"

    def setup(self) -> None:
        """Never wait for a client that is gone."""
        super().setup()
        self.connection.settimeout(10)

    def respond(self) -> None:
        """Answer any method."""
        length = int(self.headers.get("Content-Length", 0))
        owner, body = self.server.owner, self.rfile.read(length)
        shown = self.connection.getpeercert(binary_form=True) if isinstance(self.connection, ssl.SSLSocket) else None
        request = Seen(self.command, self.path, dict(self.headers), body, shown)
        owner.seen.append(request)
        if owner.handle is not None:
            self.close_connection = True
            owner.handle(self.connection)
            return
        reply = owner.next_reply(request)
        if reply.raw is not None:
            self.close_connection = True
            self.wfile.write(reply.raw)
            return
        self.send_response_only(reply.status)
        headers = {"x-ms-request-id": REQUEST_ID, "Content-Length": str(len(reply.body))} | reply.headers
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


for _method in ("GET", "POST", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.respond)


class _Quiet(ThreadingHTTPServer):
    """Serves each connection in a thread, and says nothing when a client goes away."""

    daemon_threads = True

    def __init__(self, owner: "Server") -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


class Server:
    """Answers with `replies` in turn, the last one forever; or with what `answer` makes of a request.

    `handle` takes over the connection instead.
    """

    seen: list[Seen]
    replies: list[Reply]
    answer: Callable[[Seen], Reply] | None
    handle: Callable[[socket.socket], None] | None

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.forget()
        self.scheme = "http" if context is None else "https"
        self.http = _Quiet(self)
        if context is not None:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def forget(self) -> None:
        """Forget what was asked and what was told; accept everything."""
        self.seen, self.replies, self.answer, self.handle = [], [Reply()], None, None

    def next_reply(self, request: Seen) -> Reply:
        """Choose the answer to a request."""
        if self.answer is not None:
            return self.answer(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    @property
    def port(self) -> int:
        """Say where it listens."""
        return int(self.http.server_address[1])

    @property
    def url(self) -> str:
        """Say where it is reached."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def last(self) -> Seen:
        """Give the latest request."""
        return self.seen[-1]

    def start(self) -> None:
        """Begin to listen."""
        self.thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(5)
