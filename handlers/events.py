"""What a delivery says, once it is proved and read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.model import Actor, Commit, Place, Release


@dataclass(frozen=True)
class Delivery:
    """One HTTP call from a source, untouched."""

    source: str
    """The last segment of the path, as the sender wrote it."""
    headers: Mapping[str, str]
    """Names in lower case, as the Functions host hands them over."""
    body: bytes
    """The exact bytes; a signature is over these."""


@dataclass(frozen=True)
class Ping:
    """The sender asks whether somebody is there."""


@dataclass(frozen=True)
class Ignored:
    """Proved and understood, and nothing to do."""

    reason: str
    pressed: "CommandGiven | None" = None
    """The press that nothing is done about, where its presser is a person."""


class Message(StrEnum):
    """In what state the words of a message arrived."""

    AS_SENT = "as sent"
    EDITED = "edited"
    DELETED = "deleted"
    BY_A_BOT = "by a bot"
    BY_AN_APP = "by an app"
    FROM_A_FORK = "from a fork"


class Trigger(StrEnum):
    """What on GitHub can ask for a commit; the keys of an environment have the same names."""

    PUSH = "push"
    WORKFLOW = "workflow"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True)
class ReleasePublished:
    """Somebody published a release that is no draft."""

    release: Release
    actor: Actor
    delivery: str


@dataclass(frozen=True)
class CommitReady:
    """GitHub says that a commit may be deployed: it was pushed, a workflow built it, or a deployment asks for it."""

    commit: Commit
    actor: Actor
    delivery: str
    trigger: Trigger
    name: str
    """What an environment is matched by: the branch of a push, the workflow's name, the deployment's environment."""
    object_id: int | str
    """What happened once, however often it is delivered: the commit of a push, the run's id, the deployment's id."""


@dataclass(frozen=True)
class CommandGiven:
    """Somebody typed or commented a command, or pressed a button that stands for one."""

    text: str
    """As it was typed, without the name of the slash command or the mention of the bot."""
    actor: Actor
    place: Place
    delivery: str
    """The source's id of this one command: Slack's and Mattermost's `trigger_id`, the id of Teams' activity; of a
    comment the id of its delivery."""
    pressed: bool = False
    """Whether it was a button."""
    message: Message = Message.AS_SENT


Event = Ping | Ignored | ReleasePublished | CommitReady | CommandGiven


@dataclass(frozen=True)
class Reply:
    """What a sender is told, before its source writes it in its own way."""

    status: int
    """HTTP. A chat that shows text only with 200 gets 200, whatever this says."""
    text: str
    """One or more sentences for people. Outside text in it is as it came."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """The same for programs, as JSON."""


@dataclass(frozen=True)
class HttpReply:
    """A reply as it goes over the wire."""

    status: int
    body: bytes
    content_type: str = "application/json"
