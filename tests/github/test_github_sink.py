"""What GitHub shows of a request, against a GitHub that behaves."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from handlers.environments import Environment
from handlers.errors import SinkRefused, Unavailable
from handlers.github_api import releases
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import Nobody, Token
from handlers.github_api.deployments import Deployment, DeploymentStatus, State
from handlers.github_api.releases import MAX_BODY
from handlers.github_api.transport import Transport
from handlers.model import DeploymentRequest, Phase, Slot, release_request
from handlers.sinks.github import GitHubSink
from handlers.sinks.github_deployment import is_shown, request_of
from handlers.telling.report import Report
from local.github import repositories
from local.github.releases import Release
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY, TOKEN
from tests.github.test_markdown import NOW, RELEASE, ended, request, under_way


def environment(name: str, slot: Slot) -> Environment:
    """Return an environment."""
    return Environment(
        name=name,
        subscription="c0ffee00-0000-0000-0000-000000000000",
        cloud_service="shop",
        slot=slot,
        repository=REPOSITORY,
        release="v*",
    )


ENVIRONMENTS = {
    "shop-production": environment("shop-production", Slot.PRODUCTION),
    "shop-staging": environment("shop-staging", Slot.STAGING),
}


@pytest.fixture
def sink(github: GitHub) -> GitHubSink:
    """Give what is tested."""
    return GitHubSink(github, ENVIRONMENTS)


@pytest.fixture
def release(fake: FakeGitHub, repository: Repository) -> Release:
    """Publish the release that the reports are about."""
    return publish(fake, repository, "v1.2.0")


def publish(fake: FakeGitHub, repository: Repository, tag: str, body: str = "notes\r\n") -> Release:
    """Publish a release."""
    return fake.world.publish(repository, tag, body=body)


def about(release: Release, environment: str = "shop-production") -> DeploymentRequest:
    """Ask for a release that is there."""
    asked = request(environment)
    goal = RELEASE.model_copy(update={"id": release.id, "tag": release.tag})
    return release_request(goal, environment, asked.actor, "", NOW)


def queued(release: Release, environment: str = "shop-production") -> Report:
    """Report the beginning."""
    return under_way(request=about(release, environment))


def running(release: Release, description: str = "1 of 2 instances ready.") -> Report:
    """Report the middle."""
    return under_way(Phase.IN_PROGRESS, description, request=about(release))


def succeeded(release: Release, environment: str = "shop-production") -> Report:
    """Report a good end."""
    return ended(request=about(release, environment))


def failed(release: Release) -> Report:
    """Report a bad end."""
    return ended("Another operation runs.", "ConflictError", request=about(release))


def only(repository: Repository) -> repositories.Deployment:
    """Return the one deployment there is."""
    (deployment,) = repository.deployments.values()
    return deployment


def states(deployment: repositories.Deployment) -> list[str]:
    """Return a deployment's states, oldest first."""
    return [status["state"] for status in deployment.statuses]


def test_a_request_from_beginning_to_end(sink: GitHubSink, repository: Repository, release: Release) -> None:
    """One deployment, three statuses, one block."""
    references: Mapping[str, str] = {}
    for report in (queued(release), running(release), succeeded(release)):
        references = sink.post(report, references)
    assert states(only(repository)) == ["queued", "in_progress", "success"]
    assert release.body is not None
    assert release.body.startswith("notes\r\n\n\n<!-- slipway:shop-production:begin -->")
    assert release.body.count("| Result |") == 1
    assert "| Result | success |" in release.body


def test_the_deployment_as_it_is_created(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release
) -> None:
    """Nothing is merged, no check is waited for, and it can be found again."""
    sink.post(queued(release), {})
    (call,) = fake.calls("POST", "/deployments")[:1]
    assert call["body"] == {
        "ref": "v1.2.0",
        "task": "deploy",
        "auto_merge": False,
        "required_contexts": [],
        "environment": "shop-production",
        "description": "v1.2.0, published by monalisa",
        "payload": {"slipway": {"request": about(release).id}},
        "production_environment": True,
        "transient_environment": False,
    }


def test_a_staging_slot_is_no_production(sink: GitHubSink, repository: Repository, release: Release) -> None:
    """The slot decides, not the name."""
    sink.post(queued(release, "shop-staging"), {})
    assert only(repository).fields["production_environment"] is False


def test_a_status_leads_to_the_release_and_keeps_to_its_length(
    sink: GitHubSink, repository: Repository, release: Release
) -> None:
    """GitHub refuses 141 characters."""
    report = ended("word " * 100, "ConflictError", request=about(release))
    with_code = report.model_copy(update={"description": f"ConflictError: {report.description}"})
    sink.post(with_code, {})
    (status,) = only(repository).statuses
    assert status["log_url"] == RELEASE.url
    assert len(status["description"]) <= 140
    assert status["description"].endswith("word\u2026")


@pytest.mark.parametrize("lost", [True, False], ids=["references lost", "references kept"])
def test_the_same_report_twice_shows_once(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release, lost: bool
) -> None:
    """Nothing is written the second time."""
    for report in (queued(release), running(release), failed(release)):
        references = sink.post(report, {})
        fake.world.log.clear()
        sink.post(report, {} if lost else references)
        assert [call for call in fake.calls() if call["method"] != "GET"] == []
    assert states(only(repository)) == ["queued", "in_progress", "failure"]


@pytest.mark.parametrize("path", ["/deployments", "/statuses", "/releases/"])
def test_an_answer_that_got_lost_is_no_second_post(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release, path: str
) -> None:
    """GitHub acted, we did not hear it, and look before we act again."""
    fake.fault(502, method="PATCH" if "releases" in path else "POST", path=path, after=True)
    with pytest.raises(Unavailable):
        sink.post(queued(release), {})
    sink.post(queued(release), {})
    assert states(only(repository)) == ["queued"]
    assert str(release.body).count(":begin -->") == 1


def test_late_news_change_nothing(sink: GitHubSink, repository: Repository, release: Release) -> None:
    """Neither the deployment nor the block goes back."""
    references = sink.post(running(release), {})
    sink.post(queued(release), references)
    assert states(only(repository)) == ["in_progress"]
    assert "| Result | in progress |" in str(release.body)
    references = sink.post(failed(release), references)
    sink.post(running(release), references)
    assert states(only(repository)) == ["in_progress", "failure"]
    assert "| Result | failure |" in str(release.body)


def test_progress_is_a_status_and_no_edit(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release
) -> None:
    """The release is edited once for all of it."""
    references = sink.post(running(release, "1 of 3 instances ready."), {})
    references = sink.post(running(release, "2 of 3 instances ready."), references)
    sink.post(running(release, "3 of 3 instances ready."), references)
    assert len(only(repository).statuses) == 3
    assert len(fake.calls("PATCH")) == 1


def test_each_environment_has_a_deployment_and_a_block(
    sink: GitHubSink, repository: Repository, release: Release
) -> None:
    """One release, two places."""
    sink.post(succeeded(release, "shop-production"), {})
    sink.post(succeeded(release, "shop-staging"), {})
    assert {one.fields["environment"] for one in repository.deployments.values()} == set(ENVIRONMENTS)
    assert str(release.body).count(":begin -->") == 2


def test_two_environments_at_the_same_time_both_stay(
    sink: GitHubSink, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One posts between the other's look at the text and its edit: in one process they take turns."""
    write_body = releases.write_body

    with ThreadPoolExecutor(1) as pool:

        def write_late(*call: Any) -> None:
            monkeypatch.setattr("handlers.sinks.github.write_body", write_body)
            posted.append(pool.submit(sink.post, succeeded(release, "shop-staging"), {}))
            wait(posted, timeout=0.3)
            write_body(*call)

        posted: list[Future[Mapping[str, str]]] = []
        monkeypatch.setattr("handlers.sinks.github.write_body", write_late)
        sink.post(succeeded(release, "shop-production"), {})
        posted[0].result(10)
    assert str(release.body).count(":begin -->") == 2


def test_a_block_that_another_edit_took_away_is_put_back(
    sink: GitHubSink, fake: FakeGitHub, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saved the text that they had opened before: their words and our block both stay."""
    edits = iter(["their words"])
    original = type(release).__setattr__

    def set_attribute(self: Any, name: str, value: Any) -> None:
        original(self, name, next(edits, value) if name == "body" else value)

    monkeypatch.setattr(type(release), "__setattr__", set_attribute)
    sink.post(succeeded(release), {})
    assert str(release.body).startswith("their words\n\n<!-- slipway:shop-production:begin -->")
    assert len(fake.calls("PATCH")) == 2


def test_an_edit_war_is_left_for_later(
    sink: GitHubSink, fake: FakeGitHub, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bot that always restores its own text must not hold a worker."""
    monkeypatch.setattr(type(release), "body", property(lambda _: "mine alone", lambda *_: None), raising=False)
    with pytest.raises(Unavailable, match="edited by somebody else"):
        sink.post(succeeded(release), {})
    assert len(fake.calls("PATCH")) == 3


def test_a_text_without_room_is_left_alone(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    """The deployment says it all the same, and the log says why the block is missing."""
    release = publish(fake, repository, "v1.2.0", body="x" * (MAX_BODY - 10))
    sink.post(succeeded(release), {})
    assert fake.calls("PATCH") == []
    assert states(only(repository)) == ["success"]
    assert "github.block_left_out" in caplog.text


def test_a_release_without_text_gets_only_the_block(sink: GitHubSink, fake: FakeGitHub, repository: Repository) -> None:
    """GitHub has null there."""
    release = fake.world.publish(repository, "v1.2.0", body=None)
    sink.post(succeeded(release), {})
    assert str(release.body).startswith("<!-- slipway:shop-production:begin -->")


def test_older_deployments_to_production_become_inactive(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository
) -> None:
    """GitHub does that for all environments but production."""
    old = publish(fake, repository, "v1")
    stuck = publish(fake, repository, "v2")
    bad = publish(fake, repository, "v3")
    new = publish(fake, repository, "v4")
    for report in (succeeded(old), running(stuck), failed(bad), succeeded(new)):
        sink.post(report, {})
    by_tag = {one.fields["ref"]: one.state for one in repository.deployments.values()}
    assert by_tag == {"v1": "inactive", "v2": "inactive", "v3": "failure", "v4": "success"}
    assert repository.deployments[min(repository.deployments)].statuses[-1]["description"] == "Replaced by v4."


def test_what_is_not_ours_is_left_alone(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release
) -> None:
    """Another tool deploys to the same environment."""
    fields = {
        "ref": "v1.2.0",
        "task": "deploy",
        "payload": {"other": True},
        "environment": "shop-production",
        "production_environment": True,
        "transient_environment": False,
    }
    theirs = fake.world.deploy(repository, fields, "0" * 40)
    fake.world.add_status(repository, theirs, {"state": "success"})
    sink.post(succeeded(release), {})
    assert theirs.state == "success"


def test_a_success_told_again_does_not_come_back_to_life(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository
) -> None:
    """The newer release runs; the older one's news arrive once more."""
    old, new = publish(fake, repository, "v1"), publish(fake, repository, "v2")
    sink.post(succeeded(old), {})
    sink.post(succeeded(new), {})
    sink.post(succeeded(old), {})
    by_tag = {one.fields["ref"]: one.state for one in repository.deployments.values()}
    assert by_tag == {"v1": "inactive", "v2": "success"}


def test_looking_back_is_bounded(sink: GitHubSink, fake: FakeGitHub, repository: Repository) -> None:
    """The first inactive one says that those before it had their turn."""
    for number in range(12):
        sink.post(succeeded(publish(fake, repository, f"v{number}")), {})
    fake.world.log.clear()
    sink.post(succeeded(publish(fake, repository, "v12")), {})
    assert len(fake.calls("GET", "/statuses")) <= 3


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (202, {"message": "Auto-merged main into v1.2.0 on deployment."}),
        (409, {"message": "Conflict: Commit status checks failed for v1.2.0."}),
        (422, {"message": "No ref found for: v1.2.0"}),
        (403, {"message": "Resource not accessible by personal access token"}),
    ],
    ids=["merged", "checks", "no such ref", "permission"],
)
def test_a_refused_deployment_leaves_the_block(
    sink: GitHubSink, fake: FakeGitHub, release: Release, status: int, body: dict[str, str]
) -> None:
    """The outcome stands in the release, and only then the refusal is told."""
    fake.fault(status, method="POST", path="/deployments", body=body, times=2)
    references = sink.post(queued(release), {})
    assert "| Result | accepted |" in str(release.body)
    with pytest.raises(SinkRefused, match=str(status)):
        sink.post(succeeded(release), references)
    assert "| Result | success |" in str(release.body)


def test_a_refused_deployment_is_not_asked_for_at_every_step(
    sink: GitHubSink, fake: FakeGitHub, release: Release
) -> None:
    """Once while it goes on; GitHub bans those who go on."""
    fake.fault(422, method="POST", path="/deployments", body={"message": "No ref found"}, times=9)
    references = sink.post(queued(release), {})
    for ready in range(3):
        references = sink.post(running(release, f"{ready} of 3"), references)
    assert len(fake.calls("POST", "/deployments")) == 1


def test_an_outcome_is_shown_where_the_refusal_has_passed(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release
) -> None:
    """The owner gave the permission meanwhile."""
    fake.fault(403, method="POST", path="/deployments", body={"message": "Resource not accessible"})
    references = sink.post(queued(release), {})
    references = sink.post(succeeded(release), references)
    assert states(only(repository)) == ["success"]
    assert set(references) == {"deployment"}


def test_a_refused_block_leaves_the_deployment(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository, release: Release
) -> None:
    """A token that may write deployments and nothing else."""
    fake.world.add_token(TOKEN, {"contents": "read", "deployments": "write"})
    references = sink.post(queued(release), {})
    with pytest.raises(SinkRefused, match="permission Contents: write"):
        sink.post(succeeded(release), references)
    assert states(only(repository)) == ["queued", "success"]


def test_a_limit_at_one_part_does_not_stop_the_other(sink: GitHubSink, fake: FakeGitHub, release: Release) -> None:
    """The wait that GitHub asked for is passed on."""
    fake.fault(403, method="POST", path="/deployments", headers={"Retry-After": "77"}, body={"message": "secondary"})
    with pytest.raises(Unavailable) as later:
        sink.post(queued(release), {})
    assert later.value.retry_after is not None
    assert later.value.retry_after.total_seconds() == 77
    assert "| Result | accepted |" in str(release.body)


def test_a_token_that_does_not_work_is_waited_out(fake: FakeGitHub, release: Release) -> None:
    """People want the outcome once the owner has put it right."""
    wrong = GitHub(Transport(lambda: datetime.now(UTC), fake.url), Token(SecretStr("wrong")))
    with pytest.raises(Unavailable, match="Bad credentials"):
        GitHubSink(wrong, ENVIRONMENTS).post(succeeded(release), {})


def test_without_a_token_the_sentence_says_what_is_missing(fake: FakeGitHub, release: Release) -> None:
    """Both parts are refused, for good."""
    nobody = GitHub(Transport(lambda: datetime.now(UTC), fake.url), Nobody())
    with pytest.raises(SinkRefused, match="neither a token nor a GitHub App is configured"):
        GitHubSink(nobody, ENVIRONMENTS).post(succeeded(release), {})


@pytest.mark.parametrize(
    ("payload", "ours"),
    [
        ({"slipway": {"request": "d1"}}, "d1"),
        ('{"slipway": {"request": "d1"}}', "d1"),
        ("", None),
        ("{", None),
        ("[" * 100_000, None),
        (None, None),
        ([], None),
        ({"slipway": "d1"}, None),
        ({"slipway": {"request": 1}}, None),
    ],
    ids=["object", "text", "empty", "broken", "deep", "null", "list", "another shape", "another type"],
)
def test_whose_deployment_it_is(payload: object, ours: str | None) -> None:
    """Everybody may write anything there."""
    assert request_of(Deployment(id=1, payload=payload)) == ours


@pytest.mark.parametrize(
    ("there", "state", "shown"),
    [
        ([], "queued", False),
        (["queued"], "queued", True),
        (["queued"], "in_progress", False),
        (["queued", "in_progress"], "queued", True),
        (["queued", "success"], "in_progress", True),
        (["success"], "success", True),
        (["success"], "failure", False),
        (["success", "inactive"], "success", True),
        (["inactive"], "success", False),
        (["pending"], "queued", False),
    ],
)
def test_which_status_is_added(there: list[str], state: str, shown: bool) -> None:
    """Oldest first in this table."""
    statuses = [DeploymentStatus(id=number, state=one, description="x") for number, one in enumerate(there)]
    assert is_shown(statuses[::-1], State(state), "x") is shown
