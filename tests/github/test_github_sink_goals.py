"""What GitHub shows of requests that no published release has made: a version by its tag, and a commit."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from handlers.errors import SinkRefused
from handlers.github_api.client import GitHub
from handlers.model import (
    Actor,
    Commit,
    Configure,
    DeploymentRequest,
    Goal,
    Phase,
    Release,
    Retire,
    Rollback,
    RunCommit,
    RunRelease,
    RunVersion,
    SetStatus,
    Source,
    SwapSlots,
    UseConfiguration,
    Walk,
)
from handlers.sinks.deployed import Deployed, deployed_by
from handlers.sinks.github import GitHubSink
from handlers.telling.report import Report
from local.github import releases
from local.github.repositories import Deployment, Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY
from tests.github.test_github_sink import ENVIRONMENTS, only, publish, states
from tests.github.test_markdown import NOW, RELEASE, ended, under_way


@pytest.fixture
def sink(github: GitHub) -> GitHubSink:
    """Give what is tested."""
    return GitHubSink(github, ENVIRONMENTS)


def asked(goal: Goal, environment: str = "shop-production", number: str = "a") -> DeploymentRequest:
    """Ask for a goal."""
    return DeploymentRequest(
        id="d" + number * 20,
        environment=environment,
        goal=goal,
        actor=Actor(source=Source.SLACK, id="U1", name="hubot"),
        delivery="",
        accepted_at=NOW,
    )


def commit(repository: Repository, deployment: int | None = None) -> Commit:
    """Return the newest commit of the branch."""
    sha = repository.branches["main"]
    return Commit(
        repository=repository.full_name,
        repository_id=repository.id,
        sha=sha,
        branch="main",
        url=f"https://github.com/{REPOSITORY}/commit/{sha}",
        deployment=deployment,
    )


def looked_up(release: releases.Release) -> Release:
    """Return a release in our words."""
    return RELEASE.model_copy(update={"id": release.id, "tag": release.tag})


def test_a_commit_from_beginning_to_end(sink: GitHubSink, fake: FakeGitHub, repository: Repository) -> None:
    """One deployment of its SHA, three statuses, and no release's text is read or written."""
    request = asked(RunCommit(commit=commit(repository)))
    references: Mapping[str, str] = {}
    for report in (
        under_way(request=request, release=None),
        under_way(Phase.IN_PROGRESS, "1 of 2 instances ready.", request=request, release=None),
        ended(request=request, release=None),
    ):
        references = sink.post(report, references)
    deployment = only(repository)
    assert deployment.sha == repository.branches["main"]
    assert deployment.fields["ref"] == repository.branches["main"]
    assert deployment.fields["description"] == f"main at {deployment.sha[:7]}, brought by hubot"
    assert states(deployment) == ["queued", "in_progress", "success"]
    assert deployment.statuses[-1]["log_url"] == f"https://github.com/{REPOSITORY}/commit/{deployment.sha}"
    assert references == {"deployment": str(deployment.id)}
    assert fake.calls(path="/releases") == []


def test_a_commits_deployment_is_found_again(sink: GitHubSink, repository: Repository) -> None:
    """The references were lost."""
    request = asked(RunCommit(commit=commit(repository)))
    sink.post(under_way(request=request, release=None), {})
    sink.post(ended(request=request, release=None), {})
    assert states(only(repository)) == ["queued", "success"]


def test_a_deployment_that_github_announced_is_used(sink: GitHubSink, fake: FakeGitHub, repository: Repository) -> None:
    """Its maker waits for statuses there; a second one would be announced again."""
    theirs = announced(fake, repository)
    request = asked(RunCommit(commit=commit(repository, theirs.id)))
    references = sink.post(under_way(request=request, release=None), {})
    references = sink.post(ended("Another operation runs.", "ConflictError", request=request, release=None), references)
    assert references == {"deployment": str(theirs.id)}
    assert states(only(repository)) == ["queued", "failure"]


def announced(fake: FakeGitHub, repository: Repository) -> Deployment:
    """Let somebody else make a deployment."""
    fields: dict[str, Any] = {
        "ref": "main",
        "task": "deploy",
        "payload": {},
        "environment": "live",
        "description": None,
        "transient_environment": False,
        "production_environment": True,
    }
    return fake.world.deploy(repository, fields, repository.branches["main"])


def test_an_announced_deployment_takes_the_place_of_ours(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository
) -> None:
    """Ours to the same production ends; what others made stays theirs."""
    sink.post(ended(request=asked(RunCommit(commit=commit(repository))), release=None), {})
    before = announced(fake, repository)
    theirs = announced(fake, repository)
    request = asked(RunCommit(commit=commit(repository, theirs.id)), number="b")
    sink.post(ended(request=request, release=None), {})
    ours = min(repository.deployments.values(), key=lambda one: one.id)
    assert states(ours) == ["success", "inactive"]
    assert states(before) == []
    assert states(theirs) == ["success"]


def test_an_announced_deployment_that_is_gone_is_refused(sink: GitHubSink, repository: Repository) -> None:
    """Nothing is made in its place."""
    request = asked(RunCommit(commit=commit(repository, 1)))
    with pytest.raises(SinkRefused, match="404"):
        sink.post(ended(request=request, release=None), {})
    assert repository.deployments == {}


def test_a_version_is_shown_once_it_is_looked_up(sink: GitHubSink, fake: FakeGitHub, repository: Repository) -> None:
    """Before that nobody knows which release it is; then it is shown like a release."""
    release = publish(fake, repository, "v1.2.0")
    request = asked(RunVersion(tag="v1.2.0"))
    assert sink.post(under_way(request=request, release=None), {"kept": "1"}) == {"kept": "1"}
    assert fake.calls() == []
    references = sink.post(under_way(request=request, release=looked_up(release)), {})
    sink.post(ended(request=request, release=looked_up(release)), references)
    assert states(only(repository)) == ["queued", "success"]
    assert only(repository).fields["description"] == "v1.2.0, asked for by hubot"
    assert "| Result | success |" in str(release.body)


def test_a_version_that_does_not_exist_is_not_shown(sink: GitHubSink, fake: FakeGitHub) -> None:
    """There is no place for it on GitHub, and that is no error."""
    report = ended("There is none.", "VersionNotFound", request=asked(RunVersion(tag="v9")), release=None)
    assert sink.post(report, {}) == {}
    assert fake.calls() == []


def test_the_same_release_again_has_a_block_of_its_own_time(
    sink: GitHubSink, fake: FakeGitHub, repository: Repository
) -> None:
    """A rollback by tag begins where the release once ended with success."""
    release = publish(fake, repository, "v1.2.0")
    first = asked(RunRelease(release=looked_up(release)))
    references = sink.post(ended(request=first), {})
    later = {"accepted_at": NOW + timedelta(minutes=5)}
    second = asked(RunVersion(tag="v1.2.0"), number="b").model_copy(update=later)
    sink.post(under_way(Phase.IN_PROGRESS, "1 of 2.", request=second, release=looked_up(release)), {})
    assert "| Result | in progress |" in str(release.body)
    sink.post(ended(request=first), references)
    assert "| Result | in progress |" in str(release.body)
    assert second.id in str(release.body)
    assert str(release.body).count(":begin -->") == 1


@pytest.mark.parametrize(
    ("goal", "shown", "deploys"),
    [
        (RunRelease(release=RELEASE), True, True),
        (RunVersion(tag="v1"), True, True),
        (RunCommit(commit=Commit(repository="o/r", repository_id=1, sha="a" * 40, branch="b", url="u")), True, True),
        (UseConfiguration(tag="v1"), False, False),
        (SetStatus(status="Suspended"), False, False),
        (Configure(instances={"Web": 2}), False, False),
        (Rollback(), True, False),
        (SwapSlots(), True, False),
        (Walk(domain=0), False, False),
        (Retire(name="d1"), False, False),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_what_has_a_place_on_github(sink: GitHubSink, goal: Goal, shown: bool, deploys: bool) -> None:
    """What deploys a version, and what brings one back; other changes to what runs are told elsewhere."""
    assert sink.concerns(asked(goal)) is shown
    report = under_way(request=asked(goal))
    assert (deployed_by(report) is not None) is deploys


def test_a_release_in_the_words_of_github() -> None:
    """By its tag, with its page."""
    report: Report = under_way(request=asked(RunVersion(tag="v1.2.0")))
    assert deployed_by(report) == Deployed(
        repository="octo/shop",
        ref="v1.2.0",
        title="v1.2.0",
        began="asked for by hubot",
        url=RELEASE.url,
        release=RELEASE,
        announced=None,
    )
