"""What nights remember and keep, in a real table and a real container."""

from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest

from handlers.audit import What
from handlers.errors import LedgerConflict, PackageUnusable
from handlers.ledger import open_entry
from handlers.model import Actor, Source
from handlers.nights.rules import Way
from handlers.nights.state import NightRow, Override, Snapshot
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger
from handlers.stores.nights import StoredNights
from handlers.stores.package_container import PackageContainer
from local.azurite import Azurite
from tests.conftest import Names
from tests.flows.world import World
from tests.nights.rules import no_file

pytestmark = pytest.mark.azurite
WORLD = World()
EARLIER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SNAPSHOT = Snapshot(
    rule="night",
    way=Way.SUSPEND,
    request="d" + "k" * 20,
    deployment="d" + "j" * 20,
    status="Running",
    counts={"Web": 2},
    taken_at=EARLIER,
    wake_at=EARLIER + timedelta(hours=12),
)


def now() -> datetime:
    """Read the machine's clock, as Azurite does."""
    return datetime.now(UTC)


@pytest.fixture
def account(azurite: Azurite) -> StorageAccount:
    """Return the account."""
    return StorageAccount(azurite.connection_string)


@pytest.fixture
def stored(account: StorageAccount, names: Names) -> StoredNights:
    """Return a table and a container of this test's own, which are not there yet."""
    table = account.tables().get_table_client(names.table("ledger"))
    return StoredNights(table, PackageContainer(account.blobs(), now, names.container("packages")), no_file)


def test_an_environment_that_never_slept_has_an_empty_row(stored: StoredNights) -> None:
    """And the first to write it wins."""
    first, second = stored.get("staging"), stored.get("staging")
    assert first.row == NightRow(environment="staging")
    written = stored.replace(first, first.row.model_copy(update={"resumes": 1}))
    assert stored.get("staging") == written
    with pytest.raises(LedgerConflict):
        stored.replace(second, second.row)


def test_a_row_that_somebody_changed_is_not_replaced(stored: StoredNights) -> None:
    """Compare and set by ETag."""
    old = stored.replace(stored.get("staging"), NightRow(environment="staging", resumes=1))
    stored.replace(old, NightRow(environment="staging", resumes=2))
    with pytest.raises(LedgerConflict):
        stored.replace(old, NightRow(environment="staging", resumes=3))


def test_an_override_is_written_with_its_row_of_the_audit_trail(
    stored: StoredNights, account: StorageAccount, names: Names
) -> None:
    """In one transaction: whoever comes second changes neither."""
    ledger = TableLedger(account.tables().get_table_client(names.table("ledger")))
    mona = Actor(source=Source.SLACK, id="U1", name="mona")
    override = Override(id="d" + "k" * 20, by=mona, reason="a demo", since=EARLIER, until=EARLIER + timedelta(hours=1))
    row = NightRow(environment="staging", overrides=(override,))
    first = stored.get("staging")
    again = stored.replace(first, row)
    with pytest.raises(LedgerConflict):
        stored.replace(first, row)
    stored.replace(again, row.model_copy(update={"overrides": (), "resumes": 1}))
    links, _ = ledger.audit("staging")
    assert [(link.record.what, link.record.words) for link, _ in links if link is not None] == [
        (What.OVERRIDDEN, "stays up until 2026-03-02 10:00 UTC: a demo")
    ]


def test_what_sleeps_is_found_whatever_its_environment(
    stored: StoredNights, account: StorageAccount, names: Names
) -> None:
    """Among requests and other rows; nothing where there is no table yet."""
    assert list(stored.asleep()) == []
    TableLedger(account.tables().get_table_client(names.table("ledger"))).open(open_entry(WORLD.release(), now()))
    stored.replace(stored.get("awake"), NightRow(environment="awake"))
    slept = stored.replace(stored.get("staging"), NightRow(environment="staging", snapshot=SNAPSHOT))
    assert list(stored.asleep()) == [slept]


def test_the_ledger_does_not_take_a_night_for_a_request(
    stored: StoredNights, account: StorageAccount, names: Names
) -> None:
    """They share a table."""
    ledger = TableLedger(account.tables().get_table_client(names.table("ledger")))
    stored.replace(stored.get("production"), NightRow(environment="production"))
    entry = ledger.open(open_entry(WORLD.release(), now()))
    assert [one.row for one in ledger.unfinished()] == [entry.row]
    assert list(ledger.history("production", 10)) == [entry.row]


def test_what_is_kept_can_be_read_again_with_its_package(
    stored: StoredNights, account: StorageAccount, names: Names
) -> None:
    """By an address that whoever has it can read."""
    name = stored.keep(b"<ServiceConfiguration/>")
    assert stored.keep(b"<ServiceConfiguration/>") == name
    account.blobs().get_blob_client(names.container("packages"), "abc.cspkg").upload_blob(b"package")
    package = stored.kept("abc.cspkg", name)
    assert (package.configuration, package.blob) == (b"<ServiceConfiguration/>", "abc.cspkg")
    with urlopen(package.url) as answer:  # noqa: S310 - the address is Azurite's
        assert answer.read() == b"package"


@pytest.mark.parametrize("gone", ["package", "configuration"])
def test_what_is_gone_cannot_be_brought_back(stored: StoredNights, gone: str) -> None:
    """And says so."""
    name = stored.keep(b"<ServiceConfiguration/>") if gone == "package" else "gone.cscfg"
    with pytest.raises(PackageUnusable, match="not in container"):
        stored.kept("gone.cspkg", name)
