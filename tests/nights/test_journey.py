"""A night with real processes, storage, queues, TLS and timers: each way to sleep, let begin and ended by a person."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from handlers.answering.wishing import wish
from handlers.commands import KeepUp, SleepNow
from handlers.connections.ports import connect
from handlers.environments import read_environments
from handlers.model import Actor, Inquiry, SlackPlace, Source, derive_id
from handlers.ports import Ports
from handlers.settings import read_settings
from local.sample_release import assets
from local.stack import Stack
from local.stack.environments import write_environments
from tests.nights.rules import no_file

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]

SECONDS = 40
"""How long one change may take here."""


def now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


def environments(moment: datetime) -> str:
    """Write an environment for each way to sleep, whose next night begins in two hours."""
    rule = (
        f'suspend = "{moment + timedelta(hours=2):%H:%M}", resume = "{moment + timedelta(hours=4):%H:%M}", '
        'zone = "UTC", slots = ["production"], warn_before = 0'
    )
    ways = {"suspend": "", "delete": "", "scale": ", instances = { WebRole = 1 }"}
    text = write_environments(
        {way: {"cloud_service": f"contoso-{way}", "allow": {"slack": ["U1"]}, "suspend_approvals": 0} for way in ways}
    )
    for way, more in ways.items():
        head = f"[environments.{way}]"
        text = text.replace(head, f'{head}\nnight = {{ {rule}, sleep = "{way}"{more} }}')
    return text


def ports_of(stack: Stack) -> Ports:
    """Reach the stack's storage and Azure as the app does."""
    values = json.loads((stack.folder / "local.settings.json").read_text())["Values"]
    return connect(read_settings(values), read_environments(stack.environments, "environments.toml"), now, no_file)


def want(command: KeepUp | SleepNow, ports: Ports) -> str:
    """Let a person say it in a chat."""
    inquiry = Inquiry(
        id=derive_id("test", type(command).__name__, command.environment, now().isoformat()),
        text="as the test says",
        actor=Actor(source=Source.SLACK, id="U1", name="mona"),
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=now(),
    )
    answered = wish(command, inquiry, ports)
    return answered if isinstance(answered, str) else answered.sentence


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    """Look until it holds."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_a_person_lets_each_environment_sleep_and_keeps_it_up_again() -> None:
    """What comes back is what ran before, and nothing is remembered of the night."""
    with Stack(
        environments(now()), operation_seconds=0.2, instance_seconds=0.2, settings={"NIGHT_SCHEDULE": "* * * * * *"}
    ) as stack:
        delivery = stack.deliver(stack.github.publish("v1.0.0", assets("v1.0.0")))
        for environment, request in zip(("suspend", "delete", "scale"), delivery.requests, strict=True):
            stack.wait_for(request, environment=environment)
        ports = ports_of(stack)

        def standing(environment: str) -> str:
            deployed = ports.cloud_service(ports.environments[environment]).situation().production
            if deployed is None:
                return "empty"
            return f"{deployed.version} {deployed.status} {deployed.readiness.total} {not deployed.readiness.waiting}"

        before = {name: standing(name) for name in ports.environments}
        for name in before:
            assert "goes to sleep now" in want(SleepNow(name), ports)
        wait_until("the suspension", lambda: "Suspended" in standing("suspend"))
        wait_until("the deletion", lambda: standing("delete") == "empty")
        wait_until("the scaling", lambda: standing("scale").split()[2] == "1")
        for name in before:
            want(KeepUp(name, timedelta(hours=1)), ports)
        for name, stood in before.items():
            wait_until(f"{name}: {stood}", partial(_is, standing, name, stood))
            wait_until(f"the end of {name}", partial(_is_over, ports, name))


def _is(standing: Callable[[str], str], name: str, stood: str) -> bool:
    return standing(name) == stood


def _is_over(ports: Ports, name: str) -> bool:
    return ports.nights.get(name).row.snapshot is None
