"""`python -m handlers schedule`, as a person calls it."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import pytest

from handlers.cli.arguments import run
from handlers.cli.schedule import Question, schedule
from handlers.environments import Environments, read_environments
from handlers.settings import names
from tests.nights.rules import environment, no_file

ROOT = Path(__file__).resolve().parents[2]
BERLIN = 'night = { suspend = "19:00", resume = "07:00", days = "mon-fri", zone = "Europe/Berlin" }'


def file(tmp_path: Path, **nights: str) -> Path:
    """Write a file of environments with these nights."""
    tables = [
        f"""[environments.{name}]
subscription = "00000000-0000-0000-0000-000000000000"
cloud_service = "contoso-web"
slot = "staging"
repository = "contoso/web"
{night}
"""
        for name, night in nights.items()
    ]
    path = tmp_path / "environments.toml"
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def environments(path: Path) -> Environments:
    """Read such a file."""
    return read_environments(path.read_text(encoding="utf-8"), path.name)


def ask(path: Path, *arguments: str, stdout: int | IO[str] = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Run the command with no setting but the file."""
    clean = {name: value for name, value in os.environ.items() if name not in names()}
    return subprocess.run(
        [sys.executable, "-m", "handlers", "schedule", *arguments],
        cwd=ROOT,
        env={**clean, "SLIPWAY_ENVIRONMENTS": str(path), "TZ": "America/New_York"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


WEEK = ("--environment", "staging", "--from", "2026-03-27", "--days", "7")


def test_a_week_with_a_change_of_clocks_is_one_object_a_line(tmp_path: Path) -> None:
    """From the local midnight of the first day, whatever the machine's own zone."""
    done = ask(file(tmp_path, staging=BERLIN, other=BERLIN), *WEEK, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["action"], line["at"], line["local"]) for line in lines[:4]] == [
        ("resume", "2026-03-27T06:00:00Z", "2026-03-27T07:00:00+01:00"),
        ("suspend", "2026-03-27T18:00:00Z", "2026-03-27T19:00:00+01:00"),
        ("resume", "2026-03-30T05:00:00Z", "2026-03-30T07:00:00+02:00"),
        ("suspend", "2026-03-30T17:00:00Z", "2026-03-30T19:00:00+02:00"),
    ]
    assert len(lines) == 10
    assert {tuple(line) for line in lines} == {("environment", "action", "at", "local", "rule")}
    assert lines[0]["environment"] == "staging"
    assert lines[0]["rule"] == "night: mon-fri 19:00 to 07:00 Europe/Berlin"


@pytest.mark.parametrize("typed", ["Staging", "STAGING", " staging"])
def test_an_environment_is_found_however_its_name_is_typed(tmp_path: Path, typed: str) -> None:
    """As in a chat, where capitals do not matter."""
    path = file(tmp_path, staging=BERLIN, other=BERLIN)
    found = schedule(Question(typed), environments(path), no_file, datetime(2026, 3, 27, tzinfo=UTC)).transitions
    assert {name for name, _ in found} == {"staging"}


def test_the_table_says_the_same(tmp_path: Path) -> None:
    """UTC and local time, and the rule by its name, in 80 columns; what it says stands below."""
    done = ask(file(tmp_path, staging=BERLIN), *WEEK)
    head, _, second = done.stdout.splitlines()[:3]
    assert head.split() == ["environment", "action", "UTC", "local", "rule"]
    assert "suspend  2026-03-27 18:00Z  Fri 2026-03-27 19:00 CET   night" in second
    assert done.stdout.splitlines()[-2:] == ["", "staging, night: mon-fri 19:00 to 07:00 Europe/Berlin"]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_resume_that_past_ones_decide_says_that_its_time_is_the_default(tmp_path: Path) -> None:
    """In its row and in its object, in the same five fields; what decides in truth is said beside them."""
    rule = BERLIN.replace("resume", "ready_by")
    path = file(tmp_path, staging=rule)
    done = ask(path, *WEEK, "--json")
    resume, suspend = (json.loads(line) for line in done.stdout.splitlines()[:2])
    assert tuple(resume) == ("environment", "action", "at", "local", "rule")
    assert resume["at"] == "2026-03-27T05:45:00Z"
    assert resume["rule"] == "night: mon-fri 19:00 to ready by 07:00 Europe/Berlin (lead 15 min, the default)"
    assert "default" not in suspend["rule"]
    assert done.returncode == 0
    assert "the app takes the 95th percentile and a tenth of what its last 20 resumes took" in done.stderr
    assert "(lead 15 min, the default)" in ask(path, *WEEK).stdout


@pytest.mark.parametrize(
    ("nights", "says"),
    [
        pytest.param({"staging": BERLIN.replace("Berlin", "Brlin")}, "night.zone: must be a time zone", id="a mistake"),
        pytest.param(
            {"other": BERLIN}, "there is no environment 'staging'; there are: other", id="no such environment"
        ),
        pytest.param(
            {"stagin": BERLIN, "other": BERLIN},
            "there is no environment 'staging'; did you mean stagin? There are: stagin, other",
            id="a slip",
        ),
        pytest.param({"staging": "night = 1"}, "environments.staging.night: must be", id="no table"),
    ],
)
def test_what_is_wrong_is_said_and_the_exit_code_tells(tmp_path: Path, nights: dict[str, str], says: str) -> None:
    """On the other stream."""
    done = ask(file(tmp_path, **nights), *WEEK, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--from", "9999-12-31"), "a date such as 2026-03-27, 1970 to 2999", id="too late"),
        pytest.param(("--from", "0001-01-01"), "a date such as 2026-03-27, 1970 to 2999", id="too early"),
        pytest.param(("--from", "27.3.2026"), "a date such as 2026-03-27", id="no date"),
        pytest.param(("--days", "0"), "a whole number from 1 to 3660 (seen: '0')", id="no day"),
        pytest.param(("--days", "-1"), "a whole number from 1 to 3660", id="days before"),
        pytest.param(("--days", "100000"), "a whole number from 1 to 3660", id="centuries"),
        pytest.param(("--days", "week"), "a whole number from 1 to 3660 (seen: 'week')", id="no number"),
    ],
)
def test_a_wrong_command_is_answered_with_what_is_right(tmp_path: Path, arguments: tuple[str, str], says: str) -> None:
    """With exit code 2, and no traceback."""
    done = ask(file(tmp_path, staging=BERLIN), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("day", ["1970-01-01", "2999-12-31"])
def test_the_first_and_the_last_day_have_nights_around_them(tmp_path: Path, day: str) -> None:
    """Ten years from either."""
    done = ask(file(tmp_path, staging=BERLIN), "--from", day, "--days", "3660", "--json")
    assert (done.returncode, done.stderr) == (0, "")


def test_whoever_reads_only_the_beginning_sees_no_traceback(tmp_path: Path) -> None:
    """As in `python -m handlers schedule --days 3660 | head`."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write) as pipe:
        done = ask(file(tmp_path, staging=BERLIN), "--days", "3660", stdout=pipe)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_command_line_without_a_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2, as for any other command that cannot be read."""
    assert run([]) == 2
    assert "print and verify the audit trail" in capsys.readouterr().err


def test_whoever_has_no_environments_yet_hears_what_to_do() -> None:
    """Instead of a table without rows, and nothing else."""
    (said,) = schedule(Question(), {}, no_file, datetime(2026, 3, 27, tzinfo=UTC)).complaints
    assert said == "environments: none; copy environments.sample.toml to environments.toml"


def test_an_environment_without_a_night_is_named(tmp_path: Path) -> None:
    """So that nobody waits for it to sleep; nothing is wrong."""
    done = ask(file(tmp_path, staging=""), *WEEK)
    assert done.returncode == 0
    assert "environments.staging: no night, it stays up" in done.stderr


@pytest.mark.parametrize(
    ("first", "says"),
    [
        pytest.param(
            date(2026, 3, 28), "it sleeps all the time, from Fri 2026-03-27 19:00 to Mon 2026-03-30 07:00", id="asleep"
        ),
        pytest.param(date(2026, 12, 26), "no night begins or ends in these days, it stays up", id="up"),
    ],
)
def test_days_without_any_end_of_a_night_say_what_it_is_meanwhile(first: date, says: str) -> None:
    """Instead of a head without a table."""
    night = BERLIN.replace(" }", ', holidays = ["2026-12-24", "2026-12-25"] }')
    question = Question(first_day=first, days=1)
    if first.month == 12:
        night = night.replace("mon-fri", "fri")
    found = schedule(question, {"staging": environment(night)}, no_file, datetime(2026, 3, 20, tzinfo=UTC))
    assert (found.as_table(), found.complaints) == ("", (f"environments.staging: {says}",))


def test_nights_that_rights_leave_out_are_left_out_and_named(tmp_path: Path) -> None:
    """The clock may put it to sleep, and could not bring it back."""
    rights = 'rights = { suspend = ["any:clock"], resume = ["mona"] }'
    people = '[people.mona]\nslack = ["U1"]'
    done = ask(file(tmp_path, staging=f"{BERLIN}\n{rights}\n{people}", other=BERLIN), "--from", "2026-03-27", "--json")
    assert done.returncode == 1
    assert {json.loads(line)["environment"] for line in done.stdout.splitlines()} == {"other"}
    said = "The clock has no right to resume in staging: rights.resume does not name any:clock; it stays up"
    assert done.stderr == f"environments.staging.night: {said}\n"


def test_nights_that_overlap_are_left_out_and_named(tmp_path: Path) -> None:
    """It stays up in both."""
    tables = "".join(
        f'[[environments.staging.night]]\nname="{name}"\nsuspend="{at}"\nresume="07:00"\ndays="{days}"\nzone="UTC"\n'
        for name, at, days in (("week", "19:00", "mon-thu"), ("end", "06:00", "fri"))
    )
    done = ask(file(tmp_path, staging=tables), *WEEK, "--json")
    assert done.returncode == 1
    assert "week of 2026-03-26 and end of 2026-03-27 overlap; it stays up in both" in done.stderr
    assert json.loads(done.stdout.splitlines()[0])["at"] == "2026-03-30T19:00:00Z"
