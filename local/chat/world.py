"""What the fake chats know: channels, messages, tokens, addresses. No HTTP."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from local.chat.answers import Fault, Limit

REPLY_USES = 5
REPLY_VALID_FOR = timedelta(minutes=30)
"""How often and how long a `response_url` of Slack may be used."""


class Clock:
    """The fakes' clock: the machine's, and as far ahead of it as somebody wants."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC) + self.ahead

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.ahead += by


@dataclass
class Channel:
    """A channel, in Slack or Mattermost."""

    id: str
    name: str
    member: bool = True
    """Whether the bot is in it."""
    private: bool = False
    archived: bool = False


@dataclass
class Message:
    """A message as people see it."""

    id: str
    """Slack's `ts`, Mattermost's id, a number in Teams."""
    channel: str
    content: dict[str, Any]
    """Slack: `text` and `blocks`. Mattermost: `message` and `props`. Teams: the card."""
    posted_at: datetime
    key: str | None = None
    """Slack's `client_msg_id`, Mattermost's `pending_post_id`."""
    only_for: str | None = None
    """The user who alone sees it."""
    by: str | None = None
    """The user who wrote it; None: the app."""
    edits: int = 0
    deleted: bool = False


@dataclass
class Reply:
    """A `response_url` of Slack."""

    path: str
    """As it is served here; Slack's own begins behind `/slack`, on hooks.slack.com."""
    channel: str
    user: str
    given_at: datetime
    uses: int = 0
    last: Message | None = None


@dataclass
class Slack:
    """One workspace."""

    tokens: dict[str, set[str]] = field(default_factory=dict)
    """Scopes by bot token."""
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    """Ids of people by user group."""
    posts: Limit | None = None
    """A limit for chat.postMessage, by channel. None does not limit."""
    updates: Limit | None = None
    groups_asked: Limit | None = None
    """A limit for usergroups.users.list."""


@dataclass
class Mattermost:
    """One server with one team and one bot."""

    tokens: set[str] = field(default_factory=set)
    """Of bots. People press through `/_mattermost/presses`."""
    channels: dict[str, Channel] = field(default_factory=dict)
    posts: list[Message] = field(default_factory=list)
    limit: Limit | None = None


@dataclass
class Workflow:
    """A Workflows webhook and what it posted."""

    id: str
    signature: str
    enabled: bool = True
    cards: list[Message] = field(default_factory=list)


class World:
    """Everything there is."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.clock.ahead = timedelta(0)
        self.slack = Slack()
        self.mattermost = Mattermost()
        self.workflows: dict[str, Workflow] = {}
        self.faults: list[Fault] = []
        self.log: list[dict[str, Any]] = []
        self._numbers = count(1)

    def next_ts(self) -> str:
        """Return a `ts` that no other message has."""
        return f"{int(self.clock.now().timestamp())}.{next(self._numbers):06d}"

    def next_number(self) -> int:
        """Return a number that nothing else has."""
        return next(self._numbers)

    def add_slack(self, token: str, *channels: str, scopes: tuple[str, ...] = ("chat:write",)) -> None:
        """Install the app with a bot token, and put the bot into these channels."""
        self.slack.tokens[token] = set(scopes)
        for channel in channels:
            self.slack.channels[channel] = Channel(channel, f"slack-{channel.lower()}")

    def add_reply(self, channel: str, user: str = "U0ASKER", kind: str = "commands") -> Reply:
        """Give out a `response_url`: its path. `kind` is `commands`, or `actions` for a pressed button."""
        path = f"/slack/{kind}/T0TEAM/{self.next_number()}/{secrets.token_hex(12)}"
        self.slack.replies[path] = Reply(path, channel, user, self.clock.now())
        return self.slack.replies[path]

    def add_mattermost(self, token: str, *channels: str) -> None:
        """Make a bot with a token, and put it into these channels."""
        self.mattermost.tokens.add(token)
        for channel in channels:
            self.mattermost.channels[channel] = Channel(channel, f"mattermost-{channel[:4]}")

    def add_workflow(self, name: str = "releases") -> Workflow:
        """Make a workflow that posts cards."""
        self.workflows[name] = Workflow(name, secrets.token_urlsafe(24))
        return self.workflows[name]

    def due_fault(self, path: str) -> Fault | None:
        """Return the fault that strikes a call now."""
        for fault in self.faults:
            if fault.path not in path:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None


def find(messages: list[Message], matches: Callable[[Message], bool]) -> Message | None:
    """Return the newest message that matches."""
    return next((one for one in reversed(messages) if matches(one)), None)
