"""Children are ready when they say so, and never outlive their parent."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.processes import Child, ChildFailed

ROOT = Path(__file__).resolve().parents[2]

SERVES = "import time; print('starting'); print('ready http://127.0.0.1:7071'); time.sleep(60)"
"""A program that serves and, like most, ends at SIGTERM."""

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVES
"""A program that SIGTERM does not end."""

PARENT = """
import signal, sys, time
from pathlib import Path
from local.processes import Child
child = Child.start([sys.executable, "-c", sys.argv[1]], name="the child", log=Path(sys.argv[2]))
child.wait_ready(20)
print(child.pid, flush=True)
{then}
"""
"""A program that starts a child, tells its process id, and then does what a test wants."""


def start(code: str, log: Path) -> Child:
    """Start a Python program of one line."""
    return Child.start([sys.executable, "-c", code], name="the child", log=log)


def is_there(pid: int) -> bool:
    """Say whether a process runs (one that has ended and waits to be reaped does not)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return state.strip() != "" and not state.startswith("Z")


def soon(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait until something holds; False where it still does not when the seconds are over."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give a child's log, in a folder that is not there yet."""
    return tmp_path / "logs" / "child.log"


def test_the_ready_line_is_returned_whole(log: Path) -> None:
    """Lines before it are passed over; what follows `ready` is the caller's to read."""
    with start(SERVES, log) as child:
        assert child.wait_ready(20) == "ready http://127.0.0.1:7071"


def test_a_word_that_begins_like_ready_is_not_ready(log: Path) -> None:
    """`readying` is another word."""
    with start("print('readying')", log) as child, pytest.raises(ChildFailed, match="ended with exit code 0"):
        child.wait_ready(20)


def test_the_ready_line_of_an_earlier_run_does_not_count(log: Path) -> None:
    """A restarted program appends to the same log and is ready only when it says so again."""
    with start(SERVES, log) as first:
        first.wait_ready(20)
    with start("raise SystemExit(3)", log) as second, pytest.raises(ChildFailed, match="ended with exit code 3"):
        second.wait_ready(20)
    assert "ready" in log.read_text()


def test_a_child_that_ends_early_shows_its_last_words(log: Path) -> None:
    """The reason stands in the message, so that nobody has to look for the log."""
    words = r"the child ended with exit code 1 before it was ready.*\nno such folder"
    with start("raise SystemExit('no such folder')", log) as child, pytest.raises(ChildFailed, match=words):
        child.wait_ready(20)


def test_a_child_that_a_signal_ended_names_the_signal(log: Path) -> None:
    """Minus nine says nothing to most readers."""
    with (
        start("import os; os.kill(os.getpid(), 9)", log) as child,
        pytest.raises(ChildFailed, match="ended by SIGKILL"),
    ):
        child.wait_ready(20)


def test_a_silent_child_that_is_late_is_named_with_its_log(log: Path) -> None:
    """The deadline holds, and the child is left to its caller."""
    with start("import time; time.sleep(60)", log) as child:
        with pytest.raises(ChildFailed, match=re.escape(f"not ready within 0.1 seconds. It wrote nothing to {log}.")):
            child.wait_ready(0.1)
        assert child.exit_code is None


def test_a_program_that_is_not_there_is_named(log: Path) -> None:
    """A wrong path is a sentence, not a traceback of subprocess."""
    with pytest.raises(ChildFailed, match="the host cannot start: No such file or directory: /nowhere/program"):
        Child.start(["/nowhere/program"], name="the host", log=log)


def test_the_tail_is_short(log: Path) -> None:
    """Only the last lines are shown, in their order."""
    with start("for i in range(100): print('line', i)\nprint('ready')", log) as child:
        child.wait_ready(20)
        assert child.tail(3) == "line 98\nline 99\nready"


def test_stop_lets_a_child_end_tidily(log: Path) -> None:
    """SIGTERM comes first, so that a program can end in its own way."""
    tidy = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); " + SERVES
    child = start(tidy, log)
    child.wait_ready(20)
    assert child.stop() == 7


def test_stop_ends_a_child_that_ignores_sigterm(log: Path) -> None:
    """SIGKILL follows when the grace is over."""
    child = start(STUBBORN, log)
    child.wait_ready(20)
    assert child.stop(grace=0.1) == -signal.SIGKILL


@pytest.mark.parametrize("end", [Child.stop, Child.kill], ids=["stop", "kill"])
def test_the_whole_group_ends(log: Path, end: Callable[[Child], int]) -> None:
    """A child's own children go with it."""
    family = (
        "import subprocess, sys\n"
        f"below = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
        "print('below', below.pid)\nbelow.wait()"
    )
    with start(family, log) as child:
        below = int(child.wait_output(re.compile(r"below (\d+)\n(?s:.*)ready"), 20)[1])
        end(child)
        assert soon(lambda: not is_there(below))


def test_stop_and_kill_may_be_repeated(log: Path) -> None:
    """Whoever cleans up need not know what was stopped before."""
    child = start(SERVES, log)
    assert child.kill() == child.stop() == child.kill() == -signal.SIGKILL


def test_a_child_has_a_process_group_of_its_own(log: Path) -> None:
    """Ctrl-C in the terminal reaches the parent alone, which then stops its children in order."""
    with start(SERVES, log) as child:
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_the_environment_is_the_given_one(log: Path) -> None:
    """Settings of the developer's shell reach a child only where the caller lets them."""
    code = "import os; print('ready', sorted(set(os.environ) - {'LC_CTYPE', '__CF_USER_TEXT_ENCODING'}))"
    with Child.start([sys.executable, "-c", code], name="the child", log=log, env={"GREETING": "hello"}) as child:
        assert child.wait_ready(20) == "ready ['GREETING', 'PYTHONUNBUFFERED']"


@pytest.mark.parametrize(
    ("then", "program"),
    [
        pytest.param("time.sleep(60)", SERVES, id="killed"),
        pytest.param("time.sleep(60)", STUBBORN, id="killed-and-the-child-ignores-SIGTERM"),
        pytest.param("sys.exit(0)", SERVES, id="exits"),
        pytest.param("raise ValueError", SERVES, id="raises"),
    ],
)
def test_no_child_outlives_its_parent(log: Path, then: str, program: str) -> None:
    """However the parent ends, kill -9 included."""
    command = [sys.executable, "-c", PARENT.format(then=then), program, str(log)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout as output:
        child = int(output.readline())
        if "sleep" in then:
            parent.kill()
    assert soon(lambda: not is_there(child))


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_right_after_the_start_leaves_no_child(log: Path, number: str) -> None:
    """Between the start of a child and the word to the watchdog, nobody else knows of it."""
    program = (
        "import os, signal, subprocess, sys\n"
        "from pathlib import Path\n"
        "from local.processes import Child\n"
        "class Interrupted(subprocess.Popen):\n"
        "    def __init__(self, argv, **more):\n"
        "        super().__init__(argv, **more)\n"
        "        if 'serves' in argv:\n"
        "            print(self.pid, flush=True)\n"
        f"            os.kill(os.getpid(), signal.{number})\n"
        "subprocess.Popen = Interrupted\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
        # Whoever is started in the background of a shell is deaf to Ctrl-C.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"Child.start([sys.executable, '-c', {SERVES!r}, 'serves'], name='the child', log=Path(sys.argv[1]))\n"
        "print('went on', flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(log)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    child, *rest = done.stdout.split()
    assert not rest, "the signal was lost"
    assert done.returncode != 0
    assert soon(lambda: not is_there(int(child)))


def test_a_watchdog_that_was_ended_is_replaced(log: Path) -> None:
    """The next child brings a new watchdog, which guards the older children too."""
    then = (
        "from local import processes\n"
        "processes._guard._watchdog.kill(); processes._guard._watchdog.wait()\n"
        "second = Child.start([sys.executable, '-c', sys.argv[1]], name='the second', log=Path(sys.argv[2]))\n"
        "print(second.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", PARENT.format(then=then), SERVES, str(log)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout as output:
        children = [int(output.readline()), int(output.readline())]
        parent.kill()
    assert all(soon(lambda pid=child: not is_there(pid)) for child in children)  # type: ignore[misc]
