"""Many processes at one environment: each approval counts once, the newest push wins, and nobody waits for ever."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

import pytest
from azure.data.tables import TableClient

from handlers.audit import What, breaks
from handlers.ledger import State, announce, await_operation, open_entry
from handlers.model import Check, CreateStep, Operation, Slot
from handlers.outcomes import fail
from handlers.policy.standing import member_of
from handlers.queueing.texts import alone
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger
from handlers.submit import submit
from local.azurite import Azurite
from tests.conftest import Names
from tests.flows.world import START
from tests.stores.contender import APPROVED_BY_TWO, CONTENDERS, PATIENCE_S, Result, contend, pushed, world_on

pytestmark = pytest.mark.azurite


@dataclass(frozen=True)
class Contender:
    """One of the processes, and what is said with it."""

    process: ForkServerProcess
    connection: Connection

    def expect(self, word: str) -> None:
        """Wait for what it says next. Raises EOFError where it has died."""
        assert self.connection.recv() == word

    def result(self) -> Result:
        """Wait until it has ended by itself, which it does in time."""
        found = self.connection.recv()
        self.process.join(PATIENCE_S)
        assert self.process.exitcode == 0
        assert isinstance(found, Result)
        return found


@pytest.fixture
def table(azurite: Azurite, names: Names) -> TableClient:
    """Return a table of this test's own."""
    return StorageAccount(azurite.connection_string).tables().get_table_client(names.table("ledger"))


@contextmanager
def contenders(what: str, azurite: Azurite, table: TableClient) -> Iterator[Sequence[Contender]]:
    """Start them all, and let them go at once; end them whatever happens.

    They are forks of one process that has imported everything: each by itself would take longer to import than to work.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([contend.__module__])
    started: list[Contender] = []
    try:
        for number in range(CONTENDERS):
            ours, theirs = context.Pipe()
            arguments = (what, azurite.connection_string, table.table_name, number, theirs)
            process = context.Process(target=contend, args=arguments, daemon=True)
            process.start()
            theirs.close()
            started.append(Contender(process, ours))
        for one in started:
            one.expect("ready")
        began = time.time()  # their clock runs fast: it must not run while processes are only starting
        for one in started:
            one.connection.send(began)
        yield started
    finally:
        for one in started:
            one.process.kill()
            one.process.join()
            one.connection.close()


def trail(ledger: TableLedger) -> Counter[What]:
    """Count the rows of the audit trail, which is whole."""
    rows, head = ledger.audit("production")
    assert list(breaks([link for link, _ in rows], [written for _, written in rows], head)) == []
    return Counter(link.record.what for link, _ in rows if link is not None)


def test_two_of_many_approvals_count_and_one_process_begins(azurite: Azurite, table: TableClient) -> None:
    """Everybody hears what became of their word."""
    ledger = TableLedger(table)
    here = world_on(azurite.connection_string, table.table_name, APPROVED_BY_TWO)
    request = here.release()
    submit(alone(request), here.ports)
    with contenders("approve", azurite, table) as started:
        found = [one.result() for one in started]
    stored = ledger.get(Check(environment="production", request=request.id))
    assert stored is not None
    proposal = stored.row.proposal
    assert proposal is not None
    agreed = {one.actor.name for one in proposal.approvals}
    assert (len(agreed), stored.row.state) == (2, State.WAITING)
    assert [one.took for one in found if one.took] == [["create"]]
    for number, one in enumerate(found):
        (sentence,) = one.said
        assert (f"is approved by approver {number}." in sentence) is (f"approver {number}" in agreed), sentence
    others = {one.said[0] for one in found if "is approved by" not in one.said[0]}
    assert others <= {"Enough others have approved it already.", "It is not waiting for an approval."}
    written = trail(ledger)
    assert (written[What.APPROVED], written[What.REFUSED]) == (2, CONTENDERS - 2)
    assert (written[What.ANNOUNCED], written[What.CALLED]) == (1, 1)


def test_the_newest_of_many_pushes_runs_and_the_others_end(azurite: Azurite, table: TableClient) -> None:
    """They all came while another request was under way."""
    ledger = TableLedger(table)
    holder = pushed(0)
    stored, standing = ledger.open(open_entry(holder, START)), ledger.standing("production")
    step = CreateStep(slot=Slot.PRODUCTION, name=holder.id, start=True)
    begun = announce(stored.row, START, step, timedelta(seconds=45))
    stored = ledger.replace_both(stored, begun, standing, standing.row.held_by(member_of(holder)))
    operation = Operation(id="0" * 32, submitted_at=START)
    stored = ledger.replace(stored, await_operation(stored.row, START, operation, timedelta(0)))
    with contenders("push", azurite, table) as started:
        for one in started:
            one.expect("waits")
        ledger.replace(stored, fail(stored.row, START, "InternalError", "Azure could not."))
        found = [one.result() for one in started]
    newest = CONTENDERS - 1
    assert [one.took for one in found] == [[]] * newest + [["create"]]
    for number in range(CONTENDERS):
        row = ledger.get(Check(environment="production", request=pushed(number + 1).id))
        assert row is not None
        code = row.row.outcome.code if row.row.outcome is not None else row.row.state
        assert code == ("Superseded" if number < newest else State.WAITING)
    written = trail(ledger)
    assert (written[What.ACCEPTED], written[What.ENDED]) == (CONTENDERS + 1, CONTENDERS)


def test_of_many_comments_of_a_stranger_one_is_answered(azurite: Azurite, table: TableClient) -> None:
    """Whichever process has it; and the trail has one row about them all."""
    with contenders("comment", azurite, table) as started:
        found = [one.result() for one in started]
    said = [sentence for one in found for sentence in one.said]
    assert len(said) == 1
    assert said[0].startswith("There is nothing here for your GitHub id 3")
    assert trail(TableLedger(table)) == {What.REFUSED: 1}
