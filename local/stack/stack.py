"""Starts every part, knows all of them, and ends every part."""

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from handlers.ledger import Entry, State
from handlers.model import Check, DeploymentRequest
from handlers.queueing.texts import alone
from local.azurite import Azurite, start_azurite
from local.clock import CLOCK_FILE, Clock
from local.stack.answers import Answer
from local.stack.chat import ChatPart
from local.stack.environments import Given, places, write_environments
from local.stack.github import Delivery, GitHubPart, PublishedRelease
from local.stack.host import HostPart
from local.stack.simulator import ROOT, SimulatorPart

if TYPE_CHECKING:
    from handlers.audit import Record
    from handlers.stores.account import StorageAccount
    from handlers.stores.ledger import TableLedger
    from handlers.stores.queues import StorageQueue

SECRET = "a-webhook-secret-of-this-machine"  # noqa: S105 - of a GitHub that lives for minutes
TOKEN = "a-token-of-the-fake-github"  # noqa: S105 - as above

PACKAGE = ".cspkg"
"""How the names of staged packages end."""

EVERY_SECOND = "* * * * * *"
EVERY_FIVE_SECONDS = "*/5 * * * * *"
LOOK_S = 0.05
"""Seconds between two looks at a row. Our choice."""


class NotInTime(AssertionError):
    """What was waited for did not come. The text ends with the tail of the host's log."""


@dataclass(frozen=True)
class Ports:
    """The ports to take; 0 lets the system choose."""

    host: int = 0
    simulator: int = 0
    github: int = 0


def told(entry: Entry) -> bool:
    """Say whether a request is over and everybody has been told."""
    return entry.state is State.TOLD


class Stack:
    """A context manager: all parts answer inside it, and nothing of them is left after it."""

    azurite: Azurite
    simulator: SimulatorPart
    github: GitHubPart
    host: HostPart
    chat: ChatPart
    """Only there with `chats=True`."""
    clock: Clock
    """The clock of app and simulator. Only there with `clock=True`."""

    def __init__(
        self,
        environments: Given | None = None,
        *,
        operation_seconds: float = 1.0,
        instance_seconds: float = 1.0,
        poll_schedule: str = EVERY_SECOND,
        sweep_schedule: str | None = None,
        sweep_after: timedelta = timedelta(seconds=5),
        simulator_arguments: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        chats: bool = False,
        clock: bool = False,
        ports: Ports = Ports(),
        folder: Path | None = None,
        started: Callable[[str, str], None] = lambda name, address: None,  # noqa: ARG005 - named for the reader
    ) -> None:
        """Nothing starts before `with`.

        `environments`: text of the file or keys by name (default: one, `production`, with the defaults of
        `local.stack.environments`). `chats` adds Slack, Teams and Mattermost. `settings` are added to the app's.
        `clock` lets `Stack.clock` move the clock of app and simulator; all timers then fire every second of the
        machine's, which stays the clock of storage, GitHub and chats.
        `simulator_arguments`: `--fault` and others.
        `folder` is used and kept; without it a new one is made and goes at the end. `started` hears of each part.
        """
        self.environments = write_environments(environments or {"production": {}})
        """The text of environments.toml."""
        self.ports = ports
        self.secret = SECRET
        self._pace = ["--operation-seconds", str(operation_seconds), "--instance-seconds", str(instance_seconds)]
        self._simulator_arguments = list(simulator_arguments)
        self._settings = {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "POLL_SCHEDULE": poll_schedule,
            "SWEEP_SCHEDULE": sweep_schedule or (EVERY_SECOND if clock else EVERY_FIVE_SECONDS),
            **({"NIGHT_SCHEDULE": EVERY_SECOND} if clock else {}),
            "SWEEP_AFTER_SECONDS": str(int(sweep_after.total_seconds())),
            "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.2000000",
            **(settings or {}),
        }
        self._with_chats = chats
        self._with_clock = clock
        self._given_folder = folder
        self._started = started
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        """Start everything. Raises ChildFailed and AzuriteMissing, with nothing left running."""
        try:
            self._start()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.host.stop()  # first: where its storage is gone, the host takes longer
            for child in (self.simulator.child, self.github.child, self.azurite.child):
                child.ask_to_end()  # all at once, so that the end takes as long as the slowest
        finally:
            self._exits.close()

    def _start(self) -> None:
        """Start all that wait for nobody side by side; the host needs their addresses."""
        self.folder = self._given_folder or Path(
            self._exits.enter_context(TemporaryDirectory(prefix="slipway-", ignore_cleanup_errors=True))
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._with_clock:
            self.clock = Clock(_app_on_a_clock(self.folder / "app") / CLOCK_FILE)
            self._pace += ["--clock", str(self.clock.file)]
        subscriptions, services, repositories = places(self.environments)
        words = [word for name in sorted(subscriptions) for word in ("--subscription", name)]
        words += [word for name in sorted(services) for word in ("--service", name)]
        self.simulator = SimulatorPart(
            self.folder / "simulator",
            self.folder / "simulator.log",
            self.ports.simulator,
            [*words, *self._pace, *self._simulator_arguments],
        )
        self._exits.callback(self.simulator.child.stop)
        self.github = GitHubPart(self.folder / "github.log", self.ports.github, TOKEN, sorted(repositories))
        self._exits.callback(self.github.child.stop)
        if self._with_chats:
            self.chat = ChatPart(self.folder / "chat.log")
            self._exits.callback(self.chat.child.stop)
        self.azurite = self._exits.enter_context(start_azurite(self.folder / "azurite"))
        self._started("azurite", self.azurite.queue_endpoint)
        self.simulator.wait_ready()
        self._started("simulator", self.simulator.url)
        self.github.wait_ready()
        self._started("github", self.github.url)
        if self._with_chats:
            self.chat.wait_ready()
            self._started("chat", self.chat.url)
            self._settings = {**self.chat.settings, **self._settings}
        app = self.clock.file.parent if self._with_clock else ROOT
        self.host = HostPart(self._write_settings(), self.folder / "host.log", self.ports.host, app)
        self._exits.callback(self.host.stop)
        self.host.begin()
        _ = self._ledger  # imports the SDKs meanwhile
        self.host.wait_ready()
        self._started("host", self.host.url)

    def deliver(self, release: PublishedRelease, **more: object) -> Delivery:
        """Let GitHub sign a delivery about a release and send it to the app. `more`: action, guid, sender."""
        return self.github.deliver(release, self.host.hook, self.secret, **more)

    def redeliver(self, delivery: Delivery) -> Answer:
        """Send the same delivery once more, byte for byte."""
        return self.host.send(delivery.headers, delivery.body)

    def request(self, request: DeploymentRequest) -> None:
        """Put a request on queue `requests`, as an entrance of the app does."""
        self.queue("requests").put(alone(request))

    def queue(self, name: str) -> "StorageQueue":
        """Return one of the app's queues: requests, operations, notifications, requests-poison."""
        from handlers.stores.queues import StorageQueue

        return StorageQueue(self._account.queues().get_queue_client(name))

    def row(self, request_id: str, environment: str = "production") -> Entry | None:
        """Read a request's row of the ledger; None where there is none."""
        stored = self._ledger.get(Check(environment=environment, request=request_id))
        return stored.row if stored is not None else None

    def history(self, environment: str = "production") -> Sequence[Entry]:
        """Read an environment's rows of the ledger, newest first."""
        return self._ledger.history(environment, 100)

    def trail(self, environment: str = "production") -> Sequence["Record"]:
        """Read an environment's audit trail, oldest first."""
        rows, _ = self._ledger.audit(environment)
        return [link.record for link, _ in rows if link is not None]

    def wait_for(
        self,
        request_id: str,
        arrived: Callable[[Entry], bool] = told,
        *,
        environment: str = "production",
        seconds: float = 30.0,
    ) -> Entry:
        """Wait until a request's row is as `arrived` says; return it. Raises NotInTime."""
        deadline = time.monotonic() + seconds
        while True:
            row = self.row(request_id, environment)
            if row is not None and arrived(row):
                return row
            if time.monotonic() > deadline:
                seen = "has no row" if row is None else f"is {row.state}, {row.outcome or row.delayed_by or row.step}"
                tail = "\n".join(self.host.lines()[-20:])
                raise NotInTime(f"{request_id} {seen} after {seconds:g} s. The end of the host's log:\n{tail}")
            time.sleep(LOOK_S)

    def packages(self) -> dict[str, int]:
        """Return the packages that the app has staged: sizes in bytes by SHA-256."""
        container = self._account.blobs().get_container_client("packages")
        if not container.exists():
            return {}
        staged = (blob for blob in container.list_blobs() if blob.name.endswith(PACKAGE))
        return {blob.name.removesuffix(PACKAGE): blob.size for blob in staged}

    # The storage SDKs take half a second to import: they come while the parts start, not before.
    @cached_property
    def _account(self) -> "StorageAccount":
        from handlers.stores.account import StorageAccount

        return StorageAccount(connection_string=self.azurite.connection_string)

    @cached_property
    def _ledger(self) -> "TableLedger":
        from handlers.stores.ledger import TableLedger

        return TableLedger(self._account.tables().get_table_client("ledger"))

    def _write_settings(self) -> Path:
        """Write environments.toml and local.settings.json, for our eyes only: they hold the secrets."""
        environments, settings = self.folder / "environments.toml", self.folder / "local.settings.json"
        values = {
            "AzureWebJobsStorage": self.azurite.connection_string,
            "SLIPWAY_ENVIRONMENTS": str(environments),
            "GITHUB_WEBHOOK_SECRET": self.secret,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": self.github.url,
            "SERVICE_MANAGEMENT_URL": self.simulator.url,
            "SERVICE_MANAGEMENT_CERTIFICATE": str(self.simulator.certificate),
            "SERVICE_MANAGEMENT_CA": str(self.simulator.authority),
            **self._settings,
        }
        _write_private(environments, self.environments)
        _write_private(settings, json.dumps({"IsEncrypted": False, "Values": values}, indent=2))
        return settings


def _app_on_a_clock(folder: Path) -> Path:
    """Make the folder of an app whose clock is a file beside it."""
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "host.json", folder)
    shutil.copy(Path(__file__).with_name("on_a_clock.py"), folder / "function_app.py")
    return folder


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
