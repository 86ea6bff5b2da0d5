"""One release through the flows: submit, poll, tell, sweep."""

from datetime import timedelta

import pytest

from handlers.errors import AzureRefused, NotOurTurn, PackageUnusable, SinkRefused, Unavailable
from handlers.ledger import State
from handlers.model import Failed, InProgress, Result, Slot, Succeeded
from handlers.outcomes import after_trouble, fail
from handlers.tell import MOST_ATTEMPTS
from handlers.telling.report import report_on
from tests.flows.world import PRODUCTION, World


def test_a_release_is_created_awaited_and_told() -> None:
    """The whole way, without a fault."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.row(request).state is State.TOLD
    assert len(world.azure.accepted("create")) == 1
    assert world.sink.phases(request) == ["queued", "in_progress", "success"]
    last = world.sink.shown[request.id][-1]
    assert last.description == "v1.4.2 runs in production, 2 of 2 instances ready."


def test_success_waits_for_every_instance() -> None:
    """Azure says Succeeded before the instances run; the outcome does not."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.ended_at - request.accepted_at >= world.azure.takes + world.azure.boots_in
    assert "0 of 2 instances ready." in [report.description for report in world.sink.shown[request.id]]


def test_a_second_delivery_of_the_same_release_changes_nothing() -> None:
    """Delivered twice at once, and again after success."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.deliver(request)
    world.run()
    world.deliver(request)
    world.run()
    assert len(world.azure.accepted("create")) == 1
    assert len(world.outcomes) == 1
    assert world.sink.phases(request) == ["queued", "in_progress", "success"]


def test_a_delivery_for_two_environments_becomes_two_requests() -> None:
    """One message from the door is taken apart; each half goes its own way."""
    world = World()
    world.environments["europe"] = PRODUCTION.model_copy(update={"name": "europe"})
    first = world.release()
    second = first.model_copy(update={"id": "d" + "b" * 20, "environment": "europe"})
    world.deliver(first, second)
    world.run()
    assert {key[0] for key in world.ledger.entries} == {"production", "europe"}


@pytest.mark.parametrize(
    ("ending", "result", "code"),
    [
        pytest.param(Failed(400, "BadRequest", "The package is not valid."), Result.FAILURE, "BadRequest", id="400"),
        pytest.param(Failed(500, "InternalError", "Please retry."), Result.FAILURE, "InternalError", id="500 for ever"),
        pytest.param(InProgress(), Result.ERROR, "StillRunning", id="never ends"),
    ],
)
def test_an_operation_that_does_not_succeed_is_told_as_it_is(ending: Failed, result: Result, code: str) -> None:
    """Failed by the caller's fault, failed by Azure's, and never over."""
    world = World()
    world.azure.ending = ending
    request = world.release()
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (result, code)
    assert world.row(request).state is State.TOLD


def test_an_operation_that_azure_failed_by_itself_is_begun_again() -> None:
    """A 500 inside the operation is worth another try."""
    world = World()
    world.azure.ending = Failed(500, "InternalError", "Please retry.")
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=25))
    world.azure.ending = Succeeded()
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.result is Result.SUCCESS


def test_instances_that_never_become_ready_end_in_a_failure_that_names_them() -> None:
    """The operation succeeded, the role did not start."""
    world = World()
    world.azure.stuck = "BusyRole"
    request = world.release()
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.FAILURE, "NotReady")
    assert outcome.message == (
        "1 of 2 instances ready after 30 min: Web_IN_0 is BusyRole. Everything was left as it is."
    )


def test_busy_and_unavailable_are_delays_that_are_shown() -> None:
    """409 and 503 before acceptance: the request waits and says why."""
    world = World()
    world.azure.refusal = [Unavailable("ServerBusy: later"), Unavailable("ConflictError: exclusive access")]
    request = world.release()
    world.deliver(request)
    world.run()
    descriptions = [report.description for report in world.sink.shown[request.id]]
    assert "Waiting: ServerBusy: later" in descriptions
    assert len(world.azure.accepted("create")) == 1
    assert world.sink.phases(request)[-1] == "success"


def test_waiting_ends_after_two_hours() -> None:
    """A service that stays busy is given up, and the outcome says so."""
    world = World()
    world.azure.refusal = [Unavailable("ServerBusy: later")] * 1000
    request = world.release()
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.ERROR, "GaveUp")
    assert outcome.message == "Stopped trying after 2 h: ServerBusy: later"


def test_azures_refusal_ends_the_request_in_its_words() -> None:
    """A 400 to the call itself."""
    world = World()
    world.azure.refusal = [AzureRefused("BadRequest", "The deployment name is invalid.")]
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.sink.shown[request.id][-1].description == "BadRequest: The deployment name is invalid."


def test_the_id_to_name_to_azure_is_that_of_the_call_it_refused() -> None:
    """And not that of the operation before it."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=30))
    entry = world.row(request)
    operation = entry.operation
    assert operation is not None
    refused = after_trouble(entry, world.clock, AzureRefused("BadRequest", "No.", "c" * 32))
    assert report_on(refused).azure_id == "c" * 32
    assert report_on(fail(entry, world.clock, "NotReady", "Not ready.")).azure_id == operation.id


def test_an_occupied_slot_is_named_before_any_call() -> None:
    """What stands there is not ours, so nothing is tried."""
    world = World()
    world.azure.stand("theirs", Slot.PRODUCTION)
    request = world.release()
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.code == "SlotOccupied"
    assert "azure.take" not in world.calls


def test_a_package_that_cannot_be_deployed_is_an_outcome() -> None:
    """The release has no package."""
    world = World()
    world.packages.trouble = PackageUnusable("PackageNotFound", "No asset matches *.cspkg.")
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.sink.shown[request.id][-1].description == "PackageNotFound: No asset matches *.cspkg."


def test_an_operation_that_azure_has_forgotten_is_judged_by_what_runs() -> None:
    """Request ids do not stay readable for ever."""
    world = World()
    world.azure.forgets = True
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.sink.phases(request)[-1] == "success"


def test_a_deployment_that_somebody_deleted_meanwhile_is_a_failure() -> None:
    """Azure said Succeeded, and nothing is there."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=15))
    world.azure.slots.clear()
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert outcome.code == "Superseded"
    assert len(world.azure.accepted("create")) == 1


def test_a_suspended_deployment_of_ours_is_started() -> None:
    """The goal is that it runs; that somebody created it suspended is no obstacle."""
    world = World()
    request = world.release()
    world.azure.stand(request.id, Slot.PRODUCTION, status="Suspended")
    world.deliver(request)
    world.run()
    assert world.sink.phases(request)[-1] == "success"
    assert [one.step.kind for one in world.azure.operations] == ["status"]


def test_start_false_ends_suspended() -> None:
    """The environment wants it laid down, not running."""
    world = World()
    world.environments["production"] = PRODUCTION.model_copy(update={"start": False})
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.sink.shown[request.id][-1].description == "v1.4.2 is deployed to production and suspended, as asked."


def test_a_sink_that_is_away_catches_up() -> None:
    """The deployment does not wait for it, and the reader sees the truth in the end."""
    world = World()
    world.sink.trouble = [Unavailable("secondary limit", timedelta(minutes=3))] * 3
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.row(request).state is State.TOLD
    assert world.sink.phases(request)[-1] == "success"


def test_a_pace_of_our_own_is_no_trouble_of_the_place() -> None:
    """However many go before us, nothing is given up, and nobody waits longer than until their turn."""
    world = World()
    world.sink.trouble.extend([NotOurTurn("not so fast", timedelta(seconds=1))] * 2 * MOST_ATTEMPTS)
    request = world.release()
    world.deliver(request)
    world.run(timedelta(seconds=5 * MOST_ATTEMPTS))
    assert world.sink.phases(request)[-1] == "success"


def test_a_sink_that_refuses_is_left_alone() -> None:
    """Its refusal is remembered and the row is closed."""
    world = World()
    world.sink.trouble = [SinkRefused("no such repository")] * 1000
    request = world.release()
    world.deliver(request)
    world.run()
    assert world.row(request).state is State.TOLD
    assert world.calls.count("sink.post") == 1


def test_a_foreign_message_is_kept_with_a_reason_and_does_not_go_round() -> None:
    """Garbage on queue `requests` is seen once."""
    world = World()
    world.requests.put("{not ours}")
    world.run()
    (reason,) = world.ledger.poison.values()
    assert reason.startswith("queue requests: not a message of ours: text: Invalid JSON")
    assert not world.poison.messages


def test_a_foreign_message_on_the_other_queues_is_kept_too() -> None:
    """Queues `operations` and `notifications`."""
    world = World()
    world.operations.put('{"v": 1}')
    world.notifications.put('{"v": 2}')
    world.run()
    assert sorted(reason.split(":")[0] for reason in world.ledger.poison.values()) == [
        "queue notifications",
        "queue operations",
    ]


def test_a_bug_of_ours_ends_the_request_and_says_so() -> None:
    """Five tries, then the poison queue, then an outcome that points to the log."""
    world = World()
    world.packages.trouble = ZeroDivisionError("a bug")
    request = world.release()
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.ERROR, "InternalError")
    assert world.sink.phases(request)[-1] == "error"


def test_an_environment_that_was_removed_ends_the_request() -> None:
    """Accepted yesterday, not configured today."""
    world = World()
    request = world.release()
    world.deliver(request)
    world.environments.clear()
    world.run()
    assert world.sink.shown[request.id][-1].description.startswith("EnvironmentUnknown:")
