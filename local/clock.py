"""A clock that can be moved: several processes read it from one file, and one of them moves it.

```python
clock = Clock(Path("clock.json"))
clock.set(datetime(2026, 3, 2, 18, 45, tzinfo=UTC))
clock.advance(timedelta(minutes=15))
clock.run(speed=720)  # twelve hours in a minute
clock.now()
```

Between two moves it runs on, at its speed. Where there is no file it is the machine's clock.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

CLOCK_FILE = "clock.json"
"""The file's usual name."""

LONGEST_WAY = timedelta(days=300)
"""Our choice: how far from the machine's clock it may be set. Certificates made on this machine hold for a year."""


@dataclass(frozen=True)
class Hands:
    """What the clock showed at one instant, and how fast it has run since."""

    at: datetime
    """On the machine's clock."""
    shown: datetime
    speed: float = 1.0
    """Seconds that it shows for each second of the machine."""

    def read(self, at: datetime) -> datetime:
        """Return what it shows at an instant of the machine's clock."""
        return self.shown + (at - self.at) * self.speed

    def to_json(self) -> str:
        """Write the text of the file."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the text of the file. Raises ValueError, KeyError where it is none of ours."""
        found = json.loads(text)
        return cls(datetime.fromisoformat(found["at"]), datetime.fromisoformat(found["shown"]), float(found["speed"]))


class Clock:
    """A clock over a file. Any process may read it; one process moves it, from one thread at a time."""

    def __init__(self, file: Path) -> None:
        """`file` need not be there before somebody moves the clock; its folder does."""
        self.file = file

    def now(self) -> datetime:
        """Return what it shows, in UTC."""
        machine = _machine()
        return self._hands(machine).read(machine)

    def set(self, instant: datetime) -> None:
        """Let it show this instant (aware) now. Raises ValueError further than LONGEST_WAY from the machine's clock."""
        machine = _machine()
        if abs(instant - machine) > LONGEST_WAY:
            raise ValueError(f"{instant:%Y-%m-%d} is more than {LONGEST_WAY.days} days away from the machine's clock")
        self._write(Hands(machine, instant.astimezone(UTC), self._hands(machine).speed))

    def advance(self, by: timedelta) -> None:
        """Let this much time pass at once. Raises ValueError as `set` does."""
        self.set(self.now() + by)

    def run(self, speed: float) -> None:
        """Let it run at this many seconds a second from now on; 1 is the machine's pace, 0 stops it."""
        machine = _machine()
        self._write(Hands(machine, self._hands(machine).read(machine), speed))

    def _hands(self, machine: datetime) -> Hands:
        try:
            return Hands.from_json(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Hands(machine, machine)

    def _write(self, hands: Hands) -> None:
        """Replace the file as a whole: whoever reads it finds the old text or the new one."""
        new = self.file.with_name(f"{self.file.name}.new")
        new.write_text(hands.to_json(), encoding="utf-8")
        new.replace(self.file)


def _machine() -> datetime:
    return datetime.now(UTC)
