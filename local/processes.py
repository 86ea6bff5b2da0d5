"""Children that never outlive their parent.

`Child.start` runs a program in a session and process group of its own, with its output in a file. What is guaranteed:

- Linux and macOS: when this program ends in any way, kill -9 included, a watchdog process (`local/watchdog.py`) ends
  every child's process group: SIGTERM, and SIGKILL two seconds later. It learns of the death by the end of a pipe
  that only this program holds.
- When this program ends by itself (`sys.exit`, an exception, Ctrl-C), the children are stopped before it returns.
- A process that leaves its group (`setsid`) escapes, unless it is itself a `Child` of a child: then the child's own
  watchdog ends it.
- Not covered: kill -9 within the microseconds between the start of a child and the line that tells the watchdog.
"""

import atexit
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

GRACE_S = 5.0
"""Seconds between SIGTERM and SIGKILL in `Child.stop`. Our choice: the host ends what it is doing in less."""

POLL_S = 0.02
"""Seconds between two looks at a log. Our choice: shorter than anybody notices."""

READY = re.compile(r"^ready\b.*(?=\n)", re.MULTILINE)
"""The line by which our own programs say, on standard output, that they serve."""

_WATCHDOG = Path(__file__).with_name("watchdog.py")


class ChildFailed(RuntimeError):
    """A program did not start, ended too early or was not ready in time. The text ends with the tail of its log."""


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until a child that has just started is watched: between the two nobody knew of it.

    Only the main thread is ever interrupted by a signal, so the others need not wait.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: held.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for late in held:
            signal.raise_signal(late)


class Child:
    """One running program. Made by `Child.start`; a context manager that stops it at the end."""

    def __init__(self, process: subprocess.Popen[bytes], name: str, log: Path, log_start: int) -> None:
        self.name = name
        """What messages call it, for example `the local host`."""
        self.log = log
        """Where its standard output and standard error go; an earlier run's lines are kept above."""
        self._process = process
        self._log_start = log_start

    @classmethod
    def start(
        cls,
        argv: Sequence[str | Path],
        *,
        name: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Self:
        """Start a program with nothing on its standard input; return at once.

        `env` is its whole environment (default: ours); PYTHONUNBUFFERED is added, so that a Python program's `ready`
        line is seen. Raises ChildFailed where the program is not there or may not be executed.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output, _signals_held_back():
            log_start = output.tell()
            try:
                process = subprocess.Popen(
                    [str(word) for word in argv],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**(os.environ if env is None else env), "PYTHONUNBUFFERED": "1"},
                    cwd=cwd,
                    start_new_session=True,
                )
            except OSError as error:
                raise ChildFailed(f"{name} cannot start: {error.strerror}: {error.filename}") from error
            child = cls(process, name, log, log_start)
            _guard.watch(child)
        return child

    @property
    def pid(self) -> int:
        """Its process id, which is its process group's id too."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number where a signal ended it."""
        return self._process.poll()

    def output(self) -> str:
        """Read what it has written since this start."""
        with self.log.open("rb") as lines:
            lines.seek(self._log_start)
            return lines.read().decode(errors="replace")

    def wait_ready(self, seconds: float = 30.0) -> str:
        """Wait for the line that begins with `ready`; return it. Raises ChildFailed."""
        return self.wait_output(READY, seconds).group()

    def wait_output(self, pattern: re.Pattern[str], seconds: float) -> re.Match[str]:
        """Wait until its output since this start matches; return the match.

        Raises ChildFailed where the program ends first or the seconds pass. The child is then left as it is.
        """
        deadline = time.monotonic() + seconds
        while True:
            exit_code = self.exit_code  # before the look, so that the last words of a dead child are seen
            if found := pattern.search(self.output()):
                return found
            if exit_code is not None:
                raise ChildFailed(f"{self.name} {_ending(exit_code)} before it was ready.{self._last_words()}")
            if time.monotonic() > deadline:
                raise ChildFailed(f"{self.name} was not ready within {seconds:g} seconds.{self._last_words()}")
            time.sleep(POLL_S)

    def tail(self, lines: int = 15) -> str:
        """Give the last lines of what it has written since this start."""
        return "\n".join(self.output().splitlines()[-lines:])

    def stop(self, grace: float = GRACE_S) -> int:
        """End it and its whole group: SIGTERM, SIGKILL after `grace` seconds. Return the exit code. May be repeated."""
        self.ask_to_end()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        return self.kill()

    def wait_end(self, seconds: float) -> int:
        """Wait until it ends by itself. Return the exit code. Raises subprocess.TimeoutExpired."""
        self._process.wait(seconds)
        return self.kill()

    def ask_to_end(self) -> None:
        """SIGTERM to it and its whole group, without waiting."""
        if self.exit_code is None:
            self._signal(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL to it and its whole group, now: what a crash looks like. Return the exit code. May be repeated."""
        if self in _guard.watched:
            self._signal(signal.SIGKILL)  # also where the program itself has ended: its own children may be left
        exit_code = self._process.wait()
        _guard.release(self)
        return exit_code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS: PermissionError where only zombies are left
            os.killpg(self.pid, number)

    def _last_words(self) -> str:
        tail = self.tail()
        return f" The end of {self.log}:\n{tail}" if tail else f" It wrote nothing to {self.log}."


class _Guard:
    """This program's end of the watchdog's pipe. The watchdog starts with the first child."""

    def __init__(self) -> None:
        self.watched: set[Child] = set()
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def watch(self, child: Child) -> None:
        with self._lock:
            self.watched.add(child)
            self._tell(f"watch {child.pid}\n")

    def release(self, child: Child) -> None:
        with self._lock:
            if child in self.watched:
                self.watched.discard(child)
                self._tell(f"release {child.pid}\n")

    def close(self) -> None:
        """Stop every child, then let the watchdog go. Runs when this program ends by itself."""
        children = list(self.watched)
        for child in children:
            child.ask_to_end()
        for child in children:
            child.stop()
        with self._lock:
            if self._watchdog is not None and self._watchdog.stdin is not None:
                self._watchdog.stdin.close()
                self._watchdog.wait()
                self._watchdog = None

    def _tell(self, line: str) -> None:
        if self._watchdog is None:
            atexit.register(self.close)
        elif self._watchdog.poll() is None and self._watchdog.stdin is not None:
            with suppress(BrokenPipeError):
                self._watchdog.stdin.write(line.encode())
                return
        self._watchdog = self._fresh_watchdog()

    def _fresh_watchdog(self) -> subprocess.Popen[bytes]:
        """Start a watchdog (the first one, or after somebody ended it) that knows all that is watched."""
        watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_WATCHDOG)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            bufsize=0,
            start_new_session=True,  # Ctrl-C in the terminal must not reach it
        )
        if watchdog.stdin is not None:
            watchdog.stdin.write("".join(f"watch {child.pid}\n" for child in self.watched).encode())
        return watchdog


_guard = _Guard()


def _ending(exit_code: int) -> str:
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    return f"was ended by {signal.Signals(-exit_code).name}"
