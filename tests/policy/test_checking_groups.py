"""`python -m handlers check`, for teams, permissions and user groups: whether they answer, and what is missing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from handlers.cli.findings import Mark
from handlers.cli.groups import groups
from handlers.cli.services import _answer
from handlers.connections.directory import connect_directory
from handlers.connections.ports import connect_github
from handlers.environments.groups import group_in
from handlers.environments.rights import Right
from handlers.model import Source
from handlers.policy.membership import Membership, Question
from handlers.settings import Settings, read_settings
from local.chat.server import FakeChats, running_chats
from local.github.server import FakeGitHub, running_github
from tests.policy.places import PLACE

TEAM, PERMISSION, GROUP = "github-team:contoso/deployers", "github-permission:maintain", "slack-group:S1"


@pytest.fixture(scope="module")
def github() -> Iterator[FakeGitHub]:
    """Run a GitHub with the team, and mona."""
    with running_github() as running:
        repository = running.world.add_repository("contoso/web")
        running.world.add_team("contoso/deployers")
        repository.roles[running.world.add_user("mona", 583231)] = "write"
        running.world.add_token("ghp_all")
        running.world.add_token("ghp_little", {"contents": "read", "metadata": "read"})
        yield running


@pytest.fixture(scope="module")
def chats() -> Iterator[FakeChats]:
    """Run a Slack with the group."""
    with running_chats() as running:
        running.world.add_slack("xoxb-all", scopes=("chat:write", "usergroups:read"))
        running.world.add_slack("xoxb-little")
        running.world.slack.groups["S1"] = ["U1", "U2"]
        yield running


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def settings(github: FakeGitHub, chats: FakeChats, **tokens: str) -> Settings:
    """Return settings that lead to the fakes."""
    return read_settings({"GITHUB_API_URL": github.url, "SLACK_API_URL": chats.slack_api, **tokens})


def found(subject: str, given: Settings, *, people: bool = True) -> tuple[Mark, str]:
    """Check a place where one group may deploy."""
    joined = {"mona": {Source.GITHUB: ("583231",)}} if people else {}
    place = PLACE.model_copy(update={"allow": {}, "rights": {Right.DEPLOY: (subject, "mona")}, "people": joined})
    (question,) = groups(given, {"production": place}, now)
    finding = _answer(question)
    return finding.mark, finding.text


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        (TEAM, "answers; it is Deployers"),
        (PERMISSION, "answers; the role of mona in contoso/web is write"),
        (GROUP, "answers; 2 people"),
    ],
)
def test_what_can_be_asked_answers(github: FakeGitHub, chats: FakeChats, subject: str, says: str) -> None:
    """With tokens that may."""
    given = settings(github, chats, GITHUB_TOKEN="ghp_all", SLACK_BOT_TOKEN="xoxb-all")
    assert found(subject, given) == (Mark.OK, f"{subject} in production: {says}")


@pytest.mark.parametrize(
    ("subject", "needs"),
    [
        (TEAM, "GITHUB_TOKEN or a GitHub App is needed, with the permission Members: read"),
        (PERMISSION, "GITHUB_TOKEN or a GitHub App is needed, with the permission Metadata: read"),
        (GROUP, "SLACK_BOT_TOKEN is needed, with the scope usergroups:read"),
    ],
)
def test_a_token_that_is_missing_is_named(github: FakeGitHub, chats: FakeChats, subject: str, needs: str) -> None:
    """With what it has to be able to do."""
    assert found(subject, settings(github, chats)) == (Mark.WRONG, f"{subject} in production: {needs}")


@pytest.mark.parametrize(("subject", "needs"), [(TEAM, "permission Members: read"), (GROUP, "scope usergroups:read")])
def test_a_token_that_may_not_is_told_what_it_lacks(
    github: FakeGitHub, chats: FakeChats, subject: str, needs: str
) -> None:
    """In the words of the service."""
    mark, text = found(subject, settings(github, chats, GITHUB_TOKEN="ghp_little", SLACK_BOT_TOKEN="xoxb-little"))
    assert mark is Mark.WRONG
    assert needs in text


def test_a_permission_is_asked_about_somebody_or_not_at_all(github: FakeGitHub, chats: FakeChats) -> None:
    """Nobody in the file has an id on GitHub."""
    given = settings(github, chats, GITHUB_TOKEN="ghp_all")
    assert found(PERMISSION, given, people=False)[1].endswith("no [people.NAME] has an id on GitHub to ask about")


@pytest.mark.parametrize(
    ("subject", "identity", "membership"),
    [
        (TEAM, "583231", Membership.NOT_A_MEMBER),
        ("github-permission:write", "583231", Membership.MEMBER),
        (GROUP, "U1", Membership.MEMBER),
        (GROUP, "583231", Membership.NOT_A_MEMBER),
    ],
)
def test_each_is_asked_where_its_list_is_kept(
    github: FakeGitHub, chats: FakeChats, subject: str, identity: str, membership: Membership
) -> None:
    """By what the settings connect."""
    assert asked(settings(github, chats, GITHUB_TOKEN="ghp_all", SLACK_BOT_TOKEN="xoxb-all"), subject, identity) == (
        membership
    )


def test_without_a_bot_token_nobody_is_in_a_user_group(github: FakeGitHub, chats: FakeChats) -> None:
    """Slack cannot be asked."""
    assert asked(settings(github, chats), GROUP, "U1") is Membership.UNKNOWN


def asked(given: Settings, subject: str, identity: str) -> Membership:
    """Ask as the flows do."""
    group = group_in(subject)
    assert group is not None
    directory = connect_directory(given, connect_github(given, now), now)
    return directory.stands_for(Question(group, identity), PLACE).membership


def test_a_group_that_is_named_twice_is_asked_about_once(github: FakeGitHub, chats: FakeChats) -> None:
    """By several rights, and on the allow list."""
    place = PLACE.model_copy(update={"allow": {Source.SLACK: (GROUP,)}, "rights": dict.fromkeys(Right, (GROUP, TEAM))})
    asked = groups(settings(github, chats), {"production": place}, now)
    assert [one.what for one in asked] == [f"{GROUP} in production", f"{TEAM} in production"]
