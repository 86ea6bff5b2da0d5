"""HTTP to GitHub: one pooled session, bounded in time and size, and a token that stays with GitHub."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from handlers.errors import SettingsWrong, Unavailable
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.limits import limited
from handlers.ports import Clock
from handlers.web.loopback import is_loopback
from handlers.web.session import NO_ANSWER, bare_session, within
from handlers.web.waits import retry_after

GITHUB = "https://api.github.com"

API_VERSION = "2022-11-28"
"""The version that also GitHub Enterprise Server knows."""

TIMEOUTS_S = (5.0, 30.0)
"""Seconds to connect, and seconds without a byte. Our choice: GitHub ends a request of its own after 10."""

ANSWER_S = 60.0
"""Seconds until an answer is there as a whole. Our choice."""

DOWNLOAD_S = 480.0
"""Seconds until the bytes of an asset are there as a whole. Our choice: below the 10 minutes that a function has."""

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that is read whole. Our choice: a page of 100 releases' worth stays far below."""

MAX_REDIRECTS = 5
"""Our choice. GitHub sends one for a repository that was renamed and one for an asset's bytes."""

CHUNK = 1024 * 1024
"""Bytes of a download that are in memory at a time."""

JSON = "application/vnd.github+json"

_REDIRECTS = {301, 302, 303, 307, 308}
_TOO_EARLY_TO_TELL = {408, 500, 502, 503, 504}


@dataclass(frozen=True)
class Call:
    """One call of the API."""

    method: str
    path: str
    """From the base on; every part of it is quoted already."""
    subject: str
    """What it is about, in words for errors: `deployments of octocat/hello`."""
    check: str
    """What the owner should check where it is refused."""
    params: Mapping[str, str | int] | None = None
    body: object = None
    """Sent as JSON, unless None."""
    accept: str = JSON


@dataclass(frozen=True)
class Answer:
    """A 2xx answer, read whole."""

    status: int
    content: bytes
    next_page: str | None
    """The address of the next page, as `Link` gives it."""


class Transport:
    """Sends calls to one GitHub. Threads may share it."""

    def __init__(self, clock: Clock, base: str = GITHUB) -> None:
        """Keep connections to `base`, for GitHub Enterprise Server `https://<host>/api/v3`.

        Raises SettingsWrong where `base` is no https address (http on loopback will do).
        """
        self._base = base.rstrip("/")
        self._clock = clock
        self._origin = _base_origin(self._base)
        self._session = bare_session()
        self._session.headers["X-GitHub-Api-Version"] = API_VERSION

    def send(self, call: Call, authorization: str | None, page: str | None = None) -> Answer:
        """Send a call, or ask for another page of it; return the answer.

        Raises Unavailable where it may go better later (no connection, 5xx, a limit), GitHubRefused where not.
        """
        with within(ANSWER_S), self._open(call, authorization, page) as response:
            if response.status_code in _REDIRECTS:
                raise Unavailable(f"GitHub sends {call.subject} elsewhere")
            content = _read_whole(response, call.subject)
            return Answer(response.status_code, content, response.links.get("next", {}).get("url"))

    @contextmanager
    def download(self, call: Call, authorization: str | None) -> Generator[Iterator[bytes]]:
        """Open a download; yield its bytes, piece by piece.

        Where GitHub sends us to another host, the authorization stays behind. Raises as `send` does, also in the
        middle.
        """
        with within(DOWNLOAD_S):
            with self._open(call, authorization, page=None) as response:
                if response.status_code not in _REDIRECTS:
                    yield _pieces(response, call.subject)
                    return
                url = _target(response)
            yield from self._download_elsewhere(call, url)

    def _download_elsewhere(self, call: Call, url: str) -> Iterator[Iterator[bytes]]:
        """Yield the bytes of an asset once, from the store that GitHub has sent us to."""
        for _ in range(MAX_REDIRECTS):
            self._require_safe(url, call.subject)
            headers = {"Accept": "application/octet-stream", "Accept-Encoding": "identity"}
            with self._request("GET", url, headers, call.subject) as response:
                if response.status_code in _REDIRECTS:
                    url = _target(response)
                    continue
                if not response.ok:
                    # The address was signed for a few minutes: a new one comes with the next attempt.
                    raise Unavailable(f"the store behind GitHub answered {response.status_code} to {call.subject}")
                yield _pieces(response, call.subject)
                return
        raise Unavailable(f"GitHub sends {call.subject} in circles")

    @contextmanager
    def _open(self, call: Call, authorization: str | None, page: str | None) -> Generator[requests.Response]:
        """Send a call and follow GitHub as long as it stays on its own host; yield a 2xx or a redirect elsewhere."""
        headers = {"Accept": call.accept}
        if authorization is not None:
            headers["Authorization"] = authorization
        data = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(call.body).encode()
        url, params = (page, None) if page is not None else (f"{self._base}{call.path}", call.params)
        for _ in range(MAX_REDIRECTS):
            if _origin(url) != self._origin:
                raise Unavailable(f"GitHub sends {call.subject} elsewhere")
            with self._request(call.method, url, headers, call.subject, data, params) as response:
                if response.status_code in _REDIRECTS and _origin(_target(response)) == self._origin:
                    url, params = _target(response), None
                    continue
                if response.status_code not in _REDIRECTS:
                    self._require_success(call, response)
                yield response
                return
        raise Unavailable(f"GitHub sends {call.subject} in circles")

    @contextmanager
    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        subject: str,
        data: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Generator[requests.Response]:
        try:
            response = self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                params=params,
                timeout=TIMEOUTS_S,
                allow_redirects=False,
                stream=True,
            )
        except NO_ANSWER as error:
            # Its text holds the address, and that may be a signed one: only its kind is told.
            raise Unavailable(f"GitHub does not answer for {subject} ({type(error).__name__})") from None
        with response:
            yield response

    def _require_success(self, call: Call, response: requests.Response) -> None:
        if response.ok:
            return
        status = response.status_code
        message = _message(_read_whole(response, call.subject))
        now = self._clock()
        wait = limited(status, response.headers, message, now)
        if wait is not None:
            raise Unavailable(f"GitHub limits us at {call.subject}", wait)
        if status in _TOO_EARLY_TO_TELL:
            raise Unavailable(f"GitHub answered {status} for {call.subject}", retry_after(response.headers, now))
        said = f": {message.rstrip('.')}" if message else ""
        raise GitHubRefused(status, f"GitHub answered {status} to {call.method} {call.subject}{said}. {call.check}")

    def _require_safe(self, url: str, subject: str) -> None:
        """Follow a download over https only; over plain http only between two ends on this machine."""
        target = urlsplit(url)
        on_this_machine = self._origin[0] == "http" and target.scheme == "http" and is_loopback(target.hostname)
        if not (target.scheme == "https" or on_this_machine):
            raise Unavailable(f"GitHub sends {subject} to an address that is not https")


def _base_origin(base: str) -> tuple[str, str, int]:
    target = urlsplit(base)
    plain_here = target.scheme == "http" and is_loopback(target.hostname)
    if not (target.scheme == "https" or plain_here) or not target.hostname or target.query or target.username:
        raise SettingsWrong("GitHub's API address must be https://HOST or https://HOST/api/v3")
    return _origin(base)


def _origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port. An address that cannot be read has an origin that is nobody's."""
    try:
        target: SplitResult = urlsplit(url)
        port = target.port or {"https": 443, "http": 80}.get(target.scheme, 0)
    except ValueError:
        return ("", "", 0)
    return (target.scheme, target.hostname or "", port)


def _target(response: requests.Response) -> str:
    """Return where a redirect leads; nowhere, where that is no address."""
    try:
        return urljoin(response.url, response.headers.get("location", ""))
    except ValueError:
        return ""


def _pieces(response: requests.Response, subject: str) -> Iterator[bytes]:
    try:
        yield from response.iter_content(CHUNK)
    except NO_ANSWER as error:
        raise Unavailable(f"{subject} broke off ({type(error).__name__})") from None


def _read_whole(response: requests.Response, subject: str) -> bytes:
    content = bytearray()
    for piece in _pieces(response, subject):
        content += piece
        if len(content) > MAX_ANSWER:
            raise Unavailable(f"GitHub's answer for {subject} is larger than {MAX_ANSWER} bytes")
    return bytes(content)


def _message(content: bytes) -> str:
    """Return what GitHub says, on one line of at most 200 characters; empty where it is not GitHub's JSON."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    details = answer.get("errors")
    said = [answer.get("message")]
    if isinstance(details, list):
        said += [detail.get("message") if isinstance(detail, dict) else detail for detail in details]
    text = "; ".join(part for part in said if isinstance(part, str) and part)
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]
