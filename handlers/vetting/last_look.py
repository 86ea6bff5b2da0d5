"""The last look: what others decide about a request is asked once more when its first call has been announced.

Who asked for it and who agreed, its commit and its pull request's head: between the answers and the call there is
nothing that could take time. What Azure has accepted something for is not looked at any more, and goes on.
"""

from handlers.environments import Environment
from handlers.errors import Unavailable
from handlers.ledger import Entry, recall
from handlers.model import GitHubPlace
from handlers.outcomes import after_unheard_call
from handlers.ports import Materials, Ports
from handlers.queueing.pacing import LAST_LOOK
from handlers.vetting.approvals import require_approvers
from handlers.vetting.asking import hold_back
from handlers.vetting.commits import is_looked_at, is_the_first, vet
from handlers.vetting.heads import require_head


def last_look(entry: Entry, environment: Environment, prepared: Materials, ports: Ports) -> Entry | None:
    """Say how an announced row goes on whose call is not to be made, None where it is: there is nothing in between.

    A look that took so long that somebody else may take the row for abandoned is one that nobody should call after.
    """
    if not (is_the_first(entry) and _can_change(entry, environment)):
        return None
    held_back = _against_people(entry, environment, ports) or vet(entry, environment, ports, prepared)
    held_back = held_back or require_head(entry, ports)
    if held_back is not None:
        return recall(held_back)
    now = ports.now()
    if entry.announced_at is not None and now - entry.announced_at > LAST_LOOK:
        return after_unheard_call(entry, now, Unavailable("it took too long to find out whether it may be done"))
    return None


def look_ahead(entry: Entry, environment: Environment, ports: Ports) -> Entry | None:
    """Say how a row goes on whose announced call was not made, None where nothing is known to be against it.

    While somebody does not answer, nothing is announced again and again.
    """
    if entry.announced_at is None:
        return None
    return _against_people(entry, environment, ports) or require_head(entry, ports)


def _against_people(entry: Entry, environment: Environment, ports: Ports) -> Entry | None:
    """Say how a row goes on where whoever asked for it, or agreed to it, has not the right; None where they have."""
    return hold_back(entry, environment, ports) or require_approvers(entry, environment, ports)


def _can_change(entry: Entry, environment: Environment) -> bool:
    """Say whether others decide about this row, who may say something else by the time of the call."""
    return (
        entry.request.asked_later
        or entry.proposal is not None
        or isinstance(entry.request.place, GitHubPlace)
        or is_looked_at(entry, environment)
    )
