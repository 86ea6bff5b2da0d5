"""What the host knows of an app once it is loaded and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handlers.timers.ncrontab import Schedule
from local.host.routes import Route
from local.host.signature import Signature


class AuthLevel(StrEnum):
    """Which key a caller must show."""

    ANONYMOUS = "anonymous"
    FUNCTION = "function"
    ADMIN = "admin"


@dataclass(frozen=True)
class HttpTrigger:
    """A route."""

    parameter: str
    route: Route
    methods: frozenset[str]
    """Upper case; empty means any."""
    auth_level: AuthLevel


@dataclass(frozen=True)
class QueueTrigger:
    """A storage queue to read."""

    parameter: str
    queue: str
    connection: str
    binary: bool
    """`data_type=BINARY`: the parameter receives bytes instead of text."""


@dataclass(frozen=True)
class TimerTrigger:
    """A schedule."""

    parameter: str
    schedule: Schedule
    text: str
    """The schedule as it is written, `%NAME%` replaced."""
    run_on_startup: bool
    use_monitor: bool


Trigger = HttpTrigger | QueueTrigger | TimerTrigger


@dataclass(frozen=True)
class HttpOutput:
    """The response, as `$return` or as a parameter."""


@dataclass(frozen=True)
class QueueOutput:
    """A storage queue to write."""

    queue: str
    connection: str


Output = HttpOutput | QueueOutput


@dataclass(frozen=True)
class AppFunction:
    """One function of the app."""

    name: str
    directory: str
    """Where its file lies."""
    call: Callable[..., Any]
    signature: Signature
    trigger: Trigger
    outputs: Mapping[str, Output]
    """By parameter, `$return` included."""
    disabled: bool
    """`AzureWebJobs.<name>.Disabled` is true: loaded and shown, never run by its trigger."""
