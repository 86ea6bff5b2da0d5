"""Keeps the parts running until Ctrl-C: addresses, lines to try things by hand, and what happens meanwhile."""

import os
import select
import shlex
import socket
import sys
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from local.demo.page import Mood, Page, Place, Told
from local.demo.people import ALLOW
from local.demo.story import Story
from local.sample_release import assets
from local.stack import Ports, PublishedRelease, Stack

HOST, SIMULATOR, GITHUB = 7071, 8443, 7080
"""The ports where they are free: that of Core Tools, the simulator's own, and one nearby."""

POLL_SCHEDULE = "*/2 * * * * *"
OPERATION_S, INSTANCE_S = 2.0, 4.0
"""Seconds. Our choice: slow enough to be watched."""

LOOK_S = 0.1
"""Seconds between two looks at the parts. Our choice."""

SENT = ("Content-Type", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256")
"""The headers of a delivery that matter to the app."""


def serve(page: Page) -> None:
    """Serve until somebody ends it. Raises Missing, PartFailed, ChildFailed, AzuriteMissing."""
    page.title("Slipway on this machine, until Ctrl-C")
    stack = Stack(
        {"production": {"allow": ALLOW}},
        operation_seconds=OPERATION_S,
        instance_seconds=INSTANCE_S,
        poll_schedule=POLL_SCHEDULE,
        chats=True,
        ports=_ports(page),
    )
    with stack:
        versions = (f"v1.{minor}.0" for minor in count())
        story, enter = Story(stack, page), Enter()
        _introduce(page, stack, _publish(story, next(versions)))
        while True:
            story.look()
            if enter.pressed():
                _deliver(story, _publish(story, next(versions)))
            time.sleep(LOOK_S)


def curl_line(url: str, headers: Mapping[str, str], body: Path) -> str:
    """Write the call that sends a signed body, ready to be copied."""
    lines = [f"curl -sS --noproxy '*' -w '\\n' {url}"]
    lines += [f"  -H {shlex.quote(f'{name}: {headers[name]}')}" for name in SENT]
    lines += [f"  --data-binary {shlex.quote(f'@{body}')}"]
    return " \\\n".join(lines)


def say_line(url: str, text: str) -> str:
    """Write the call of this program that lets mona type a command in Slack, ready to be copied."""
    return f"{shlex.quote(_python())} -m local.demo --say {shlex.quote(text)} --to {url}"


def _python() -> str:
    """Return this Python, in a short form where it stands below the current folder."""
    python = Path(sys.executable)
    return str(python.relative_to(Path.cwd())) if python.is_relative_to(Path.cwd()) else str(python)


class Enter:
    """Somebody who presses Enter. Never waits, and reads nothing while this program is in the background."""

    def __init__(self) -> None:
        self._open = sys.stdin is not None and not sys.stdin.closed

    def pressed(self) -> bool:
        """Say whether a line came since the last time. The end of the input is nobody's Enter."""
        if not self._open or not _in_foreground() or not select.select([sys.stdin], [], [], 0)[0]:
            return False
        typed = os.read(sys.stdin.fileno(), 4096)
        self._open = bool(typed)
        return b"\n" in typed


def _in_foreground() -> bool:
    return not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


def _introduce(page: Page, stack: Stack, release: PublishedRelease) -> None:
    """Say where everything is, and how to begin."""
    rows = (
        ("the app", stack.host.hook),
        ("its log", stack.host.log),
        ("its settings", stack.folder / "local.settings.json"),
        ("GitHub", release.url),
        ("Slack", f"{stack.chat.url}/_slack/messages"),
        ("Azure", f"{stack.simulator.url}/_simulator/state"),
        ("certificates", stack.simulator.folder),
        ("storage", stack.azurite.queue_endpoint),
        ("environments", stack.folder / "environments.toml"),
    )
    page.say()
    for name, value in rows:
        page.say(f"  {name:<13} {value}")
    page.say()
    page.say(stack.environments.rstrip(), Mood.QUIET)
    page.chapter(f"{release.repository} {release.tag} is published. Deliver it, from another terminal:")
    headers, body = stack.github.sign(release, stack.secret)
    file = stack.folder / f"{release.tag}.json"
    file.write_bytes(body)
    page.say()
    page.say(curl_line(stack.host.hook, headers, file))
    page.say()
    page.say("A second time it is the same request: the same id, and nothing happens twice.")
    page.say()
    page.say("Let mona type in Slack; each call signs anew, for a signature counts for five minutes:")
    page.say()
    page.say(say_line(stack.host.url, "status"))
    page.say()
    page.say("Enter publishes and delivers the next release. Ctrl-C ends everything.")


def _publish(story: Story, version: str) -> PublishedRelease:
    given = assets(version)
    story.words.learn(version, given)
    return story.stack.github.publish(version, given)


def _deliver(story: Story, release: PublishedRelease) -> None:
    """Let GitHub deliver; the answer is seen in the app's log."""
    story.page.tell(Told(Place.GITHUB, f"{release.repository} {release.tag} is published and delivered"))
    delivery = story.stack.deliver(release)
    if not delivery.status:
        story.page.tell(Told(Place.GITHUB, f"nobody answers: {delivery.answer.text}", mood=Mood.BAD))


def _ports(page: Page) -> Ports:
    """Choose the usual ports, others where somebody has them."""
    chosen = {}
    for name, number in (("host", HOST), ("simulator", SIMULATOR), ("github", GITHUB)):
        free = _is_free(number)
        chosen[name] = number if free else 0
        if not free:
            page.say(f"Port {number} is taken: the {name} gets another one.", Mood.QUIET)
    return Ports(**chosen)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
