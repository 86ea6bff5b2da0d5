"""The Service Management calls on the way to a goal, one class each; `kind` tells them apart."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from handlers.model.base import Message


class Slot(StrEnum):
    """A cloud service has two places for a deployment."""

    PRODUCTION = "production"
    STAGING = "staging"


class UpdateMode(StrEnum):
    """How an update goes through the upgrade domains, in Azure's words."""

    AUTO = "Auto"
    MANUAL = "Manual"
    SIMULTANEOUS = "Simultaneous"


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
