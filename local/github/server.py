"""Serves the fake GitHub, in a thread of this program or as a program of its own."""

import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from local.github import pages
from local.github.admin import Admin
from local.github.ambushes import Ambushes
from local.github.answers import ENTERPRISE, Refused
from local.github.api import Api, Moved
from local.github.commit_api import CommitApi
from local.github.deliveries import Delivery, release_delivery
from local.github.faults import Fault
from local.github.member_api import MemberApi
from local.github.pull_api import PullApi
from local.github.ref_api import RefApi
from local.github.releases import Release
from local.github.repositories import Repository
from local.github.world import World
from local.serving import serving_in_a_thread

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a call's body: an asset may come in one through `/_github/releases`."""

OWN = ("/_github/", "/favicon.ico")

STRUCK = web.RequestKey("struck", bool)
"""Marks a request whose answer is a fault's."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Watch = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
"""Is shown every answer that is the fake's own, not a fault's."""


def application(world: World, watch: Watch | None = None) -> web.Application:
    """Make the web application over a world."""
    ambushes = Ambushes(world)
    middlewares = [_recorder(world), _errors, _striker(world), ambushes.middleware()]
    app = web.Application(client_max_size=MAX_BODY, middlewares=middlewares)
    app.add_routes([*Admin(world).routes(), *ambushes.routes()])
    app.add_routes(pages.routes(world))
    api = Api(world)
    parts = (CommitApi(api), PullApi(api), MemberApi(api), RefApi(api), api)
    for route in (route for part in parts for route in part.routes()):
        app.router.add_route(route.method, route.path, route.handler)
        app.router.add_route(route.method, ENTERPRISE + route.path, route.handler)
    if watch is not None:
        app.on_response_prepare.append(_watcher(watch))
    return app


def _watcher(watch: Watch) -> Any:
    async def show(request: web.Request, response: web.StreamResponse) -> None:
        if not request.path.startswith(OWN) and not request.get(STRUCK):
            await watch(request, response)

    return show


def _recorder(world: World) -> Any:
    numbers = count(1)

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write every call into the log, and the headers that every answer has."""
        if request.path.startswith(OWN):
            return await handler(request)
        entry: dict[str, Any] = {
            "method": request.method,
            "host": request.host,
            "path": request.rel_url.raw_path_qs,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": await _read_body(request),
            "status": None,
        }
        world.log.append(entry)
        number = next(numbers)
        response = await handler(request)
        entry["status"] = response.status
        if not response.prepared:
            response.headers.setdefault("X-GitHub-Request-Id", f"FAKE:{number}")
            response.headers.setdefault("X-RateLimit-Limit", "5000")
            response.headers.setdefault("X-RateLimit-Remaining", "4999")
            response.headers.setdefault("X-RateLimit-Reset", str(int(time.time()) + 3600))
        return response

    return record


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into GitHub's answers."""
    try:
        return await handler(request)
    except Refused as refused:
        return web.json_response(refused.body, status=refused.status)
    except Moved as moved:
        body = {"message": "Moved Permanently", "url": moved.location}
        return web.json_response(body, status=moved.status, headers={"Location": moved.location})
    except web.HTTPNotFound:
        return web.json_response(Refused(404, "Not Found").body, status=404)
    except (KeyError, TypeError) as error:
        return web.json_response({"message": f"missing or wrong: {error}"}, status=400)


def _striker(world: World) -> Any:
    @web.middleware
    async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give a fault's answer where one is due."""
        if request.path.startswith(OWN):
            return await handler(request)
        if "User-Agent" not in request.headers:
            raise Refused(403, "Request forbidden by administrative rules. A User-Agent header is needed.")
        fault = _due_fault(world, request)
        if fault is None:
            return await handler(request)
        request[STRUCK] = True
        if fault.after:
            await handler(request)
        if fault.status == 0 and request.transport is not None:
            request.transport.abort()
        return web.json_response(fault.body, status=fault.status or 500, headers=fault.headers)

    return strike


def _due_fault(world: World, request: web.Request) -> Fault | None:
    for fault in world.faults:
        if fault.method in {"", request.method} and fault.path in request.path:
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.times -= 1
            if fault.times <= 0:
                world.faults.remove(fault)
            return fault
    return None


async def _read_body(request: web.Request) -> Any:
    body = await request.read()
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


@dataclass
class FakeGitHub:
    """A running fake GitHub."""

    url: str
    """Its API's address, `http://127.0.0.1:<port>`; also `<url>/api/v3`."""
    world: World = field(default_factory=World)

    def delivery(
        self, secret: str, repository: Repository, release: Release, action: str = "published", guid: str | None = None
    ) -> Delivery:
        """Build and sign a webhook delivery about a release."""
        return release_delivery(secret, self.url, repository, release, action, guid=guid)

    def fault(self, status: int, *, method: str = "", path: str = "", times: int = 1, **more: Any) -> None:
        """Answer the next matching calls so; status 0 hangs up. See `local.github.faults.Fault`."""
        self.world.faults.append(Fault(method, path, times, status, **more))

    def calls(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """Return the calls so far whose method is this one and whose path has this part."""
        return [one for one in self.world.log if method in {"", one["method"]} and path in one["path"]]


@contextmanager
def running_github(watch: Watch | None = None) -> Iterator[FakeGitHub]:
    """Run one in a thread for the length of a `with` block; `watch` is called in it."""
    world = World()
    with serving_in_a_thread(application(world, watch), "fake-github") as url:
        yield FakeGitHub(url, world)
