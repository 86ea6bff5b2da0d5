"""Asking others who somebody is: teams, permissions and user groups, at the moment in which something is decided.

What they said is a value for the rules, and gone with the decision: nothing of it is kept. Whoever cannot be asked is
asked again for a while; then it is as good as no.
"""

import logging
from datetime import datetime, timedelta

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.errors import Unavailable
from handlers.ledger import Entry, postpone
from handlers.logs import line
from handlers.model import Inquiry
from handlers.outcomes import fail, is_too_late
from handlers.policy import Attempt, Effect, Entrance, Reason, Ruling, at_the_door, entrance_at, right_for
from handlers.policy.membership import Answer, Membership, Question
from handlers.policy.who import next_question, rule_right
from handlers.ports import Ports
from handlers.queueing.pacing import retry_delay

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

    Raises Unavailable while somebody does not answer and there is time before `until`; after that, and where they ask
    us to wait for longer, it is not known. Without `until` it is the caller who stops trying.
    """
    while (question := next_question(attempt)) is not None:
        attempt = attempt.knowing(question, _ask(question, attempt.environment, ports, until))
    return attempt


def refusal(right: Right, environment: Environment, inquiry: Inquiry, ports: Ports) -> Ruling | None:
    """Say why whoever inquires has not the right, None where they have. Raises Unavailable."""
    entrance = entrance_at(inquiry.place)
    attempt = Attempt(right, environment, inquiry.actor, entrance, ports.now(), place=inquiry.place)
    if at_the_door(attempt).refusal is None:
        attempt = find_out(attempt, ports, inquiry.asked_at + PATIENCE)
    return at_the_door(attempt).deciding


def hold_back(entry: Entry, environment: Environment, ports: Ports) -> Entry | None:
    """Say how a row goes on that the door let in to be asked about, None where nothing is against it."""
    right, now = right_for(entry.request.goal, environment), ports.now()
    if not entry.request.asked_later or right is None:
        return None
    # The right of the person alone: nothing that an entrance may do by itself had to be asked about.
    attempt = Attempt(right, environment, entry.request.actor, Entrance.CHAT, now)
    try:
        ruling = rule_right(find_out(attempt, ports))
    except Unavailable as trouble:
        return after_silence(entry, now, trouble)
    log.info(line("request.asked_about", id=entry.request.id, right=right, reason=ruling.reason))
    if ruling.effect is Effect.PASS:
        return None
    return fail(entry, now, _CODES.get(ruling.reason, NOT_ALLOWED), ruling.sentence)


def after_silence(entry: Entry, now: datetime, trouble: Unavailable) -> Entry:
    """Wait for somebody who does not answer, but not for ever: then it is refused."""
    if is_too_late(entry, now):
        sentence = f"Nobody says whether {entry.request.actor.name} has the right: {trouble.reason}."
        return fail(entry, now, MEMBERSHIP_UNKNOWN, sentence)
    return postpone(entry, now, retry_delay(entry.attempts, trouble.retry_after), trouble.reason)


def _ask(question: Question, environment: Environment, ports: Ports, until: datetime | None) -> Answer:
    try:
        return ports.directory.stands_for(question, environment)
    except Unavailable as trouble:
        if until is None or ports.now() + (trouble.retry_after or timedelta(0)) < until:
            raise
        return Answer(Membership.UNKNOWN, trouble.reason)
