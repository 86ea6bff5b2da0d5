"""`python -m handlers audit`, as a process of its own, on a real table."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.audit import Record, What
from handlers.ledger import open_entry
from handlers.model import Actor, Release, Source, release_request
from handlers.policy import Reason
from handlers.settings import names as setting_names
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger
from local.azurite import running_azurite

pytestmark = pytest.mark.azurite
ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """Give an account of this module's own: the command's table has a fixed name."""
    with running_azurite() as running:
        yield running.connection_string


def audit(
    storage: str, *arguments: str, environments: str = "environments.sample.toml"
) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    clean = {name: value for name, value in os.environ.items() if name not in setting_names()}
    given = {"AzureWebJobsStorage": storage, "SLIPWAY_ENVIRONMENTS": environments}
    return subprocess.run(
        [sys.executable, "-m", "handlers", "audit", *arguments],
        cwd=ROOT,
        env={**clean, **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_trail_is_printed_and_verified(storage: str) -> None:
    """As a table, as JSON, and with exit code 1 once somebody has changed a row."""
    table = StorageAccount(storage).tables().get_table_client("ledger")
    ledger = TableLedger(table)
    release = Release(
        repository="contoso/web", repository_id=7, id=1, tag="v1", prerelease=False, url="https://example.com"
    )
    actor = Actor(source=Source.GITHUB, id="583231", name="mona")
    ledger.open(open_entry(release_request(release, "production", actor, "guid", NOW), NOW))
    printed = audit(storage)
    assert (printed.returncode, printed.stderr) == (0, "1 row, unbroken\n")
    assert "mona (github:583231)" in printed.stdout
    row = json.loads(audit(storage, "--json", "--environment", "production").stdout)
    assert (row["number"], row["record"]["what"], row["record"]["delivery"]) == (1, "accepted", "guid")
    entity = table.get_entity("production", "~audit0000000001")
    table.update_entity({**entity, "body": entity["body"].replace("mona", "hubot")})
    tampered = audit(storage)
    assert (tampered.returncode, tampered.stderr) == (1, "production: row 1 was changed\n")
    table.update_entity({**entity, "body": "{"})
    unread = audit(storage)
    assert (unread.returncode, unread.stderr) == (1, "production: row 1 was changed and cannot be read\n")


def test_a_consent_that_lapsed_is_shown_with_its_reason(storage: str) -> None:
    """And not with the mark of the plan."""
    actor = Actor(source=Source.SLACK, id="U2", name="hubot")
    lapsed = Record(
        at=NOW,
        environment="production",
        what=What.LAPSED,
        actor=actor,
        rule=Reason.APPROVAL_LAPSED,
        plan="e5733368891195c0",
        words="hubot agreed and has lost the right to",
    )
    TableLedger(StorageAccount(storage).tables().get_table_client("ledger")).note("lapsed", lapsed)
    assert "hubot agreed and has lost the right to" in audit(storage).stdout


def test_what_a_terminal_would_obey_is_not_printed(storage: str) -> None:
    """Git allows much in a tag: what steers a terminal, ends a line elsewhere, or turns the direction of text."""
    tag = "v1\x9b2J\u2028\u202e"
    release = Release(repository="contoso/web", repository_id=7, id=2, tag=tag, prerelease=False, url="https://x.y")
    actor = Actor(source=Source.GITHUB, id="583231", name="mona\x9b2J")
    table = StorageAccount(storage).tables().get_table_client("ledger")
    TableLedger(table).open(open_entry(release_request(release, "production", actor, "guid", NOW), NOW))
    for printed in (audit(storage).stdout, audit(storage, "--json").stdout):
        assert "mona2J (" in printed or "mona\\u009b2J" in printed
        assert set(printed) & set(tag) <= set("v12J")


def test_an_unknown_environment_is_named(storage: str) -> None:
    """With the nearest and those that there are; capitals do not matter."""
    done = audit(storage, "--environment", "prod")
    said = "there is no environment 'prod'; did you mean production? There are: production\n"
    assert (done.returncode, done.stderr) == (1, said)
    assert "there is no environment" not in audit(storage, "--environment", "Production").stderr


def test_whoever_has_no_environments_yet_hears_what_to_do(storage: str) -> None:
    """A trail of nothing would look unbroken."""
    done = audit(storage, environments="")
    said = "environments: none; copy environments.sample.toml to environments.toml\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
