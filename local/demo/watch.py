"""Looks at the parts of a stack from outside, as often as it is asked, and yields what is new."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.chat.rendering import render_slack
from local.demo.events import (
    Accepted,
    Complaint,
    Event,
    Fetched,
    Holding,
    Instances,
    Logged,
    Operated,
    Posted,
    ShownInSlack,
    Staged,
    TextWritten,
    Turned,
)
from local.stack import Stack

_LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} (?P<level>[A-Z]+) +(?P<logger>\S+)  (?P<text>.*)")
"""A line of the local host's log."""
_EVENT = re.compile(r"(?P<event>[a-z_]+\.[a-z_]+)(?: [a-z_]+=.*)?")
_PAIR = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')
_RAISED = re.compile(r"\w+ failed after \d+ ms")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BEFORE = {"create-cloud-service"}
"""Changes that make the place to deploy to: they come before the story."""
_BRINGS_A_PACKAGE = {"create-deployment", "upgrade-deployment"}
_STATUSES = re.compile(r"/deployments/\d+/statuses$")
_RELEASE = re.compile(r"/releases/(\d+)$")


class Watch:
    """Yields everything that was seen since the last look."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._log = HostLog(stack.host.log)
        self._azure = Azure()
        self._packages: set[str] = set()
        self._github_calls = 0
        self._chat_calls = 0
        self._edits = Counter[str]()
        self._spoken_to = False

    def news(self) -> Iterator[Event]:
        """Look once. Raises PartFailed where a part does not answer.

        The log is read first and told last: what the app says of Azure has happened there before.
        """
        logged = list(self._log.news())
        for event in self._azure.news(self._stack.simulator.subscriptions()):
            if isinstance(event, Accepted) and event.call in _BRINGS_A_PACKAGE:
                yield from self._staged()
            yield event
        if self._spoken_to:
            yield from self._in_slack()
        for line in logged:
            yield line
            match line:
                case Logged("owner.told"):
                    self._spoken_to = True  # the log says it before Slack shows it
                case Logged("news.posted", {"sink": str(sink)}) if sink.startswith("slack"):
                    yield from self._in_slack()
                case Logged("inquiry.answered"):
                    yield from self._in_slack()
                case Logged("news.posted"):
                    yield from self._at_github()

    def _staged(self) -> Iterator[Event]:
        for sha256, size in self._stack.packages().items():
            if sha256 not in self._packages:
                self._packages.add(sha256)
                yield Staged(sha256, size)

    def _at_github(self) -> Iterator[Event]:
        """Read what the app has written at GitHub; it was just told that it has."""
        calls = self._stack.github.calls()
        new, self._github_calls = calls[self._github_calls :], len(calls)
        for call in new:
            if call["method"] == "POST" and call["status"] == 201 and _STATUSES.search(call["path"]):
                yield Posted(call["body"]["state"], call["body"].get("description", ""))
            elif call["method"] == "PATCH" and call["status"] == 200 and (found := _RELEASE.search(call["path"])):
                yield TextWritten(int(found.group(1)))

    def _in_slack(self) -> Iterator[Event]:
        """Read what the app has written there; it was just told that it has."""
        calls = self._stack.chat.admin("GET", "_chat/log")
        new, self._chat_calls = calls[self._chat_calls :], len(calls)
        for call in new:
            body, method = call["body"], call["path"].removeprefix("/slack/api/")
            if method == "chat.update":
                self._edits[body["ts"]] += 1
            if method in {"chat.postMessage", "chat.update"}:
                edits = self._edits[body["ts"]] if "ts" in body else 0
                self._spoken_to = False
                yield ShownInSlack(edits, render_slack({"text": "", "blocks": [], **body}))


class HostLog:
    """Follows the log of the local host. A line is read when it is whole."""

    def __init__(self, path: Path) -> None:
        """Begin at its end: what the host says while it starts is not part of the story."""
        self._path = path
        self._offset = path.stat().st_size if path.is_file() else 0

    def news(self) -> Iterator[Event]:
        """Yield the lines since the last look that say something."""
        if not self._path.is_file():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            whole, _, _ = file.read().rpartition(b"\n")
        if whole:
            self._offset += len(whole) + 1
            yield from filter(None, map(read_line, whole.decode(errors="replace").split("\n")))


def read_line(text: str) -> Event | None:
    """Read one line; None where it is neither an event of the app's nor a trouble. Pure."""
    line = _LINE.fullmatch(_COLOUR.sub("", text))
    if line is None:
        return None
    trouble = line["level"] not in {"INFO", "DEBUG"}
    event = _EVENT.fullmatch(line["text"]) if line["logger"].startswith("handlers.") else None
    if event is not None:
        facts = {name: _plain(value) for name, value in _PAIR.findall(line["text"])}
        return Logged(event["event"], facts, trouble)
    return Complaint(line["text"], _RAISED.match(line["text"]) is not None) if trouble else None


def _plain(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value


class Azure:
    """Remembers what Azure showed at the last look. Pure: what it shows now is an argument."""

    def __init__(self) -> None:
        self._status: dict[str, str] = {}
        self._states: dict[str, Mapping[str, str]] = {}
        self._statuses: dict[str, str] = {}
        self._fetched: set[str] = set()
        self._holding = Holding(None, None)

    def news(self, subscriptions: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
        """Yield what differs, in the order in which it comes about."""
        for subscription in subscriptions:
            for one in subscription["operations"]:
                yield from self._operation(one)
            for service in subscription["services"].values():
                yield from self._service(service["slots"])

    def _operation(self, one: Mapping[str, Any]) -> Iterator[Event]:
        known = self._status.get(one["request_id"])
        if known == one["status"] or one["call"] in BEFORE:
            return
        self._status[one["request_id"]] = one["status"]
        kind = Accepted if known is None else Operated
        yield kind(one["call"], one["request_id"], one["status"])

    def _service(self, slots: Mapping[str, Mapping[str, Any]]) -> Iterator[Event]:
        versions = {slot: version_of(deployment) for slot, deployment in slots.items()}
        holding = Holding(versions.get("Production"), versions.get("Staging"))
        if holding != self._holding:
            self._holding = holding
            yield holding
        for slot, deployment in slots.items():
            name, package = deployment["name"], deployment["package"]
            if package is not None and name not in self._fetched:
                self._fetched.add(name)
                yield Fetched(versions[slot], package["sha256"], package["size"])
            if deployment["status"] in {"Running", "Suspended"}:
                before, self._statuses[name] = self._statuses.get(name), deployment["status"]
                if before not in {None, deployment["status"]}:
                    yield Turned(slot.lower(), versions[slot], deployment["status"])
            states = dict(sorted(deployment["instances"].items()))
            if states and states != self._states.get(name):
                self._states[name] = states
                yield Instances(slot.lower(), versions[slot], states)


def version_of(deployment: Mapping[str, Any]) -> str:
    """Return the release behind a deployment as the app wrote it there, else the deployment's name."""
    return str(deployment["extended_properties"].get("SlipwayVersion", deployment["name"]))
