"""Who: immutable ids decide, names are for reading."""

from collections.abc import Mapping

from handlers.environments import Environment
from handlers.environments.people import who_is
from handlers.environments.rights import NAMED_ONLY, Right
from handlers.model import Actor
from handlers.policy.attempt import BY_PEOPLE, Attempt, Entrance
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling


def rule_right(attempt: Attempt) -> Ruling:
    """Say whether this identity has the right, or the entrance itself."""
    environment, actor, right = attempt.environment, attempt.actor, attempt.right
    place = environment.name
    if attempt.entrance not in BY_PEOPLE and right not in _EVER[attempt.entrance]:
        return Ruling(Reason.NOBODY_ALLOWED, f"Nothing that comes by {attempt.entrance} may ever {right}.")
    if right in environment.rights:
        return _by_rights(attempt)
    if attempt.entrance not in BY_PEOPLE:
        if _takes(environment, attempt.entrance, right):
            return Ruling(Reason.ANYBODY_BY_THIS_ENTRANCE, f"{place} takes this from every {attempt.entrance}.")
        return Ruling(Reason.NOBODY_ALLOWED, f"{place} takes no {right} from a {attempt.entrance}.")
    if right in NAMED_ONLY:
        return Ruling(Reason.NOBODY_ALLOWED, f"Nobody has the right {right} in {place}: rights.{right} is not there.")
    allowed = environment.allow.get(actor.source, ())
    if actor.id in allowed:
        return Ruling(Reason.ALLOWED, f"Your {actor.source} id is on the allow list of {place}.")
    if not allowed:
        return Ruling(
            Reason.NOBODY_ALLOWED, f"Nobody may command {place} from {actor.source}: its allow list is empty."
        )
    return Ruling(
        Reason.NOT_ALLOWED, f"You may not command {place}: your {actor.source} id {actor.id} is not on its allow list."
    )


def has_right(actor: Actor, right: Right, environment: Environment) -> bool:
    """Say whether `rights` names this identity, or the person behind it."""
    subjects = environment.rights.get(right, ())
    return f"{actor.source}:{actor.id}" in subjects or who_is(actor, environment.people) in subjects


def who_may(right: Right, environment: Environment) -> str:
    """Say who has a right, and by which key, for people."""
    if right in environment.rights:
        return f"{right} {environment.name}: rights.{right} says {', '.join(environment.rights[right]) or 'nobody'}."
    if right in NAMED_ONLY:
        return f"{right} {environment.name}: nobody; rights.{right} is not there, and allow does not give it."
    ids = [f"{source}:{one}" for source, given in environment.allow.items() for one in given]
    entrances = [f"any:{entrance}" for entrance in Entrance if _takes(environment, entrance, right)]
    return f"{right} {environment.name}: allow and the environment's keys say {', '.join(ids + entrances) or 'nobody'}."


def _by_rights(attempt: Attempt) -> Ruling:
    environment, actor, right = attempt.environment, attempt.actor, attempt.right
    subjects = environment.rights[right]
    if has_right(actor, right, environment):
        return Ruling(Reason.HAS_THE_RIGHT, f"rights.{right} of {environment.name} names you.")
    if attempt.entrance not in BY_PEOPLE and f"any:{attempt.entrance}" in subjects:
        return Ruling(Reason.ANYBODY_BY_THIS_ENTRANCE, f"rights.{right} of {environment.name} takes it.")
    if not subjects:
        return Ruling(Reason.NOBODY_ALLOWED, f"Nobody has the right {right} in {environment.name}.")
    return Ruling(
        Reason.NOT_ALLOWED,
        f"You have no right to {right} in {environment.name}: rights.{right} does not name"
        f" your {actor.source} id {actor.id}.",
    )


_AT_NIGHT = frozenset({Right.SUSPEND, Right.SUSPEND_PRODUCTION, Right.RESUME, Right.SCALE, Right.DEPLOY})
_EVER: Mapping[Entrance, frozenset[Right]] = {
    Entrance.RELEASE: frozenset({Right.DEPLOY}),
    Entrance.PUSH: frozenset({Right.DEPLOY}),
    Entrance.WORKFLOW: frozenset({Right.DEPLOY}),
    Entrance.DEPLOYMENT: frozenset({Right.DEPLOY}),
    Entrance.CLOCK: _AT_NIGHT,
}
"""What an entrance that nobody speaks through can be for at all. In the morning a deleted deployment is deployed."""


def _takes(environment: Environment, entrance: Entrance, right: Right) -> bool:
    """Say whether the environment's own keys let this entrance do it."""
    keys = {
        Entrance.RELEASE: environment.release,
        Entrance.PUSH: environment.push,
        Entrance.WORKFLOW: environment.workflow,
        Entrance.DEPLOYMENT: environment.deployment,
        Entrance.CLOCK: environment.night,
    }
    return bool(keys.get(entrance)) and right in _EVER[entrance]
