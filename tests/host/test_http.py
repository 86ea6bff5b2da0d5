"""HTTP functions, called over HTTP in a host that runs as a process."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests

from tests.host.conftest import App, RunningHost

FUNCTIONS = """
import json, logging, time
from http.cookies import SimpleCookie

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="echo/{name}", methods=["GET", "POST"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    said = {"method": req.method, "url": req.url, "headers": dict(req.headers), "params": dict(req.params),
            "route": dict(req.route_params), "body": req.get_body().decode("latin-1")}
    return func.HttpResponse(json.dumps(said), mimetype="application/json")

@app.route(route="items/{id:int}", methods=["GET"])
def item(req):
    return "item"

@app.route(route="items/all", methods=["GET"])
def all_items(req) -> str:
    return "all"

@app.route(route="items/{*rest}", methods=["GET"])
def rest(req) -> str:
    return req.route_params.get("rest", "")

@app.route(route="answer")
def answer(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("gr\\u00fcn", status_code=418, headers={"X-One": "1"},
                                 mimetype="text/x-test", charset="latin-1")
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2; HttpOnly")
    return response

@app.route(route="nothing")
def nothing(req: func.HttpRequest):
    return None

@app.route(route="mapping")
def mapping(req: func.HttpRequest):
    return {"a": 1}

@app.route(route="raises")
def raises(req: func.HttpRequest):
    raise ValueError("on purpose")

@app.route(route="exits")
def exits(req: func.HttpRequest):
    raise SystemExit(3)

@app.route(route="status")
def status(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("", status_code=int(req.params["code"]))

@app.route(route="framing")
def framing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello", headers={"Content-Length": "2", "Transfer-Encoding": "chunked"})

@app.route(route="blocks")
def blocks(req: func.HttpRequest) -> str:
    time.sleep(2)
    return "late"

@app.route(route="blocksasync")
async def blocks_async(req: func.HttpRequest) -> str:
    time.sleep(2)
    return "late"

@app.route(route="async/{word}")
async def asynchronous(req: func.HttpRequest, context: func.Context) -> str:
    return f"{req.route_params['word']} {context.function_name} {len(context.invocation_id)}"

@app.route(route="parameter", binding_arg_name="res")
def parameter(req: func.HttpRequest, res: func.Out[func.HttpResponse]) -> None:
    if "code" in req.params:
        res.set(func.HttpResponse("set", status_code=201))

@app.route(route="text")
def text(req: str) -> str:
    return req

@app.route(route="form")
def form(req: func.HttpRequest) -> str:
    return req.form["word"]

@app.route(route="keyed", auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> str:
    return "in"

@app.route(route="top", auth_level=func.AuthLevel.ADMIN)
def top(req: func.HttpRequest) -> str:
    return "in"

@app.route(route="logs")
def logs(req: func.HttpRequest) -> str:
    logging.getLogger("shop").warning("sold %d\\nand more", 3, extra={"colour": "extra-is-dropped"})
    return ""
"""


@pytest.fixture(scope="module")
def host(shared_app: App) -> RunningHost:
    """Run one host for all tests of this module."""
    shared_app.write(FUNCTIONS).settings(LOCAL_FUNCTION_KEY="f-key", LOCAL_ADMIN_KEY="a-key")
    return shared_app.run()


def echo(answer: requests.Response) -> dict[str, object]:
    """Read what the function saw."""
    said: dict[str, object] = answer.json()
    return said


def test_the_request_reaches_the_function(host: RunningHost) -> None:
    """Method, address, parameters and exact bytes."""
    said = echo(host.call("POST", "/api/echo/a%20b?x=1", data=bytes(range(256))))
    assert said["method"] == "POST"
    assert said["url"] == f"{host.address}/api/echo/a%20b?x=1"
    assert said["route"] == {"name": "a b"}
    assert said["params"] == {"x": "1"}
    assert said["body"] == bytes(range(256)).decode("latin-1")


def test_header_names_arrive_in_lower_case_and_joined(host: RunningHost) -> None:
    """What is sent twice arrives once."""
    address = urlsplit(host.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        lines = ["GET /api/echo/x HTTP/1.1", "Host: here", "X-Twice: a", "x-twice: b", "Connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        answer = connection.makefile("rb").read()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]["x-twice"] == "a,b"


def test_empty_query_values_are_dropped_and_others_joined(host: RunningHost) -> None:
    """As in the host; letters of a name count in any case."""
    said = echo(host.call("GET", "/api/echo/x?empty=&none&a=1&A=2"))
    assert said["params"] == {"a": "1,2"}


def test_a_chunked_body_arrives_empty(host: RunningHost) -> None:
    """Only a body with Content-Length above zero arrives."""
    said = echo(host.call("POST", "/api/echo/x", data=iter([b"chunk"])))
    assert said["body"] == ""


def test_a_compressed_body_arrives_as_it_came(host: RunningHost) -> None:
    """The host unpacks nothing: a signature is over the bytes that came."""
    said = echo(host.call("POST", "/api/echo/x", data=b"not gzip at all", headers={"Content-Encoding": "gzip"}))
    assert said["body"] == "not gzip at all"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("PUT", "/api/echo/x", id="method that no route takes"),
        pytest.param("HEAD", "/api/echo/x", id="HEAD is a method of its own"),
        pytest.param("GET", "/api/nowhere", id="unknown path"),
        pytest.param("GET", "/echo/x", id="without prefix"),
        pytest.param("GET", "/apiecho/x", id="prefix is a whole segment"),
        pytest.param("GET", "/", id="root"),
        pytest.param("GET", "/admin/nowhere", id="unknown admin path"),
    ],
)
def test_what_no_route_takes_is_404(host: RunningHost, method: str, path: str) -> None:
    """Never 405."""
    assert host.call(method, path).status_code == 404


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("/api/items/7", "item", id="constraint"),
        pytest.param("/api/items/all", "all", id="literal"),
        pytest.param("/api/items/a/b", "a/b", id="rest"),
        pytest.param("/API/Items/ALL", "all", id="letters in any case"),
    ],
)
def test_the_most_exact_route_answers(host: RunningHost, path: str, text: str) -> None:
    """Whatever the order in function_app.py."""
    assert host.call("GET", path).text == text


def test_a_response_keeps_status_headers_body_and_cookies(host: RunningHost) -> None:
    """All that HttpResponse carries."""
    answer = host.call("GET", "/api/answer")
    assert answer.status_code == 418
    assert answer.headers["Content-Type"] == "text/x-test; charset=latin-1"
    assert answer.headers["X-One"] == "1"
    assert answer.content == b"gr\xfcn"
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}


def test_a_string_is_plain_text(host: RunningHost) -> None:
    """The short way to answer."""
    answer = host.call("GET", "/api/items/all")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["nothing", "mapping", "raises", "exits", "text", "status?code=7"])
def test_a_failure_is_500_without_body(host: RunningHost, path: str) -> None:
    """None, a dict, an exception, sys.exit, a request for a str parameter, a status that is none."""
    answer = host.call("GET", f"/api/{path}")
    assert (answer.status_code, answer.content) == (500, b"")


def test_a_failure_is_logged_with_the_lines_of_the_app_only(host: RunningHost) -> None:
    """The traceback begins in function_app.py."""
    host.call("GET", "/api/raises")
    log = host.child.output()
    assert "ValueError: on purpose" in log
    failed = log[log.index("raises failed after") :]
    assert failed.index("function_app.py") < failed.index("ValueError: on purpose")
    assert "invoke.py" not in failed[: failed.index("ValueError: on purpose")]


def test_headers_of_framing_are_left_to_the_server(host: RunningHost) -> None:
    """A function cannot break the connection."""
    assert host.call("GET", "/api/framing").text == "hello"


@pytest.mark.parametrize(("path", "status"), [("parameter?code=1", 201), ("parameter", 204)])
def test_a_response_may_be_a_parameter(host: RunningHost, path: str, status: int) -> None:
    """`binding_arg_name`; 204 where it is not set."""
    assert host.call("GET", f"/api/{path}").status_code == status


def test_an_async_function_gets_its_context(host: RunningHost) -> None:
    """Name and invocation id."""
    assert host.call("GET", "/api/async/hello").text == "hello asynchronous 36"


def test_a_form_is_parsed_by_the_library(host: RunningHost) -> None:
    """`req.form`."""
    assert host.call("POST", "/api/form", data={"word": "hello"}).text == "hello"


@pytest.mark.parametrize("path", ["blocks", "blocksasync"])
def test_a_function_that_blocks_does_not_hold_up_others(host: RunningHost, path: str) -> None:
    """Neither in a thread nor on the functions' loop."""
    with pytest.raises(requests.Timeout):
        requests.get(f"{host.address}/api/{path}", timeout=0.3)
    assert host.call("GET", "/api/items/all").text == "all"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("keyed", {}, 401, id="no key"),
        pytest.param("keyed", {"x-functions-key": "wrong"}, 401, id="wrong key"),
        pytest.param("keyed", {"x-functions-key": "f-key"}, 200, id="function key in the header"),
        pytest.param("keyed?code=f-key", {}, 200, id="function key in the query"),
        pytest.param("keyed?code=a-key", {}, 200, id="admin key opens function level"),
        pytest.param("top?code=f-key", {}, 401, id="function key does not open admin level"),
        pytest.param("top?code=a-key", {}, 200, id="admin key"),
        pytest.param("keyed?code=f%C3%BC", {}, 401, id="letters outside ASCII"),
        pytest.param("keyed", {"x-functions-key": b"f-key\xff"}, 401, id="bytes that are no text"),
    ],
)
def test_a_level_needs_its_key(host: RunningHost, path: str, headers: dict[str, str | bytes], status: int) -> None:
    """Header `x-functions-key` or query `code`."""
    assert host.call("GET", f"/api/{path}", headers=headers).status_code == status


def test_a_body_above_the_limit_is_413(host: RunningHost) -> None:
    """Refused by its announced length, before a byte is read."""
    address = urlsplit(host.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"POST /api/echo/x HTTP/1.1\r\nHost: here\r\nContent-Length: 104857601\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_log_records_show_level_logger_and_message_but_no_extra(host: RunningHost) -> None:
    """As the worker drops `extra=`; a second line is indented."""
    host.call("GET", "/api/logs")
    log = host.child.output()
    assert "WARNING shop  sold 3\n    and more\n" in log
    assert "extra-is-dropped" not in log


def test_a_key_in_the_query_is_not_logged(host: RunningHost) -> None:
    """The line of an invocation names the path only."""
    host.call("GET", "/api/keyed?code=f-key")
    log = host.child.output()
    assert "keyed succeeded" in log
    assert "f-key" not in log


def test_what_a_terminal_would_obey_is_logged_as_it_was_sent(host: RunningHost) -> None:
    """Any page in a browser may call this machine."""
    host.call("GET", "/api/echo/%1B%5B2J%C2%9B%00")
    log = host.child.output()
    assert "echo/%1B%5B2J%C2%9B%00" in log
    assert not set(log) & set("\x1b\x9b\0")


def test_the_status_says_running(host: RunningHost) -> None:
    """What tools ask to know that the host is up."""
    answer = host.call("GET", "/admin/host/status")
    assert (answer.status_code, answer.json()["state"]) == (200, "Running")


BARE = """
import asyncio

@app.route(route="keyed")
def keyed(req: func.HttpRequest) -> str:
    return "in"

@app.route(route="slow", auth_level="anonymous")
async def slow(req: func.HttpRequest) -> str:
    await asyncio.sleep(60)
    return "late"

@app.route(route="ping", auth_level="anonymous")
def ping(req: func.HttpRequest) -> str:
    return "pong"
"""


@pytest.fixture(scope="module")
def bare_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """Run one host without keys, without prefix, with a short timeout."""
    with ExitStack() as stack:
        app = App(tmp_path_factory.mktemp("bare"), stack)
        app.write(BARE, {"extensions": {"http": {"routePrefix": ""}}, "functionTimeout": "00:00:01"})
        yield app.run()


def test_without_a_key_set_a_level_opens_to_nobody(bare_host: RunningHost) -> None:
    """An unset secret accepts nothing; the start says so."""
    assert bare_host.call("GET", "/keyed").status_code == 401
    assert bare_host.call("GET", "/keyed?code=").status_code == 401
    assert "LOCAL_FUNCTION_KEY is not set: routes with key: function answer 401" in bare_host.child.output()


def test_the_prefix_comes_from_host_json(bare_host: RunningHost) -> None:
    """`extensions.http.routePrefix`, here an empty one."""
    assert bare_host.call("GET", "/ping").text == "pong"
    assert bare_host.call("GET", "/api/ping").status_code == 404
    assert "any /ping" in bare_host.child.output()


def test_a_function_that_takes_too_long_is_500(bare_host: RunningHost) -> None:
    """`functionTimeout`."""
    assert bare_host.call("GET", "/slow").status_code == 500
    assert "no end within functionTimeout, 1 s" in bare_host.child.output()
