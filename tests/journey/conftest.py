"""One working Slipway for all journeys: real storage, TLS, queues, timers and processes."""

from collections.abc import Iterator

import pytest

from local.stack import Stack

WEB = {"repository": "contoso/web", "cloud_service": "contoso-web"}
API = {"repository": "contoso/api", "cloud_service": "contoso-api", "strategy": "replace"}


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Start everything once: two environments of two repositories."""
    with Stack(
        {"production": WEB, "api": API}, operation_seconds=0.3, instance_seconds=0.3, sweep_schedule="*/2 * * * * *"
    ) as running:
        yield running
