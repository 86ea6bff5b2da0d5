"""HTTP from here to the parts: over loopback, past every proxy, one answer as a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT_S = 10.0
"""Seconds for one call. Our choice, and GitHub's for a delivery."""


class PartFailed(RuntimeError):
    """A part answered its own admin call with something else than success. A bug of the part, or it is down."""


@dataclass(frozen=True)
class Answer:
    """What a delivery was answered with."""

    status: int
    """0 where nobody answered."""
    text: str
    """The body, or the kind of error where nobody answered."""

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object in the body; empty where it is none."""
        try:
            read = json.loads(self.text)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def requests(self) -> tuple[str, ...]:
        """The ids of the deployment requests that the delivery became, in the order of the environments."""
        return tuple(one["id"] for one in self.body.get("requests", ()))


def session() -> requests.Session:
    """Make a session that no proxy setting and no `.netrc` of this machine reaches."""
    made = requests.Session()
    made.trust_env = False
    return made


def call(via: requests.Session, name: str, method: str, url: str, body: object = None, **more: Any) -> Any:
    """Make one call of `name`'s and return the JSON of its answer, None where it is empty. Raises PartFailed."""
    try:
        answer = via.request(method, url, json=body, timeout=TIMEOUT_S, **more)
    except requests.RequestException as error:
        raise PartFailed(f"{name} does not answer: {type(error).__name__}.") from error
    if not answer.ok:
        raise PartFailed(f"{name} answered {method} {answer.request.path_url} with {answer.status_code}: {answer.text}")
    return answer.json() if answer.content else None


def send(via: requests.Session, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send one delivery, these exact bytes."""
    try:
        answer = via.post(url, data=body, headers=dict(headers), timeout=TIMEOUT_S)
    except requests.RequestException as error:
        return Answer(0, type(error).__name__)
    return Answer(answer.status_code, answer.text)
