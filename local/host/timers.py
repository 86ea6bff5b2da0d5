"""A timer trigger: wait, run, remember.

The rules are those of the host (`TimerListener`, `ScheduleMonitor`): one run at a time; a tick that falls into a run
fires right after it, once; a tick that was missed while the host was away fires at the start with `past_due`, unless
the schedule changed meanwhile; `run_on_startup` fires at the start otherwise.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from azure.functions.meta import Datum

from local.host.dispatch import Dispatcher
from local.host.model import AppFunction, TimerTrigger
from local.host.storage_errors import error_name
from local.host.timer_status import (
    TimerStatusBlobs,
    after_run,
    first_status,
    is_monitored,
    is_past_due,
    resumed_status,
)

_LONGEST_WAIT = timedelta(minutes=1)
"""Ours: the clock is looked at again this often, so that a machine that slept is not late by its sleep."""

_log = logging.getLogger("host.timer")


class TimerListener:
    """Fires one function by its schedule."""

    def __init__(
        self,
        function: AppFunction,
        trigger: TimerTrigger,
        blobs: TimerStatusBlobs | None,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
    ) -> None:
        """`blobs`: None where no timer of the app is monitored. `clock`: aware, UTC."""
        self._function = function
        self._trigger = trigger
        self._blobs = blobs if needs_blobs(trigger, clock()) else None
        self._dispatcher = dispatcher
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._status = first_status(trigger.schedule, clock())

    async def listen(self) -> None:
        """Fire until stopped; returns when the last run is done. Raises AzureError where the status cannot be read."""
        if self._blobs is not None:
            kept = await self._blobs.read(self._function.name)
            if kept is not None:
                self._status = resumed_status(self._trigger.schedule, kept, self._clock())
            if self._status != kept:
                await self._keep()
        if is_past_due(self._status, self._clock()):
            await self._fire("past due", past_due=True)
        elif self._trigger.run_on_startup:
            await self._fire("run_on_startup")
        while await self._wait():
            await self._fire("schedule", scheduled=True)

    def stop(self) -> None:
        """Fire no more."""
        self._stopped.set()

    async def run_by_hand(self, _text: str) -> None:
        """Run the function now; its schedule does not change."""
        async with self._one_at_a_time:
            await self._dispatcher.run(self._function, self._datum(past_due=False), {}, "by hand")

    async def _fire(self, reason: str, *, past_due: bool = False, scheduled: bool = False) -> None:
        async with self._one_at_a_time:
            started = self._clock()
            await self._dispatcher.run(self._function, self._datum(past_due=past_due), {}, f"timer, {reason}")
            self._status = after_run(self._trigger.schedule, self._status, started, scheduled=scheduled)
            await self._keep()

    async def _wait(self) -> bool:
        """Wait for the next tick; say whether it came."""
        while not self._stopped.is_set():
            due = self._status.next
            left = _LONGEST_WAIT if due is None else due - self._clock()
            if left <= timedelta():
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), min(left, _LONGEST_WAIT).total_seconds())
        return False

    async def _keep(self) -> None:
        if self._blobs is None:
            return
        error = await self._blobs.write(self._function.name, self._status)
        if error is not None:
            _log.warning("%s: its last run could not be written down (%s)", self._function.name, error_name(error))

    def _datum(self, *, past_due: bool) -> Datum:
        status = None if self._blobs is None else self._status.to_json()
        info = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}
        return Datum(json.dumps(info), "json")


def needs_blobs(trigger: TimerTrigger, now: datetime) -> bool:
    """Say whether a timer's last run is kept."""
    return trigger.use_monitor and is_monitored(trigger.schedule, now)
