"""The command line."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.simulator import faults
from local.simulator.faults import Fault

OPERATION_SECONDS = 2.0
"""Our choice: a demo shows that there is something to wait for. The real service took 30 s and more."""
INSTANCE_SECONDS = 4.0
"""Our choice; real instances took minutes."""
CERTIFICATES = """
Certificates:

    The management certificate is management.pem in the state folder, the authority to trust ca.pem. stranger.pem is of
    the same authority and not of the subscription: 403 AuthenticationFailed, as the real service answers every
    certificate it does not know. With no certificate, or one of another authority (a self-signed one too), the TLS
    handshake fails here and nothing is answered: Python's ssl takes no certificate that it cannot verify.
"""
"""Last words of --help."""
_SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Options:
    """What the simulator was told."""

    port: int
    state: Path
    http: bool
    subscriptions: tuple[str, ...]
    """Empty: the one of the state folder, or a new one."""
    services: tuple[str, ...]
    operation: timedelta
    instance: timedelta
    faults: tuple[Fault, ...]
    clock: Path | None = None
    """The file of a `local.clock`; None for the machine's."""


def read_options(arguments: Sequence[str]) -> Options:
    """Read the command line. Exits with a sentence when it is wrong, like every argparse program."""
    parser = argparse.ArgumentParser(
        prog="python -m local.simulator",
        description="Simulate the classic Azure Service Management API on 127.0.0.1.",
        epilog=(faults.__doc__ or "").split("\n", 2)[2] + CERTIFICATES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=8443, help="TCP port, 0 for a free one (8443)")
    parser.add_argument("--state", type=Path, required=True, help="folder for certificates and state")
    parser.add_argument("--http", action="store_true", help="plain HTTP, no certificates asked for")
    parser.add_argument(
        "--subscription", type=_subscription, action="append", default=[], help="subscription id; may be repeated"
    )
    parser.add_argument(
        "--service", action="append", default=[], help="cloud service to create at the start; may be repeated"
    )
    parser.add_argument(
        "--operation-seconds", type=_seconds, default=OPERATION_SECONDS, help="how long an operation takes (2)"
    )
    parser.add_argument(
        "--instance-seconds", type=_seconds, default=INSTANCE_SECONDS, help="how long an instance boots (4)"
    )
    parser.add_argument("--fault", type=_fault, action="append", default=[], help="see below; may be repeated")
    parser.add_argument("--clock", type=Path, help="file of a clock that can be moved; the machine's without it")
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        state=given.state,
        http=given.http,
        subscriptions=tuple(given.subscription),
        services=tuple(given.service),
        operation=timedelta(seconds=given.operation_seconds),
        instance=timedelta(seconds=given.instance_seconds),
        faults=tuple(given.fault),
        clock=given.clock,
    )


def _subscription(text: str) -> str:
    if not _SUBSCRIPTION.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError("a subscription id is a GUID with dashes")
    return text.lower()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("a port is between 0 and 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("seconds are a number") from error
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("seconds are between 0 and 86400")
    return seconds


def _fault(text: str) -> Fault:
    try:
        return faults.parse_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
