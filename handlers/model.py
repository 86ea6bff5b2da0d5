"""The vocabulary: who asked for what, what Azure was asked to do, and how it ended.

Everything here is frozen and knows nothing of HTTP, queues or clocks. Two kinds of text cross process borders and so
keep their shape: `RequestsMessage` (queue `requests`) and `Check` (queues `operations` and `notifications`).
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


class Message(BaseModel):
    """What we write and read again ourselves: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(StrEnum):
    """Where deliveries come from; the last segment of `/api/hooks/{source}`."""

    GITHUB = "github"
    SLACK = "slack"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    CLOCK = "clock"
    """Nobody outside: a rule of the night. Nothing is delivered from there."""


class Slot(StrEnum):
    """A cloud service has two places for a deployment."""

    PRODUCTION = "production"
    STAGING = "staging"


class UpdateMode(StrEnum):
    """How an update goes through the upgrade domains, in Azure's words."""

    AUTO = "Auto"
    MANUAL = "Manual"
    SIMULTANEOUS = "Simultaneous"


class Actor(Message):
    """Who caused an event. The id decides, the name is for reading."""

    source: Source
    id: str
    """Immutable in its source: GitHub's numeric id, Slack's `U...`, Teams' Entra object id, Mattermost's user id."""
    name: str
    """Shown to people. May change, may be anybody's."""


class Release(Message):
    """A published GitHub release."""

    repository: str
    """`owner/name`, as GitHub writes it. May change."""
    repository_id: int
    """Stays when the repository is renamed or moved."""
    id: int
    tag: str
    prerelease: bool
    url: str
    """The page for people (`html_url`)."""


class Commit(Message):
    """A commit on a branch, whose package lies in a blob container."""

    repository: str
    """`owner/name`, as GitHub writes it. May change."""
    repository_id: int
    sha: str = Field(pattern=r"^[0-9a-f]{40}$")
    branch: str
    url: str
    """The page for people."""
    deployment: int | None = None
    """The id of the GitHub deployment that asked for it, where one did."""


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


Place = Annotated[SlackPlace | TeamsPlace | MattermostPlace, Field(discriminator="kind")]
"""Where a command was given, so that it can be answered there."""


class RunRelease(Message):
    """The goal that this release runs in the environment."""

    kind: Literal["run-release"] = "run-release"
    release: Release

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return self.release.tag


class RunVersion(Message):
    """The goal that the published release of this tag runs, which is looked up when the work begins."""

    kind: Literal["run-version"] = "run-version"
    tag: str = Field(min_length=1, max_length=255)

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return self.tag


class RunCommit(Message):
    """The goal that the package which was built from this commit runs, once it is there and its checks succeeded."""

    kind: Literal["run-commit"] = "run-commit"
    commit: Commit

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return f"{self.commit.branch} at {self.commit.sha[:7]}"


class SetStatus(Message):
    """The goal that what is deployed runs, or is suspended. A suspended deployment is charged all the same."""

    kind: Literal["set-status"] = "set-status"
    status: Literal["Running", "Suspended"]

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return self.status


class Configure(Message):
    """The goal that the configuration says this: instance counts by role, values by setting."""

    kind: Literal["configure"] = "configure"
    instances: Mapping[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """By role."""
    settings: Mapping[str, str] = Field(default_factory=dict)
    """By name of the setting, in every role that has it."""

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        changes = [f"{role}={count}" for role, count in self.instances.items()]
        # A setting's value may be a secret, and titles are shown to a whole channel.
        return ", ".join([*changes, *(f"setting {name}" for name in self.settings)])


class UseConfiguration(Message):
    """The goal that the configuration is the one that came with a published release; the package stays."""

    kind: Literal["use-configuration"] = "use-configuration"
    tag: str = Field(min_length=1, max_length=255)

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return f"configuration of {self.tag}"


class Walk(Message):
    """The goal that a manual update has reached one upgrade domain."""

    kind: Literal["walk"] = "walk"
    domain: int = Field(ge=0, le=19)
    """Counted from zero."""

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return f"upgrade domain {self.domain} (counted from 0)"


class Rollback(Message):
    """The goal that what ran before runs again: an update is taken back, or the kept deployment swapped back."""

    kind: Literal["rollback"] = "rollback"

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return "rollback"


class SwapSlots(Message):
    """The goal that what stood in staging when we first looked stands in production."""

    kind: Literal["swap"] = "swap"

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return "swap"


class Retire(Message):
    """The goal that a deployment which was kept for a rollback is gone, unless it is back in production."""

    kind: Literal["retire"] = "retire"
    name: str

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return f"removal of {self.name}"


class Kept(Message):
    """A deployment that can be made again: everything that Create Deployment needs lies in our own container."""

    version: str
    """What it calls itself: a tag, or a branch and a commit."""
    package: str
    """The name of the package's blob."""
    configuration: str
    """The name of the blob with the .cscfg that it ran with."""
    release: Release | None = None
    commit: str | None = None


class PutAway(Message):
    """The goal that a deployment is gone for the night. What it takes to bring it back has been kept before."""

    kind: Literal["put-away"] = "put-away"
    deployment: str
    kept: Kept

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return f"{self.kept.version} put away"


class BringBack(Message):
    """The goal that what was put away for the night runs again."""

    kind: Literal["bring-back"] = "bring-back"
    kept: Kept

    @property
    def title(self) -> str:
        """What is asked for, in a few words. Also what the deployment calls itself, so it is the version alone."""
        return self.kept.version


Goal = Annotated[
    RunRelease
    | RunVersion
    | RunCommit
    | SetStatus
    | Configure
    | UseConfiguration
    | Walk
    | Rollback
    | SwapSlots
    | Retire
    | PutAway
    | BringBack,
    Field(discriminator="kind"),
]
"""What should be true at the end."""


class DeploymentRequest(Message):
    """Who wants which goal for which environment, and where to answer."""

    id: str = Field(pattern=r"^d[a-z2-7]{20}$")
    """Derived from what happened (`derive_id`), so that two deliveries of one event are one request. Also the
    deployment's name in Azure, which refuses the same name twice."""
    environment: str
    goal: Goal
    actor: Actor
    delivery: str
    """The sender's id of the HTTP call, for finding it again in the sender's list of deliveries."""
    accepted_at: AwareDatetime
    place: Place | None = None
    """Where the command was given; None for what GitHub sent."""
    break_glass: str | None = None
    """Why it is meant although the environment is frozen."""


class Inquiry(Message):
    """A command that changes nothing in Azure, and is answered where it was given."""

    id: str = Field(pattern=r"^d[a-z2-7]{20}$")
    text: str
    """The command as `commands.say` writes it."""
    actor: Actor
    place: Place
    asked_at: AwareDatetime


class RequestsMessage(Message):
    """The text on queue `requests`: everything that one delivery asks for.

    One message a delivery, because an output binding writes one message whole or answers the sender with 500; what
    is for several environments is taken apart afterwards.
    """

    v: Literal[1] = 1
    requests: tuple[DeploymentRequest, ...] = ()
    inquiry: Inquiry | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.requests and self.inquiry is None:
            raise ValueError("asks for nothing")
        return self


class Check(Message):
    """The text on queues `operations` and `notifications`: look at this row of the ledger."""

    v: Literal[1] = 1
    environment: str
    request: str


class Result(StrEnum):
    """How a request ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    """Azure, or a rule, said no."""
    ERROR = "error"
    """We stopped trying; Azure's last word is not known."""


class Phase(StrEnum):
    """GitHub's names for the states of a deployment, which every sink uses."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"

    @property
    def final(self) -> bool:
        """Whether no other report follows."""
        return self not in {Phase.QUEUED, Phase.IN_PROGRESS}

    def comes_before(self, other: "Phase") -> bool:
        """Whether a place that shows the other phase is further on already."""
        order = [Phase.QUEUED, Phase.IN_PROGRESS]
        return self in order and (other.final or order.index(self) < order.index(other))


class Outcome(Message):
    """The truthful end of a request."""

    result: Result
    code: str | None = None
    """Azure's error code, or ours in the same form (`PackageNotFound`)."""
    message: str
    """A sentence for people."""
    ended_at: AwareDatetime


class Operation(Message):
    """A change that Azure accepted."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    """Its `x-ms-request-id`."""
    submitted_at: AwareDatetime


@dataclass(frozen=True)
class InProgress:
    """Azure is still at it."""


@dataclass(frozen=True)
class Succeeded:
    """Azure took the change. Instances may still be on their way."""


@dataclass(frozen=True)
class Failed:
    """Azure accepted the change and could not make it."""

    status: int
    """The HTTP status code inside the operation: 400, 404, 500."""
    code: str
    message: str


OperationStatus = InProgress | Succeeded | Failed
"""Azure's words for how an operation stands."""


class CreateStep(Message):
    """Create Deployment in an empty slot."""

    kind: Literal["create"] = "create"
    slot: Slot
    name: str
    start: bool


class DeleteStep(Message):
    """Delete Deployment, by name: a late one can never hit the next deployment in the slot."""

    kind: Literal["delete"] = "delete"
    name: str


class SwapStep(Message):
    """Swap Deployment. Azure refuses it where the two names stand elsewhere by then."""

    kind: Literal["swap"] = "swap"
    production: str | None
    """What stands in production; None where it is empty and staging simply moves there."""
    name: str
    """What stands in staging and goes to production."""


class UpgradeStep(Message):
    """Upgrade Deployment, in place and by name."""

    kind: Literal["upgrade"] = "upgrade"
    name: str
    mode: UpdateMode


class WalkStep(Message):
    """Walk Upgrade Domain of a manual update, by name."""

    kind: Literal["walk"] = "walk"
    name: str
    domain: int


class RollbackStep(Message):
    """Rollback Update Or Upgrade, by name."""

    kind: Literal["rollback"] = "rollback"
    name: str


class ConfigureStep(Message):
    """Change Deployment Configuration, by name. What it changes stands in the request's goal."""

    kind: Literal["configure"] = "configure"
    name: str


class StatusStep(Message):
    """Update Deployment Status, by name."""

    kind: Literal["status"] = "status"
    name: str
    status: Literal["Running", "Suspended"]


Step = Annotated[
    CreateStep | DeleteStep | SwapStep | UpgradeStep | WalkStep | RollbackStep | ConfigureStep | StatusStep,
    Field(discriminator="kind"),
]
"""One Service Management call on the way to a goal. Every one names the deployment that it is about."""


class Readiness(Message):
    """How far a deployment is: its instances, and an update that walks its domains."""

    ready: int
    total: int
    waiting: tuple[str, ...] = ()
    """`WebRole_IN_0 is StartingVM`, one for each instance that is not ready."""
    domain: int | None = None
    """The upgrade domain that an update is at, counted from zero; None while none runs."""
    domains: int | None = None

    @property
    def words(self) -> str:
        """Say it to people."""
        if self.domain is not None:
            return f"upgrade domain {self.domain + 1} of {self.domains}"
        return f"{self.ready} of {self.total} instances ready"


def derive_id(*facts: str | int) -> str:
    """Derive a request id from what happened: `d` and 20 characters of base32 (100 bits).

    Each fact is written with its length before it, so that no two lists of facts give one text.
    """
    text = "".join(f"{len(fact)}:{fact}" for fact in map(str, facts))
    digest = hashlib.sha256(text.encode()).digest()
    return "d" + base64.b32encode(digest).decode().lower()[:20]


def release_request(
    release: Release, environment: str, actor: Actor, delivery: str, accepted_at: datetime
) -> DeploymentRequest:
    """Ask for a published release in one environment."""
    return DeploymentRequest(
        id=derive_id(Source.GITHUB, release.repository_id, "release", release.id, "published", environment),
        environment=environment,
        goal=RunRelease(release=release),
        actor=actor,
        delivery=delivery,
        accepted_at=accepted_at,
    )


def retire_request(after: DeploymentRequest, name: str, accepted_at: datetime) -> DeploymentRequest:
    """Ask for the removal of what a release replaced, once it need not be kept any more."""
    return after.model_copy(
        update={
            "id": derive_id(after.id, "retire", name),
            "goal": Retire(name=name),
            "accepted_at": accepted_at,
        }
    )
