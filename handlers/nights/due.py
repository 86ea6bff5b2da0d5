"""What is due of the nights of one rule: each transition is settled once, whichever ticks are lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handlers.nights.instants import Action
from handlers.nights.transitions import Night, Transition


class Verdict(StrEnum):
    """What becomes of a transition whose time has come."""

    ACT = "act"
    OVERTAKEN = "overtaken"
    """The next one's time has come as well; only the latest counts."""
    TOO_LATE = "too-late"
    """A night that would begin later than its rule allows. A morning is never too late."""


@dataclass(frozen=True)
class Settlement:
    """A transition, and what becomes of it."""

    transition: Transition
    verdict: Verdict


def due(nights: Sequence[Night], now: datetime, settled: str) -> tuple[Settlement, ...]:
    """Say what is to be settled now, in order.

    `nights` are one rule's, in order. `settled` is the `Transition.place` of what was settled last; whatever came
    before it is over, so a clock that goes back repeats nothing. Blank where nothing has been settled yet.
    """
    open_ones = [one for night in nights for one in night.transitions if one.place > settled and one.at <= now]
    if not open_ones:
        return ()
    *before, latest = open_ones
    return (*(Settlement(one, Verdict.OVERTAKEN) for one in before), Settlement(latest, _judge(latest, now)))


def _judge(transition: Transition, now: datetime) -> Verdict:
    late = now - transition.at
    if transition.action is Action.SUSPEND and late > transition.night.rule.lateness:
        return Verdict.TOO_LATE
    return Verdict.ACT
