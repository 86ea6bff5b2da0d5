"""The JSON that GitHub writes about branches, tags and comparisons. Source: its REST documentation."""

from typing import Any

from local.github.commits import Commit, Comparison
from local.github.repositories import Repository
from local.github.shapes import user


def commit(base: str, of: Repository, sha: str) -> dict[str, Any]:
    """Write a commit. One that nobody has pushed here has no more than its id."""
    one = of.network.get(sha)
    api = f"{base}/repos/{of.full_name}"
    parents = one.parents if one is not None else ()
    return {
        "url": f"{api}/commits/{sha}",
        "sha": sha,
        "node_id": f"C_{sha[:12]}",
        "html_url": f"{base}/{of.full_name}/commit/{sha}",
        "comments_url": f"{api}/commits/{sha}/comments",
        "commit": _told(api, one) if one is not None else {},
        "author": user(base, one.author) if one is not None else None,
        "committer": user(base, one.author) if one is not None else None,
        "parents": [{"url": f"{api}/commits/{parent}", "sha": parent} for parent in parents],
    }


def comparison(base: str, of: Repository, one: str, other: str, between: Comparison) -> dict[str, Any]:
    """Write how a head relates to a base."""
    page = f"{base}/{of.full_name}/compare/{one}...{other}"
    return {
        "url": f"{base}/repos/{of.full_name}/compare/{one}...{other}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commit(base, of, one),
        "merge_base_commit": commit(base, of, between.merge_base),
        "status": between.status,
        "ahead_by": len(between.ahead),
        "behind_by": between.behind,
        "total_commits": len(between.ahead),
        "commits": [commit(base, of, sha) for sha in between.ahead],
        "files": [],
    }


def tag(base: str, of: Repository, name: str) -> dict[str, Any]:
    """Write a tag as a list has it."""
    api, sha = f"{base}/repos/{of.full_name}", of.tags[name]
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
        "zipball_url": f"{api}/zipball/refs/tags/{name}",
        "tarball_url": f"{api}/tarball/refs/tags/{name}",
        "node_id": f"REF_{name}",
    }


def reference(base: str, of: Repository, ref: str, sha: str) -> dict[str, Any]:
    """Write a reference."""
    api = f"{base}/repos/{of.full_name}/git"
    return {
        "ref": ref,
        "node_id": f"REF_{ref}",
        "url": f"{api}/{ref}",
        "object": {"type": "commit", "sha": sha, "url": f"{api}/commits/{sha}"},
    }


def _told(api: str, one: Commit) -> dict[str, Any]:
    person = {"name": one.author, "email": f"{one.author}@users.noreply.github.com", "date": one.timestamp}
    return {
        "url": f"{api}/git/commits/{one.sha}",
        "author": person,
        "committer": person,
        "message": one.message,
        "tree": {"url": f"{api}/git/trees/{one.tree}", "sha": one.tree},
        "comment_count": 0,
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }
