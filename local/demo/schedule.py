"""What `python -m handlers schedule` says of an environments.toml, narrow enough for a demo. Pure."""

from datetime import date, datetime

from handlers.cli.schedule import Question, schedule
from handlers.environments import read_environments


def coming(environments: str, first_day: date, days: int, now: datetime) -> list[str]:
    """Return its head and its rows, without what causes them. No calendar is read."""
    read = read_environments(environments, "environments.toml")
    found = schedule(Question(first_day=first_day, days=days), read, _no_file, now)
    head, *rows = found.as_table().partition("\n\n")[0].splitlines()
    width = head.index("rule")
    return [line[:width].rstrip() for line in (head, *rows)]


def _no_file(path: str) -> str:
    raise FileNotFoundError(path)
