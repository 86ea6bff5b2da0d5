"""Asking others who somebody is: teams, permissions and user groups, at the moment in which something is decided.

What they said is a value for the rules, and gone with the decision: nothing of it is kept. Whoever cannot be asked is
asked again for a while; then it is as good as no.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.environments import Environment
from handlers.environments.groups import Kind
from handlers.environments.rights import Right
from handlers.errors import Unavailable
from handlers.ledger import Entry, postpone
from handlers.logs import line
from handlers.model import Inquiry
from handlers.outcomes import fail, is_too_late
from handlers.policy import REASONS, Attempt, Effect, Entrance, Reason, Ruling, at_the_door, entrance_at, right_for
from handlers.policy.membership import Answer, Membership, Question
from handlers.policy.who import next_question, rule_right
from handlers.ports import Ports
from handlers.queueing.pacing import GIVE_UP_AFTER, retry_delay

log = logging.getLogger(__name__)

NOT_A_MEMBER = "NotAMember"
MEMBERSHIP_UNKNOWN = "MembershipUnknown"
NOT_ALLOWED = "NotAllowed"
"""The codes of requests whose requester has not the right, or where nobody says so."""

PATIENCE = timedelta(minutes=4)
"""Our choice: how long somebody who waits for an answer in a chat waits for others to be asked. Less than the answer
itself may take."""

_CODES = {Reason.NOT_A_MEMBER: NOT_A_MEMBER, Reason.MEMBERSHIP_UNKNOWN: MEMBERSHIP_UNKNOWN}


def find_out(attempt: Attempt, ports: Ports, until: datetime | None = None) -> Attempt:
    """Ask others as long as the rule about the right needs it; return what is attempted with their answers.

    A clear yes is enough, whoever else is silent. Raises Unavailable where there is none, somebody does not answer, and
    there is time before `until`; after that, and where they ask us to wait for longer, it is not known.
    """
    silence: Unavailable | None = None
    while (question := next_question(attempt)) is not None:
        try:
            answer = ports.directory.stands_for(question, _as_known(attempt.environment, question, ports))
        except Unavailable as trouble:
            silence, answer = trouble, Answer(Membership.UNKNOWN, trouble.reason)
        attempt = attempt.knowing(question, answer)
    if silence is None or rule_right(attempt).effect is Effect.PASS:
        return attempt
    if until is None or ports.now() + (silence.retry_after or timedelta(0)) < until:
        raise silence
    return attempt


def refusal(right: Right, environment: Environment, inquiry: Inquiry, ports: Ports) -> Ruling | None:
    """Say why whoever inquires has not the right, None where they have. Raises Unavailable."""
    return at_the_door(_asked(_attempt(right, environment, inquiry, ports), inquiry, ports)).deciding


def readings(
    environments: Iterable[Environment], inquiry: Inquiry, ports: Ports, *, ask: bool = True
) -> Iterator[tuple[str, Ruling | None]]:
    """Yield of each environment why whoever inquires may not read it, None where they may. Raises Unavailable.

    Nobody is asked twice about the same; but a permission is one in the repository that the environment knows. Without
    `ask` nobody is asked at all, and what only others can say is a no.
    """
    told: dict[Question, Answer] = {}
    for environment in environments:
        attempt = replace(_attempt(Right.READ, environment, inquiry, ports), answers=told)
        if not ask:
            yield environment.name, _unasked(at_the_door(attempt).deciding)
            continue
        attempt = _asked(attempt, inquiry, ports)
        answers = attempt.answers.items()
        told = {one: said for one, said in answers if one.group.kind is not Kind.GITHUB_PERMISSION}
        yield environment.name, at_the_door(attempt).deciding


def _unasked(ruling: Ruling | None) -> Ruling | None:
    if ruling is None or ruling.reason is not Reason.ASKED_LATER:
        return ruling
    return Ruling(Reason.ASKED_LATELY, REASONS[Reason.ASKED_LATELY].words)


def _attempt(right: Right, environment: Environment, inquiry: Inquiry, ports: Ports) -> Attempt:
    return Attempt(right, environment, inquiry.actor, entrance_at(inquiry.place), ports.now(), place=inquiry.place)


def _asked(attempt: Attempt, inquiry: Inquiry, ports: Ports) -> Attempt:
    """Find out what only others know, where nothing else is against it."""
    if at_the_door(attempt).refusal is not None:
        return attempt
    patience = GIVE_UP_AFTER if inquiry.requests else PATIENCE
    return find_out(attempt, ports, inquiry.asked_at + patience)


def hold_back(entry: Entry, environment: Environment, ports: Ports) -> Entry | None:
    """Say how a row goes on that the door let in to be asked about, None where nothing is against it."""
    right, now = right_for(entry.request.goal, environment), ports.now()
    if not entry.request.asked_later or right is None:
        return None
    # The right of the person alone: nothing that an entrance may do by itself had to be asked about.
    attempt = Attempt(right, environment, entry.request.actor, Entrance.CHAT, now)
    try:
        ruling = rule_right(find_out(attempt, ports, last_try(entry, now)))
    except Unavailable as silence:
        return wait_for(silence, entry, now)
    log.info(line("request.asked_about", id=entry.request.id, right=right, reason=ruling.reason))
    if ruling.effect is Effect.PASS:
        return None
    return fail(entry, now, _CODES.get(ruling.reason, NOT_ALLOWED), ruling.sentence)


def last_try(entry: Entry, now: datetime) -> datetime | None:
    """Return when to stop waiting for an answer about a row: now, where it has been held up for too long; else None."""
    return now if is_too_late(entry, now) else None


def wait_for(silence: Unavailable, entry: Entry, now: datetime) -> Entry:
    """Ask again later, and say meanwhile who does not answer."""
    return postpone(entry, now, retry_delay(entry.attempts, silence.retry_after), silence.reason)


def _as_known(environment: Environment, question: Question, ports: Ports) -> Environment:
    """Return the environment with the id of the repository that it was first deployed from.

    Whoever takes the name of a repository that was renamed or deleted gives nobody a permission here.
    """
    if question.group.kind is not Kind.GITHUB_PERMISSION or environment.repository_id is not None:
        return environment
    seen = ports.ledger.standing(environment.name).row.repository_id
    return environment.model_copy(update={"repository_id": seen})
