"""A named place to deploy to, with its rules, as a table of `environments.toml` gives it. Values alone."""

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from handlers.environments.commits import RefPattern, RequiredCheck
from handlers.environments.groups import Group, group_in
from handlers.environments.people import People
from handlers.environments.rights import Allowed, Freeze, Right, Rights
from handlers.events import Trigger
from handlers.model import ENVIRONMENT_NAME, Commit, Release, Slot, Source, UpdateMode

_COMMIT_ADDRESS = r"^https?://[^\s?#{}/@]+(/([^\s?#{}]|\{(repository|branch|sha)\})*)$"
"""No user, no query, and placeholders behind the host alone."""


class Strategy(StrEnum):
    """How a release gets to where it runs."""

    SWAP = "swap"
    """Create in staging, wait until it is ready, swap into production, keep what ran before for a while."""
    CREATE = "create"
    """Create, only in an empty slot."""
    REPLACE = "replace"
    """Delete what stands in the slot, then create. Down in between."""
    UPGRADE = "upgrade"
    """Upgrade in place, domain by domain."""


class OnUnready(StrEnum):
    """What happens when instances do not become ready in time."""

    ROLLBACK = "rollback"
    LEAVE = "leave"


class Environment(BaseModel):
    """A named place to deploy: where in Azure, from which releases, by which rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(pattern=ENVIRONMENT_NAME)
    subscription: str = Field(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
    """The Azure subscription's id."""
    cloud_service: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")
    """The cloud service's name: the `<name>` in `<name>.cloudapp.net`."""
    slot: Slot
    repository: str = Field(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")
    """`owner/name` on GitHub."""
    repository_id: int | None = Field(default=None, ge=1)
    """GitHub's id of the repository; where it is there, it decides and the name is for reading."""
    release: str | None = Field(default=None, min_length=1)
    """Published releases whose tag matches this pattern deploy here (`*`, `?`, `[abc]`; case matters)."""
    push: str | None = Field(default=None, min_length=1)
    """The branch whose pushed commits deploy here."""
    workflow: str | None = Field(default=None, min_length=1)
    """The GitHub Actions workflow whose successful runs deploy their commit here."""
    deployment: str | None = Field(default=None, min_length=1)
    """The GitHub environment whose deployments, made by somebody else, deploy their commit here."""
    comments: bool = False
    """Whether comments on the repository's pull requests are commands here."""
    package_url: str | None = Field(default=None, pattern=_COMMIT_ADDRESS)
    """Where the package of a commit lies: `https://.../{repository}/{sha}/app.cspkg`."""
    configuration_url: str | None = Field(default=None, pattern=_COMMIT_ADDRESS)
    """Where the service configuration of a commit lies."""
    branches: tuple[RefPattern, ...] = ()
    """Branches that a commit has to be in to be deployed, or patterns of them."""
    tags: tuple[RefPattern, ...] = ()
    """Tags that may point to it instead, or patterns of them."""
    required_checks: tuple[RequiredCheck, ...] = ()
    """What must have succeeded on a commit."""
    allow: Mapping[Source, tuple[Allowed, ...]] = Field(default_factory=dict)
    """Who may command, by source: immutable user ids, or groups. Empty: nobody. The shorthand for every right that has
    a verb."""
    rights: Rights = Field(default_factory=dict)
    """Who has a right, in place of `allow` and of the keys above."""
    freezes: tuple[Freeze, ...] = ()
    """When changes are held back."""
    approvals: int = Field(default=0, ge=0, le=5)
    """How many others have to agree to a change."""
    suspend_approvals: int = Field(default=1, ge=0, le=5)
    """How many others have to agree before production is suspended on somebody's word."""
    approval_within: int = Field(default=60, ge=1, le=24 * 60)
    """Minutes that they may take."""
    people: People = Field(default_factory=dict)
    """Everybody in `[people.NAME]`; the file says it once for all environments."""
    notify: Mapping[Source, str] = Field(default_factory=dict)
    """Channels that are told of every request, by source: Slack's or Mattermost's channel id; for Teams any text."""
    package: str = Field(default="*.cspkg", min_length=1)
    """Pattern of the one asset that is the package."""
    configuration: str = Field(default="*.cscfg", min_length=1)
    """Pattern of the one asset that is the service configuration."""
    start: bool = True
    """Whether a new deployment runs at once. False lays it down suspended."""
    prereleases: bool = False
    """Whether prereleases deploy here too."""
    strategy: Strategy | None = None
    """How a release gets to where it runs; None is `plan_by`'s choice."""
    mode: UpdateMode = UpdateMode.AUTO
    """How an upgrade or a change of configuration goes through the upgrade domains."""
    walk_pause: int = Field(default=0, ge=0, le=24 * 60)
    """Minutes between two domains of a manual update."""
    ready_within: int = Field(default=30, ge=1, le=24 * 60)
    """Minutes that instances may take to become ready after the operation succeeded."""
    on_unready: OnUnready = OnUnready.LEAVE
    """What happens when they are not."""
    keep_previous: int = Field(default=60, ge=0, le=7 * 24 * 60)
    """Minutes that a swap keeps what ran before, for a rollback; then it is deleted. At most a queue's 7 days."""
    night: tuple[Mapping[str, Any], ...] = ()
    """The rules of its nights as the file has them; `nights.rules` reads them. A mistake there leaves it up."""

    @field_validator("night", mode="before")
    @classmethod
    def _read_one_or_several(cls, value: object) -> object:
        if isinstance(value, dict):
            return (value,)
        return tuple(value) if isinstance(value, list) else value

    @field_validator("rights", mode="before")
    @classmethod
    def _read_rights(cls, value: object) -> object:
        return _by_member(Right, value)

    @field_validator("branches", "tags", "freezes", mode="before")
    @classmethod
    def _read_list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("required_checks", mode="before")
    @classmethod
    def _read_checks(cls, value: object) -> object:
        """Let a name alone stand for a check by any app."""
        if not isinstance(value, list | tuple):
            return value
        return tuple({"context": one} if isinstance(one, str) else one for one in value)

    @field_validator("allow", "notify", mode="before")
    @classmethod
    def _read_by_source(cls, value: object) -> object:
        return _by_member(Source, value)

    @field_validator("slot", "strategy", "mode", "on_unready", mode="before")
    @classmethod
    def _read_word(cls, value: object, info: ValidationInfo) -> object:
        words: Mapping[str, type[StrEnum]] = {
            "slot": Slot,
            "strategy": Strategy,
            "mode": UpdateMode,
            "on_unready": OnUnready,
        }
        return _member(words[info.field_name or ""], value)

    @property
    def plan_by(self) -> Strategy:
        """The strategy: as the file says, else a swap into production and a replacement in staging."""
        return self.strategy or (Strategy.SWAP if self.slot is Slot.PRODUCTION else Strategy.REPLACE)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The teams, permissions and user groups that rights and the allow list name, each once."""
        named = [one for given in (*self.rights.values(), *self.allow.values()) for one in given]
        return tuple(dict.fromkeys(group for group in map(group_in, named) if group is not None))

    @model_validator(mode="after")
    def _a_commit_needs_its_package(self) -> Self:
        if any((self.push, self.workflow, self.deployment)) and not (self.package_url and self.configuration_url):
            raise PydanticCustomError("package_url", "a commit needs both package_url and configuration_url")
        if self.package_url is not None and "{sha}" not in self.package_url:
            raise PydanticCustomError("package_url", "every commit would have the same package")
        return self

    @model_validator(mode="after")
    def _only_production_is_swapped_into(self) -> Self:
        if self.strategy is Strategy.SWAP and self.slot is not Slot.PRODUCTION:
            raise PydanticCustomError("strategy", "a swap leads to production")
        return self

    def wants(self, release: Release) -> str | None:
        """Say why a published release does not deploy here, or None where it does.

        GitHub treats names of repositories without regard to case, and so does this.
        """
        if not self.is_from(release.repository, release.repository_id):
            return f"{self.name} deploys {self.repository}"
        if self.release is None:
            return f"{self.name} deploys no releases"
        if not fnmatchcase(release.tag, self.release):
            return f"{self.name} deploys tags that match {self.release}"
        if release.prerelease and not self.prereleases:
            return f"{self.name} does not deploy prereleases"
        return None

    def is_from(self, repository: str, repository_id: int) -> bool:
        """Say whether this is the repository that the environment is deployed from: by its id where the file has it."""
        if self.repository_id is not None:
            return self.repository_id == repository_id
        return self.repository.lower() == repository.lower()

    def wants_commit(self, commit: Commit, trigger: Trigger, name: str) -> bool:
        """Say whether a commit deploys here that GitHub says is ready: pushed, built by a workflow, or asked for."""
        wanted = {Trigger.PUSH: self.push, Trigger.WORKFLOW: self.workflow, Trigger.DEPLOYMENT: self.deployment}
        return self.is_from(commit.repository, commit.repository_id) and wanted[trigger] == name


Environments = Mapping[str, Environment]
"""By name."""


def _by_member(members: type[StrEnum], value: object) -> object:
    """Let the keys of a table be members, and its lists tuples; anything else stays and is refused."""
    if not isinstance(value, dict):
        return value
    return {_member(members, key): tuple(one) if isinstance(one, list) else one for key, one in value.items()}


def _member(members: type[StrEnum], value: object) -> object:
    """Let a word of the file be a member; anything else stays and is refused."""
    return members(value) if isinstance(value, str) and value in set(members) else value
