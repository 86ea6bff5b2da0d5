"""What becomes of a deployment while time passes."""

from dataclasses import replace

import pytest

from local.simulator import deployments, operations
from local.simulator.errors import Failure, ServiceError
from local.simulator.messages import DeleteRoleInstances
from local.simulator.state import (
    DeploymentStatus,
    Fate,
    InstanceStatus,
    OperationStatus,
    PackageRequest,
    Power,
    Slot,
    Stuck,
)
from local.simulator.world import ByName
from tests.simulator.worlds import PACKAGE, Lab

RUNNING, SUSPENDED = DeploymentStatus.RUNNING, DeploymentStatus.SUSPENDED


@pytest.fixture
def lab() -> Lab:
    """Begin with an empty cloud service."""
    return Lab()


def test_a_new_deployment_is_deploying_and_locked(lab: Lab) -> None:
    """The slot is taken at once."""
    request_id = lab.create()
    assert (lab.deployment().status, lab.deployment().locked_by) == (DeploymentStatus.DEPLOYING, request_id)


def test_success_comes_before_the_instances_are_ready(lab: Lab) -> None:
    """An operation that succeeded says nothing about them."""
    request_id = lab.create()
    lab.wait(40)
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED
    assert set(lab.seen().values()) == {"CreatingVM"}


def test_instances_become_ready_one_by_one(lab: Lab) -> None:
    """The second lags behind the first."""
    lab.create()
    lab.wait(40 + 110)
    assert lab.seen() == {"WebRole1_IN_0": "ReadyRole", "WebRole1_IN_1": "BusyRole"}


def test_every_instance_is_ready_in_the_end(lab: Lab) -> None:
    """Nothing is left behind."""
    lab.create(counts={"WebRole1": 3, "Worker": 2})
    lab.wait(1000)
    assert set(lab.seen().values()) == {"ReadyRole"}


def test_a_deployment_that_is_not_started_lies_down(lab: Lab) -> None:
    """Suspended, machines made and stopped."""
    lab.create(start=False)
    lab.wait(1000)
    moments = [one.seen(lab.now) for one in lab.deployment().instances]
    assert lab.deployment().status is SUSPENDED
    assert {(one.status, one.power) for one in moments} == {(InstanceStatus.STOPPED_VM, Power.STOPPED)}


def test_nothing_happens_before_the_package_is_there(lab: Lab) -> None:
    """The operation waits for it, however long."""
    request_id = lab.create()
    operation = lab.operation(request_id)
    lab.world.record(replace(operation, package=PackageRequest("http://blobs/x?sig=s")))
    lab.wait(10_000)
    assert lab.operation(request_id).status is OperationStatus.IN_PROGRESS
    operations.package_fetched(lab.world, request_id, PACKAGE, lab.now)
    lab.wait(0)
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED


def test_a_missing_package_fails_the_operation_and_frees_the_slot(lab: Lab) -> None:
    """400 BadRequest inside the operation."""
    request_id = lab.create()
    operation = lab.operation(request_id)
    lab.world.record(replace(operation, package=PackageRequest("http://blobs/x?sig=s")))
    operations.package_missing(lab.world, request_id, "not there", lab.now)
    assert lab.operation(request_id).failure == Failure(400, "BadRequest", "not there")
    assert lab.world.service("shop").slots == {}


def test_a_locked_deployment_names_the_operation_that_holds_it(lab: Lab) -> None:
    """409 with the request id, so that a caller can wait for it."""
    request_id = lab.create()
    with pytest.raises(ServiceError, match=f"x-ms-requestid {request_id} on this deployment"):
        lab.status(RUNNING)


def test_suspending_stops_the_instances(lab: Lab) -> None:
    """Running, then Suspended when the operation ends."""
    lab.running()
    lab.status(SUSPENDED)
    assert lab.deployment().status is RUNNING
    lab.wait(40 + 30)
    assert lab.deployment().status is SUSPENDED
    assert set(lab.seen().values()) == {"StoppedVM"}


def test_running_again_boots_the_instances(lab: Lab) -> None:
    """They are not ready at once."""
    lab.create(start=False)
    lab.wait(1000)
    lab.status(RUNNING)
    lab.wait(40)
    assert (lab.deployment().status, set(lab.seen().values())) == (RUNNING, {"CreatingVM"})


def test_running_twice_restarts_nothing(lab: Lab) -> None:
    """What runs goes on."""
    lab.running()
    lab.status(RUNNING)
    lab.wait(40)
    assert set(lab.seen().values()) == {"ReadyRole"}


def test_a_deleted_deployment_is_there_until_the_operation_ends(lab: Lab) -> None:
    """Deleting, then gone."""
    lab.running()
    request_id = lab.delete()
    assert lab.deployment().status is DeploymentStatus.DELETING
    lab.wait(40)
    assert lab.world.service("shop").slots == {}
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED


def test_a_late_failure_of_a_creation_takes_the_deployment_away(lab: Lab) -> None:
    """The operation fails when it would have ended."""
    failure = Failure(500, "InternalError", "no")
    request_id = lab.create(fate=Fate(failure=failure))
    lab.wait(40)
    assert lab.operation(request_id).failure == failure
    assert lab.world.service("shop").slots == {}


@pytest.mark.parametrize("change", ["delete", "status", "configure"])
def test_a_late_failure_of_a_change_leaves_the_deployment_as_it_was(lab: Lab, change: str) -> None:
    """Status, configuration and lock are those of before."""
    lab.running()
    before = lab.deployment()
    fate = Fate(failure=Failure(500, "InternalError", "no"))
    match change:
        case "delete":
            request_id = lab.delete(fate=fate)
        case "status":
            request_id = lab.status(SUSPENDED, fate=fate)
        case _:
            request_id = lab.configure(fate=fate)
    lab.wait(40)
    assert lab.operation(request_id).status is OperationStatus.FAILED
    assert lab.deployment() == before


def test_an_endless_operation_never_ends(lab: Lab) -> None:
    """It holds the deployment too."""
    request_id = lab.create(fate=Fate(endless=True))
    lab.wait(1_000_000)
    assert lab.operation(request_id).status is OperationStatus.IN_PROGRESS
    assert lab.deployment().locked_by == request_id


def test_a_stuck_instance_is_never_ready(lab: Lab) -> None:
    """The last one, unless another is named."""
    lab.create(fate=Fate(stuck=Stuck(InstanceStatus.CYCLING)))
    lab.wait(1_000_000)
    assert lab.seen() == {"WebRole1_IN_0": "ReadyRole", "WebRole1_IN_1": "CyclingRole"}


def test_a_stuck_instance_can_be_named(lab: Lab) -> None:
    """Only that one."""
    lab.create(fate=Fate(stuck=Stuck(InstanceStatus.BUSY, "WebRole1_IN_0")))
    lab.wait(1_000_000)
    assert lab.seen() == {"WebRole1_IN_0": "BusyRole", "WebRole1_IN_1": "ReadyRole"}


def test_a_swap_exchanges_deployments_and_leaves_addresses_with_their_slots(lab: Lab) -> None:
    """Names and private ids travel, host names and virtual IPs do not. Recorded."""
    lab.running("old", Slot.PRODUCTION)
    lab.running("new")
    before = lab.world.service("shop")
    lab.swap("old", "new")
    lab.wait(40)
    after = lab.world.service("shop")
    assert {slot: one.name for slot, one in after.slots.items()} == {Slot.PRODUCTION: "new", Slot.STAGING: "old"}
    assert (after.hosts, after.addresses) == (before.hosts, before.addresses)


def test_a_swap_into_an_empty_production_slot_moves_the_deployment(lab: Lab) -> None:
    """Its virtual IP goes with it. Recorded."""
    lab.running("new")
    address = lab.world.service("shop").addresses[Slot.STAGING]
    lab.swap(None, "new")
    lab.wait(40)
    service = lab.world.service("shop")
    assert (list(service.slots), service.hosts, service.addresses) == (
        [Slot.PRODUCTION],
        {Slot.PRODUCTION: "shop"},
        {Slot.PRODUCTION: address},
    )


@pytest.mark.parametrize(
    ("production", "source"),
    [("new", "old"), (None, "new"), ("old", "other"), ("other", "new")],
    ids=["moved already", "production not named", "other source", "other production"],
)
def test_a_swap_of_other_names_is_refused(lab: Lab, production: str | None, source: str) -> None:
    """409: that makes a swap exactly-once."""
    lab.running("old", Slot.PRODUCTION)
    lab.running("new")
    with pytest.raises(ServiceError) as refusal:
        lab.swap(production, source)
    assert refusal.value.failure.status == 409


def test_a_swap_needs_the_same_number_of_endpoints(lab: Lab) -> None:
    """A web role has one here, a worker role none."""
    lab.running("old", Slot.PRODUCTION, WebRole1=1)
    lab.running("new", Slot.STAGING, Worker=1)
    with pytest.raises(ServiceError) as refusal:
        lab.swap("old", "new")
    assert refusal.value.failure.status == 400


def test_a_failed_swap_frees_both_deployments(lab: Lab) -> None:
    """Neither stays locked."""
    lab.running("old", Slot.PRODUCTION)
    lab.running("new")
    lab.swap("old", "new", Fate(failure=Failure(500, "InternalError", "no")))
    lab.wait(40)
    assert [lab.deployment(name).locked_by for name in ("old", "new")] == [None, None]
    assert lab.found("old").slot is Slot.PRODUCTION


def test_deleted_instances_are_counted_out_of_the_configuration(lab: Lab) -> None:
    """The number of upgrade domains stays. Recorded."""
    lab.running(WebRole1=3)
    call = lab.call("delete-role-instances")
    deployments.delete_instances(lab.world, call, "shop", ByName("v1"), DeleteRoleInstances(("WebRole1_IN_0",)))
    lab.wait(40)
    assert list(lab.seen()) == ["WebRole1_IN_1", "WebRole1_IN_2"]
    assert (lab.deployment().model.roles[0].count, lab.deployment().upgrade_domains) == (2, 3)


def test_a_role_keeps_at_least_one_instance(lab: Lab) -> None:
    """400."""
    lab.running(WebRole1=1)
    call = lab.call("delete-role-instances")
    with pytest.raises(ServiceError):
        deployments.delete_instances(lab.world, call, "shop", ByName("v1"), DeleteRoleInstances(("WebRole1_IN_0",)))


def test_a_rebooted_instance_comes_back(lab: Lab) -> None:
    """Down, up, ready; the other one is not touched."""
    lab.running()
    deployments.recycle(lab.world, lab.call("reboot-role-instance"), "shop", ByName("v1"), "WebRole1_IN_0")
    lab.wait(30)
    assert lab.seen() == {"WebRole1_IN_0": "StoppedVM", "WebRole1_IN_1": "ReadyRole"}
    lab.wait(100)
    assert set(lab.seen().values()) == {"ReadyRole"}
