"""An environment with every kind of rule, and people in every relation to it."""

from datetime import UTC, datetime
from typing import Any

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.model import Actor, GitHubPlace, Source
from handlers.policy import Attempt, Entrance, Message
from tests.flows.world import PRODUCTION

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""

PLACE: Environment = PRODUCTION.model_copy(
    update={
        "allow": {Source.SLACK: ("ALLOWED",), Source.MATTERMOST: ("other",)},
        "push": "main",
        "comments": True,
        "rights": {
            Right.DEPLOY: ("mona", "slack:DEPLOYER", "any:release"),
            Right.UNLOCK_OTHERS: ("mona",),
            Right.BREAK_GLASS: ("mona",),
            Right.SWAP: (),
        },
        "people": {"mona": {Source.SLACK: ("MONA",), Source.GITHUB: ("1",)}},
    }
)
"""Releases and two people deploy, one person has the rights that have to be named, nobody swaps."""

GROUPED: Environment = PLACE.model_copy(
    update={
        "allow": {Source.SLACK: ("slack-group:S1",)},
        "rights": {
            Right.DEPLOY: ("github-team:contoso/deployers", "any:push"),
            Right.CONFIG: ("github-permission:maintain",),
            Right.LOCK: ("slack-group:S1",),
            Right.BREAK_GLASS: ("github-team:contoso/deployers",),
        },
    }
)
"""Nobody is named: teams, permissions and user groups decide, but for what is pushed."""


COMMENT = GitHubPlace(repository="contoso/web", repository_id=7, number=12, comment=34, commented_at=NOW)
"""A comment on a pull request of the environment's repository."""


def somebody(source: Source, id_: str, name: str = "mona") -> Actor:
    """Return an identity. Whoever wants to can be called mona."""
    return Actor(source=source, id=id_, name=name)


ROLES = {
    "on the allow list": somebody(Source.SLACK, "ALLOWED"),
    "named as a person": somebody(Source.SLACK, "MONA"),
    "named as a person, by another identity": somebody(Source.GITHUB, "1"),
    "named by id": somebody(Source.SLACK, "DEPLOYER"),
    "a stranger": somebody(Source.SLACK, "STRANGER"),
    "the allowed id from another chat": somebody(Source.TEAMS, "ALLOWED"),
    "the allowed id, in other letters": somebody(Source.SLACK, "allowed"),
    "the deployer's id from GitHub": somebody(Source.GITHUB, "DEPLOYER"),
    "the person's name as an id": somebody(Source.SLACK, "mona"),
}


def attempt(
    right: Right = Right.SUSPEND,
    actor: Actor = ROLES["on the allow list"],
    entrance: Entrance = Entrance.CHAT,
    environment: Environment = PLACE,
    **facts: Any,
) -> Attempt:
    """Attempt something, now; in a comment where that is the entrance."""
    facts.setdefault("place", COMMENT if entrance is Entrance.COMMENT else None)
    return Attempt(right, environment, actor, entrance, facts.pop("now", NOW), **facts)


MESSAGES = tuple(Message)
