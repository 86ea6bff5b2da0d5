"""Calling functions: a thread with an event loop for `async def`, a pool of threads for `def`.

Neither is the loop that answers HTTP and reads queues, so a function that blocks holds up nothing but itself (an
`async def` that blocks also holds up the other `async def`, as in Azure).
"""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

from local.host.converters import decode, encode
from local.host.guard import Guard
from local.host.model import AppFunction
from local.host.signature import RETURN

DEFAULT_THREADS = 32
"""Ours. Azure has fewer for one function, but there each queue and timer function has an instance of its own."""


@dataclass(frozen=True)
class Finished:
    """The function came back."""

    values: Mapping[str, Datum]
    """What it put out, by binding; `$return` included. Outputs that were not set are left out."""


@dataclass(frozen=True)
class Failed:
    """The function raised, or what it put out fits no binding."""

    error: BaseException


Outcome = Finished | Failed


class FunctionRunner:
    """Calls functions away from the loop that asks for it."""

    def __init__(self, threads: int = DEFAULT_THREADS, timeout: timedelta | None = None) -> None:
        """`timeout`: `functionTimeout`; None for no limit. A `def` that runs too long is given up, not stopped."""
        self._timeout = None if timeout is None else timeout.total_seconds()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="async functions", daemon=True)
        self._thread.start()

    async def invoke(
        self, function: AppFunction, datum: Datum, metadata: Mapping[str, Datum], invocation_id: str
    ) -> Outcome:
        """Call a function with the value of its trigger. Never raises what the function raises."""
        call = asyncio.run_coroutine_threadsafe(self._run(function, datum, metadata, invocation_id), self._loop)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(call), self._timeout)
        except TimeoutError:
            return Failed(TimeoutError(f"no end within functionTimeout, {self._timeout:g} s"))

    def stop(self) -> None:
        """Start nothing more. Functions that still run are left to themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1)

    async def _run(
        self, function: AppFunction, datum: Datum, metadata: Mapping[str, Datum], invocation_id: str
    ) -> Outcome:
        signature = function.signature
        with Guard() as guard:
            outs: dict[str, _Out] = {name: _Out() for name in signature.outputs}
            arguments: dict[str, Any] = dict(outs)
            for name, how in signature.inputs.items():
                arguments[name] = decode(how.binding, datum, metadata)
            context = _Context(invocation_id, function.name, function.directory)
            if signature.wants_context:
                arguments["context"] = context
            if signature.is_async:
                result = await function.call(**arguments)
            else:
                result = await self._loop.run_in_executor(self._pool, _call_in_thread, function, arguments, context)
            return Finished(_encoded(function, result, outs))
        return Failed(guard.error or RuntimeError("the function ended without a result"))


def _call_in_thread(function: AppFunction, arguments: Mapping[str, Any], context: "_Context") -> Any:
    local = context.thread_local_storage
    local.invocation_id = context.invocation_id
    try:
        return function.call(**arguments)
    finally:
        local.invocation_id = None


def _encoded(function: AppFunction, result: Any, outs: Mapping[str, "_Out"]) -> dict[str, Datum]:
    signature = function.signature
    if result is not None and signature.returned is None:
        raise RuntimeError(f"function {function.name} returned a value and has no $return binding")
    values = {
        name: encode(signature.outputs[name].binding, out.get(), signature.outputs[name].annotation)
        for name, out in outs.items()
        if out.get() is not None
    }
    if signature.returned is not None:
        values[RETURN] = encode(signature.returned.binding, result, signature.returned.annotation)
    return values


class _Out(func.Out[Any]):
    """An output parameter."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        self._value = val

    def get(self) -> Any:
        return self._value


_THREAD_LOCAL = threading.local()


@dataclass(frozen=True)
class _TraceContext:
    """No tracing here."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _RetryContext:
    """Retry policies serve no trigger that this host has but timers, and are not run here."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: None = None


class _Context(func.Context):
    """What a function learns of its own call."""

    def __init__(self, invocation_id: str, function_name: str, function_directory: str) -> None:
        self._invocation_id = invocation_id
        self._function_name = function_name
        self._function_directory = function_directory

    @property
    def invocation_id(self) -> str:
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        return _THREAD_LOCAL

    @property
    def function_name(self) -> str:
        return self._function_name

    @property
    def function_directory(self) -> str:
        return self._function_directory

    @property
    def trace_context(self) -> Any:
        return _TraceContext()

    @property
    def retry_context(self) -> Any:
        return _RetryContext()
