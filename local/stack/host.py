"""The app in the local host as a part: it can be killed and started again."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from handlers import settings as app_settings
from local.processes import Child
from local.stack.answers import Answer, send, session
from local.stack.simulator import ROOT

READ_BY_HOST = ("AzureWebJobsStorage", "AzureFunctionsJobHost__", "AzureWebJobs.", "FUNCTIONS_", "PYTHON_")
"""How names of variables begin that would reach the app or its host from the shell that started us."""


class HostPart:
    """`python -m local.host` over this repository's `function_app.py`."""

    name = "the local host"

    def __init__(self, settings: Path, log: Path, port: int, app: Path = ROOT) -> None:
        """Take `settings`, its local.settings.json, and `app`, the folder to start. Nothing runs before `start`."""
        self.log = log
        """What it says, over all its starts."""
        self.url = ""
        """`http://127.0.0.1:<port>`, from the first start on."""
        self.child: Child | None = None
        self._settings = settings
        self._port = port
        self._app = app
        self._session = session()

    @property
    def hook(self) -> str:
        """Where GitHub's webhook delivers."""
        return f"{self.url}/api/hooks/github"

    def begin(self) -> None:
        """Start it without waiting; after a `kill` or `stop` on the port that it had."""
        words = ["--port", str(self._port), "--settings", str(self._settings), "--app", str(self._app)]
        self.child = Child.start(
            [sys.executable, "-m", "local.host", *words],
            name=self.name,
            log=self.log,
            env=_environment(self._settings),
            cwd=ROOT,
        )

    def wait_ready(self) -> None:
        """Wait until it answers. Raises ChildFailed."""
        if self.child is None:
            self.begin()
        if self.child is not None:
            self.url = self.child.wait_ready().split()[1]
            self._port = urlsplit(self.url).port or 0

    def start(self) -> None:
        """Start it and wait until it answers; after a `kill` or `stop` on the port that it had. Raises ChildFailed."""
        self.begin()
        self.wait_ready()

    def kill(self) -> None:
        """SIGKILL: what a crash looks like."""
        if self.child is not None:
            self.child.kill()

    def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        if self.child is not None:
            self.child.stop()

    def send(self, headers: Mapping[str, str], body: bytes, source: str = "github") -> Answer:
        """Send one delivery, these exact bytes."""
        return send(self._session, f"{self.url}/api/hooks/{source}", headers, body)

    def lines(self) -> list[str]:
        """Return what it has said, over all its starts."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.is_file() else []


def _environment(settings: Path) -> dict[str, str]:
    """Return our environment without what would win over the settings file."""
    ours = {*app_settings.names(), *json.loads(settings.read_text(encoding="utf-8"))["Values"]}
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith(READ_BY_HOST)}
    loopback = ",".join(["127.0.0.1", "localhost", *filter(None, [kept.get("no_proxy") or kept.get("NO_PROXY")])])
    return {**kept, "no_proxy": loopback, "NO_PROXY": loopback}
