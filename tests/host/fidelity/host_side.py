"""Runs the cases through the local host: its loader and its calls."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from azure.functions.meta import Datum

from local.host.call import Call, Failed, run, run_async
from local.host.errors import StartError
from local.host.index import MODULE, load_app
from local.host.model import AppFunction
from tests.host.fidelity.cases import INVOCATION_ID, PREAMBLE, Case


def judge(case: Case, folder: Path) -> dict[str, Any]:
    """Load one app, and invoke its first function where the case says so."""
    (folder / "function_app.py").write_text(PREAMBLE + case.source, encoding="utf-8")
    sys.modules.pop(MODULE, None)
    logging.disable(logging.CRITICAL)
    try:
        functions = load_app(folder, {})
    except StartError as error:
        return {"loads": False, "why": str(error)}
    finally:
        logging.disable(logging.NOTSET)
        sys.path.remove(str(folder))
    if case.trigger is None:
        return {"loads": True, "functions": sorted(function.name for function in functions)}
    return _invoke(functions[0], case.trigger)


def _invoke(function: AppFunction, trigger: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: Datum(value, "string") for name, value in trigger["metadata"].items()}
    call = Call(function, _datum(trigger["datum"]), metadata, INVOCATION_ID)
    outcome = asyncio.run(run_async(call)) if function.signature.is_async else run(call)
    if isinstance(outcome, Failed):
        return {"loads": True, "fails": True, "why": f"{type(outcome.error).__name__}: {outcome.error}"}
    return {"loads": True, "fails": False, "put_out": {name: _shown(datum) for name, datum in outcome.values.items()}}


def _datum(datum: dict[str, Any]) -> Datum:
    [(kind, value)] = datum.items()
    if kind == "bytes":
        return Datum(value.encode("latin-1"), "bytes")
    if kind == "http":
        texts = {name: Datum(value[name], "string") for name in ("method", "url")}
        groups = {
            name: {key: Datum(text, "string") for key, text in value[name].items()}
            for name in ("headers", "query", "params")
        }
        return Datum({**texts, **groups, "body": Datum(value["body"].encode(), "bytes")}, "http")
    return Datum(value, kind)


def _shown(datum: Datum) -> Any:
    match datum.type:
        case "bytes":
            return ["bytes", datum.value.decode("latin-1")]
        case "json":
            return ["json", json.loads(datum.value)]
        case "http":
            value = datum.value
            morsels = [morsel for cookie in value["cookies"] or () for morsel in cookie.values()]
            headers = {name: text.value for name, text in value["headers"].items()}
            cookies = [[morsel.key, morsel.value] for morsel in morsels]
            return ["http", value["status_code"].value, headers, cookies, value["body"].value.decode("latin-1")]
        case _:
            return [datum.type, datum.value]
