"""Whom to ask who counts in a group, by the settings: GitHub about teams and permissions, Slack about user groups."""

from handlers.chat_api.http import ChatHttp
from handlers.chat_api.slack_groups import SlackGroups
from handlers.environments import Environment
from handlers.github_api.client import GitHub
from handlers.github_api.members import GitHubMembers
from handlers.model import Source
from handlers.policy.membership import Answer, Membership, Question
from handlers.ports import Clock
from handlers.settings import Settings


class Directories:
    """All who can be asked. `ports.Directory` is its shape."""

    def __init__(self, github: GitHubMembers, slack: SlackGroups | None) -> None:
        """`slack` is None without a bot token: nobody there can be asked."""
        self._github = github
        self._slack = slack

    def stands_for(self, question: Question, environment: Environment) -> Answer:
        """Ask who keeps the group. Raises Unavailable."""
        if question.group.kind.source is Source.GITHUB:
            return self._github.stands_for(question, environment)
        if self._slack is None:
            return Answer(Membership.UNKNOWN, "Slack cannot be asked: SLACK_BOT_TOKEN is not set")
        return self._slack.stands_for(question)


def connect_directory(settings: Settings, github: GitHub, now: Clock) -> Directories:
    """Make what can be asked. Nothing is called yet. Raises SettingsWrong for an unsafe address."""
    return Directories(GitHubMembers(github), connect_slack_groups(settings, now))


def connect_slack_groups(settings: Settings, now: Clock) -> SlackGroups | None:
    """Make what asks Slack, where its bot token is set."""
    if settings.slack_bot_token is None:
        return None
    return SlackGroups(ChatHttp(now), now, settings.slack_bot_token, settings.slack_api_url)
