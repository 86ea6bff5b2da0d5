"""The real simulator process, for tests that talk to it."""

import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 10
"""Seconds a process that was told to stop may take."""


@dataclass(frozen=True)
class Simulator:
    """A simulator that answers."""

    url: str
    """`https://127.0.0.1:PORT` or `http://127.0.0.1:PORT`, no slash at the end."""
    subscription: str
    state: Path
    process: subprocess.Popen[str]

    @property
    def certificate(self) -> Path:
        """The management certificate with its key."""
        return self.state / "management.pem"

    @property
    def authority(self) -> Path:
        """The CA to trust."""
        return self.state / "ca.pem"

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Make an admin call, `admin("POST", "faults", {"kind": "503"})`, and return the JSON of its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", data, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10, context=self._context()) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def fault(self, kind: str, **fields: object) -> None:
        """Add one fault."""
        self.admin("POST", "faults", {"kind": kind, **fields})

    def calls(self, call: str | None = None) -> list[dict[str, Any]]:
        """Return the calls seen so far, those of one name when it is given."""
        seen: list[dict[str, Any]] = self.admin("GET", "log")["calls"]
        return [one for one in seen if call in {None, one["call"]}]

    def accepted(self, call: str, deployment: str | None = None) -> int:
        """Count the operations that were accepted, answered or not."""
        operations = self.admin("GET", "state")["subscriptions"][self.subscription]["operations"]
        return sum(one["call"] == call and deployment in {None, one["deployment"]} for one in operations)

    def _context(self) -> ssl.SSLContext | None:
        if self.url.startswith("http://"):
            return None
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(self.certificate)
        return context


@contextmanager
def running_simulator(state: Path, *arguments: str) -> Iterator[Simulator]:
    """Start the simulator on a free port with its state in `state`, and stop it at the end.

    Operations and instances take no time unless the arguments say otherwise; `--http` leaves TLS out.
    """
    quick = ["--operation-seconds", "0", "--instance-seconds", "0"]
    command = [sys.executable, "-m", "local.simulator", "--port", "0", "--state", str(state), *quick, *arguments]
    errors = state.with_name(f"{state.name}.log")
    with errors.open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("ready "):
            raise RuntimeError(f"the simulator did not start: {errors.read_text()[-2000:]}")
        _, url, subscription = line.split()
        yield Simulator(url, subscription.removeprefix("subscription="), state, process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
