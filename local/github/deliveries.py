"""Webhook deliveries as GitHub writes and signs them."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from local.github import commit_shapes, pull_shapes, shapes
from local.github.commits import ZEROS, Commit
from local.github.pulls import Comment
from local.github.releases import Release
from local.github.repositories import Deployment, Repository

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


def push_delivery(
    secret: str,
    base: str,
    repository: Repository,
    branch: str,
    commits: Sequence[Commit],
    *,
    before: str | None = None,
    forced: bool = False,
    sender: str | None = None,
    guid: str | None = None,
) -> Delivery:
    """Say that commits were pushed to a branch, oldest first; without any the branch was deleted at `before`."""
    old = before or (commits[0].parent if commits else repository.branches.get(branch, ZEROS))
    new = commits[-1].sha if commits else ZEROS
    login = sender or repository.full_name.split("/")[0]
    written = [commit_shapes.pushed_commit(base, repository, commit) for commit in commits]
    page = f"{base}/{repository.full_name}"
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": old,
        "after": new,
        "repository": commit_shapes.pushed_repository(base, repository),
        "pusher": {"name": login, "email": f"{login}@users.noreply.github.com"},
        "sender": shapes.user(base, login),
        "created": old == ZEROS,
        "deleted": new == ZEROS,
        "forced": forced,
        "base_ref": None,
        "compare": f"{page}/commit/{new}" if old == ZEROS else f"{page}/compare/{old[:12]}...{new[:12]}",
        "commits": written,
        "head_commit": written[-1] if written else None,
    }
    return _signed(secret, "push", payload, repository, guid)


@dataclass(frozen=True)
class Run:
    """A run of a workflow, as its delivery tells it."""

    id: int
    name: str
    branch: str | None
    conclusion: str | None = "success"
    """None while it goes on."""
    event: str = "push"
    workflow: int = 16340987
    """The workflow's number."""


def workflow_run_delivery(
    secret: str,
    base: str,
    repository: Repository,
    commit: Commit,
    run: Run,
    action: str = "completed",
    *,
    sender: str | None = None,
    guid: str | None = None,
) -> Delivery:
    """Say how far a run of a workflow is on a commit."""
    fields = {
        "id": run.id,
        "name": run.name,
        "event": run.event,
        "status": "completed" if run.conclusion is not None else "in_progress",
        "conclusion": run.conclusion,
        "head_branch": run.branch,
        "workflow_id": run.workflow,
    }
    payload = {
        "action": action,
        "workflow": commit_shapes.workflow(base, repository, run.name, run.workflow),
        "workflow_run": commit_shapes.workflow_run(base, repository, commit, fields),
    }
    return _signed(secret, "workflow_run", _envelope(base, repository, payload, sender), repository, guid)


def deployment_delivery(
    secret: str,
    base: str,
    repository: Repository,
    deployment: Deployment,
    *,
    sender: str | None = None,
    guid: str | None = None,
) -> Delivery:
    """Say that somebody created a deployment."""
    written = {**shapes.deployment(base, repository, deployment), "performed_via_github_app": None}
    payload = {"action": "created", "deployment": written, "workflow": None, "workflow_run": None}
    return _signed(secret, "deployment", _envelope(base, repository, payload, sender), repository, guid)


def comment_delivery(
    secret: str,
    base: str,
    repository: Repository,
    comment: Comment,
    action: str = "created",
    *,
    sender: str | None = None,
    guid: str | None = None,
) -> Delivery:
    """Say that somebody wrote, edited or deleted a comment; `sender` is its author where nobody else is named."""
    payload = {
        "action": action,
        "issue": pull_shapes.issue(base, repository, comment.number, repository.pulls.get(comment.number)),
        "comment": pull_shapes.comment(base, repository, comment),
    }
    if action == "edited":
        payload["changes"] = {"body": {"from": ""}}
    whose = sender or comment.author
    return _signed(secret, "issue_comment", _envelope(base, repository, payload, whose), repository, guid)


def ping_delivery(secret: str, base: str, repository: Repository) -> Delivery:
    """Ask whether somebody is there, as GitHub does when a webhook is made."""
    hook = {
        "type": "Repository",
        "id": HOOK_ID,
        "name": "web",
        "active": True,
        "events": ["release"],
        "config": {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": ""},
        "created_at": "2019-05-15T15:19:25Z",
        "updated_at": "2019-05-15T15:19:25Z",
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
