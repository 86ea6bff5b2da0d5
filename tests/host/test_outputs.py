"""Queue output bindings, with Azurite and a host that runs as a process."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from local.azurite import Azurite
from tests.conftest import Names
from tests.host.conftest import App, RunningHost
from tests.host.queues import Queue

pytestmark = pytest.mark.azurite

SENDERS = """
import json

def sender(route):
    def decorate(function):
        put = app.queue_output(arg_name="out", queue_name="%OUT%", connection="AzureWebJobsStorage")
        return app.route(route=route, auth_level="anonymous")(put(function))
    return decorate

@sender("text")
def text(req: func.HttpRequest, out: func.Out[str]) -> str:
    out.set(req.get_body().decode())
    return "sent"

@sender("raw")
def raw(req: func.HttpRequest, out: func.Out[bytes]) -> str:
    out.set(req.get_body())
    return "sent"

@sender("many")
def many(req: func.HttpRequest, out: func.Out[typing.List[str]]) -> str:
    out.set(json.loads(req.get_body()))
    return "sent"

@sender("message")
def message(req: func.HttpRequest, out: func.Out[func.QueueMessage]) -> str:
    out.set(func.QueueMessage(body=req.get_body()))
    return "sent"

@sender("wrong")
def wrong(req: func.HttpRequest, out: func.Out[str]) -> str:
    out.set(func.QueueMessage(body=b"x"))
    return "sent"

@sender("unset")
def unset(req: func.HttpRequest, out: func.Out[str]) -> str:
    return "nothing sent"

@sender("breaks")
def breaks(req: func.HttpRequest, out: func.Out[str]) -> str:
    out.set("never")
    raise ValueError("on purpose")

@app.timer_trigger("timer", "0 0 30 2 *", use_monitor=False)
@app.queue_output(arg_name="$return", queue_name="%OUT%", connection="AzureWebJobsStorage")
def returned(timer: func.TimerRequest) -> bytes:
    return b"returned"
"""


@dataclass(frozen=True)
class Senders:
    """A host over SENDERS, and the queue that all of them write to."""

    host: RunningHost
    queue: Queue

    def send(self, route: str, body: bytes) -> tuple[int, bytes]:
        """Empty the queue, call a function, return status and body."""
        self.queue.client.clear_messages()
        answer = self.host.call("POST", f"/api/{route}", data=body)
        return answer.status_code, answer.content


@pytest.fixture(scope="module")
def senders(shared_app: App, azurite: Azurite) -> Senders:
    """Run one host for all tests of this module."""
    queue = Queue.of(azurite.connection_string, f"t{uuid4().hex[:12]}-out").create()
    shared_app.write(SENDERS)
    host = shared_app.run(AzureWebJobsStorage=azurite.connection_string, OUT=str(queue.client.queue_name))
    return Senders(host, queue)


@pytest.mark.parametrize(
    ("route", "sent", "expected"),
    [
        pytest.param("text", b"hello", [b"hello"], id="text"),
        pytest.param("text", b'["a","b"]', [b"a", b"b"], id="text that is an array is split"),
        pytest.param("text", b'{"a":1}', [b'{\n  "a": 1\n}'], id="text that is an object is indented"),
        pytest.param("raw", b'{"a":1}', [b'{"a":1}'], id="bytes pass untouched"),
        pytest.param("raw", b"\x00\xff", [b"\x00\xff"], id="any bytes"),
        pytest.param("raw", b"x" * 49_152, [b"x" * 49_152], id="64 KiB in base64"),
        pytest.param("many", b'["{}", "b"]', [b"{}", b"b"], id="a list is one message each"),
        pytest.param("message", b"x", [b'{\n  "id": null,\n  "body": "x"\n}'], id="a QueueMessage is JSON"),
    ],
)
def test_what_a_function_puts_out_is_there_before_its_response(
    senders: Senders, route: str, sent: bytes, expected: list[bytes]
) -> None:
    """So there is no waiting here."""
    assert senders.send(route, sent) == (200, b"sent")
    assert senders.queue.bodies(0) == expected


@pytest.mark.parametrize(
    ("route", "sent", "why"),
    [
        pytest.param("text", b"{no}", "looks like JSON and is none", id="text that only looks like JSON"),
        pytest.param("raw", b"x" * 49_153, "took no message (RequestBodyTooLarge)", id="more than 64 KiB in base64"),
        pytest.param("wrong", b"", "Unconvertible: generic cannot put out QueueMessage", id="QueueMessage in Out[str]"),
        pytest.param("breaks", b"", "ValueError: on purpose", id="an exception after the output was set"),
    ],
)
def test_an_output_that_fails_is_500(senders: Senders, route: str, sent: bytes, why: str) -> None:
    """Nothing is sent, and the log says why."""
    assert senders.send(route, sent) == (500, b"")
    assert senders.queue.size() == 0
    assert why in senders.host.child.output()


def test_an_output_that_is_not_set_sends_nothing(senders: Senders) -> None:
    """And the answer is that of the function."""
    assert senders.send("unset", b"") == (200, b"nothing sent")
    assert senders.queue.size() == 0


def test_a_return_value_may_be_a_message(senders: Senders) -> None:
    """`$return` of a timer function, run by hand."""
    senders.queue.client.clear_messages()
    senders.host.call("POST", "/admin/functions/returned", json={})
    assert senders.queue.bodies(1) == [b"returned"]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        pytest.param("nobody", b"{}", 404, id="unknown function"),
        pytest.param("text", b"{}", 404, id="an HTTP function, which has a route"),
        pytest.param("returned", b"{", 400, id="no JSON"),
        pytest.param("returned", b'{"input": 1}', 400, id="input is no text"),
        pytest.param("returned", b"[]", 400, id="no object"),
    ],
)
def test_a_wrong_call_by_hand_is_refused(senders: Senders, name: str, body: bytes, status: int) -> None:
    """Functions that cannot be run so, and bodies that are not `{"input": "text"}`."""
    headers = {"Content-Type": "application/json"}
    assert senders.host.call("POST", f"/admin/functions/{name}", data=body, headers=headers).status_code == status


def test_a_call_by_hand_that_any_web_page_could_make_is_refused(senders: Senders) -> None:
    """A browser sends plain text anywhere without asking; JSON it does not."""
    headers = {"Content-Type": "text/plain"}
    answer = senders.host.call("POST", "/admin/functions/returned", data=b"{}", headers=headers)
    assert answer.status_code == 415


def test_messages_may_be_plain_text_and_queues_are_made(app: App, azurite: Azurite, names: Names) -> None:
    """`messageEncoding: none`, both ways."""
    source = """
        @app.queue_trigger(arg_name="msg", queue_name="%IN%", connection="AzureWebJobsStorage")
        @app.queue_output(arg_name="$return", queue_name="%OUT%", connection="AzureWebJobsStorage")
        def answer(msg: str) -> str:
            return msg + "!"
        """
    queues = {"maxPollingInterval": "00:00:00.2000000", "messageEncoding": "none"}
    app.write(source, {"extensions": {"queues": queues}})
    app.run(AzureWebJobsStorage=azurite.connection_string, IN=names.queue("in"), OUT=names.queue("out"))
    Queue.of(azurite.connection_string, names.queue("in")).put_text("gr\u00fcn <b>")
    assert Queue.of(azurite.connection_string, names.queue("out")).texts(1) == ["gr\u00fcn <b>!"]
