"""What should be true at the end, one class each; `kind` tells them apart."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from handlers.model.base import Message
from handlers.model.versions import Commit, Kept, Release


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
        short = self.commit.sha[:7]
        return f"commit {short}" if self.commit.branch == self.commit.sha else f"{self.commit.branch} at {short}"


class RunHead(Message):
    """The goal that the head of the pull request runs where this was asked for.

    Which commit that is, is looked up when the work begins; from then on the goal is RunCommit, of this one commit.
    """

    kind: Literal["run-head"] = "run-head"

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return "the pull request's head"


class SetStatus(Message):
    """The goal that what is deployed runs, or is suspended. A suspended deployment is charged all the same."""

    kind: Literal["set-status"] = "set-status"
    status: Literal["Running", "Suspended"]

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return "resume" if self.status == "Running" else "suspend"


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
    | RunHead
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
