"""The JSON that GitHub writes about its things. Source: the REST documentation's examples and recorded deliveries."""

from typing import Any

from local.github.access import App
from local.github.people import id_of
from local.github.releases import Asset, Release
from local.github.repositories import Deployment, Repository

_REPOSITORY_ADDRESSES = {
    "forks": "/forks",
    "keys": "/keys{/key_id}",
    "collaborators": "/collaborators{/collaborator}",
    "teams": "/teams",
    "hooks": "/hooks",
    "issue_events": "/issues/events{/number}",
    "events": "/events",
    "assignees": "/assignees{/user}",
    "branches": "/branches{/branch}",
    "tags": "/tags",
    "blobs": "/git/blobs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "git_refs": "/git/refs{/sha}",
    "trees": "/git/trees{/sha}",
    "statuses": "/statuses/{sha}",
    "languages": "/languages",
    "stargazers": "/stargazers",
    "contributors": "/contributors",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "commits": "/commits{/sha}",
    "git_commits": "/git/commits{/sha}",
    "comments": "/comments{/number}",
    "issue_comment": "/issues/comments{/number}",
    "contents": "/contents/{+path}",
    "compare": "/compare/{base}...{head}",
    "merges": "/merges",
    "archive": "/{archive_format}{/ref}",
    "downloads": "/downloads",
    "issues": "/issues{/number}",
    "pulls": "/pulls{/number}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "labels": "/labels{/name}",
    "releases": "/releases{/id}",
    "deployments": "/deployments",
}

_USER_ADDRESSES = {
    "followers": "/followers",
    "following": "/following{/other_user}",
    "gists": "/gists{/gist_id}",
    "starred": "/starred{/owner}{/repo}",
    "subscriptions": "/subscriptions",
    "organizations": "/orgs",
    "repos": "/repos",
    "events": "/events{/privacy}",
    "received_events": "/received_events",
}


def user(base: str, login: str, number: int | None = None) -> dict[str, Any]:
    """Write a user. Their id follows from the login where none is given."""
    number = number or id_of(login)
    api = f"{base}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": f"U_{number}",
        "avatar_url": f"{base}/avatars/u/{number}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{base}/{login}",
        **{f"{name}_url": api + path for name, path in _USER_ADDRESSES.items()},
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }


def whole_user(base: str, login: str, number: int | None = None) -> dict[str, Any]:
    """Write a user as everybody sees them, and they themselves with a token that may not see what is private."""
    unsaid = ("name", "company", "location", "email", "hireable", "bio")
    counts = ("public_repos", "public_gists", "followers", "following")
    times = {"created_at": "2019-05-15T15:19:25Z", "updated_at": "2019-05-15T15:20:41Z"}
    return {**user(base, login, number), "blog": "", **dict.fromkeys(unsaid), **dict.fromkeys(counts, 0), **times}


def repository(base: str, one: Repository) -> dict[str, Any]:
    """Write a repository."""
    owner, name = one.full_name.split("/")
    api, page = f"{base}/repos/{one.full_name}", f"{base}/{one.full_name}"
    return {
        "id": one.id,
        "node_id": f"R_{one.id}",
        "name": name,
        "full_name": one.full_name,
        "private": one.private,
        "owner": user(base, owner),
        "html_url": page,
        "description": None,
        "fork": False,
        "url": api,
        **{f"{kind}_url": api + path for kind, path in _REPOSITORY_ADDRESSES.items()},
        "created_at": "2019-05-15T15:19:25Z",
        "updated_at": "2019-05-15T15:20:41Z",
        "pushed_at": "2019-05-15T15:20:52Z",
        "git_url": f"git://{page.partition('://')[2]}.git",
        "ssh_url": f"git@{base.partition('://')[2]}:{one.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "homepage": None,
        "size": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": "C#",
        "has_issues": True,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": False,
        "disabled": False,
        "open_issues_count": 0,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if one.private else "public",
        "forks": 0,
        "open_issues": 0,
        "watchers": 0,
        "default_branch": "main",
    }


def whole_repository(base: str, one: Repository) -> dict[str, Any]:
    """Write a repository as it is given when it alone is asked for."""
    return {**repository(base, one), "network_count": 0, "subscribers_count": 0}


def installation(base: str, of: Repository, app: App, number: int) -> dict[str, Any]:
    """Write an installation of the app, for a repository's owner."""
    owner = user(base, of.full_name.split("/")[0])
    return {
        "id": number,
        "account": owner,
        "repository_selection": "selected",
        "access_tokens_url": f"{base}/app/installations/{number}/access_tokens",
        "repositories_url": f"{base}/installation/repositories",
        "html_url": f"{base}/settings/installations/{number}",
        "app_id": int(app.id) if app.id.isdecimal() else number,
        "app_slug": "slipway",
        "target_id": owner["id"],
        "target_type": owner["type"],
        "permissions": app.permissions,
        "events": ["release"],
        "created_at": "2019-05-15T15:19:25Z",
        "updated_at": "2019-05-15T15:20:41Z",
        "single_file_name": None,
        "suspended_at": None,
        "suspended_by": None,
    }


def asset(base: str, of: Repository, release: Release, one: Asset) -> dict[str, Any]:
    """Write an asset."""
    return {
        "url": f"{base}/repos/{of.full_name}/releases/assets/{one.id}",
        "browser_download_url": f"{base}/{of.full_name}/releases/download/{release.tag}/{one.name}",
        "id": one.id,
        "node_id": f"RA_{one.id}",
        "name": one.name,
        "label": "",
        "state": one.state,
        "content_type": one.content_type,
        "size": one.content.size,
        "digest": one.digest,
        "download_count": 0,
        "created_at": one.uploaded_at,
        "updated_at": one.uploaded_at,
        "uploader": user(base, of.full_name.split("/")[0]),
    }


def release(base: str, of: Repository, one: Release) -> dict[str, Any]:
    """Write a release."""
    api = f"{base}/repos/{of.full_name}/releases/{one.id}"
    return {
        "url": api,
        "assets_url": f"{api}/assets",
        "upload_url": f"{api}/assets{{?name,label}}",
        "html_url": f"{base}/{of.full_name}/releases/tag/{one.tag}",
        "id": one.id,
        "author": user(base, of.full_name.split("/")[0]),
        "node_id": f"RE_{one.id}",
        "tag_name": one.tag,
        "target_commitish": one.target,
        "name": one.name,
        "draft": one.draft,
        "immutable": False,
        "prerelease": one.prerelease,
        "created_at": one.created_at,
        "updated_at": one.created_at,
        "published_at": None if one.draft else one.created_at,
        "assets": [asset(base, of, one, each) for each in one.assets],
        "tarball_url": f"{base}/repos/{of.full_name}/tarball/{one.tag}",
        "zipball_url": f"{base}/repos/{of.full_name}/zipball/{one.tag}",
        "body": one.body,
    }


def deployment(base: str, of: Repository, one: Deployment) -> dict[str, Any]:
    """Write a deployment."""
    api = f"{base}/repos/{of.full_name}/deployments/{one.id}"
    return {
        "url": api,
        "id": one.id,
        "node_id": f"DE_{one.id}",
        "sha": one.sha,
        "description": None,
        **one.fields,
        "original_environment": one.fields["environment"],
        "creator": user(base, of.full_name.split("/")[0]),
        "created_at": one.created_at,
        "updated_at": one.created_at,
        "statuses_url": f"{api}/statuses",
        "repository_url": f"{base}/repos/{of.full_name}",
    }


def status(base: str, of: Repository, deployment_: Deployment, one: dict[str, Any]) -> dict[str, Any]:
    """Write a deployment's status."""
    api = f"{base}/repos/{of.full_name}/deployments/{deployment_.id}"
    return {
        "url": f"{api}/statuses/{one['id']}",
        "id": one["id"],
        "node_id": f"DES_{one['id']}",
        "state": one["state"],
        "creator": user(base, of.full_name.split("/")[0]),
        "description": one.get("description", ""),
        "environment": deployment_.fields["environment"],
        "target_url": one.get("log_url", ""),
        "log_url": one.get("log_url", ""),
        "environment_url": one.get("environment_url", ""),
        "created_at": one["created_at"],
        "updated_at": one["created_at"],
        "deployment_url": api,
        "repository_url": f"{base}/repos/{of.full_name}",
    }
