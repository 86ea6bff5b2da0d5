"""One of many processes that want the same environment at the same moment.

`python -m tests.stores.racer TABLE NUMBER` writes `ready`, waits for a line, and writes `won ID` or `lost ID`.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from handlers.errors import LedgerConflict
from handlers.ledger import open_entry, postpone
from handlers.model import Actor, Release, Source, release_request
from handlers.policy.standing import member_of
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def main(table: str, number: int) -> None:
    """Race once."""
    service = StorageAccount(os.environ["RACE_STORAGE"]).tables()
    ledger = TableLedger(service.get_table_client(table))
    release = Release(
        repository="contoso/web", repository_id=7, id=number, tag="v1", prerelease=False, url="https://example.com"
    )
    request = release_request(release, "production", Actor(source=Source.GITHUB, id="1", name="mona"), "guid", NOW)
    stored, standing = ledger.open(open_entry(request, NOW)), ledger.standing("production")
    begun = postpone(stored.row, NOW, timedelta(seconds=5), "busy")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        ledger.replace_both(stored, begun, standing, standing.row.held_by(member_of(request)))
    except LedgerConflict:
        sys.stdout.write(f"lost {request.id}\n")
    else:
        sys.stdout.write(f"won {request.id}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
