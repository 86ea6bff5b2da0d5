"""Queue and timer listeners in this process, where their waits and clocks can be chosen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.timers.ncrontab import Every
from local.azurite import Azurite
from local.host.backoff import Backoff
from local.host.dispatch import Dispatcher
from local.host.host_json import MessageEncoding, QueueOptions
from local.host.invoke import FunctionRunner
from local.host.model import AppFunction, QueueOutput, QueueTrigger, TimerTrigger
from local.host.queue_clients import Queues
from local.host.queue_listener import QueueListener
from local.host.timer_status import TimerStatusBlobs
from local.host.timers import TimerListener
from tests.conftest import Names
from tests.host.conftest import SEE, App
from tests.host.queues import Queue

CONNECTION = "AzureWebJobsStorage"


class AnHour(Backoff):
    """Looks into an empty queue once an hour."""

    def next(self) -> timedelta:
        """Wait an hour."""
        return timedelta(hours=1)


async def until(seen: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not seen():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def dispatching(queues: Queues) -> AsyncIterator[Dispatcher]:
    """Run functions."""
    runner = FunctionRunner()
    try:
        yield Dispatcher(runner, queues)
    finally:
        await queues.close()
        runner.stop()


async def stopped(listener: QueueListener | TimerListener, task: asyncio.Task[None]) -> None:
    """Stop a listener and wait for its end."""
    listener.stop()
    async with asyncio.timeout(15):
        await task


def with_queue(
    app: App,
    azurite: Azurite,
    name: str,
    body: str,
    act: Callable[[QueueListener, Queues], Awaitable[None]],
    **options: Any,
) -> None:
    """Load a function that reads a queue, listen, act, stop."""
    source = (
        f'{SEE}\n@app.queue_trigger("msg", "{name}", "{CONNECTION}")\ndef reader(msg: func.QueueMessage):\n    {body}\n'
    )
    [function] = app.write(source).load()
    assert isinstance(function.trigger, QueueTrigger)
    trigger = function.trigger

    async def run() -> None:
        queues = Queues({CONNECTION: azurite.connection_string}, MessageEncoding.BASE64)
        queues.open(CONNECTION)
        await queues.create(CONNECTION, name)
        async with dispatching(queues) as dispatcher:
            chosen = {"backoff": AnHour(timedelta(hours=1), lambda: 0.5), **options}
            listener = QueueListener(function, trigger, queues, QueueOptions(), dispatcher, **chosen)
            task = asyncio.create_task(listener.listen())
            await act(listener, queues)
            await stopped(listener, task)

    asyncio.run(run())


@pytest.mark.azurite
def test_an_output_wakes_the_listener_of_its_queue(
    app: App, azurite: Azurite, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listener would look again in an hour."""
    monkeypatch.chdir(app.folder)
    queue = names.queue("woken")

    async def act(_listener: QueueListener, queues: Queues) -> None:
        await asyncio.sleep(0.3)  # the first look has found nothing, or finds what is put now; both are right
        await queues.send(QueueOutput(queue, CONNECTION), [b"hello"])
        await until(lambda: len(app.seen(0)) == 1)

    with_queue(app, azurite, queue, "see(body=msg.get_body().decode())", act)
    assert app.seen(1) == [{"body": "hello"}]


@pytest.mark.azurite
def test_a_message_stays_hidden_while_its_function_runs(
    app: App, azurite: Azurite, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden for 2 s and renewed at half time, it is not fetched again in 3 s, and is deleted by its newest receipt."""
    monkeypatch.chdir(app.folder)
    name = names.queue("long")
    queue = Queue.of(azurite.connection_string, name).create()
    queue.put(b"long")

    async def act(_listener: QueueListener, _queues: Queues) -> None:
        await until(lambda: len(app.seen(0)) == 2)

    body = "see(tries=msg.dequeue_count); import time; time.sleep(3); see(done=True)"
    backoff = Backoff(timedelta(milliseconds=200), lambda: 0.5)
    with_queue(app, azurite, name, body, act, hidden=timedelta(seconds=2), backoff=backoff)
    assert app.seen(2) == [{"tries": 1}, {"done": True}]
    assert queue.size() == 0


@pytest.mark.azurite
def test_a_stopped_listener_finishes_its_message(
    app: App, azurite: Azurite, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs is ended and deleted, not left hidden."""
    monkeypatch.chdir(app.folder)
    name = names.queue("stop")
    queue = Queue.of(azurite.connection_string, name).create()
    queue.put(b"last")

    async def act(_listener: QueueListener, _queues: Queues) -> None:
        await until(lambda: len(app.seen(0)) == 1)

    with_queue(app, azurite, name, "see(begun=True); import time; time.sleep(0.5); see(done=True)", act)
    assert app.seen(2) == [{"begun": True}, {"done": True}]
    assert queue.size() == 0


def timer(app: App, body: str) -> AppFunction:
    """Load a timer function."""
    source = f'{SEE}\n@app.timer_trigger("timer", "00:01:00")\ndef tick(timer: func.TimerRequest):\n    {body}\n'
    [function] = app.write(source).load()
    return function


def with_timer(
    function: AppFunction,
    trigger: TimerTrigger,
    act: Callable[[TimerListener], Awaitable[None]],
    blobs: TimerStatusBlobs | None = None,
) -> None:
    """Listen to a timer, act, stop."""

    async def run() -> None:
        async with dispatching(Queues({}, MessageEncoding.BASE64)) as dispatcher:
            listener = TimerListener(function, trigger, blobs, dispatcher, lambda: datetime.now(UTC))
            task = asyncio.create_task(listener.listen())
            await act(listener)
            await stopped(listener, task)

    asyncio.run(run())


def every(interval: timedelta, *, run_on_startup: bool = False) -> TimerTrigger:
    """Fire with a distance that no schedule can say."""
    return TimerTrigger("timer", Every(interval), "", run_on_startup=run_on_startup, use_monitor=False)


def test_a_timer_runs_one_at_a_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticks every 20 ms, runs of 100 ms, and runs by hand between them."""
    monkeypatch.chdir(app.folder)
    function = timer(app, "see(begin=True); import time; time.sleep(0.1); see(end=True)")

    async def act(listener: TimerListener) -> None:
        await asyncio.gather(*(listener.run_by_hand("") for _ in range(3)))
        await until(lambda: len(app.seen(0)) >= 10)

    with_timer(function, every(timedelta(milliseconds=20)), act)
    kinds = [next(iter(told)) for told in app.seen(10)]
    assert kinds == ["begin", "end"] * (len(kinds) // 2)


def test_a_timer_that_fails_goes_on(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next tick comes all the same."""
    monkeypatch.chdir(app.folder)
    function = timer(app, "see(ran=True); raise ValueError('on purpose')")

    async def act(_listener: TimerListener) -> None:
        await until(lambda: len(app.seen(0)) >= 3)

    with_timer(function, every(timedelta(milliseconds=20)), act)


def test_a_timer_does_not_run_at_the_start_unless_told(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first tick is one interval away."""
    monkeypatch.chdir(app.folder)
    function = timer(app, "see(ran=True)")

    async def act(_listener: TimerListener) -> None:
        await asyncio.sleep(0.2)

    with_timer(function, every(timedelta(hours=1)), act)
    assert app.seen(0) == []
