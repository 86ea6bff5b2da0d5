"""The JSON that GitHub writes about commits, checks and workflows. Source: its REST documentation and deliveries."""

import hashlib
from datetime import datetime
from typing import Any

from local.github.commits import ACTIONS, CheckRun, Commit, CommitStatus, combined_state
from local.github.repositories import Repository
from local.github.shapes import repository, user

WORKFLOW = ".github/workflows/build.yml"
"""The file of every workflow."""

_ACTIONS_ID = 15368
_NOT_IN_SHORT = {
    *("created_at", "updated_at", "pushed_at", "git_url", "ssh_url", "clone_url", "svn_url", "homepage", "size"),
    *("stargazers_count", "watchers_count", "language", "has_issues", "has_projects", "has_downloads", "has_wiki"),
    *("has_pages", "forks_count", "mirror_url", "archived", "disabled", "open_issues_count", "license", "forks"),
    *("open_issues", "watchers", "default_branch", "has_discussions", "allow_forking", "is_template", "topics"),
    *("visibility", "web_commit_signoff_required"),
}


def _email(login: str) -> str:
    return f"{login}@users.noreply.github.com"


def pushed_repository(base: str, one: Repository) -> dict[str, Any]:
    """Write a repository as a push has it: older than the others, with times as numbers."""
    written = repository(base, one)
    owner = one.full_name.split("/")[0]
    return {
        **written,
        "owner": {"name": owner, "email": _email(owner), **written["owner"]},
        "created_at": _epoch(written["created_at"]),
        "pushed_at": _epoch(written["pushed_at"]),
        "stargazers": 0,
        "master_branch": "main",
    }


def short_repository(base: str, one: Repository) -> dict[str, Any]:
    """Write a repository as it stands inside other things."""
    return {name: value for name, value in repository(base, one).items() if name not in _NOT_IN_SHORT}


def pushed_commit(base: str, of: Repository, one: Commit) -> dict[str, Any]:
    """Write a commit as a push has it."""
    person = {"name": one.author, "email": _email(one.author), "username": one.author}
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message,
        "timestamp": one.timestamp,
        "url": f"{base}/{of.full_name}/commit/{one.sha}",
        "author": person,
        "committer": person,
        "added": list(one.added),
        "removed": [],
        "modified": list(one.modified),
    }


def check_run(base: str, of: Repository, one: CheckRun) -> dict[str, Any]:
    """Write a check run."""
    api = f"{base}/repos/{of.full_name}/check-runs/{one.id}"
    page = f"{base}/{of.full_name}/runs/{one.id}"
    return {
        "id": one.id,
        "head_sha": one.sha,
        "node_id": f"CR_{one.id}",
        "external_id": "",
        "url": api,
        "html_url": page,
        "details_url": page,
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": one.started_at,
        "completed_at": one.started_at if one.status == "completed" else None,
        "output": {
            "title": None,
            "summary": None,
            "text": None,
            "annotations_count": 0,
            "annotations_url": f"{api}/annotations",
        },
        "name": one.name,
        "check_suite": {"id": one.suite},
        "app": app(base, one.app),
        "pull_requests": [],
    }


def app(base: str, slug: str) -> dict[str, Any]:
    """Write an app. Its id follows from its slug."""
    number = _ACTIONS_ID if slug == ACTIONS else 20000 + int(hashlib.sha256(slug.encode()).hexdigest()[:6], 16)
    return {
        "id": number,
        "slug": slug,
        "node_id": f"A_{number}",
        "owner": user(base, "github"),
        "name": slug,
        "description": "",
        "external_url": base,
        "html_url": f"{base}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2019-12-10T19:04:12Z",
        "permissions": {"checks": "write"},
        "events": [],
    }


def listed_status(base: str, of: Repository, sha: str, one: CommitStatus) -> dict[str, Any]:
    """Write a commit status as the list has it: with who wrote it. An app does so as a user of its own."""
    kind = "Bot" if one.creator.endswith("[bot]") else "User"
    return {**commit_status(base, of, sha, one), "creator": {**user(base, one.creator), "type": kind}}


def commit_status(base: str, of: Repository, sha: str, one: CommitStatus) -> dict[str, Any]:
    """Write a commit status."""
    return {
        "url": f"{base}/repos/{of.full_name}/statuses/{sha}",
        "avatar_url": user(base, one.creator)["avatar_url"],
        "id": one.id,
        "node_id": f"SC_{one.id}",
        "state": one.state,
        "description": one.description,
        "target_url": None,
        "context": one.context,
        "created_at": one.created_at,
        "updated_at": one.created_at,
    }


def new_status(base: str, of: Repository, sha: str, one: CommitStatus) -> dict[str, Any]:
    """Write a commit status as it is given to who has written it."""
    return {**commit_status(base, of, sha, one), "creator": user(base, one.creator)}


def combined_status(
    base: str, of: Repository, sha: str, shown: list[Any], of_all: list[CommitStatus]
) -> dict[str, Any]:
    """Write one page of a commit's latest statuses, and what all of them mean together."""
    api = f"{base}/repos/{of.full_name}/commits/{sha}"
    return {
        "state": combined_state(of_all),
        "statuses": shown,
        "sha": sha,
        "total_count": len(of_all),
        "repository": short_repository(base, of),
        "commit_url": api,
        "url": f"{api}/status",
    }


def workflow(base: str, of: Repository, name: str, number: int) -> dict[str, Any]:
    """Write a workflow."""
    return {
        "badge_url": f"{base}/{of.full_name}/workflows/build/badge.svg",
        "created_at": "2021-12-15T20:11:38.000Z",
        "html_url": f"{base}/{of.full_name}/blob/main/{WORKFLOW}",
        "id": number,
        "name": name,
        "node_id": f"W_{number}",
        "path": WORKFLOW,
        "state": "active",
        "updated_at": "2021-12-16T18:40:41.000Z",
        "url": f"{base}/repos/{of.full_name}/actions/workflows/{number}",
    }


def workflow_run(base: str, of: Repository, one: Commit, run: dict[str, Any]) -> dict[str, Any]:
    """Write a run of a workflow. `run` has its id, name, event, status, conclusion, head_branch and workflow_id."""
    api = f"{base}/repos/{of.full_name}/actions/runs/{run['id']}"
    person = {"name": one.author, "email": _email(one.author)}
    suite = run["id"] + 1
    return {
        **run,
        "actor": user(base, one.author),
        **{f"{part}_url": f"{api}/{part}" for part in ("artifacts", "cancel", "jobs", "logs", "rerun")},
        "check_suite_id": suite,
        "check_suite_node_id": f"CS_{suite}",
        "check_suite_url": f"{base}/repos/{of.full_name}/check-suites/{suite}",
        "created_at": one.timestamp,
        "head_commit": {
            "author": person,
            "committer": person,
            "id": one.sha,
            "message": one.message,
            "timestamp": one.timestamp,
            "tree_id": one.tree,
        },
        "head_repository": short_repository(base, of),
        "head_sha": one.sha,
        "html_url": f"{base}/{of.full_name}/actions/runs/{run['id']}",
        "node_id": f"WFR_{run['id']}",
        "path": WORKFLOW,
        "previous_attempt_url": None,
        "pull_requests": [],
        "repository": short_repository(base, of),
        "run_attempt": 1,
        "run_number": 1,
        "run_started_at": one.timestamp,
        "triggering_actor": user(base, one.author),
        "updated_at": one.timestamp,
        "url": api,
        "workflow_url": f"{base}/repos/{of.full_name}/actions/workflows/{run['workflow_id']}",
    }


def _epoch(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())
