"""A request that is under way, found by the beginning of its id as somebody writes it."""

from collections.abc import Callable
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

    What is for none of the environments is not there. Raises Unavailable.
    """
    found = [
        UnderWay(stored, environment)
        for stored in ports.ledger.unfinished()
        if stored.row.request.id.startswith(beginning)
        and (environment := ports.environments.get(stored.row.request.environment)) is not None
    ]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(sorted(_named(one.stored.row) for one in found))
        return f"Several requests that are under way begin with {beginning}: {named}. Write more of the id."
    return f"No request that is under way begins with {beginning}."


def find_over(beginning: str, is_meant: Callable[[Entry], bool], ports: Ports) -> Entry | None:
    """Return the request that is over and told and is meant, None where none of late is. Raises Unavailable.

    An answer that was held up is given again when what it did may be over already, and has to say the same.
    """
    lately = (entry for name in ports.environments for entry in ports.ledger.history(name, LATELY))
    return next((entry for entry in lately if entry.request.id.startswith(beginning) and is_meant(entry)), None)


def _named(entry: Entry) -> str:
    return f"{entry.request.id} ({entry.request.goal.title}, {entry.request.environment})"
