"""The HTTP session of our own calls: it adds nothing by itself, and ends in time whatever the other side does.

Its sockets are those of the Service Management API's client, which have to do without the rest of the app.
"""

import ssl

import requests
import urllib3.exceptions
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from handlers.service_management.sessions import new_session
from handlers.service_management.sockets import WatchedTLSSocket, attempt

__all__ = ["NO_ANSWER", "bare_session", "within"]

POOL = 10
"""Connections kept to one host. Our choice: a worker rarely makes more calls at once."""

NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""What a call raises where no answer comes, or none that is HTTP: requests lets some errors from below it through."""

within = attempt
"""`with within(seconds):` bounds what is sent and read on our sessions in this thread, headers and body together."""


def bare_session() -> requests.Session:
    """Make a session that trusts the usual authorities. Threads may share it."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = WatchedTLSSocket
    session = new_session(context, POOL)
    session.headers["User-Agent"] = "slipway"
    return session
