"""One of many processes that work on one environment at the same moment, each as a host of its own would.

It sends `ready`, waits until it hears when all began (seconds since 1970), and works until nothing is left for it; a
pusher sends `waits` once it is in the line. The last thing that it sends is its `Result`.

The ledger is a real table, the rest are the fakes of the flows. All clocks are one: the machine's, PACE times as fast
since they began.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection

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


@dataclass(frozen=True)
class Result:
    """What came of one process's work."""

    took: Sequence[str]
    """The steps that it got Azure to take."""
    said: Sequence[str]
    """What its person was told."""


def world_on(storage: str, table: str, environment: Environment) -> World:
    """Return a world whose ledger is a real table."""
    made = World(environment=environment)
    service = StorageAccount(storage).tables()
    made.ports = replace(made.ports, ledger=TableLedger(service.get_table_client(table)))
    return made


def work(world: World, began: float, is_over: Callable[[], bool]) -> None:
    """Work on this process's own messages until it is over, as is asked after each look that found any."""
    deadline = time.monotonic() + PATIENCE_S
    worked = True
    while not (worked and is_over()) and time.monotonic() < deadline:
        world.clock = START + PACE * timedelta(seconds=time.time() - began)
        worked = False
        for queue, function in ((world.inquiries, answer), (world.requests, submit)):
            worked = _drain(queue, function, world.ports) or worked
        time.sleep(0.02)


def _drain(queue: FakeQueue, function: Callable[[str, Ports], None], ports: Ports) -> bool:
    """Work on what is due; return whether anything was."""
    due = queue.due()
    for message in due:
        queue.messages.remove(message)
        function(message.text, ports)
    return bool(due)


def contend(what: str, storage: str, table: str, number: int, test: Connection) -> None:
    """Contend once. `what` is `approve`, `push` or `comment`."""
    if what == "comment":
        comment(world_on(storage, table, COMMENTED_ON), number, test)
    else:
        change(what, world_on(storage, table, APPROVED_BY_TWO if what == "approve" else PUSHED_TO), number, test)


def comment(world: World, number: int, test: Connection) -> None:
    """Answer one of the comments that somebody without any right has written at the same moment."""
    place = GitHubPlace(repository="contoso/web", repository_id=7, number=number, comment=number, commented_at=START)
    actor = Actor(source=Source.GITHUB, id="3", name="eve")
    name = derive_id("comment", number)
    inquiry = Inquiry(id=name, text="status production", actor=actor, place=place, asked_at=START)
    test.send("ready")
    began = test.recv()
    world.inquiries.put(inquiry.model_dump_json())
    work(world, began, lambda: not world.inquiries.messages)
    test.send(Result((), world.voice.said))


def change(what: str, world: World, number: int, test: Connection) -> None:
    """Agree to a release, or bring a commit that was pushed."""
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

    test.send("ready")
    began = test.recv()
    world.requests.put(alone(request))
    if what == "approve":
        actor = Actor(source=Source.SLACK, id=f"U{number}", name=f"approver {number}")
        text, name = f"approve {request.id}", derive_id("approval", number)
        inquiry = Inquiry(id=name, text=text, actor=actor, place=PLACE, asked_at=START)
        world.inquiries.put(inquiry.model_dump_json())
        work(world, began, is_told_and_over)
    else:
        work(world, began, is_in_the_line)
        test.send("waits")
        work(world, began, is_over)
    test.send(Result([operation.step.kind for operation in world.azure.operations], world.voice.said))
