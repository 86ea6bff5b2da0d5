"""What holds a night back: a request under way, a freeze, somebody's lock, rights that leave out the clock."""

from collections.abc import Mapping
from datetime import datetime

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.ledger import Entry
from handlers.model import Actor, Configure, Goal, Retire, SetStatus, Source
from handlers.nights.rules import Rule, Way
from handlers.nights.sleep import SUSPENDED
from handlers.policy import Attempt, Effect, Entrance, before_a_call, right_for
from handlers.policy.who import rule_right
from handlers.ports import Ports

_WAYS: Mapping[Way, Goal] = {
    Way.SUSPEND: SetStatus(status=SUSPENDED),
    Way.DELETE: SetStatus(status=SUSPENDED),
    Way.SCALE: Configure(instances={"": 0}),
}
"""What each way of sleeping takes the right for. Deleting for a night takes the one for suspending."""


def actor_of(rule: str) -> Actor:
    """Return who asks for what a rule wants: the clock, under the rule's name."""
    return Actor(source=Source.CLOCK, id=rule, name=f"rule {rule}")


def is_at_work(entry: Entry) -> bool:
    """Say whether a request changes something, or is about to. A removal that is due later is not."""
    return not entry.ended and not (isinstance(entry.request.goal, Retire) and entry.operation is None)


def what_holds(rule: Rule, environment: Environment, ports: Ports) -> str | None:
    """Say what stands in the way of an environment's sleep, None where nothing does. Raises Unavailable.

    A release that goes through the other slot of the same cloud service may stand in this one for a while.
    """
    beside = {one.name for one in ports.environments.values() if _service(one) == _service(environment)}
    for stored in ports.ledger.unfinished():
        entry = stored.row
        if entry.request.environment in beside and is_at_work(entry):
            return f"request {entry.request.id} is under way"
    refused = what_refuses(_WAYS[rule.sleep], rule.name, environment, ports)
    return refused or what_rights_hold(rule, environment, ports.now())


def _service(environment: Environment) -> tuple[str, str]:
    """Return what two environments have in common that are the two slots of one cloud service."""
    return environment.subscription, environment.cloud_service.lower()


def what_refuses(goal: Goal, rule: str, environment: Environment, ports: Ports) -> str | None:
    """Say which rule of the policy is against a goal now, None where none is. Raises Unavailable."""
    right = right_for(goal, environment)
    if right is None:
        return None
    now = ports.now()
    attempt = Attempt(right, environment, actor_of(rule), Entrance.CLOCK, now)
    lock = ports.ledger.standing(environment.name).row.held_lock(now)
    against = before_a_call(attempt, lock).deciding
    return against.sentence.rstrip(".") if against is not None else None


def what_rights_hold(rule: Rule, environment: Environment, now: datetime) -> str | None:
    """Say why the clock may not put to sleep, or could not bring back what it does: rights that leave it out."""
    for right in (right_for(_WAYS[rule.sleep], environment), Right.RESUME):
        if right is not None:
            ruling = rule_right(Attempt(right, environment, actor_of(rule.name), Entrance.CLOCK, now))
            if ruling.effect is not Effect.PASS:
                return ruling.sentence.rstrip(".")
    return None
