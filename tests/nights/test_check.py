"""`python -m handlers check`, as a person calls it: against nothing, and against a whole Slipway."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from handlers.cli.check import of_environments
from handlers.cli.findings import Mark, wrong
from handlers.cli.secrets import PURPOSES
from handlers.connections.local_settings import with_local_settings
from handlers.environments.rights import Right
from handlers.errors import SettingsWrong
from handlers.settings import Settings, names
from handlers.timers.ncrontab import Every, parse_schedule
from local.stack import Stack
from tests.nights.rules import environment, no_file
from tests.nights.test_schedule import BERLIN, file

ROOT = Path(__file__).resolve().parents[2]

DEAD = "http://127.0.0.1:9"
"""The port of a service that discards everything, and that nobody runs."""

STORAGE = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0a2V5;"
    f"BlobEndpoint={DEAD}/a;QueueEndpoint={DEAD}/a;TableEndpoint={DEAD}/a"
)


def check(settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command with these settings and no others."""
    clean = {name: value for name, value in os.environ.items() if name not in names()}
    return subprocess.run(
        [sys.executable, "-m", "handlers", "check"],
        cwd=ROOT,
        env={**clean, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_services_that_do_not_answer_are_listed_and_no_secret_is_shown(tmp_path: Path) -> None:
    """Every one of them, each with what it is."""
    done = check(
        {
            "SLIPWAY_ENVIRONMENTS": str(file(tmp_path, staging=BERLIN)),
            "AzureWebJobsStorage": STORAGE,
            "GITHUB_API_URL": DEAD,
            "GITHUB_TOKEN": "ghp_hidden",
            "GITHUB_WEBHOOK_SECRET": "hidden too",
        }
    )
    assert done.returncode == 1
    for what in ("storage, queues", "storage, tables", "storage, blobs", "GitHub, contoso/web", "Azure, staging"):
        assert f"services: {what}" in done.stderr
    assert "storage, queues: AzureWebJobsStorage: the storage account does not answer" in done.stderr
    assert "SERVICE_MANAGEMENT_CERTIFICATE is not set: nothing can be deployed" in done.stderr
    assert "ok     GITHUB_WEBHOOK_SECRET: proves what GitHub delivers" in done.stdout
    assert "off    SLACK_BOT_TOKEN: posts to Slack" in done.stdout
    assert "Azure charges for what is suspended all the same" in done.stdout
    for secret in ("ghp_hidden", "hidden too", "c2VjcmV0a2V5"):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"WEBHOOK_MAX_BYTES": "lots"}, "settings: WEBHOOK_MAX_BYTES:", id="a setting"),
        pytest.param({"SLIPWAY_ENVIRONMENTS": "gone.toml"}, "environments: SLIPWAY_ENVIRONMENTS:", id="no such file"),
        pytest.param({}, "settings: AzureWebJobsStorage: not set", id="nowhere to keep anything"),
        pytest.param(
            {"NIGHT_SCHEDULE": "0 61 * * * *"},
            "settings: NIGHT_SCHEDULE: '0 61 * * * *' is not a schedule: '61' is no minute: it must be 0 to 59",
            id="no schedule",
        ),
        pytest.param(
            {"SWEEP_SCHEDULE": "@hourly"},
            "settings: SWEEP_SCHEDULE: '@hourly' is not a schedule: write 5",
            id="no fields",
        ),
        pytest.param({"POLL_SCHEDULE": "0 0 30 2 *"}, "settings: POLL_SCHEDULE: no date fits", id="never"),
        pytest.param({}, "settings: POLL_SCHEDULE: not set; nobody asks how operations went", id="never asked"),
        pytest.param({"SLIPWAY_URL": "http://slipway.example.com"}, "settings: SLIPWAY_URL: must be an", id="no TLS"),
        pytest.param(
            {"TEAMS_OUTGOING_SECRET": "no base64!"}, "settings: teams: a secret is not base64", id="no base64"
        ),
        pytest.param(
            {"SERVICE_MANAGEMENT_CA": "gone"}, "settings: SERVICE_MANAGEMENT_CA: there is", id="no authorities"
        ),
    ],
)
def test_what_stops_the_start_is_listed(settings: dict[str, str], says: str) -> None:
    """With the part that it belongs to."""
    done = check(settings)
    assert done.returncode == 1
    assert says in done.stderr


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param(
            {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": "-----BEGIN hidden"},
            "GitHub, contoso/web: the GitHub App's private key must be an RSA key in PEM form",
            id="a key",
        ),
        pytest.param(
            {"AzureWebJobsStorage": "hidden"},
            "storage, queues: AzureWebJobsStorage: must be the connection string of a storage account",
            id="a connection string",
        ),
    ],
)
def test_a_secret_of_another_form_is_a_line_like_any_other(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    """It names what is wrong, does not show it, and the rest is looked at."""
    done = check({"SLIPWAY_ENVIRONMENTS": str(file(tmp_path, staging=BERLIN)), "GITHUB_API_URL": DEAD, **settings})
    assert done.returncode == 1
    assert f"services: {says}" in done.stderr
    assert "services: Azure, staging" in done.stderr
    assert "hidden" not in done.stdout + done.stderr


def test_whoever_begins_hears_once_of_each_thing_to_do() -> None:
    """Storage without an address is not asked as well, and the files to copy are named."""
    head, *wrong = check({}).stderr.splitlines()
    assert head == "3 wrong:"
    assert [one.split(":")[1].strip() for one in wrong] == [
        "AzureWebJobsStorage",
        "POLL_SCHEDULE",
        "none; copy environments.sample.toml to environments.toml",
    ]
    assert "local.settings.sample.json, copied to local.settings.json" in wrong[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('{\n"Values": hidden}', r"not JSON: Expecting value \(line 2, column 11\)", id="no JSON"),
        pytest.param('["hidden"]', "cannot be read as an object with Values: TypeError", id="no object"),
    ],
)
def test_a_file_of_settings_that_cannot_be_read_says_where(tmp_path: Path, text: str, says: str) -> None:
    """And shows nothing of what stands in it."""
    (tmp_path / "local.settings.json").write_text(text)
    with pytest.raises(SettingsWrong, match=says) as raised:
        with_local_settings({}, tmp_path)
    assert "hidden" not in str(raised.value)


def test_buttons_that_cannot_lead_back_are_noted() -> None:
    """Nothing is wrong with that; the words are there."""
    speaking = {"MATTERMOST_URL": DEAD, "MATTERMOST_BOT_TOKEN": "b"}
    note = "note   SLIPWAY_URL: not set; messages in Mattermost have no buttons"
    assert note in check(speaking).stdout
    assert note not in check({**speaking, "SLIPWAY_URL": "https://slipway.example.com"}).stdout


def test_mistakes_in_settings_and_in_environments_are_listed_in_one_go(tmp_path: Path) -> None:
    """Each once, with what is right of the environments; services are left alone."""
    path = file(tmp_path, staging=BERLIN, wrong=BERLIN.replace("Berlin", "Brlin"))
    done = check({"WEBHOOK_MAX_BYTES": "lots", "GITHUB_API_URL": "nowhere", "SLIPWAY_ENVIRONMENTS": str(path)})
    assert done.returncode == 1
    head, *wrong = done.stderr.splitlines()
    assert head == "3 wrong:"
    assert [one.split(":")[1].strip() for one in wrong] == [
        "WEBHOOK_MAX_BYTES",
        "GITHUB_API_URL",
        "environments.wrong.night.zone",
    ]
    assert "ok     staging: contoso-web, staging, from contoso/web" in done.stdout
    assert "note   not asked before the settings are right" in done.stdout


def test_a_file_of_environments_that_cannot_be_read_is_listed_beside_a_wrong_setting(tmp_path: Path) -> None:
    """Every mistake in it."""
    path = file(tmp_path, staging="strategy = 'swop'\nnotify = 1")
    done = check({"WEBHOOK_MAX_BYTES": "lots", "SLIPWAY_ENVIRONMENTS": str(path)})
    assert done.returncode == 1
    assert [one.split(": ")[0] for one in done.stderr.splitlines()[1:]] == ["settings", "environments", "environments"]


def test_nights_that_will_not_happen_are_listed(tmp_path: Path) -> None:
    """A zone that is not known, and rules that overlap some day."""
    both = "".join(
        f'[[environments.both.night]]\nname="{name}"\nsuspend="{at}"\nresume="07:00"\ndays="{days}"\nzone="UTC"\n'
        for name, at, days in (("week", "19:00", "mon-thu"), ("end", "06:00", "fri"))
    )
    path = file(tmp_path, wrong=BERLIN.replace("Berlin", "Brlin"), both=both)
    done = check({"SLIPWAY_ENVIRONMENTS": str(path), "GITHUB_API_URL": DEAD})
    assert "environments: environments.wrong.night.zone: must be a time zone" in done.stderr
    assert "environments: both: week of " in done.stderr


@pytest.mark.parametrize(
    ("looks", "says"),
    [
        pytest.param(
            "0 0 19 * * *",
            ["after 2026-03-03 06:00 UTC, the time to resume, it looks at 2026-03-03 19:00 UTC again"],
            id="taken for the evening",
        ),
        pytest.param(
            "0 0 */3 * * *",
            ["after 2026-03-02 18:00 UTC, the time to suspend, it looks at 2026-03-02 21:00 UTC again"],
            id="later than a night may begin",
        ),
        pytest.param("0 0 * * * *", [], id="every hour"),
        pytest.param("0 0 30 2 *", [], id="never, which is said of the setting"),
    ],
)
def test_a_schedule_that_looks_too_seldom_is_named_once_a_rule(looks: str, says: list[str]) -> None:
    """It says when the timer looks, and not when nights begin."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    found = wrong(list(of_environments({"staging": environment(BERLIN)}, no_file, at, parse_schedule(looks))))
    assert found == tuple(f"environments: staging, night: NIGHT_SCHEDULE looks too seldom: {one}" for one in says)


def test_a_schedule_that_never_comes_is_not_searched_for_each_night() -> None:
    """Each search goes through a hundred years. That it never comes is said beside the settings."""
    searched: list[datetime] = []

    class Never(Every):
        def after(self, instant: datetime) -> None:
            searched.append(instant)

    at = datetime(2026, 3, 2, tzinfo=UTC)
    found = of_environments({"staging": environment(BERLIN)}, no_file, at, Never(timedelta(days=1)))
    assert [one.mark for one in found] == [Mark.OK, Mark.OK]
    assert len(searched) == 2


@pytest.mark.parametrize(
    ("minutes", "noted"),
    [
        pytest.param(3, True, id="too short"),
        pytest.param(5, False, id="long enough"),
        pytest.param(0, False, id="none"),
    ],
)
def test_a_warning_that_would_never_come_is_noted(minutes: int, *, noted: bool) -> None:
    """The timer looks every five minutes, at the evening itself too."""
    night = environment(BERLIN.replace(" }", f", warn_before = {minutes} }}"))
    every_five = parse_schedule("0 */5 * * * *")
    found = of_environments({"staging": night}, no_file, datetime(2026, 3, 2, tzinfo=UTC), every_five)
    unwarned = (
        "staging, night: nobody is warned of 2026-03-02 18:00 UTC: NIGHT_SCHEDULE does not look within the 3 minutes "
        "of warn_before"
    )
    assert [one.text for one in found if one.mark is Mark.NOTE] == [unwarned] * noted


@pytest.mark.parametrize(
    ("event", "noted"),
    [
        pytest.param("DTSTART;VALUE=DATE:20251225", True, id="over"),
        pytest.param("DTSTART;VALUE=DATE:20251225\r\nRRULE:FREQ=YEARLY", False, id="comes back"),
    ],
)
def test_a_calendar_without_any_day_off_ahead_is_noted(event: str, *, noted: bool) -> None:
    """Last year's, that nobody has replaced."""
    night = environment(BERLIN.replace(" }", ', holidays_file = "off.ics" }'))
    text = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    found = of_environments({"staging": night}, lambda _: text, datetime(2026, 3, 2, tzinfo=UTC))
    old = "staging, night: off.ics has no day off within 400 days; is it an old one?"
    assert [one.text for one in found if one.mark is Mark.NOTE] == [old] * noted


def test_a_night_that_rights_leave_out_is_wrong() -> None:
    """Whoever reads that it will sleep would wait for it."""
    night = environment(BERLIN).model_copy(update={"rights": {Right.SUSPEND: ("mona",)}})
    found = of_environments({"staging": night}, no_file, datetime(2026, 3, 2, tzinfo=UTC))
    said = "The clock has no right to suspend in staging: rights.suspend does not name any:clock; it stays up"
    assert [one.text for one in found if one.mark is Mark.WRONG] == [f"staging, night: {said}"]


def test_a_timespan_is_noted(tmp_path: Path) -> None:
    """It works on some plans; nothing else is strange about it."""
    path = file(tmp_path, staging=BERLIN)
    done = check({"NIGHT_SCHEDULE": "00:05:00", "GITHUB_API_URL": DEAD, "SLIPWAY_ENVIRONMENTS": str(path)})
    assert "note   NIGHT_SCHEDULE: '00:05:00' is a TimeSpan" in done.stdout
    assert "NIGHT_SCHEDULE" not in done.stderr


def test_every_secret_has_its_purpose() -> None:
    """Whatever is a secret in the settings."""
    fields = Settings.model_fields.values()
    assert set(PURPOSES) == {str(one.alias) for one in fields if SecretStr in getattr(one.annotation, "__args__", ())}


@pytest.mark.journey
def test_a_whole_slipway_has_nothing_wrong() -> None:
    """Storage, GitHub and Azure answer."""
    with Stack({"production": {}}) as stack:
        values = json.loads((stack.folder / "local.settings.json").read_text())["Values"]
        done = check({**values, "SLIPWAY_ENVIRONMENTS": str(stack.folder / "environments.toml")})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n\nNothing is wrong.\n")
    assert "Azure, production (contoso-web): answers; both slots are empty" in done.stdout
