"""A pushed commit waits for its package and its check, deploys, and Slack watches."""

from pathlib import Path

import pytest

from handlers.ledger import Entry
from handlers.model import Result
from local.sample_release import assets
from local.stack import Answer, Stack
from tests.journey.test_chat import eventually_shown

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]
BLOG = "contoso/blog"


def push(stack: Stack, branch: str = "main") -> tuple[str, dict[str, object]]:
    """Push a commit and let GitHub say so; return its SHA and the app's answer."""
    sha = str(stack.github.admin("POST", "commits", {"repository": BLOG, "branch": branch})["id"])
    fields = {"repository": BLOG, "event": "push", "branch": branch, "secret": stack.secret, "url": stack.host.hook}
    answer = stack.github.admin("POST", "deliveries", fields)["answer"]
    return sha, dict(answer)


def build(builds: tuple[Path, str], sha: str) -> None:
    """Put the package of a commit where the environment looks for it."""
    folder = builds[0] / BLOG / sha
    folder.mkdir(parents=True)
    files = assets("v1")
    (folder / "app.cspkg").write_bytes(next(content for name, content in files.items() if name.endswith(".cspkg")))
    (folder / "app.cscfg").write_bytes(next(content for name, content in files.items() if name.endswith(".cscfg")))


def request_of(answer: dict[str, object]) -> str:
    """Return the id of the request that a push became."""
    return str(Answer(202, str(answer["body"])).requests[0])


def said_by(entry: Entry, word: str) -> bool:
    """Say whether a row waits for something."""
    return word in (entry.delayed_by or "")


def test_a_push_waits_for_its_check_and_its_package(stack: Stack, builds: tuple[Path, str]) -> None:
    """Each wait is shown, and the commit is what runs in the end."""
    sha, answer = push(stack)
    assert answer["status"] == 202
    row = request_of(answer)
    stack.wait_for(row, lambda entry: said_by(entry, "build by github-actions"), environment="blog")
    by_another = {"repository": BLOG, "ref": sha, "name": "build", "conclusion": "failure", "app": "somebody-elses"}
    stack.github.admin("POST", "checks", by_another)
    stack.github.admin("POST", "checks", {"repository": BLOG, "ref": sha, "name": "build", "conclusion": "success"})
    stack.wait_for(row, lambda entry: said_by(entry, "package"), environment="blog", seconds=60)
    build(builds, sha)
    entry = stack.wait_for(row, environment="blog", seconds=90)
    assert entry.outcome is not None
    assert entry.outcome.result is Result.SUCCESS, entry.outcome
    production = stack.simulator.slots("contoso-blog")["Production"]
    assert production["extended_properties"]["SlipwayCommit"] == sha
    eventually_shown(stack.chat.messages, sha[:7], "✅")


def test_a_check_that_failed_ends_it(stack: Stack, builds: tuple[Path, str]) -> None:
    """The outcome names the check, and nothing was deployed."""
    sha, answer = push(stack)
    build(builds, sha)
    stack.github.admin("POST", "checks", {"repository": BLOG, "ref": sha, "name": "build", "conclusion": "failure"})
    entry = stack.wait_for(request_of(answer), environment="blog", seconds=60)
    assert entry.outcome is not None
    assert entry.outcome.code == "CheckFailed"
    assert "build" in entry.outcome.message


def test_a_commit_that_its_branch_has_lost_is_refused(stack: Stack, builds: tuple[Path, str]) -> None:
    """It is pushed away by force while it waits for its check; GitHub still shows it."""
    before = stack.github.api(f"repos/{BLOG}/git/ref/heads/main")["object"]["sha"]
    sha, answer = push(stack)
    row = request_of(answer)
    build(builds, sha)
    stack.wait_for(row, lambda entry: said_by(entry, "build"), environment="blog")
    stack.github.admin("POST", "branches", {"repository": BLOG, "branch": "main", "ref": before})
    stack.github.admin("POST", "checks", {"repository": BLOG, "ref": sha, "name": "build", "conclusion": "success"})
    entry = stack.wait_for(row, environment="blog", seconds=60)
    assert entry.outcome is not None
    assert entry.outcome.code == "CommitNotAllowed", entry.outcome
    assert "it is not in branch main, release/* of contoso/blog" in entry.outcome.message


def test_a_push_to_another_branch_is_ignored(stack: Stack) -> None:
    """With the reason."""
    _, answer = push(stack, "feature")
    assert answer["status"] == 200
    assert "no environment deploys the push feature" in str(answer["body"])
