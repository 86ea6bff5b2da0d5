"""The command line, read."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date

from handlers import wiring
from handlers.cli import audit, explain
from handlers.cli.check import of_environments, of_mistakes, of_settings
from handlers.cli.findings import Finding, Mark, written, wrong
from handlers.cli.schedule import Question, schedule
from handlers.environments import Environments
from handlers.errors import SettingsWrong
from handlers.settings import Settings
from handlers.timers.ncrontab import parse_schedule

MOST_DAYS = 3660
"""Ten years. Our choice."""

YEARS = range(1970, 3000)
"""Our choice: there is room for nights before the first day and after the last one."""


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit code: 0, 1 for what was found wrong, 2 for a wrong command."""
    parser = _parser()
    if not arguments:
        parser.print_help(sys.stderr)
        return 2
    given = parser.parse_args(arguments)
    try:
        wiring.adopt_local_settings()
    except SettingsWrong as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given.command in {"audit", "explain"}:
        return audit.run(given) if given.command == "audit" else explain.run(given)
    return _schedule(given) if given.command == "schedule" else _check()


def _schedule(given: argparse.Namespace) -> int:
    question = Question(given.environment, given.first_day, given.days)
    try:
        answer = schedule(question, wiring.environments(), wiring.read_file, wiring.now())
    except SettingsWrong as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(answer.as_json() if given.json else answer.as_table())
    sys.stderr.writelines(f"{complaint}\n" for complaint in answer.complaints)
    return 1 if answer.mistakes or answer.nobody else 0


def _check() -> int:
    findings = list(_findings())
    sys.stdout.write(written(findings))
    found = wrong(findings)
    if not found:
        sys.stdout.write("\nNothing is wrong.\n")
        return 0
    sys.stderr.writelines(f"{one}\n" for one in (f"{len(found)} wrong:", *found))
    return 1


def _findings() -> Iterator[Finding]:
    """Look at everything, as far as one mistake lets the next thing be looked at."""
    settings: Settings | None = None
    environments: Environments = {}
    try:
        settings = wiring.settings()
    except SettingsWrong as error:
        yield from of_mistakes("settings", error)
    else:
        yield from of_settings(settings, wiring.now())
        for mistake in wiring.stops_the_start(settings):
            yield Finding("settings", Mark.WRONG, mistake)
    try:
        environments = wiring.environments()
    except SettingsWrong as error:
        yield from of_mistakes("environments", error)
    else:
        looks = parse_schedule(settings.night_schedule) if settings is not None else None
        yield from of_environments(environments, wiring.read_file, wiring.now(), looks)
    if settings is None:
        yield Finding("services", Mark.NOTE, "not asked before the settings are right")
        return
    from handlers.cli.services import services

    yield from services(settings, environments, wiring.now)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m handlers", description="Slipway on a command line.")
    commands = parser.add_subparsers(dest="command", required=True)
    coming = commands.add_parser(
        "schedule",
        help="print when environments will sleep and wake",
        description="Print when environments will sleep and wake. Needs no storage and no network.",
        epilog="A suspended deployment is charged all the same; only delete and scale save money.",
    )
    coming.add_argument("--environment", help="only this one (default: all)")
    coming.add_argument(
        "--from",
        dest="first_day",
        type=_first_day,
        metavar="DATE",
        help="the first day, from its local midnight (default: today)",
    )
    coming.add_argument("--days", type=_days, default=7, help="how many days (default: 7)")
    coming.add_argument(
        "--json", action="store_true", help="print JSON, one object a line for each evening and morning"
    )
    commands.add_parser(
        "check",
        help="look whether everything is set up",
        description="Validate settings and environments, name each secret's purpose, ask whether each service answers.",
    )
    audit.add_to(commands)
    explain.add_to(commands)
    return parser


def _first_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day.year not in YEARS:
        raise argparse.ArgumentTypeError(f"a date such as 2026-03-27, {YEARS[0]} to {YEARS[-1]} (seen: {text!r})")
    return day


def _days(text: str) -> int:
    days = int(text) if text.isdecimal() and text.isascii() else 0
    if not 1 <= days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_DAYS} (seen: {text!r})")
    return days
