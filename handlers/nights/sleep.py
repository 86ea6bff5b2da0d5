"""What is done with an environment in the evening and in the morning. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.environments import Environment
from handlers.ledger import Entry
from handlers.model import BringBack, Configure, Goal, Kept, PutAway, Result, SetStatus, Source
from handlers.nights.rules import Rule, Way
from handlers.nights.state import Snapshot
from handlers.nights.transitions import Night
from handlers.planning import Deployed, Situation

SUSPENDED = "Suspended"
RUNNING = "Running"

NOT_READY = "NotReady"
"""The code of a request that Azure has carried out, and whose instances were not seen to be ready in time."""


@dataclass(frozen=True)
class Leave:
    """Nothing is to be done, now and later."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Something stands in the way that passes; look again at the next tick."""

    reason: str


@dataclass(frozen=True)
class FallAsleep:
    """This deployment is to sleep."""

    deployed: Deployed


@dataclass(frozen=True)
class WakeUp:
    """This brings back what ran before."""

    goal: Goal


def evening(rule: Rule, deployed: Deployed | None, hold: str | None) -> FallAsleep | Leave | Wait:
    """Say whether what stands in the slot goes to sleep.

    `hold` is what nobody may sleep through, in words: a request under way, a freeze. It comes first: a release that
    replaces what ran leaves the slot empty for a while.
    """
    if hold is not None:
        return Wait(hold)
    if deployed is None:
        return Leave("nothing is deployed")
    if deployed.status.startswith("Suspend"):
        return Leave("somebody has suspended it already")
    if deployed.locked or deployed.update is not None or deployed.status != RUNNING:
        return Wait(f"Azure is at work on it ({deployed.status})")
    if rule.sleep is not Way.SCALE:
        return FallAsleep(deployed)
    counts = instances(deployed)
    unknown = [role for role in rule.instances if role not in counts]
    if unknown:
        return Leave(f"it has no role {', '.join(unknown)}; it has {', '.join(counts) or 'none'}")
    if all(counts[role] <= wanted for role, wanted in rule.instances.items()):
        return Leave("it has no more instances than at night")
    return FallAsleep(deployed)


def instances(deployed: Deployed) -> Mapping[str, int]:
    """Count the instances of each role, by their names: `Web_IN_0`."""
    return Counter(one.name.rpartition("_IN_")[0] for one in deployed.instances)


def is_scaled_down(deployed: Deployed, snapshot: Snapshot) -> bool:
    """Say whether as many instances run as a night that scales leaves, of the roles that it took some from."""
    counts = instances(deployed)
    return all(counts.get(role, 0) == asleep for role, asleep in snapshot.asleep.items())


def snapshot_of(
    night: Night, environment: Environment, deployed: Deployed, request: str, kept: Kept | None, now: datetime
) -> Snapshot:
    """Remember what runs before a night. No role gets more instances by falling asleep."""
    counts = instances(deployed)
    return Snapshot(
        rule=night.rule.name,
        way=night.rule.sleep,
        request=request,
        subscription=environment.subscription,
        cloud_service=environment.cloud_service,
        slot=environment.slot,
        notify=environment.notify,
        deployment=deployed.name,
        status=deployed.status,
        counts=counts,
        asleep={role: count for role, count in night.rule.instances.items() if count < counts.get(role, 0)},
        kept=kept,
        zone=night.rule.zone.key,
        taken_at=now,
        wake_at=night.morning,
    )


def to_sleep(snapshot: Snapshot) -> Goal:
    """Return the goal that puts to sleep what a snapshot shows."""
    match snapshot.way:
        case Way.SUSPEND:
            return SetStatus(status=SUSPENDED)
        case Way.SCALE:
            return Configure(instances=snapshot.asleep)
        case Way.DELETE:
            return PutAway(deployment=snapshot.deployment, kept=_kept(snapshot))


def morning(
    snapshot: Snapshot, situation: Situation, deployed: Deployed | None, slept: Entry | None, since: Sequence[Entry]
) -> WakeUp | Leave | Wait:
    """Say how what a snapshot shows runs again.

    `deployed` is what stands in the slot, `slept` the request that put it to sleep, `since` the environment's requests
    after that one. Left alone is whatever somebody has changed in the night.
    """
    if slept is None:
        return Leave("it was never put to sleep")
    if not slept.ended:
        return Wait("it is still falling asleep")
    if stayed_awake(slept):
        return Leave("it did not fall asleep")
    under_way = next((one for one in since if not one.ended), None)
    if under_way is not None:
        return Wait(f"request {under_way.request.id} is under way")
    if snapshot.way is Way.DELETE:
        if deployed is not None:
            return Leave(f"{deployed.version or deployed.name} stands there")
        moved = situation.named(snapshot.deployment)
        return Leave(f"it stands in {moved.slot}") if moved else WakeUp(BringBack(kept=_kept(snapshot)))
    if deployed is None or not (deployed.name == snapshot.deployment or _came_first(deployed, slept, since)):
        return Leave("what slept is not there any more")
    if snapshot.way is Way.SUSPEND:
        return _resume(deployed, since)
    if not is_scaled_down(deployed, snapshot):
        return Leave("somebody has scaled it since")
    return WakeUp(Configure(instances={role: snapshot.counts[role] for role in snapshot.asleep}))


def _came_first(deployed: Deployed, slept: Entry, since: Sequence[Entry]) -> bool:
    """Say whether it was this one that was put to sleep: a release that was under way before anybody could see it.

    It was accepted before the night, and nothing has been asked for since that brings another deployment here.
    """
    accepted_at = slept.request.accepted_at
    if deployed.accepted_at is None or deployed.accepted_at > accepted_at:
        return False
    later = [one for one in since if one.request.accepted_at > accepted_at]
    return all(isinstance(one.request.goal, SetStatus | Configure) for one in later)


def stayed_awake(slept: Entry) -> bool:
    """Say whether Azure has refused what was to put it to sleep."""
    return slept.outcome is not None and slept.outcome.result is Result.FAILURE and not was_done(slept)


def was_done(entry: Entry) -> bool:
    """Say whether Azure has carried out what a request asked for, whatever its instances did then."""
    return entry.outcome is not None and (entry.outcome.result is Result.SUCCESS or entry.outcome.code == NOT_READY)


def _resume(deployed: Deployed, since: Sequence[Entry]) -> WakeUp | Leave | Wait:
    if deployed.status == RUNNING:
        return Leave("it is up already")
    by_people = [
        one
        for one in since
        if isinstance(one.request.goal, SetStatus)
        and one.request.actor.source is not Source.CLOCK
        and one.outcome is not None
        and one.outcome.result is Result.SUCCESS
    ]
    newest = max(by_people, key=lambda one: one.opened_at, default=None)
    if newest is not None and newest.request.goal == SetStatus(status=SUSPENDED):
        return Leave(f"{newest.request.actor.name} has suspended it since")
    if deployed.locked or deployed.status != SUSPENDED:
        return Wait(f"Azure is at work on it ({deployed.status})")
    return WakeUp(SetStatus(status=RUNNING))


def _kept(snapshot: Snapshot) -> Kept:
    if snapshot.kept is None:
        raise AssertionError(snapshot.request)
    return snapshot.kept
