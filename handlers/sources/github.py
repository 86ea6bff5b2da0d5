"""GitHub's webhooks: a signed delivery becomes an event. Pure.

Source: *Webhook events and payloads*, GitHub documentation. Publishing a release also sends `released` or
`prereleased`, and `created` where it was no draft before: `published` alone is sent exactly once for each.
"""

import json
import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from handlers import model
from handlers.errors import Malformed, Unproved
from handlers.events import Delivery, Event, HttpReply, Ignored, Ping, ReleasePublished, Reply
from handlers.sources import strict_json
from handlers.sources.signatures import is_signed, usable


def _no_dot_segments(full_name: str) -> str:
    if {".", ".."} & set(full_name.split("/")):
        raise ValueError
    return full_name


Id = Annotated[int, Field(ge=1, lt=2**63)]
RepositoryName = Annotated[
    str, Field(max_length=140, pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"), AfterValidator(_no_dot_segments)
]
"""`owner/name`: 39 and 100 characters at most. It becomes part of an address, so no segment may be `..`."""


class _Payload(BaseModel):
    """What GitHub writes: only what is read is declared, and that by its exact type."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Release(_Payload):
    id: Id
    tag_name: str = Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f]+$")
    """Git allows neither blanks nor control characters in a tag."""
    draft: bool
    prerelease: bool
    html_url: str = Field(max_length=2048, pattern=r"^https?://[^\x00-\x20\x7f]+$")


class _Repository(_Payload):
    id: Id
    full_name: RepositoryName


class _Sender(_Payload):
    id: Id
    login: str = Field(min_length=1, max_length=100)


class _Published(_Payload):
    release: _Release
    repository: _Repository
    sender: _Sender


class GitHubSource:
    """Reads deliveries that are signed with one of the secrets; several at a time let one be replaced."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        """Take the active secrets. Blank ones are left out, and without any nothing is proved."""
        self._secrets = usable(secrets)

    def read(self, delivery: Delivery, now: datetime) -> Event:  # noqa: ARG002 - GitHub signs no time
        """Prove the delivery, then read what it says. Raises Unproved, then Malformed."""
        if not is_signed(delivery.headers.get("x-hub-signature-256"), delivery.body, self._secrets):
            raise Unproved
        _require_json(delivery.headers.get("content-type", "application/json"))
        event = _header(delivery, "x-github-event", r"[a-z0-9_]{1,64}", "must be the name of an event")
        payload = strict_json.parse(delivery.body)
        if not isinstance(payload, dict):
            raise Malformed(strict_json.WHOLE, "must be an object")
        action = payload.get("action")
        if event == "ping":
            return Ping()
        if event != "release":
            return Ignored(f"nothing to do for {event}{_shown(action)}")
        if not isinstance(action, str):
            raise Malformed("action", "must be text")
        if action != "published":
            return Ignored(f"nothing to do for release{_shown(action)}, only for release published")
        return _published(payload, delivery)

    def render(self, reply: Reply) -> HttpReply:
        """Write the facts as JSON, with the status as it is: both are shown in GitHub's list of deliveries."""
        return HttpReply(reply.status, json.dumps(dict(reply.facts)).encode())


def _published(payload: object, delivery: Delivery) -> Event:
    try:
        published = _Published.model_validate(payload)
    except ValidationError as error:
        first = error.errors()[0]
        raise Malformed(".".join(map(str, first["loc"])), _rule(first)) from None
    release, repository, sender = published.release, published.repository, published.sender
    if release.draft:
        return Ignored("nothing to do for release published of a draft")
    return ReleasePublished(
        release=model.Release(
            repository=repository.full_name,
            repository_id=repository.id,
            id=release.id,
            tag=release.tag_name,
            prerelease=release.prerelease,
            url=release.html_url,
        ),
        actor=model.Actor(source=model.Source.GITHUB, id=str(sender.id), name=sender.login),
        # Only for finding the call again: its absence is no reason to lose a release.
        delivery=_header(delivery, "x-github-delivery", r"[\x21-\x7e]{0,100}", "must be an id", absent=""),
    )


def _require_json(content_type: str) -> None:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Malformed("content-type", "must be application/json; choose it in the webhook's settings on GitHub")


def _header(delivery: Delivery, name: str, pattern: str, rule: str, absent: str | None = None) -> str:
    value = delivery.headers.get(name, absent)
    if value is None:
        raise Malformed(name, "missing")
    if not re.fullmatch(pattern, value):
        raise Malformed(name, rule)
    return value


def _shown(action: object) -> str:
    """Write the action after its event's name, if it has one that can be shown."""
    return f" {action}" if isinstance(action, str) and re.fullmatch(r"[a-z0-9_-]{1,64}", action) else ""


_RULES = {
    "missing": "missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "model_type": "must be an object",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
}
"""Pydantic's kinds of mistakes in our words."""


def _rule(mistake: ErrorDetails) -> str:
    return _RULES.get(mistake["type"], "must be of the form that GitHub documents").format(**mistake.get("ctx", {}))
