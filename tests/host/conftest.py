"""Small apps in folders of their own, loaded in this process or run by the host as a real one."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import requests

from local.host.index import MODULE, load_app
from local.host.model import AppFunction
from local.processes import Child

ROOT = Path(__file__).resolve().parents[2]
PREAMBLE = """import azure.functions as func
import typing
app = func.FunctionApp()
"""
"""The first lines of every app that a test writes."""
SEE = """
import json, pathlib, sys
def see(**facts):
    by = sys._getframe(1).f_code.co_name
    with pathlib.Path("seen.jsonl").open("a") as file:
        file.write(json.dumps([by, facts]) + "\\n")
"""
"""Lets functions tell the test what they saw."""


@dataclass(frozen=True)
class RunningHost:
    """A host that serves."""

    child: Child
    address: str

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request, without following redirects."""
        return requests.request(method, self.address + path, timeout=30, allow_redirects=False, **options)


@dataclass(frozen=True)
class App:
    """A folder with an app in it, and the means to run it."""

    folder: Path
    stack: ExitStack = field(default_factory=ExitStack, repr=False)

    def write(self, functions: str = "", host_json: Mapping[str, Any] | None = None) -> "App":
        """Write function_app.py (the preamble goes before) and host.json."""
        (self.folder / "function_app.py").write_text(PREAMBLE + dedent(functions), encoding="utf-8")
        (self.folder / "host.json").write_text(json.dumps({"version": "2.0", **(host_json or {})}), encoding="utf-8")
        return self

    def settings(self, **values: str) -> "App":
        """Write local.settings.json."""
        content = {"IsEncrypted": False, "Values": {"FUNCTIONS_WORKER_RUNTIME": "python", **values}}
        (self.folder / "local.settings.json").write_text(json.dumps(content), encoding="utf-8")
        return self

    def seen(self, count: int, by: str = "", seconds: float = 15) -> list[dict[str, Any]]:
        """Wait until functions have called `see` this often; return what they told, oldest first.

        `by`: only what this function told.
        """
        deadline = time.monotonic() + seconds
        while True:
            told = self._told(by)
            if len(told) >= count:
                return told
            if time.monotonic() > deadline:
                pytest.fail(f"{by or 'the functions'} told {len(told)} of {count} things: {told}")
            time.sleep(0.02)

    def _told(self, by: str) -> list[dict[str, Any]]:
        file = self.folder / "seen.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        calls = [json.loads(line) for line in lines]
        return [facts for name, facts in calls if by in ("", name)]

    def load(self, **settings: str) -> list[AppFunction]:
        """Load the app into this process."""
        try:
            return load_app(self.folder, settings)
        finally:
            sys.modules.pop(MODULE, None)
            sys.path[:] = [entry for entry in sys.path if entry != str(self.folder)]

    def spawn(self, *arguments: str, **environment: str) -> Child:
        """Start the host over the app as a process, on a free port."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AzureWebJobs")}
        child = Child.start(
            [sys.executable, "-m", "local.host", "--app", self.folder, "--port", "0", *arguments],
            name="the local host",
            log=self.folder / "host.log",
            env={**inherited, **environment},
            cwd=ROOT,
        )
        return self.stack.enter_context(child)

    def run(self, *arguments: str, **environment: str) -> RunningHost:
        """Start the host and wait until it serves."""
        child = self.spawn(*arguments, **environment)
        return RunningHost(child, child.wait_ready().removeprefix("ready "))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Give an empty app; what it runs ends with the test."""
    with ExitStack() as stack:
        yield App(tmp_path, stack)


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Give an empty app that all tests of a module share."""
    with ExitStack() as stack:
        yield App(tmp_path_factory.mktemp("app"), stack)
