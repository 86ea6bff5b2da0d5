"""The chats that the settings name: where requests are shown, and where inquiries are answered."""

from dataclasses import dataclass, field

from pydantic import SecretStr

from handlers.chat_api.http import ChatHttp
from handlers.chat_api.mattermost import MattermostApi
from handlers.chat_api.slack import SlackApi, SlackReplies
from handlers.chat_api.workflows import TeamsWorkflow
from handlers.environments import Environments
from handlers.model import Source
from handlers.ports import Clock, Sink, Voice
from handlers.settings import Settings
from handlers.sinks.mattermost import mattermost_sinks
from handlers.sinks.mattermost_buttons import MattermostButtons
from handlers.sinks.slack import slack_sinks
from handlers.sinks.slack_reply import SlackReplySink
from handlers.sinks.teams import TeamsSink
from handlers.voices.mattermost import MattermostVoice
from handlers.voices.slack import SlackVoice
from handlers.voices.teams import TeamsVoice


@dataclass
class Chats:
    """What can be shown and said where."""

    sinks: list[Sink] = field(default_factory=list)
    voices: dict[Source, Voice] = field(default_factory=dict)


def connect_chats(settings: Settings, environments: Environments, now: Clock) -> Chats:
    """Connect each chat whose tokens are set. Nothing is called yet. Raises SettingsWrong for an unsafe address."""
    chats = Chats()
    http = ChatHttp(now)
    slack = None
    if settings.slack_bot_token is not None:
        slack = SlackApi(http, now, settings.slack_bot_token, settings.slack_api_url)
        chats.sinks += slack_sinks(slack, environments)
    if settings.slack_signing_secret is not None:
        replies = SlackReplies(http, settings.slack_api_url)
        chats.voices[Source.SLACK] = SlackVoice(slack, replies)
        if slack is None:
            chats.sinks.append(SlackReplySink(replies, environments, now))
    if settings.mattermost_url is not None and settings.mattermost_bot_token is not None:
        mattermost = MattermostApi(http, now, settings.mattermost_url, settings.mattermost_bot_token)
        buttons = _mattermost_buttons(settings)
        chats.sinks += mattermost_sinks(mattermost, environments, buttons)
        chats.voices[Source.MATTERMOST] = MattermostVoice(mattermost, buttons)
    if settings.teams_workflow_url is not None:
        teams = TeamsWorkflow(http, now, settings.teams_workflow_url)
        chats.sinks.append(TeamsSink(teams, environments))
        chats.voices[Source.TEAMS] = TeamsVoice(teams)
    return chats


def _mattermost_buttons(settings: Settings) -> MattermostButtons | None:
    """Return what makes buttons, None where a press could not reach us or not be proved. The newest token seals."""
    tokens = settings.entrances[Source.MATTERMOST].secrets
    if settings.url is None or not tokens:
        return None
    return MattermostButtons(settings.url, SecretStr(tokens[0]))
