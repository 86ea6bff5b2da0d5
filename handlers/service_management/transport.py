"""HTTPS to the Service Management API: one pooled session, bounded answers, redirects within the domain only.

The session follows nothing by itself, reads no proxy or certificate settings from the environment, asks for no
compression and repeats nothing. Many threads may use one transport.
"""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

import requests
import urllib3.exceptions

from handlers.service_management import safe_xml, sockets
from handlers.service_management.endpoint import Endpoint
from handlers.service_management.errors import (
    AnswerLost,
    BadAnswer,
    BadCall,
    BadRedirect,
    CertificateRefused,
    NotSent,
    Retry,
    ServiceManagementError,
    UntrustedServer,
)
from handlers.service_management.sessions import new_session

CONNECT_TIMEOUT = 10.0
"""Seconds for each address of the host. Our choice."""

MOST_REDIRECTS = 5
"""Our choice; recorded calls were redirected once."""

POOL_SIZE = 32
"""Connections kept to one host, so as many threads can call at once without a new handshake. Our choice."""

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, whole. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Transport:
    """Makes calls to one endpoint, `https://<host>[:port]`, or `http://` on loopback."""

    def __init__(self, url: str, context: ssl.SSLContext | None, *, timeout: float) -> None:
        self._endpoint = Endpoint.parse(url)
        self._timeout = timeout
        if context is None and not self._endpoint.is_plain:
            raise BadCall("a call over https needs a management certificate; none was given")
        self._session = new_session(context, POOL_SIZE)
        self._session.headers.clear()

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Make one call and follow its redirects, all within the timeout.

        `path` begins with a slash and is percent-encoded. Raises NotSent, AnswerLost, BadAnswer, CertificateRefused;
        error statuses are answers.
        """
        changing = method != "GET"
        with sockets.attempt(self._timeout) as now:
            url = self._endpoint.address(path)
            for _ in range(MOST_REDIRECTS + 1):
                now.sent = False
                reply, failure = self._exchange(method, url, headers, body, now)
                if reply is None:
                    raise _explained(failure, sent=now.sent, changing=changing)
                if reply.status != 307:
                    return reply
                url = self._endpoint.redirected(url, reply.headers.get("location", ""))
        raise BadRedirect(f"more than {MOST_REDIRECTS} redirects for one call")

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, now: sockets.Attempt
    ) -> tuple[Reply | None, Exception | None]:
        """Send and read one answer. The failure is returned, not chained: its text holds the URL."""
        try:
            timeout = (min(CONNECT_TIMEOUT, now.left()), now.left())
            with self._session.request(
                method, url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                return _whole(response), None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, BadAnswer) as error:
            return None, error
        except ValueError as error:  # http.client, on a status line or header that is not HTTP
            return None, BadAnswer(f"the answer is not HTTP ({type(error).__name__})")


def _whole(response: requests.Response) -> Reply:
    """Read an answer up to the size limit. Raises BadAnswer beyond it, and for a compressed body."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise BadAnswer("the answer is compressed, which was not asked for", status=response.status_code)
    body = bytearray()
    for chunk in _chunks(response):
        body += chunk
        if len(body) > safe_xml.SIZE_LIMIT:
            raise BadAnswer(f"the answer is larger than {safe_xml.SIZE_LIMIT} bytes", status=response.status_code)
    return Reply(response.status_code, headers, bytes(body))


def _chunks(response: requests.Response) -> Iterator[bytes]:
    return response.raw.stream(_CHUNK, decode_content=False)


def _explained(failure: Exception | None, *, sent: bool, changing: bool) -> ServiceManagementError:
    """Turn what requests, urllib3 and ssl raise into one of our errors, by what happened and by whether it left."""
    if isinstance(failure, BadAnswer):
        return BadAnswer(failure.message, status=failure.status, retry=_after(changing=changing), ambiguous=changing)
    causes = list(_causes(failure))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return UntrustedServer(f"the server's certificate is not to be trusted: {tls.verify_message}")
    if tls is not None and "ALERT" in (tls.reason or "") and any(w in (tls.reason or "") for w in _ABOUT_CERTIFICATES):
        return CertificateRefused(f"the server refused the management certificate ({tls.reason})")
    if any(isinstance(cause, HTTPException) and not isinstance(cause, _CUT_SHORT) for cause in causes):
        return BadAnswer("the answer is not HTTP", retry=_after(changing=changing), ambiguous=changing)
    names = ", ".join(dict.fromkeys(type(cause).__name__ for cause in causes[-1:]))
    if not sent:
        return NotSent(f"the call did not reach the service ({names})", retry=Retry.LATER)
    return AnswerLost(
        f"the call was sent but no whole answer came ({names})", retry=_after(changing=changing), ambiguous=changing
    )


_CUT_SHORT = (RemoteDisconnected, IncompleteRead)
_ABOUT_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")


def _after(*, changing: bool) -> Retry:
    return Retry.AFTER_A_LOOK if changing else Retry.LATER


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    """Walk from the outermost error to the one that began it."""
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        yield failure
        inner = getattr(failure, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in failure.args if isinstance(arg, BaseException)), None)
        failure = inner or failure.__cause__ or failure.__context__


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read a Retry-After, in seconds or as a date, which is measured from the answer's own Date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return timedelta(seconds=int(value))
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):  # no date, or one of a year or a zone that there is not
        return None
    return max(wait, timedelta(0))
