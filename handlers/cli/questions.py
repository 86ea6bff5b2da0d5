"""What a check asks somebody."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """Something to ask a service."""

    what: str
    ask: Callable[[], str]
    """Returns what was found. Raises Unavailable, or what the service refuses with."""
