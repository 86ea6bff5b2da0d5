"""Where functions run: a thread with an event loop for `async def`, a pool of threads for `def`.

Neither is the loop that answers HTTP and reads queues, so a function that blocks holds up nothing but itself. (An
`async def` that blocks also holds up every other `async def`.)
"""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from local.host.call import Call, Failed, Outcome, run, run_async

DEFAULT_THREADS = 32
"""Ours. Azure has fewer for one function, but there each queue and timer function has an instance of its own."""


class FunctionRunner:
    """Calls functions away from the loop that asks for it."""

    def __init__(self, threads: int = DEFAULT_THREADS, timeout: timedelta | None = None) -> None:
        """`timeout`: `functionTimeout`; None for no limit. A `def` that runs too long is given up, not stopped."""
        self._timeout_s = None if timeout is None else timeout.total_seconds()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="async functions", daemon=True)
        self._thread.start()

    async def invoke(self, call: Call) -> Outcome:
        """Call a function. Never raises what the function raises."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._start(call)), self._timeout_s)
        except TimeoutError:
            return Failed(TimeoutError(f"no end within functionTimeout, {self._timeout_s:g} s"))

    def stop(self) -> None:
        """Start nothing more. Functions that still run are left to themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1)
        if not self._thread.is_alive():
            self._loop.close()

    def _start(self, call: Call) -> Future[Outcome]:
        if call.function.signature.is_async:
            return asyncio.run_coroutine_threadsafe(run_async(call), self._loop)
        return self._pool.submit(run, call)
