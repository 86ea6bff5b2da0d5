"""A second person agrees: `approve ID` writes the consent into the request's row, and the request goes on."""

import logging
from functools import partial

from handlers.answering.finding import find_over, find_under_way
from handlers.commands import Approve
from handlers.environments.rights import Right
from handlers.ledger import Entry, approve
from handlers.logs import line
from handlers.model import Inquiry
from handlers.model.consent import Approval
from handlers.policy import Reason, Ruling
from handlers.policy.approvals import rule_approving
from handlers.ports import Ports
from handlers.queueing.hints import hint, spread_news
from handlers.vetting.asking import refusal
from handlers.vetting.refusals import refuse

log = logging.getLogger(__name__)


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
    return entry.proposal is not None and entry.proposal.has_heard(inquiry.id)


def _approved(entry: Entry, inquiry: Inquiry) -> Ruling:
    missing = entry.proposal.missing if entry.proposal is not None else 0
    more = f" {missing} more to agree." if missing > 0 else ""
    sentence = f"{entry.request.goal.title} ({entry.request.id}) is approved by {inquiry.actor.name}.{more}"
    return Ruling(Reason.APPROVED, sentence)
