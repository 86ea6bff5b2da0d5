"""`python -m handlers audit`: the audit trail of each environment, printed and verified."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handlers import wiring
from handlers.answering.tables import columns
from handlers.audit import Head, Link, breaks
from handlers.cli.names import NO_ENVIRONMENTS, environment_named
from handlers.errors import SettingsWrong, Unavailable
from handlers.outside_text import one_line

HEAD = ("#", "at (UTC)", "what", "who", "request", "rule", "sha", "operation", "outcome", "words")

SHOWN = 160
"""Our choice: characters of a row's words that the table shows; `--json` has all of them."""


@dataclass(frozen=True)
class Trail:
    """One environment's chain as it was read."""

    environment: str
    rows: Sequence[tuple[Link | None, str]]
    """Each with the hash that stands beside it; None for one that cannot be read."""
    head: Head | None

    @property
    def breaks(self) -> tuple[str, ...]:
        """Every place where the chain is broken."""
        links, hashes = [link for link, _ in self.rows], [written for _, written in self.rows]
        return tuple(f"{self.environment}: {one}" for one in breaks(links, hashes, self.head))

    @property
    def _readable(self) -> Iterator[tuple[Link, str]]:
        return ((link, written) for link, written in self.rows if link is not None)

    def as_json(self) -> str:
        """Write one object a line: the row and its hash. In ASCII: a terminal obeys what some of its words may hold."""
        return "".join(
            json.dumps({**link.model_dump(mode="json"), "hash": written}) + "\n" for link, written in self._readable
        )

    def as_table(self) -> str:
        """Write columns for eyes."""
        if not self.rows:
            return f"{self.environment}: nothing yet\n"
        table = columns([HEAD, *(_row(link) for link, _ in self._readable)])
        return f"{self.environment}\n{table}\n"


def run(given: argparse.Namespace) -> int:
    """Print the trails that are asked for; return 1 where one is broken or could not be read."""
    try:
        trails = list(_read(given.environment))
    except (SettingsWrong, Unavailable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for trail in trails:
        sys.stdout.write(trail.as_json() if given.json else trail.as_table())
    found = [one for trail in trails for one in trail.breaks]
    rows = sum(len(trail.rows) for trail in trails)
    sys.stderr.writelines(f"{one}\n" for one in found or [f"{rows} row{'' if rows == 1 else 's'}, unbroken"])
    return 1 if found else 0


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say how it is called."""
    trail = commands.add_parser(
        "audit",
        help="print and verify the audit trail",
        description="Print who did what, by which rule and with which outcome, and verify that no row was changed.",
    )
    trail.add_argument("--environment", help="only this one (default: all)")
    trail.add_argument("--json", action="store_true", help="print JSON, one object a line for each row")


def _read(environment: str | None) -> Iterator[Trail]:
    from handlers.connections.ports import storage_account
    from handlers.stores.ledger import TableLedger

    known = wiring.environments()
    if not known:
        raise SettingsWrong(f"environments: {NO_ENVIRONMENTS}")
    names = list(known) if environment is None else [environment_named(environment, known)]
    ledger = TableLedger(storage_account(wiring.settings()).tables().get_table_client("ledger"))
    for name in names:
        yield Trail(name, *ledger.audit(name))


def _row(link: Link) -> tuple[str, ...]:
    record = link.record
    who = f"{record.actor.name} ({record.actor.source}:{record.actor.id})" if record.actor is not None else "-"
    # Where a rule decided, its sentence says more than the plan that it was about.
    shown = record.words or record.plan if record.rule is not None else record.plan or record.words
    return (
        str(link.number),
        f"{record.at:%Y-%m-%d %H:%M:%S}",
        record.what,
        who,
        record.request or "-",
        record.rule or "-",
        (record.sha or "-")[:7],
        (record.operation or "-")[:8],
        record.outcome or "-",
        one_line(shown or "", SHOWN),
    )
