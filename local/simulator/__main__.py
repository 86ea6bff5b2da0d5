"""`python -m local.simulator --port 8443 --state DIR`: run the simulator until it is told to stop.

Prints exactly one line on stdout, when it answers: `ready https://127.0.0.1:PORT subscription=ID`.
"""

import asyncio
import base64
import errno
import signal
import sys
import uuid
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from local.clock import Clock
from local.simulator import admin, certificates, cloud_services, storage
from local.simulator.errors import ServiceError
from local.simulator.faults import Faults
from local.simulator.instances import Pace
from local.simulator.messages import CreateHostedService
from local.simulator.options import Options, read_options
from local.simulator.server import MAX_BODY_BYTES, Simulator, drop_type_of_nothing, machine_now, new_id
from local.simulator.state import Subscription
from local.simulator.world import Call, World

HOST = "127.0.0.1"
CLOSE_SECONDS = 0.2
"""Seconds that calls under way get when the simulator stops. Our choice: it has to be quick."""


def main(arguments: Sequence[str]) -> int:
    """Run the simulator. Return the exit code."""
    options = read_options(arguments)
    try:
        return asyncio.run(_run(options))
    except (storage.StateUnreadable, storage.StateInUse) as error:
        print(error, file=sys.stderr)
        return 1
    except ServiceError as error:
        print(f"The simulator cannot create the services of --service: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            print(
                f"Port {options.port} is taken. Choose another one with --port, or 0 for a free one.", file=sys.stderr
            )
        else:
            print(f"The simulator cannot start: {error.strerror or error}.", file=sys.stderr)
        return 1


async def _run(options: Options) -> int:
    folder = storage.open_folder(options.state)
    made = None if options.http else certificates.ensure_certificates(folder, machine_now())
    now = machine_now if options.clock is None else Clock(options.clock).now
    simulator = Simulator(
        folder=folder,
        worlds=_worlds(options, now()),
        faults=Faults(options.faults),
        managers=frozenset() if made is None else frozenset({made.thumbprint}),
        now=now,
    )
    application = web.Application(client_max_size=MAX_BODY_BYTES)
    application.add_routes(admin.routes(simulator))
    application.router.add_route("*", "/{path:.*}", simulator.handle)
    application.on_response_prepare.append(drop_type_of_nothing)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await runner.setup()
    try:
        await simulator.start()
        context = None if made is None else certificates.server_context(made)
        await web.TCPSite(runner, HOST, options.port, ssl_context=context).start()
        port = runner.addresses[0][1]
        scheme = "http" if options.http else "https"
        print(f"ready {scheme}://{HOST}:{port} subscription={next(iter(simulator.worlds))}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        await simulator.stop()
    return 0


def _worlds(options: Options, now: datetime) -> dict[str, World]:
    saved = storage.load(options.state)
    names = options.subscriptions or tuple(saved) or (str(uuid.uuid4()),)
    pace = Pace(options.operation, options.instance)
    worlds = {name: World(saved.get(name, Subscription(name)), pace, new_id) for name in names}
    worlds |= {name: World(kept, pace, new_id) for name, kept in saved.items() if name not in worlds}
    first = worlds[names[0]]
    for service in options.services:
        if service.lower() not in first.subscription.services:
            _create_service(first, service, now)
    return worlds


def _create_service(world: World, name: str, now: datetime) -> None:
    label = base64.b64encode(name.encode()).decode()
    call = Call(new_id(), "create-cloud-service", now, "CreateHostedService")
    cloud_services.create(world, call, CreateHostedService(name, label, None, "West US", None, ()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
