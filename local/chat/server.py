"""Serves the fake chats, in a thread of this program or as a program of its own."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from local.chat.admin import Admin
from local.chat.answers import Fault
from local.chat.mattermost import MattermostRoutes
from local.chat.slack import SlackRoutes
from local.chat.teams import TeamsRoutes
from local.chat.world import Reply, Workflow, World
from local.serving import serving_in_a_thread

OWN = "/_"
"""What the paths begin with that belong to no chat."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(world: World) -> web.Application:
    """Make the web application over a world."""
    app = web.Application(middlewares=[_recorder(world), _wrong_calls, _striker(world)])
    for part in (Admin(world), SlackRoutes(world), MattermostRoutes(world), TeamsRoutes(world)):
        app.add_routes(part.routes())
    return app


def _recorder(world: World) -> Any:
    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write every call into the log."""
        if request.path.startswith(OWN):
            return await handler(request)
        entry: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": _json(await request.read()),
            "status": None,
        }
        world.log.append(entry)
        response = await handler(request)
        entry["status"] = response.status
        return response

    return record


@web.middleware
async def _wrong_calls(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say 400 to an admin call that lacks a field."""
    try:
        return await handler(request)
    except (KeyError, TypeError) as error:
        return web.json_response({"message": f"missing or wrong: {error}"}, status=400)


def _striker(world: World) -> Any:
    @web.middleware
    async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give a fault's answer where one is due."""
        fault = None if request.path.startswith(OWN) else world.due_fault(request.path)
        if fault is None:
            return await handler(request)
        if fault.after:
            await handler(request)
        if fault.status == 0 and request.transport is not None:
            request.transport.abort()
        return web.json_response(fault.body, status=fault.status or 500, headers=fault.headers)

    return strike


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


@dataclass
class FakeChats:
    """The running fakes."""

    url: str
    """`http://127.0.0.1:<port>`."""
    world: World = field(default_factory=World)

    @property
    def slack_api(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"{self.url}/slack/api"

    @property
    def mattermost(self) -> str:
        """What MATTERMOST_URL is set to."""
        return f"{self.url}/mattermost"

    def workflow_url(self, workflow: Workflow) -> str:
        """Return what TEAMS_WORKFLOW_URL is set to."""
        return workflow_url(self.url, workflow)

    def response_url(self, reply: Reply) -> str:
        """Return the address of a reply, as a command would carry it."""
        return f"{self.url}{reply.path}"

    def fault(self, path: str, status: int, **more: Any) -> None:
        """Answer the next call whose path has this part so; status 0 hangs up. See `answers.Fault`."""
        self.world.faults.append(Fault(path, status, **more))

    def calls(self, path: str = "") -> list[dict[str, Any]]:
        """Return the calls so far whose path has this part."""
        return [one for one in self.world.log if path in one["path"]]


def workflow_url(base: str, workflow: Workflow) -> str:
    """Return a workflow's address, in the form of a real one."""
    query = f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={workflow.signature}"
    return f"{base}/teams/workflows/{workflow.id}/triggers/manual/paths/invoke?{query}"


@contextmanager
def running_chats() -> Iterator[FakeChats]:
    """Run them in a thread for the length of a `with` block."""
    world = World()
    with serving_in_a_thread(application(world), "fake-chats") as url:
        yield FakeChats(url, world)
