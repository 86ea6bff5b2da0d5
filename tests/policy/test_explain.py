"""A recorded delivery goes through the rules once more, and nothing happens."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from handlers import wiring
from handlers.cli.arguments import run
from handlers.cli.explanation import explain
from handlers.environments import Environment, Environments
from handlers.environments.commits import RequiredCheck
from handlers.environments.rights import Right
from handlers.events import CommandGiven, CommitReady, Ignored, Message, Ping, ReleasePublished, Trigger
from handlers.model import Commit, SlackPlace, Source
from handlers.policy import Entrance
from handlers.policy.approvals import rule_sleep
from tests.flows.world import some_release
from tests.policy.places import COMMENT, GROUPED, NOW, PLACE, ROLES, somebody

PLACES: Environments = {"production": PLACE, "qa": PLACE.model_copy(update={"name": "qa", "release": "qa-*"})}
CHAT = SlackPlace(team="T1", channel="C1")


def verdicts(text: str, role: str) -> list[tuple[str, str, str]]:
    """Explain a command."""
    rows = explain(CommandGiven(text, ROLES[role], CHAT, "t"), PLACES, NOW)
    return [(row[0], row[1], row[2]) for row in rows]


def test_every_rule_is_shown_with_its_verdict() -> None:
    """Those that need the ledger come later."""
    assert verdicts("suspend production", "on the allow list") == [
        ("production: suspend-production", "message", "pass"),
        ("production: suspend-production", "right", "pass"),
        ("production: suspend-production", "freeze", "pass"),
        ("production: suspend-production", "lock", "later"),
        ("production: suspend-production", "turn", "later"),
        ("production: suspend-production", "approval", "later"),
    ]


def test_a_comment_is_explained_with_its_own_rule() -> None:
    """Also why one that was edited is none."""
    mona = ROLES["named as a person, by another identity"]
    event = CommandGiven("deploy to production", mona, COMMENT, "g", message=Message.EDITED)
    assert [row[1:4] for row in explain(event, PLACES, NOW)] == [
        ("message", "refuse", "edited"),
        ("comment", "pass", "comments_taken"),
        ("right", "pass", "has_the_right"),
        ("freeze", "pass", "not_frozen"),
    ]


@pytest.mark.parametrize("text", ["status", "approve dabcdefgh", "cancel dabcdefgh"])
def test_what_names_nothing_is_explained_for_what_can_be_meant_there(text: str) -> None:
    """In a comment that is what takes comments from there: of anything else none of its rules is asked."""
    mona = ROLES["named as a person, by another identity"]
    places = {**PLACES, "quiet": PLACE.model_copy(update={"name": "quiet", "comments": False})}
    rows = explain(CommandGiven(text, mona, COMMENT, "g"), places, NOW)
    assert {row[0].partition(":")[0] for row in rows} == {"production", "qa"}


@pytest.mark.parametrize(("text", "asked"), [("deploy to production", True), ("deploy v1 to production", False)])
def test_a_head_will_be_asked_about(text: str, asked: bool) -> None:
    """Of GitHub, where it is what somebody wants."""
    mona = ROLES["named as a person, by another identity"]
    rows = explain(CommandGiven(text, mona, COMMENT, "g"), PLACES, NOW)
    assert (("head", "later") in {row[1:3] for row in rows}) is asked


@pytest.mark.parametrize("text", ["deploy v1 to qa", "lock qa because x", "unlock qa"])
def test_a_refusal_ends_it(text: str) -> None:
    """Nothing comes later."""
    shown = verdicts(text, "a stranger")
    assert ("right", "refuse") in {row[1:] for row in shown}
    assert "later" not in {row[2] for row in shown}


def test_what_a_group_decides_waits_and_nobody_is_asked() -> None:
    """The rules after it come later."""
    places = {"production": GROUPED}
    rows = explain(CommandGiven("deploy v1 to production", ROLES["named as a person"], CHAT, "t"), places, NOW)
    assert [row[1:4] for row in rows[1:4]] == [
        ("right", "wait", "asked_later"),
        ("freeze", "pass", "not_frozen"),
        ("lock", "later", "-"),
    ]
    assert rows[1][4] == "Whether mona is in github-team:contoso/deployers is asked when the work begins."


def test_a_release_is_explained_for_every_environment() -> None:
    """Also for those that do not want it."""
    rows = explain(ReleasePublished(some_release(1, "v1"), somebody(Source.GITHUB, "5"), "g"), PLACES, NOW)
    assert {row[0] for row in rows} == {"production: deploy", "qa"}
    assert rows[-1][2:] == ("ignored", "-", "qa deploys tags that match qa-*.")


@pytest.mark.parametrize(
    ("text", "right", "last"),
    [
        pytest.param("approve dabcdefgh", "approve", ("approval", "later"), id="approve"),
        pytest.param("cancel dabcdefgh", "cancel", ("freeze", "pass"), id="cancel"),
        pytest.param("lock production because x", "lock", ("lock", "later"), id="lock"),
        pytest.param("keep production up for 3h", "resume", ("freeze", "pass"), id="keep"),
        pytest.param("sleep production now", "suspend-production", ("approval", "refuse"), id="sleep"),
    ],
)
def test_what_is_only_answered_is_explained_too(text: str, right: str, last: tuple[str, str]) -> None:
    """The right of whoever says it, and what is asked beside it; nothing about a turn."""
    event = CommandGiven(text, ROLES["on the allow list"], CHAT, "t")
    shown = [row[:3] for row in explain(event, {"production": PLACE}, NOW)]
    assert shown[-1] == (f"production: {right}", *last)
    assert (f"production: {right}", "right", "pass") in shown
    assert "turn" not in {row[1] for row in shown}


@pytest.mark.parametrize(
    ("approvals", "verdict"),
    [(1, ("refuse", "takes_a_second_person")), (0, ("pass", "no_approval_needed"))],
    ids=["two", "one"],
)
def test_a_sleep_is_explained_by_the_rule_that_answers_it(approvals: int, verdict: tuple[str, str]) -> None:
    """In the same words."""
    place = PLACE.model_copy(update={"suspend_approvals": approvals})
    event = CommandGiven("sleep production now", ROLES["on the allow list"], CHAT, "t")
    row = explain(event, {"production": place}, NOW)[-1]
    ruling = rule_sleep(Right.SUSPEND_PRODUCTION, Entrance.CHAT, place)
    assert row[2:4] == verdict == (ruling.effect, ruling.reason)
    assert row[4] == ruling.sentence


def test_what_is_ignored_says_why() -> None:
    """In the words of its source."""
    (row,) = explain(Ignored("Commands are taken from people, not from bots."), PLACES, NOW)
    assert row[4] == "Asks for nothing that a rule stands before: Commands are taken from people, not from bots."


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("status", ["production", "qa"]),
        ("status qa", ["qa"]),
        ("history qa", ["qa"]),
        ("plan suspend production, qa", ["production", "qa"]),
        ("who may deploy production", ["production"]),
    ],
)
def test_a_question_is_explained_by_the_right_to_read(text: str, places: list[str]) -> None:
    """In a chat it is open, in a comment it is not."""
    shown = verdicts(text, "a stranger")
    assert [row for row in shown if row[1] == "right"] == [(f"{name}: read", "right", "pass") for name in places]
    rows = explain(CommandGiven(text, ROLES["a stranger"], COMMENT, "t"), PLACES, NOW)
    assert {row[3] for row in rows if row[1] == "right"} == {"may_not_read"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("help deploy", "help deploy", id="help"),
        pytest.param("statsu", 'I do not know "statsu". Did you mean: status', id="a slip"),
    ],
)
def test_what_asks_for_nothing_says_so(text: str, what: str) -> None:
    """No rule stands before it; what is no command is answered as in a chat."""
    (row,) = explain(CommandGiven(text, ROLES["a stranger"], CHAT, "t"), PLACES, NOW)
    assert row[4] == f"Asks for nothing that a rule stands before: {what}."
    assert explain(Ping(), PLACES, NOW)[0][2] == "pass"


@pytest.mark.parametrize(("secret", "code", "says"), [("s" * 20, 0, "any"), ("x" * 20, 1, "401")])
def test_the_command_reads_a_recorded_delivery(
    secret: str,
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Proved as it was when it came."""
    body = json.dumps(
        {
            "action": "published",
            "release": {
                "id": 1,
                "tag_name": "v1",
                "draft": False,
                "prerelease": False,
                "html_url": "https://x.example/1",
            },
            "repository": {"id": 7, "full_name": "contoso/web"},
            "sender": {"id": 583231, "login": "mona"},
        }
    )
    signature = "sha256=" + hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "release", "X-Hub-Signature-256": signature, "Content-Type": "application/json"}
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps({"source": "github", "headers": headers, "body": body}))
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "s" * 20)
    monkeypatch.setenv("SLIPWAY_ENVIRONMENTS", "environments.sample.toml")
    forget()
    try:
        assert run(["explain", str(file)]) == code
    finally:
        forget()
    assert says in capsys.readouterr().out


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "3000-01-01T00:00:00Z"])
def test_a_delivery_comes_at_a_time_that_has_nights_around_it(
    at: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules count days and zones from it, which the first and the last year have no room for."""
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps({"source": "github", "headers": {}, "body": "{}", "at": at}))
    assert run(["explain", str(file)]) == 1
    assert "not a recorded delivery" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(None, "delivery.json: No such file or directory", id="no file"),
        pytest.param("x", "Invalid JSON: expected value at line 1 column 1", id="no JSON"),
        pytest.param('{"source": "github", "body": ""}', "need be, at. headers: Field required", id="half of it"),
        pytest.param(
            '{"source": "gihub", "headers": {}, "body": ""}',
            "there is no source 'gihub'; there are: github, slack, teams, mattermost",
            id="a slip",
        ),
        pytest.param(
            '{"source": "slack", "headers": {}, "body": ""}',
            "slack is off: no secret is set for it. `python -m handlers check` names the setting",
            id="off",
        ),
    ],
)
def test_what_cannot_be_replayed_says_why(
    text: str | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in the words for strangers, who hear only that there is no such source."""
    file = tmp_path / "delivery.json"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("SLIPWAY_ENVIRONMENTS", "environments.sample.toml")
    forget()
    try:
        assert run(["explain", str(file)]) == 1
    finally:
        forget()
    assert says in capsys.readouterr().err


def forget() -> None:
    """Let the settings be read anew."""
    for cached in (wiring.settings, wiring.environments, wiring.door):
        cached.cache_clear()


def test_a_repository_that_nobody_names_may_have_been_renamed() -> None:
    """Only the ledger knows; what does not match otherwise is ignored as before."""
    release = some_release(1, "v1").model_copy(update={"repository": "contoso/renamed"})
    rows = explain(ReleasePublished(release, ROLES["on the allow list"], "guid"), PLACES, NOW)
    assert [(row[0], row[1], row[2]) for row in rows] == [("production", "repository", "later"), ("qa", "-", "ignored")]


HELD = PLACE.model_copy(
    update={
        "branches": ("main", "release/*"),
        "tags": ("v*",),
        "required_checks": (RequiredCheck(context="build", app_id=15368, app="github-actions"),),
    }
)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param(PLACE, "production has no branches, tags or required_checks.", id="nothing"),
        pytest.param(
            HELD,
            "Asked of GitHub when the work begins, and again before the first call: whether it is in branch main,"
            " release/* or tag v* and whether check build by github-actions succeeded.",
            id="both",
        ),
    ],
)
def test_what_is_asked_about_a_commit_is_said(place: Environment, words: str) -> None:
    """And nothing of it is asked now."""
    rows = explain(CommandGiven("deploy v1 to production", ROLES["named by id"], CHAT, "t"), {"production": place}, NOW)
    assert [row[4] for row in rows if row[1] == "what"] == [words]


@pytest.mark.parametrize("place", [PLACE, HELD], ids=["nothing", "both"])
def test_a_swap_is_explained_with_what_it_lets_in(place: Environment) -> None:
    """It may be somebody else's in staging."""
    named = place.model_copy(update={"rights": {}})
    event = CommandGiven("swap production", ROLES["on the allow list"], CHAT, "t")
    (said,) = [row for row in explain(event, {"production": named}, NOW) if row[1] == "what"]
    assert (said[2] == "later") is (place is HELD)
    assert ("if another environment deployed what is in staging" in said[4]) is (place is HELD)


def test_a_github_deployment_is_held_to_this_repository() -> None:
    """Also where the environment says nothing."""
    place = PLACE.model_copy(update={"deployment": "live", "rights": {}})
    commit = Commit(repository="contoso/web", repository_id=7, sha="a" * 40, branch="a" * 40, url="u", deployment=5)
    event = CommitReady(commit, somebody(Source.GITHUB, "5"), "g", Trigger.DEPLOYMENT, "live", 5)
    (said,) = [row for row in explain(event, {"production": place}, NOW) if row[1] == "what"]
    assert said[2] == "later"
    assert said[4].endswith("whether it is in branch * or tag *.")
