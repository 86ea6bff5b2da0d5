"""Many processes at one environment: each approval counts once, the newest push wins, and nobody waits for ever."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

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
from tests.stores.contender import APPROVED_BY_TWO, CONTENDERS, PATIENCE_S, pushed, world_on

pytestmark = pytest.mark.azurite
ROOT = Path(__file__).resolve().parents[2]
Process = subprocess.Popen[str]


@pytest.fixture
def table(azurite: Azurite, names: Names, monkeypatch: pytest.MonkeyPatch) -> TableClient:
    """Return a table of this test's own."""
    monkeypatch.setenv("RACE_STORAGE", azurite.connection_string)
    return StorageAccount(azurite.connection_string).tables().get_table_client(names.table("ledger"))


@contextmanager
def contenders(what: str, table: TableClient) -> Iterator[Sequence[Process]]:
    """Start them all, and let them go at once; end them whatever happens."""
    words = [sys.executable, "-m", "tests.stores.contender", what, table.table_name]
    started = [
        subprocess.Popen(
            [*words, str(number)],
            cwd=ROOT,
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(CONTENDERS)
    ]
    try:
        for process in started:
            expect(process, "ready")
        began = time.time()  # their clock runs fast: it must not run while processes are only starting
        for process in started:
            assert process.stdin is not None
            process.stdin.write(f"{began}\n")
            process.stdin.flush()
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def expect(process: Process, word: str) -> None:
    """Read the line that comes next."""
    assert process.stdout is not None
    assert process.stdout.readline() == f"{word}\n"


def results(processes: Sequence[Process]) -> list[dict[str, Any]]:
    """Wait until each has ended by itself, which it does in time; return what it took and was told."""
    found = []
    for process in processes:
        assert process.stdout is not None
        found.append(json.loads(process.stdout.readline()))
        assert process.wait(timeout=PATIENCE_S) == 0
    return found


def trail(ledger: TableLedger) -> Counter[What]:
    """Count the rows of the audit trail, which is whole."""
    rows, head = ledger.audit("production")
    assert list(breaks([link for link, _ in rows], [written for _, written in rows], head)) == []
    return Counter(link.record.what for link, _ in rows)


def test_two_of_many_approvals_count_and_one_process_begins(table: TableClient) -> None:
    """Everybody hears what became of their word."""
    ledger = TableLedger(table)
    here = world_on(table.table_name, APPROVED_BY_TWO)
    request = here.release()
    submit(alone(request), here.ports)
    with contenders("approve", table) as processes:
        found = results(processes)
    stored = ledger.get(Check(environment="production", request=request.id))
    assert stored is not None
    proposal = stored.row.proposal
    assert proposal is not None
    agreed = {one.actor.name for one in proposal.approvals}
    assert (len(agreed), stored.row.state) == (2, State.WAITING)
    assert [one["took"] for one in found if one["took"]] == [["create"]]
    for number, one in enumerate(found):
        (sentence,) = one["said"]
        assert (f"is approved by approver {number}." in sentence) is (f"approver {number}" in agreed), sentence
    others = {one["said"][0] for one in found if "is approved by" not in one["said"][0]}
    assert others <= {"Enough others have approved it already.", "It does not wait for an approval."}
    written = trail(ledger)
    assert (written[What.APPROVED], written[What.REFUSED]) == (2, CONTENDERS - 2)
    assert (written[What.ANNOUNCED], written[What.CALLED]) == (1, 1)


def test_the_newest_of_many_pushes_runs_and_the_others_end(table: TableClient) -> None:
    """They all came while another request was under way."""
    ledger = TableLedger(table)
    holder = pushed(0)
    stored, standing = ledger.open(open_entry(holder, START)), ledger.standing("production")
    step = CreateStep(slot=Slot.PRODUCTION, name=holder.id, start=True)
    begun = announce(stored.row, START, step, timedelta(seconds=45))
    stored = ledger.replace_both(stored, begun, standing, standing.row.held_by(member_of(holder)))
    operation = Operation(id="0" * 32, submitted_at=START)
    stored = ledger.replace(stored, await_operation(stored.row, START, operation, timedelta(0)))
    with contenders("push", table) as processes:
        for process in processes:
            expect(process, "waits")
        ledger.replace(stored, fail(stored.row, START, "InternalError", "Azure could not."))
        found = results(processes)
    newest = CONTENDERS - 1
    assert [one["took"] for one in found] == [[]] * newest + [["create"]]
    for number in range(CONTENDERS):
        row = ledger.get(Check(environment="production", request=pushed(number + 1).id))
        assert row is not None
        code = row.row.outcome.code if row.row.outcome is not None else row.row.state
        assert code == ("Superseded" if number < newest else State.WAITING)
    written = trail(ledger)
    assert (written[What.ACCEPTED], written[What.ENDED]) == (CONTENDERS + 1, CONTENDERS)


def test_of_many_comments_of_a_stranger_one_is_answered(table: TableClient) -> None:
    """Whichever process has it; and the trail has one row about them all."""
    with contenders("comment", table) as processes:
        found = results(processes)
    said = [sentence for one in found for sentence in one["said"]]
    assert len(said) == 1
    assert said[0].startswith("There is nothing here for your GitHub id 3")
    assert trail(TableLedger(table)) == {What.REFUSED: 1}
