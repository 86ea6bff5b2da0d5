"""A Teams Workflows webhook: takes an Adaptive Card and posts it where its owner said.

Sources: *Create incoming webhooks with Workflows for Microsoft Teams*. It answers 202 as soon as the workflow has
begun; whether the card then appears is between the workflow and Teams. What it posted can never be edited.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from handlers.chat_api.addresses import check_address
from handlers.chat_api.errors import OWNER_PATIENCE
from handlers.chat_api.http import ChatHttp
from handlers.chat_api.limits import Pace
from handlers.errors import SinkRefused, Unavailable
from handlers.ports import Clock

EVERY = timedelta(seconds=1)
BURST = 4
"""What the connectors before it allowed: 4 a second, 60 in half a minute. For Workflows no figure was found."""

_ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
_OFF = {"WorkflowTriggerIsNotEnabled", "WorkflowNotEnabled", "WorkflowDisabled"}


class TeamsWorkflow:
    """One workflow. Threads may share it."""

    def __init__(self, http: ChatHttp, now: Clock, url: SecretStr) -> None:
        """`url` lets whoever has it post: never logged. Raises SettingsWrong where it is no safe address."""
        check_address(url.get_secret_value(), "TEAMS_WORKFLOW_URL")
        self._http = http
        self._url = url
        self._pace = Pace(now, EVERY, BURST)

    def post(self, card: Mapping[str, Any]) -> None:
        """Post an Adaptive Card. Raises Unavailable, SinkRefused."""
        envelope = {"type": "message", "attachments": [{"contentType": _ADAPTIVE_CARD, "content": card}]}
        with self._pace.turn("", "Teams workflow"):
            answer = self._http.send("POST", self._url.get_secret_value(), "Teams workflow", body=envelope)
        if answer.ok:
            return
        said = answer.word("error", "code") or str(answer.status)
        if answer.status in {401, 403, 404} or said in _OFF:
            raise Unavailable(
                f"Teams workflow: {said}; see that it is there and on, and check TEAMS_WORKFLOW_URL", OWNER_PATIENCE
            )
        raise SinkRefused(f"the Teams workflow refuses the card: {said}")
