"""A second person agrees: `approve ID` writes the consent into the request's row, and the request goes on."""

import logging
from datetime import datetime, timedelta

from handlers.consent import Approval, Proposal
from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.ledger import Entry, approve, await_approval
from handlers.logs import line
from handlers.model import Inquiry
from handlers.outcomes import fail
from handlers.policy import Attempt, Entrance, Reason, at_the_door, entrance_of, right_for
from handlers.policy.approvals import approvals_needed, propose, rule_approval, rule_approving
from handlers.ports import Ports
from handlers.queueing.hints import hint
from handlers.refusals import refuse
from handlers.turns import has_begun

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = timedelta(seconds=30)
"""Our choice: how soon a request that waits for an approval sees that it is superseded, locked or too late."""

_CODES = {Reason.APPROVAL_EXPIRED: "ApprovalExpired", Reason.CHANGED_SINCE: "ChangedSinceApproval"}


def awaited(entry: Entry, environment: Environment, now: datetime) -> Proposal | None:
    """Return what a row waits for others to agree to, None where nothing is missing or can come any more."""
    proposal = entry.proposal
    if proposal is None or has_begun(entry) or now >= proposal.expires_at:
        return None
    return proposal if len(proposal.approvals) < _needed(entry, environment) else None


def wait_again(entry: Entry, proposal: Proposal, now: datetime) -> Entry:
    """Go on waiting for approvals."""
    return await_approval(entry, now, LOOK_AGAIN_AFTER, proposal)


def require_approval(entry: Entry, environment: Environment, sha: str | None, plan: str, now: datetime) -> Entry | None:
    """Say how the row goes on where others have to agree first, None where nothing is missing.

    `sha` and `plan` are what the call that comes next leads to.
    """
    right = right_for(entry.request.goal, environment)
    if right is None:
        return None
    attempt = Attempt(right, environment, entry.request.actor, entrance_of(entry.request), now)
    proposal = entry.proposal
    ruling = rule_approval(attempt, proposal, sha, plan)
    if ruling.reason in _CODES:
        return fail(entry, now, _CODES[ruling.reason], ruling.sentence)
    if ruling.reason is Reason.APPROVAL_MISSING:
        return await_approval(entry, now, LOOK_AGAIN_AFTER, proposal or propose(sha, plan, environment, now))
    return None


def agree(prefix: str, inquiry: Inquiry, ports: Ports) -> str:
    """Approve a request in the name of whoever asks. Raises LedgerConflict, Unavailable."""
    found = [stored for stored in ports.ledger.unfinished() if stored.row.request.id.startswith(prefix)]
    if len(found) != 1:
        return f"{'Several requests begin' if found else 'No request that is under way begins'} with {prefix}."
    (stored,) = found
    entry, now = stored.row, ports.now()
    environment = ports.environments.get(entry.request.environment)
    if environment is None:
        return f"The environment {entry.request.environment} is not configured any more."
    refusal = at_the_door(Attempt(Right.APPROVE, environment, inquiry.actor, Entrance.CHAT, now)).deciding
    if refusal is not None:
        return refuse(environment.name, refusal, inquiry, ports, entry.request.id)
    proposal = entry.proposal if not entry.ended else None
    if proposal is not None and _gave(proposal, inquiry):
        return _thanks(entry, environment, inquiry)
    ruling = rule_approving(inquiry.actor, entry.request.actor, proposal, environment, now)
    if ruling.reason is not Reason.APPROVED:
        return refuse(environment.name, ruling, inquiry, ports, entry.request.id)
    agreed = approve(entry, now, Approval(actor=inquiry.actor, at=now))
    ports.ledger.replace(stored, agreed)
    hint(agreed, now, ports)
    log.info(line("request.approved", id=entry.request.id, by=inquiry.actor.id))
    return _thanks(agreed, environment, inquiry)


def _gave(proposal: Proposal, inquiry: Inquiry) -> bool:
    """Say whether this very inquiry was the approval: one that comes twice is answered twice in the same way."""
    return any(one.actor == inquiry.actor and one.at >= inquiry.asked_at for one in proposal.approvals)


def _thanks(entry: Entry, environment: Environment, inquiry: Inquiry) -> str:
    missing = _needed(entry, environment) - len(entry.proposal.approvals if entry.proposal is not None else ())
    more = f" {missing} more to agree." if missing > 0 else ""
    return f"{entry.request.goal.title} ({entry.request.id}) is approved by {inquiry.actor.name}.{more}"


def _needed(entry: Entry, environment: Environment) -> int:
    right = right_for(entry.request.goal, environment)
    return 0 if right is None else approvals_needed(right, entrance_of(entry.request), environment)
