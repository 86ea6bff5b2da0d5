"""A second person agrees: `approve ID` writes the consent into the request's row, and the request goes on."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from handlers.answering.finding import find_over, find_under_way
from handlers.commands import Approve
from handlers.consent import Approval, Proposal
from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.ledger import Entry, approve, await_approval
from handlers.logs import line
from handlers.model import Inquiry
from handlers.outcomes import fail
from handlers.policy import Attempt, Reason, Ruling, entrance_of, right_for
from handlers.policy.approvals import approvals_needed, propose, rule_approval, rule_approving
from handlers.ports import Materials, Ports
from handlers.queueing.hints import hint, spread_news
from handlers.refusals import refuse
from handlers.vetting.asking import refusal

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = timedelta(seconds=30)
"""Our choice: how soon a request that waits for an approval sees that it is superseded, locked or too late."""

_CODES = {Reason.APPROVAL_EXPIRED: "ApprovalExpired", Reason.CHANGED_SINCE: "ChangedSinceApproval"}


def awaited(entry: Entry, environment: Environment, now: datetime) -> Proposal | None:
    """Return what a row waits for others to agree to, None where nothing is missing or can come any more."""
    proposal = entry.proposal
    if proposal is None or entry.begun or now >= proposal.expires_at:
        return None
    return proposal if len(proposal.approvals) < _needed(entry, environment) else None


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


def agree(wanted: Approve, inquiry: Inquiry, ports: Ports) -> Ruling:
    """Approve a request in the name of whoever asks; the same inquiry twice is one consent.

    Raises LedgerConflict, Unavailable.
    """
    found = find_under_way(wanted.request, ports)
    if isinstance(found, str):
        over = find_over(wanted.request, partial(_has_agreed, inquiry), ports)
        if over is not None:
            return _approved(over, inquiry)
        return Ruling(Reason.NOTHING_TO_APPROVE, found)
    entry, environment, now = found.stored.row, found.environment, ports.now()
    if _has_agreed(inquiry, entry):
        return _approved(entry, inquiry)
    against = refusal(Right.APPROVE, environment, inquiry, ports)
    if against is not None:
        return refuse(environment.name, against, inquiry, ports, entry.request.id)
    proposal = entry.proposal if not (entry.ended or entry.begun) else None
    ruling = rule_approving(inquiry.actor, entry.request.actor, proposal, environment, now, wanted.seen)
    if ruling.reason is not Reason.APPROVED:
        return refuse(environment.name, ruling, inquiry, ports, entry.request.id)
    agreed = approve(entry, now, Approval(actor=inquiry.actor, at=now, inquiry=inquiry.id))
    ports.ledger.replace(found.stored, agreed)
    hint(agreed, now, ports)
    if agreed.proposal is not None and agreed.proposal.missing:
        # Where nobody is missing any more, what follows is the news.
        spread_news(agreed, ports)
    log.info(line("request.approved", id=entry.request.id, by=inquiry.actor.id))
    return _approved(agreed, inquiry)


def _has_agreed(inquiry: Inquiry, entry: Entry) -> bool:
    return entry.proposal is not None and any(one.inquiry == inquiry.id for one in entry.proposal.approvals)


def _approved(entry: Entry, inquiry: Inquiry) -> Ruling:
    missing = entry.proposal.missing if entry.proposal is not None else 0
    more = f" {missing} more to agree." if missing > 0 else ""
    sentence = f"{entry.request.goal.title} ({entry.request.id}) is approved by {inquiry.actor.name}.{more}"
    return Ruling(Reason.APPROVED, sentence)


def _needed(entry: Entry, environment: Environment) -> int:
    right = right_for(entry.request.goal, environment)
    return 0 if right is None else approvals_needed(right, entrance_of(entry.request), environment)
