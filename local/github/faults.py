"""What the fake GitHub may be told to answer instead of the truth. No HTTP."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """Answers that are given instead of the true ones."""

    method: str
    """Upper case, or empty for any."""
    path: str
    """A part of the path, or empty for any."""
    times: int
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    skip: int = 0
    """Calls that pass before the first one is struck."""
    after: bool = False
    """Whether the call is carried out before its answer is replaced: an answer that got lost."""
