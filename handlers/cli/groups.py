"""Whether those can be asked who keep the teams, permissions and user groups that rights name."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

from handlers.chat_api.slack_groups import GroupUnreadable
from handlers.cli.questions import Question
from handlers.connections.directory import connect_slack_groups
from handlers.connections.ports import connect_github
from handlers.environments import Environment, Environments
from handlers.environments.groups import Group, Kind
from handlers.errors import Unavailable
from handlers.github_api.members import GitHubMembers
from handlers.model import Source
from handlers.policy import membership
from handlers.policy.membership import Membership
from handlers.ports import Clock
from handlers.settings import Settings


def groups(settings: Settings, environments: Environments, now: Clock) -> Iterator[Question]:
    """Yield a question for each team and user group, and for each repository with permissions that are named."""
    github = cache(lambda: GitHubMembers(connect_github(settings, now)))
    slack = connect_slack_groups(settings, now)
    signs_in = Source.GITHUB in settings.answering

    def team(group: Group, environment: Environment) -> str:
        _require(signs_in, "GITHUB_TOKEN or a GitHub App is needed, with the permission Members: read")
        return f"answers; it is {github().team(group, environment.repository)}"

    def permission(group: Group, environment: Environment) -> str:
        _require(signs_in, "GITHUB_TOKEN or a GitHub App is needed, with the permission Metadata: read")
        somebody = next((ids[0] for one in environment.people.values() if (ids := one.get(Source.GITHUB))), None)
        if somebody is None:
            return "not asked; no [people.NAME] has an id on GitHub to ask about"
        answer = github().stands_for(membership.Question(group, somebody), environment)
        _require(answer.membership is not Membership.UNKNOWN, answer.words)
        return f"answers; {answer.words}"

    def user_group(group: Group, _: Environment) -> str:
        if slack is None:
            raise Unavailable("SLACK_BOT_TOKEN is needed, with the scope usergroups:read")
        try:
            return f"answers; {len(slack.members(group.name))} people"
        except GroupUnreadable as error:
            raise Unavailable(str(error)) from error

    asking: Mapping[Kind, Callable[[Group, Environment], str]] = {
        Kind.GITHUB_TEAM: team,
        Kind.GITHUB_PERMISSION: permission,
        Kind.SLACK_GROUP: user_group,
    }
    for environment in environments.values():
        for group in environment.groups:
            yield Question(f"{group} in {environment.name}", partial(asking[group.kind], group, environment))


def _require(there: bool, otherwise: str) -> None:
    if not there:
        raise Unavailable(otherwise)
