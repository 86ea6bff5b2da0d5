"""The log: one line on stderr for each call, and the calls themselves for who asks. Never a body, never a query."""

import sys
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

KEPT_CALLS = 10_000
"""Calls that are remembered. Our choice."""


@dataclass
class Seen:
    """One call of the API."""

    time: datetime
    method: str
    path: str
    """Without query."""
    version: str | None
    request_id: str
    call: str | None = None
    status: int | None = None
    """None when the connection was closed without an answer."""
    operation_id: str | None = None
    """Set when the call was accepted as an operation, answered or not."""
    service: str | None = None
    deployment: str | None = None
    fault: str | None = None
    milliseconds: float = 0.0


ADAPTER: TypeAdapter[list[Seen]] = TypeAdapter(list[Seen])


def report(seen: Seen) -> None:
    """Write the line of one call."""
    outcome = "no answer" if seen.status is None else str(seen.status)
    operation = f" operation={seen.operation_id}" if seen.operation_id else ""
    fault = f" fault={seen.fault}" if seen.fault else ""
    write(
        f"{seen.time:%H:%M:%S} {seen.method} {seen.path} {seen.call or '-'} {outcome}"
        f" {seen.milliseconds:.0f}ms{operation}{fault}"
    )


def write(line: str) -> None:
    """Write one line to stderr at once; control characters of a path cannot forge another one."""
    print("".join(letter if letter.isprintable() else "?" for letter in line), file=sys.stderr, flush=True)
