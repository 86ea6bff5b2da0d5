"""A second person agrees by pressing a button, and whoever may not is told why."""

import pytest

from local.chat.deliveries import Person, slash_command
from local.sample_release import assets
from local.stack import Stack
from local.stack.chat import HUBOT, MONA, SIGNING_SECRET, SLACK_CHANNEL
from tests.journey.test_chat import eventually_shown, ids

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]


def push(stack: Stack, request: str, user: Person) -> None:
    """Press Approve on the message of a request that waits."""
    message = eventually_shown(stack.chat.messages, request, "[Approve]")
    headers, body = stack.chat.press(message, "Approve", user)
    assert stack.host.send(headers, body, source="slack").status == 200


def test_a_second_person_presses_approve(stack: Stack) -> None:
    """Mona's own press is refused for her eyes alone; hubot's lets the deployment go."""
    stack.github.publish("v7.0.0", assets("v7.0.0"), repository="contoso/bank")
    headers, body = slash_command(SIGNING_SECRET, "deploy v7.0.0 to bank", user=MONA, channel=SLACK_CHANNEL)
    (request,) = ids(stack.host.send(headers, body, source="slack"))
    push(stack, request, MONA)
    refusal = eventually_shown(stack.chat.messages, "You cannot approve your own request.")
    assert refusal["only_for"] == MONA.id
    assert stack.simulator.slots("contoso-bank") == {}
    push(stack, request, HUBOT)
    row = stack.wait_for(request, environment="bank")
    assert row.outcome is not None
    assert row.outcome.code is None, row.outcome
    message = eventually_shown(stack.chat.messages, request, "✅")
    assert "[Approve]" not in message["shown"]
    eventually_shown(stack.chat.messages, f"({request}) is approved by hubot.")
