"""One at a time: a request waits for its turn in its environment. The ledger's standing row is the line.

Nothing is taken before it is needed and nothing given back: whoever announces a call becomes the holder in the same
transaction, which fails where the standing changed after it was looked at; and a holder whose own row is over, gone,
or says that the call was not made, holds nothing any more.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.errors import LedgerConflict, Unavailable
from handlers.ledger import Entry, stand_in_line
from handlers.model import Check
from handlers.model.codes import FROZEN, LOCKED, SUPERSEDED
from handlers.outcomes import after_trouble, fail
from handlers.policy import Attempt, Effect, Reason, Rule, Verdict, before_a_call, entrance_of, right_for
from handlers.policy.standing import Member, Standing, member_of, rule_turn
from handlers.ports import Ports, Stored
from handlers.queueing.pacing import MOST_TRIES
from handlers.vetting.asking import find_out, last_try, wait_for

LOOK_AGAIN_AFTER = timedelta(seconds=15)
"""Our choice: the wait between two looks at the line."""


@dataclass(frozen=True)
class Turn:
    """It is this request's turn, as long as the standing is as it was read."""

    standing: Stored[Standing]
    member: Member

    def taken(self, repository_id: int | None) -> Standing:
        """Return the standing once the request has begun, with something from this repository or from none."""
        return self.standing.row.held_by(self.member, repository_id)


def await_turn(entry: Entry, place: Environment, ports: Ports) -> Entry | Turn:
    """Say that it is the request's turn, or how its row goes on without. Raises Unavailable."""
    member = member_of(entry.request)
    environment = place.name
    for _ in range(MOST_TRIES):
        stored = ports.ledger.standing(environment)
        held_back = _held_back(entry, place, stored.row, ports)
        if held_back is not None:
            return held_back
        gone, ahead = _look_ahead(environment, stored.row, member, ports)
        standing = stored.row.without(gone).noted(member)
        ruling = rule_turn(member, standing, ahead)
        if ruling.reason is Reason.SUPERSEDED and not entry.begun:
            return fail(entry, ports.now(), SUPERSEDED, ruling.sentence)
        if ahead is not None:
            standing = standing.joined(member)
        if standing != stored.row:
            try:
                stored = ports.ledger.replace_standing(environment, stored, standing)
            except LedgerConflict:
                continue
        if ahead is None:
            return Turn(stored, member)
        ruling = rule_turn(member, standing, ahead)
        return stand_in_line(entry, ports.now(), LOOK_AGAIN_AFTER, ruling.sentence, standing.place_of(member))
    raise Unavailable(f"others change the line of {environment} all the time")


def _held_back(entry: Entry, environment: Environment, standing: Standing, ports: Ports) -> Entry | None:
    """Say how a row goes on that a freeze or a lock holds back, None where nothing does.

    The removal of what our own release replaced waits for a lock like a run that is under way, and no freeze holds it.
    """
    now = ports.now()
    right = Right.ROLLBACK if entry.undoing is not None else right_for(entry.request.goal, environment)
    attempt = Attempt(
        right or Right.CANCEL,
        environment,
        entry.request.actor,
        entrance_of(entry.request),
        now,
        break_glass=entry.request.break_glass,
        begun=entry.begun or right is None,
    )
    try:
        deciding = _asked(attempt, standing, ports, last_try(entry, now)).deciding
    except Unavailable as silence:
        return wait_for(silence, entry, now)
    if deciding is None:
        return None
    if deciding.effect is Effect.WAIT:
        return after_trouble(entry, now, Unavailable(deciding.sentence))
    return fail(entry, now, LOCKED if deciding.rule is Rule.LOCK else FROZEN, deciding.sentence)


def _asked(attempt: Attempt, standing: Standing, ports: Ports, until: datetime | None) -> Verdict:
    """Let the rules look, after others were asked who may break the glass where that is what they wait for."""
    verdict = before_a_call(attempt, standing.lock)
    if verdict.deciding is None or verdict.deciding.reason is not Reason.GLASS_ASKED_LATER:
        return verdict
    answers = find_out(replace(attempt, right=Right.BREAK_GLASS), ports, until).answers
    return before_a_call(replace(attempt, answers=answers), standing.lock)


def _look_ahead(environment: str, standing: Standing, member: Member, ports: Ports) -> tuple[set[str], Member | None]:
    """Return who waits no longer, and the first who does stand in the way."""
    gone: set[str] = set()
    for one in standing.before(member):
        stored = ports.ledger.get(Check(environment=environment, request=one.request))
        if stored is not None and _stands_in_the_way(stored.row, holds=one == standing.holder):
            return gone, one
        gone.add(one.request)
    return gone, None


def _stands_in_the_way(entry: Entry, *, holds: bool) -> bool:
    """Say whether a row is to be waited for: a holder until it is over, others only while they wait for their turn.

    One that is held up by something else, such as a package that is not there yet, lets others go first. So does a
    holder whose first call was announced and not made (`recall`); one that Azure alone is too busy for keeps its place.
    """
    return not entry.ended and (entry.place is not None or (holds and entry.step is not None))
