"""Small apps, and for some of them one invocation. Both sides load and run the same ones."""

from dataclasses import asdict, dataclass
from typing import Any

PREAMBLE = """import functools, json, logging, typing
import azure.functions as func
app = func.FunctionApp(http_auth_level="ANONYMOUS")
QUEUE = dict(queue_name="work", connection="AzureWebJobsStorage")
"""
INVOCATION_ID = "an-invocation-id"


@dataclass(frozen=True)
class Case:
    """One app."""

    name: str
    source: str
    trigger: dict[str, Any] | None = None
    """What to invoke its first function with, as `datum` and `metadata`; None: load it only."""

    def to_json(self) -> dict[str, Any]:
        """Give what a process of the other Python needs."""
        return {**asdict(self), "source": PREAMBLE + self.source}


HTTP: dict[str, Any] = {
    "datum": {
        "http": {
            "method": "POST",
            "url": "http://127.0.0.1/api/task/7?a=1",
            "headers": {"content-type": "application/json", "x-one": "1"},
            "query": {"a": "1"},
            "params": {"id": "7"},
            "body": '{"word": "hello"}',
        }
    },
    "metadata": {},
}
TEXT: dict[str, Any] = {
    "datum": {"string": "hello"},
    "metadata": {
        "Id": "m-1",
        "PopReceipt": "receipt",
        "DequeueCount": "2",
        "InsertionTime": "2024-05-15T12:00:00+00:00",
        "NextVisibleTime": "2024-05-15T12:10:00+00:00",
        "ExpirationTime": "2024-05-22T12:00:00+00:00",
    },
}
BYTES: dict[str, Any] = {**TEXT, "datum": {"bytes": "h\xff"}}
TIMER: dict[str, Any] = {
    "datum": {"json": '{"Schedule": {"AdjustForDST": true}, "ScheduleStatus": null, "IsPastDue": true}'},
    "metadata": {},
}


def http(
    parameters: str = "req", returns: str = "", body: str = 'return "ok"', more: str = "", kind: str = "def"
) -> str:
    """Write an HTTP function; `more` are further decorators."""
    return f'@app.route(route="task")\n{more}\n{kind} task({parameters}){returns}:\n    {body}\n'


def queue(parameters: str = "msg", returns: str = "", body: str = "pass", more: str = "", kind: str = "def") -> str:
    """Write a queue function."""
    return f'@app.queue_trigger(arg_name="msg", **QUEUE)\n{more}\n{kind} task({parameters}){returns}:\n    {body}\n'


def timer(parameters: str = "timer", returns: str = "", body: str = "pass", kind: str = "def") -> str:
    """Write a timer function."""
    return (
        f'@app.timer_trigger(arg_name="timer", schedule="0 0 * * *")\n{kind} task({parameters}){returns}:\n    {body}\n'
    )


OUT = '@app.queue_output(arg_name="out", **QUEUE)'
RETURN = '@app.queue_output(arg_name="$return", **QUEUE)'


def out(annotation: str, body: str = "pass") -> str:
    """Write an HTTP function with a queue output."""
    return http(f"req, out{annotation}", "", f'{body}\n    return "ok"', OUT)


APPS = [
    Case("no functions", ""),
    Case("no app", "del app"),
    Case("two apps", "other = func.FunctionApp()"),
    Case("two names for one app", "same = app"),
    Case("missing module", "import no_such_module"),
    Case("syntax error", "def f(:"),
    Case("exception", "1 / 0"),
    Case("one name twice", http() + http()),
    Case("one name twice by decorator", http() + '@app.function_name("task")\n' + http().replace("task(", "other(")),
    Case("no trigger", "@app.function_name('task')\ndef task(): pass"),
    Case("two triggers", '@app.timer_trigger("timer", "0 0 * * *")\n' + http("req, timer")),
    Case("blueprint", "bp = func.Blueprint()\n" + http().replace("@app", "@bp") + "app.register_functions(bp)"),
    Case("blueprint that is not registered", "bp = func.Blueprint()\n" + http().replace("@app", "@bp")),
    Case("app registered into the app", "other = func.FunctionApp()\napp.register_functions(other)\ndel other"),
    Case("async function", http(kind="async def")),
    Case("wrapped function", http(more="@functools.lru_cache")),
    Case("annotations of the future", "x: 'Missing' = 1\n" + http("req: 'func.HttpRequest'", " -> 'str'")),
]

SIGNATURES = [
    *(
        Case(f"output{annotation or ' without annotation'}", out(annotation))
        for annotation in (
            "",
            ": func.Out[str]",
            ": func.Out[bytes]",
            ": func.Out[bytearray]",
            ": func.Out[func.QueueMessage]",
            ": func.Out[typing.List[str]]",
            ": func.Out[typing.Sequence[str]]",
            ": func.Out[typing.Iterable[bytes]]",
            ": func.Out[typing.List[func.QueueMessage]]",
            ": func.Out[typing.List]",
            ": func.Out[typing.List[dict]]",
            ": func.Out[typing.Tuple[str, ...]]",
            ": func.Out[typing.Dict[str, str]]",
            ": func.Out[typing.Any]",
            ": func.Out[typing.Optional[str]]",
            ": func.Out[list[str]]",
            ": func.Out[list]",
            ": func.Out[dict]",
            ": func.Out[int]",
            ": func.Out[str | bytes]",
            ": 'func.Out[str]'",
            ": 'func.Out[Missing]'",
            ": func.Out",
            ": str",
            ": typing.Optional[func.Out[str]]",
            ": func.Out[func.HttpResponse]",
        )
    ),
    *(
        Case(f"request: {annotation}", http(f"req: {annotation}"))
        for annotation in (
            "func.HttpRequest",
            "'func.HttpRequest'",
            "'Missing'",
            "str",
            "bytes",
            "dict",
            "object",
            "typing.Any",
            "typing.Optional[func.HttpRequest]",
            "func.QueueMessage",
            "func.Out[str]",
            "typing.List[str]",
        )
    ),
    *(
        Case(f"message: {annotation}", queue(f"msg: {annotation}"))
        for annotation in ("func.QueueMessage", "str", "bytes", "dict", "int", "list[str]", "typing.List[str]")
    ),
    *(
        Case(f"timer: {annotation}", timer(f"timer: {annotation}"))
        for annotation in ("func.TimerRequest", "str", "dict", "func.HttpRequest")
    ),
    *(
        Case(f"http -> {annotation}", http(returns=f" -> {annotation}"))
        for annotation in (
            "func.HttpResponse",
            "str",
            "bytes",
            "None",
            "dict",
            "typing.Any",
            "typing.Optional[str]",
            "typing.List[str]",
            "func.Out[str]",
        )
    ),
    *(
        Case(f"queue output -> {annotation}", queue(returns=f" -> {annotation}", more=RETURN))
        for annotation in ("str", "bytes", "func.QueueMessage", "typing.List[str]", "None", "int")
    ),
    Case("-> int without $return", queue(returns=" -> int")),
    Case("context", http("req, context: func.Context")),
    Case("context without annotation", http("req, context")),
    Case("context: str", http("req, context: str")),
    Case("context of another class", "class Context: pass\n" + http("req, context: Context")),
    Case("default", http("req, x=1")),
    Case("default of a binding", http("req=None")),
    Case("positional arguments", http("req, *args")),
    Case("keyword arguments", http("req, **kwargs")),
    Case("keyword-only parameter", http("*, req")),
    Case("no parameter for a binding", http("")),
    Case("wrong name of a parameter", http("request")),
    Case("no parameter for an output", http(more=OUT)),
]

RESPONSE = 'func.HttpResponse("said", status_code=202, headers={"X-Two": "2"}, mimetype="text/x", charset="latin-1")'
SAID = (
    "return json.dumps([req.method, req.url, dict(req.headers), dict(req.params), dict(req.route_params),"
    " req.get_json(), req.get_body().decode()])"
)
MESSAGE = (
    "return json.dumps([msg.id, msg.get_body().decode('latin-1'), msg.dequeue_count, msg.pop_receipt,"
    " str(msg.insertion_time), str(msg.time_next_visible), str(msg.expiration_time)])"
)

WRAPPER = """
def wrapper(function):
    @functools.wraps(function)
    def inner(**arguments):
        return "wrapped " + function(**arguments)
    return inner
"""

INVOCATIONS = [
    *(
        Case(f"http returns {value}", http(body=f"return {value}"), HTTP)
        for value in ('"text"', RESPONSE, "func.HttpResponse()", "None", '{"a": 1}', '["a"]', 'b"bytes"', "5")
    ),
    Case("http raises", http(body="raise ValueError('on purpose')"), HTTP),
    Case("request as it is seen", http("req: func.HttpRequest", body=SAID), HTTP),
    Case("request for a str parameter", http("req: str"), HTTP),
    Case("async http", http(body='return "later"', kind="async def"), HTTP),
    Case(
        "cookies",
        http(body='r = func.HttpResponse("x"); r.headers.add("Set-Cookie", "a=1; Path=/"); return r'),
        HTTP,
    ),
    Case(
        "context is told",
        http("req, context", body="return json.dumps([context.function_name, context.invocation_id])"),
        HTTP,
    ),
    Case("positional-only parameter", http("req, /"), HTTP),
    Case("a wrapper that keeps the signature", WRAPPER + http("req: func.HttpRequest", more="@wrapper"), HTTP),
    *(
        Case(f"Out[{inner}].set({value})", out(f": func.Out[{inner}]", f"out.set({value})"), HTTP)
        for inner, value in (
            ("str", '"text"'),
            ("str", 'b"bytes"'),
            ("str", '{"a": 1}'),
            ("str", '["a", "b"]'),
            ("str", "5"),
            ("str", "1.5"),
            ("str", "True"),
            ("str", "None"),
            ("str", 'func.QueueMessage(body="m")'),
            ("str", "object()"),
            ("bytes", 'b"\\xff"'),
            ("bytes", '"text"'),
            ("func.QueueMessage", 'func.QueueMessage(id="i", body="m")'),
            ("func.QueueMessage", 'func.QueueMessage(body=b"\\xff")'),
            ("func.QueueMessage", '"text"'),
            ("typing.List[str]", '["a", "b"]'),
            ("typing.List[str]", '["a", func.QueueMessage(body="m")]'),
            ("typing.List[str]", '[b"bytes"]'),
            ("typing.List[str]", "[]"),
        )
    ),
    *(
        Case(f"output without annotation set to {value}", out("", f"out.set({value})"), HTTP)
        for value in ('"text"', '{"a": 1}', '("a", "b")', "5")
    ),
    Case("output that is not set", out(": func.Out[str]"), HTTP),
    Case("output that is set twice", out(": func.Out[str]", "out.set('1'); out.set('2')"), HTTP),
    Case("output that is read back", out(": func.Out[str]", "out.set('1'); out.set(out.get() + '2')"), HTTP),
    *(
        Case(
            f"response as a parameter: {body}",
            f'@app.route(route="task", binding_arg_name="res")\ndef task(req, res: func.Out[{inner}]):\n    {body}\n',
            HTTP,
        )
        for inner, body in (
            ("func.HttpResponse", 'res.set(func.HttpResponse("said", status_code=201))'),
            ("str", 'res.set("said")'),
            ("str", "pass"),
            ("str", 'return "said"'),
        )
    ),
    Case("message as it is seen", queue("msg: func.QueueMessage", " -> str", MESSAGE, RETURN), TEXT),
    Case("message of bytes as it is seen", queue("msg: func.QueueMessage", " -> str", MESSAGE, RETURN), BYTES),
    Case("str of text", queue("msg: str", " -> str", "return repr(msg)", RETURN), TEXT),
    Case("bytes of text", queue("msg: bytes", " -> str", "return repr(msg)", RETURN), TEXT),
    Case("bytes of bytes", queue("msg: bytes", " -> str", "return repr(msg)", RETURN), BYTES),
    *(
        Case(f"queue output returns {value}", queue(body=f"return {value}", more=RETURN), TEXT)
        for value in ('"text"', 'b"bytes"', 'func.QueueMessage(body="m")', '["a"]', "None", "5")
    ),
    Case("a value without $return", queue(body="return 1"), TEXT),
    Case("async message", queue(body="return 'later'", more=RETURN, kind="async def"), TEXT),
    Case("timer is told", timer("timer: func.TimerRequest", body="assert timer.past_due is True"), TIMER),
    Case("timer as text", timer("timer: str", body="assert json.loads(timer)['IsPastDue']"), TIMER),
    Case("timer raises", timer(body="raise KeyError('on purpose')"), TIMER),
]

CASES = [*APPS, *SIGNATURES, *INVOCATIONS]
