"""What holds whatever is called, in whatever order, with whatever waits between."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from local.simulator import storage
from local.simulator.errors import ServiceError
from local.simulator.state import DeploymentStatus, InstanceStatus, Mode, OperationStatus, Slot
from tests.simulator.worlds import Lab

NAMES = st.sampled_from(["v1", "v2"])
MODES = st.sampled_from(list(Mode))
SETTLED = {DeploymentStatus.RUNNING, DeploymentStatus.SUSPENDED}
ACTIONS = st.one_of(
    st.tuples(st.just("create"), NAMES, st.sampled_from(list(Slot)), st.booleans()),
    st.tuples(st.just("configure"), NAMES, MODES, st.integers(1, 4)),
    st.tuples(st.just("upgrade"), NAMES, MODES, st.integers(1, 4)),
    st.tuples(st.just("walk"), NAMES, st.integers(0, 2)),
    st.tuples(st.just("rollback"), NAMES, st.sampled_from([Mode.AUTO, Mode.MANUAL])),
    st.tuples(st.just("status"), NAMES, st.sampled_from(sorted(SETTLED))),
    st.tuples(st.just("swap"), NAMES, st.one_of(st.none(), NAMES)),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("wait"), st.integers(0, 200)),
)


def act(lab: Lab, action: tuple[object, ...]) -> None:
    """Do one thing; being refused is fine."""
    try:
        match action:
            case ("create", str(name), Slot() as slot, bool(start)):
                lab.create(name, slot, start=start)
            case ("configure", str(name), Mode() as mode, int(count)):
                lab.configure(name, mode, WebRole1=count)
            case ("upgrade", str(name), Mode() as mode, int(count)):
                lab.upgrade(name, mode, WebRole1=count)
            case ("walk", str(name), int(domain)):
                lab.walk(domain, name)
            case ("rollback", str(name), Mode() as mode):
                lab.rollback(mode, name)
            case ("status", str(name), DeploymentStatus() as status):
                lab.status(status, name)
            case ("swap", str(source), str() | None as production):
                lab.swap(production, source)
            case ("delete", str(name)):
                lab.delete(name)
            case ("wait", int(seconds)):
                lab.wait(seconds)
            case _:
                raise AssertionError(action)
    except ServiceError:
        lab.wait(0)


@settings(max_examples=150)
@given(st.lists(ACTIONS, max_size=25))
def test_everything_comes_to_an_end(actions: list[tuple[object, ...]]) -> None:
    """Every operation ends, nothing stays locked, instances are as many as configured and all ready or all stopped."""
    lab = Lab()
    for action in actions:
        act(lab, action)
    lab.wait(10_000)
    assert all(one.status is not OperationStatus.IN_PROGRESS for one in lab.world.subscription.operations.values())
    for deployment in lab.world.service("shop").slots.values():
        assert deployment.locked_by is None
        if deployment.update is not None:
            assert (deployment.update.mode, deployment.update.during) == (Mode.MANUAL, False)
            continue
        assert deployment.status in SETTLED
        assert len(deployment.instances) == sum(role.count for role in deployment.model.roles)
        expected = InstanceStatus.READY if deployment.status is DeploymentStatus.RUNNING else InstanceStatus.STOPPED_VM
        assert {one.seen(lab.now).status for one in deployment.instances} == {expected}


@settings(max_examples=50)
@given(st.lists(ACTIONS, max_size=15))
def test_a_state_survives_being_written_and_read(actions: list[tuple[object, ...]]) -> None:
    """Every kind of state, in the middle of everything."""
    lab = Lab()
    for action in actions:
        act(lab, action)
    with TemporaryDirectory() as folder:
        storage.save(Path(folder), {"sub": lab.world.subscription})
        assert storage.load(Path(folder)) == {"sub": lab.world.subscription}
