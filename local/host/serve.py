"""The running host: opens what the app needs, starts its listeners, and ends them in order."""

import asyncio
import errno
import hashlib
import logging
import random
import signal
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from azure.core.exceptions import AzureError

from local.host.backoff import Backoff
from local.host.connections import blob_service, read_connection
from local.host.dispatch import Dispatcher
from local.host.errors import StartError
from local.host.host_json import HostJson
from local.host.http_front import HttpFront
from local.host.invoke import DEFAULT_THREADS, FunctionRunner
from local.host.model import AppFunction, QueueOutput, QueueTrigger, TimerTrigger
from local.host.queue_clients import Queues
from local.host.queue_listener import QueueListener
from local.host.storage_errors import error_name
from local.host.timer_status import TimerStatusBlobs
from local.host.timers import TimerListener, needs_blobs

ADDRESS = "127.0.0.1"
GRACE_S = 3
"""Ours: seconds that running functions get at the end. Azure promises none; `local.processes` waits 5."""
_LONGEST_LINE = 32_768
"""Bytes of the request line and of one header. Source: Kestrel's limit for all headers together."""
_HOST_STORAGE = "AzureWebJobsStorage"
_THREADS = "PYTHON_THREADPOOL_THREAD_COUNT"

_log = logging.getLogger("host")

Listener = QueueListener | TimerListener


def bind(port: int) -> socket.socket:
    """Take a port on the loopback address, 0 for a free one. Raises StartError."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((ADDRESS, port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise StartError(
            f"port {port} on {ADDRESS} {why}: end the program that has it, or give another --port (0: a free one)"
        ) from None
    return taken


class Host:
    """One app, running."""

    def __init__(
        self,
        functions: Sequence[AppFunction],
        host_json: HostJson,
        settings: Mapping[str, str],
        directory: Path,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._functions = [function for function in functions if not function.disabled]
        self._host_json = host_json
        self._settings = settings
        self._directory = directory
        self._clock = clock
        self._queues = Queues(settings, host_json.queues.message_encoding)
        self._blobs: TimerStatusBlobs | None = None
        self._listeners: dict[str, Listener] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._end = asyncio.Event()
        self._failure: BaseException | None = None

    async def run(self, taken: socket.socket, ready: Callable[[str], None]) -> bool:
        """Serve until SIGINT or SIGTERM; `ready` hears the address. Say whether all functions came to their end.

        Raises StartError.
        """
        runner = FunctionRunner(_threads(self._settings), self._host_json.function_timeout)
        dispatcher = Dispatcher(runner, self._queues)
        try:
            await self._open(dispatcher)
            server = await self._start(dispatcher, taken)
            self._heed_signals()
            ready(f"http://{ADDRESS}:{taken.getsockname()[1]}")
            await self._wait_for_end()
            return await self._stop(server, dispatcher)
        finally:
            await self._queues.close()
            if self._blobs is not None:
                await self._blobs.close()
            runner.stop()
            taken.close()

    async def _open(self, dispatcher: Dispatcher) -> None:
        """Reach everything that the bindings name, before anything runs."""
        for function in self._functions:
            for output in function.outputs.values():
                if isinstance(output, QueueOutput):
                    self._queues.open(output.connection)
            if isinstance(function.trigger, QueueTrigger):
                self._queues.open(function.trigger.connection)
                await self._queues.create(function.trigger.connection, function.trigger.queue)
        timers = [function.trigger for function in self._functions if isinstance(function.trigger, TimerTrigger)]
        if any(needs_blobs(timer, self._clock()) for timer in timers):
            self._blobs = await self._open_blobs()
        for function in self._functions:
            listener = self._listener(function, dispatcher)
            if listener is not None:
                self._listeners[function.name.lower()] = listener

    async def _open_blobs(self) -> TimerStatusBlobs:
        service = blob_service(_HOST_STORAGE, read_connection(_HOST_STORAGE, self._settings))
        blobs = TimerStatusBlobs(service, self._host_id())
        try:
            await blobs.create()
        except AzureError as error:
            await blobs.close()
            raise StartError(
                f"connection {_HOST_STORAGE}: timers cannot keep their last run in its blobs ({error_name(error)}):"
                " start Azurite, or check the setting"
            ) from None
        return blobs

    def _host_id(self) -> str:
        """Name this app among those which share a storage account."""
        chosen = self._settings.get("AzureFunctionsWebHost__hostid")
        return chosen or f"local-{hashlib.sha256(str(self._directory).encode()).hexdigest()[:12]}"

    def _listener(self, function: AppFunction, dispatcher: Dispatcher) -> Listener | None:
        match function.trigger:
            case QueueTrigger() as trigger:
                backoff = Backoff(self._host_json.queues.max_polling_interval, random.random)
                return QueueListener(function, trigger, self._queues, self._host_json.queues, dispatcher, backoff)
            case TimerTrigger() as trigger:
                return TimerListener(function, trigger, self._blobs, dispatcher, self._clock)
            case _:
                return None

    async def _start(self, dispatcher: Dispatcher, taken: socket.socket) -> web.AppRunner:
        by_hand = {name: listener.run_by_hand for name, listener in self._listeners.items()}
        front = HttpFront(self._functions, self._host_json.route_prefix, self._settings, dispatcher, by_hand)
        server = web.AppRunner(
            front.application(self._spawn),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=GRACE_S,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            auto_decompress=False,  # a signature is over the bytes that came
        )
        await server.setup()
        await web.SockSite(server, taken).start()
        for listener in self._listeners.values():
            self._spawn(listener.listen())
        return server

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        """End the host where a listener broke: half an app that looks whole would mislead."""
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
            self._end.set()

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end.set)

    async def _wait_for_end(self) -> None:
        await self._end.wait()
        if self._failure is not None:
            _log.error("a listener broke", exc_info=self._failure)
            raise StartError(f"a listener broke ({type(self._failure).__name__}); the lines above say where")

    async def _stop(self, server: web.AppRunner, dispatcher: Dispatcher) -> bool:
        _log.info("stopping")
        for listener in self._listeners.values():
            listener.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await asyncio.gather(server.cleanup(), *self._tasks, return_exceptions=True)
                await dispatcher.wait_idle()
        left = dispatcher.under_way
        for name in left:
            _log.warning("%s was still running after %d s and is given up", name, GRACE_S)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        return not left


def _threads(settings: Mapping[str, str]) -> int:
    text = settings.get(_THREADS, str(DEFAULT_THREADS))
    if not text.isdecimal() or int(text) < 1:
        raise StartError(f"{_THREADS} must be a whole number above 0")
    return int(text)
