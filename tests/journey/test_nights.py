"""Nights with real processes on a clock that the tests move. Each environment has nights of its own in the week."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handlers.connections.ports import connect
from handlers.environments import read_environments
from handlers.model import Result, Source
from handlers.nights.state import NightRow
from handlers.settings import read_settings
from local.chat.deliveries import block_action, slash_command
from local.sample_release import assets
from local.stack import PublishedRelease, Stack
from local.stack.chat import MONA, SIGNING_SECRET, SLACK_CHANNEL
from local.stack.environments import Value
from tests.journey.test_chat import eventually_shown
from tests.nights.rules import no_file

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NIGHTS = {
    "staging": "mon",
    "late": "tue",
    "skipped": "wed",
    "early": "wed",
    "down": "thu",
    "busy": "fri",
    "owl": "sat-sun",
}
"""The days on which the nights of each environment begin, by its name."""
UP, DOWN = "Running", "Suspended"
PATIENCE_S = 30.0


def environment(name: str, days: str) -> dict[str, Value]:
    """Return an environment that sleeps from seven to seven. `busy` has releases of its own.

    Slack hears of those whose messages are looked at: it lets a bot write once a second.
    """
    spoken_of = {"notify": {"slack": SLACK_CHANNEL}} if name in {"staging", "late"} else {}
    return {
        **spoken_of,
        "cloud_service": f"contoso-{name}",
        "slot": "staging",
        "repository": "contoso/busy" if name == "busy" else "contoso/web",
        "allow": {"slack": [MONA.id]},
        "night": {"suspend": "19:00", "resume": "07:00", "days": days, "weekend": "", "zone": BERLIN.key},
    }


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start everything on a Monday morning, and let v1.0.0 run everywhere."""
    environments = {name: environment(name, days) for name, days in NIGHTS.items()}
    with Stack(environments, operation_seconds=0.2, instance_seconds=0.2, chats=True, clock=True) as running:
        move(running, "mon 09:00")
        for repository in ("contoso/web", "contoso/busy"):
            deploy(running, publish(running, "v1.0.0", repository))
        yield running


def publish(stack: Stack, tag: str, repository: str) -> PublishedRelease:
    """Publish a release of one instance."""
    return stack.github.publish(tag, assets(tag, instances=1), repository=repository)


def deploy(stack: Stack, release: PublishedRelease) -> None:
    """Let a release reach every environment that wants it."""
    for one in stack.deliver(release).answer.body["requests"]:
        row = stack.wait_for(one["id"], lambda entry: entry.ended, environment=one["environment"])
        assert row.outcome is not None
        assert row.outcome.result is Result.SUCCESS, row.outcome


def move(stack: Stack, to: str) -> None:
    """Move the clock to when the clocks of Berlin show this next: `tue 18:45`, or `07:00` of any day."""
    *day, clock = to.split()
    local = stack.clock.now().astimezone(BERLIN)
    first = local.replace(hour=int(clock[:2]), minute=int(clock[3:]), second=0, microsecond=0)
    coming = [first + timedelta(days=number) for number in range(9)]
    stack.clock.set(next(one for one in coming if one > local and WEEK[one.weekday()] in (day or WEEK)))


def say(stack: Stack, text: str) -> None:
    """Let mona type a command in Slack."""
    at = stack.clock.now().timestamp()
    headers, body = slash_command(SIGNING_SECRET, text, user=MONA, channel=SLACK_CHANNEL, at=at)
    assert stack.host.send(headers, body, source="slack").status == 200


def press(stack: Stack, message: dict[str, Any]) -> None:
    """Let mona press the one button of a message."""
    (button,) = [one for block in message["content"]["blocks"] for one in block.get("elements", ())]
    at = stack.clock.now().timestamp()
    headers, body = block_action(SIGNING_SECRET, button["value"], user=MONA, channel=SLACK_CHANNEL, at=at)
    assert stack.host.send(headers, body, source="slack").status == 200


def status(stack: Stack, name: str) -> str:
    """Return what an environment is in Azure: Running, Suspended, empty."""
    deployment = stack.simulator.slots(f"contoso-{name}").get("Staging")
    return str(deployment["status"]) if deployment is not None else "empty"


def goals(stack: Stack, name: str) -> list[str]:
    """Return what the clock has asked for in an environment, oldest first."""
    rows = reversed(stack.history(name))
    return [row.request.goal.title for row in rows if row.request.actor.source is Source.CLOCK]


def remembered(stack: Stack, name: str) -> NightRow:
    """Read what is remembered of an environment's nights."""
    values = json.loads((stack.folder / "local.settings.json").read_text())["Values"]
    environments = read_environments(stack.environments, "environments.toml")
    return connect(read_settings(values), environments, stack.clock.now, no_file).nights.get(name).row


def eventually(what: str, holds: Callable[[], bool]) -> None:
    """Look until it holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def becomes(stack: Stack, name: str, wanted: str) -> None:
    """Wait until an environment is so, and nothing is under way in it any more."""
    eventually(f"{name} {wanted}", lambda: status(stack, name) == wanted)
    eventually(f"the end of what {name} does", lambda: all(row.ended for row in stack.history(name)))


def stays(stack: Stack, name: str, wanted: str) -> None:
    """Check that a whole tick of the nights' timer changes nothing and asks for nothing."""
    asked, seen = goals(stack, name), ticks(stack)
    eventually("a tick that began after now", lambda: ticks(stack) >= seen + 2)
    assert (status(stack, name), goals(stack, name)) == (wanted, asked)


def ticks(stack: Stack) -> int:
    """Count how often the nights were looked after."""
    return sum("look_after_nights succeeded" in one for one in stack.host.lines())


def test_it_sleeps_from_seven_to_seven_and_says_so(stack: Stack) -> None:
    """Not a minute earlier; what ran before is forgotten once it runs again."""
    move(stack, "mon 18:59")
    stays(stack, "staging", UP)
    move(stack, "19:00")
    becomes(stack, "staging", DOWN)
    eventually_shown(stack.chat.messages, "staging", "is suspended", "✅")
    assert remembered(stack, "staging").snapshot is not None
    move(stack, "06:59")
    stays(stack, "staging", DOWN)
    move(stack, "07:00")
    becomes(stack, "staging", UP)
    eventually_shown(stack.chat.messages, "staging", "runs in staging", "✅")
    eventually("the night is over", lambda: remembered(stack, "staging").snapshot is None)
    assert goals(stack, "staging") == ["suspend", "resume"]


def test_a_late_worker_is_warned_and_keeps_it_up(stack: Stack) -> None:
    """With a button until ten to ten, and then in words until ten."""
    move(stack, "tue 18:44")
    stays(stack, "late", UP)
    move(stack, "18:45")
    warning = eventually_shown(stack.chat.messages, "late goes to sleep at 19:00", "Keep it up for 3 hours")
    move(stack, "18:50")
    press(stack, warning)
    eventually_shown(stack.chat.messages, "late stays up until Tue", "21:50")
    move(stack, "19:00")
    stays(stack, "late", UP)
    say(stack, "keep late up until 22:00 because the demo is tomorrow")
    eventually_shown(stack.chat.messages, "late stays up until Tue", "22:00")
    move(stack, "21:59")
    stays(stack, "late", UP)
    move(stack, "22:00")
    becomes(stack, "late", DOWN)


def test_a_night_that_is_skipped_does_not_begin(stack: Stack) -> None:
    """Neither at seven nor as late as a night may begin."""
    move(stack, "wed 18:50")
    say(stack, "skip tonight skipped")
    eventually_shown(stack.chat.messages, "skipped stays up", "is skipped")
    for clock in ("19:00", "21:00", "07:00"):
        move(stack, clock)
        stays(stack, "skipped", UP)
    assert goals(stack, "skipped") == []


def test_sleep_now_begins_the_next_night_at_once(stack: Stack) -> None:
    """It ends on its own morning."""
    move(stack, "wed 15:00")
    say(stack, "sleep early now")
    becomes(stack, "early", DOWN)
    move(stack, "thu 07:00")
    becomes(stack, "early", UP)
    assert goals(stack, "early")[-2:] == ["suspend", "resume"]


def test_a_host_that_was_down_over_the_morning_resumes_at_once(stack: Stack) -> None:
    """Two hours late, and once."""
    move(stack, "thu 19:00")
    becomes(stack, "down", DOWN)
    stack.host.kill()
    move(stack, "fri 09:00")
    stack.host.start()
    becomes(stack, "down", UP)
    stays(stack, "down", UP)
    assert goals(stack, "down") == ["suspend", "resume"]
    changes = stack.simulator.operations("update-deployment-status")
    assert len([one for one in changes if one["service"] == "contoso-down"]) == 2


def test_a_deployment_that_is_under_way_at_seven_is_finished_first(stack: Stack) -> None:
    """Also while its slot is empty: the answer to the removal of what ran before is held back until after seven."""
    move(stack, "fri 18:59")
    stack.clock.advance(timedelta(seconds=20))
    stack.simulator.fault("slow", operation="delete-deployment", seconds=4)
    delivery = stack.deliver(publish(stack, "v1.1.0", "contoso/busy"))
    eventually("the slot is empty", lambda: status(stack, "busy") == "empty")
    move(stack, "19:00")
    eventually("the night waits", lambda: any("night.waits environment=busy" in one for one in stack.host.lines()))
    row = stack.wait_for(delivery.requests[0], environment="busy")
    assert row.outcome is not None
    assert row.outcome.result is Result.SUCCESS, row.outcome
    becomes(stack, "busy", DOWN)
    properties = stack.simulator.slots("contoso-busy")["Staging"]["extended_properties"]
    assert properties["SlipwayVersion"] == "v1.1.0"
    move(stack, "07:00")
    becomes(stack, "busy", UP)


def test_what_somebody_resumes_in_the_night_stays_up_until_the_next_evening(stack: Stack) -> None:
    """The morning has nothing to do."""
    move(stack, "sat 19:00")
    becomes(stack, "owl", DOWN)
    move(stack, "20:30")
    say(stack, "resume owl")
    becomes(stack, "owl", UP)
    for clock in ("07:00", "18:59"):
        move(stack, clock)
        stays(stack, "owl", UP)
    assert goals(stack, "owl") == ["suspend"]
    move(stack, "sun 19:00")
    becomes(stack, "owl", DOWN)
