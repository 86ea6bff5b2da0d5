"""One working Slipway for all journeys: real storage, TLS, queues, timers and processes."""

from collections.abc import Iterator, Mapping

import pytest

from local.stack import Stack
from local.stack.chat import MONA, MONA_IN_MATTERMOST, MONA_IN_TEAMS, SLACK_CHANNEL
from local.stack.environments import Value

WEB = {"repository": "contoso/web", "cloud_service": "contoso-web"}
API = {"repository": "contoso/api", "cloud_service": "contoso-api", "strategy": "replace"}
SHOP: Mapping[str, Value] = {
    "repository": "contoso/shop",
    "cloud_service": "contoso-shop",
    "allow": {"slack": [MONA.id], "teams": [MONA_IN_TEAMS.id], "mattermost": [MONA_IN_MATTERMOST.id]},
    "notify": {"slack": SLACK_CHANNEL},
}


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Start everything once: three environments of three repositories; the shop is commanded from chat."""
    with Stack(
        {"production": WEB, "api": API, "shop": SHOP},
        operation_seconds=0.3,
        instance_seconds=0.3,
        sweep_schedule="*/2 * * * * *",
        chats=True,
    ) as running:
        yield running
