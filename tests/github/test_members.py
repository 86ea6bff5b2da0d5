"""Who counts in a team or has a permission, over real HTTP: only a clear yes about this very id is one."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from handlers.environments.groups import group_in
from handlers.errors import Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import Nobody, Token
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.members import GitHubMembers
from handlers.github_api.transport import Transport
from handlers.policy.membership import Answer, Membership, Question
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.flows.world import PRODUCTION
from tests.github.conftest import REPOSITORY, TOKEN

TEAM = "octo/deployers"
PLACE = PRODUCTION.model_copy(update={"repository": REPOSITORY})
MEMBERSHIP = "/memberships/"


@pytest.fixture
def mona(fake: FakeGitHub, repository: Repository) -> int:
    """Give the id of somebody who is in no team and has no permission yet."""
    fake.world.add_team(TEAM)
    return fake.world.add_user("mona")


@pytest.fixture
def members(github: GitHub) -> GitHubMembers:
    """Give who asks with a token that may do everything."""
    return GitHubMembers(github)


def ask(members: GitHubMembers, subject: str, identity: int | str) -> Answer:
    """Ask whether an id counts in a group."""
    group = group_in(subject)
    assert group is not None
    return members.stands_for(Question(group, str(identity)), PLACE)


def in_team(members: GitHubMembers, identity: int | str) -> Answer:
    """Ask whether an id counts in the team."""
    return ask(members, f"github-team:{TEAM}", identity)


def with_token(fake: FakeGitHub, **permissions: str) -> GitHubMembers:
    """Give who asks with a token that may do this and nothing else."""
    fake.world.add_token("ghp_less", permissions)
    return GitHubMembers(GitHub(Transport(lambda: datetime.now(UTC), fake.url), Token(SecretStr("ghp_less"))))


def test_an_active_member_counts(members: GitHubMembers, fake: FakeGitHub, mona: int) -> None:
    """Asked by the login that the id has now, which is looked up before and after."""
    fake.world.teams[TEAM].states[mona] = "active"
    assert in_team(members, mona) == Answer(Membership.MEMBER, "mona is an active member")
    assert [call["path"] for call in fake.calls()] == [
        f"/user/{mona}",
        "/orgs/octo/teams/deployers/memberships/mona",
        f"/user/{mona}",
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [(None, "GitHub shows no membership of mona"), ("pending", "the membership of mona is not active")],
)
def test_nobody_else_does(members: GitHubMembers, fake: FakeGitHub, mona: int, state: str | None, words: str) -> None:
    """Nor who was invited and has not accepted."""
    if state is not None:
        fake.world.teams[TEAM].states[mona] = state
    assert in_team(members, mona) == Answer(Membership.NOT_A_MEMBER, words)


def test_whoever_takes_the_login_of_a_member_does_not_count(
    members: GitHubMembers, fake: FakeGitHub, mona: int
) -> None:
    """The id decides: mona was renamed, and somebody else is called mona."""
    fake.world.teams[TEAM].states[mona] = "active"
    fake.world.add_user("hubot", mona)
    other = fake.world.add_user("mona", 4711)
    assert in_team(members, mona).membership is Membership.MEMBER
    assert in_team(members, other).membership is Membership.NOT_A_MEMBER


def test_a_login_that_changes_hands_meanwhile_proves_nothing(
    members: GitHubMembers, fake: FakeGitHub, mona: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer names no id, so the login has to be theirs still."""
    fake.world.teams[TEAM].states[4711] = "active"
    number_of = fake.world.number_of

    def rename_before(login: str) -> int | None:
        fake.world.add_user("hubot", mona)
        fake.world.add_user("mona", 4711)
        return number_of(login)

    monkeypatch.setattr(fake.world, "number_of", rename_before)
    assert in_team(members, mona) == Answer(Membership.UNKNOWN, "mona was renamed just now")


@pytest.mark.parametrize("identity", ["1", "MONA", "", "1/../2", "\N{SUPERSCRIPT TWO}"])
def test_an_id_that_nobody_has_does_not_count(
    members: GitHubMembers, fake: FakeGitHub, mona: int, identity: str
) -> None:
    """And one that is no number is not asked about."""
    assert in_team(members, identity).membership is Membership.NOT_A_MEMBER
    assert [call["path"] for call in fake.calls()] == (["/user/1"] if identity == "1" else [])


@pytest.mark.parametrize(
    ("role", "wanted", "counts"),
    [
        ("admin", "maintain", True),
        ("maintain", "maintain", True),
        ("write", "maintain", False),
        ("triage", "write", False),
        ("Release Manager", "Release Manager", True),
        ("Release Manager", "write", False),
        ("none", "read", False),
    ],
)
def test_the_role_decides(
    members: GitHubMembers, repository: Repository, mona: int, role: str, wanted: str, counts: bool
) -> None:
    """And not the coarser `permission` beside it, which says `write` of three of them."""
    repository.roles[mona] = role
    answer = ask(members, f"github-permission:{wanted}", mona)
    assert answer.membership is (Membership.MEMBER if counts else Membership.NOT_A_MEMBER)
    assert answer.words == f"the role of mona in {REPOSITORY} is {role}"


def test_a_renamed_repository_is_followed(
    members: GitHubMembers, fake: FakeGitHub, repository: Repository, mona: int
) -> None:
    """As everywhere."""
    repository.roles[mona] = "admin"
    fake.world.rename(repository, "octo/store")
    assert ask(members, "github-permission:write", mona).membership is Membership.MEMBER


def test_whoever_took_the_repositorys_name_gives_no_permission(
    members: GitHubMembers, repository: Repository, mona: int
) -> None:
    """Where the file knows its id: an admin of the other one is nobody here."""
    repository.roles[mona] = "admin"
    group = group_in("github-permission:admin")
    assert group is not None
    for known, membership in ((repository.id, Membership.MEMBER), (4711, Membership.UNKNOWN)):
        place = PLACE.model_copy(update={"repository_id": known})
        assert members.stands_for(Question(group, str(mona)), place).membership is membership


@pytest.mark.parametrize(
    "body",
    [
        {"permission": "admin", "role_name": "admin", "user": {"id": 4711, "login": "mona"}},
        {"permission": "admin", "role_name": "admin", "user": None},
        {"permission": "admin", "user": {"id": 1, "login": "mona"}},
    ],
    ids=["about another id", "about nobody", "without a role"],
)
def test_an_unclear_answer_is_no_yes(members: GitHubMembers, fake: FakeGitHub, mona: int, body: object) -> None:
    """Whatever else stands in it."""
    fake.fault(200, path="/permission", body=body)
    assert ask(members, "github-permission:write", mona).membership is Membership.UNKNOWN


def test_a_login_of_another_id_is_not_asked_about(members: GitHubMembers, fake: FakeGitHub, mona: int) -> None:
    """Whatever GitHub answers for an id, it has to be of this id."""
    fake.world.teams[TEAM].states[mona] = "active"
    fake.fault(200, path="/user/", body={"id": 4711, "login": "mona"})
    assert in_team(members, mona).membership is Membership.NOT_A_MEMBER
    assert len(fake.calls()) == 1


@pytest.mark.parametrize("path", ["/user/", MEMBERSHIP])
@pytest.mark.parametrize("status", [401, 403, 422, 451])
def test_a_refusal_is_no_yes(members: GitHubMembers, fake: FakeGitHub, mona: int, path: str, status: int) -> None:
    """And says what to check."""
    fake.world.teams[TEAM].states[mona] = "active"
    fake.fault(status, path=path, times=9, body={"message": "No."})
    answer = in_team(members, mona)
    assert answer.membership is Membership.UNKNOWN
    assert f"GitHub answered {status} to GET" in answer.words
    assert "Check that the t" in answer.words


@pytest.mark.parametrize("status", [0, 429, 500, 502, 503])
def test_a_service_that_is_away_is_asked_later(
    members: GitHubMembers, fake: FakeGitHub, mona: int, status: int
) -> None:
    """No answer is neither yes nor no."""
    fake.fault(status, path=MEMBERSHIP)
    with pytest.raises(Unavailable):
        in_team(members, mona)


def test_a_limit_says_when(members: GitHubMembers, fake: FakeGitHub, mona: int) -> None:
    """As GitHub asks."""
    fake.fault(403, path=MEMBERSHIP, headers={"retry-after": "77"}, body={"message": "secondary rate limit"})
    with pytest.raises(Unavailable) as later:
        in_team(members, mona)
    assert later.value.retry_after == timedelta(seconds=77)


def test_a_token_without_the_permission_is_told_which_one(fake: FakeGitHub, mona: int) -> None:
    """In the words of GitHub's pages."""
    answer = in_team(with_token(fake, metadata="read"), mona)
    assert answer.membership is Membership.UNKNOWN
    assert "permission Members: read" in answer.words


@pytest.mark.parametrize("subject", [f"github-team:{TEAM}", "github-permission:read"])
def test_without_a_token_nobody_counts(fake: FakeGitHub, mona: int, subject: str) -> None:
    """GitHub tells nobody in particular."""
    nobody = GitHubMembers(GitHub(Transport(lambda: datetime.now(UTC), fake.url), Nobody()))
    answer = ask(nobody, subject, mona)
    assert answer.membership is Membership.UNKNOWN
    assert TOKEN not in answer.words


def test_nothing_is_kept(members: GitHubMembers, fake: FakeGitHub, mona: int) -> None:
    """Whoever leaves is out with the next question."""
    fake.world.teams[TEAM].states[mona] = "active"
    assert in_team(members, mona).membership is Membership.MEMBER
    del fake.world.teams[TEAM].states[mona]
    assert in_team(members, mona).membership is Membership.NOT_A_MEMBER


def test_a_team_is_looked_up_by_its_name(members: GitHubMembers, mona: int) -> None:
    """For the owner's check."""
    there, gone = group_in(f"github-team:{TEAM}"), group_in("github-team:octo/nobody")
    assert there is not None
    assert gone is not None
    assert members.team(there, REPOSITORY) == "Deployers"
    with pytest.raises(GitHubRefused, match="permission Members: read"):
        members.team(gone, REPOSITORY)
