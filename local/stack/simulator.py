"""The simulator of the Service Management API as a part."""

import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from local.processes import Child
from local.stack.answers import call, session

ROOT = Path(__file__).resolve().parents[2]


class SimulatorPart:
    """`python -m local.simulator`. Calls of its own beside the API are made with the management certificate."""

    name = "the simulator"

    def __init__(self, folder: Path, log: Path, port: int, arguments: Sequence[str]) -> None:
        """Start it; `wait_ready` waits until it answers."""
        self.folder = folder
        """Its state: `ca.pem`, `management.pem`, `stranger.pem`."""
        self._session = session()
        self.child = Child.start(
            [sys.executable, "-m", "local.simulator", "--port", str(port), "--state", folder, *arguments],
            name=self.name,
            log=log,
            cwd=ROOT,
        )

    def wait_ready(self) -> None:
        """Wait until it answers. Raises ChildFailed."""
        self.child.wait_ready()
        self._session.cert = str(self.certificate)
        self._session.verify = str(self.authority)

    @cached_property
    def url(self) -> str:
        """`https://127.0.0.1:<port>`. Waits until it answers."""
        return self.child.wait_ready().split()[1]

    @property
    def certificate(self) -> Path:
        """The management certificate with its key."""
        return self.folder / "management.pem"

    @property
    def authority(self) -> Path:
        """The CA to trust."""
        return self.folder / "ca.pem"

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Make an admin call, `admin("POST", "faults", {"kind": "503"})`, and return the JSON of its answer."""
        return call(self._session, self.name, method, f"{self.url}/_simulator/{path}", body)

    def fault(self, kind: str, **fields: object) -> None:
        """Add one fault; the kinds stand in `python -m local.simulator --help`."""
        self.admin("POST", "faults", {"kind": kind, **fields})

    def calls(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the calls of the API so far, those of one name (`create-deployment`) when it is given."""
        seen: list[dict[str, Any]] = self.admin("GET", "log")["calls"]
        return [one for one in seen if name in {None, one["call"]}]

    def operations(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the changes that were accepted, oldest first: `call`, `deployment`, `status`, `request_id`."""
        found = [one for world in self.subscriptions() for one in world["operations"]]
        return [one for one in found if name in {None, one["call"]}]

    def slots(self, service: str) -> dict[str, dict[str, Any]]:
        """Return what stands in a cloud service, by `Production` and `Staging`.

        Each has its `name`, `status`, `instances` (status by name), `package` and `extended_properties`.
        """
        found: dict[str, dict[str, Any]] = {}
        for world in self.subscriptions():
            found |= world["services"].get(service, {}).get("slots", {})
        return found

    def subscriptions(self) -> list[dict[str, Any]]:
        """Return everything there is, a table for each subscription: `services` and `operations`."""
        return list(self.admin("GET", "state")["subscriptions"].values())
