"""GitHub's webhooks: a signed delivery becomes an event. Pure.

Source: *Webhook events and payloads*, GitHub documentation. What else it says matters here:

- Publishing a release also sends `released` or `prereleased`, and `created` where it was no draft before: `published`
  alone is sent exactly once for each.
- A branch that is deleted is a push too, of zeros. So is a tag, which its release announces.
- A workflow runs for forks and pull requests as well; their commits were never pushed to a branch here.
- What we show on GitHub is a deployment, and comes back as an event.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from handlers import model
from handlers.errors import Malformed, Unproved
from handlers.events import (
    CommitReady,
    Delivery,
    Event,
    HttpReply,
    Ignored,
    Ping,
    ReleasePublished,
    Reply,
    Trigger,
)
from handlers.sources.fields import Id, Payload, header, read_fields, read_object, require_type
from handlers.sources.github_comments import read_comment
from handlers.sources.github_fields import Name, Ref, Repository, Sender, Sha, Url
from handlers.sources.signatures import is_signed, usable

ZEROS = "0" * 40
"""The commit that a deleted branch points to."""

_BUILDING_EVENTS = {"push", "workflow_dispatch"}
"""Runs for these build a commit of the branch itself. Those for a pull request build what is not merged yet."""


class _Release(Payload):
    id: Id
    tag_name: str = Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f]+$")
    """Git allows neither blanks nor control characters in a tag."""
    draft: bool
    prerelease: bool
    html_url: Url


class _RepositoryWithPages(Repository):
    html_url: Url
    default_branch: Ref


class _Published(Payload):
    release: _Release
    repository: Repository
    sender: Sender


class _PushedTo(_RepositoryWithPages):
    pushed_at: object = None
    """When this push came, by GitHub's clock: seconds since 1970 in this event, unlike in all others."""


class _Pushed(Payload):
    ref: Ref
    before: Sha
    after: Sha
    deleted: bool
    repository: _PushedTo
    sender: Sender


class _Fork(Payload):
    id: Id


class _Run(Payload):
    id: Id
    name: Name | None
    event: str
    conclusion: str | None
    head_sha: Sha
    head_branch: Ref | None
    """None where the branch is a fork's, or gone."""
    head_repository: _Fork | None
    """None where the fork is gone."""


class _Completed(Payload):
    workflow_run: _Run
    repository: _RepositoryWithPages
    sender: Sender


class _Deployment(Payload):
    id: Id
    sha: Sha
    ref: Ref
    task: str
    environment: Name
    payload: object = None
    """Whatever the deployment's maker put there: an object, or its text."""

    @property
    def ours(self) -> bool:
        """Whether we made it. A text that only mentions us counts too: better none than one that goes in a circle."""
        return isinstance(self.payload, dict | str) and "slipway" in self.payload


class _Created(Payload):
    deployment: _Deployment
    repository: _RepositoryWithPages
    sender: Sender


class GitHubSource:
    """Reads deliveries that are signed with one of the secrets; several at a time let one be replaced."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        """Take the active secrets. Blank ones are left out, and without any nothing is proved."""
        self._secrets = usable(secrets)

    def read(self, delivery: Delivery, now: datetime) -> Event:  # noqa: ARG002 - GitHub signs no time
        """Prove the delivery, then read what it says. Raises Unproved, then Malformed."""
        if not is_signed(delivery.headers.get("x-hub-signature-256"), delivery.body, self._secrets):
            raise Unproved
        require_type(delivery, "application/json", "; choose it in the webhook's settings on GitHub")
        event = header(delivery, "x-github-event", r"[a-z0-9_]{1,64}", "must be the name of an event")
        payload = read_object(delivery.body)
        action = payload.get("action")
        if event == "ping":
            return Ping()
        wanted = _WANTED.get(event)
        if wanted is None:
            return Ignored(f"nothing to do for {event}{_shown(action)}")
        if wanted.action is not None:
            if not isinstance(action, str):
                raise Malformed("action", "must be text")
            if action != wanted.action:
                return Ignored(f"nothing to do for {event}{_shown(action)}, only for {event} {wanted.action}")
        # Only for finding the call again: its absence is no reason to lose a release.
        guid = header(delivery, "x-github-delivery", r"[\x21-\x7e]{0,100}", "must be an id", absent="")
        return wanted.read(payload, guid)

    def render(self, reply: Reply) -> HttpReply:
        """Write the facts as JSON, with the status as it is: both are shown in GitHub's list of deliveries."""
        return HttpReply(reply.status, json.dumps(dict(reply.facts)).encode())


def _published(payload: object, guid: str) -> Event:
    published = read_fields(_Published, payload, "GitHub")
    release, repository = published.release, published.repository
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
        actor=published.sender.actor,
        delivery=guid,
    )


def _pushed(payload: object, guid: str) -> Event:
    pushed = read_fields(_Pushed, payload, "GitHub")
    if not pushed.ref.startswith("refs/heads/"):
        return Ignored("nothing to do for push of a tag or of anything else that is not a branch")
    if pushed.deleted or pushed.after == ZEROS:
        return Ignored("nothing to do for push that deletes a branch")
    branch = pushed.ref.removeprefix("refs/heads/")
    return CommitReady(
        commit=_commit(pushed.repository, pushed.after, branch),
        actor=pushed.sender.actor,
        delivery=guid,
        trigger=Trigger.PUSH,
        name=branch,
        object_id=f"{pushed.before}..{pushed.after}{_when(pushed.repository)}",
    )


def _when(repository: _PushedTo) -> str:
    """Tell two pushes apart that move a branch from and to the same commits: to and fro, and to again."""
    at = repository.pushed_at
    return f"@{at}" if isinstance(at, int) else ""


def _completed(payload: object, guid: str) -> Event:
    completed = read_fields(_Completed, payload, "GitHub")
    run, repository = completed.workflow_run, completed.repository
    reason = _why_not(run, repository)
    if reason is not None or run.name is None or run.head_branch is None:
        return Ignored(f"nothing to do for workflow_run completed {reason or 'without a name'}")
    return CommitReady(
        commit=_commit(repository, run.head_sha, run.head_branch),
        actor=completed.sender.actor,
        delivery=guid,
        trigger=Trigger.WORKFLOW,
        name=run.name,
        object_id=run.id,
    )


def _why_not(run: _Run, repository: _RepositoryWithPages) -> str | None:
    """Say why a run has built nothing that may be deployed, or None where it has."""
    if run.conclusion != "success":
        return "without success"
    if run.head_repository is None or run.head_repository.id != repository.id:
        return "for a fork"
    if run.event not in _BUILDING_EVENTS:
        return "for an event other than push and workflow_dispatch"
    if run.head_branch != repository.default_branch:
        return "outside the default branch"
    return None


def _created(payload: object, guid: str) -> Event:
    created = read_fields(_Created, payload, "GitHub")
    deployment = created.deployment
    if deployment.ours:
        return Ignored("nothing to do for deployment created by Slipway itself")
    if deployment.task != "deploy":
        return Ignored("nothing to do for deployment created with a task other than deploy")
    return CommitReady(
        commit=_commit(created.repository, deployment.sha, deployment.ref, deployment.id),
        actor=created.sender.actor,
        delivery=guid,
        trigger=Trigger.DEPLOYMENT,
        name=deployment.environment,
        object_id=deployment.id,
    )


def _commit(repository: _RepositoryWithPages, sha: str, branch: str, deployment: int | None = None) -> model.Commit:
    return model.Commit(
        repository=repository.full_name,
        repository_id=repository.id,
        sha=sha,
        branch=branch,
        url=f"{repository.html_url}/commit/{sha}",
        deployment=deployment,
    )


@dataclass(frozen=True)
class _Wanted:
    """How an event is read."""

    action: str | None
    """The only one that is; None where the event has none, or where its reader looks at it."""
    read: Callable[[object, str], Event]


_WANTED: Mapping[str, _Wanted] = {
    "release": _Wanted("published", _published),
    "push": _Wanted(None, _pushed),
    "workflow_run": _Wanted("completed", _completed),
    "deployment": _Wanted("created", _created),
    "issue_comment": _Wanted(None, read_comment),
}


def _shown(action: object) -> str:
    """Write the action after its event's name, if it has one that can be shown."""
    return f" {action}" if isinstance(action, str) and re.fullmatch(r"[a-z0-9_-]{1,64}", action) else ""
