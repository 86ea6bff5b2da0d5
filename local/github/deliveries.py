"""Webhook deliveries as GitHub writes and signs them."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from local.github import shapes
from local.github.world import Release, Repository

HOOK_ID = 292430182


@dataclass(frozen=True)
class Delivery:
    """One signed HTTP call, ready to be sent."""

    headers: dict[str, str]
    body: bytes


def release_delivery(
    secret: str,
    base: str,
    repository: Repository,
    release: Release,
    action: str = "published",
    *,
    sender: str | None = None,
    guid: str | None = None,
) -> Delivery:
    """Say what happened to a release. `sender` is a login, by default the repository's owner's."""
    payload = {"action": action, "release": shapes.release(base, repository, release)}
    return _signed(secret, "release", _envelope(base, repository, payload, sender), repository, guid)


def ping_delivery(secret: str, base: str, repository: Repository) -> Delivery:
    """Ask whether somebody is there, as GitHub does when a webhook is made."""
    hook = {
        "type": "Repository",
        "id": HOOK_ID,
        "name": "web",
        "active": True,
        "events": ["release"],
        "config": {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": ""},
    }
    payload = {"zen": "Half measures are as bad as nothing at all.", "hook_id": HOOK_ID, "hook": hook}
    return _signed(secret, "ping", _envelope(base, repository, payload, None), repository, None)


def sign(secret: str, body: bytes) -> str:
    """Write `X-Hub-Signature-256`."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _envelope(base: str, repository: Repository, payload: dict[str, Any], sender: str | None) -> dict[str, Any]:
    login = sender or repository.full_name.split("/")[0]
    return {**payload, "repository": shapes.repository(base, repository), "sender": shapes.user(base, login)}


def _signed(secret: str, event: str, payload: dict[str, Any], repository: Repository, guid: str | None) -> Delivery:
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": guid or str(uuid4()),
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(HOOK_ID),
        "X-GitHub-Hook-Installation-Target-ID": str(repository.id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-Hub-Signature": f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}",
        "X-Hub-Signature-256": sign(secret, body),
    }
    return Delivery(headers, body)
