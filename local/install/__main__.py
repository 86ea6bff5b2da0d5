"""Looks for problems, then installs what is missing. A second run finds nothing to do and returns at once."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.install.pinned import LOCAL, azurite_is_installed, packages_are_installed
from local.install.problems import InstallError, python_problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Install what is missing; return the exit code. Problems are told in a sentence on standard error."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as tidily as with Ctrl-C
    try:
        install()
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}: see to it that this folder is yours.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run `make` again to go on.", file=sys.stderr)
        return 130
    return 0


def install() -> None:
    """Install what is missing. Raises InstallError."""
    problem = python_problem(sys.version_info[:2], sys.executable, has_venv())
    if problem:
        raise InstallError(problem)
    if all_is_installed():
        return
    with locked() as lock:
        if all_is_installed():
            return
        from local.install.steps import Installation  # only now: most runs end above, and should be quick

        print("Installing into .venv and .local; the first time takes about a minute.", flush=True)
        start = time.monotonic()
        Installation(lock).run()
        print(f"Installed in {time.monotonic() - start:.0f} s.", flush=True)


def all_is_installed() -> bool:
    """Say whether there is nothing to do."""
    return packages_are_installed() and azurite_is_installed()


def has_venv() -> bool:
    """Say whether this Python has what `python -m venv` needs; Debian and Ubuntu pack it apart."""
    try:
        import ensurepip
        import venv
    except ImportError:
        return False
    return bool(ensurepip and venv)


@contextmanager
def locked() -> Iterator[int]:
    """Let one installer at a time work in this folder; give the lock.

    The lock goes when the last process that holds it open ends. pip and npm hold it too, so that an installer that was
    killed is not overtaken by the next while they still write.
    """
    import fcntl

    LOCAL.mkdir(exist_ok=True)
    lock = os.open(LOCAL / "install.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another `make install` is at work here: waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


if __name__ == "__main__":
    sys.exit(main())
