"""What the virtual machines of a deployment go through, written down in advance. Pure.

An operation that succeeded says nothing about the instances: they follow one by one, so that a client has
to go on with Get Deployment until each of them is ReadyRole. Statuses and their order are the recorded ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from local.simulator.state import Instance, InstanceStatus, Moment, Power, Role, Stuck

MAX_UPGRADE_DOMAINS = 5
"""Upgrade domains of a deployment whose package asks for no other number; documented default."""
STAGGER = 0.25
"""Part of the boot time by which each instance lags behind the one before. Our choice: recorded ones
become ready in no order, seconds to a minute apart."""


@dataclass(frozen=True)
class Pace:
    """How long things take."""

    operation: timedelta
    """An operation; an update takes this long for each upgrade domain."""
    instance: timedelta
    """An instance, from the first sign of it to ReadyRole."""


def domain_count(roles: Iterable[Role]) -> int:
    """Return the number of upgrade domains: the most instances of any role, 5 at most."""
    return min(MAX_UPGRADE_DOMAINS, max(role.count for role in roles))


def create(role: str, number: int, domains: int, private_id: str, at: datetime) -> Instance:
    """Create an instance that is only allocated."""
    first = int(private_id[:2], 16)
    address = f"100.64.{first}.{4 + (number * 7 + sum(role.encode())) % 250}"
    blank = Moment(at, InstanceStatus.CREATING_VM, Power.STOPPED)
    return Instance(role, number, number % domains, address, (blank,))


def laid_down(instances: Sequence[Instance], at: datetime, pace: Pace) -> tuple[Instance, ...]:
    """Lay the instances of a suspended deployment down: machines are made and stay stopped."""
    return tuple(
        _with(
            instance,
            Moment(at, InstanceStatus.CREATING_VM, Power.STOPPED),
            Moment(at + _lag(pace, index) + pace.instance * 0.3, InstanceStatus.STOPPED_VM, Power.STOPPED),
        )
        for index, instance in enumerate(instances)
    )


def booted(instances: Sequence[Instance], at: datetime, pace: Pace, stuck: Stuck | None) -> tuple[Instance, ...]:
    """Start all instances, one after the other."""
    return tuple(
        _with(instance, *_boot(at + _lag(pace, index), at, pace.instance, end))
        for index, (instance, end) in enumerate(_ends(instances, stuck))
    )


def stopped(instances: Sequence[Instance], at: datetime, pace: Pace) -> tuple[Instance, ...]:
    """Stop the code on all instances."""
    return tuple(
        _with(
            instance,
            Moment(at, InstanceStatus.STOPPING_ROLE, Power.STOPPING),
            Moment(at + pace.instance * 0.25, InstanceStatus.STOPPED_VM, Power.STOPPED),
        )
        for instance in instances
    )


def restarted(instances: Sequence[Instance], at: datetime, pace: Pace, stuck: Stuck | None) -> tuple[Instance, ...]:
    """Restart the code on instances, as an update of their upgrade domain does."""
    return tuple(
        _with(
            instance,
            Moment(at, InstanceStatus.STOPPING_ROLE, Power.STARTED),
            _busy(at + pace.operation * 0.3, "Initializing role... System startup tasks are running."),
            _end(at + pace.operation * 0.9, end),
        )
        for instance, end in _ends(instances, stuck)
    )


def rebooted(instances: Sequence[Instance], at: datetime, pace: Pace, stuck: Stuck | None) -> tuple[Instance, ...]:
    """Take machines down and up again: reboot, reimage and rebuild look alike."""
    return tuple(
        _with(
            instance,
            Moment(at, InstanceStatus.STOPPING_VM, Power.STOPPING),
            Moment(at + pace.instance * 0.2, InstanceStatus.STOPPED_VM, Power.STARTING),
            _busy(at + pace.instance * 0.6, "Initializing role... System startup tasks are running."),
            _end(at + pace.instance, end),
        )
        for instance, end in _ends(instances, stuck)
    )


def reshaped(instances: Sequence[Instance], roles: Iterable[Role]) -> tuple[set[str], tuple[tuple[str, int], ...]]:
    """Say what a change of counts means: names of the instances that go, (role, number) of those that come."""
    gone: set[str] = set()
    come: list[tuple[str, int]] = []
    for role in roles:
        present = sorted((i for i in instances if i.role == role.name), key=lambda i: i.number)
        gone |= {instance.name for instance in present[role.count :]}
        taken = {instance.number for instance in present}
        free = [number for number in range(role.count + len(present)) if number not in taken]
        come += [(role.name, number) for number in free[: max(0, role.count - len(present))]]
    return gone, tuple(come)


def _lag(pace: Pace, index: int) -> timedelta:
    return pace.instance * (STAGGER * index)


def _with(instance: Instance, *moments: Moment) -> Instance:
    return replace(instance, moments=moments)


def _busy(at: datetime, words: str) -> Moment:
    return Moment(at, InstanceStatus.BUSY, Power.STARTED, f"{words} [{at:%Y-%m-%dT%H:%M:%SZ}]")


def _end(at: datetime, stuck: Stuck | None) -> Moment:
    if stuck is None:
        return Moment(at, InstanceStatus.READY, Power.STARTED)
    if stuck.status is InstanceStatus.BUSY:
        return _busy(at, "Starting role... Calling OnRoleRun.")
    return Moment(at, stuck.status, Power.STARTED)


def _ends(instances: Sequence[Instance], stuck: Stuck | None) -> Iterable[tuple[Instance, Stuck | None]]:
    """Pair each instance with how it ends: a fault without a name is for the last one."""
    for instance in instances:
        last = instance is instances[-1]
        hit = stuck is not None and (last if stuck.instance is None else stuck.instance == instance.name)
        yield instance, stuck if hit else None


def _boot(begin: datetime, first: datetime, takes: timedelta, stuck: Stuck | None) -> tuple[Moment, ...]:
    return (
        Moment(first, InstanceStatus.CREATING_VM, Power.STARTING),
        Moment(begin + takes * 0.3, InstanceStatus.STARTING_VM, Power.STARTING),
        Moment(begin + takes * 0.55, InstanceStatus.UNKNOWN, Power.STARTED),
        _busy(begin + takes * 0.65, "Starting role... Calling OnRoleRun."),
        _end(begin + takes, stuck),
    )
