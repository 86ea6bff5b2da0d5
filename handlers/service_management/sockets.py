"""Sockets that know when the whole call must be over, and whether any of it was sent.

`requests` bounds each read but not their sum, so a server that sends a byte now and then holds a call forever. Here
every read is given what is left of the call's time. And because these sockets see a request leave, a failed call can
say whether the service may have seen it. One `Attempt` is current in each thread that makes a call.
"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import urllib3.connection


class Attempt:
    """One exchange after the other, all before one deadline.

    `sent` is true once a whole request has left. A request that broke off on its way has a body shorter than its
    Content-Length, which no server takes for a request.
    """

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.sent = False

    def left(self) -> float:
        """Seconds until the deadline. Raises TimeoutError when it has passed."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call took too long")
        return left


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def attempt(seconds: float) -> Iterator[Attempt]:
    """Make an Attempt the current one of this thread."""
    begun = Attempt(seconds)
    token = _current.set(begun)
    try:
        yield begun
    finally:
        _current.reset(token)


class _Watched(socket.socket):
    """What both kinds of socket do more than usual: obey the deadline, notice what has left."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if now := _current.get():
            self.settimeout(min(now.left(), self.gettimeout() or now.left()))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        if now := _current.get():
            self.settimeout(now.left())
            now.sent = False
        super().sendall(*args, **kwargs)
        if now:
            now.sent = True


class WatchedSocket(_Watched):
    """A plain socket, for loopback."""


class WatchedTLSSocket(_Watched, ssl.SSLSocket):
    """A TLS socket; an SSLContext makes them when this is its `sslsocket_class`."""

    def send(self, *args: Any, **kwargs: Any) -> int:
        """Send as usual; where that fails, say why the server hung up."""
        try:
            return super().send(*args, **kwargs)
        except OSError:
            self._raise_alert()
            raise

    def _raise_alert(self) -> None:
        """Raise the alert by which the server ended the connection, if it can still be read.

        With TLS 1.3 a server looks at our certificate when the handshake is over for us, so that its refusal meets a
        request on its way out.
        """
        self.settimeout(1.0)
        try:
            super().recv(1)
        except ssl.SSLError as alert:
            if "ALERT" in (alert.reason or ""):
                raise
        except OSError:
            return


class WatchedConnection(urllib3.connection.HTTPConnection):
    """A plain HTTP connection over a WatchedSocket."""

    def connect(self) -> None:
        """Connect as usual, then put the socket into one that watches."""
        super().connect()
        timeout = self.sock.gettimeout()
        self.sock = WatchedSocket(fileno=self.sock.detach())
        self.sock.settimeout(timeout)
