"""What every chat shows of a request, before it is written in a chat's own markup. Pure.

The wording stands here, once. A line is made of spans, and a span says whose words it holds: each chat writes its own
markup around ours and makes outside text harmless.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from handlers.environments import Environment, OnUnready
from handlers.model import DeploymentRequest, Phase, RunCommit, RunRelease, RunVersion
from handlers.model.codes import CANCELLED
from handlers.model.consent import Proposal
from handlers.model.durations import in_words
from handlers.outside_text import one_line
from handlers.sinks.advice import advice
from handlers.sinks.progress import progress
from handlers.telling.report import Report

MAX_NAME = 60
"""Characters of a person's name, or of what is asked for."""

MAX_ID = 100
"""Characters of an error code or of an instance with its state."""

MAX_SENTENCE = 500
"""Characters of a message. Our choice: Azure's longest recorded one has some 400."""

MAX_WAITING = 3
"""Instances that are named while they are not ready; the rest is counted."""


class Voice(StrEnum):
    """Whose words a span holds, and how they are to look."""

    OURS = "ours"
    STRONG = "strong"
    """Ours, to be seen first."""
    CODE = "code"
    """From outside: a name, an id, a code. On one line."""
    QUOTE = "quote"
    """From outside: a sentence. On one line, and alone on its own."""


@dataclass(frozen=True)
class Span:
    """Some words of a line."""

    text: str
    voice: Voice = Voice.OURS


class Part(StrEnum):
    """What a line is about, so that a chat can give it its look."""

    FACTS = "facts"
    PROGRESS = "progress"
    WAITING = "waiting"
    ERROR = "error"
    MESSAGE = "message"
    PLAN = "plan"
    ADVICE = "advice"
    IDS = "ids"
    HINT = "hint"


@dataclass(frozen=True)
class Line:
    """One line below the title."""

    part: Part
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Button:
    """Something that the reader may want done next."""

    label: str
    command: str
    """What pressing it says: `cancel d...`, `rollback shop-production`."""
    question: str
    """Asked before it is done. Outside text in it is as it came."""
    purpose: str
    """`To cancel it`: for places that have no buttons and name the command instead."""
    typed: str
    """What a person types for the same."""
    takes_back: bool = True
    """Whether it undoes or stops something, and so has the look of danger."""
    until: datetime | None = None
    """When it means nothing any more; None where it may not stand in a place that asks no question before."""
    in_full: str = ""
    """The label for a place that asks no question: it says everything, in our own letters."""


@dataclass(frozen=True)
class Card:
    """Everything that is shown of a request."""

    phase: Phase
    sign: str
    """The emoji that says how it goes."""
    what: str
    """From outside: what is asked for."""
    where: str
    """The environment's name."""
    standing: str
    """Ours: `in progress since 12:00 UTC`, `done in 4 min 12 s`."""
    lines: tuple[Line, ...]
    buttons: tuple[Button, ...]
    request: str
    """Our request's id."""

    @property
    def lines_without_buttons(self) -> tuple[Line, ...]:
        """The lines for a place without buttons: what they would do is said in words."""
        return self.lines_beside(())

    def lines_beside(self, pressed: Collection[Button]) -> tuple[Line, ...]:
        """Return the lines for a place that has these buttons: what the others would do is said in words."""
        hints = (
            Line(Part.HINT, (Span(f"{button.purpose}, say "), Span(button.typed, Voice.CODE)))
            for button in self.buttons
            if button not in pressed
        )
        return (*self.lines, *hints)


_SIGNS = {
    Phase.QUEUED: "\N{HOURGLASS WITH FLOWING SAND}",
    Phase.IN_PROGRESS: "\N{HOURGLASS WITH FLOWING SAND}",
    Phase.SUCCESS: "\N{WHITE HEAVY CHECK MARK}",
    Phase.FAILURE: "\N{CROSS MARK}",
    Phase.ERROR: "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}",
}


def card_of(report: Report, environment: Environment | None) -> Card:
    """Write the card for a report. `environment` is the request's, None where it is not known any more."""
    request = report.request
    return Card(
        phase=report.phase,
        sign=_SIGNS[report.phase],
        what=one_line(request.goal.title, MAX_NAME) or "-",
        where=request.environment,
        standing=_standing(report),
        lines=tuple(_lines(report)),
        buttons=tuple(_buttons(report, environment)),
        request=request.id,
    )


def _standing(report: Report) -> str:
    since = report.request.accepted_at.astimezone(UTC).strftime("%H:%M UTC")
    took = in_words(report.took) if report.took is not None else ""
    if report.outcome is not None and report.outcome.code == CANCELLED:
        return f"cancelled after {took}" if took else "cancelled"
    match report.phase:
        case Phase.QUEUED:
            return f"accepted at {since}"
        case Phase.IN_PROGRESS:
            return f"in progress since {since}"
        case Phase.SUCCESS:
            return f"done in {took}" if took else "done"
        case Phase.FAILURE:
            return f"failed after {took}" if took else "failed"
        case Phase.ERROR:
            return f"stopped trying after {took}, how it ended is not known" if took else "how it ended is not known"


def _lines(report: Report) -> Iterator[Line]:
    """Yield what there is to say, most important first."""
    yield Line(Part.FACTS, tuple(_facts(report)))
    readiness, outcome = report.readiness, report.outcome
    if readiness is not None and report.phase is not Phase.SUCCESS:
        counted = progress(readiness)
        if counted is not None:
            yield Line(Part.PROGRESS, (Span(counted),))
        if readiness.waiting:
            yield Line(Part.WAITING, tuple(_waiting(readiness.waiting)))
    code = outcome.code if outcome is not None else None
    if code is not None:
        yield Line(Part.ERROR, (Span("Error ", Voice.STRONG), _code(code, MAX_ID)))
    sentence = one_line(outcome.message if outcome is not None else report.description, MAX_SENTENCE)
    if sentence and not _says_nothing_new(sentence, report):
        yield Line(Part.MESSAGE, (Span(sentence, Voice.QUOTE),))
    if report.asks is not None and report.asks.steps:
        yield Line(Part.PLAN, (Span(one_line(f"The plan: {' '.join(report.asks.steps)}", MAX_SENTENCE), Voice.QUOTE),))
    to_try = advice(code) if code != CANCELLED or report.azure_id is not None else None
    if to_try is not None:
        yield Line(Part.ADVICE, (Span("What to try: ", Voice.STRONG), Span(to_try)))
    yield Line(Part.IDS, tuple(_ids(report)))


def _facts(report: Report) -> Iterator[Span]:
    actor = report.request.actor
    yield Span(f"{_standing(report)}, asked for by ")
    yield _code(actor.name, MAX_NAME)
    yield Span(f" on {actor.source.label}")


def _waiting(waiting: tuple[str, ...]) -> Iterator[Span]:
    for number, instance in enumerate(waiting[:MAX_WAITING]):
        if number:
            yield Span(", ")
        yield _code(instance, MAX_ID)
    if len(waiting) > MAX_WAITING:
        yield Span(f" and {len(waiting) - MAX_WAITING} more")


def _ids(report: Report) -> Iterator[Span]:
    if report.azure_id is not None:
        yield Span("Azure's request id ")
        yield _code(report.azure_id, MAX_ID)
        yield Span(", ours ")
    else:
        yield Span("request id ")
    yield _code(report.request.id, MAX_ID)


def _says_nothing_new(sentence: str, report: Report) -> bool:
    """Say whether a sentence only repeats the standing or the progress."""
    known = {"Accepted.", "Azure accepted the change."}
    if report.readiness is not None:
        known.add(f"{report.readiness.words.capitalize()}.")
    return sentence in known


def _buttons(report: Report, environment: Environment | None) -> Iterator[Button]:
    request = report.request
    if report.asks is not None:
        yield _approve(request, report.asks)
    if not report.phase.final:
        cancel = f"cancel {request.id}"
        yield Button("Cancel", cancel, "What Azure has begun is not taken back by this.", "To cancel it", cancel)
    elif report.phase is not Phase.SUCCESS and _left_as_it_is(request, report, environment):
        back = f"rollback {request.environment}"
        yield Button("Roll back", back, "What ran before will run again.", "To go back to what ran", back)


def _approve(request: DeploymentRequest, asks: Proposal) -> Button:
    """Offer to agree to exactly what is shown: its question names it, its command holds the mark of it."""
    commit = f", commit {asks.sha[:7]}" if asks.sha is not None else ""
    title = one_line(request.goal.title, MAX_NAME) or "-"
    return Button(
        "Approve",
        f"approve {request.id} if {asks.mark}",
        f"{request.environment}: {title}{commit}. {' '.join(asks.steps)}",
        "To agree to it",
        f"approve {request.id}",
        takes_back=False,
        until=asks.expires_at,
        in_full=f"Approve {asks.sha[:7] if asks.sha is not None else 'it'} for {request.environment}",
    )


def _left_as_it_is(request: DeploymentRequest, report: Report, environment: Environment | None) -> bool:
    """Say whether a release failed half-way and nothing has been rolled back by itself."""
    return (
        isinstance(request.goal, RunRelease | RunVersion | RunCommit)
        and report.leads_back
        and environment is not None
        and environment.on_unready is OnUnready.LEAVE
    )


def _code(text: str, limit: int) -> Span:
    return Span(one_line(text, limit) or "-", Voice.CODE)
