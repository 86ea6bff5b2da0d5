"""The fake GitHub's commits: pushed, checked, run through workflows, deployed; and how it tells of them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from handlers.events import CommitReady, Delivery, Event, Trigger
from handlers.sources.github import GitHubSource
from local.github import deliveries
from local.github.commits import ZEROS
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github import payloads
from tests.github.conftest import REPOSITORY, TOKEN
from tests.github.test_fake_github import NEWER_REPOSITORY, SECRET, keys, lower

TO_US = {"repository": REPOSITORY, "secret": SECRET}


def read(delivery: deliveries.Delivery) -> Event:
    """Prove and read a delivery with the other end."""
    told = Delivery("github", lower(delivery.headers), delivery.body)
    return GitHubSource((SECRET,)).read(told, datetime.now(UTC))


def test_its_push_has_the_shape_of_a_recorded_one(fake: FakeGitHub, repository: Repository) -> None:
    """With the older kind of repository that pushes have."""
    commit = repository.commits[repository.branches["main"]]
    built = json.loads(deliveries.push_delivery(SECRET, fake.url, repository, "main", [commit]).body)
    recorded = payloads.load("push")
    assert set(built) == set(recorded) - {"installation"}
    assert set(built["repository"]) - NEWER_REPOSITORY == set(recorded["repository"]) - NEWER_REPOSITORY
    assert keys(built["repository"]["owner"]) == keys(recorded["repository"]["owner"])
    assert keys(built["commits"][0]) == keys(recorded["commits"][0])
    assert keys(built["head_commit"]) == keys(recorded["head_commit"])
    assert type(built["repository"]["created_at"]) is type(recorded["repository"]["created_at"])
    assert built["compare"].endswith(f"/commit/{commit.sha}"), "as recorded for a new branch"


def test_its_pushes_follow_one_another(fake: FakeGitHub, repository: Repository) -> None:
    """A branch begins, goes on and ends."""
    first, second = fake.world.push(repository, "next"), fake.world.push(repository, "next", "More", "mona")
    begun, gone_on, ended = (
        json.loads(deliveries.push_delivery(SECRET, fake.url, repository, "next", commits).body)
        for commits in ([first], [second], [])
    )
    assert (begun["created"], begun["before"], begun["after"]) == (True, ZEROS, first.sha)
    assert (gone_on["created"], gone_on["before"], gone_on["after"]) == (False, first.sha, second.sha)
    assert gone_on["head_commit"]["author"]["username"] == "mona"
    assert (ended["deleted"], ended["before"], ended["after"]) == (True, second.sha, ZEROS)
    assert ended["head_commit"] is None


def test_its_workflow_runs_have_the_shape_of_a_recorded_one(fake: FakeGitHub, repository: Repository) -> None:
    """With the short repositories inside."""
    commit = repository.commits[repository.branches["main"]]
    run = deliveries.Run(id=7, name="build", branch="main")
    built = json.loads(deliveries.workflow_run_delivery(SECRET, fake.url, repository, commit, run).body)
    recorded = payloads.load("workflow_run.completed")
    assert set(built) == set(recorded) - {"organization"}
    assert keys(built["workflow"]) == keys(recorded["workflow"])
    newer = {"actor", "path", "triggering_actor"}
    assert {name: keys(member) for name, member in built["workflow_run"].items() if name not in newer} == keys(
        recorded["workflow_run"]
    )


def test_its_deployments_have_the_shape_of_a_recorded_one(fake: FakeGitHub, repository: Repository) -> None:
    """The one that stands in a recorded status, and what GitHub has added since."""
    deployment = repository.deployments[deploy(fake)]
    built = json.loads(deliveries.deployment_delivery(SECRET, fake.url, repository, deployment).body)
    recorded = payloads.load("deployment_status.created")
    newer = {"transient_environment", "production_environment", "performed_via_github_app"}
    assert set(built["deployment"]) - newer == set(recorded["deployment"])
    assert set(built) == {"action", "deployment", "workflow", "workflow_run", "repository", "sender"}


def deploy(fake: FakeGitHub, **change: Any) -> int:
    """Make a deployment, as somebody else's program does; return its id."""
    body = {"ref": "main", "environment": "live", "required_contexts": [], "auto_merge": False, **change}
    answer = call(fake, "POST", f"/repos/{REPOSITORY}/deployments", body)
    assert answer.status_code == 201
    return int(answer.json()["id"])


def call(fake: FakeGitHub, method: str, path: str, body: object = None) -> requests.Response:
    """Call the API with the token, or the owner's routes."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.request(method, f"{fake.url}{path}", json=body, headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("asked", "trigger", "name"),
    [
        ({"event": "push", "branch": "next"}, Trigger.PUSH, "next"),
        ({"event": "workflow_run", "workflow": "Build it"}, Trigger.WORKFLOW, "Build it"),
        ({"event": "deployment"}, Trigger.DEPLOYMENT, "live"),
    ],
    ids=["push", "workflow_run", "deployment"],
)
def test_its_deliveries_are_proved_and_read(
    fake: FakeGitHub, repository: Repository, asked: dict[str, Any], trigger: Trigger, name: str
) -> None:
    """The two ends were written apart; all by HTTP, as a demo does it."""
    branch = asked.get("branch", "main")
    sha = call(fake, "POST", "/_github/commits", {"repository": REPOSITORY, "branch": branch}).json()["id"]
    if trigger is Trigger.DEPLOYMENT:
        asked = {**asked, "deployment_id": deploy(fake)}
    body = {"repository": REPOSITORY, "secret": SECRET, "guid": "g-1", "sender": "mona", **asked}
    answer = call(fake, "POST", "/_github/deliveries", body).json()
    event = read(deliveries.Delivery(answer["headers"], answer["body"].encode()))
    assert isinstance(event, CommitReady)
    assert (event.commit.sha, event.commit.branch) == (sha, branch)
    assert (event.trigger, event.name) == (trigger, name)
    assert (event.actor.name, event.delivery) == ("mona", "g-1")
    assert event.commit.url == f"{fake.url}/{REPOSITORY}/commit/{sha}"


def test_a_page_shows_what_is_known_of_a_commit(fake: FakeGitHub, repository: Repository) -> None:
    """For who follows the link."""
    commit = fake.world.push(repository, message="<b>more</b>")
    fake.world.check(repository, commit.sha, "build", "success")
    deploy(fake)
    page = requests.get(f"{fake.url}/{REPOSITORY}/commit/{commit.sha}", timeout=10).text
    assert "&lt;b&gt;more" in page
    assert "<li>build: success</li>" in page
    assert "<h3>live</h3>" in page


def test_checks_are_set_by_its_owner(fake: FakeGitHub, repository: Repository) -> None:
    """And read as GitHub writes them."""
    where = {"repository": REPOSITORY, "ref": "main"}
    call(fake, "POST", "/_github/checks", {**where, "name": "build"})
    made = call(fake, "POST", "/_github/checks", {**where, "name": "build", "conclusion": "failure"}).json()
    call(fake, "POST", "/_github/checks", {**where, "name": "build", "conclusion": "success", "app": "other"})
    given = call(fake, "GET", f"/repos/{REPOSITORY}/commits/main/check-runs").json()
    assert given["total_count"] == 2
    runs = [(run["name"], run["status"], run["conclusion"], run["app"]["slug"]) for run in given["check_runs"]]
    assert runs == [
        ("build", "completed", "success", "other"),
        ("build", "completed", "failure", "github-actions"),
    ]
    assert made["head_sha"] == repository.branches["main"]
    every = call(fake, "GET", f"/repos/{REPOSITORY}/commits/main/check-runs?filter=all").json()
    assert every["total_count"] == 3
    named = call(fake, "GET", f"/repos/{REPOSITORY}/commits/main/check-runs?check_name=test").json()
    assert named == {"total_count": 0, "check_runs": []}


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        ([], "pending"),
        ([("a", "success"), ("b", "success")], "success"),
        ([("a", "success"), ("b", "pending")], "pending"),
        ([("a", "error"), ("b", "pending")], "failure"),
        ([("a", "failure"), ("a", "success")], "success"),
    ],
    ids=["none", "all", "one open", "one failed", "the last counts"],
)
def test_statuses_mean_something_together(
    fake: FakeGitHub, repository: Repository, marks: list[tuple[str, str]], state: str
) -> None:
    """As GitHub documents it; written by its owner and through the API."""
    sha = repository.branches["main"]
    for number, (context, one) in enumerate(marks):
        if number % 2:
            call(fake, "POST", f"/repos/{REPOSITORY}/statuses/{sha}", {"context": context, "state": one})
        else:
            where = {"repository": REPOSITORY, "ref": "main"}
            call(fake, "POST", "/_github/statuses", {**where, "context": context, "state": one})
    given = call(fake, "GET", f"/repos/{REPOSITORY}/commits/{sha}/status").json()
    assert (given["state"], given["sha"]) == (state, sha)
    assert given["total_count"] == len(given["statuses"]) == len({context for context, _ in marks})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/repos/octo/shop/commits/nowhere/check-runs", None, 422),
        ("GET", "/repos/octo/shop/commits/nowhere/status", None, 404),
        ("POST", f"/repos/octo/shop/statuses/{'a' * 40}", {"state": "success"}, 422),
        ("POST", "/repos/octo/shop/statuses/{main}", {"state": "done"}, 422),
        ("POST", "/_github/checks", {"repository": "octo/shop", "ref": "nowhere", "name": "x"}, 404),
        ("POST", "/_github/deliveries", {**TO_US, "event": "star"}, 422),
        ("POST", "/_github/deliveries", {**TO_US, "event": "deployment", "deployment_id": 1}, 404),
    ],
    ids=["runs", "status", "unknown commit", "unknown state", "check of nothing", "another event", "no deployment"],
)
def test_it_refuses_what_is_not_there(
    fake: FakeGitHub, repository: Repository, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    """With the status that GitHub has for it."""
    assert call(fake, method, path.format(main=repository.branches["main"]), body).status_code == status
