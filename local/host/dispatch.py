"""One invocation: call the function, deliver what it put out, log how it went."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Protocol

from azure.core.exceptions import AzureError
from azure.functions.meta import Datum

from local.host.call import Call, Failed, Finished, Outcome
from local.host.errors import OutputFailed
from local.host.invoke import FunctionRunner
from local.host.model import AppFunction, QueueOutput
from local.host.queue_output import messages
from local.host.storage_errors import error_name

_log = logging.getLogger("host")


class QueueSender(Protocol):
    """Puts messages on queues."""

    async def send(self, output: QueueOutput, bodies: list[bytes]) -> None:
        """Add messages to a queue in order. Raises AzureError."""


class Dispatcher:
    """Runs invocations and knows which are under way."""

    def __init__(self, runner: FunctionRunner, sender: QueueSender) -> None:
        self._runner = runner
        self._sender = sender
        self._under_way: dict[str, AppFunction] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def under_way(self) -> list[str]:
        """Names of the functions that run now."""
        return [function.name for function in self._under_way.values()]

    async def run(self, function: AppFunction, datum: Datum, metadata: Mapping[str, Datum], reason: str) -> Outcome:
        """Run a function to its delivered outputs. What goes wrong is logged and returned, not raised."""
        invocation_id = str(uuid.uuid4())
        self._under_way[invocation_id] = function
        self._idle.clear()
        started = time.monotonic()
        try:
            outcome = await self._runner.invoke(Call(function, datum, metadata, invocation_id))
            if isinstance(outcome, Finished):
                outcome = await self._deliver(function, outcome)
        finally:
            del self._under_way[invocation_id]
            if not self._under_way:
                self._idle.set()
        _report(function, outcome, reason, round((time.monotonic() - started) * 1000))
        return outcome

    async def wait_idle(self) -> None:
        """Wait until nothing runs."""
        await self._idle.wait()

    async def _deliver(self, function: AppFunction, finished: Finished) -> Outcome:
        for name, output in function.outputs.items():
            if not isinstance(output, QueueOutput) or name not in finished.values:
                continue
            try:
                await self._sender.send(output, messages(finished.values[name]))
            except OutputFailed as error:
                return Failed(OutputFailed(f"output {name}: {error}"))
            except AzureError as error:
                return Failed(
                    OutputFailed(f"output {name}: queue {output.queue} took no message ({error_name(error)})")
                )
        return finished


def _report(function: AppFunction, outcome: Outcome, reason: str, took_ms: int) -> None:
    match outcome:
        case Finished():
            _log.info("%s succeeded in %d ms (%s)", function.name, took_ms, reason)
        case Failed(OutputFailed() as error):
            _log.error("%s failed after %d ms (%s): %s", function.name, took_ms, reason, error)
        case Failed(error):
            _log.error("%s failed after %d ms (%s)", function.name, took_ms, reason, exc_info=error)
