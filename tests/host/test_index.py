"""Loading an app: what is understood, and the sentence for each thing that Azure would refuse."""

import pytest

from handlers.timers.ncrontab import parse_schedule
from local.host.errors import StartError
from local.host.model import AuthLevel, HttpOutput, HttpTrigger, QueueOutput, QueueTrigger, TimerTrigger
from tests.host.conftest import App

STORAGE = 'connection="AzureWebJobsStorage"'


def function(decorators: str, parameters: str = "", returns: str = "") -> str:
    """Write a function with decorators; each is one line."""
    lines = [line.strip() for line in decorators.splitlines() if line.strip()]
    return "\n".join([*lines, f"def task({parameters}){returns}:", "    return None", ""])


QUEUE = f'@app.queue_trigger(arg_name="msg", queue_name="work", {STORAGE})'
ROUTE = '@app.route(route="task")'


def out(annotation: str) -> str:
    """Write an HTTP function with a queue output of an annotation."""
    queue = f'@app.queue_output(arg_name="out", queue_name="work", {STORAGE})'
    return function(f"{ROUTE}\n{queue}", f"req: func.HttpRequest, out: {annotation}", " -> func.HttpResponse")


def test_an_http_function_is_understood(app: App) -> None:
    """Route, methods and level."""
    source = function('@app.route(route="%PATH_NAME%/{id}", methods=["get", "POST"])', "req: func.HttpRequest")
    [loaded] = app.write(source).load(PATH_NAME="items")
    assert isinstance(loaded.trigger, HttpTrigger)
    assert loaded.trigger.route.text == "items/{id}"
    assert loaded.trigger.methods == {"GET", "POST"}
    assert loaded.trigger.auth_level is AuthLevel.FUNCTION
    assert loaded.outputs == {"$return": HttpOutput()}


def test_a_queue_function_is_understood(app: App) -> None:
    """Queue, connection and kind of data; names of queues become small letters, as in the host."""
    source = function(
        '@app.queue_trigger(arg_name="msg", queue_name="%Q%-In", connection="%C%", data_type=func.DataType.BINARY)\n'
        '@app.queue_output(arg_name="$return", queue_name="next", connection="Other")',
        "msg: bytes",
        " -> str",
    )
    [loaded] = app.write(source).load(Q="Work", C="Storage")
    assert loaded.trigger == QueueTrigger("msg", "work-in", "Storage", binary=True)
    assert loaded.outputs == {"$return": QueueOutput("next", "Other")}


def test_a_timer_function_is_understood(app: App) -> None:
    """Schedule and flags."""
    source = function('@app.timer_trigger(arg_name="timer", schedule="%WHEN%", run_on_startup=True)', "timer")
    [loaded] = app.write(source).load(WHEN="0 0 * * MON")
    expected = TimerTrigger("timer", parse_schedule("0 0 * * 1"), "0 0 * * MON", run_on_startup=True, use_monitor=True)
    assert loaded.trigger == expected


def test_functions_of_a_blueprint_belong_to_the_app(app: App) -> None:
    """A module of its own, registered into the app."""
    blueprint = "import azure.functions as func\nbp = func.Blueprint()\n" + function(
        QUEUE.replace("app", "bp"), "msg: str"
    )
    (app.folder / "some_blueprint.py").write_text(blueprint, encoding="utf-8")
    [loaded] = app.write("import some_blueprint\napp.register_functions(some_blueprint.bp)\n").load()
    assert loaded.name == "task"


@pytest.mark.parametrize("name", ["AzureWebJobs.task.Disabled", "AzureWebJobs_task_Disabled"])
def test_a_setting_disables_a_function(app: App, name: str) -> None:
    """As in Azure."""
    [loaded] = app.write(function(QUEUE, "msg: str")).load(**{name: "true"})
    assert loaded.disabled


def test_an_app_without_functions_loads(app: App) -> None:
    """As in Azure; the start says that there are none."""
    assert app.write().load() == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(out("func.Out[str]"), id="Out[str]"),
        pytest.param(out("func.Out[bytes]"), id="Out[bytes]"),
        pytest.param(out("func.Out[func.QueueMessage]"), id="Out[QueueMessage]"),
        pytest.param(out("func.Out[typing.List[str]]"), id="Out[typing.List[str]]"),
        pytest.param(out("'func.Out[str]'"), id="annotation in quotes"),
        pytest.param(function(ROUTE, "req"), id="no annotation"),
        pytest.param(function(ROUTE, "req: func.HttpRequest, context: func.Context"), id="context"),
        pytest.param(function(ROUTE, "req: func.HttpRequest, context"), id="context without annotation"),
        pytest.param(function(ROUTE, "req: func.HttpRequest", " -> str"), id="str from HTTP"),
        pytest.param(function(QUEUE, "msg: func.QueueMessage", " -> int"), id="any return without $return"),
        pytest.param(function(QUEUE, "msg: bytes"), id="bytes from a queue"),
    ],
)
def test_what_azure_loads_loads(app: App, source: str) -> None:
    """The signatures that the worker takes."""
    assert len(app.write(source).load()) == 1


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param(
            out("func.Out[list[str]]"), r"parameter out .*list\[str\].* no class: write typing.List", id="list"
        ),
        pytest.param(out("func.Out[dict]"), "parameter out .* which queue does not take", id="dict"),
        pytest.param(out("func.Out[typing.List[func.QueueMessage]]"), "queue does not take", id="list of messages"),
        pytest.param(out("func.Out[typing.List[dict]]"), "which queue does not take", id="list of dicts"),
        pytest.param(out("func.Out[str | bytes]"), "no class", id="union"),
        pytest.param(out("typing.Optional[func.Out[str]]"), "no class", id="optional output"),
        pytest.param(out("func.Out"), "must say what it puts out", id="bare Out"),
        pytest.param(out("str"), r"output out must be annotated azure.functions.Out", id="output without Out"),
        pytest.param(out("'func.Out[Missing]'"), "an annotation cannot be read: name 'Missing'", id="unknown name"),
        pytest.param(function(ROUTE, "req: func.Out[str]"), "input req must not be annotated", id="Out on an input"),
        pytest.param(function(ROUTE, "req: func.HttpRequest, x=1"), "parameter x has no binding", id="default"),
        pytest.param(function(ROUTE, "req: func.HttpRequest, **more"), "parameter more has no binding", id="keywords"),
        pytest.param(function(ROUTE, ""), "binding req has no parameter", id="parameter is missing"),
        pytest.param(function(ROUTE, "req: func.QueueMessage"), "httpTrigger does not take", id="wrong class"),
        pytest.param(function(ROUTE, "req: dict"), "httpTrigger does not take", id="dict for a request"),
        pytest.param(function(QUEUE, "msg: dict"), "queueTrigger does not take", id="dict for a message"),
        pytest.param(
            function(ROUTE, "req", " -> bytes"), "return annotation bytes .* http takes", id="bytes from HTTP"
        ),
        pytest.param(function(ROUTE, "req", " -> None"), "return annotation NoneType", id="None from HTTP"),
        pytest.param(function(ROUTE, "req", " -> dict"), "return annotation dict", id="dict from HTTP"),
        pytest.param(
            function(ROUTE, "req", " -> typing.Optional[str]"), "return annotation .* no class", id="optional return"
        ),
        pytest.param(
            "import functools\n" + function(f"{ROUTE}\n@functools.lru_cache", "req"),
            "it is a _lru_cache_wrapper and no function",
            id="no function",
        ),
        pytest.param(function(ROUTE, "req, context: str"), "parameter context must be annotated", id="wrong context"),
    ],
)
def test_what_the_worker_refuses_is_refused(app: App, source: str, why: str) -> None:
    """The rules of the Python worker, each with the function's name."""
    with pytest.raises(StartError, match=f"^function task: .*{why}"):
        app.write(source).load()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param(function(QUEUE.replace("work", "%Q%"), "msg"), "binding msg: %Q% names no setting", id="setting"),
        pytest.param(function(QUEUE.replace("work", "a--b"), "msg"), "queue 'a--b': a name has", id="queue name"),
        pytest.param(
            function(QUEUE.replace("msg", "the_msg"), "the_msg"), "binding the_msg: the name", id="underscore"
        ),
        pytest.param(function(QUEUE.replace('"work"', "5"), "msg"), "queue_name must be a text", id="no text"),
        pytest.param(function('@app.timer_trigger("t", "61 * * * *")', "t"), "'61' is no minute", id="schedule"),
        pytest.param(function('@app.route(route="a/{b:x}")', "req"), "constraint", id="route"),
        pytest.param(function('@app.route(route="Admin/x")', "req"), "begins with admin", id="route of the host"),
        pytest.param(function(f'@app.function_name("9lives")\n{ROUTE}', "req"), "the name must be a letter", id="name"),
        pytest.param(
            function('@app.blob_trigger(arg_name="blob", path="a/b", connection="C")', "blob"),
            "blob is of type blobTrigger; the local host has httpTrigger, queueTrigger, timerTrigger",
            id="trigger that is not here",
        ),
        pytest.param(
            function(f'{ROUTE}\n@app.blob_output(arg_name="blob", path="a/b", connection="C")', "req, blob"),
            "blob is of type blob; the local host has http, queue",
            id="output that is not here",
        ),
        pytest.param(
            function('@app.generic_trigger(arg_name="req", type="httpTrigger", route="task")', "req"),
            "input req is generic: use the decorator that is made for httpTrigger",
            id="generic trigger",
        ),
        pytest.param(
            function(f'{QUEUE}\n@app.queue_output(arg_name="msg", queue_name="next", {STORAGE})', "msg"),
            "binding msg is there twice",
            id="one name for two bindings",
        ),
    ],
)
def test_what_the_host_refuses_is_refused(app: App, source: str, why: str) -> None:
    """The rules of the Functions host, each with the function's name."""
    with pytest.raises(StartError, match=f"^function .*{why}"):
        app.write(source).load()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param("del app", "has no FunctionApp", id="no app"),
        pytest.param("other = func.FunctionApp()", r"more than one FunctionApp \(app, other\)", id="two apps"),
        pytest.param("same = app", "more than one FunctionApp", id="two names for one app"),
        pytest.param("import missing_module", "ModuleNotFoundError: No module named 'missing_module'", id="no module"),
        pytest.param("1 / 0", r"ZeroDivisionError: division by zero \(function_app.py, line 4\)", id="exception"),
        pytest.param(
            "def f(:", r"invalid syntax .*\(function_app.py, line 4\)|\(function_app.py, line 4\)", id="syntax"
        ),
        pytest.param("raise SystemExit(3)", "SystemExit: 3", id="exit"),
        pytest.param(function(ROUTE, "req") * 2, "does not have a unique function name", id="one name twice"),
        pytest.param("@app.function_name('x')\ndef task(): pass", "x does not have a trigger", id="no trigger"),
    ],
)
def test_an_app_that_cannot_be_indexed_says_why(app: App, source: str, why: str) -> None:
    """What goes wrong before any function is looked at."""
    with pytest.raises(StartError, match=why):
        app.write(source).load()


def test_names_that_differ_in_case_only_are_refused(app: App) -> None:
    """The host does not tell them apart."""
    second = function('@app.route(route="other")', "req").replace("task", "Task")
    with pytest.raises(StartError, match="another function has this name"):
        app.write(function(ROUTE, "req") + second).load()


def test_two_functions_with_one_route_are_refused(app: App) -> None:
    """The names of parameters do not make a difference."""
    first = function('@app.route(route="a/{b}", methods=["GET"])', "req")
    second = function('@app.route(route="A/{c}", methods=["GET", "POST"])', "req").replace("task", "other")
    with pytest.raises(StartError, match=r"function other: route 'A/\{c\}' is that of function task"):
        app.write(first + second).load()


def test_two_methods_of_one_route_may_have_two_functions(app: App) -> None:
    """The usual way to write a resource."""
    first = function('@app.route(route="a", methods=["GET"])', "req")
    second = function('@app.route(route="a", methods=["POST"])', "req").replace("task", "other")
    assert len(app.write(first + second).load()) == 2


def test_a_folder_without_app_says_where_to_start(app: App) -> None:
    """The first thing that happens to everybody."""
    with pytest.raises(StartError, match="start in the app's directory"):
        app.load()
