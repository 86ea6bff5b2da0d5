"""The JSON that GitHub writes about teams, memberships and permissions. Source: its published description."""

from typing import Any

from local.github import shapes
from local.github.people import ROLES, Team, id_of

_SINCE = "2019-05-15T15:19:25Z"

_OLD_NAMES = {"read": "pull", "write": "push"}
"""How the permissions beside a user are still called."""

_LEGACY = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}
"""What `permission` says of a role. A custom role is said to be what it was made from: here `write`."""


def team(base: str, organization: str, slug: str, one: Team) -> dict[str, Any]:
    """Write a team."""
    api = f"{base}/teams/{one.id}"
    return {
        "id": one.id,
        "node_id": f"T_{one.id}",
        "url": api,
        "html_url": f"{base}/orgs/{organization}/teams/{slug}",
        "name": one.name,
        "slug": slug,
        "description": None,
        "privacy": "closed",
        "permission": "pull",
        "members_url": f"{api}/members{{/member}}",
        "repositories_url": f"{api}/repos",
        "parent": None,
        "type": "organization",
        "members_count": len(one.states),
        "repos_count": 0,
        "created_at": _SINCE,
        "updated_at": _SINCE,
        "organization": _organization(base, organization),
    }


def membership(base: str, one: Team, login: str, state: str) -> dict[str, Any]:
    """Write a membership. It names no id."""
    return {"url": f"{base}/teams/{one.id}/memberships/{login}", "role": "member", "state": state}


def permission(base: str, login: str, number: int, role: str) -> dict[str, Any]:
    """Write somebody's permission in a repository."""
    held = ROLES[: ROLES.index(role) + 1] if role in ROLES else []
    user = {
        **shapes.user(base, login, number),
        "permissions": {_OLD_NAMES.get(name, name): name in held for name in ROLES},
        "role_name": role,
    }
    return {"permission": _LEGACY.get(role, "write"), "user": user, "role_name": role}


def _organization(base: str, login: str) -> dict[str, Any]:
    api, number = f"{base}/orgs/{login}", id_of(login)
    addresses = {"hooks": "hooks", "issues": "issues", "repos": "repos", "events": "events"}
    return {
        "login": login,
        "id": number,
        "node_id": f"O_{number}",
        "url": api,
        "html_url": f"{base}/{login}",
        **{f"{name}_url": f"{api}/{path}" for name, path in addresses.items()},
        "members_url": f"{api}/members{{/member}}",
        "public_members_url": f"{api}/public_members{{/member}}",
        "avatar_url": f"{base}/avatars/u/{number}?v=4",
        "description": None,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "created_at": _SINCE,
        "updated_at": _SINCE,
        "archived_at": None,
    }
