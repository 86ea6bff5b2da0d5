"""function_app.py -> the functions of the app, checked as the Python worker and the Functions host check them."""

import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import azure.functions as func
from azure.functions.decorators.core import BindingDirection
from azure.functions.decorators.generic import GenericInputBinding, GenericOutputBinding, GenericTrigger

from handlers.timers.ncrontab import ScheduleError, parse_schedule
from local.host.errors import StartError
from local.host.expressions import ExpressionError, resolve
from local.host.guard import Guard
from local.host.model import (
    AppFunction,
    AuthLevel,
    HttpOutput,
    HttpTrigger,
    Output,
    QueueOutput,
    QueueTrigger,
    TimerTrigger,
    Trigger,
)
from local.host.routes import RouteError, parse_route
from local.host.signature import Bound, SignatureError, read_signature

MODULE = "function_app"

_FUNCTION_NAME = re.compile(r"(?!host$)[a-z][a-z0-9_-]{0,127}", re.IGNORECASE)
_BINDING_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
_QUEUE_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
_TRUE = ("1", "true")

_OUT: int = BindingDirection.OUT.value
_TRIGGERS = ("httpTrigger", "queueTrigger", "timerTrigger")
_OUTPUTS = ("http", "queue")
_GENERIC = (GenericTrigger, GenericInputBinding, GenericOutputBinding)


def load_app(directory: Path, settings: Mapping[str, str]) -> list[AppFunction]:
    """Import function_app.py of a directory and check all that it declares. Raises StartError with one sentence."""
    found = _indexed(directory)
    functions = [_Reader(function, settings).app_function() for function in found]
    _check_names(functions)
    _check_routes(functions)
    return functions


def _indexed(directory: Path) -> list[Any]:
    if not (directory / f"{MODULE}.py").is_file():
        raise StartError(f"{directory} has no {MODULE}.py: start in the app's directory, or name it with --app")
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    with Guard() as guard:
        module = importlib.import_module(MODULE)
    if guard.error is not None:
        raise StartError(f"{MODULE}.py cannot be imported: {_describe(guard.error, directory)}")
    app = _only_app(module)
    with Guard() as guard:
        functions: list[Any] = app.get_functions()
    if guard.error is not None:
        raise StartError(f"{MODULE}.py cannot be indexed: {_one_line(guard.error)}")
    return functions


def _only_app(module: Any) -> Any:
    """Find the one FunctionApp among the module's names; a second name for the same app counts, as in the worker."""
    apps = [name for name in dir(module) if isinstance(getattr(module, name, None), func.FunctionRegister)]
    if not apps:
        raise StartError(f"{MODULE}.py has no FunctionApp: write app = func.FunctionApp() at its top level")
    if len(apps) > 1:
        raise StartError(f"{MODULE}.py has more than one FunctionApp ({', '.join(sorted(apps))}): keep one")
    return getattr(module, apps[0])


def _describe(error: BaseException, directory: Path) -> str:
    """Say what was raised, and the last line of the app's own code that it passed."""
    if isinstance(error, SyntaxError):
        return f"{error.msg} ({Path(error.filename or '').name}, line {error.lineno})"
    own = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(directory)
    ]
    where = f" ({Path(own[-1].filename).relative_to(directory)}, line {own[-1].lineno})" if own else ""
    return f"{_one_line(error)}{where}"


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")


def _check_names(functions: Iterable[AppFunction]) -> None:
    seen: set[str] = set()
    for function in functions:
        if function.name.lower() in seen:
            raise StartError(f"function {function.name}: another function has this name (case does not count)")
        seen.add(function.name.lower())


def _check_routes(functions: Iterable[AppFunction]) -> None:
    seen: list[tuple[str, HttpTrigger]] = []
    for function in functions:
        trigger = function.trigger
        if not isinstance(trigger, HttpTrigger):
            continue
        for name, other in seen:
            shares_method = not trigger.methods or not other.methods or trigger.methods & other.methods
            if trigger.route.shape == other.route.shape and shares_method:
                raise StartError(f"function {function.name}: route {trigger.route.text!r} is that of function {name}")
        seen.append((function.name, trigger))


class _Reader:
    """Reads one function of the library into the host's own terms."""

    def __init__(self, function: Any, settings: Mapping[str, str]) -> None:
        self._name: str = function.get_function_name()
        self._call: Callable[..., Any] = function.get_user_function()
        self._bindings: list[Any] = function.get_bindings()
        self._trigger: Any = function.get_trigger()
        self._settings = settings

    def app_function(self) -> AppFunction:
        if not _FUNCTION_NAME.fullmatch(self._name):
            raise self._wrong("the name must be a letter, then up to 127 letters, digits, - and _, and not 'host'")
        bounds = [Bound(each.name, each.type, each.direction == _OUT) for each in self._bindings]
        for each in self._bindings:
            self._check_binding(each, self._bindings)
        try:
            signature = read_signature(self._call, bounds)
        except SignatureError as error:
            raise self._wrong(str(error)) from None
        return AppFunction(
            self._name,
            self._directory(),
            self._call,
            signature,
            self._read_trigger(),
            {each.name: self._read_output(each) for each in self._bindings if each.direction == _OUT},
            self._is_disabled(),
        )

    def _directory(self) -> str:
        try:
            return str(Path(inspect.getfile(self._call)).parent)
        except TypeError:
            kind = type(self._call).__name__
            raise self._wrong(f"it is a {kind} and no function: its innermost decorator must return one") from None

    def _check_binding(self, binding: Any, bindings: list[Any]) -> None:
        kind, known = ("output", _OUTPUTS) if binding.direction == _OUT else ("input", _TRIGGERS)
        if binding.type not in known:
            raise self._wrong(f"{kind} {binding.name} is of type {binding.type}; the local host has {', '.join(known)}")
        if isinstance(binding, _GENERIC):
            raise self._wrong(f"{kind} {binding.name} is generic: use the decorator that is made for {binding.type}")
        if not _BINDING_NAME.fullmatch(binding.name):
            raise self._wrong(f"binding {binding.name}: the name must be a letter, then letters and digits, or $return")
        if sum(each.name == binding.name for each in bindings) > 1:
            raise self._wrong(f"binding {binding.name} is there twice")

    def _read_trigger(self) -> Trigger:
        trigger = self._trigger
        match trigger.type:
            case "httpTrigger":
                return self._read_http()
            case "queueTrigger":
                binary = trigger.data_type == func.DataType.BINARY.value
                return QueueTrigger(trigger.name, self._queue(trigger), self._resolved(trigger, "connection"), binary)
            case _:
                return self._read_timer()

    def _read_http(self) -> HttpTrigger:
        trigger = self._trigger
        text = self._resolved(trigger, "route")
        if text.strip("/").lower().startswith("admin"):
            raise self._wrong(f"route {text!r} begins with admin, which belongs to the host")
        try:
            route = parse_route(text)
        except RouteError as error:
            raise self._wrong(str(error)) from None
        methods = frozenset(method.value for method in trigger.methods or ())
        return HttpTrigger(trigger.name, route, methods, AuthLevel(trigger.auth_level.value))

    def _read_timer(self) -> TimerTrigger:
        trigger = self._trigger
        text = self._resolved(trigger, "schedule")
        try:
            schedule = parse_schedule(text)
        except ScheduleError as error:
            raise self._wrong(str(error)) from None
        return TimerTrigger(
            trigger.name, schedule, text, trigger.run_on_startup is True, trigger.use_monitor is not False
        )

    def _read_output(self, binding: Any) -> Output:
        if binding.type == "http":
            return HttpOutput()
        return QueueOutput(self._queue(binding), self._resolved(binding, "connection"))

    def _queue(self, binding: Any) -> str:
        name = self._resolved(binding, "queue_name").lower()
        if not _QUEUE_NAME.fullmatch(name):
            raise self._wrong(
                f"queue {name!r}: a name has 3 to 63 small letters, digits and single dashes between them"
            )
        return name

    def _resolved(self, binding: Any, attribute: str) -> str:
        text = getattr(binding, attribute, None)
        if not isinstance(text, str):
            raise self._wrong(f"binding {binding.name}: {attribute} must be a text")
        try:
            return resolve(text, self._settings)
        except ExpressionError as error:
            raise self._wrong(f"binding {binding.name}: {error}") from None

    def _is_disabled(self) -> bool:
        names = (f"AzureWebJobs.{self._name}.Disabled", f"AzureWebJobs_{self._name}_Disabled")
        return any(self._settings.get(name, "").lower() in _TRUE for name in names)

    def _wrong(self, rule: str) -> StartError:
        return StartError(f"function {self._name}: {rule}")
