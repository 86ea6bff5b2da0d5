"""What the fake GitHub knows about people: their numbers, their roles, their teams. No HTTP."""

import hashlib
from dataclasses import dataclass, field

OWNER_ID = 21031067

ROLES = ["read", "triage", "write", "maintain", "admin"]
"""GitHub's own, from the lowest to the highest."""


@dataclass
class Team:
    """A team of an organization."""

    id: int
    name: str
    states: dict[int, str] = field(default_factory=dict)
    """By the numbers of users: `active`, or `pending` for who was invited."""


def id_of(login: str) -> int:
    """Return the number that a user has who was given none."""
    return OWNER_ID + int(hashlib.sha256(login.lower().encode()).hexdigest()[:6], 16)
