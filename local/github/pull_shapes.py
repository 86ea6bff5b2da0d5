"""The JSON that GitHub writes about pull requests, comments and activity. Source: its REST documentation."""

from typing import Any

from local.github.commit_shapes import app
from local.github.pulls import Activity, Comment, Pull
from local.github.repositories import Repository
from local.github.shapes import repository, user

ISSUED_AT = "2019-05-15T15:20:18Z"
"""When every issue was opened that is no pull request."""

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def pull(base: str, of: Repository, one: Pull, sha: str, head: Repository | None) -> dict[str, Any]:
    """Write a pull request; `sha` is where its branch is now, `head` the repository that has the branch."""
    api, page = f"{base}/repos/{of.full_name}/pulls/{one.number}", f"{base}/{of.full_name}/pull/{one.number}"
    issue = f"{base}/repos/{of.full_name}/issues/{one.number}"
    links = {
        "comments_url": f"{issue}/comments",
        "commits_url": f"{api}/commits",
        "statuses_url": f"{base}/repos/{of.full_name}/statuses/{sha}",
        "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{base}/repos/{of.full_name}/pulls/comments{{/number}}",
    }
    whose = head.full_name.split("/")[0] if head is not None else one.author
    owner = of.full_name.split("/")[0]
    return {
        "url": api,
        "id": one.id,
        "node_id": f"PR_{one.id}",
        "html_url": page,
        "issue_url": issue,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **links,
        "number": one.number,
        "state": one.state,
        "locked": False,
        "title": one.title,
        "user": user(base, one.author),
        "body": None,
        "created_at": one.created_at,
        "updated_at": one.closed_at or one.created_at,
        "closed_at": one.closed_at,
        "merged_at": one.closed_at if one.merged else None,
        "draft": False,
        "head": {
            "label": f"{whose}:{one.branch}",
            "ref": one.branch,
            "sha": sha,
            "user": user(base, whose) if head is not None else None,
            "repo": repository(base, head) if head is not None else None,
        },
        "base": {
            "label": f"{owner}:main",
            "ref": "main",
            "sha": of.branches["main"],
            "user": user(base, owner),
            "repo": repository(base, of),
        },
        "_links": {
            "self": {"href": api},
            "html": {"href": page},
            "issue": {"href": issue},
            **{name.removesuffix("_url"): {"href": address} for name, address in links.items()},
        },
        "author_association": "NONE",
        "labels": [],
        **dict.fromkeys(("assignee", "auto_merge", "merge_commit_sha", "merged_by", "milestone")),
        "merged": one.merged,
        "mergeable": None if one.merged else True,
        "mergeable_state": "unknown" if one.merged else "clean",
        "maintainer_can_modify": False,
        **dict.fromkeys(("additions", "deletions", "comments", "review_comments"), 0),
        **dict.fromkeys(("commits", "changed_files"), 1),
    }


def issue(base: str, of: Repository, number: int, pull: Pull | None) -> dict[str, Any]:
    """Write an issue as a comment's delivery has it; a pull request is one that points to itself."""
    api = f"{base}/repos/{of.full_name}"
    kind = "issues" if pull is None else "pull"
    page = f"{base}/{of.full_name}/{kind}/{number}"
    written: dict[str, Any] = {
        "url": f"{api}/issues/{number}",
        "repository_url": api,
        **{f"{part}_url": f"{api}/issues/{number}/{part}" for part in ("comments", "events")},
        "labels_url": f"{api}/issues/{number}/labels{{/name}}",
        "html_url": page,
        "id": 330256250 + number,
        "node_id": f"I_{330256250 + number}",
        "number": number,
        "title": "Something is wrong" if pull is None else pull.title,
        "user": user(base, of.full_name.split("/")[0] if pull is None else pull.author),
        "labels": [],
        "assignees": [],
        "state": "open" if pull is None else pull.state,
        "locked": False,
        "author_association": "OWNER",
        "comments": 1,
        "created_at": ISSUED_AT if pull is None else pull.created_at,
        "updated_at": ISSUED_AT if pull is None else pull.created_at,
        "closed_at": None if pull is None else pull.closed_at,
        **dict.fromkeys(("active_lock_reason", "assignee", "milestone")),
        "reactions": _reactions(f"{api}/issues/{number}"),
        "body": "",
    }
    if pull is None:
        return written
    links = {"url": f"{api}/pulls/{number}", "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
    return {**written, "pull_request": links}


def comment(base: str, of: Repository, one: Comment) -> dict[str, Any]:
    """Write a comment."""
    api = f"{base}/repos/{of.full_name}/issues"
    return {
        "url": f"{api}/comments/{one.id}",
        "html_url": f"{base}/{of.full_name}/pull/{one.number}#issuecomment-{one.id}",
        "issue_url": f"{api}/{one.number}",
        "id": one.id,
        "node_id": f"IC_{one.id}",
        "user": user(base, one.author),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "author_association": "NONE",
        "body": one.body,
        "reactions": _reactions(f"{api}/comments/{one.id}"),
        "performed_via_github_app": None if one.app is None else {**app(base, "slipway"), "id": int(one.app)},
    }


def _reactions(of: str) -> dict[str, Any]:
    return {"url": f"{of}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}


def activity(base: str, one: Activity) -> dict[str, Any]:
    """Write one change of a branch."""
    return {
        "id": one.id,
        "node_id": f"PSH_{one.id}",
        "before": one.before,
        "after": one.after,
        "ref": one.ref,
        "timestamp": one.timestamp,
        "activity_type": one.kind,
        "actor": user(base, one.actor),
    }
