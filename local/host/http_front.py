"""The HTTP side: routes to functions, keys, and the two admin calls.

| call | answer |
|---|---|
| a route of the app | what the function returns; 500 with no body where it fails; 413 above 100 MB |
| no route for the path and method | 404 |
| auth level function or admin without the right key | 401 |
| `GET /admin/host/status` | 200 `{"state": "Running", ...}` |
| `POST /admin/functions/{name}` `{"input": "text"}` | 202, and the timer or queue function runs once |

A call by hand must be sent as `application/json`, which a web page of somewhere else cannot do unasked.

Keys: setting LOCAL_FUNCTION_KEY opens level function, LOCAL_ADMIN_KEY opens function and admin; a caller shows one in
the header `x-functions-key` or the query `code`. A key that is not set opens nothing. The admin calls need no key,
unlike in Azure, because the server listens on the loopback address only.
"""

import hmac
import json
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.host.call import Finished
from local.host.dispatch import Dispatcher
from local.host.http_wire import request_datum, response
from local.host.model import AppFunction, AuthLevel, HttpOutput, HttpTrigger

BODY_LIMIT = 104_857_600
"""Bytes. Source: *Azure Functions HTTP triggers*, "Limits" (100 MB)."""
FUNCTION_KEY = "LOCAL_FUNCTION_KEY"
ADMIN_KEY = "LOCAL_ADMIN_KEY"

_log = logging.getLogger("host.http")

RunByHand = Callable[[str], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Door:
    """One HTTP function."""

    function: AppFunction
    trigger: HttpTrigger
    output: str | None
    """The binding that holds the response."""


class HttpFront:
    """Answers requests."""

    def __init__(
        self,
        functions: list[AppFunction],
        prefix: str,
        settings: Mapping[str, str],
        dispatcher: Dispatcher,
        by_hand: Mapping[str, RunByHand],
    ) -> None:
        """`prefix`: `routePrefix`, maybe empty. `by_hand`: how to run timer and queue functions, by small name."""
        self._doors = _doors(functions)
        self._prefix = f"{prefix}/" if prefix else ""
        self._keys = {
            AuthLevel.FUNCTION: _keys(settings, FUNCTION_KEY, ADMIN_KEY),
            AuthLevel.ADMIN: _keys(settings, ADMIN_KEY),
        }
        self._dispatcher = dispatcher
        self._by_hand = by_hand
        self._started = time.monotonic()

    def application(self, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> web.Application:
        """Build the server's application. `spawn` starts what outlives its request."""

        async def run_by_hand(request: web.Request) -> web.Response:
            return await self._run_by_hand(request, spawn)

        application = web.Application(client_max_size=BODY_LIMIT)
        application.router.add_get("/admin/host/status", self._status)
        application.router.add_post("/admin/functions/{name}", run_by_hand)
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        found = self._find(request.method, request.rel_url.raw_path)
        if found is None:
            return web.Response(status=404)
        door, parameters = found
        if not self._may_enter(door.trigger.auth_level, request):
            return web.Response(status=401)
        if (request.content_length or 0) > BODY_LIMIT:
            return web.Response(status=413)
        datum = await request_datum(request, parameters)
        reason = f"{request.method} {request.rel_url.raw_path}"
        outcome = await self._dispatcher.run(door.function, datum, {}, reason)
        if not isinstance(outcome, Finished):
            return web.Response(status=500)
        try:
            return response(outcome.values.get(door.output) if door.output else None)
        except ValueError as error:
            _log.error("%s answered %s with what is no HTTP response: %s", door.function.name, reason, error)
            return web.Response(status=500)

    def _find(self, method: str, path: str) -> tuple[Door, dict[str, str]] | None:
        trimmed = path.lstrip("/")
        if not f"{trimmed.rstrip('/')}/".lower().startswith(self._prefix.lower()):
            return None
        rest = trimmed[len(self._prefix) :]
        for door in self._doors:
            parameters = door.trigger.route.match(rest)
            if parameters is not None and (not door.trigger.methods or method in door.trigger.methods):
                return door, parameters
        return None

    def _may_enter(self, level: AuthLevel, request: web.Request) -> bool:
        if level is AuthLevel.ANONYMOUS:
            return True
        shown = (request.headers.get("x-functions-key") or request.query.get("code") or "").encode(errors="replace")
        # Every key is compared, so that the time tells nothing of which one was close.
        return sum(hmac.compare_digest(shown, key) for key in self._keys[level]) > 0

    async def _status(self, _request: web.Request) -> web.Response:
        uptime_ms = round((time.monotonic() - self._started) * 1000)
        return web.json_response({"id": "local", "state": "Running", "version": "4.0", "processUptime": uptime_ms})

    async def _run_by_hand(
        self, request: web.Request, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> web.Response:
        run = self._by_hand.get(request.match_info["name"].lower())
        if run is None:
            return web.Response(status=404, text="no timer or queue function has this name\n")
        if request.content_type != "application/json":
            return web.Response(status=415, text="the body must be sent as application/json\n")
        try:
            content = json.loads(await request.read() or b"{}")
        except ValueError:
            return web.Response(status=400, text='the body must be JSON: {"input": "text"}\n')
        text = content.get("input", "") if isinstance(content, dict) else None
        if not isinstance(text, str):
            return web.Response(status=400, text='the body must be JSON: {"input": "text"}\n')
        spawn(run(text))
        return web.Response(status=202)


def _doors(functions: list[AppFunction]) -> list[Door]:
    """List the HTTP functions in the order in which routes are tried."""
    doors = [
        Door(
            function,
            function.trigger,
            next((name for name, output in function.outputs.items() if isinstance(output, HttpOutput)), None),
        )
        for function in functions
        if isinstance(function.trigger, HttpTrigger) and not function.disabled
    ]
    return sorted(doors, key=lambda door: door.trigger.route.weight)


def _keys(settings: Mapping[str, str], *names: str) -> list[bytes]:
    return [key.encode() for name in names if (key := settings.get(name))]
