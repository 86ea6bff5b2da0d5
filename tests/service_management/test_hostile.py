"""Answers that are not the service's: each ends in one of our errors, soon, and opens nothing."""

import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from handlers.service_management import (
    AnswerLost,
    BadAnswer,
    NotSent,
    Retry,
    ServiceManagement,
    ServiceManagementError,
)
from tests.service_management.serving import DASHED, REQUEST_ID, SUBSCRIPTION, XMLNS, Reply, Server

GOOD = f"<Operation {XMLNS}><ID>{DASHED}</ID><Status>Succeeded</Status></Operation>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

BODIES: dict[str, bytes] = {
    "empty": b"",
    "HTML": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "HTML without a type": b"<html><body>Sign in</body></html>",
    "JSON": b'{"status": "Succeeded"}',
    "cut short": GOOD.encode()[:-5],
    "a file by entity": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{GOOD.replace(DASHED, "&e;")}'.encode(),
    "a URL by entity": f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>{GOOD.replace(DASHED, "&e;")}'.encode(),
    "an external DTD": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">{GOOD}'.encode(),
    "a parameter entity": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>{GOOD}'.encode(),
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>{GOOD.replace(DASHED, "&l9;")}'.encode(),
    "a DTD in UTF-16": f'<!DOCTYPE x [<!ENTITY e "x">]>{GOOD}'.encode("utf-16"),
    "UTF-7": b"<?xml version='1.0' encoding='utf-7'?>+ADw-x/>",
    "EBCDIC": "<?xml version='1.0' encoding='cp037'?><x/>".encode("cp037"),
    "another namespace": GOOD.replace("windowsazure", "other").encode(),
    "the namespace with https": GOOD.replace("http://schemas", "https://schemas").encode(),
    "no namespace": GOOD.replace(XMLNS, "").encode(),
    "another root": GOOD.replace("Operation", "Deployment").encode(),
    "deep": GOOD.replace("</Operation>", "<a>" * 200 + "</a>" * 200 + "</Operation>").encode(),
    "very deep": (f"<Operation {XMLNS}>" + "<a>" * 100_000).encode(),
    "an unknown status": GOOD.replace("Succeeded", "Done").encode(),
    "no status": GOOD.replace("<Status>Succeeded</Status>", "").encode(),
    "no id": GOOD.replace(f"<ID>{DASHED}</ID>", "").encode(),
    "another id": GOOD.replace(DASHED, "f" * 32).encode(),
    "a number that is none": GOOD.replace("</Status>", "</Status><HttpStatusCode>9e9</HttpStatusCode>").encode(),
    "a number too long": GOOD.replace("</Status>", f"</Status><HttpStatusCode>{'9' * 5000}</HttpStatusCode>").encode(),
    "zeros": b"\0" * 1000,
    "megabytes": b"<x>" + b"x" * (5 * 1024 * 1024),
}


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Note every file that is opened and every address that is called while a test runs."""
    found: list[str] = []
    _watch.append(found)
    yield found
    _watch.remove(found)


_watch: list[list[str]] = []


def _audit(event: str, args: tuple[object, ...]) -> None:
    for found in _watch:
        if event == "open" or (event == "socket.connect" and "9" in str(args[-1])):
            found.append(f"{event} {args}")


sys.addaudithook(_audit)


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_not_the_services_is_a_bad_answer(
    client: ServiceManagement, server: Server, opened: list[str], case: str
) -> None:
    """A read is worth another try; no file or address in the body is looked at, none of it is repeated."""
    server.replies = [Reply(200, BODIES[case])]
    begun = time.monotonic()
    with pytest.raises(BadAnswer) as caught:
        client.get_operation_status(REQUEST_ID)
    assert time.monotonic() - begun < 5
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.LATER, False)
    assert [event for event in opened if "passwd" in event or ":9" in event or "dtd" in event] == []
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize("request_id", ["", "x", "../..", "0" * 31, "0" * 33, "g" * 32])
def test_a_change_without_a_good_request_id_is_a_bad_answer(
    client: ServiceManagement, server: Server, status: int, request_id: str
) -> None:
    """It may have been accepted all the same, so somebody has to look."""
    server.replies = [Reply(status, headers={"x-ms-request-id": request_id})]
    with pytest.raises(BadAnswer) as caught:
        client.delete_deployment("shop", name="v1")
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.AFTER_A_LOOK, True)


def test_a_page_of_html_is_no_acceptance(client: ServiceManagement, server: Server) -> None:
    """Not even with a request id."""
    server.replies = [Reply(200, b"<html/>", headers={"Content-Type": "text/html"})]
    with pytest.raises(BadAnswer):
        client.delete_deployment("shop", name="v1")


@pytest.mark.parametrize("status", [204, 206, 301, 302, 303, 304, 308])
def test_a_status_that_no_call_has_is_a_bad_answer(client: ServiceManagement, server: Server, status: int) -> None:
    """Other redirects than 307 change the method, or were never seen; none is followed."""
    server.replies = [Reply(status, headers={"Location": f"{server.url}/{SUBSCRIPTION}/x"})]
    with pytest.raises(BadAnswer):
        client.delete_deployment("shop", name="v1")
    assert len(server.seen) == 1


def test_a_compressed_answer_is_not_unpacked(client: ServiceManagement, server: Server) -> None:
    """It was not asked for, and 48 KB can be 50 MB."""
    server.replies = [Reply(200, b"\x1f\x8b", headers={"Content-Encoding": "gzip"})]
    with pytest.raises(BadAnswer, match="compressed"):
        client.get_operation_status(REQUEST_ID)
    assert server.last.headers["Accept-Encoding"] == "identity"


RAW: dict[str, tuple[bytes, type[ServiceManagementError]]] = {
    "not HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", BadAnswer),
    "a status that is no number": (b"HTTP/1.1 abc Hello\r\n\r\n", BadAnswer),
    "a header line of a megabyte": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2**20 + b"\r\n\r\n", BadAnswer),
    "a thousand headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n", BadAnswer),
    "a chunk size that is none": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", AnswerLost),
    "nothing": (b"", AnswerLost),
    "half a status line": (b"HTTP/1", BadAnswer),
    "fewer bytes than promised": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<x/>", AnswerLost),
    "a chunk cut short": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<x", AnswerLost),
}


@pytest.mark.parametrize("case", RAW)
def test_what_is_not_http_or_breaks_off_is_an_error(client: ServiceManagement, server: Server, case: str) -> None:
    """After a change it leaves open whether it was accepted, after a read it does not."""
    raw, kind = RAW[case]
    server.replies = [Reply(raw=raw)]
    with pytest.raises((BadAnswer, AnswerLost)) as caught:
        client.delete_deployment("shop", name="v1")
    assert type(caught.value) is kind
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.AFTER_A_LOOK, True)
    with pytest.raises(kind) as caught:
        client.get_operation_status(REQUEST_ID)
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.LATER, False)


def _drip(head: bytes, bit: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        try:
            connection.sendall(head)
            for _ in range(200):
                connection.sendall(bit)
                time.sleep(0.05)
        except OSError:
            return

    return send


DRIPS: dict[str, tuple[bytes, bytes]] = {
    "status line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize("case", DRIPS)
def test_an_answer_that_only_drips_ends_at_the_deadline(server: Server, case: str) -> None:
    """Each byte comes in time, the whole does not."""
    server.handle = _drip(*DRIPS[case])
    begun = time.monotonic()
    with ServiceManagement(SUBSCRIPTION, url=server.url, timeout=0.4) as client, pytest.raises(AnswerLost) as caught:
        client.delete_deployment("shop", name="v1")
    assert time.monotonic() - begun < 3
    assert caught.value.ambiguous


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_reset_leaves_a_change_open(client: ServiceManagement, server: Server) -> None:
    """The request had arrived."""
    server.handle = _reset
    with pytest.raises(AnswerLost) as caught:
        client.delete_deployment("shop", name="v1")
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.AFTER_A_LOOK, True)


def test_a_closed_port_is_certainly_not_sent() -> None:
    """Nothing was accepted, so the call may be repeated as it is."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with ServiceManagement(SUBSCRIPTION, url=url) as client, pytest.raises(NotSent) as caught:
            client.delete_deployment("shop", name="v1")
    assert (caught.value.retry, caught.value.ambiguous) == (Retry.LATER, False)
    assert "127.0.0.1" not in str(caught.value)


def test_a_host_that_is_not_known_is_certainly_not_sent() -> None:
    """No address, no call."""
    with ServiceManagement(SUBSCRIPTION, url="http://localhost:9") as client, pytest.raises(NotSent):
        client.delete_deployment("shop", name="v1")


def test_no_cookie_is_kept(client: ServiceManagement, server: Server) -> None:
    """The service has none; one from elsewhere must not follow a thread around."""
    server.replies = [Reply(headers={"Set-Cookie": "a=b"})]
    client.delete_deployment("shop", name="v1")
    client.delete_deployment("shop", name="v1")
    assert "Cookie" not in server.last.headers


def test_no_error_holds_the_address_or_the_body(client: ServiceManagement, server: Server) -> None:
    """Whatever is wrong, the text may be posted to a chat."""
    for reply in (
        Reply(400, b"secret-of-the-body"),
        Reply(200, b"<x>secret-of-the-body</x>"),
        Reply(307, headers={"Location": "http://secret-of-the-body/"}),
        Reply(raw=b"secret-of-the-body"),
    ):
        server.replies = [reply]
        with pytest.raises(ServiceManagementError) as caught:
            client.get_operation_status(REQUEST_ID)
        chain: BaseException | None = caught.value
        while chain is not None:
            assert "secret" not in str(chain)
            assert str(server.port) not in str(chain)
            chain = chain.__cause__ or chain.__context__
