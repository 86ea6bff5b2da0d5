"""One call of a function: its arguments out of what triggered it, its outputs out of what it returned and set."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

from local.host.converters import decode, encode
from local.host.guard import Guard
from local.host.model import AppFunction
from local.host.signature import RETURN


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


@dataclass(frozen=True)
class Call:
    """What one invocation is about."""

    function: AppFunction
    datum: Datum
    """The value of the trigger."""
    metadata: Mapping[str, Datum]
    invocation_id: str


def run(call: Call) -> Outcome:
    """Call a `def`, in this thread."""
    with Guard() as guard:
        arguments, outs = _arguments(call)
        _THREAD_LOCAL.invocation_id = call.invocation_id
        result = call.function.call(**arguments)
        return Finished(_values(call.function, result, outs))
    return _failed(guard)


async def run_async(call: Call) -> Outcome:
    """Call an `async def`, on this loop."""
    with Guard() as guard:
        arguments, outs = _arguments(call)
        result = await call.function.call(**arguments)
        return Finished(_values(call.function, result, outs))
    return _failed(guard)


def _failed(guard: Guard) -> Failed:
    return Failed(guard.error or RuntimeError("the function ended without a result"))


def _arguments(call: Call) -> tuple[dict[str, Any], dict[str, "_Out"]]:
    """Give the arguments, and those among them which collect outputs. Raises what the converters raise."""
    signature = call.function.signature
    outs = {name: _Out() for name in signature.outputs}
    arguments: dict[str, Any] = dict(outs)
    for name, how in signature.inputs.items():
        arguments[name] = decode(how.binding, call.datum, call.metadata)
    if signature.wants_context:
        arguments["context"] = _Context(call)
    return arguments, outs


def _values(function: AppFunction, result: Any, outs: Mapping[str, "_Out"]) -> dict[str, Datum]:
    """Encode what was put out. Raises Unconvertible and what the library's converters raise."""
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
"""Holds `invocation_id` for code that looks it up by `context.thread_local_storage`."""


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

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def invocation_id(self) -> str:
        return self._call.invocation_id

    @property
    def thread_local_storage(self) -> Any:
        return _THREAD_LOCAL

    @property
    def function_name(self) -> str:
        return self._call.function.name

    @property
    def function_directory(self) -> str:
        return self._call.function.directory

    @property
    def trace_context(self) -> Any:
        return _TraceContext()

    @property
    def retry_context(self) -> Any:
        return _RetryContext()
