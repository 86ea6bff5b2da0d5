"""A repository is renamed, somebody takes its old name, others send here too; and what the audit trail says."""

import time
from collections.abc import Iterator, Mapping

import pytest

from handlers.audit import What
from handlers.ledger import Entry
from handlers.model import Result
from local.sample_release import assets
from local.stack import Delivery, Stack
from local.stack.environments import Value

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]
OLD, NEW = "contoso/web", "contoso/renamed"
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start everything, with one environment that deploys and one that nobody may deploy to."""
    closed: Mapping[str, Value] = {
        "repository": "contoso/api",
        "cloud_service": "contoso-api",
        "release": "r*",
        "rights": {"deploy": []},
    }
    environments: Mapping[str, Mapping[str, Value]] = {
        "production": {"repository": OLD, "strategy": "create"},
        "closed": closed,
    }
    with Stack(environments, operation_seconds=0.1, instance_seconds=0.1) as running:
        yield running


def launch(stack: Stack, repository: str, tag: str) -> Delivery:
    """Publish a release, and let GitHub say so."""
    return stack.deliver(stack.github.publish(tag, assets(tag), repository=repository))


def row_of(stack: Stack, tag: str) -> Entry:
    """Wait until there is a request for a version, and until it is over and told."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for entry in stack.history():
            if entry.request.goal.title == tag:
                return stack.wait_for(entry.request.id)
        time.sleep(0.1)
    pytest.fail(f"nobody asked for {tag}: {stack.host.lines()[-20:]}")


def logged(stack: Stack, *words: str) -> bool:
    """Wait until a line of the log has all these words."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if any(all(word in line for word in words) for line in stack.host.lines()):
            return True
        time.sleep(0.1)
    return False


def test_a_renamed_repository_keeps_its_route_and_an_impostor_gets_none(stack: Stack) -> None:
    """By the id that was seen first."""
    (first,) = launch(stack, OLD, "v1").requests
    assert stack.wait_for(first).outcome.result is Result.SUCCESS  # type: ignore[union-attr]
    stack.github.admin("POST", "repositories/rename", {"repository": OLD, "full_name": NEW})
    answer = launch(stack, NEW, "v2").answer
    assert (answer.status, answer.body["perhaps_renamed"]) == (202, ["production"])
    renamed = row_of(stack, "v2").outcome
    assert renamed is not None
    assert renamed.code == "SlotOccupied", "the strategy is create: it came as far as Azure"
    (impostor,) = launch(stack, OLD, "v3").requests
    refused = stack.wait_for(impostor).outcome
    assert refused is not None
    assert refused.code == "AnotherRepository"


def test_a_repository_that_has_nothing_to_do_with_it_leaves_no_trace(stack: Stack) -> None:
    """But for a line in the log."""
    rows = len(stack.trail())
    assert launch(stack, "contoso/unrelated", "v4").status == 202
    assert logged(stack, "candidate.dropped", "environment=production")
    assert len(stack.trail()) == rows
    assert all(entry.request.goal.title != "v4" for entry in stack.history())


def test_a_refusal_at_the_door_is_a_row_of_the_trail_once(stack: Stack) -> None:
    """However often GitHub delivers it."""
    delivery = launch(stack, "contoso/api", "r1")
    assert delivery.status == 403
    assert stack.redeliver(delivery).status == 403
    deadline = time.monotonic() + PATIENCE_S
    while not stack.trail("closed") and time.monotonic() < deadline:
        time.sleep(0.1)
    (row,) = stack.trail("closed")
    assert (row.what, row.rule, row.delivery) == (What.REFUSED, "nobody_allowed", delivery.guid)
    assert row.words == "release r1: Nobody has the right deploy in closed."
