"""Who: immutable ids decide, names are for reading. What only others know is a value here, or a question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from handlers.environments import Environment
from handlers.environments.groups import group_in
from handlers.environments.people import ids_at, who_is
from handlers.environments.rights import NAMED_ONLY, Right
from handlers.model import Actor
from handlers.policy.attempt import BY_PEOPLE, Attempt, Entrance
from handlers.policy.membership import Membership, Question
from handlers.policy.reasons import Effect, Reason
from handlers.policy.verdict import Ruling


def rule_right(attempt: Attempt) -> Ruling:
    """Say whether this identity has the right, or the entrance itself."""
    if attempt.right is Right.READ and attempt.entrance in BY_PEOPLE:
        return _rule_reading(attempt)
    return _rule_one(attempt)


def _rule_reading(attempt: Attempt) -> Ruling:
    """Say whether somebody may read: whoever has any right may, and in a chat everybody unless `rights` says who."""
    place = attempt.environment
    if attempt.entrance is Entrance.CHAT and Right.READ not in place.rights:
        return Ruling(Reason.OPEN_TO_READ, f"Every chat may read {place.name}: rights.read is not there.")
    rulings = [_rule_one(one) for one in _each_right(attempt)]
    for effect in (Effect.PASS, Effect.WAIT):
        for ruling in rulings:
            if ruling.effect is effect:
                return ruling
    for reason in (Reason.MEMBERSHIP_UNKNOWN, Reason.NOT_A_MEMBER):
        for ruling in rulings:
            if ruling.reason is reason:
                return ruling
    actor = attempt.actor
    return Ruling(
        Reason.MAY_NOT_READ,
        f"You may not read {place.name}: your {actor.source.label} id {actor.id} has no right there.",
    )


def _each_right(attempt: Attempt) -> Iterator[Attempt]:
    """Yield the same attempt for each right there is."""
    return (replace(attempt, right=right) for right in Right)


def _rule_one(attempt: Attempt) -> Ruling:
    """Say whether this identity has this very right, or the entrance itself."""
    environment, actor, right = attempt.environment, attempt.actor, attempt.right
    place = environment.name
    if attempt.entrance not in BY_PEOPLE and right not in _EVER[attempt.entrance]:
        return Ruling(Reason.NOBODY_ALLOWED, f"Nothing that comes by {attempt.entrance} may ever {right}.")
    if right in environment.rights:
        return _by_rights(attempt)
    if attempt.entrance not in BY_PEOPLE:
        if _takes(environment, attempt.entrance, right):
            return Ruling(Reason.ANYBODY_BY_THIS_ENTRANCE, f"{place} takes this from every {attempt.entrance}.")
        return Ruling(Reason.NOBODY_ALLOWED, f"{place} does not take {right} from a {attempt.entrance}.")
    if right in NAMED_ONLY:
        return Ruling(Reason.NOBODY_ALLOWED, f"Nobody has the right {right} in {place}: rights.{right} is not set.")
    allowed = environment.allow.get(actor.source, ())
    if actor.id in allowed:
        return Ruling(Reason.ALLOWED, f"Your {actor.source.label} id is on the allow list of {place}.")
    if (counted := _by_groups(attempt, f"The allow list of {place}")) is not None:
        return counted
    if not allowed:
        return Ruling(
            Reason.NOBODY_ALLOWED,
            f"Nobody may command {place} from {actor.source.label}: its allow list is empty."
            f" Your {actor.source.label} id is {actor.id}.",
        )
    return Ruling(
        Reason.NOT_ALLOWED,
        f"You may not command {place}: your {actor.source.label} id {actor.id} is not on its allow list.",
    )


def has_right(actor: Actor, right: Right, environment: Environment) -> bool:
    """Say whether `rights` names this identity, or the person behind it."""
    subjects = environment.rights.get(right, ())
    return f"{actor.source}:{actor.id}" in subjects or who_is(actor, environment.people) in subjects


def questions(attempt: Attempt) -> tuple[Question, ...]:
    """Return what only others can say: each group that the right names, for each id that the actor has there."""
    if attempt.right is Right.READ:
        return tuple(dict.fromkeys(question for one in _each_right(attempt) for question in _questions(one)))
    return _questions(attempt)


def _questions(attempt: Attempt) -> tuple[Question, ...]:
    right, environment, actor = attempt.right, attempt.environment, attempt.actor
    if right in environment.rights:
        subjects: Sequence[str] = environment.rights[right]
    else:
        subjects = () if right in NAMED_ONLY else environment.allow.get(actor.source, ())
    groups = [group for group in map(group_in, subjects) if group is not None]
    return tuple(
        Question(group, one) for group in groups for one in ids_at(group.kind.source, actor, environment.people)
    )


def next_question(attempt: Attempt) -> Question | None:
    """Return what has to be asked before `rule_right` says more than `asked_later`; None where it says more."""
    if rule_right(attempt).reason is not Reason.ASKED_LATER:
        return None
    return next(question for question in questions(attempt) if question not in attempt.answers)


def who_may(right: Right, environment: Environment) -> str:
    """Say who has a right, and by which key, for people."""
    if right is Right.READ:
        return _who_may_read(environment)
    if right in environment.rights:
        subjects = environment.rights[right]
        says = f"{right} {environment.name}: rights.{right} says {', '.join(subjects) or 'nobody'}."
        return says + _asked(subjects)
    if right in NAMED_ONLY:
        return f"{right} {environment.name}: nobody; rights.{right} is not set, and allow does not give it."
    ids = [
        f"{one} (by {source})" if group_in(one) is not None else f"{source}:{one}"
        for source, given in environment.allow.items()
        for one in given
    ]
    entrances = [f"any:{entrance}" for entrance in Entrance if _takes(environment, entrance, right)]
    says = f"{right} {environment.name}: allow and the environment's keys say {', '.join(ids + entrances) or 'nobody'}."
    return says + _asked([one for given in environment.allow.values() for one in given])


def _who_may_read(environment: Environment) -> str:
    beside = "whoever has another right there"
    if Right.READ not in environment.rights:
        return f"read {environment.name}: {beside}, and everybody in the chats; rights.read is not there."
    subjects = environment.rights[Right.READ]
    says = f"read {environment.name}: rights.read says {', '.join(subjects) or 'nobody'}; so may {beside}."
    return says + _asked(subjects)


def _asked(subjects: Sequence[str]) -> str:
    """Say that what only others know is not looked up for this."""
    if all(group_in(subject) is None for subject in subjects):
        return ""
    return " Who is in a team, a permission or a group is asked when the work begins."


def _by_groups(attempt: Attempt, where: str) -> Ruling | None:
    """Say whether a group lets it through; None where none that is named could hold this identity."""
    asked = questions(attempt)
    if not asked:
        return None
    name = attempt.actor.name
    told = [(question, attempt.answers[question]) for question in asked if question in attempt.answers]
    by = {membership: [one for one in told if one[1].membership is membership] for membership in Membership}
    if by[Membership.MEMBER]:
        question, _ = by[Membership.MEMBER][0]
        return Ruling(Reason.MEMBER_OF, f"{where} names {question.group}, and {name} is in it.")
    if len(told) < len(asked):
        groups = ", ".join(dict.fromkeys(str(question.group) for question in asked))
        return Ruling(Reason.ASKED_LATER, f"Whether {name} is in {groups} is asked when the work begins.")
    words = "; ".join(f"{question.group}: {answer.words}" for question, answer in told)
    if by[Membership.UNKNOWN]:
        return Ruling(
            Reason.MEMBERSHIP_UNKNOWN,
            f"{where} gives {name} the right only where a group does, and that is not known: {words}.",
        )
    return Ruling(Reason.NOT_A_MEMBER, f"{where} does not give {name} the right: {words}.")


def _by_rights(attempt: Attempt) -> Ruling:
    environment, actor, right = attempt.environment, attempt.actor, attempt.right
    subjects = environment.rights[right]
    if has_right(actor, right, environment):
        return Ruling(Reason.HAS_THE_RIGHT, f"rights.{right} of {environment.name} names you.")
    if attempt.entrance not in BY_PEOPLE and f"any:{attempt.entrance}" in subjects:
        return Ruling(Reason.ANYBODY_BY_THIS_ENTRANCE, f"rights.{right} of {environment.name} takes it.")
    if (counted := _by_groups(attempt, f"rights.{right} of {environment.name}")) is not None:
        return counted
    if not subjects:
        return Ruling(Reason.NOBODY_ALLOWED, f"Nobody has the right {right} in {environment.name}.")
    if attempt.entrance is Entrance.CLOCK:
        says = f"The clock has no right to {right} in {environment.name}: rights.{right} does not name any:clock."
        return Ruling(Reason.NOT_ALLOWED, says)
    return Ruling(
        Reason.NOT_ALLOWED,
        f"You have no right to {right} in {environment.name}: rights.{right} does not name"
        f" your {actor.source.label} id {actor.id}.{_unjoined(subjects, actor)}",
    )


def _unjoined(subjects: Sequence[str], actor: Actor) -> str:
    """Say what is missing where groups are named in which nobody can look for this identity."""
    groups = [group for group in map(group_in, subjects) if group is not None and group.kind.source != actor.source]
    sources = dict.fromkeys(str(group.kind.source) for group in groups)
    return f" No table [people.NAME] joins it to an id at {' or '.join(sources)}." if groups else ""


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
