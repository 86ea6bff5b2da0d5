"""The ledger in a real table: insert if absent, compare and set, find what is unfinished."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from handlers.audit import Record, What, breaks
from handlers.errors import LedgerConflict, Unavailable
from handlers.ledger import State, Telling, announce, end, open_entry, postpone, told
from handlers.model import (
    Actor,
    Check,
    DeleteStep,
    DeploymentRequest,
    Outcome,
    Release,
    Result,
    Source,
    release_request,
)
from handlers.policy.standing import Standing, member_of
from handlers.policy.strangers import Stranger
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import POISON, TableLedger
from local.azurite import Azurite
from tests.conftest import Names

pytestmark = pytest.mark.azurite
ROOT = Path(__file__).resolve().parents[2]
RACERS = 6
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def request(number: int = 1) -> DeploymentRequest:
    """Return the request for a release."""
    release = Release(
        repository="contoso/web", repository_id=7, id=number, tag="v1", prerelease=False, url="https://example.com"
    )
    actor = Actor(source=Source.GITHUB, id="1", name="mona")
    return release_request(release, "production", actor, "guid", NOW)


@pytest.fixture
def table(azurite: Azurite, names: Names) -> TableClient:
    """Return a table of this test's own, which is not there yet."""
    service: TableServiceClient = StorageAccount(azurite.connection_string).tables()
    return service.get_table_client(names.table("ledger"))


def test_the_second_of_two_inserts_gets_the_first_ones_row(table: TableClient) -> None:
    """Also where the table has to be made first."""
    ledger = TableLedger(table)
    first = ledger.open(open_entry(request(), NOW))
    later = ledger.open(open_entry(request(), NOW + timedelta(minutes=1)))
    assert later == first
    assert later.row.opened_at == NOW


def test_a_row_that_somebody_changed_is_not_replaced(table: TableClient) -> None:
    """Compare and set by ETag."""
    ledger = TableLedger(table)
    stored = ledger.open(open_entry(request(), NOW))
    changed = ledger.replace(stored, postpone(stored.row, NOW, timedelta(seconds=5), "busy"))
    with pytest.raises(LedgerConflict):
        ledger.replace(stored, stored.row)
    assert ledger.get(stored.row.key) == changed


def test_a_row_that_is_not_there_is_none(table: TableClient) -> None:
    """Neither the row nor the table."""
    assert TableLedger(table).get(Check(environment="production", request=request().id)) is None


def test_a_row_and_the_standing_change_together_or_not_at_all(table: TableClient) -> None:
    """One transaction: whoever comes second finds both as they were."""
    ledger = TableLedger(table)
    stored, standing = ledger.open(open_entry(request(), NOW)), ledger.standing("production")
    begun = announce(stored.row, NOW, DeleteStep(name="old"), timedelta(seconds=5))
    held = standing.row.held_by(member_of(request()))
    written = ledger.replace_both(stored, begun, standing, held)
    assert ledger.get(stored.row.key) == written
    assert ledger.standing("production").row == held
    fresh = ledger.standing("production")
    again = announce(written.row, NOW + timedelta(minutes=1), DeleteStep(name="old"), timedelta(seconds=5))
    with pytest.raises(LedgerConflict):
        ledger.replace_both(stored, again, fresh, Standing())
    with pytest.raises(LedgerConflict):
        ledger.replace_both(written, again, standing, Standing())
    assert ledger.get(stored.row.key) == written
    assert ledger.standing("production") == fresh


def test_the_standing_is_no_request(table: TableClient) -> None:
    """Neither the sweep nor the history sees it."""
    ledger = TableLedger(table)
    ledger.standing("production")
    assert list(ledger.unfinished()) == []
    assert ledger.history("production", 10) == []


@pytest.mark.parametrize("what", ["turn", "lock"])
def test_one_of_many_processes_wins(what: str, table: TableClient, azurite: Azurite) -> None:
    """They all look at the same standing, and all write at the same moment. The audit trail stays whole."""
    ledger = TableLedger(table)
    ledger.standing("production")
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.stores.racer", what, table.table_name, str(number)],
            cwd=ROOT,
            env={**os.environ, "RACE_STORAGE": azurite.connection_string},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(RACERS)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    words = [racer.communicate(timeout=30)[0].split() for racer in racers]
    winners = [said[1] for said in words if said[0] == "won"]
    assert len(winners) == 1
    assert {said[0] for said in words} == {"won", "lost"}
    standing = ledger.standing("production").row
    won = standing.lock.id if standing.lock else standing.holder.request if standing.holder else None
    assert won == winners[0]
    assert broken(ledger) == []
    trail = records(ledger)
    assert [one.what for one in trail].count(What.ACCEPTED) == RACERS
    assert len(trail) == RACERS + 1


def test_a_change_stands_in_the_audit_trail(table: TableClient) -> None:
    """In the same transaction; what changes nothing does not."""
    ledger = TableLedger(table)
    stored = ledger.open(open_entry(request(), NOW))
    stored = ledger.replace(stored, postpone(stored.row, NOW, timedelta(seconds=5), "busy"))
    outcome = Outcome(result=Result.FAILURE, code="PackageNotFound", message="No package.", ended_at=NOW)
    ledger.replace(stored, end(stored.row, outcome))
    with pytest.raises(LedgerConflict):
        ledger.replace(stored, end(stored.row, outcome))
    assert [(one.what, one.rule) for one in records(ledger)] == [
        (What.ACCEPTED, None),
        (What.ENDED, "PackageNotFound"),
    ]
    assert broken(ledger) == []
    assert ledger.history("production", 10)[0].outcome == outcome


def test_what_changes_no_row_is_noted_once(table: TableClient) -> None:
    """Also as the first of all rows; and nothing else takes it for a request."""
    ledger = TableLedger(table)
    actor = Actor(source=Source.SLACK, id="U9", name="eve")
    refused = Record(at=NOW, environment="production", what=What.REFUSED, actor=actor, rule="not_allowed")
    for key in ("one", "one", "two"):
        ledger.note(key, refused)
    assert records(ledger) == [refused, refused]
    assert broken(ledger) == []
    assert (list(ledger.unfinished()), ledger.history("production", 10)) == ([], [])


def test_a_row_of_the_audit_trail_that_somebody_changed_is_found(table: TableClient) -> None:
    """Or deleted."""
    ledger = TableLedger(table)
    for number in (1, 2, 3):
        ledger.open(open_entry(request(number), NOW))
    entity = table.get_entity("production", "~audit0000000002")
    table.update_entity({**entity, "body": entity["body"].replace("mona", "hubot")})
    assert broken(ledger) == ["row 2 was changed"]
    table.delete_entity("production", "~audit0000000002")
    assert broken(ledger) == ["row 2 is missing"]
    table.delete_entity("production", "~audit0000000003")
    assert broken(ledger) == ["the chain ends with row 1, not with row 3 as its end says"]


@pytest.mark.parametrize(
    ("row", "columns", "said"),
    [
        pytest.param("~audit0000000002", {"body": "{", "hash": "x"}, "row 2 was changed and cannot be read", id="cut"),
        pytest.param("~audit0000000002", {}, "row 2 was changed and cannot be read", id="emptied"),
        pytest.param("~audit0000000009", {"body": "{}"}, "row 4 was changed and cannot be read", id="put in"),
        pytest.param("~auditend", {"body": ""}, "what says where the chain ends was changed and cannot be read"),
    ],
)
def test_what_cannot_be_read_is_found_too(table: TableClient, row: str, columns: dict[str, str], said: str) -> None:
    """And the rest is read."""
    ledger = TableLedger(table)
    for number in (1, 2, 3):
        ledger.open(open_entry(request(number), NOW))
    table.upsert_entity({"PartitionKey": "production", "RowKey": row, **columns}, mode=UpdateMode.REPLACE)
    assert said in broken(ledger)
    assert len(records(ledger)) == (2 if row.endswith("2") else 3)


def records(ledger: TableLedger) -> list[Record]:
    """Return what can be read of the trail."""
    return [link.record for link, _ in ledger.audit("production")[0] if link is not None]


def broken(ledger: TableLedger) -> list[str]:
    """Verify the chain."""
    rows, head = ledger.audit("production")
    return list(breaks([link for link, _ in rows], [written for _, written in rows], head))


def test_what_is_told_is_not_unfinished(table: TableClient) -> None:
    """The sweep reads the others alone, each with an ETag that can be used."""
    ledger = TableLedger(table)
    assert list(ledger.unfinished()) == []
    for number in range(3):
        ledger.open(open_entry(request(number), NOW))
    first = ledger.open(open_entry(request(0), NOW))
    done = end(first.row, Outcome(result=Result.SUCCESS, message="It runs.", ended_at=NOW))
    ledger.replace(first, told(done, NOW))
    left = list(ledger.unfinished())
    assert {stored.row.request.id for stored in left} == {request(1).id, request(2).id}
    ledger.replace(left[0], postpone(left[0].row, NOW, timedelta(seconds=5), "busy"))


def test_what_a_sink_was_told_is_a_row_of_its_own(table: TableClient) -> None:
    """Changing it leaves the request's row alone."""
    ledger = TableLedger(table)
    stored = ledger.open(open_entry(request(), NOW))
    telling = ledger.telling(stored.row.key, Telling(sink="github", not_before=NOW))
    ledger.replace_telling(stored.row.key, telling, telling.row.model_copy(update={"references": {"deployment": "5"}}))
    assert ledger.telling(stored.row.key, Telling(sink="github", not_before=NOW)).row.references == {"deployment": "5"}
    assert ledger.get(stored.row.key) == stored


def test_a_kept_poison_is_readable_in_a_table_browser(table: TableClient) -> None:
    """Text, reason and time; the same text twice is one row, and a long one is cut to what a table takes."""
    ledger = TableLedger(table)
    for _ in range(2):
        ledger.keep_poison("x" * 65_000, "queue requests: not a message of ours", NOW)
    (row,) = table.query_entities(f"PartitionKey eq '{POISON}'")
    assert row["reason"] == "queue requests: not a message of ours"
    assert len(row["text"]) == 30_000
    assert list(ledger.unfinished()) == []


def test_a_person_sees_the_state_in_a_table_browser(table: TableClient) -> None:
    """What is searched for stands in columns of its own."""
    ledger = TableLedger(table)
    ledger.open(open_entry(request(), NOW))
    (row,) = table.query_entities("state eq 'accepted'")
    assert (row["PartitionKey"], row["RowKey"], row["unfinished"]) == ("production", request().id, True)
    assert State(row["state"]) is State.ACCEPTED


def test_a_storage_account_that_is_away_is_unavailable() -> None:
    """Nobody listens there; no bug, no stack of retries that outlasts a function."""
    nowhere = (
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0;"
        "TableEndpoint=http://127.0.0.1:9/devstoreaccount1;"
    )
    table = StorageAccount(nowhere).tables().get_table_client("ledger")
    with pytest.raises(Unavailable, match="the storage account does not answer"):
        TableLedger(table).get(Check(environment="production", request="d" + "a" * 20))


def test_of_two_who_remember_a_stranger_one_does(table: TableClient) -> None:
    """The first time, and each time after it; in another repository they are somebody else."""
    ledger = TableLedger(table)
    first = Stranger(inquiry="one", answered_at=NOW, asked_at=NOW)
    assert ledger.stranger(7, "3") is None
    ledger.remember_stranger(7, "3", None, first)
    with pytest.raises(LedgerConflict):
        ledger.remember_stranger(7, "3", None, first.model_copy(update={"inquiry": "two"}))
    stored = ledger.stranger(7, "3")
    assert stored is not None
    assert stored.row == first
    later = first.model_copy(update={"inquiry": "three"})
    ledger.remember_stranger(7, "3", stored, later)
    with pytest.raises(LedgerConflict):
        ledger.remember_stranger(7, "3", stored, first)
    found = ledger.stranger(7, "3")
    assert found is not None
    assert found.row == later
    assert ledger.stranger(73, "") is None
    assert ledger.stranger(8, "3") is None
    assert list(ledger.unfinished()) == []
