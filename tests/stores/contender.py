"""One of many processes that work on one environment at the same moment, each as a host of its own would.

`python -m tests.stores.contender approve|push|comment TABLE NUMBER` writes `ready`, waits for a line that says when all
began (seconds since 1970), and works until nothing is left for it; a pusher writes `waits` once it is in the line. The
last line is JSON: `took`, the steps that it got Azure to take, and `said`, what its person was told.

The ledger is a real table, the rest are the fakes of the flows. All clocks are one: the machine's, PACE times as fast
since they began.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from handlers.answer import answer
from handlers.environments import Environment, Strategy
from handlers.ledger import Entry, State
from handlers.model import (
    Actor,
    Check,
    Commit,
    DeploymentRequest,
    GitHubPlace,
    Inquiry,
    RunCommit,
    SlackPlace,
    Source,
    derive_id,
)
from handlers.ports import Ports
from handlers.queueing.texts import alone
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger
from handlers.submit import submit
from tests.flows.queues import FakeQueue
from tests.flows.world import PRODUCTION, START, World

CONTENDERS = 8
PACE = 10
"""A wait of 30 s takes 3; whoever stalls for 4.5 s between an announcement and its call loses the lease."""

PATIENCE_S = 25.0
PLACE = SlackPlace(team="T1", channel="C1")
APPROVED_BY_TWO = PRODUCTION.model_copy(
    update={
        "strategy": Strategy.CREATE,
        "approvals": 2,
        "allow": {Source.SLACK: tuple(f"U{number}" for number in range(CONTENDERS))},
    }
)
COMMENTED_ON = PRODUCTION.model_copy(update={"comments": True})
PUSHED_TO = PRODUCTION.model_copy(update={"strategy": Strategy.CREATE, "push": "main"})


def pushed(number: int) -> DeploymentRequest:
    """Return the request for a commit; the higher number is the newer one."""
    commit = Commit(
        repository="contoso/web", repository_id=7, sha=f"{number:040x}", branch="main", url="https://example.com"
    )
    return DeploymentRequest(
        id=derive_id("pushed", number),
        environment="production",
        goal=RunCommit(commit=commit),
        actor=Actor(source=Source.GITHUB, id="1", name="mona"),
        delivery=f"guid-{number}",
        accepted_at=START + timedelta(milliseconds=number),
    )


def world_on(table: str, environment: Environment) -> World:
    """Return a world whose ledger is a real table."""
    made = World(environment=environment)
    service = StorageAccount(os.environ["RACE_STORAGE"]).tables()
    made.ports = replace(made.ports, ledger=TableLedger(service.get_table_client(table)))
    return made


def work(world: World, began: float, is_over: Callable[[], bool]) -> None:
    """Work on this process's own messages until it is over."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_over() and time.monotonic() < deadline:
        world.clock = START + PACE * timedelta(seconds=time.time() - began)
        for queue, function in ((world.inquiries, answer), (world.requests, submit)):
            _drain(queue, function, world.ports)
        time.sleep(0.02)


def _drain(queue: FakeQueue, function: Callable[[str, Ports], None], ports: Ports) -> None:
    for message in queue.due():
        queue.messages.remove(message)
        function(message.text, ports)


def say(word: str) -> None:
    """Write a line to whoever watches."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def comment(table: str, number: int) -> None:
    """Answer one of the comments that somebody without any right has written at the same moment."""
    world = world_on(table, COMMENTED_ON)
    place = GitHubPlace(repository="contoso/web", repository_id=7, number=number, comment=number, commented_at=START)
    actor = Actor(source=Source.GITHUB, id="3", name="eve")
    name = derive_id("comment", number)
    inquiry = Inquiry(id=name, text="status production", actor=actor, place=place, asked_at=START)
    say("ready")
    began = float(sys.stdin.readline())
    world.inquiries.put(inquiry.model_dump_json())
    work(world, began, lambda: not world.inquiries.messages)
    say(json.dumps({"said": world.voice.said}))


def main(what: str, table: str, number: int) -> None:
    """Contend once."""
    world = world_on(table, APPROVED_BY_TWO if what == "approve" else PUSHED_TO)
    request = world.release() if what == "approve" else pushed(number + 1)

    def row() -> Entry | None:
        stored = world.ports.ledger.get(Check(environment="production", request=request.id))
        return stored.row if stored is not None else None

    def is_over() -> bool:
        there = row()
        return there is not None and there.state is not State.ACCEPTED

    def is_told_and_over() -> bool:
        return bool(world.voice.said) and is_over()

    def is_in_the_line() -> bool:
        there = row()
        return there is not None and (there.place is not None or there.ended)

    say("ready")
    began = float(sys.stdin.readline())
    world.requests.put(alone(request))
    if what == "approve":
        actor = Actor(source=Source.SLACK, id=f"U{number}", name=f"approver {number}")
        text, name = f"approve {request.id}", derive_id("approval", number)
        inquiry = Inquiry(id=name, text=text, actor=actor, place=PLACE, asked_at=START)
        world.inquiries.put(inquiry.model_dump_json())
        work(world, began, is_told_and_over)
    else:
        work(world, began, is_in_the_line)
        say("waits")
        work(world, began, is_over)
    took = [operation.step.kind for operation in world.azure.operations]
    say(json.dumps({"took": took, "said": world.voice.said}))


if __name__ == "__main__":
    if sys.argv[1] == "comment":
        comment(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
