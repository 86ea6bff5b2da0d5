"""What Get Deployment says about an update: `UpgradeStatus` is there while one runs, and says how far it is."""

from collections.abc import Callable
from datetime import date

import pytest

from handlers.service_management import wire
from handlers.service_management.answers import Deployment, DeploymentStatus
from local.simulator import wire_out
from local.simulator.errors import ServiceError
from local.simulator.state import Mode
from local.simulator.wire_writing import Context
from tests.simulator.worlds import Lab

LOCKED = 10
"""Seconds an update locks the deployment: a quarter of an operation."""
WALK = 40
"""Seconds a walk takes."""


@pytest.fixture
def lab() -> Lab:
    """Begin with two instances of one role, ready, in two domains."""
    lab = Lab()
    lab.running()
    return lab


def got(lab: Lab) -> Deployment:
    """Get the deployment, as bytes, and read it with the client."""
    found = lab.found()
    context = Context(date(2017, 1, 1), lab.now, "sub", "https://127.0.0.1")
    return wire.deployment(wire_out.deployment(found.deployment, found.slot, found.service, context))


def shown(lab: Lab) -> tuple[str, str | None, int | None] | None:
    """Return type, state and domain of `UpgradeStatus`; None where it is not there."""
    status = got(lab).upgrade_status
    return None if status is None else (status.type, status.current_upgrade_domain_state, status.current_upgrade_domain)


MANUAL: dict[str, Callable[[Lab], object]] = {
    "configuration": lambda lab: lab.configure(mode=Mode.MANUAL),
    "upgrade": lambda lab: lab.upgrade(mode=Mode.MANUAL),
}


@pytest.mark.parametrize("kind", MANUAL)
def test_a_manual_update_shows_each_domain_before_and_during_its_walk(lab: Lab, kind: str) -> None:
    """Before 0, During 0, Before 1, During 1."""
    MANUAL[kind](lab)
    lab.wait(LOCKED)
    seen = [shown(lab)]
    for domain in (0, 1):
        lab.walk(domain)
        for seconds in (0, WALK - 1, 1):
            lab.wait(seconds)
            seen.append(shown(lab))
    before, during = (("Manual", state) for state in ("Before", "During"))
    assert seen[:-1] == [(*before, 0), (*during, 0), (*during, 0), (*before, 1), (*during, 1), (*during, 1)]


@pytest.mark.parametrize("kind", MANUAL)
def test_a_manual_update_that_was_walked_is_not_shown_any_more(lab: Lab, kind: str) -> None:
    """Though the deployment still settles: what refuses every walk shows no domain to walk."""
    MANUAL[kind](lab)
    lab.wait(LOCKED)
    for domain in (0, 1):
        lab.walk(domain)
        lab.wait(WALK)
    deployment = got(lab)
    assert deployment.status is DeploymentStatus.RUNNING_TRANSITIONING
    assert (deployment.upgrade_status, deployment.rollback_allowed) == (None, False)
    with pytest.raises(ServiceError, match="No manual update"):
        lab.walk(0)


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.MANUAL])
def test_a_rollback_that_is_through_is_not_shown_any_more(lab: Lab, mode: Mode) -> None:
    """Before that its own domains are."""
    lab.upgrade(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    lab.walk(0)
    lab.wait(WALK)
    lab.rollback(mode)
    lab.wait(LOCKED)
    assert shown(lab) == (mode, "During" if mode is Mode.AUTO else "Before", 0)
    if mode is Mode.MANUAL:
        lab.walk(0)
    lab.wait(WALK)
    assert (got(lab).status, shown(lab)) == (DeploymentStatus.RUNNING_TRANSITIONING, None)


def test_a_rollback_before_any_walk_shows_nothing(lab: Lab) -> None:
    """There is no domain to go back."""
    lab.configure(mode=Mode.MANUAL)
    lab.wait(LOCKED)
    lab.rollback()
    lab.wait(LOCKED)
    assert (got(lab).status, shown(lab)) == (DeploymentStatus.RUNNING_TRANSITIONING, None)


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        (lambda lab: lab.upgrade(), ("Auto", "Before", 0)),
        (lambda lab: lab.configure(), None),
        (lambda lab: lab.upgrade(mode=Mode.SIMULTANEOUS), None),
    ],
    ids=["automatic upgrade", "automatic configuration change", "simultaneous upgrade"],
)
def test_only_an_automatic_upgrade_is_shown_while_it_settles(
    lab: Lab, begin: Callable[[Lab], str], expected: tuple[str, str, int] | None
) -> None:
    """Auto, Before, 0 after Succeeded: the one shape that was recorded."""
    request_id = begin(lab)
    while lab.operation(request_id).ended_at is None:
        lab.wait(1)
    assert (got(lab).status, shown(lab)) == (DeploymentStatus.RUNNING_TRANSITIONING, expected)
    lab.wait(1000)
    assert shown(lab) is None
