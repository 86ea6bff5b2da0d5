"""What every chat shows, before any markup."""

import ast
from pathlib import Path

import pytest

from handlers.environments import Environment
from handlers.model import (
    Commit,
    Configure,
    Readiness,
    Retire,
    Rollback,
    RunCommit,
    SetStatus,
    SwapSlots,
    codes,
)
from handlers.sinks.advice import WHAT_TO_TRY, advice
from handlers.sinks.card import Card, Voice, card_of
from handlers.sinks.progress import bar, progress
from handlers.telling.report import Report
from tests.sinks.reports import (
    ENVIRONMENTS,
    OPERATION,
    PROPOSAL,
    ROLLED_BACK,
    asking,
    failed,
    given_up,
    queued,
    request,
    running,
    succeeded,
)

HERE = ENVIRONMENTS["shop-production"]
COMMIT = Commit(repository="octo/shop", repository_id=1, sha="5ac1" * 10, branch="main", url="https://example.com")


def words(card: Card) -> list[str]:
    """Return the lines as text."""
    return ["".join(span.text for span in line.spans) for line in card.lines]


def shown(report: Report) -> list[str]:
    """Return the lines of a report's card."""
    return words(card_of(report, HERE))


def test_a_request_at_its_beginning() -> None:
    """Who, where from, since when."""
    card = card_of(queued(), HERE)
    assert (card.sign, card.what, card.where) == ("⏳", "v1.2.0", "shop-production")
    assert words(card) == ["accepted at 12:00 UTC, asked for by monalisa on Slack", f"request id {request().id}"]


def test_a_request_on_its_way() -> None:
    """How far it is, and what it waits for."""
    assert shown(running()) == [
        "in progress since 12:00 UTC, asked for by monalisa on Slack",
        "▓▓▓░ 3 of 4 instances ready",
        "WebRole_IN_3 is StartingVM",
        f"Azure's request id {OPERATION.id}, ours {request().id}",
    ]


def test_a_good_end() -> None:
    """How long it took, and what is true now."""
    card = card_of(succeeded(), HERE)
    assert card.sign == "✅"
    assert words(card)[:2] == [
        "done in 4 min 12 s, asked for by monalisa on Slack",
        "v1.2.0 runs in production, 4 of 4 instances ready.",
    ]


def test_a_bad_end() -> None:
    """How far it got, Azure's error in Azure's words, what to try, and the id to ask Azure with."""
    card = card_of(failed(readiness=Readiness(ready=1, total=4)), HERE)
    assert card.sign == "❌"
    assert words(card) == [
        "failed after 4 min 12 s, asked for by monalisa on Slack",
        "▓░░░ 1 of 4 instances ready",
        "Error ConflictError",
        "Another operation has exclusive access.",
        f"What to try: {WHAT_TO_TRY['ConflictError']}",
        f"Azure's request id {OPERATION.id}, ours {request().id}",
    ]


def test_an_end_that_nobody_knows() -> None:
    """It is not said to have failed."""
    card = card_of(given_up(), HERE)
    assert card.sign == "⚠️"
    assert words(card)[0].startswith("stopped trying after 4 min 12 s, how it ended is not known, asked for by")


def test_a_cancelled_request_is_said_to_be_cancelled() -> None:
    """And nothing else."""
    assert shown(given_up(code="Cancelled"))[0].startswith("cancelled after 4 min 12 s, asked for by")
    assert any(line.startswith("What to try: ") for line in shown(given_up(code="Cancelled")))
    assert not any(line.startswith("What to try: ") for line in shown(given_up(code="Cancelled", operation=None)))


def test_news_that_the_bar_does_not_tell_are_told() -> None:
    """Such as what a request waits for."""
    assert "Waiting: Azure is busy" in shown(running(description="Waiting: Azure is busy"))


def test_many_waiting_instances_are_counted() -> None:
    """Three are named."""
    waiting = tuple(f"I{number} is Starting" for number in range(5))
    lines = shown(running(readiness=Readiness(ready=0, total=5, waiting=waiting)))
    assert "I0 is Starting, I1 is Starting, I2 is Starting and 2 more" in lines


def test_outside_text_is_marked_as_such() -> None:
    """Nothing that came from outside stands in a span of our own words."""
    evil = "OUTSIDE"
    report = failed(
        request(name=evil, goal=SetStatus(status="Running")),
        evil,
        evil,
        readiness=Readiness(ready=0, total=1, waiting=(evil,)),
    )
    spans = [span for line in card_of(report, HERE).lines for span in line.spans if evil in span.text]
    assert {span.voice for span in spans} == {Voice.CODE, Voice.QUOTE}
    assert len(spans) == 4


@pytest.mark.parametrize("report", [queued(), running()], ids=["queued", "running"])
def test_what_goes_on_can_be_cancelled(report: Report) -> None:
    """By the command that one would type."""
    (button,) = card_of(report, HERE).buttons
    assert (button.label, button.command) == ("Cancel", f"cancel {request().id}")


def test_what_waits_for_somebody_can_be_agreed_to() -> None:
    """To this commit and this plan; who types need not say which."""
    approve, cancel = card_of(asking(), HERE).buttons
    assert (approve.label, approve.command) == ("Approve", f"approve {request().id} if {PROPOSAL.mark}")
    assert approve.typed == f"approve {request().id}"
    assert cancel.label == "Cancel"
    assert any(line.startswith("The plan: Create deployment d2 in staging") for line in shown(asking()))


@pytest.mark.parametrize(
    ("report", "environment"),
    [
        (failed(), HERE),
        (given_up(), HERE),
        (failed(request(goal=RunCommit(commit=COMMIT))), HERE),
    ],
    ids=["failed", "given up", "commit"],
)
def test_a_failed_release_can_be_rolled_back(report: Report, environment: Environment) -> None:
    """By the command that one would type."""
    (button,) = card_of(report, environment).buttons
    assert (button.label, button.command) == ("Roll back", "rollback shop-production")


@pytest.mark.parametrize(
    ("report", "environment"),
    [
        (succeeded(), HERE),
        (failed(operation=None, leads_back=False), HERE),
        (failed(leads_back=False), HERE),
        (failed(), ROLLED_BACK),
        (failed(), None),
        (failed(request(goal=Rollback())), HERE),
        (failed(request(goal=SwapSlots())), HERE),
        (failed(request(goal=Retire(name="d2"))), HERE),
        (failed(request(goal=Configure(instances={"WebRole": 4}))), HERE),
    ],
    ids=[
        "success",
        "Azure changed nothing",
        "what ran was not touched",
        "rolled back by itself",
        "environment gone",
        "a rollback",
        "a swap",
        "a removal",
        "a configuration",
    ],
)
def test_nothing_else_offers_a_rollback(report: Report, environment: Environment | None) -> None:
    """It would do something that nobody expects."""
    assert card_of(report, environment).buttons == ()


def test_a_commit_that_was_asked_for_by_its_sha_is_named_once() -> None:
    """A GitHub deployment names a branch, a tag, or a commit."""
    assert RunCommit(commit=COMMIT).title == "main at 5ac15ac"
    assert RunCommit(commit=COMMIT.model_copy(update={"branch": COMMIT.sha})).title == "commit 5ac15ac"


@pytest.mark.parametrize(
    ("readiness", "text"),
    [
        (Readiness(ready=0, total=0), None),
        (Readiness(ready=0, total=4), "░░░░ 0 of 4 instances ready"),
        (Readiness(ready=4, total=4), "▓▓▓▓ 4 of 4 instances ready"),
        (Readiness(ready=1, total=4, domain=1, domains=5), "▓▒░░░ upgrade domain 2 of 5"),
        (Readiness(ready=9, total=3), "▓▓▓ 9 of 3 instances ready"),
    ],
    ids=["nothing to count", "none", "all", "domains", "nonsense"],
)
def test_the_bar(readiness: Readiness, text: str | None) -> None:
    """One cell is one instance or one domain."""
    assert progress(readiness) == text


@pytest.mark.parametrize("done", [0, 1, 50, 149, 150])
def test_a_long_bar_is_full_and_empty_only_where_that_is_true(done: int) -> None:
    """However many instances there are, it has 20 cells."""
    drawn = bar(done, 0, 150)
    assert len(drawn) == 20
    assert ("░" not in drawn) == (done == 150)
    assert ("▓" not in drawn) == (done == 0)


def test_every_error_code_of_ours_has_advice() -> None:
    """The codes that the code itself makes up, wherever it does."""
    handlers = Path(__file__).parents[2] / "handlers"
    made_up = {code for path in handlers.rglob("*.py") for code in codes_in(path)}
    assert {"PackageDamaged", "NotReady", "SlotOccupied", "StillRunning", "GaveUp"} <= made_up
    assert {"Superseded", "Cancelled", "Locked", "NotAMember", "HeadMoved", "CheckFailed"} <= made_up
    assert sorted(made_up - set(WHAT_TO_TRY)) == []


def codes_in(path: Path) -> set[str]:
    """Return the codes with which a file ends requests: written out, by a name, or by the reason of a ruling."""
    ends = {"Impossible", "PackageUnusable", "AzureRefused", "impossible", "fail", "stop_trying"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {name: ast.Constant(value) for name, value in vars(codes).items() if name.isupper()}
    for line in tree.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
            named |= {target.id: line.value for target in line.targets if isinstance(target, ast.Name)}
    given: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in ends:
                given += args
            case ast.Dict(keys=[ast.Attribute(value=ast.Name(id="Reason")), *_], values=values):
                given += values
            case ast.IfExp(body=ast.Name() as one, orelse=ast.Name() as other):
                given += [one, other]
    said = [named.get(one.id) if isinstance(one, ast.Name) else one for one in given]
    texts = [one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return {text for text in texts if text.isalpha() and text[0].isupper()}


def test_advice_is_short_and_plain() -> None:
    """A sentence or two, with no character that any chat's markup knows."""
    for code, sentence in WHAT_TO_TRY.items():
        assert advice(code) == sentence
        assert len(sentence) <= 110
        assert sentence[-1] == "."
        assert not set(sentence.replace("SERVICE_MANAGEMENT_CERTIFICATE", "")) & set("*_~`<>&@#[]|")


def test_an_unknown_code_gets_no_advice() -> None:
    """The message must do."""
    assert advice("SomethingNew") is None
    assert advice(None) is None
