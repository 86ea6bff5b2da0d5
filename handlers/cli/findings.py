"""What a check has found, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from handlers.outside_text import seen_of


class Mark(StrEnum):
    """How something stands."""

    OK = "ok"
    OFF = "off"
    """Not set, and nothing that is needed is missing for it."""
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    part: str
    """`settings`, `environments`, `secrets`, `services`."""
    mark: Mark
    text: str


def written(findings: Sequence[Finding]) -> str:
    """Write the findings under their parts, in the order in which the parts come first."""
    lines: list[str] = []
    for part in dict.fromkeys(finding.part for finding in findings):
        lines += [part, *(f"  {one.mark:<6} {seen_of(one.text)}" for one in findings if one.part == part)]
    return "".join(f"{line}\n" for line in lines)


def wrong(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what has to be put right, one line each."""
    return tuple(f"{one.part}: {seen_of(one.text)}" for one in findings if one.mark is Mark.WRONG)
