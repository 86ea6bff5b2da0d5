"""Servers that are broken or mean us harm: every call of ours is over in time, small in memory, and may be repeated."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event

import pytest
from azure.storage.blob import BlobServiceClient

import handlers.chat_api.http as chat
import handlers.github_api.transport as github
import handlers.stores.built_files as built
from handlers.errors import PackageUnusable, Unavailable
from handlers.stores.blob_links import BlobLinks
from tests.service_management.serving import Reply, Server

ACCOUNT = "DefaultEndpointsProtocol=https;AccountName=ours;AccountKey=a2V5;EndpointSuffix=core.windows.net"
CALL = github.Call("GET", "/x", subject="the text", check="Check it.")
OK = b"HTTP/1.1 200 OK\r\n"


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def ask_github(url: str) -> None:
    """Read an answer of GitHub's API."""
    github.Transport(now, url).send(CALL, "Bearer token")


def download_from_github(url: str) -> None:
    """Read an asset."""
    with github.Transport(now, url).download(CALL, "Bearer token") as pieces:
        assert sum(map(len, pieces)) < 10_000_000


def tell_a_chat(url: str) -> None:
    """Post a message."""
    chat.ChatHttp(now).send("POST", f"{url}/x", "Slack chat.update", body={}, token="token")


def read_what_was_built(url: str) -> None:
    """Read the package of a commit."""
    with BlobServiceClient.from_connection_string(ACCOUNT) as blobs:
        files = built.BuiltFiles(BlobLinks(blobs, now), now)
        with files.open(f"{url}/x.cspkg", "package") as file:
            assert sum(map(len, file.pieces)) < 10_000_000


Caller = Callable[[str], None]
CALLERS: list[Caller] = [ask_github, download_from_github, tell_a_chat, read_what_was_built]


@pytest.fixture
def server() -> Iterator[Server]:
    """Run a server that answers as a test says."""
    running = Server()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a whole answer take half a second at most, and silence in it as long as it likes."""
    for module, name in ((github, "ANSWER_S"), (github, "DOWNLOAD_S"), (chat, "ANSWER_S"), (built, "WHOLE_S")):
        monkeypatch.setattr(module, name, 0.5)


def drip(head: bytes, bit: bytes, end: bytes) -> Callable[[socket.socket], None]:
    """Send a good answer, a bit at a time, over some 10 seconds."""

    def send(connection: socket.socket) -> None:
        try:
            connection.sendall(head)
            for _ in range(200):
                connection.sendall(bit)
                Event().wait(0.05)
            connection.sendall(end)
        except OSError:
            return

    return send


DRIPS = {
    "headers": (OK, b"X: y\r\n", b"Content-Length: 2\r\n\r\n{}"),
    "one header": (OK + b"X: ", b"y", b"\r\nContent-Length: 2\r\n\r\n{}"),
    "body": (OK + b"Content-Length: 202\r\n\r\n", b" ", b"{}"),
}


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.__name__)
@pytest.mark.parametrize("case", DRIPS)
def test_an_answer_that_only_drips_is_not_waited_for(server: Server, caller: Caller, case: str) -> None:
    """Each byte comes in time, the whole does not. To the end, each of these would be a good answer."""
    server.handle = drip(*DRIPS[case])
    with pytest.raises(Unavailable):
        caller(server.url)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.__name__)
def test_silence_ends_a_call_before_its_time_is_over(
    server: Server, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing comes for long, nothing will."""
    for module in (github, chat, built):
        monkeypatch.setattr(module, "TIMEOUTS_S", (5.0, 0.2))

    def fall_silent(connection: socket.socket) -> None:
        try:
            connection.sendall(OK + b"Content-Length: 2\r\n\r\n")
            connection.recv(1)  # until the other side hangs up, or for the 10 seconds of this server
        except TimeoutError:
            connection.sendall(b"{}")

    server.handle = fall_silent
    with pytest.raises(Unavailable):
        caller(server.url)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.__name__)
def test_the_body_of_a_redirect_is_not_read(server: Server, caller: Caller) -> None:
    """Not to its end: requests would read all of it, also where it is told not to follow."""
    sent, over = [], threading.Event()

    def send(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.invalid/\r\n\r\n")
            for _ in range(64):
                connection.sendall(b"x" * 1024 * 1024)
                sent.append(1)
        except OSError:
            return
        finally:
            over.set()

    server.handle = send
    with pytest.raises((Unavailable, PackageUnusable)):
        caller(server.url)
    assert over.wait(20)
    assert len(sent) < 64


LOCATIONS = [b"http://[", b"http://127.0.0.1:99999/", b"/\xff\xfe", b"https://" + b"a" * 70 + b".example/", b"//", b""]


@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("caller", [ask_github, download_from_github, tell_a_chat], ids=lambda caller: caller.__name__)
def test_a_redirect_to_what_is_no_address_is_for_later(server: Server, caller: Caller, location: bytes) -> None:
    """It is somebody else's mistake, and none of ours."""
    server.replies = [Reply(raw=b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")]
    with pytest.raises(Unavailable):
        caller(server.url)


@pytest.mark.parametrize("length", ["-1", "1e3", "\u0663", "9" * 16, "9" * 5000])
def test_a_length_that_is_none_is_not_believed(server: Server, length: str) -> None:
    """Neither a number that no store holds, nor one with more digits than Python reads."""
    server.replies = [Reply(raw=OK + f"Content-Length: {length}\r\n\r\nx".encode())]
    with pytest.raises(PackageUnusable, match="does not say how long it is"):
        read_what_was_built(server.url)
