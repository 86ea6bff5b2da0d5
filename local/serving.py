"""Serving a fake on loopback: in a thread of this program for tests, or as a program of its own."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

WAIT_S = 10.0
"""Seconds that starting and stopping may take. Our choice."""


async def serve(application: web.Application, port: int) -> tuple[web.AppRunner, int]:
    """Start serving on loopback; return what stops it, and the port (0 lets the system choose)."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, int(runner.addresses[0][1])


@contextmanager
def serving_in_a_thread(application: web.Application, name: str) -> Iterator[str]:
    """Serve for the length of a `with` block; give `http://127.0.0.1:<port>`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=name, daemon=True)
    thread.start()
    runner, port = asyncio.run_coroutine_threadsafe(serve(application, 0), loop).result(WAIT_S)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()


async def serve_until_stopped(application: web.Application, port: int, ready: Callable[[str], str]) -> None:
    """Serve until SIGINT or SIGTERM. `ready` makes the line for standard output from the address."""
    runner, chosen = await serve(application, port)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    print(ready(f"http://127.0.0.1:{chosen}"), flush=True)
    await over.wait()
    await runner.cleanup()
