"""host.json: the part of it that matters here, checked.

Any value can be overridden by a setting, as in Azure: `AzureFunctionsJobHost__extensions__queues__batchSize`.
Source: *host.json reference for Azure Functions 2.x and later*; the defaults of the queue extension.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from handlers.timers.timespan import parse_timespan
from local.host.errors import StartError

_OVERRIDE = "AzureFunctionsJobHost"
_LONGEST_HIDDEN = timedelta(days=7)
"""Azure Storage: a message cannot be hidden longer."""


class MessageEncoding(StrEnum):
    """How the text of a queue message carries its bytes."""

    BASE64 = "base64"
    NONE = "none"


@dataclass(frozen=True)
class QueueOptions:
    """`extensions.queues`."""

    batch_size: int = 16
    """Messages fetched at once, 1 to 32 (Azure Storage)."""
    new_batch_threshold: int = 8 * (os.cpu_count() or 1)
    """The next batch is fetched when no more than this many messages are being worked on."""
    max_dequeue_count: int = 5
    """Tries, before a message goes to the poison queue."""
    visibility_timeout: timedelta = timedelta()
    """How long a message hides after a failed try."""
    max_polling_interval: timedelta = timedelta(minutes=1)
    """Longest pause between two looks into an empty queue."""
    message_encoding: MessageEncoding = MessageEncoding.BASE64


@dataclass(frozen=True)
class HostJson:
    """What host.json says, with the defaults of the host."""

    route_prefix: str = "api"
    queues: QueueOptions = QueueOptions()
    function_timeout: timedelta | None = timedelta(minutes=30)
    """None: no limit (`-1`). The default is that of the Flex Consumption plan."""


def read_host_json(path: Path, settings: Mapping[str, str]) -> HostJson:
    """Read host.json and the settings that override it. Raises StartError with one sentence."""
    try:
        content: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise StartError(f'{path} does not exist: an app has a host.json, at least {{"version": "2.0"}}') from None
    except OSError as error:
        raise StartError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise StartError(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise StartError(f'{path} must hold an object, at least {{"version": "2.0"}}')
    if content.get("version") != "2.0":
        raise StartError(f'{path}: version must be "2.0"')
    return _Reader(path, content, settings).host_json()


class _Reader:
    """Takes single values out of host.json, or out of the settings that override them."""

    def __init__(self, path: Path, content: dict[str, object], settings: Mapping[str, str]) -> None:
        self._path = path
        self._content = content
        self._settings = settings

    def host_json(self) -> HostJson:
        batch_size = self._number("extensions.queues.batchSize", QueueOptions.batch_size, 1, 32)
        threshold = batch_size // 2 * (os.cpu_count() or 1)
        return HostJson(
            self._route_prefix(),
            QueueOptions(
                batch_size,
                self._number("extensions.queues.newBatchThreshold", threshold, 0, 1000),
                self._number("extensions.queues.maxDequeueCount", QueueOptions.max_dequeue_count, 1, 10_000),
                self._time(
                    "extensions.queues.visibilityTimeout", QueueOptions.visibility_timeout, timedelta(), _LONGEST_HIDDEN
                ),
                self._time(
                    "extensions.queues.maxPollingInterval",
                    QueueOptions.max_polling_interval,
                    timedelta(milliseconds=100),
                    timedelta(days=1),
                ),
                self._encoding(),
            ),
            self._timeout(),
        )

    def _route_prefix(self) -> str:
        value = self._value("extensions.http.routePrefix")
        if value is None:
            return HostJson.route_prefix
        if not isinstance(value, str) or "{" in value or "?" in value:
            raise self._wrong("extensions.http.routePrefix", "a path such as api, or an empty text")
        return value.strip("/")

    def _encoding(self) -> MessageEncoding:
        value = self._value("extensions.queues.messageEncoding")
        if value is None:
            return MessageEncoding.BASE64
        if isinstance(value, str) and value.lower() in list(MessageEncoding):
            return MessageEncoding(value.lower())
        raise self._wrong("extensions.queues.messageEncoding", "base64 or none")

    def _timeout(self) -> timedelta | None:
        if self._value("functionTimeout") == "-1":
            return None
        default = HostJson.function_timeout
        return self._time("functionTimeout", default or timedelta(), timedelta(seconds=1), timedelta(days=365))

    def _number(self, name: str, default: int, low: int, high: int) -> int:
        value = self._value(name)
        if value is None:
            return default
        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise self._wrong(name, f"a whole number from {low} to {high}")
        return number

    def _time(self, name: str, default: timedelta, low: timedelta, high: timedelta) -> timedelta:
        value = self._value(name)
        if value is None:
            return default
        span = parse_timespan(value) if isinstance(value, str) else None
        if span is None or not low <= span <= high:
            raise self._wrong(name, f"a time as hh:mm:ss, {low} at least and {high} at most")
        return span

    def _value(self, name: str) -> object:
        override = self._settings.get("__".join([_OVERRIDE, *name.split(".")]))
        if override is not None:
            return override
        value: object = self._content
        for part in name.split("."):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise self._wrong(name, "inside objects")
            value = value.get(part)
        return value

    def _wrong(self, name: str, right: str) -> StartError:
        return StartError(f"{self._path}: {name} must be {right}")
