"""Somebody comments on a pull request: the head that was there runs, or nothing is called, and one comment says so."""

import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from handlers.ledger import Entry
from handlers.model import Result
from local.github.shapes import user
from local.sample_release import assets
from local.stack import Answer, Stack

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]
GALLERY = "contoso/gallery"
LONG_AGO = "2026-01-01T12:00:00Z"
BRANCHES = (f"feature-{number}" for number in count())
PATIENCE_S = 60.0


def opened(stack: Stack) -> tuple[str, int, str]:
    """Open a pull request whose branch was pushed long ago; return branch, number and head."""
    branch = next(BRANCHES)
    sha = push(stack, branch, at=LONG_AGO)
    return branch, int(stack.github.admin("POST", "pulls", {"repository": GALLERY, "branch": branch})["number"]), sha


def push(stack: Stack, branch: str, **more: str) -> str:
    """Push a commit; return it."""
    return str(stack.github.admin("POST", "commits", {"repository": GALLERY, "branch": branch, **more})["id"])


def write(stack: Stack, number: int, body: str, author: str = "mona") -> int:
    """Write a comment, which nobody is told of yet; return its id."""
    fields = {"repository": GALLERY, "number": number, "body": body, "author": author}
    return int(stack.github.admin("POST", "comments", fields)["id"])


def deliver(stack: Stack, comment: int, **more: str) -> Answer:
    """Let GitHub tell of a comment."""
    fields = {"repository": GALLERY, "event": "issue_comment", "comment_id": comment, "secret": stack.secret}
    made = stack.github.admin("POST", "deliveries", {**fields, "url": stack.host.hook, **more})
    return Answer(int(made["answer"]["status"]), made["answer"]["body"])


def build(builds: tuple[Path, str], sha: str) -> None:
    """Put the package of a commit where the environment looks for it."""
    folder = builds[0] / GALLERY / sha
    folder.mkdir(parents=True)
    for name, content in assets("v1").items():
        (folder / f"app.{name.rpartition('.')[2]}").write_bytes(content)


def answers(stack: Stack, number: int) -> list[str]:
    """Return what Slipway has written in a pull request."""
    found: list[dict[str, Any]] = stack.github.api(f"repos/{GALLERY}/issues/{number}/comments")
    return [one["body"] for one in found if one["user"]["login"] == "slipway-bot"]


def eventually_answered(stack: Stack, number: int, *words: str) -> str:
    """Wait until the one answer in a pull request has all these words; return it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = answers(stack, number)
        assert len(found) <= 1, found
        if found and all(word in found[0] for word in words):
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"no comment shows {words}: {answers(stack, number)}")


def ended(stack: Stack, answer: Answer) -> Entry:
    """Wait until the one request is over and told."""
    (request,) = answer.requests
    return stack.wait_for(request, environment="gallery", seconds=90)


def calls(stack: Stack) -> int:
    """Count what Azure was asked to change in the gallery."""
    return sum("contoso-gallery" in call["path"] and call["method"] != "GET" for call in stack.simulator.calls())


def test_a_comment_deploys_the_head(stack: Stack, builds: tuple[Path, str]) -> None:
    """And one comment says how it goes, from its first word to its last; a second delivery changes nothing."""
    _, number, sha = opened(stack)
    build(builds, sha)
    comment = write(stack, number, "/deploy to gallery\r\n\r\nLooks good to me")
    answer = deliver(stack, comment)
    assert answer.status == 202
    entry = ended(stack, answer)
    assert entry.outcome is not None
    assert entry.outcome.result is Result.SUCCESS, entry.outcome
    assert stack.simulator.slots("contoso-gallery")["Production"]["extended_properties"]["SlipwayCommit"] == sha
    shown = eventually_answered(stack, number, "✅", sha[:7])
    assert "`mona` on GitHub" in shown
    deployments = [one for one in stack.github.api(f"repos/{GALLERY}/deployments") if one["sha"] == sha]
    assert [one["environment"] for one in deployments] == ["gallery"]
    before = calls(stack)
    assert before > 0
    assert deliver(stack, comment).requests == answer.requests
    time.sleep(1)
    assert calls(stack) == before
    assert len(answers(stack, number)) == 1


def test_what_was_pushed_after_the_comment_is_not_deployed(stack: Stack, builds: tuple[Path, str]) -> None:
    """Its delivery comes late: nothing is called, and the comment says why."""
    branch, number, sha = opened(stack)
    comment = write(stack, number, "/deploy to gallery")
    later = push(stack, branch)
    for built in (sha, later):
        build(builds, built)
    before = calls(stack)
    entry = ended(stack, deliver(stack, comment))
    assert entry.outcome is not None
    assert entry.outcome.code == "HeadMoved"
    eventually_answered(stack, number, "❌", "HeadMoved", later[:7])
    assert calls(stack) == before


def test_a_push_while_the_package_is_awaited_ends_it(stack: Stack, builds: tuple[Path, str]) -> None:
    """The commit that was meant is not the head any more: nothing is called though both packages come."""
    branch, number, sha = opened(stack)
    before = calls(stack)
    answer = deliver(stack, write(stack, number, "/deploy to gallery"))
    (request,) = answer.requests
    stack.wait_for(request, lambda entry: "package" in (entry.delayed_by or ""), environment="gallery")
    later = push(stack, branch)
    for built in (sha, later):
        build(builds, built)
    entry = ended(stack, answer)
    assert entry.outcome is not None
    assert entry.outcome.code == "HeadMoved"
    eventually_answered(stack, number, sha[:7], later[:7])
    assert calls(stack) == before


def test_a_fork_is_not_deployed(stack: Stack) -> None:
    """Whoever asks for it."""
    stack.github.admin("POST", "commits", {"repository": "eve/gallery", "branch": "nice", "at": LONG_AGO})
    fields = {"repository": GALLERY, "branch": "nice", "fork": "eve/gallery"}
    number = int(stack.github.admin("POST", "pulls", fields)["number"])
    before = calls(stack)
    entry = ended(stack, deliver(stack, write(stack, number, "/deploy to gallery")))
    assert entry.outcome is not None
    assert entry.outcome.code == "FromAFork"
    eventually_answered(stack, number, "fork")
    assert calls(stack) == before


@pytest.mark.parametrize(
    ("body", "author", "words"),
    [
        pytest.param("/deploy to galery", "mona", ("Did you mean: /deploy to gallery",), id="a mistake"),
        pytest.param("/deploy to gallery", "eve", ("There is nothing here for your GitHub id",), id="who may not"),
        pytest.param("/status", "mallory", ("There is nothing here for your GitHub id",), id="who may not even read"),
        pytest.param("/deploy to shop", "mona", ('I do not know the environment "shop"',), id="for elsewhere"),
        pytest.param("/status", "mona", ("environment  slot", "gallery"), id="a question"),
        pytest.param("/help\n/status", "mona", ("/deploy to ENVIRONMENT", "Only the first line"), id="two commands"),
    ],
)
def test_every_other_command_has_one_answer(stack: Stack, body: str, author: str, words: tuple[str, ...]) -> None:
    """Written beside it, once however often it is delivered."""
    _, number, _ = opened(stack)
    comment = write(stack, number, body, author)
    deliver(stack, comment)
    shown = eventually_answered(stack, number, *words)
    assert "shop" not in shown or "shop" in body
    assert "gallery" not in shown or author == "mona"
    deliver(stack, comment)
    time.sleep(1)
    assert len(answers(stack, number)) == 1


def test_a_stranger_is_answered_once_whatever_they_write(stack: Stack) -> None:
    """However many comments the host works on at the same moment."""
    _, number, _ = opened(stack)
    bodies = ("/status", "/deploy to gallery", "/help", "/history gallery", "/status")
    deliveries = [deliver(stack, write(stack, number, body, "trudy")) for body in bodies]
    assert {one.status for one in deliveries} == {200, 403}
    trudy = user("", "trudy")["id"]
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and len(silent := _left_unanswered(stack, trudy)) < len(bodies) - 1:
        time.sleep(0.1)
    assert len(silent) == len(bodies) - 1
    eventually_answered(stack, number, "There is nothing here for your GitHub id", str(trudy))


def _left_unanswered(stack: Stack, actor: int) -> list[str]:
    """Return the lines of the log about comments of somebody that have no answer."""
    return [one for one in stack.host.lines() if "inquiry.left_unanswered" in one and f"actor={actor} " in one]


@pytest.mark.parametrize(
    ("body", "author", "action"),
    [
        pytest.param("/usr/bin is full", "mona", "created", id="a path"),
        pytest.param("I would /deploy to gallery", "mona", "created", id="in a sentence"),
        pytest.param("/deploy to gallery", "renovate[bot]", "created", id="a bot"),
        pytest.param("/deploy to gallery", "mona", "edited", id="edited"),
        pytest.param("/deploy to gallery", "mona", "deleted", id="deleted"),
    ],
)
def test_what_is_no_command_of_a_person_is_met_with_silence(stack: Stack, body: str, author: str, action: str) -> None:
    """And changes nothing."""
    _, number, _ = opened(stack)
    answer = deliver(stack, write(stack, number, body, author), action=action)
    assert answer.status in {200, 403}
    time.sleep(1)
    assert answers(stack, number) == []
