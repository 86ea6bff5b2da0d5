"""`python -m handlers explain delivery.json`: a recorded delivery goes through the rules once more, without effect."""

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from handlers import wiring
from handlers.answering.tables import columns
from handlers.cli.explanation import HEAD, explain
from handlers.cli.names import NO_ENVIRONMENTS
from handlers.errors import DeliveryRefused, SettingsWrong
from handlers.events import Delivery
from handlers.receive import Door
from handlers.sources import read_delivery


class Recorded(BaseModel):
    """A delivery as somebody kept it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    """The last segment of the path."""
    headers: Mapping[str, str]
    body: str
    """Exactly as it was sent: the signature is over these characters."""
    at: AwareDatetime | None = Field(None, ge=datetime(1970, 1, 2, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))
    """When it came, with room for nights before and after; None: now. A chat's signature is good for five minutes."""


def run(given: argparse.Namespace) -> int:
    """Print what every rule says; return 1 where the delivery could not be read or proved, or a rule refuses."""
    try:
        recorded = _recorded(given.delivery)
        door = _door(recorded.source)
    except SettingsWrong as error:
        sys.stderr.write(f"{error}\n")
        return 1
    now = recorded.at or wiring.now()
    headers = {name.lower(): value for name, value in recorded.headers.items()}
    delivery = Delivery(recorded.source, headers, recorded.body.encode())
    try:
        event = read_delivery(delivery, door.sources, door.body_cap, now)
    except DeliveryRefused as refused:
        rows = [("-", "delivery", "refuse", str(refused.status), refused.reason)]
    else:
        rows = list(explain(event, door.environments, now))
    sys.stdout.write(f"{columns([HEAD, *rows])}\n")
    return 1 if any(row[2] == "refuse" for row in rows) else 0


def _recorded(file: str) -> Recorded:
    """Read the file. Raises SettingsWrong with what is wrong with it, and none of what stands in it."""
    try:
        return Recorded.model_validate_json(Path(file).read_bytes())
    except OSError as error:
        raise SettingsWrong(f"{file}: {error.strerror}") from error
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}".lstrip(": ") for one in error.errors())
        raise SettingsWrong(
            f"{file}: not a recorded delivery, an object with source, headers, body and, where need be, at. {found}"
        ) from None


def _door(source: str) -> Door:
    """Return the door. Raises SettingsWrong where it is shut to everything from this source, and says why."""
    door = wiring.door()
    if not door.environments:
        raise SettingsWrong(f"environments: {NO_ENVIRONMENTS}")
    known = wiring.settings().entrances
    if source not in known:
        raise SettingsWrong(f"there is no source {source!r}; there are: {', '.join(known)}")
    if source not in door.sources:
        raise SettingsWrong(f"{source} is off: no secret is set for it. `python -m handlers check` names the setting")
    return door


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say how it is called."""
    replay = commands.add_parser(
        "explain",
        help="say what every rule thinks of a recorded delivery",
        description="Replay a delivery through the rules. Nothing is changed, and no service is asked.",
    )
    replay.add_argument("delivery", help="a JSON file with source, headers, body and, where need be, at")
