"""From which repository a request brings something: before it begins, it has to be the environment's own."""

from datetime import datetime

from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.model import Release
from handlers.outcomes import fail
from handlers.policy import Effect
from handlers.policy.routes import repository_of, rule_repository
from handlers.vetting.turns import Turn

ANOTHER_REPOSITORY = "AnotherRepository"
"""The code of a request for something from a repository that has only the right name."""


def end_stranger(
    entry: Entry, environment: Environment, turn: Turn, release: Release | None, now: datetime
) -> Entry | None:
    """End what comes from another repository than the environment's, None where nothing does.

    `release` is the one that was looked up for it; without one, what the request itself says is looked at: before
    anything is read there.
    """
    if entry.begun:
        return None
    repository_id = repository_of(entry.request, release)
    ruling = rule_repository(environment, turn.standing.row.repository_id, repository_id)
    return None if ruling.effect is Effect.PASS else fail(entry, now, ANOTHER_REPOSITORY, ruling.sentence)
