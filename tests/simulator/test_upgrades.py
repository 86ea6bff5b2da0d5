"""Configuration changes, upgrades and rollbacks on their way through the upgrade domains."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.simulator.configuration import check_change
from local.simulator.deployments import shown_extensions
from local.simulator.errors import Failure, ServiceError
from local.simulator.state import (
    Deployment,
    DeploymentStatus,
    Extension,
    ExtensionReference,
    ExtensionUse,
    Mode,
    OperationStatus,
    Role,
    RoleExtensions,
)
from local.simulator.upgrades import rollback_allowed
from tests.simulator.api import cscfg, encoded
from tests.simulator.worlds import Lab

RUNNING, TRANSITIONING = DeploymentStatus.RUNNING, DeploymentStatus.RUNNING_TRANSITIONING
LOCKED = 10
"""Seconds an update locks the deployment: a quarter of an operation."""


@pytest.fixture
def lab() -> Lab:
    """Begin with two instances of one role, ready, in two domains."""
    lab = Lab()
    lab.running()
    return lab


def shown(deployment: Deployment) -> tuple[str, tuple[int, ...], bool] | None:
    """Return what `UpgradeStatus` is made of: mode, domains to come, whether one is being walked."""
    update = deployment.update
    return None if update is None or not update.begun else (update.mode, update.domains, update.during)


def test_an_update_locks_the_deployment_only_at_its_beginning(lab: Lab) -> None:
    """Then another call is allowed on top of it."""
    request_id = lab.configure()
    assert (lab.deployment().locked_by, lab.deployment().status) == (request_id, TRANSITIONING)
    lab.wait(LOCKED)
    assert lab.deployment().locked_by is None


def test_the_domains_are_walked_in_order(lab: Lab) -> None:
    """First 0 During, then 1."""
    lab.configure()
    lab.wait(LOCKED)
    first = shown(lab.deployment())
    lab.wait(40)
    assert (first, shown(lab.deployment())) == (("Auto", (0, 1), True), ("Auto", (1,), True))


def test_only_the_domain_being_walked_is_restarted(lab: Lab) -> None:
    """The others serve."""
    lab.configure()
    lab.wait(LOCKED + 1)
    assert lab.seen() == {"WebRole1_IN_0": "StoppingRole", "WebRole1_IN_1": "ReadyRole"}


def test_the_operation_ends_after_the_last_domain(lab: Lab) -> None:
    """Two domains, 40 s each, after the lock."""
    request_id = lab.configure()
    lab.wait(LOCKED + 79)
    assert lab.operation(request_id).status is OperationStatus.IN_PROGRESS
    lab.wait(1)
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED


def test_the_deployment_still_settles_when_the_operation_has_ended(lab: Lab) -> None:
    """RunningTransitioning right after, as recorded; Running later."""
    lab.configure()
    lab.wait(LOCKED + 80)
    assert lab.deployment().status is TRANSITIONING
    lab.wait(20)
    assert (lab.deployment().status, lab.deployment().update) == (RUNNING, None)


def test_a_suspended_deployment_is_updated_without_running(lab: Lab) -> None:
    """SuspendedTransitioning, then Suspended, instances stopped all the time."""
    lab.status(DeploymentStatus.SUSPENDED)
    lab.wait(1000)
    lab.configure()
    assert lab.deployment().status is DeploymentStatus.SUSPENDED_TRANSITIONING
    lab.wait(1000)
    assert lab.deployment().status is DeploymentStatus.SUSPENDED
    assert set(lab.seen().values()) == {"StoppedVM"}


def test_scaling_out_adds_instances_that_boot(lab: Lab) -> None:
    """They are still being made when the operation ends."""
    request_id = lab.configure(WebRole1=4)
    lab.wait(LOCKED + 4 * 40)
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED
    assert lab.seen()["WebRole1_IN_3"] == "StartingVM"
    lab.wait(1000)
    assert list(lab.seen().values()) == ["ReadyRole"] * 4


def test_scaling_in_takes_the_highest_instances_away(lab: Lab) -> None:
    """One is left."""
    lab.configure(WebRole1=1)
    lab.wait(1000)
    assert list(lab.seen()) == ["WebRole1_IN_0"]


def test_a_configuration_of_other_roles_is_refused(lab: Lab) -> None:
    """Roles are the package's."""
    with pytest.raises(ServiceError, match="roles"):
        lab.configure(Other=2)


def test_a_configuration_of_other_settings_is_refused() -> None:
    """So are the names of settings: a new one needs an upgrade."""
    old = (Role("Web", 1, ("Colour",)),)
    with pytest.raises(ServiceError, match="settings of role Web"):
        check_change(old, (Role("Web", 2, ("Colour", "Size")),))


def test_a_manual_update_ends_its_operation_and_waits(lab: Lab) -> None:
    """Manual, Before, 0: nothing moves by itself."""
    request_id = lab.configure(mode=Mode.MANUAL)
    lab.wait(1_000_000)
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED
    assert shown(lab.deployment()) == ("Manual", (0, 1), False)
    assert set(lab.seen().values()) == {"ReadyRole"}


def test_a_manual_update_is_walked_domain_by_domain(lab: Lab) -> None:
    """Each walk is an operation; after the last one nothing is under way."""
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    first = lab.walk(0)
    lab.wait(1)
    assert shown(lab.deployment()) == ("Manual", (0, 1), True)
    lab.wait(39)
    assert lab.operation(first).status is OperationStatus.SUCCEEDED
    assert shown(lab.deployment()) == ("Manual", (1,), False)
    second = lab.walk(1)
    lab.wait(60)
    assert lab.operation(second).status is OperationStatus.SUCCEEDED
    assert (lab.deployment().update, lab.deployment().status) == (None, RUNNING)


def test_domains_cannot_be_walked_out_of_order(lab: Lab) -> None:
    """The refusal names the next one."""
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    with pytest.raises(ServiceError, match="the next one is 0"):
        lab.walk(1)


def test_a_walk_has_to_wait_for_the_one_before(lab: Lab) -> None:
    """409, worth repeating."""
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    lab.walk(0)
    lab.wait(1)
    with pytest.raises(ServiceError, match="retry later"):
        lab.walk(1)


@pytest.mark.parametrize("mode", [Mode.AUTO, None], ids=["automatic update", "no update"])
def test_only_a_manual_update_is_walked(lab: Lab, mode: Mode | None) -> None:
    """400."""
    if mode is not None:
        lab.configure(mode=mode)
        lab.wait(LOCKED)
    with pytest.raises(ServiceError, match="No manual update"):
        lab.walk(0)


def test_a_simultaneous_update_takes_all_domains_at_once(lab: Lab) -> None:
    """Every instance restarts together."""
    request_id = lab.configure(mode=Mode.SIMULTANEOUS)
    lab.wait(LOCKED + 1)
    assert set(lab.seen().values()) == {"StoppingRole"}
    lab.wait(40)
    assert lab.operation(request_id).status is OperationStatus.SUCCEEDED


def test_an_upgrade_brings_package_label_and_configuration(lab: Lab) -> None:
    """All three are the new ones."""
    lab.upgrade()
    lab.wait(1000)
    model = lab.deployment().model
    assert model.package is not None
    assert (model.label, model.package.location) == (encoded("two"), "http://blobs/c/2.cspkg")
    assert model.configuration == cscfg({"WebRole1": 2}, "green")


def test_an_upgrade_of_one_role_leaves_the_others_alone() -> None:
    """Only the role named restarts."""
    lab = Lab()
    lab.running(WebRole1=1, Worker=1)
    lab.upgrade(role="Worker", WebRole1=1, Worker=1)
    lab.wait(LOCKED + 1)
    assert lab.seen() == {"WebRole1_IN_0": "ReadyRole", "Worker_IN_0": "StoppingRole"}


def test_a_rollback_brings_the_old_configuration_back(lab: Lab) -> None:
    """Only the domain that was walked goes back."""
    before = lab.deployment().model
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    lab.walk(0)
    lab.wait(40)
    assert rollback_allowed(lab.deployment())
    lab.rollback()
    lab.wait(LOCKED + 1)
    assert lab.seen() == {"WebRole1_IN_0": "StoppingRole", "WebRole1_IN_1": "ReadyRole"}
    lab.wait(1000)
    assert (lab.deployment().model, lab.deployment().status, lab.deployment().update) == (before, RUNNING, None)


def test_a_manual_rollback_is_walked(lab: Lab) -> None:
    """The domains to walk are those that had been changed."""
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    lab.walk(0)
    lab.wait(40)
    lab.rollback(Mode.MANUAL)
    lab.wait(LOCKED)
    assert shown(lab.deployment()) == ("Manual", (0,), False)


@pytest.mark.parametrize("seconds", [0, 1000], ids=["no update", "update over"])
def test_without_an_update_under_way_nothing_is_rolled_back(lab: Lab, seconds: int) -> None:
    """400."""
    if seconds:
        lab.configure()
        lab.wait(seconds)
    with pytest.raises(ServiceError, match="No update"):
        lab.rollback()


def test_a_rollback_cannot_be_rolled_back(lab: Lab) -> None:
    """It is no update in this sense."""
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    lab.rollback(Mode.MANUAL)
    lab.wait(LOCKED)
    assert not rollback_allowed(lab.deployment())


def test_a_second_update_takes_the_place_of_the_first(lab: Lab) -> None:
    """The first one's operation ends as a conflict, truthfully; the second goes through."""
    first = lab.configure(colour="blue")
    lab.wait(LOCKED + 5)
    second = lab.configure(colour="black")
    lab.wait(1000)
    assert [lab.operation(one).status for one in (first, second)] == [OperationStatus.FAILED, OperationStatus.SUCCEEDED]
    assert lab.deployment().model.configuration == cscfg({"WebRole1": 2}, "black")


def test_a_deployment_can_be_deleted_in_the_middle_of_an_update(lab: Lab) -> None:
    """The update's operation does not stay InProgress."""
    request_id = lab.configure()
    lab.wait(LOCKED)
    lab.delete()
    lab.wait(40)
    assert lab.operation(request_id).status is OperationStatus.FAILED
    assert lab.world.service("shop").slots == {}


def test_properties_that_are_not_mentioned_stay(lab: Lab) -> None:
    """Merged by name; null deletes."""
    lab.configure(properties=(("a", "1"), ("b", "2")))
    lab.wait(1000)
    lab.configure(properties=(("b", None), ("c", "3")))
    lab.wait(1000)
    assert lab.deployment().model.extended_properties == (("a", "1"), ("c", "3"))


def use(*names: str) -> ExtensionUse:
    """Use extensions on all roles."""
    return ExtensionUse(tuple(ExtensionReference(name) for name in names), ())


def test_a_second_extension_configuration_is_shown_role_by_role() -> None:
    """The first one as it was sent. Recorded."""
    old = use("e")
    roles = ["Web", "Worker"]
    assert shown_extensions(None, old, roles) == old
    assert shown_extensions(old, use("e"), roles) == ExtensionUse(
        None,
        tuple(RoleExtensions(role, (ExtensionReference("e"),)) for role in roles),
    )


def named(role: str) -> ExtensionUse:
    """Use an extension on one role."""
    return ExtensionUse(None, (RoleExtensions(role, (ExtensionReference("e"),)),))


WRONG_ROLES: dict[str, Callable[[Lab, str], str]] = {
    "configuration": lambda lab, role: lab.configure(extensions=named(role)),
    "upgrade": lambda lab, role: lab.upgrade(extensions=named(role)),
    "role to upgrade": lambda lab, role: lab.upgrade(role=role),
}


@pytest.mark.parametrize("role", ["Nobody", "webrole1", " WebRole1"])
@pytest.mark.parametrize("change", WRONG_ROLES)
def test_a_role_that_is_not_there_is_refused_and_nothing_changes(change: str, role: str) -> None:
    """404 with the recorded sentence; the extensions of before stay."""
    lab = Lab()
    added = Extension("e", "p", "t", "*", "", "", "")
    lab.world.put(replace(lab.world.service("shop"), extensions=(added,)))
    lab.create(extensions=named("WebRole1"))
    lab.wait(1000)
    before = lab.found()
    with pytest.raises(ServiceError) as refused:
        WRONG_ROLES[change](lab, role)
    message = f"Role {role} was not found in the currently deployed service."
    assert refused.value.failure == Failure(404, "ResourceNotFound", message)
    assert lab.found() == before


def test_a_new_deployment_with_extensions_of_a_role_that_is_not_there_is_refused() -> None:
    """The slot stays empty."""
    lab = Lab()
    lab.world.put(replace(lab.world.service("shop"), extensions=(Extension("e", "p", "t", "*", "", "", ""),)))
    with pytest.raises(ServiceError, match="Role Nobody was not found"):
        lab.create(extensions=named("Nobody"))
    assert lab.world.service("shop").slots == {}


def test_empty_lists_take_every_extension_away() -> None:
    """Shown as an empty `NamedRoles` alone. Recorded."""
    assert shown_extensions(use("e"), use(), ["Web"]) == ExtensionUse(None, ())


def test_an_extension_configuration_that_is_left_out_changes_nothing() -> None:
    """None is not an empty list."""
    assert shown_extensions(use("e"), None, ["Web"]) == use("e")
