"""`environments.toml`: what is read, and what a mistake is answered with."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.environments import RULES, Environment, read_environments
from handlers.environments.rights import Right
from handlers.errors import SettingsWrong
from handlers.model import Release, Slot, Source
from handlers.nights.rules import read_rules
from handlers.sleeping.holding import what_rights_hold
from tests.nights.rules import no_file

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = (ROOT / "environments.sample.toml").read_text()
RELEASE = Release(
    repository="contoso/web", repository_id=1, id=2, tag="v1.0.0", prerelease=False, url="https://example.com"
)


def production() -> Environment:
    """Return the sample's environment."""
    return read_environments(SAMPLE, "environments.toml")["production"]


def test_the_sample_is_read() -> None:
    """As the documents print it."""
    assert production().slot is Slot.PRODUCTION
    assert production().configuration == "*.production.cscfg"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, None, id="wanted"),
        pytest.param({"repository": "Contoso/WEB"}, None, id="case of the repository"),
        pytest.param({"repository": "contoso/web2"}, "production deploys contoso/web", id="another repository"),
        pytest.param({"tag": "nightly"}, "production deploys tags that match v*", id="another tag"),
        pytest.param({"tag": "V1"}, "production deploys tags that match v*", id="case of the tag"),
        pytest.param({"prerelease": True}, "production does not deploy prereleases", id="prerelease"),
    ],
)
def test_an_environment_says_which_releases_it_wants(changes: dict[str, object], reason: str | None) -> None:
    """And why not the others."""
    assert production().wants(RELEASE.model_copy(update=changes)) == reason


def test_checks_are_read_by_name_and_by_app() -> None:
    """The words are those of GitHub's branch protection."""
    checks = 'required_checks = ["cla", { context = "build", app_id = 15368, app = "github-actions" }]'
    read = read_environments(SAMPLE.replace("start = true", checks), "f")["production"].required_checks
    assert [(one.context, one.app_id, one.app) for one in read] == [
        ("cla", None, None),
        ("build", 15368, "github-actions"),
    ]


def test_every_line_of_the_sample_is_there_to_be_used() -> None:
    """Those that are commented out too, all at once."""
    text = re.sub(r"^# (?=[a-z_-]+ = |\[)", "", SAMPLE, flags=re.MULTILINE)
    read = read_environments(text, "f")["production"]
    assert (read.repository_id, read.comments, read.approvals) == (1296269, True, 1)
    assert (read.branches, read.tags) == (("main", "release/*"), ("v*",))
    assert [one.words for one in read.required_checks] == ["build by github-actions"]
    assert [one["zone"] for one in read.night] == ["Europe/Berlin"]
    assert set(read.rights) == {Right.DEPLOY, Right.SUSPEND_PRODUCTION, Right.APPROVE}
    assert set(read.people) == {"mona"}
    assert read.notify == {Source.SLACK: "C0123ABCD"}
    (rule,) = read_rules(read, no_file).rules
    assert what_rights_hold(rule, read, datetime(2026, 3, 2, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            'slot = "production"',
            'slot = "prod"',
            'environments.production.slot: must be "production" or "staging" (seen: \'prod\')',
            id="slot",
        ),
        pytest.param(
            "start = true",
            'start = "yes"',
            "environments.production.start: must be true or false (seen: 'yes')",
            id="text for a boolean",
        ),
        pytest.param(
            'cloud_service = "contoso-web"\n',
            "",
            "environments.production.cloud_service: missing; letters, digits and dashes, at most 63",
            id="missing",
        ),
        pytest.param(
            "start = true",
            "strat = true",
            "environments.production.strat: no such key; did you mean start? (seen: True)",
            id="misspelt",
        ),
        pytest.param(
            "[environments.production]",
            "[environments.Production]",
            "environments.Production: the name must be lower-case letters, digits and dashes, beginning with a letter,"
            " at most 63",
            id="name",
        ),
        pytest.param(
            "start = true",
            'branches = ["../main"]',
            "environments.production.branches: must be a list of branches or patterns of them, such as"
            ' ["main", "release/*"] (seen: [\'../main\'])',
            id="a branch that cannot be",
        ),
        pytest.param(
            "start = true",
            'tags = "v*"',
            "environments.production.tags: must be a list of tags or patterns of them, such as [\"v*\"] (seen: 'v*')",
            id="one tag in place of a list",
        ),
        *(
            pytest.param(
                "start = true",
                f"required_checks = [{entry}]",
                "environments.production.required_checks.0.",
                id=entry,
            )
            for entry in ('{ name = "build" }', '{ context = "build", app_id = "15368" }', "{ app_id = 1 }", '""')
        ),
        pytest.param("[environments.production]", "[environment]", "environment: only [environments.NAME]", id="table"),
        pytest.param("start = true", "start = ", "not TOML", id="not TOML"),
        pytest.param("start = true", f"start = {'[' * 5000}", "not TOML", id="deeper than Python reads"),
        pytest.param("start = true", f"start = {'9' * 5000}", "not TOML", id="longer than Python reads"),
    ],
)
def test_a_mistake_names_file_key_rule_and_value(old: str, new: str, says: str) -> None:
    """One line a mistake."""
    with pytest.raises(SettingsWrong) as caught:
        read_environments(SAMPLE.replace(old, new), "environments.toml")
    assert f"environments.toml: {says}" in str(caught.value)


@pytest.mark.parametrize(
    ("added", "says"),
    [
        pytest.param(
            'package_url = "https://blobs/{sha}/app.cspkg?sv=1&sig=Sec%2Fret"',
            "(seen: 'https://blobs/{sha}/app.cspkg?...')",
            id="signature",
        ),
        pytest.param(
            'configuration_url = "https://mona:Secret@blobs/app.cscfg"',
            "(seen: 'https://...@blobs/app.cscfg')",
            id="password",
        ),
        pytest.param('token = "Secret"', "token: no such key", id="unknown key"),
        pytest.param('pakage_url = "https://blobs/?Secret"', "(seen: 'https://blobs/?...')", id="misspelt"),
        pytest.param('required_checks = [{ context = "a", token = "Secret" }]', "0.token: ", id="unknown inside"),
        pytest.param(
            'push = ["https://mona:Secret@blobs?Secret"]', "(seen: ['https://...@blobs?...'])", id="in a list"
        ),
    ],
)
def test_no_mistake_shows_what_may_be_secret(added: str, says: str) -> None:
    """It stands in the log, and a file of environments is where somebody pastes an address."""
    with pytest.raises(SettingsWrong) as caught:
        read_environments(SAMPLE.replace("start = true", added), "f")
    assert says in str(caught.value)
    assert "Sec" not in str(caught.value)


def test_every_mistake_is_named_at_once() -> None:
    """Nobody has to start the app ten times."""
    with pytest.raises(SettingsWrong) as caught:
        read_environments(SAMPLE.replace('"production"', '"x"').replace("= true", "= 1"), "f")
    assert len(str(caught.value).splitlines()) == 2


def test_the_documentation_lists_every_key() -> None:
    """With its default, and no other."""
    text = (ROOT / "docs" / "environments.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(set(RULES) - {"name"}) == sorted(set(Environment.model_fields) - {"name", "people"})
