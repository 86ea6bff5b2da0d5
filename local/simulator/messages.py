"""The bodies of calls, read and checked: what the rest of the simulator sees of a request."""

from dataclasses import dataclass

from local.simulator.state import DeploymentStatus, Extension, ExtensionUse, Mode

Properties = tuple[tuple[str, str | None], ...]
"""Extended properties in the order sent. None deletes one (`<Value i:nil="true"/>`)."""


@dataclass(frozen=True)
class CreateDeployment:
    """Create Deployment. `label` and `configuration` are base64, as sent."""

    name: str
    package_url: str
    label: str
    configuration: str
    start: bool
    warnings_are_errors: bool
    properties: Properties
    extensions: ExtensionUse | None


@dataclass(frozen=True)
class ChangeConfiguration:
    """Change Deployment Configuration. None for what was left out: it stays as it is."""

    configuration: str
    warnings_are_errors: bool
    mode: Mode
    properties: Properties | None
    extensions: ExtensionUse | None


@dataclass(frozen=True)
class UpgradeDeployment:
    """Upgrade Deployment."""

    mode: Mode
    package_url: str
    configuration: str
    label: str
    role: str | None
    properties: Properties | None
    extensions: ExtensionUse | None


@dataclass(frozen=True)
class UpdateDeploymentStatus:
    """Update Deployment Status: Running or Suspended."""

    status: DeploymentStatus


@dataclass(frozen=True)
class WalkUpgradeDomain:
    """Walk Upgrade Domain."""

    domain: int


@dataclass(frozen=True)
class RollbackUpdateOrUpgrade:
    """Rollback Update Or Upgrade. `Force` is read and has no effect: nothing here has local data to lose."""

    mode: Mode


@dataclass(frozen=True)
class Swap:
    """Swap Deployment. `production` is None when only the staging deployment is named."""

    production: str | None
    source: str


@dataclass(frozen=True)
class CreateHostedService:
    """Create Cloud Service."""

    name: str
    label: str
    description: str | None
    location: str | None
    affinity_group: str | None
    properties: Properties


@dataclass(frozen=True)
class UpdateHostedService:
    """Update Cloud Service. None for what was left out."""

    label: str | None
    description: str | None
    properties: Properties


@dataclass(frozen=True)
class AddExtension:
    """Add Extension, without its private configuration."""

    extension: Extension


@dataclass(frozen=True)
class DeleteRoleInstances:
    """Delete Role Instances."""

    names: tuple[str, ...]
