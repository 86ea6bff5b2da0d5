"""HTTP to the chats: one pooled session, bounded in time and size, with no redirects followed.

Addresses are secrets here (a `response_url`, a Workflows URL): no error's text holds one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from handlers.errors import Unavailable
from handlers.ports import Clock
from handlers.web.session import NO_ANSWER, bare_session, within
from handlers.web.waits import retry_after

TIMEOUTS_S = (5.0, 15.0)
"""Seconds to connect, and seconds without a byte. Our choice: far below the lease of one post."""

ANSWER_S = 30.0
"""Seconds until an answer is there as a whole. Our choice: far below the lease of one post, too."""

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes of an answer that is read. Our choice: a hundred of the longest posts that Mattermost takes stay below."""

_CHUNK = 64 * 1024
_TOO_MANY = 429


@dataclass(frozen=True)
class Answer:
    """An answer below 500 that is no limit and no redirect, read whole."""

    subject: str
    """What was asked for, in words."""
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the JSON object in it. Raises Unavailable where there is none: somebody else answered."""
        try:
            value = json.loads(self.content)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise Unavailable(f"{self.subject}: an answer ({self.status}) that is no JSON object")
        return value

    def word(self, *names: str) -> str:
        """Return an error's name from the JSON, by the path of keys to it; empty where there is no plain one."""
        try:
            value: Any = json.loads(self.content)
        except (ValueError, RecursionError):
            return ""
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return plain_word(value)


class ChatHttp:
    """Sends JSON to chats. Threads may share it."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._session = bare_session()

    def send(
        self,
        method: str,
        url: str,
        subject: str,
        *,
        body: object = None,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one call; `subject` names it in errors, such as `Slack chat.update`.

        Raises Unavailable where it may go better later: no connection, 429, 5xx, a redirect.
        """
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = json.dumps(body).encode()
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with (
                within(ANSWER_S),
                self._session.request(
                    method,
                    url,
                    headers=headers,
                    data=data,
                    params=params,
                    timeout=TIMEOUTS_S,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                answer = Answer(subject, response.status_code, response.headers, _read(response, subject))
        except NO_ANSWER as error:
            # Its text holds the address: only its kind is told.
            raise Unavailable(f"{subject}: no answer ({type(error).__name__})") from None
        wait = retry_after(answer.headers, self._now())
        if answer.status == _TOO_MANY:
            raise Unavailable(f"{subject}: told to slow down", wait)
        if answer.status >= 500:
            raise Unavailable(f"{subject}: answered {answer.status}", wait)
        if 300 <= answer.status < 400:
            raise Unavailable(f"{subject}: sent elsewhere ({answer.status}), where we do not go")
        return answer


def plain_word(value: object) -> str:
    """Return a name such as `not_in_channel` as it is, and anything that is no plain name as nothing."""
    if isinstance(value, str) and 0 < len(value) <= 100 and value.isascii():
        return value if value.replace("_", "").replace(".", "").replace("-", "").isalnum() else ""
    return ""


def _read(response: requests.Response, subject: str) -> bytes:
    content = bytearray()
    for piece in response.iter_content(_CHUNK):
        content += piece
        if len(content) > MAX_ANSWER:
            raise Unavailable(f"{subject}: an answer larger than {MAX_ANSWER} bytes")
    return bytes(content)
