"""The head of a pull request: looked up when the work begins, pinned, and compared again before the first call."""

from handlers.errors import Unavailable
from handlers.ledger import Entry, pin
from handlers.model import GitHubPlace, RunCommit
from handlers.outcomes import TROUBLES, after_trouble, fail
from handlers.policy import Effect, Reason, Ruling
from handlers.policy.heads import rule_head
from handlers.ports import Ports
from handlers.vetting.repositories import ANOTHER_REPOSITORY

HEAD_MOVED = "HeadMoved"
"""The code of a request whose pull request has another head than at the comment."""

_CODES = {
    Reason.HEAD_MOVED: HEAD_MOVED,
    Reason.FROM_A_FORK: "FromAFork",
    Reason.PULL_REQUEST_CLOSED: "PullRequestClosed",
    Reason.ANOTHER_REPOSITORY: ANOTHER_REPOSITORY,
}


def pin_head(entry: Entry, ports: Ports) -> Entry:
    """Say which commit a comment was about; or how the row goes on where none may be deployed for it."""
    place = entry.request.place
    if not isinstance(place, GitHubPlace):
        return fail(entry, ports.now(), "NoPullRequest", "Only a comment on a pull request can ask for its head.")
    try:
        head = ports.pulls.head(place)
    except TROUBLES as trouble:
        return after_trouble(entry, ports.now(), trouble)
    ruling = rule_head(head, place, pinned=None)
    if ruling.effect is Effect.PASS:
        return pin(entry, ports.now(), head.commit)
    return _held_back(entry, ruling, ports)


def require_head(entry: Entry, ports: Ports) -> Entry | None:
    """Say how a row goes on whose pull request has another head by now, None where nothing stands in the way."""
    place, goal = entry.request.place, entry.request.goal
    if not isinstance(place, GitHubPlace) or not isinstance(goal, RunCommit):
        return None
    try:
        ruling = rule_head(ports.pulls.head(place), place, goal.commit.sha)
    except TROUBLES as trouble:
        return after_trouble(entry, ports.now(), trouble)
    return None if ruling.effect is Effect.PASS else _held_back(entry, ruling, ports)


def _held_back(entry: Entry, ruling: Ruling, ports: Ports) -> Entry:
    if ruling.effect is Effect.WAIT:
        return after_trouble(entry, ports.now(), Unavailable(ruling.sentence))
    return fail(entry, ports.now(), _CODES[ruling.reason], ruling.sentence)
