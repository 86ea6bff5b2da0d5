"""The demo as a real process, read while it runs."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOOK_S = 0.05


@dataclass(frozen=True)
class Demo:
    """A demo that runs, or has run."""

    process: "subprocess.Popen[bytes]"
    written: Path
    """Its standard output and standard error."""
    temporary: Path
    """Where it makes its temporary folders."""

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self.written.read_text(encoding="utf-8")

    def wait_for(self, pattern: str, seconds: float = 60.0) -> "re.Match[str]":
        """Wait until what it has written matches; fail where it ends before."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self.process.poll() is not None
            found = re.search(pattern, self.text, re.MULTILINE)
            if found:
                return found
            assert not ended, f"ended with {self.process.returncode} before {pattern!r}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {pattern!r} in {seconds:g} s:\n{self.text}"
            time.sleep(LOOK_S)

    def press_enter(self) -> None:
        """Give it a line to read."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running_demo(*arguments: str) -> Iterator[Demo]:
    """Start it with temporary folders of its own; whatever happens, it is ended after the block."""
    with tempfile.TemporaryDirectory(prefix="test-demo-") as folder:
        written, temporary = Path(folder, "written"), Path(folder, "temporary")
        temporary.mkdir()
        with written.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "local.demo", *arguments],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(temporary)},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Demo(process, written, temporary)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)
            if process.stdin is not None:
                process.stdin.close()


def descendants(parent: int) -> set[int]:
    """Return the processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for pid, of, _ in _processes():
        children.setdefault(of, []).append(pid)
    found, unseen = set[int](), [parent]
    while unseen:
        new = children.get(unseen.pop(), [])
        found.update(new)
        unseen.extend(new)
    return found


def still_running(pids: set[int], seconds: float = 3.0) -> set[int]:
    """Return which of these run; those that are on their way out get a moment."""
    deadline = time.monotonic() + seconds
    while True:
        left = pids & {pid for pid, _, state in _processes() if not state.startswith("Z")}
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(LOOK_S)


def _processes() -> Iterator[tuple[int, int, str]]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        pid, parent, state = line.split()
        yield int(pid), int(parent), state
