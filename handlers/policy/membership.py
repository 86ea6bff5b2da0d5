"""What others say of somebody: whether they count in a team, a permission or a user group. Values and their order."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.environments.groups import Group

ROLES = ("read", "triage", "write", "maintain", "admin")
"""GitHub's own roles in a repository, from the lowest to the highest. Each includes those before it."""


class Membership(StrEnum):
    """How it stands."""

    MEMBER = "member"
    NOT_A_MEMBER = "not a member"
    UNKNOWN = "unknown"
    """Whoever keeps the list does not say it, and would not if asked again. As good as no."""


@dataclass(frozen=True)
class Answer:
    """What was said when it was asked."""

    membership: Membership
    words: str
    """For people: why, and what helps. Without a full stop at the end."""


@dataclass(frozen=True)
class Question:
    """What is asked: whether an identity counts in a group."""

    group: Group
    identity: str
    """The immutable id at the group's source."""


def has_role(role: str, wanted: str) -> bool:
    """Say whether a role in a repository is the one that is wanted, or includes it.

    A custom role is itself alone: what it includes is its organization's choice, and may change.
    """
    if role in ROLES and wanted in ROLES:
        return ROLES.index(role) >= ROLES.index(wanted)
    return role == wanted
