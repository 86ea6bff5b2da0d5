"""The state folder: what survives a restart. Files appear whole or not at all, for their owner only."""

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from local.simulator.state import Subscription

STATE_FILE = "state.json"
LOCK_FILE = "lock"


@dataclass(frozen=True)
class Saved:
    """Content of the state file."""

    subscriptions: dict[str, Subscription] = field(default_factory=dict)


_ADAPTER: TypeAdapter[Saved] = TypeAdapter(Saved)


class StateUnreadable(Exception):
    """The state file is not one that this simulator wrote. Its owner has to move it away."""


class StateInUse(Exception):
    """Another simulator works with this state folder. Each one needs its own."""


def open_folder(folder: Path) -> Path:
    """Make the state folder, closed to others, and keep it for this process. Raise `StateInUse`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)  # the end closes it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StateInUse(f"{folder} is the state of a simulator that runs. Choose another --state.") from error
    return folder


def load(folder: Path) -> dict[str, Subscription]:
    """Read the subscriptions; none when nothing was saved. Raise `StateUnreadable`."""
    path = folder / STATE_FILE
    if not path.exists():
        return {}
    try:
        return _ADAPTER.validate_json(path.read_bytes()).subscriptions
    except ValidationError as error:
        raise StateUnreadable(f"{path} is not a state of this simulator. Move it away to begin anew.") from error


def save(folder: Path, subscriptions: dict[str, Subscription]) -> None:
    """Write the subscriptions."""
    write_private(folder / STATE_FILE, _ADAPTER.dump_json(Saved(subscriptions)))


def write_private(path: Path, data: bytes) -> None:
    """Replace a file as a whole, readable by its owner only."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
