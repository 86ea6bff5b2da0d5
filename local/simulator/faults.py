"""Faults: what shall go wrong, with which calls, how often. Pure.

Grammar of `--fault`, and the fields of `POST /_simulator/faults` in brackets:

    KIND[:COUNT][@WHERE][,KEY=VALUE]...

    KIND    [kind]      one of
        before the call is accepted, instead of doing it
            307             redirect to the other name of this machine (localhost, 127.0.0.1)
            409             ConflictError: the deployment is busy with an operation (request-id=32 hex digits)
            500             InternalError
            503             TooManyRequests
            server-busy     503 ServerBusy
            error           any other error (status=500, code=InternalError, message=...)
            reset           the connection is closed without an answer
            html            200 with a page of HTML
            garbage         200 with XML that breaks off
        after it was accepted
            lost            the connection is closed without an answer
            slow            the answer is held back (seconds=5)
        what becomes of the operation
            late-failed     it ends Failed (code=InternalError, status=500, message=...)
            never           it stays InProgress for ever
            unready         one instance never becomes ready (status=BusyRole, instance=its name, else the last)
    COUNT   [count]     how many calls, `*` [null] for all that come; 1 when left out
    WHERE   [operation, method, path]
        a call (`create-deployment`), a method (`POST`) or a part of the path (`/deploymentslots/`);
        any call when left out
    KEY     [same names]  as above, `request-id` or `request_id` in either place; also accepted=true with all of the
        first group: the call is carried out, and then answered so. `message=` takes the rest of the line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import ConfigDict, TypeAdapter, ValidationError

from local.simulator.errors import (
    INTERNAL_ERROR,
    SERVER_BUSY,
    TOO_MANY_REQUESTS,
    Failure,
    deployment_busy,
)
from local.simulator.routes import CallName, Route
from local.simulator.state import Fate, InstanceStatus, Stuck

METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
SLOW_SECONDS = 5.0
_HTTP_ERROR = re.compile(r"[45]\d\d", re.ASCII)
_SPEC = re.compile(r"(?P<kind>[a-z0-9-]+)(?::(?P<count>\d+|\*))?(?:@(?P<where>[^,]+))?(?:,(?P<keys>.*))?", re.DOTALL)


class FaultKind(StrEnum):
    """What goes wrong. See the head of this module."""

    REDIRECT = "307"
    BUSY = "409"
    INTERNAL = "500"
    THROTTLED = "503"
    SERVER_BUSY = "server-busy"
    ERROR = "error"
    RESET = "reset"
    HTML = "html"
    GARBAGE = "garbage"
    LOST = "lost"
    SLOW = "slow"
    LATE_FAILED = "late-failed"
    NEVER = "never"
    UNREADY = "unready"


FATES = frozenset({FaultKind.LATE_FAILED, FaultKind.NEVER, FaultKind.UNREADY})
AFTER = frozenset({FaultKind.LOST, FaultKind.SLOW})


@dataclass(frozen=True)
class Fault:
    """One fault. `count` None is for ever."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: FaultKind
    count: int | None = 1
    operation: CallName | None = None
    method: str | None = None
    path: str | None = None
    accepted: bool = False
    seconds: float = SLOW_SECONDS
    code: str = INTERNAL_ERROR.code
    status: str = ""
    """HTTP status of `error` and `late-failed` (500), status of the instance of `unready` (BusyRole)."""
    message: str = INTERNAL_ERROR.message
    instance: str | None = None
    request_id: str = "0" * 32

    def __post_init__(self) -> None:
        if self.kind is FaultKind.UNREADY and self.status:
            InstanceStatus(self.status)
        if self.kind in {FaultKind.LATE_FAILED, FaultKind.ERROR} and not _HTTP_ERROR.fullmatch(self.status or "500"):
            raise ValueError("status must be an HTTP status of an error")
        if self.count is not None and self.count < 1:
            raise ValueError("count must be at least 1")

    @property
    def after(self) -> bool:
        """Say whether the call is carried out before the fault shows."""
        return self.accepted or self.kind in AFTER

    def meets(self, route: Route, method: str, path: str) -> bool:
        """Say whether this fault is for a call."""
        if self.kind in FATES and not route.facts.asynchronous:
            return False
        return (
            self.operation in {None, route.call}
            and self.method in {None, method}
            and (self.path is None or self.path.lower() in path.lower())
        )

    def failure(self) -> Failure | None:
        """Return the error that a call is answered with, for the faults that have one."""
        match self.kind:
            case FaultKind.BUSY:
                return deployment_busy(self.request_id).failure
            case FaultKind.INTERNAL:
                return INTERNAL_ERROR
            case FaultKind.THROTTLED:
                return TOO_MANY_REQUESTS
            case FaultKind.SERVER_BUSY:
                return SERVER_BUSY
            case FaultKind.ERROR:
                return Failure(int(self.status or "500"), self.code, self.message)
            case _:
                return None

    def fate(self, fate: Fate) -> Fate:
        """Add to the fate of an operation."""
        match self.kind:
            case FaultKind.LATE_FAILED:
                return replace(fate, failure=Failure(int(self.status or "500"), self.code, self.message))
            case FaultKind.NEVER:
                return replace(fate, endless=True)
            case FaultKind.UNREADY:
                stuck = Stuck(InstanceStatus(self.status or InstanceStatus.BUSY), self.instance)
                return replace(fate, stuck=stuck)
            case _:
                return fate


ADAPTER: TypeAdapter[Fault] = TypeAdapter(Fault)


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.waiting = list(faults)

    def visible(self, route: Route, method: str, path: str) -> Fault | None:
        """Return the first fault that decides how this call is answered."""
        return self._first(route, method, path, frozenset(FaultKind) - FATES)

    def fates(self, route: Route, method: str, path: str) -> list[Fault]:
        """Return what decides about the operation that this call begins: one fault of each kind."""
        found = (self._first(route, method, path, frozenset({kind})) for kind in sorted(FATES))
        return [fault for fault in found if fault is not None]

    def spend(self, fault: Fault) -> None:
        """Count a fault that has shown."""
        if fault.count is None:
            return
        index = self.waiting.index(fault)
        if fault.count == 1:
            del self.waiting[index]
        else:
            self.waiting[index] = replace(fault, count=fault.count - 1)

    def _first(self, route: Route, method: str, path: str, kinds: frozenset[FaultKind]) -> Fault | None:
        for fault in self.waiting:
            if fault.kind in kinds and fault.meets(route, method, path):
                return fault
        return None


def parse_fault(spec: str) -> Fault:
    """Read one `--fault`. Raise ValueError with a sentence that says what is wrong."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise ValueError(f"{spec!r} is not KIND[:COUNT][@WHERE][,KEY=VALUE]...")
    fields: dict[str, object] = {"kind": match["kind"]}
    if match["count"] is not None:
        fields["count"] = None if match["count"] == "*" else int(match["count"])
    if where := match["where"]:
        fields["method" if where in METHODS else "path" if where.startswith("/") else "operation"] = where
    rest = match["keys"] or ""
    while rest:
        name, _, rest = rest.partition("=")
        value, rest = (rest, "") if name == "message" else rest.partition(",")[::2]
        fields[name] = value
    return read_fault(fields)


def read_fault(fields: object) -> Fault:
    """Read one fault from its fields. Raise ValueError with a sentence that says what is wrong."""
    if isinstance(fields, dict):
        fields = {str(name).replace("-", "_"): value for name, value in fields.items()}
        if isinstance(fields.get("status"), int):
            fields["status"] = str(fields["status"])
    try:
        return ADAPTER.validate_python(fields)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'fault'}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        raise ValueError(problems) from error
