"""What follows `because`: a reason in anybody's own words, and a time at its end. Pure."""

import re
from datetime import timedelta

from handlers.commands.command import CommandNotUnderstood
from handlers.commands.tokens import BLANKS

BREAK_GLASS = "break-glass"
"""The word before `because` behind a command that is meant although the environment is frozen."""

LONGEST_REASON = 200
"""Characters. Our choice: it stands in a sentence that everybody reads."""

_WITH_REASON = {"lock", "keep", "skip", "sleep"}
_BECAUSE = re.compile(rf"(?<=[{BLANKS}])because(?=[{BLANKS}]|\Z)", re.IGNORECASE)
_TIME = re.compile(r"(?:(.*) )?for ([1-9][0-9]{0,2}) ?(m|h|d)", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def split_reason(text: str) -> tuple[str, str | None]:
    """Divide a text into the command and its reason, None where it has none.

    Only `lock`, the verbs of the nights and `break-glass` are followed by a reason; elsewhere, as in a value, the word
    is any other word. The `break-glass` itself is taken off the command. Raises CommandNotUnderstood.
    """
    for found in _BECAUSE.finditer(text):
        command, reason = text[: found.start()], " ".join(text[found.end() :].split())
        words = command.lower().split()
        by_verb = words[:1] != [] and words[0] in _WITH_REASON
        if command.count('"') % 2 or not (by_verb or words[-1:] == [BREAK_GLASS]):
            continue
        if not reason:
            raise CommandNotUnderstood('The reason is missing after "because".')
        if len(reason) > LONGEST_REASON:
            raise CommandNotUnderstood(f"A reason has at most {LONGEST_REASON} characters.", repairable=False)
        return (command if by_verb else command.rstrip(BLANKS)[: -len(BREAK_GLASS)]), reason
    return text, None


def split_time(reason: str) -> tuple[str, timedelta | None]:
    """Take `for 2h` off the end of a reason."""
    found = _TIME.fullmatch(reason)
    if found is None:
        return reason, None
    if not found[1]:
        raise CommandNotUnderstood("The reason is missing before the time.")
    return found[1], int(found[2]) * _UNITS[found[3].lower()]


def read_time(text: str) -> timedelta | None:
    """Read `90m`, `3h` or `2d`; None where it is something else."""
    found = _TIME.fullmatch(f"for {text}")
    return int(found[2]) * _UNITS[found[3].lower()] if found is not None and not found[1] else None


def say_time(duration: timedelta) -> str:
    """Write a time as it is read: `2h`."""
    unit = next(unit for unit in ("d", "h", "m") if not duration % _UNITS[unit] and duration // _UNITS[unit] < 1000)
    return f"{duration // _UNITS[unit]}{unit}"
