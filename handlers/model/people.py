"""Who, and where: sources, people, and the places in chats where they talk."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from handlers.model.base import Message


class Source(StrEnum):
    """Where deliveries come from; the last segment of `/api/hooks/{source}`."""

    GITHUB = "github"
    SLACK = "slack"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    CLOCK = "clock"
    """Nobody outside: a rule of the night. Nothing is delivered from there."""

    @property
    def label(self) -> str:
        """Write it as people do."""
        return _LABELS[self]


_LABELS = {
    Source.GITHUB: "GitHub",
    Source.SLACK: "Slack",
    Source.TEAMS: "Teams",
    Source.MATTERMOST: "Mattermost",
    Source.CLOCK: "the clock",
}


class Actor(Message):
    """Who caused an event. The id decides, the name is for reading."""

    source: Source
    id: str
    """Immutable in its source: GitHub's numeric id, Slack's `U...`, Teams' Entra object id, Mattermost's user id."""
    name: str
    """Shown to people. May change, may be anybody's."""


class SlackPlace(Message):
    """A channel in Slack where somebody gave a command."""

    kind: Literal["slack"] = "slack"
    team: str
    channel: str
    response_url: str | None = None
    """Lets whoever has it post there, 5 times in 30 minutes: never logged."""


class TeamsPlace(Message):
    """A channel in Teams. It is told through the Workflows URL, whichever channel that leads to."""

    kind: Literal["teams"] = "teams"
    channel: str


class MattermostPlace(Message):
    """A channel in Mattermost."""

    kind: Literal["mattermost"] = "mattermost"
    channel: str


class GitHubPlace(Message):
    """A pull request on GitHub, and the comment on it that is a command."""

    kind: Literal["github"] = "github"
    repository: str
    """`owner/name`, as GitHub writes it. May change."""
    repository_id: int
    number: int
    """The pull request's."""
    comment: int
    """The comment's id."""
    commented_at: AwareDatetime
    """By GitHub's clock, to the second."""
    unread: bool = False
    """Whether a later line of the comment looks like a command too: only the first line is read."""


Place = Annotated[SlackPlace | TeamsPlace | MattermostPlace | GitHubPlace, Field(discriminator="kind")]
"""Where a command was given, so that it can be answered there."""
