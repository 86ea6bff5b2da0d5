"""Fetching the `.cspkg` that a call names, as the real service does: from Blob storage, with or without SAS.

The package is read as a stream, counted, hashed and thrown away. Errors name the URL without its query.
"""

import hashlib
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from local.simulator.state import Package

MAX_PACKAGE_BYTES = 600 * 1024 * 1024
"""Bytes of a package. Our choice, the size that Blob storage takes in one piece in old versions and more."""
CHUNK_BYTES = 256 * 1024
FETCH_SECONDS = 300.0
"""Seconds for the whole package. Our choice."""
CONNECT_SECONDS = 10.0
"""Seconds to reach the storage service. Our choice."""


class PackageUnavailable(Exception):
    """The package cannot be had; the operation fails with this sentence."""


def location(url: str) -> str:
    """Return a URL without credentials, query and fragment: what may be shown of it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        port = ""
    return urlunsplit((parts.scheme, host + port, parts.path, "", ""))


async def fetch(session: aiohttp.ClientSession, url: str) -> Package:
    """Fetch a package. Raise `PackageUnavailable` with a sentence that holds no SAS."""
    shown = location(url)
    timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS, sock_connect=CONNECT_SECONDS)
    try:
        async with session.get(url, timeout=timeout) as response:
            if response.status != 200:
                raise PackageUnavailable(
                    f"The package {shown} could not be read: the storage service answered {response.status}."
                )
            digest, size = hashlib.sha256(), 0
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                size += len(chunk)
                if size > MAX_PACKAGE_BYTES:
                    raise PackageUnavailable(f"The package {shown} is larger than {MAX_PACKAGE_BYTES} bytes.")
                digest.update(chunk)
    except TimeoutError as error:
        raise PackageUnavailable(f"The package {shown} could not be read: the storage service is too slow.") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise PackageUnavailable(f"The package {shown} could not be read: no storage service answers there.") from error
    if size == 0:
        raise PackageUnavailable(f"The package {shown} is empty.")
    return Package(shown, size, digest.hexdigest())
