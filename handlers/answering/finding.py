"""A request that is under way, found by the beginning of its id as somebody writes it."""

from dataclasses import dataclass

from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.ports import Ports, Stored


@dataclass(frozen=True)
class UnderWay:
    """A request that is not told yet, and where it is for."""

    stored: Stored[Entry]
    environment: Environment


LATELY = 20
"""Our choice: requests of an environment that are looked through for one that is over by now."""


def find_under_way(beginning: str, ports: Ports) -> UnderWay | str:
    """Return the one request whose id begins so, or a sentence about why nothing can be done to it.

    Raises Unavailable.
    """
    found = [stored for stored in ports.ledger.unfinished() if stored.row.request.id.startswith(beginning)]
    if len(found) != 1:
        return f"{'Several requests begin' if found else 'No request that is under way begins'} with {beginning}."
    (stored,) = found
    environment = ports.environments.get(stored.row.request.environment)
    if environment is None:
        return f"The environment {stored.row.request.environment} is not configured here."
    return UnderWay(stored, environment)


def find_over(beginning: str, ports: Ports) -> Entry | None:
    """Return a request that is over and told, None where none of late begins so. Raises Unavailable.

    An answer that was held up is given again when what it did may be over already, and has to say the same.
    """
    lately = (entry for name in ports.environments for entry in ports.ledger.history(name, LATELY))
    return next((entry for entry in lately if entry.request.id.startswith(beginning)), None)
