"""Whatever waits for a lease or between two tries ends well; here a clock that is moved does the waiting."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from handlers.ledger import Entry, State
from handlers.model import Result
from handlers.queueing.pacing import INTENT_LEASE
from local.chat.deliveries import slash_command
from local.sample_release import assets
from local.stack import Stack
from local.stack.chat import MONA, SIGNING_SECRET, SLACK_CHANNEL
from tests.journey.conftest import API, SHOP
from tests.journey.test_chat import ids, seen
from tests.journey.test_release import check_success, creations

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]

SWEEP_AFTER = timedelta(seconds=5)
"""How long a row is overdue before it is taken up without its message, which storage hides by the machine's clock."""

SKIPPED = timedelta(seconds=2)
"""Shorter waits are waited for."""

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start everything on a clock."""
    with Stack(
        {"api": API, "shop": SHOP},
        operation_seconds=0.3,
        instance_seconds=0.3,
        sweep_after=SWEEP_AFTER,
        chats=True,
        clock=True,
    ) as running:
        yield running


def told_in_no_time(stack: Stack, request: str, environment: str) -> Entry:
    """Move the clock on whenever a request waits, until everybody has been told; return its row.

    A call that is under way keeps its lease.
    """

    def moves_on(row: Entry) -> bool:
        if row.state is not State.INTENT and row.not_before - stack.clock.now() > SKIPPED:
            stack.clock.set(row.not_before + SWEEP_AFTER)
        return row.state is State.TOLD

    return stack.wait_for(request, moves_on, environment=environment, seconds=PATIENCE_S)


def test_a_sink_that_is_down_for_a_while_catches_up(stack: Stack) -> None:
    """Its message is true in the end, and the deployment did not wait for it."""
    tag = "v3.0.0"
    stack.github.publish(tag, assets(tag), repository="contoso/shop")
    stack.chat.admin("POST", "_chat/faults", {"path": "/slack/api/", "status": 503, "times": 4})
    at = stack.clock.now().timestamp()
    headers, body = slash_command(SIGNING_SECRET, f"deploy {tag} to shop", user=MONA, channel=SLACK_CHANNEL, at=at)
    (request,) = ids(stack.host.send(headers, body, source="slack"))
    row = stack.wait_for(request, lambda entry: entry.ended, environment="shop")
    assert row.outcome is not None
    assert row.outcome.result is Result.SUCCESS
    assert seen(stack, request) == []
    told_in_no_time(stack, request, "shop")
    (message,) = seen(stack, request)
    assert "✅" in message["shown"]


def test_the_functions_are_killed_between_acceptance_and_the_stored_request_id(stack: Stack) -> None:
    """The simulator holds its answer back after accepting; there the process dies, and is started again."""
    release = stack.github.publish("v3.1.0", assets("v3.1.0"), repository="contoso/api")
    stack.simulator.fault("slow", operation="create-deployment", seconds=30)
    (request,) = stack.deliver(release).requests
    deadline = time.monotonic() + PATIENCE_S
    while not creations(stack, request) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert creations(stack, request) == 1
    stack.host.kill()
    announced = stack.row(request, "api")
    assert announced is not None
    assert (announced.state, announced.operation) == (State.INTENT, None)
    stack.clock.advance(INTENT_LEASE + SWEEP_AFTER)
    stack.host.start()
    row = told_in_no_time(stack, request, "api")
    check_success(stack, release, row, "api", "contoso-api")
    assert any("operation.adopted" in one and request in one for one in stack.host.lines())


def test_trouble_on_the_way_delays_and_does_not_double(stack: Stack) -> None:
    """503, 409 and 307 for the change, 503 and 307 for the questions."""
    release = stack.github.publish("v3.2.0", assets("v3.2.0"), repository="contoso/api")
    for kind in ("503", "409", "307"):
        stack.simulator.fault(kind, operation="create-deployment")
    for kind in ("307", "server-busy"):
        stack.simulator.fault(kind, operation="get-operation-status")
    before = len(stack.simulator.calls())
    (request,) = stack.deliver(release).requests
    row = told_in_no_time(stack, request, "api")
    check_success(stack, release, row, "api", "contoso-api")
    met = [call["status"] for call in stack.simulator.calls()[before:] if call["call"] == "create-deployment"]
    assert met == [503, 409, 307, 202]
    said = [status["description"] for status in stack.github.statuses(release, "api")]
    assert any(text.startswith("Waiting: TooManyRequests") for text in said)
    assert any(text.startswith("Waiting: ConflictError") for text in said)
