"""Where the service is, and where it may send a call on to. Pure.

A front end may answer any call, even a poll, with 307 and the address of another region, where the same method and body
are repeated with the certificate. So a redirect decides who is shown the certificate and the request, and only the
service's own domain may be told: the same host or a sub-domain of it, https, the same port, the same subscription.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import SplitResult, urljoin, urlsplit

from handlers.service_management.errors import BadCall, BadRedirect


@dataclass(frozen=True)
class Endpoint:
    """`https://<host>[:port]`, or `http://` on loopback, where every port and every loopback name is the same host.

    The latter so that a simulator can play the regions.
    """

    parts: SplitResult

    @classmethod
    def parse(cls, url: str) -> Self:
        """Take an endpoint by its URL. Raises BadCall for anything but https, or http on loopback, and a host."""
        try:
            parts = urlsplit(url.rstrip("/"))
            host, port = parts.hostname, parts.port
        except ValueError:
            raise BadCall("the endpoint is not a URL") from None
        if not host or parts.path or parts.query or parts.fragment or parts.username is not None or port == 0:
            raise BadCall("the endpoint is https:// and a host, nothing more")
        if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
            return cls(parts)
        raise BadCall("the endpoint must be https; plain http is for loopback only")

    @property
    def is_plain(self) -> bool:
        """Say whether calls go without TLS."""
        return self.parts.scheme == "http"

    def address(self, path: str) -> str:
        """Give the URL of a path, which begins with a slash and is percent-encoded."""
        return f"{self.parts.scheme}://{self.parts.netloc}{path}"

    def redirected(self, url: str, location: str) -> str:
        """Say where a 307 to a call of `url` leads. Raises BadRedirect for anywhere it may not lead."""
        try:
            target = urlsplit(urljoin(url, location))
            allowed = self._has(target)
        except ValueError:
            allowed = False
        if not location or not allowed:
            raise BadRedirect("a redirect out of the service's domain is not followed", status=307)
        if target.path.split("/")[1:2] != urlsplit(url).path.split("/")[1:2]:
            raise BadRedirect("a redirect to another subscription is not followed", status=307)
        return target.geturl()

    def _has(self, target: SplitResult) -> bool:
        home, host, port = self.parts.hostname or "", target.hostname or "", target.port
        if target.username is not None or target.scheme not in {"https", self.parts.scheme}:
            return False
        if _is_loopback(home):
            return _is_loopback(host)
        return (host == home or host.endswith(f".{home}")) and (port or 443) == (self.parts.port or 443)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
