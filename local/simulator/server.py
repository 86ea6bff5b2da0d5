"""The HTTP side: who may call, in which version, which fault shows, and the headers of every answer.

One event loop and no waiting inside a call, so that nothing needs a lock. Packages are fetched beside the
calls; an operation goes on when its package was found.
"""

import asyncio
import ssl
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from local.simulator import calls, log, operations, package, storage, wire_out
from local.simulator.calls import Answer
from local.simulator.certificates import thumbprint
from local.simulator.errors import ServiceError, bad_request, bad_version, unauthenticated
from local.simulator.faults import Fault, FaultKind, Faults
from local.simulator.log import KEPT_CALLS, Seen
from local.simulator.routes import Route, route, split
from local.simulator.state import NO_FATE, Fate
from local.simulator.versions import parse_version
from local.simulator.wire_writing import Context
from local.simulator.world import Call, World

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Bytes of a request body. Our choice: a `.cscfg` is some kilobytes."""
SERVER = "1.0.6198.337 (rd_rdfe_stable.160315-1524) Microsoft-HTTPAPI/2.0"
REGION = "ussouth3"
XML = "application/xml; charset=utf-8"
NO_ANSWER = Answer(0)
"""Stands for a connection that is closed without an answer."""
HTML_PAGE = Answer(200, b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Sign in<br></body></html>")
GARBAGE = Answer(200, b'<Operation xmlns="http://schemas.microsoft.com/windowsazure"><ID>\xff\xfe<Sta')


def machine_now() -> datetime:
    """Return the instant on the machine's clock."""
    return datetime.now(UTC)


def new_id() -> str:
    """Make 32 lower-case hex digits."""
    return uuid.uuid4().hex


@dataclass
class Simulator:
    """The running simulator: subscriptions, faults, log."""

    folder: Path
    worlds: dict[str, World]
    """By subscription id in lower case."""
    faults: Faults
    managers: frozenset[str]
    """Thumbprints of the management certificates; empty over plain HTTP, where everybody may call."""
    log: deque[Seen] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    fetching: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """Packages on their way, by request id of the operation."""
    session: aiohttp.ClientSession | None = None
    now: Callable[[], datetime] = machine_now
    """The only clock of all that happens in the worlds."""

    async def start(self) -> None:
        """Go on with what a restart has interrupted."""
        self.session = aiohttp.ClientSession(auto_decompress=False)
        self.save()
        for world in self.worlds.values():
            for request_id in world.subscription.operations:
                self._fetch(world, request_id)

    async def stop(self) -> None:
        """Save everything and let go of what is open."""
        for task in self.fetching.values():
            task.cancel()
        await asyncio.gather(*self.fetching.values(), return_exceptions=True)
        self.save()
        if self.session is not None:
            await self.session.close()

    def save(self) -> None:
        """Write the state file."""
        storage.save(self.folder, {name: world.subscription for name, world in self.worlds.items()})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call of the API."""
        begun = time.monotonic()
        path = request.rel_url.raw_path
        seen = Seen(self.now(), request.method, path, request.headers.get("x-ms-version"), new_id())
        self.log.append(seen)
        try:
            answer = await self._answer(request, seen)
        except ServiceError as error:
            answer = calls.refused(error.failure)
        seen.status = None if answer is NO_ANSWER else answer.status
        seen.milliseconds = round((time.monotonic() - begun) * 1000, 1)
        log.report(seen)
        if answer is NO_ANSWER and request.transport is not None:
            request.transport.abort()
        return _response(answer, seen.request_id)

    async def _answer(self, request: web.Request, seen: Seen) -> Answer:
        caller = self._authenticate(request)
        segments = split(seen.path)
        world = self.worlds.get(segments[0].lower())
        if world is None:
            raise unauthenticated()
        version = parse_version(seen.version)
        found = route(seen.method, segments[1:], request.query)
        seen.call, seen.service = found.call, found.service or None
        if version < found.facts.since:
            raise bad_version()
        body = await _body(request)  # from here to the answer nothing waits, so that no other call comes between
        fault = self.faults.visible(found, seen.method, seen.path)
        if fault is not None and not fault.after:
            self._spend(fault, seen)
            return await _shown(fault, request, NO_ANSWER)
        instant = self.now()
        operations.advance(world, instant)
        context = Context(version, instant, world.subscription.id, f"{request.scheme}://{request.host}")
        fates = self.faults.fates(found, seen.method, seen.path)
        call = Call(
            request_id=seen.request_id,
            name=found.call,
            at=instant,
            service_name=found.service_name,
            path=seen.path.rstrip("/"),
            caller=caller,
            client_ip=request.remote or "",
            fate=_fate(fates),
        )
        answer = calls.perform(world, calls.Request(found, call, body, context))
        self._keep(world, found, seen, fates)
        if fault is None:
            return answer
        self._spend(fault, seen)
        return await _shown(fault, request, answer)

    def _authenticate(self, request: web.Request) -> str:
        """Return the thumbprint of the caller's certificate. Raise 403 when it is not a manager's."""
        if not self.managers:
            return ""
        certificate = client_certificate(request)
        caller = "" if certificate is None else thumbprint(certificate)
        if caller not in self.managers:
            raise unauthenticated()
        return caller

    def _keep(self, world: World, found: Route, seen: Seen, fates: list[Fault]) -> None:
        """Note what a call has changed, and begin to fetch the package it names."""
        operation = world.subscription.operations.get(seen.request_id)
        if operation is None:
            return
        seen.operation_id, seen.deployment = operation.request_id, operation.deployment
        if found.facts.asynchronous:
            for fault in fates:
                self._spend(fault, seen)
        self.save()
        self._fetch(world, operation.request_id)

    def _spend(self, fault: Fault, seen: Seen) -> None:
        self.faults.spend(fault)
        seen.fault = fault.kind if seen.fault is None else f"{seen.fault},{fault.kind}"

    def _fetch(self, world: World, request_id: str) -> None:
        """Begin to fetch the package of an operation that waits for one."""
        wanted = world.subscription.operations[request_id].package
        if wanted is not None:
            task = asyncio.create_task(self._fetched(world, request_id, wanted.url))
            self.fetching[request_id] = task
            task.add_done_callback(lambda _: self.fetching.pop(request_id, None))

    async def _fetched(self, world: World, request_id: str, url: str) -> None:
        if self.session is None:
            raise RuntimeError("the simulator was not started")
        try:
            found = await package.fetch(self.session, url)
        except package.PackageUnavailable as error:
            log.write(f"{self.now():%H:%M:%S} operation={request_id} {error}")
            operations.package_missing(world, request_id, str(error), self.now())
        else:
            log.write(f"{self.now():%H:%M:%S} operation={request_id} fetched {found.location}, {found.size} bytes")
            operations.package_fetched(world, request_id, found, self.now())
        self.save()


def client_certificate(request: web.Request) -> bytes | None:
    """Return the DER of the certificate a caller has shown."""
    connection = None if request.transport is None else request.transport.get_extra_info("ssl_object")
    return connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLObject) else None


def _fate(fates: list[Fault]) -> Fate:
    fate = NO_FATE
    for fault in fates:
        fate = fault.fate(fate)
    return fate


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise bad_request(f"The body is larger than {MAX_BODY_BYTES} bytes.") from error


async def _shown(fault: Fault, request: web.Request, answer: Answer) -> Answer:
    """Say how a call is answered under a fault; `answer` is what it would have been."""
    failure = fault.failure()
    if failure is not None:
        return calls.refused(failure)
    match fault.kind:
        case FaultKind.REDIRECT:
            return Answer(307, wire_out.REDIRECTED, _elsewhere(request))
        case FaultKind.HTML:
            return HTML_PAGE
        case FaultKind.GARBAGE:
            return GARBAGE
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            return answer
        case _:
            return NO_ANSWER


def _elsewhere(request: web.Request) -> str:
    """Return the same address under the other name of this machine."""
    host, _, port = request.host.partition(":")
    other = "127.0.0.1" if host == "localhost" else "localhost"
    return f"{request.scheme}://{other}{':' if port else ''}{port}{request.rel_url.raw_path_qs}"


def _response(answer: Answer, request_id: str) -> web.Response:
    headers = {"Server": SERVER, "Cache-Control": "no-cache"}
    if answer.status != 307:  # recorded: a redirect has neither
        headers |= {
            "x-ms-servedbyregion": REGION,
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "x-ms-request-id": request_id,
        }
    if answer.location is not None:
        headers["Location"] = answer.location
    if answer.body:
        headers["Content-Type"] = "text/html; charset=utf-8" if answer is HTML_PAGE else XML
    return web.Response(status=answer.status or 500, body=answer.body, headers=headers)


async def drop_type_of_nothing(_: web.Request, response: web.StreamResponse) -> None:
    """Take away the content type that the web framework gives to empty answers; the service gives none."""
    if isinstance(response, web.Response) and not response.body:
        response.headers.popall("Content-Type", None)
