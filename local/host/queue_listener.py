"""A queue trigger: fetch, hide, run, delete; or try again, or move to the poison queue.

The rules are those of the host's storage extension (`QueueListener`, `QueueProcessor`):

- Messages are fetched `batchSize` at a time and all run at once. The next fetch waits until no more than
  `newBatchThreshold` are left, or, where nothing was found, for a back-off.
- A fetched message is hidden for 10 minutes, renewed at half time while the function runs.
- Success deletes it. Failure shows it again after `visibilityTimeout`; at `maxDequeueCount` tries it is added to
  `<queue>-poison` and then deleted, so a crash in between can double it but not lose it.
- A message fetched more often than `maxDequeueCount` goes to the poison queue without running.
- A message that is not base64 where base64 is expected goes there at once, as it is.
- A queue named `...-poison` has no poison queue of its own: what fails there stays hidden for the 10 minutes.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.functions.meta import Datum

from local.host.backoff import Backoff
from local.host.call import Finished
from local.host.dispatch import Dispatcher
from local.host.host_json import QueueOptions
from local.host.model import AppFunction, QueueTrigger
from local.host.queue_clients import Queues, create_if_missing, send_text
from local.host.queue_metadata import message_metadata
from local.host.queue_text import Undecodable, decode_text
from local.host.storage_errors import error_name

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage

HIDDEN = timedelta(minutes=10)
"""Source: `QueueListener._visibilityTimeout`. A host that is killed delays its messages by this."""
POISON = "-poison"
_LONGEST_NAME = 63
"""Azure Storage: letters of a queue's name."""

_log = logging.getLogger("host.queue")


def poison_name(queue: str) -> str | None:
    """Say where the messages go that keep failing; None where they stay."""
    name = queue + POISON
    return None if queue.endswith(POISON) or len(name) > _LONGEST_NAME else name


class QueueListener:
    """Feeds one function from one queue."""

    def __init__(
        self,
        function: AppFunction,
        trigger: QueueTrigger,
        queues: Queues,
        options: QueueOptions,
        dispatcher: Dispatcher,
        backoff: Backoff,
        hidden: timedelta = HIDDEN,
    ) -> None:
        self._function = function
        self._trigger = trigger
        self._options = options
        self._dispatcher = dispatcher
        self._hidden_s = max(round(hidden.total_seconds()), 1)
        self._queue = queues.queue(trigger.connection, trigger.queue)
        poison = poison_name(trigger.queue)
        self._poison = None if poison is None else queues.queue(trigger.connection, poison)
        self._backoff = backoff
        self._at_work: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        queues.watch(trigger.connection, trigger.queue, self._wake.set)

    async def listen(self) -> None:
        """Work until stopped; returns when the last message is done."""
        while not self._stopping:
            self._wake.clear()
            if await self._fetch():
                self._backoff.reset()
                await self._wait_for_room(self._options.new_batch_threshold)
            else:
                await self._wait_for_more()
        await self._wait_for_room(0)

    def stop(self) -> None:
        """Fetch nothing more."""
        self._stopping = True
        self._wake.set()

    async def run_by_hand(self, text: str) -> None:
        """Run the function with a text that was on no queue."""
        await self._dispatcher.run(self._function, Datum(text, "string"), {}, "by hand")

    async def _fetch(self) -> bool:
        """Start work on a batch; say whether there was a message."""
        try:
            pages = self._queue.receive_messages(
                messages_per_page=self._options.batch_size, visibility_timeout=self._hidden_s
            ).by_page()
            batch = [message async for message in await anext(pages)]
        except ResourceNotFoundError:
            with suppress(AzureError):
                await create_if_missing(self._queue)
            return False
        except StopAsyncIteration:
            return False
        except AzureError as error:
            _log.warning("queue %s cannot be read (%s), trying again", self._trigger.queue, error_name(error))
            return False
        for message in batch:
            task = asyncio.create_task(self._handle(message))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        return bool(batch)

    async def _wait_for_room(self, threshold: int) -> None:
        while len(self._at_work) > threshold:
            await asyncio.wait(self._at_work, return_when=asyncio.FIRST_COMPLETED)

    async def _wait_for_more(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._backoff.next().total_seconds())

    async def _handle(self, message: "QueueMessage") -> None:
        try:
            await self._process(message)
        except AzureError as error:
            _log.warning(
                "message %s of queue %s could not be settled (%s); it comes back when its hiding ends",
                message.id,
                self._trigger.queue,
                error_name(error),
            )

    async def _process(self, message: "QueueMessage") -> None:
        tries = message.dequeue_count or 0
        if tries > self._options.max_dequeue_count:
            await self._move_to_poison(message, f"was fetched {tries} times")
            return
        try:
            body = decode_text(message.content, self._options.message_encoding)
        except Undecodable:
            await self._move_to_poison(message, "is not base64 (messageEncoding in host.json)")
            return
        datum = self._datum(body)
        reason = f"queue {self._trigger.queue}, message {message.id}, try {tries}"
        async with self._hiding(message):
            outcome = await self._dispatcher.run(self._function, datum, message_metadata(message, datum), reason)
        if isinstance(outcome, Finished):
            await self._delete(message)
        elif self._poison is None or tries >= self._options.max_dequeue_count:
            await self._move_to_poison(message, f"failed {tries} times")
        else:
            await self._release(message)

    def _datum(self, body: bytes) -> Datum:
        if self._trigger.binary:
            return Datum(body, "bytes")
        return Datum(body.decode(errors="replace"), "string")

    @asynccontextmanager
    async def _hiding(self, message: "QueueMessage") -> AsyncIterator[None]:
        """Keep a message hidden for the length of a block."""
        renewal = asyncio.create_task(self._renew(message))
        try:
            yield
        finally:
            renewal.cancel()
            await asyncio.wait([renewal])

    async def _renew(self, message: "QueueMessage") -> None:
        """Hide a message again and again. Each time changes its pop receipt."""
        while True:
            await asyncio.sleep(self._hidden_s / 2)
            try:
                renewed = await self._queue.update_message(
                    message.id, message.pop_receipt, visibility_timeout=self._hidden_s
                )
            except AzureError as error:
                _log.warning("message %s could not be kept hidden (%s)", message.id, error_name(error))
            else:
                message.pop_receipt = renewed.pop_receipt

    async def _move_to_poison(self, message: "QueueMessage", why: str) -> None:
        about = f"message {message.id} of queue {self._trigger.queue} {why}"
        if self._poison is None:
            _log.warning("%s: stays hidden for a while, because there is no poison queue", about)
            return
        _log.warning("%s: moved to %s", about, self._poison.queue_name)
        await send_text(self._poison, message.content)
        await self._delete(message)

    async def _release(self, message: "QueueMessage") -> None:
        with suppress(ResourceNotFoundError):  # another reader has it, or deleted it
            await self._queue.update_message(
                message.id,
                message.pop_receipt,
                visibility_timeout=round(self._options.visibility_timeout.total_seconds()),
            )

    async def _delete(self, message: "QueueMessage") -> None:
        with suppress(ResourceNotFoundError):  # another reader has it, or deleted it
            await self._queue.delete_message(message.id, message.pop_receipt)
