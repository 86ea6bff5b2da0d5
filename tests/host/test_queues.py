"""Queue triggers, with Azurite and hosts that run as processes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from local.azurite import Azurite
from tests.conftest import Names
from tests.host.conftest import SEE, App, RunningHost
from tests.host.queues import Queue

pytestmark = pytest.mark.azurite

OFTEN = {"maxPollingInterval": "00:00:00.2000000"}
"""Looks into empty queues often, so that tests are quick."""

READERS = f"""{SEE}
import threading, time

def queue(name, **options):
    return app.queue_trigger(arg_name="msg", queue_name=f"%PREFIX%-{{name}}", connection="Storage", **options)

@queue("facts")
def facts(msg: func.QueueMessage) -> None:
    times = [time.isoformat() for time in (msg.insertion_time, msg.time_next_visible, msg.expiration_time)]
    see(body=msg.get_body().decode(), id=msg.id, tries=msg.dequeue_count, receipt=msg.pop_receipt, times=times)

@queue("fields")
def fields(msg: func.QueueMessage) -> None:
    see(id=msg.id, tries=msg.dequeue_count)

@queue("text")
def text(msg: str) -> None:
    see(saw=repr(msg))

@queue("bytes")
def bytes_of_text(msg: bytes) -> None:
    see(saw=repr(msg))

@queue("binary", data_type=func.DataType.BINARY)
def binary(msg: bytes) -> None:
    see(saw=repr(msg))

@queue("binarymessage", data_type=func.DataType.BINARY)
def binary_message(msg: func.QueueMessage) -> None:
    see(saw=repr(msg.get_body()))

@queue("fails")
def fails(msg: func.QueueMessage) -> None:
    see(tries=msg.dequeue_count)
    raise ValueError("on purpose")

@queue("never")
def never(msg: str) -> None:
    see(ran=True)

@queue("poison")
def last(msg: func.QueueMessage) -> None:
    see(tries=msg.dequeue_count)
    raise ValueError("on purpose")

barrier = threading.Barrier(2)

@queue("pair")
def pair(msg: str) -> None:
    barrier.wait(10)
    see(done=True)

@queue("asynchronous")
async def asynchronous(msg: str, context: func.Context) -> None:
    see(saw=msg, name=context.function_name)

@queue("woken")
def woken(msg: str) -> None:
    see(body=msg)

@queue("off")
def off(msg: str) -> None:
    see(ran=True)

@app.route(route="wake", auth_level="anonymous")
@app.queue_output(arg_name="out", queue_name="%PREFIX%-woken", connection="Storage")
def wake(req: func.HttpRequest, out: func.Out[str]) -> str:
    out.set("hello")
    return "sent"
"""


@dataclass(frozen=True)
class Readers:
    """A host over READERS."""

    app: App
    host: RunningHost
    connection_string: str
    prefix: str

    def queue(self, name: str) -> Queue:
        """Name one of its queues."""
        return Queue.of(self.connection_string, f"{self.prefix}-{name}")


@pytest.fixture(scope="module")
def readers(shared_app: App, azurite: Azurite) -> Readers:
    """Run one host for most tests of this module; each test has a queue of its own."""
    prefix = f"t{uuid4().hex[:12]}"
    shared_app.write(READERS, {"extensions": {"queues": OFTEN}}).settings(**{"AzureWebJobs.off.Disabled": "true"})
    host = shared_app.run(AzureWebJobsStorage=azurite.connection_string, PREFIX=prefix)
    return Readers(shared_app, host, azurite.connection_string, prefix)


def test_a_message_runs_its_function_and_is_deleted(readers: Readers) -> None:
    """The message tells its bytes, id, tries and times. `Storage` is found as `AzureWebJobsStorage`."""
    queue = readers.queue("facts")
    sent = queue.client.send_message("aGVsbG8=")
    [saw] = readers.app.seen(1, by="facts")
    assert (saw["body"], saw["id"], saw["tries"]) == ("hello", sent.id, 1)
    assert saw["receipt"]
    inserted, visible, expires = (datetime.fromisoformat(text) for text in saw["times"])
    assert inserted <= datetime.now(UTC) < visible < expires
    assert timedelta(minutes=9) < visible - inserted < timedelta(minutes=11)
    queue.wait_for_size(0)


def test_fields_of_a_json_body_stand_before_those_of_the_message(readers: Readers) -> None:
    """The trap of Azure: `id` is that of the body."""
    readers.queue("fields").put(b'{"ID": "r-1", "dequeueCount": 7, "popReceipt": null, "insertionTime": []}')
    assert readers.app.seen(1, by="fields") == [{"id": "r-1", "tries": 7}]


@pytest.mark.parametrize(
    ("queue", "function", "saw"),
    [
        pytest.param("text", "text", "'h\ufffd'", id="str receives text"),
        pytest.param("bytes", "bytes_of_text", "'h\ufffd'", id="bytes receives text where the host sends text"),
        pytest.param("binary", "binary", "b'h\\xff'", id="bytes receives bytes of BINARY"),
        pytest.param("binarymessage", "binary_message", "b'h\\xff'", id="QueueMessage of BINARY"),
    ],
)
def test_the_annotation_and_data_type_say_what_arrives(readers: Readers, queue: str, function: str, saw: str) -> None:
    """As the worker does it; bytes that are not UTF-8 are replaced in text."""
    readers.queue(queue).put(b"h\xff")
    assert readers.app.seen(1, by=function) == [{"saw": saw}]


def test_a_message_that_keeps_failing_goes_to_the_poison_queue(readers: Readers) -> None:
    """After `maxDequeueCount` tries, five by default, with its text as it was."""
    queue = readers.queue("fails")
    queue.put(b"bad")
    assert readers.queue("fails-poison").bodies(1) == [b"bad"]
    queue.wait_for_size(0)
    assert [saw["tries"] for saw in readers.app.seen(5, by="fails")] == [1, 2, 3, 4, 5]
    assert "failed 5 times: moved to" in readers.host.child.output()


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_at_once(readers: Readers) -> None:
    """As it is, without running."""
    queue = readers.queue("never")
    queue.put_text("plain text!")
    assert readers.queue("never-poison").texts(1) == ["plain text!"]
    queue.wait_for_size(0)
    assert "is not base64 (messageEncoding in host.json)" in readers.host.child.output()
    assert readers.app.seen(0, by="never") == []


def test_a_poison_queue_has_no_poison_queue(readers: Readers) -> None:
    """What fails there stays, hidden, so that it neither spins nor is lost."""
    queue = readers.queue("poison")
    queue.put(b"bad")
    readers.host.child.wait_output(re.compile(r"-poison failed 1 times: stays hidden for a while"), 10)
    assert readers.app.seen(1, by="last") == [{"tries": 1}]
    assert queue.size() == 1
    assert queue.visible() == []


def test_a_batch_runs_at_once(readers: Readers) -> None:
    """Two messages that wait for each other both end."""
    queue = readers.queue("pair")
    queue.put(b"1")
    queue.put(b"2")
    assert len(readers.app.seen(2, by="pair")) == 2


def test_an_async_function_reads_a_queue(readers: Readers) -> None:
    """With its context."""
    readers.queue("asynchronous").put(b"hello")
    assert readers.app.seen(1, by="asynchronous") == [{"saw": "hello", "name": "asynchronous"}]


def test_an_output_feeds_the_trigger_of_its_queue(readers: Readers) -> None:
    """From an HTTP function to a queue function."""
    readers.host.call("POST", "/api/wake")
    assert readers.app.seen(1, by="woken") == [{"body": "hello"}]


def test_a_queue_function_runs_by_hand(readers: Readers) -> None:
    """`POST /admin/functions/{name}`, in any case of letters."""
    assert readers.host.call("POST", "/admin/functions/NEVER", json={"input": "by hand"}).status_code == 202
    readers.host.child.wait_output(re.compile(r"never succeeded in \d+ ms \(by hand\)"), 10)


def test_a_disabled_function_does_not_listen(readers: Readers) -> None:
    """It is shown, but its queue is not even made, and it does not run by hand."""
    assert "off (disabled)" in readers.host.child.output()
    assert readers.queue("off").exists() is False
    assert readers.host.call("POST", "/admin/functions/off", json={}).status_code == 404


READER = SEE + '@app.queue_trigger(arg_name="msg", queue_name="%IN%", connection="AzureWebJobsStorage")\n'


@pytest.fixture
def queue(azurite: Azurite, names: Names) -> Queue:
    """Name a queue of this test's own; the host makes it."""
    return Queue.of(azurite.connection_string, names.queue("in"))


def start(app: App, azurite: Azurite, queue: Queue, body: str, **queues: object) -> RunningHost:
    """Run a host over one function which reads a queue."""
    app.write(f"{READER}def reader(msg: func.QueueMessage):\n    {body}\n", {"extensions": {"queues": OFTEN | queues}})
    return app.run(AzureWebJobsStorage=azurite.connection_string, IN=str(queue.client.queue_name))


def test_a_failed_message_waits_for_the_visibility_timeout(app: App, azurite: Azurite, queue: Queue) -> None:
    """`visibilityTimeout` between two tries."""
    body = "import time; see(at=time.time()); raise ValueError('on purpose')"
    start(app, azurite, queue, body, visibilityTimeout="00:00:02", maxDequeueCount=2)
    queue.put(b"bad")
    first, second = (saw["at"] for saw in app.seen(2))
    assert second - first >= 1.5


def test_a_message_fetched_too_often_goes_to_the_poison_queue_unrun(app: App, azurite: Azurite, queue: Queue) -> None:
    """A function that kills its host cannot do so for ever."""
    queue.create().put(b"killer")
    for _ in range(2):
        [message] = list(queue.client.receive_messages(visibility_timeout=1))
        queue.client.update_message(message.id, message.pop_receipt, visibility_timeout=0)
    host = start(app, azurite, queue, "see(ran=True)", maxDequeueCount=2)
    poison = Queue.of(azurite.connection_string, f"{queue.client.queue_name}-poison")
    assert poison.bodies(1) == [b"killer"]
    assert "was fetched 3 times" in host.child.output()
    assert app.seen(0) == []


def test_one_after_the_other_where_batch_and_threshold_say_so(app: App, azurite: Azurite, queue: Queue) -> None:
    """BatchSize 1 and newBatchThreshold 0."""
    queue.create()
    for number in range(4):
        queue.put(str(number).encode())
    body = (
        "import builtins as b, time; b.running = getattr(b, 'running', 0) + 1; most = b.running; time.sleep(0.1);"
        " b.running -= 1; see(most=most)"
    )
    start(app, azurite, queue, body, batchSize=1, newBatchThreshold=0)
    assert [saw["most"] for saw in app.seen(4)] == [1, 1, 1, 1]
