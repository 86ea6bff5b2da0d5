"""Starts Azurite, Microsoft's storage emulator, on ports of its own: blobs, queues and tables.

`make install` puts it into `.local/node`. Azurite writes to its folder every five seconds: one that is killed has lost
what it acknowledged since, so a test of losses kills our programs and never Azurite.
"""

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import urlsplit

from local.install.pinned import AZURITE, NODE_PATH_FILE
from local.processes import POLL_S, Child, ChildFailed

ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that every Azurite has, published in its documentation. No secret."""

START_S = 30.0
"""Seconds that a start may take. Our choice: it takes 1 s, and several on a busy machine."""

_LISTENING = re.compile(
    r"Blob service is successfully listening at (?P<blob>\S+)\n(?:.*\n)*"
    r".*Queue service is successfully listening at (?P<queue>\S+)\n(?:.*\n)*"
    r".*Table service is successfully listening at (?P<table>\S+)\n"
)


class AzuriteMissing(RuntimeError):
    """Azurite is not installed here."""


@dataclass(frozen=True)
class Azurite:
    """A running Azurite. A context manager that stops it."""

    child: Child
    blob_endpoint: str
    queue_endpoint: str
    table_endpoint: str
    """Each `http://127.0.0.1:<port>/devstoreaccount1`, as the SDKs' clients take it."""

    @property
    def connection_string(self) -> str:
        """What AzureWebJobsStorage and every `from_connection_string` take."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
            f"BlobEndpoint={self.blob_endpoint};QueueEndpoint={self.queue_endpoint};TableEndpoint={self.table_endpoint};"
        )

    def stop(self) -> None:
        """Stop it. What it held stays in its folder."""
        self.child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_azurite(location: Path) -> Azurite:
    """Start Azurite over a folder (made where missing) and return when its three services answer.

    The system chooses the ports, so two never collide. Its log is `azurite.log` in the folder. It ends with the program
    that started it (see `local.processes`). Raises AzuriteMissing before `make install`, ChildFailed where it does not
    start.
    """
    location.mkdir(parents=True, exist_ok=True)
    child = Child.start(_command(location), name="Azurite", log=location / "azurite.log")
    try:
        deadline = time.monotonic() + START_S
        addresses = child.wait_output(_LISTENING, START_S).groupdict()
        for address in addresses.values():
            _wait_until_it_answers(address, deadline)
    except BaseException:
        child.kill()
        raise
    return Azurite(child, *(f"{addresses[service]}/{ACCOUNT}" for service in ("blob", "queue", "table")))


@contextmanager
def running_azurite(location: Path | None = None) -> Iterator[Azurite]:
    """Run Azurite for the length of a `with` block, over a folder that goes with it unless one is named."""
    with ExitStack() as stack:
        folder = location or Path(stack.enter_context(TemporaryDirectory(prefix="slipway-azurite-")))
        yield stack.enter_context(start_azurite(folder))


def _command(location: Path) -> list[str | Path]:
    if not (AZURITE.is_file() and NODE_PATH_FILE.is_file()):
        raise AzuriteMissing("Azurite is not installed: run `make install`.")
    node = Path(NODE_PATH_FILE.read_text(encoding="utf-8").strip())
    if not node.is_file():
        raise AzuriteMissing(f"Azurite's Node, {node}, is gone: run `make install`.")
    words: list[str | Path] = [node, AZURITE, "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    for service in ("blob", "queue", "table"):
        words += [f"--{service}Host", "127.0.0.1", f"--{service}Port", "0"]
    return [*words, "--location", location.resolve()]


def _wait_until_it_answers(address: str, deadline: float) -> None:
    """Wait until an address answers HTTP at all; without credentials the answer is a refusal, and that will do."""
    while True:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
        try:
            connection.request("GET", f"/{ACCOUNT}?comp=list")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                raise ChildFailed(f"Azurite does not answer at {address}.") from error
            time.sleep(POLL_S)
        else:
            return
        finally:
            connection.close()
