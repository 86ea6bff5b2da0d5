"""Sessions of `requests` over our sockets, without what it adds: proxies, cookies, second tries, redirects."""

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import requests.adapters
import urllib3.connectionpool
import urllib3.poolmanager

from handlers.service_management import sockets


def new_session(context: ssl.SSLContext | None, pool: int) -> requests.Session:
    """Make a session that keeps `pool` connections to one host. Threads may share it.

    `context` says whom to trust and who we are; its `sslsocket_class` has to be `WatchedTLSSocket`. Without one there
    is only plain http. A proxy or `.netrc` of the environment could send a secret elsewhere, and is not looked at.
    """
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", _Adapter(context, pool))
    session.mount("http://", _Adapter(None, pool))
    return session


class _Session(requests.Session):
    """Sees no redirects: even when told not to follow one, requests reads its whole body, however long."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - as in requests
        """Say that there is none; whoever calls looks at the answer."""
        return None


class _Adapter(requests.adapters.HTTPAdapter):
    """Uses our SSLContext and our sockets, and nothing that requests would add to them."""

    def __init__(self, context: ssl.SSLContext | None, pool: int) -> None:
        self._context = context
        super().__init__(pool_connections=8, pool_maxsize=pool, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._context is not None:
            kwargs["ssl_context"] = self._context
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _PlainPool,
            "https": urllib3.connectionpool.HTTPSConnectionPool,
        }

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002 - as in requests
        """Leave trust to the context: requests would add its own bundle of authorities to it."""
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = None
        conn.ca_cert_dir = None


class _PlainPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = sockets.WatchedConnection
