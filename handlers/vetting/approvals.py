"""Whether enough others agreed to a request, and whether they still may when its first call is about to be made."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.errors import Unavailable
from handlers.ledger import Entry, await_approval, recall
from handlers.logs import line
from handlers.model.consent import Lapse, Proposal
from handlers.outcomes import fail
from handlers.policy import Attempt, Entrance, Reason, entrance_of, right_for
from handlers.policy.approvals import approvals_needed, propose, rule_approval, rule_consent
from handlers.ports import Materials, Ports
from handlers.vetting.asking import find_out, last_try, wait_for
from handlers.vetting.commits import is_the_first

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = timedelta(seconds=30)
"""Our choice: how soon a request that waits for an approval sees that it is superseded, locked or too late."""

_CODES = {Reason.APPROVAL_EXPIRED: "ApprovalExpired", Reason.CHANGED_SINCE: "ChangedSinceApproval"}


def awaited(entry: Entry, environment: Environment, now: datetime) -> Proposal | None:
    """Return what a row waits for others to agree to, None where nothing is missing or can come any more.

    How many have to agree is what the file says now.
    """
    proposal = entry.proposal
    if proposal is None or entry.begun or now >= proposal.expires_at:
        return None
    asked = proposal.model_copy(update={"needed": _needed(entry, environment)})
    return asked if asked.missing else None


def wait_again(entry: Entry, proposal: Proposal, now: datetime) -> Entry:
    """Go on waiting for approvals."""
    return await_approval(entry, now, LOOK_AGAIN_AFTER, proposal)


def require_approval(
    entry: Entry, environment: Environment, materials: Materials, plan: str, steps: Sequence[str], now: datetime
) -> Entry | None:
    """Say how the row goes on where others have to agree first, None where nothing is missing.

    `materials` and `plan` are what the call that comes next brings and leads to, `steps` is the plan for people.
    """
    right = right_for(entry.request.goal, environment)
    if right is None:
        return None
    attempt = Attempt(right, environment, entry.request.actor, entrance_of(entry.request), now)
    proposal = entry.proposal
    ruling = rule_approval(attempt, proposal, materials.commit, plan)
    if ruling.reason in _CODES:
        return fail(entry, now, _CODES[ruling.reason], ruling.sentence)
    if ruling.reason is Reason.APPROVAL_MISSING:
        package = materials.package.blob if materials.package is not None else None
        wanted = proposal or propose(attempt, materials.commit, package, plan, steps)
        return await_approval(entry, now, LOOK_AGAIN_AFTER, wanted)
    return None


def require_consent(
    entry: Entry, environment: Environment, materials: Materials, plan: str, steps: Sequence[str], now: datetime
) -> Entry | None:
    """Say how an announced row goes on whose call is made only now, and is not what others agreed to any more.

    None where nothing is missing, and where the announced call has had its effect: that shows as the rest of the
    plan that they agreed to, which is finished.
    """
    proposal = entry.proposal
    if proposal is None or not is_the_first(entry):
        return None
    agreed, rest = proposal.steps, tuple(steps)
    if len(rest) < len(agreed) and agreed[len(agreed) - len(rest) :] == rest:
        return None
    held_back = require_approval(entry, environment, materials, plan, steps, now)
    return recall(held_back) if held_back is not None else None


def require_approvers(entry: Entry, environment: Environment, ports: Ports) -> Entry | None:
    """Say how the row goes on where somebody's consent does not count any more, None where enough of them do."""
    proposal, now = entry.proposal, ports.now()
    if proposal is None or not proposal.approvals:
        return None
    try:
        lapsed = list(_lapsed(entry, proposal, environment, ports))
    except Unavailable as silence:
        return wait_for(silence, entry, now)
    remaining = proposal.without(lapsed).model_copy(update={"needed": _needed(entry, environment)})
    if not lapsed or not remaining.missing:
        return None
    for one in lapsed:
        log.warning(line("approval.lapsed", id=entry.request.id, by=one.approval.actor.id, reason=one.why))
    return await_approval(entry, now, LOOK_AGAIN_AFTER, remaining)


def _lapsed(entry: Entry, proposal: Proposal, environment: Environment, ports: Ports) -> Iterator[Lapse]:
    """Yield the consents that do not count any more. Raises Unavailable."""
    now = ports.now()
    counted = [entry.request.actor]
    for approval in proposal.approvals:
        # The right of the person alone, as for whoever asked for it.
        attempt = Attempt(Right.APPROVE, environment, approval.actor, Entrance.CHAT, now)
        ruling = rule_consent(find_out(attempt, ports, last_try(entry, now)), counted)
        if ruling.reason is Reason.APPROVAL_LAPSED:
            yield Lapse(approval=approval, why=ruling.sentence.rstrip("."))
        else:
            counted.append(approval.actor)


def _needed(entry: Entry, environment: Environment) -> int:
    right = right_for(entry.request.goal, environment)
    return 0 if right is None else approvals_needed(right, entrance_of(entry.request), environment)
