"""aiohttp's request and response <-> the values that functions receive and put out.

As in the host: header names arrive in lower case; what is sent twice arrives once, joined by a comma; empty query
values are dropped; the body arrives only where Content-Length is above zero.
Source: `GrpcMessageConversionExtensions` in azure-functions-host.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from azure.functions.meta import Datum

_FRAMING = ("content-length", "transfer-encoding", "connection")
"""The server's own headers: a function that sets them would break the answer."""


async def request_datum(request: web.Request, route_parameters: Mapping[str, str]) -> Datum:
    """Turn a request into the value of an HTTP trigger. Raises web.HTTPRequestEntityTooLarge."""
    body = await request.read() if (request.content_length or 0) > 0 else b""
    return Datum(
        {
            "method": Datum(request.method, "string"),
            "url": Datum(str(request.url), "string"),
            "headers": _strings(_joined((name.lower(), value) for name, value in request.headers.items())),
            "query": _strings({name: value for name, value in _joined(request.query.items()).items() if value}),
            "params": _strings(route_parameters),
            "body": Datum(body, "bytes"),
        },
        "http",
    )


def response(datum: Datum | None) -> web.Response:
    """Turn what a function put out into a response: 204 where it has no HTTP output or did not set it.

    Raises ValueError where the status is no status.
    """
    if datum is None:
        return web.Response(status=204)
    if datum.type != "http":
        body = datum.value if isinstance(datum.value, bytes) else str(datum.value).encode()
        return web.Response(body=body, content_type="text/plain", charset="utf-8")
    value: Mapping[str, Any] = datum.value
    answer = web.Response(status=_status(value["status_code"].value), body=value["body"].value)
    for name, text in value["headers"].items():
        if name.lower() not in _FRAMING:
            answer.headers[name] = text.value
    for cookie in value["cookies"] or ():
        for morsel in cookie.values():
            answer.headers.add("Set-Cookie", morsel.OutputString())
    return answer


def _status(text: str) -> int:
    status = int(text)
    if not 200 <= status <= 999:
        raise ValueError(f"{status} is no status of a response")
    return status


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join what is there twice, in any case of letters; the first spelling stays."""
    spelling: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        key = spelling.setdefault(name.lower(), name)
        values.setdefault(key, []).append(value)
    return {key: ",".join(found) for key, found in values.items()}


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}
