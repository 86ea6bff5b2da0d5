"""Slack without a bot's token: answers through the command's `response_url`, 5 times in 30 minutes.

One use is kept for the end; the others tell that the request was accepted, that others have to agree, that Azure has
it, and how far it is, less and less often. Whether a later answer takes the place of an earlier one is up to Slack,
whose documentation promises it for messages with buttons only. What ends after half an hour cannot be told this way.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.chat_api.slack import SlackReplies
from handlers.environments import Environments
from handlers.errors import SinkRefused
from handlers.model import DeploymentRequest, Phase, Retire, SlackPlace
from handlers.ports import Clock
from handlers.sinks.card import card_of
from handlers.sinks.slack_blocks import payload
from handlers.telling.report import Report

USES = 5
"""How often Slack lets a `response_url` be used."""

VALID_FOR = timedelta(minutes=30)
"""How long, from the command on."""

BETWEEN = timedelta(minutes=2)
"""Our choice: the least time before progress is told; twice that the next time."""

TOO_LATE = "Slack lets nobody answer a command after 30 minutes or 5 answers. Set SLACK_BOT_TOKEN."

NEWS_USES = "uses"
NEWS_LAST = "last"
NEWS_PHASE = "phase"
NEWS_ASKED = "asked"
"""Names of references: how often the address was used, when for the last time, the phase that was told, and the mark of
what others were asked to agree to."""


class Spending(StrEnum):
    """What is done with a piece of news."""

    TELL = "tell"
    KEEP = "keep"
    """It is not worth a use."""
    REFUSE = "refuse"
    """The end cannot be told any more."""


def spending(phase: Phase, shown: Phase | None, uses: int, age: timedelta, since_last: timedelta | None) -> Spending:
    """Say whether a report is worth one of the uses. Pure.

    `shown` is the phase that was told last, `age` the time since the command, `since_last` since the last use.
    """
    over = uses >= USES or age >= VALID_FOR
    if phase.final:
        return Spending.REFUSE if over else Spending.TELL
    if over or uses >= USES - 1:
        return Spending.KEEP
    if shown is None or shown.comes_before(phase):
        return Spending.TELL
    if phase.comes_before(shown) or since_last is None:
        return Spending.KEEP
    return Spending.TELL if since_last >= BETWEEN * (1 << max(uses - 2, 0)) else Spending.KEEP


class SlackReplySink:
    """A sink: the channel where somebody gave a command, as long as its `response_url` lasts."""

    name = "slack"

    def __init__(self, replies: SlackReplies, environments: Environments, now: Clock) -> None:
        self._replies = replies
        self._environments = environments
        self._now = now

    def concerns(self, request: DeploymentRequest) -> bool:
        """Say whether it came with an address to answer to."""
        return _address(request) is not None

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Tell the report where it is worth a use. Raises Unavailable, SinkRefused."""
        address = _address(report.request)
        if address is None:
            return references
        now, uses = self._now(), int(references.get(NEWS_USES, "0"))
        shown = Phase(references[NEWS_PHASE]) if NEWS_PHASE in references else None
        asked = report.asks.mark if report.asks is not None else references.get(NEWS_ASKED, "")
        if asked != references.get(NEWS_ASKED, "") and shown is report.phase:
            shown = None  # somebody has to agree: as much worth as a beginning
        last = references.get(NEWS_LAST)
        since_last = now - datetime.fromisoformat(last) if last is not None else None
        match spending(report.phase, shown, uses, now - report.request.accepted_at, since_last):
            case Spending.KEEP:
                return references
            case Spending.REFUSE:
                raise SinkRefused(TOO_LATE)
            case Spending.TELL:
                card = card_of(report, self._environments.get(report.request.environment))
                self._replies.respond(address, payload(card, buttons=False), replace=uses > 0)
                return {
                    **references,
                    NEWS_USES: str(uses + 1),
                    NEWS_LAST: now.isoformat(),
                    NEWS_PHASE: report.phase.value,
                    **({NEWS_ASKED: asked} if asked else {}),
                }


def _address(request: DeploymentRequest) -> str | None:
    if not isinstance(request.place, SlackPlace) or isinstance(request.goal, Retire):
        return None
    return request.place.response_url
