"""Calls of the simulator's own, beside the API: faults, the log, what there is. JSON both ways.

GET, POST, DELETE /_simulator/faults    GET, DELETE /_simulator/log    GET /_simulator/state
"""

import json
from datetime import datetime
from typing import Any

from aiohttp import web

from local.simulator import faults, log, operations
from local.simulator.server import Simulator
from local.simulator.state import CloudService, Deployment, Operation
from local.simulator.world import World

PREFIX = "_simulator"


def routes(simulator: Simulator) -> list[web.RouteDef]:
    """Return the admin calls."""

    async def list_faults(_: web.Request) -> web.Response:
        waiting = [faults.ADAPTER.dump_python(fault, mode="json") for fault in simulator.faults.waiting]
        return web.json_response({"faults": waiting})

    async def add_faults(request: web.Request) -> web.Response:
        try:
            given = json.loads(await request.read())
            added = [faults.read_fault(one) for one in (given if isinstance(given, list) else [given])]
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        simulator.faults.waiting.extend(added)
        return web.json_response({"added": len(added)}, status=201)

    async def drop_faults(_: web.Request) -> web.Response:
        simulator.faults.waiting.clear()
        return web.json_response({"faults": []})

    async def list_calls(_: web.Request) -> web.Response:
        return web.json_response({"calls": log.ADAPTER.dump_python(list(simulator.log), mode="json")})

    async def drop_calls(_: web.Request) -> web.Response:
        simulator.log.clear()
        return web.json_response({"calls": []})

    async def show_state(_: web.Request) -> web.Response:
        now = simulator.now()
        return web.json_response(
            {"subscriptions": {name: _world(world, now) for name, world in simulator.worlds.items()}}
        )

    return [
        web.get(f"/{PREFIX}/faults", list_faults),
        web.post(f"/{PREFIX}/faults", add_faults),
        web.delete(f"/{PREFIX}/faults", drop_faults),
        web.get(f"/{PREFIX}/log", list_calls),
        web.delete(f"/{PREFIX}/log", drop_calls),
        web.get(f"/{PREFIX}/state", show_state),
    ]


def _world(world: World, now: datetime) -> dict[str, Any]:
    operations.advance(world, now)
    return {
        "services": {service.name: _service(service, now) for service in world.subscription.services.values()},
        "operations": [_operation(operation) for operation in world.subscription.operations.values()],
    }


def _service(service: CloudService, now: datetime) -> dict[str, Any]:
    return {
        "slots": {slot.value: _deployment(deployment, now) for slot, deployment in service.slots.items()},
        "extensions": [extension.id for extension in service.extensions],
    }


def _deployment(deployment: Deployment, now: datetime) -> dict[str, Any]:
    package = deployment.model.package
    return {
        "name": deployment.name,
        "private_id": deployment.private_id,
        "status": deployment.status,
        "locked_by": deployment.locked_by,
        "updating": deployment.update is not None,
        "extended_properties": dict(deployment.model.extended_properties),
        "configuration": deployment.model.configuration,
        "package": package and {"location": package.location, "size": package.size, "sha256": package.sha256},
        "instances": {instance.name: instance.seen(now).status for instance in deployment.instances},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "request_id": operation.request_id,
        "call": operation.call,
        "service": operation.service,
        "deployment": operation.deployment,
        "status": operation.status,
        "http_status": operation.http_status,
        "started_at": operation.started_at.isoformat(),
        "ended_at": None if operation.ended_at is None else operation.ended_at.isoformat(),
    }
