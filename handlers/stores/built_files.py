"""Reads what a build has laid into blob storage: in our own account, or anywhere that everybody may read.

The address comes from an environment's template, never from a payload. No redirect is followed, no credential but a
read-only signature for our own blob is sent.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import requests

from handlers.errors import PackageUnusable, Unavailable
from handlers.stores.account import storage_troubles
from handlers.stores.blob_links import BlobLinks
from handlers.stores.commit_address import shown
from handlers.web.session import NO_ANSWER, bare_session, within
from handlers.web.waits import retry_after

What = Literal["package", "configuration"]

TIMEOUTS_S = (5.0, 30.0)
"""Seconds to connect, and seconds without a byte. Our choice."""

WHOLE_S = 480.0
"""Seconds until a file is there as a whole. Our choice: below the 10 minutes that a function has."""

LONGEST_LENGTH = 15
"""Digits of a length that is believed. Our choice: no store holds more than a petabyte for us."""

CHUNK = 1024 * 1024
"""Bytes that are in memory at a time."""

CLOSED_PATIENCE = timedelta(minutes=5)
"""Our choice: the wait where we may not read, which the owner can put right meanwhile."""

BLOB_SERVICE_VERSION = "2021-12-02"
"""With this version Azure tells who may not read a blob so; without one it says that there is none."""

_CLOSED = {401, 403}
_TOO_EARLY_TO_TELL = {408, 429, 500, 502, 503, 504}
_NO_PUBLIC_ACCESS = "PublicAccessNotPermitted"


@dataclass(frozen=True)
class BuiltFile:
    """A file that is there, with its bytes to come."""

    name: str
    """What people may see of its address."""
    size: int
    """Bytes, as its server announces them."""
    etag: str | None
    """Changes with its bytes. None where its server does not say so for sure."""
    pieces: Iterator[bytes]


class BuiltFiles:
    """Opens files by their addresses. Threads may share it."""

    def __init__(self, links: BlobLinks, clock: Callable[[], datetime]) -> None:
        """Read blobs of our own account by `links`."""
        self._links = links
        self._clock = clock
        self._session = bare_session()

    @contextmanager
    def open(self, url: str, what: What) -> Generator[BuiltFile]:
        """Open a file that is there.

        Raises Unavailable while it is not, or cannot be reached or read by us; PackageUnusable where that will not
        change by waiting. Reading its pieces may raise Unavailable.
        """
        name = shown(url)
        with storage_troubles("the storage account of packages"):
            ours = self._links.find(url)
            address = url if ours is None else self._links.to(ours)
        headers = {"Accept-Encoding": "identity", "x-ms-version": BLOB_SERVICE_VERSION}
        with within(WHOLE_S):
            try:
                response = self._session.get(
                    address, headers=headers, timeout=TIMEOUTS_S, allow_redirects=False, stream=True
                )
            except NO_ANSWER as error:
                # Its text holds the address, and that may be a signed one: only its kind is told.
                raise Unavailable(f"nobody answers for the {what} {name} ({type(error).__name__})") from None
            with response:
                self._require_readable(response, what, name, ours=ours is not None)
                etag = response.headers.get("etag", "")
                yield BuiltFile(
                    name=name,
                    size=_size(response, what, name),
                    etag=etag if etag.startswith('"') else None,
                    pieces=_pieces(response, what, name),
                )

    def _require_readable(self, response: requests.Response, what: What, name: str, *, ours: bool) -> None:
        status = response.status_code
        if status == requests.codes.ok:
            self._require_plain(response, what, name)
            return
        if status == requests.codes.not_found:
            raise Unavailable(f"{what} is not there yet: {name}")
        if status in _CLOSED or response.headers.get("x-ms-error-code") == _NO_PUBLIC_ACCESS:
            allow = (
                "let the app's key or identity read that container (Storage Blob Data Reader)"
                if ours
                else "let everybody read it, or build into the storage account of AzureWebJobsStorage"
            )
            raise Unavailable(f"the {what} may not be read ({status}): {name}; {allow}", CLOSED_PATIENCE)
        if status in _TOO_EARLY_TO_TELL:
            wait = retry_after(response.headers, self._clock())
            raise Unavailable(f"its server answers {status} for the {what} {name}", wait)
        raise PackageUnusable(
            f"{what.capitalize()}Unreadable",
            f"The server of the {what} {name} answers {status}. Write the address at which it can be read directly.",
        )

    @staticmethod
    def _require_plain(response: requests.Response, what: What, name: str) -> None:
        """Refuse what somebody would have to unpack: nobody knows how long it is then."""
        if response.headers.get("content-encoding", "identity") != "identity":
            raise PackageUnusable(
                f"{what.capitalize()}Unreadable",
                f"The {what} {name} has a Content-Encoding. Store it plain.",
            )


def _size(response: requests.Response, what: What, name: str) -> int:
    length = response.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= LONGEST_LENGTH):
        raise PackageUnusable(
            f"{what.capitalize()}Unreadable", f"The server of the {what} {name} does not say how long it is."
        )
    return int(length)


def _pieces(response: requests.Response, what: What, name: str) -> Iterator[bytes]:
    try:
        yield from response.iter_content(CHUNK)
    except NO_ANSWER as error:
        raise Unavailable(f"the {what} {name} broke off ({type(error).__name__})") from None
