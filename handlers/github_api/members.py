"""Who counts in a team or has a permission: asked when something is decided, by the login that an id has just then.

Sources: *Get team membership for a user*, *Get repository permissions for a user* and *Get a user using their ID*,
GitHub documentation. A token for it needs Members: read (an organization's permission) for teams, Metadata: read for
permissions; with classic tokens the scope `read:org`.
"""

from urllib.parse import quote

from pydantic import TypeAdapter

from handlers.environments import Environment
from handlers.environments.groups import Group, Kind
from handlers.github_api.client import NOT_FOUND, GitHub, read_as
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.releases import read_repository
from handlers.github_api.shapes import Shape
from handlers.policy.membership import Answer, Membership, Question, has_role

ACTIVE = "active"
"""The state of a membership. One that is `pending` is an invitation that nobody has accepted."""

CHECK_MEMBERS = "Check that the team is there, and that the token may read it (permission Members: read)."
CHECK_USERS = "Check that the token is still accepted."
METADATA = "Metadata"


class _User(Shape):
    id: int
    login: str


class _Membership(Shape):
    state: str


class _Permission(Shape):
    role_name: str | None = None
    """The real role; `permission` beside it says `write` of those who maintain. Older servers have none."""
    user: _User | None = None


class _Team(Shape):
    name: str


_USER = TypeAdapter(_User)
_MEMBERSHIP = TypeAdapter(_Membership)
_PERMISSION = TypeAdapter(_Permission)
_TEAM = TypeAdapter(_Team)


class GitHubMembers:
    """Asks GitHub. Threads may share it."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def stands_for(self, question: Question, environment: Environment) -> Answer:
        """Say whether a GitHub id counts in a team, or has a permission in the environment's repository.

        Only a clear yes about this very id is one. Raises Unavailable to ask again later.
        """
        repository, group = environment.repository, question.group
        try:
            login = self._login(question.identity, repository)
            if login is None:
                return Answer(Membership.NOT_A_MEMBER, f"GitHub knows nobody with the id {question.identity}")
            if group.kind is Kind.GITHUB_TEAM:
                return self._in_team(group, question.identity, login, repository)
            if self._is_another(environment):
                return Answer(Membership.UNKNOWN, f"{repository} has not the id {environment.repository_id}")
            return self._with_permission(group, question.identity, login, repository)
        except GitHubRefused as refused:
            return Answer(Membership.UNKNOWN, refused.reason.rstrip("."))

    def team(self, group: Group, repository: str) -> str:
        """Return what a team is called. Raises GitHubRefused, Unavailable."""
        answer = self._github.look(repository, _path_of(group), f"the team {group.name}", CHECK_MEMBERS)
        return read_as(_TEAM, answer).name

    def _login(self, identity: str, repository: str) -> str | None:
        """Return what an id is called now, None where nobody has it."""
        if not (identity.isascii() and identity.isdigit()):
            return None
        try:
            answer = self._github.look(repository, f"/user/{identity}", f"the user with the id {identity}", CHECK_USERS)
        except GitHubRefused as refused:
            if refused.status == NOT_FOUND:
                return None
            raise
        user = read_as(_USER, answer)
        return user.login if user.id == int(identity) else None

    def _is_another(self, environment: Environment) -> bool:
        """Say whether somebody else has the repository's name by now, where the file knows its id."""
        expected = environment.repository_id
        return expected is not None and read_repository(self._github, environment.repository).id != expected

    def _in_team(self, group: Group, identity: str, login: str, repository: str) -> Answer:
        path = f"{_path_of(group)}/memberships/{quote(login, safe='')}"
        try:
            answer = self._github.look(repository, path, f"{login} in the team {group.name}", CHECK_MEMBERS)
        except GitHubRefused as refused:
            if refused.status == NOT_FOUND:
                return Answer(Membership.NOT_A_MEMBER, f"GitHub shows no membership of {login}")
            raise
        state = read_as(_MEMBERSHIP, answer).state
        if state != ACTIVE:
            return Answer(Membership.NOT_A_MEMBER, f"the membership of {login} is not active")
        # The answer is about whoever has the login, and names no id: it must be theirs still.
        if self._login(identity, repository) != login:
            return Answer(Membership.UNKNOWN, f"{login} was renamed just now")
        return Answer(Membership.MEMBER, f"{login} is an active member")

    def _with_permission(self, group: Group, identity: str, login: str, repository: str) -> Answer:
        path = f"/collaborators/{quote(login, safe='')}/permission"
        try:
            answer = self._github.get(repository, path, f"the permission of {login}", permission=METADATA)
        except GitHubRefused as refused:
            if refused.status == NOT_FOUND:
                return Answer(Membership.NOT_A_MEMBER, f"GitHub shows no permission of {login}")
            raise
        found = read_as(_PERMISSION, answer)
        if found.user is None or found.user.id != int(identity) or found.role_name is None:
            return Answer(Membership.UNKNOWN, f"GitHub does not say which role {login} has")
        membership = Membership.MEMBER if has_role(found.role_name, group.name) else Membership.NOT_A_MEMBER
        return Answer(membership, f"the role of {login} in {repository} is {found.role_name}")


def _path_of(team: Group) -> str:
    organization, _, slug = team.name.partition("/")
    return f"/orgs/{quote(organization, safe='')}/teams/{quote(slug, safe='')}"
