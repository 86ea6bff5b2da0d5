"""Our queues: the host's encoding, never expiring, hidden until due."""

import base64
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from azure.storage.queue import QueueClient

from handlers.stores.account import StorageAccount
from handlers.stores.queues import HeldMessage, StorageQueue
from local.azurite import Azurite
from tests.conftest import Names

pytestmark = pytest.mark.azurite


@pytest.fixture
def client(azurite: Azurite, names: Names) -> QueueClient:
    """Return a queue of this test's own, which is not there yet."""
    return StorageAccount(azurite.connection_string).queues().get_queue_client(names.queue("operations"))


def eventually_received(queue: StorageQueue) -> Sequence[HeldMessage]:
    """Receive as soon as something shows itself, within ten seconds."""
    deadline = time.monotonic() + 10
    while not (messages := queue.receive(32, timedelta(minutes=5))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return messages


def test_a_message_is_base64_and_never_expires(client: QueueClient) -> None:
    """As the Functions host reads it; the queue is made on first use."""
    StorageQueue(client).put('{"v":1}')
    (message,) = client.receive_messages()
    assert base64.b64decode(message.content) == b'{"v":1}'
    assert message.expires_on is not None
    assert message.expires_on.year == 9999


def test_a_delayed_message_is_hidden(client: QueueClient) -> None:
    """Until it is due."""
    queue = StorageQueue(client)
    queue.put("later", timedelta(minutes=5))
    assert queue.receive(32, timedelta(seconds=30)) == []


def test_a_received_message_can_be_hidden_and_deleted(client: QueueClient) -> None:
    """And is seen again when its time has come."""
    queue = StorageQueue(client)
    queue.put("once")
    (held,) = queue.receive(32, timedelta(minutes=5))
    held.hide(timedelta(seconds=1))
    assert held.text == "once"
    (again,) = eventually_received(queue)
    again.delete()
    again.delete()
    assert client.get_queue_properties().approximate_message_count == 0


def test_a_message_that_another_has_is_left_to_it(client: QueueClient) -> None:
    """Hiding or deleting with a receipt that is not good any more is no error and has no effect."""
    queue = StorageQueue(client)
    queue.put("mine")
    (stale,) = queue.receive(1, timedelta(seconds=1))
    (fresh,) = eventually_received(queue)
    stale.hide(timedelta(0))
    stale.delete()
    assert queue.receive(1, timedelta(minutes=5)) == []
    fresh.delete()


@pytest.mark.parametrize("text", ["{not base64}", "nicht für uns", "/w=="], ids=["ASCII", "not ASCII", "not UTF-8"])
def test_a_foreign_message_is_shown_as_it_came(client: QueueClient, text: str) -> None:
    """Text that is not base64 of text."""
    client.create_queue()
    client.send_message(text)
    (held,) = StorageQueue(client).receive(1, timedelta(minutes=5))
    assert held.text == text


def test_a_queue_that_is_not_there_is_empty(client: QueueClient) -> None:
    """Nothing was put yet."""
    assert StorageQueue(client).receive(1, timedelta(minutes=5)) == []
