"""What a night has put to sleep and no morning reaches: `environments.toml` names another place by now, or none.

Nothing is woken that the file does not name: what is allowed there, and which certificate reaches it, stood in it.
"""

from zoneinfo import ZoneInfo

from handlers.ledger import Entry
from handlers.model import Check, Result, Retire
from handlers.nights.sleep import stayed_awake
from handlers.nights.state import NightRow, Snapshot
from handlers.ports import Ports, Stored
from handlers.sleeping.by_hand import command_for
from handlers.sleeping.owners import tell_owner

NEWEST = 100
"""Our choice: requests that are looked through for what people did since the evening."""


def tell_of_orphans(ports: Ports) -> None:
    """Tell the owner of everything that sleeps under a name that is gone. Raises LedgerConflict, Unavailable."""
    for stored in ports.nights.asleep():
        if stored.row.snapshot is not None and stored.row.environment not in ports.environments:
            tell_of_orphan(stored, stored.row.snapshot, ports)


def tell_of_orphan(stored: Stored[NightRow], snapshot: Snapshot, ports: Ports) -> Stored[NightRow]:
    """Tell the owner once that no morning wakes it, and what does; return the row as it is then.

    Raises LedgerConflict, Unavailable.
    """
    row = stored.row
    if row.orphaned == snapshot.request or not _sleeps_on(row.environment, snapshot, ports):
        return stored
    if not tell_owner(
        row.environment, snapshot.notify, _text(row.environment, snapshot, ports), snapshot.request, ports
    ):
        return stored
    return ports.nights.replace(stored, row.model_copy(update={"orphaned": snapshot.request}))


def _sleeps_on(environment: str, snapshot: Snapshot, ports: Ports) -> bool:
    """Say whether it fell asleep, and nothing has been done with it since."""
    slept = ports.ledger.get(Check(environment=environment, request=snapshot.request))
    if slept is None or not slept.row.ended or stayed_awake(slept.row):
        return False
    newer = (one for one in ports.ledger.history(environment, NEWEST) if one.opened_at > slept.row.opened_at)
    return not any(_has_changed_something(one) for one in newer)


def _has_changed_something(entry: Entry) -> bool:
    succeeded = entry.outcome is not None and entry.outcome.result is Result.SUCCESS
    return succeeded and not isinstance(entry.request.goal, Retire)


def _text(environment: str, snapshot: Snapshot, ports: Ports) -> str:
    evening = snapshot.taken_at.astimezone(ZoneInfo(snapshot.zone))
    where = f" in {snapshot.cloud_service}, {snapshot.slot}" if snapshot.cloud_service is not None else ""
    by_now = "says another place for it" if environment in ports.environments else "does not name it any more"
    here = next((one for one in ports.environments.values() if snapshot.sleeps_in(one)), None)
    or_say = "."
    if snapshot.cloud_service is not None and here is not None:
        command = command_for(here.name, snapshot)
        or_say = f"; or, as that place is {here.name} by now, say: {command}" if command is not None else or_say
    return (
        f"{environment} was put to sleep{where} by the rule {snapshot.rule} at {evening:%H:%M} on {evening:%A %Y-%m-%d}"
        f", and environments.toml {by_now}: no morning wakes it. "
        f"Put [environments.{environment}] back as it was, and it is woken{or_say}"
    )
