"""GitHub's pushes, workflow runs and deployments: which of them ask for a commit."""

import json
from typing import Any

import pytest

from handlers.errors import Malformed
from handlers.events import CommitReady, Event, Ignored, Trigger
from handlers.model import Actor, Commit, Source
from handlers.sources.github import GitHubSource
from tests.github import payloads
from tests.sources.senders import GITHUB_SECRET, NOW, github

SHA = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
RUN_SHA = "5779607b49aab1200488439f02372c57b4f75444"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
CODERTOCAT = Actor(source=Source.GITHUB, id="21031067", name="Codertocat")


def read(event: str, payload: Any) -> Event:
    """Read a signed payload."""
    return GitHubSource((GITHUB_SECRET,)).read(github(json.dumps(payload).encode(), event), NOW)


def push(**fields: Any) -> Event:
    """Read a real push with some fields replaced."""
    return read("push", {**payloads.load("push"), **fields})


def run(action: str = "completed", repository: int | None = None, **fields: Any) -> Event:
    """Read a real workflow run, of the repository itself and successful, with some fields replaced."""
    payload = payloads.load("workflow_run.completed")
    own = {"id": payload["repository"]["id"]}
    payload["action"] = action
    payload["workflow_run"].update({"conclusion": "success", "head_repository": own, **fields})
    return read("workflow_run", payload)


def deployment(action: str = "created", **fields: Any) -> Event:
    """Read a deployment in the documented shape, on a real repository."""
    payload = payloads.load("push")
    given = {
        "url": "https://api.github.com/repos/Codertocat/Hello-World/deployments/145988746",
        "id": 145988746,
        "sha": SHA,
        "ref": "master",
        "task": "deploy",
        "payload": {},
        "original_environment": "production",
        "environment": "production",
        "description": None,
        "creator": {"login": "Codertocat", "id": 21031067},
        **fields,
    }
    return read(
        "deployment",
        {"action": action, "deployment": given, "repository": payload["repository"], "sender": payload["sender"]},
    )


def ignored(event: Event) -> str:
    """Return the reason."""
    assert isinstance(event, Ignored)
    return event.reason


def test_a_push_to_a_branch_is_its_commit() -> None:
    """All that we keep of a real delivery, which also made the branch."""
    assert push() == CommitReady(
        commit=Commit(
            repository="Codertocat/Hello-World",
            repository_id=186853002,
            sha=SHA,
            branch="master",
            url=f"https://github.com/Codertocat/Hello-World/commit/{SHA}",
        ),
        actor=CODERTOCAT,
        delivery=GUID,
        trigger=Trigger.PUSH,
        name="master",
        object_id=f"{'0' * 40}..{SHA}@1557933657",
    )


def test_a_branch_that_is_pushed_back_to_a_commit_is_another_event() -> None:
    """The same commit may be deployed again."""
    first, back = push(), push(forced=True, before="1" * 40)
    assert isinstance(first, CommitReady)
    assert isinstance(back, CommitReady)
    assert first.object_id != back.object_id


def test_a_branch_that_is_pushed_to_and_fro_and_to_again_is_three_events() -> None:
    """From and to the same commits, at another time by GitHub's clock; a redelivery says the same time."""
    repository = payloads.load("push")["repository"]
    first, again = (push(repository={**repository, "pushed_at": at}) for at in (1557933657, 1557933757))
    assert isinstance(first, CommitReady)
    assert isinstance(again, CommitReady)
    assert first.object_id != again.object_id
    assert push() == first
    del repository["pushed_at"]
    assert isinstance(push(repository=repository), CommitReady)


@pytest.mark.parametrize("fields", [{"forced": True}, {"created": True}, {"created": False, "before": "1" * 40}])
def test_how_a_branch_came_to_its_commit_does_not_matter(fields: dict[str, Any]) -> None:
    """A forced push to the branch is what the branch is now."""
    assert isinstance(push(**fields), CommitReady)


@pytest.mark.parametrize("branch", ["main", "release/2026-05", "r\u00e9lease", "tags/v1", "refs/heads/x"])
def test_a_branch_keeps_its_whole_name(branch: str) -> None:
    """Slashes belong to it."""
    event = push(ref=f"refs/heads/{branch}")
    assert isinstance(event, CommitReady)
    assert (event.name, event.commit.branch) == (branch, branch)


@pytest.mark.parametrize(
    "fields",
    [
        {"ref": "refs/tags/v1"},
        {"ref": "refs/tags/master"},
        {"ref": "refs/pull/1/head"},
        {"ref": "refs/notes/commits"},
        {"ref": "master"},
        {"ref": "heads/master"},
        {"ref": "refs/heads"},
        {"deleted": True, "after": "0" * 40, "head_commit": None},
        {"deleted": True},
        {"after": "0" * 40},
        {"ref": "refs/tags/v1", "forced": True},
    ],
    ids=lambda fields: " ".join(f"{name}={str(value)[:20]}" for name, value in fields.items()),
)
def test_a_push_of_anything_else_does_nothing(fields: dict[str, Any]) -> None:
    """Tags, other refs, deleted branches."""
    assert ignored(push(**fields)).startswith("nothing to do for push ")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ref": None}, "ref"),
        ({"ref": "refs/heads/"}, "ref"),
        ({"ref": "refs/heads/a b"}, "ref"),
        ({"ref": "refs/heads/../x"}, "ref"),
        ({"after": SHA[:-1]}, "after"),
        ({"after": SHA.upper()}, "after"),
        ({"after": 5}, "after"),
        ({"deleted": "false"}, "deleted"),
        ({"repository": {"id": 1}}, "repository.full_name"),
        ({"sender": None}, "sender"),
    ],
)
def test_a_wrong_field_of_a_push_is_named(fields: dict[str, Any], field: str) -> None:
    """Strict about types and forms."""
    with pytest.raises(Malformed) as refused:
        push(**fields)
    assert refused.value.field == field


def test_a_successful_run_is_its_commit() -> None:
    """Known by the workflow's name, and once by the run's id, however often it is run again."""
    assert run() == CommitReady(
        commit=Commit(
            repository="Codertocat/Hello-World",
            repository_id=283462325,
            sha=RUN_SHA,
            branch="main",
            url=f"https://github.com/Codertocat/Hello-World/commit/{RUN_SHA}",
        ),
        actor=_sender("workflow_run.completed"),
        delivery=GUID,
        trigger=Trigger.WORKFLOW,
        name="Manually triggered workflow",
        object_id=1589141559,
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"conclusion": None}, "without success"),
        ({"conclusion": "failure"}, "without success"),
        ({"conclusion": "cancelled"}, "without success"),
        ({"conclusion": "skipped"}, "without success"),
        ({"conclusion": "Success"}, "without success"),
        ({"head_repository": {"id": 396980812}}, "for a fork"),
        ({"head_repository": None}, "for a fork"),
        ({"event": "pull_request"}, "other than push"),
        ({"event": "pull_request_target"}, "other than push"),
        ({"event": "schedule"}, "other than push"),
        ({"head_branch": "feature"}, "outside the default branch"),
        ({"head_branch": "Main"}, "outside the default branch"),
        ({"head_branch": None}, "outside the default branch"),
        ({"name": None}, "without a name"),
        ({"action": "requested"}, "only for workflow_run completed"),
        ({"action": "in_progress"}, "only for workflow_run completed"),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_run_that_built_nothing_to_deploy_does_nothing(fields: dict[str, Any], reason: str) -> None:
    """No success, a fork, a pull request, another branch."""
    assert reason in ignored(run(**fields))


def test_the_recorded_run_is_a_forks() -> None:
    """As GitHub sent it, and it has not succeeded either."""
    payload = payloads.load("workflow_run.completed")
    payload["workflow_run"]["conclusion"] = "success"
    assert "for a fork" in ignored(read("workflow_run", payload))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": "1"}, "workflow_run.id"),
        ({"head_sha": "main"}, "workflow_run.head_sha"),
        ({"name": 5}, "workflow_run.name"),
        ({"head_branch": "a\nb"}, "workflow_run.head_branch"),
        ({"head_repository": {"id": None}}, "workflow_run.head_repository.id"),
    ],
)
def test_a_wrong_field_of_a_run_is_named(fields: dict[str, Any], field: str) -> None:
    """Strict about types and forms."""
    with pytest.raises(Malformed) as refused:
        run(**fields)
    assert refused.value.field == field


def test_a_deployment_that_somebody_else_made_is_its_commit() -> None:
    """Known by its environment."""
    assert deployment() == CommitReady(
        commit=Commit(
            repository="Codertocat/Hello-World",
            repository_id=186853002,
            sha=SHA,
            branch="master",
            url=f"https://github.com/Codertocat/Hello-World/commit/{SHA}",
            deployment=145988746,
        ),
        actor=CODERTOCAT,
        delivery=GUID,
        trigger=Trigger.DEPLOYMENT,
        name="production",
        object_id=145988746,
    )


@pytest.mark.parametrize("payload", [None, "", "text", {}, {"reason": "because"}, [], 5])
def test_a_deployments_payload_may_be_anything(payload: object) -> None:
    """Whoever makes it decides."""
    assert isinstance(deployment(payload=payload), CommitReady)


@pytest.mark.parametrize(
    "payload",
    [{"slipway": {"request": "dabc"}}, {"slipway": None}, '{"slipway": {"request": "dabc"}}', '{"by": "slipway"}'],
)
def test_a_deployment_of_our_own_goes_round_in_no_circle(payload: object) -> None:
    """What we show on GitHub asks for nothing."""
    assert ignored(deployment(payload=payload)) == "nothing to do for deployment created by Slipway itself"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"task": "deploy:migrations"}, "a task other than deploy"),
        ({"task": "Deploy"}, "a task other than deploy"),
        ({"action": "deleted"}, "only for deployment created"),
    ],
    ids=["migrations", "capitals", "another action"],
)
def test_another_task_does_nothing(fields: dict[str, Any], reason: str) -> None:
    """The task says what is asked for."""
    assert reason in ignored(deployment(**fields))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sha": "master"}, "deployment.sha"),
        ({"environment": ""}, "deployment.environment"),
        ({"environment": "a\nb"}, "deployment.environment"),
        ({"task": None}, "deployment.task"),
        ({"id": True}, "deployment.id"),
        ({"ref": ".."}, "deployment.ref"),
    ],
)
def test_a_wrong_field_of_a_deployment_is_named(fields: dict[str, Any], field: str) -> None:
    """Strict about types and forms."""
    with pytest.raises(Malformed) as refused:
        deployment(**fields)
    assert refused.value.field == field


def _sender(name: str) -> Actor:
    sender = payloads.load(name)["sender"]
    return Actor(source=Source.GITHUB, id=str(sender["id"]), name=sender["login"])
