"""Teams as a place where people see how a request is going: one card at its beginning and one at its end.

A third says between them what others are asked to agree to, where somebody has to. A Workflows webhook cannot edit what
it posted, so other steps are not shown. It cannot be asked what it has
posted either: where its answer got lost, a card may appear twice.
"""

from collections.abc import Mapping

from handlers.chat_api.workflows import TeamsWorkflow
from handlers.environments import Environments
from handlers.model import DeploymentRequest, Phase, Source
from handlers.sinks.card import card_of
from handlers.sinks.channels import asked_in, told_in
from handlers.sinks.teams_card import adaptive_card
from handlers.telling.report import Report

SHOWN = "phase"
"""Name of the reference: the phase of the last card."""

ASKED = "asked"
"""Name of the reference: the mark of what others were asked to agree to."""


class TeamsSink:
    """A sink: the one channel that the workflow leads to, whichever channel of Teams a request names."""

    name = "teams"

    def __init__(self, workflow: TeamsWorkflow, environments: Environments) -> None:
        self._workflow = workflow
        self._environments = environments
        self._channels = (asked_in(Source.TEAMS), told_in(Source.TEAMS, environments))

    def concerns(self, request: DeploymentRequest) -> bool:
        """Say whether it was asked for in Teams, or its environment's news go there."""
        return any(where(request) is not None for where in self._channels)

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Post a card at the beginning, when others have to agree, and at the end. Raises Unavailable, SinkRefused."""
        shown = Phase(references[SHOWN]) if SHOWN in references else None
        asked = report.asks.mark if report.asks is not None else references.get(ASKED, "")
        ends = report.phase.final and shown is not None and shown.comes_before(report.phase)
        asks = asked != references.get(ASKED, "") and not (shown is not None and report.phase.comes_before(shown))
        if shown is not None and not ends and not asks:
            return references
        self._workflow.post(adaptive_card(card_of(report, self._environments.get(report.request.environment))))
        return {**references, SHOWN: report.phase.value, **({ASKED: asked} if asked else {})}
