"""Locks, put on and taken off: one compare-and-set of the environment's standing, and a sentence for who asked."""

import logging
from collections.abc import Callable

from handlers import commands
from handlers.environments.people import are_one
from handlers.environments.rights import Right
from handlers.errors import LedgerConflict, SinkRefused, Unavailable
from handlers.logs import line
from handlers.model import Inquiry
from handlers.policy import Lock, Reason, Ruling
from handlers.policy.locks import Unlocking
from handlers.policy.standing import Standing
from handlers.ports import Ports
from handlers.queueing.pacing import MOST_TRIES
from handlers.vetting.asking import refusal
from handlers.vetting.refusals import refuse

log = logging.getLogger(__name__)


def lock(command: commands.Lock, inquiry: Inquiry, ports: Ports) -> str | Ruling:
    """Lock an environment for whoever asks. Asked twice by one inquiry, it is locked once."""
    against = refusal(Right.LOCK, ports.environments[command.environment], inquiry, ports)
    if against is not None:
        return refuse(command.environment, against, inquiry, ports)
    now = inquiry.asked_at
    wanted = Lock(
        id=inquiry.id,
        owner=inquiry.actor,
        reason=command.reason,
        since=now,
        until=now + command.lasts if command.lasts is not None else None,
        place=inquiry.place,
    )
    people = ports.environments[command.environment].people

    def change(standing: Standing) -> Standing:
        if _was_here(wanted, standing):
            return standing
        there = standing.held_lock(ports.now())
        if there is not None and not are_one(there.owner, inquiry.actor, people):
            return standing
        return standing.model_copy(update={"lock": wanted})

    found = _change(command.environment, change, ports).lock
    if found is None or not found.holds(ports.now()):
        return f"{command.environment} is no longer locked."
    if found.id != wanted.id:
        ruling = Ruling(Reason.LOCKED, f"{command.environment} is {found.words}.")
        return refuse(command.environment, ruling, inquiry, ports)
    log.info(line("environment.locked", environment=command.environment, by=inquiry.actor.id, until=wanted.until))
    return f"{command.environment} is {wanted.words}. Others are refused; what is under way waits before its next step."


def unlock(command: commands.Unlock, inquiry: Inquiry, ports: Ports) -> str:
    """Take a lock off. Somebody else's takes a right of its own, and is said where it was put on."""
    environment = ports.environments[command.environment]
    standing = ports.ledger.standing(environment.name).row
    there = standing.held_lock(ports.now())
    if there is not None and standing.unlocked is not None and standing.unlocked.inquiry == inquiry.id:
        return f"{environment.name} was locked again: it is {there.words}."
    if there is None:
        return f"{environment.name} is not locked."
    own = are_one(there.owner, inquiry.actor, environment.people)
    against = refusal(Right.UNLOCK if own else Right.UNLOCK_OTHERS, environment, inquiry, ports)
    if against is not None:
        return f"{environment.name} is {there.words}. {refuse(environment.name, against, inquiry, ports).sentence}"

    off = Unlocking(by=inquiry.actor, at=ports.now(), inquiry=inquiry.id, lock=there.id)

    def change(standing: Standing) -> Standing:
        same = standing.lock is not None and standing.lock.id == there.id
        return standing.model_copy(update={"lock": None, "unlocked": off}) if same else standing

    after = _change(environment.name, change, ports).lock
    if after is not None:
        return f"{environment.name} was locked again: it is {after.words}."
    log.info(line("environment.unlocked", environment=environment.name, by=inquiry.actor.id, own=own))
    if own:
        return f"{environment.name} is unlocked."
    _announce(there, f"{inquiry.actor.name} has taken your lock off {environment.name}: {there.reason}", ports)
    return f"{environment.name} is unlocked. It was {there.words}; its owner is told."


def _was_here(lock: Lock, standing: Standing) -> bool:
    """Say whether this very lock was put on before, and is on, has run out or was taken off: a command comes twice."""
    on, off = standing.lock, standing.unlocked
    return (on is not None and on.id == lock.id) or (off is not None and off.lock == lock.id)


def _change(environment: str, change: Callable[[Standing], Standing], ports: Ports) -> Standing:
    """Change the standing, whoever else does so meanwhile; return what stands then. Raises Unavailable."""
    for _ in range(MOST_TRIES):
        stored = ports.ledger.standing(environment)
        changed = change(stored.row)
        if changed == stored.row:
            return stored.row
        try:
            return ports.ledger.replace_standing(environment, stored, changed).row
        except LedgerConflict:
            continue
    raise Unavailable(f"others change the standing of {environment} all the time")


def _announce(lock: Lock, text: str, ports: Ports) -> None:
    """Say something where a lock was put on. It is off by now, so that a chat which is away stops nothing."""
    voice = ports.voices.get(lock.owner.source)
    if voice is None or lock.place is None:
        return
    try:
        voice.say(lock.place, text, f"{lock.id}-off")
    except (Unavailable, SinkRefused) as error:
        log.warning(line("lock.owner_not_told", lock=lock.id, reason=error))
