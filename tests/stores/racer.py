"""One of many processes that want the same environment at the same moment.

`python -m tests.stores.racer turn|lock TABLE NUMBER` writes `ready`, waits for a line, then `won ID` or `lost ID`.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from handlers.errors import LedgerConflict
from handlers.ledger import announce, open_entry
from handlers.model import Actor, DeleteStep, Release, Source, release_request
from handlers.policy import Lock
from handlers.policy.standing import member_of
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def main(what: str, table: str, number: int) -> None:
    """Race once."""
    service = StorageAccount(os.environ["RACE_STORAGE"]).tables()
    ledger = TableLedger(service.get_table_client(table))
    release = Release(
        repository="contoso/web", repository_id=7, id=number, tag="v1", prerelease=False, url="https://example.com"
    )
    request = release_request(release, "production", Actor(source=Source.GITHUB, id="1", name="mona"), "guid", NOW)
    stored, standing = ledger.open(open_entry(request, NOW)), ledger.standing("production")
    begun = announce(stored.row, NOW, DeleteStep(name="old"), timedelta(seconds=5))
    lock = Lock(id=request.id, owner=request.actor, reason="a race", since=NOW)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        if what == "turn":
            ledger.replace_both(stored, begun, standing, standing.row.held_by(member_of(request)))
        else:
            ledger.replace_standing("production", standing, standing.row.model_copy(update={"lock": lock}))
    except LedgerConflict:
        sys.stdout.write(f"lost {request.id}\n")
    else:
        sys.stdout.write(f"won {request.id}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
