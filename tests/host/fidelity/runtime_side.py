"""Runs the cases through `azure_functions_runtime`. A program for another Python: it imports nothing of this project.

Standard input: `{"folder": ..., "invocation_id": ..., "cases": [...]}`. Standard output: a list of verdicts.
The runtime speaks in protobuf messages, of which it uses only what `Message` does.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime  # type: ignore[import-not-found]


class Message:
    """A protobuf message: fields by name, and the one that is set of several."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        self.__dict__.update(fields)

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - the name is protobuf's
        """Name the field that is set."""
        return next((name for name, value in self.fields.items() if value is not None and name != "name"), None)


class StatusResult(Message):
    """Outcome of a request."""

    Failure, Success = 0, 1


class BindingInfo(Message):
    """A binding, and the numbers of its directions and data types."""

    out, inout, undefined = 1, 2, 0


class RpcHttpCookie(Message):
    """A cookie."""

    SameSite = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


class Protos:
    """The module of messages."""

    StatusResult = StatusResult
    BindingInfo = BindingInfo
    RpcHttpCookie = RpcHttpCookie

    def __getattr__(self, name: str) -> type[Message]:
        """Give every other message."""
        return Message


def main() -> None:
    """Judge every case."""
    logging.disable(logging.CRITICAL)
    task = json.load(sys.stdin)
    runtime.start_threadpool_executor()
    loop = asyncio.new_event_loop()
    verdicts = [loop.run_until_complete(judge(case, task)) for case in task["cases"]]
    runtime.stop_threadpool_executor()
    json.dump(verdicts, sys.stdout)


async def judge(case: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """Load one app, and invoke its first function where the case says so."""
    folder = Path(task["folder"])
    (folder / "function_app.py").write_text(case["source"], encoding="utf-8")
    sys.modules.pop("function_app", None)
    sys.path.insert(0, str(folder))
    try:
        return await judge_here(case, task)
    finally:
        sys.path.remove(str(folder))


async def judge_here(case: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """Do so with the app where Python finds it."""
    begin = SimpleNamespace(capabilities={}, function_app_directory=task["folder"])
    answer = await runtime.worker_init_request(request({"worker_init_request": begin}))
    if answer.result.status != StatusResult.Success:
        return {"loads": False, "why": answer.result.exception.message}
    answer = await runtime.functions_metadata_request(request({}))
    functions = answer.function_metadata_results or []
    if case["trigger"] is None:
        return {"loads": True, "functions": sorted(function.name for function in functions)}
    answer = await runtime.invocation_request(request({"invocation_request": invocation(functions[0], case, task)}))
    if answer.result.status != StatusResult.Success:
        return {"loads": True, "fails": True, "why": answer.result.exception.message}
    put_out = {binding.name: shown(binding.data) for binding in answer.output_data}
    if answer.return_value is not None:
        put_out["$return"] = shown(answer.return_value)
    return {"loads": True, "fails": False, "put_out": put_out}


def request(content: dict[str, Any]) -> Any:
    """Wrap a request as the runtime expects it."""
    return SimpleNamespace(request=SimpleNamespace(**content), properties={"host": "127.0.0.1", "protos": Protos()})


def invocation(function: Any, case: dict[str, Any], task: dict[str, Any]) -> Any:
    """Write the request that invokes a function."""
    [name] = [name for name, binding in function.bindings.items() if binding.type.endswith("Trigger")]
    trace = SimpleNamespace(trace_parent="", trace_state="", attributes={})
    retry = SimpleNamespace(retry_count=0, max_retry_count=0, exception=None)
    return SimpleNamespace(
        invocation_id=task["invocation_id"],
        function_id=function.function_id,
        input_data=[Message(name=name, data=typed(case["trigger"]["datum"]))],
        trigger_metadata={name: Message(string=value) for name, value in case["trigger"]["metadata"].items()},
        trace_context=trace,
        retry_context=retry,
    )


def typed(datum: dict[str, Any]) -> Message:
    """Write the value of a trigger."""
    [(kind, value)] = datum.items()
    if kind == "bytes":
        return Message(bytes=value.encode("latin-1"))
    if kind == "http":
        return Message(http=SimpleNamespace(**{**value, "body": Message(bytes=value["body"].encode())}))
    return Message(**{kind: value})


def shown(data: Message) -> Any:
    """Write a value that was put out, so that both sides write it alike."""
    kind = data.WhichOneof("data")
    value: Any = data.fields[kind] if kind else None
    if kind == "bytes":
        return ["bytes", value.decode("latin-1")]
    if kind == "json":
        return ["json", json.loads(value)]
    if kind == "http":
        cookies = [[cookie.name, cookie.value] for cookie in value.cookies or ()]
        return ["http", value.status_code, value.headers, cookies, value.body.bytes.decode("latin-1")]
    return [kind, int(value) if isinstance(value, bool) else value]


if __name__ == "__main__":
    main()
