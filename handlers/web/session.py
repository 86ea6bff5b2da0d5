"""The HTTP session of our own calls: it adds nothing by itself."""

from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter

POOL = 10
"""Connections kept to one host. Our choice: a worker rarely makes more calls at once."""


def bare_session() -> requests.Session:
    """Make a session without proxies, `.netrc`, cookies and second tries. Threads may share it.

    A proxy or `.netrc` of the environment could send a token elsewhere, or put another one in its place.
    """
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "slipway"
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=POOL, pool_maxsize=POOL, max_retries=0))
    return session
