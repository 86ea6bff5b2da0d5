"""Ends the process groups of a program that died. Started by `local.processes`, never by hand.

Reads lines `watch <group>` and `release <group>` from a pipe that only that program holds open. The pipe ends when
the program ends, however it ends, kill -9 included; what is still watched then is ended. Standard library only, and
no import from this repository, so that it starts in some milliseconds: `python -I -S watchdog.py`.
"""

import os
import signal
import sys
import time
from contextlib import suppress

GRACE_S = 2.0
"""Seconds between SIGTERM and SIGKILL. Our choice: nobody is left who would wait for a tidy end."""


def main() -> None:
    """Follow the pipe to its end, then end every group that is still watched."""
    watched: set[int] = set()
    for line in sys.stdin:
        word, group = line.split()
        if word == "watch":
            watched.add(int(group))
        else:
            watched.discard(int(group))
    end(watched)


def end(groups: set[int]) -> None:
    """SIGTERM to all of them, SIGKILL to those that are there when the grace is over."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE_S
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a process group (0 only asks). False where nothing is left of it."""
    with suppress(ProcessLookupError, PermissionError):  # macOS: PermissionError where only zombies are left
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
