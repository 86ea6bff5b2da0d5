"""The pure simulator with a clock in the test's hand: no HTTP, no waiting."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from local.simulator import cloud_services, deployments, operations, upgrades
from local.simulator.instances import Pace
from local.simulator.messages import (
    ChangeConfiguration,
    CreateDeployment,
    CreateHostedService,
    Properties,
    RollbackUpdateOrUpgrade,
    Swap,
    UpdateDeploymentStatus,
    UpgradeDeployment,
    WalkUpgradeDomain,
)
from local.simulator.state import (
    NO_FATE,
    Deployment,
    DeploymentStatus,
    ExtensionUse,
    Fate,
    Mode,
    Operation,
    Package,
    Slot,
    Subscription,
)
from local.simulator.world import ByName, Call, Found, World
from tests.simulator.api import cscfg, encoded

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OPERATION = timedelta(seconds=40)
INSTANCE = timedelta(seconds=100)
PACKAGE = Package("http://blobs/c/app.cspkg", 4, "00")


@dataclass
class Lab:
    """One subscription with the cloud service `shop`, operations of 40 s, instances that boot in 100 s."""

    now: datetime = START
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(Subscription("sub"), Pace(OPERATION, INSTANCE), self.new_id)
        message = CreateHostedService("shop", encoded("shop"), None, "West US", None, ())
        cloud_services.create(self.world, self.call("create-cloud-service"), message)

    def new_id(self) -> str:
        """Count in hexadecimal."""
        return f"{next(self.numbers):032x}"

    def call(self, name: str, fate: Fate = NO_FATE) -> Call:
        """Make a call at this instant."""
        return Call(self.new_id(), name, self.now, fate=fate)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        operations.advance(self.world, self.now)

    def create(
        self,
        name: str = "v1",
        slot: Slot = Slot.STAGING,
        *,
        counts: dict[str, int] | None = None,
        start: bool = True,
        fate: Fate = NO_FATE,
        extensions: ExtensionUse | None = None,
        properties: Properties = (),
    ) -> str:
        """Create a deployment whose package is there at once. The request id."""
        call = self.call("create-deployment", fate)
        configuration = cscfg(counts or {"WebRole1": 2})
        message = CreateDeployment(
            name, "http://blobs/c/app.cspkg", encoded(name), configuration, start, False, properties, extensions
        )
        deployments.create(self.world, call, "shop", slot, message)
        operations.package_fetched(self.world, call.request_id, PACKAGE, self.now)
        return call.request_id

    def running(self, name: str = "v1", slot: Slot = Slot.STAGING, **counts: int) -> None:
        """Create a deployment and wait until all of it is ready."""
        self.create(name, slot, counts=counts or None)
        self.wait(1000)

    def configure(
        self,
        name: str = "v1",
        mode: Mode = Mode.AUTO,
        *,
        fate: Fate = NO_FATE,
        colour: str = "blue",
        properties: Properties | None = None,
        extensions: ExtensionUse | None = None,
        **counts: int,
    ) -> str:
        """Change the configuration. The request id."""
        call = self.call("change-configuration", fate)
        configuration = cscfg(counts or {"WebRole1": 2}, colour)
        message = ChangeConfiguration(configuration, False, mode, properties, extensions)
        upgrades.change_configuration(self.world, call, "shop", ByName(name), message)
        return call.request_id

    def upgrade(
        self,
        name: str = "v1",
        mode: Mode = Mode.AUTO,
        *,
        label: str = "two",
        role: str | None = None,
        extensions: ExtensionUse | None = None,
        **counts: int,
    ) -> str:
        """Upgrade to another package, which is there at once. The request id."""
        call = self.call("upgrade-deployment")
        configuration = cscfg(counts or {"WebRole1": 2}, "green")
        message = UpgradeDeployment(
            mode, "http://blobs/c/2.cspkg", configuration, encoded(label), role, None, extensions
        )
        upgrades.upgrade(self.world, call, "shop", ByName(name), message)
        package = replace(PACKAGE, location="http://blobs/c/2.cspkg")
        operations.package_fetched(self.world, call.request_id, package, self.now)
        return call.request_id

    def walk(self, domain: int, name: str = "v1") -> str:
        """Walk one upgrade domain. The request id."""
        call = self.call("walk-upgrade-domain")
        upgrades.walk(self.world, call, "shop", ByName(name), WalkUpgradeDomain(domain))
        return call.request_id

    def rollback(self, mode: Mode = Mode.AUTO, name: str = "v1") -> str:
        """Roll back. The request id."""
        call = self.call("rollback-update-or-upgrade")
        upgrades.rollback(self.world, call, "shop", ByName(name), RollbackUpdateOrUpgrade(mode))
        return call.request_id

    def status(self, status: DeploymentStatus, name: str = "v1", fate: Fate = NO_FATE) -> str:
        """Set the status. The request id."""
        call = self.call("update-deployment-status", fate)
        deployments.change_status(self.world, call, "shop", ByName(name), UpdateDeploymentStatus(status))
        return call.request_id

    def delete(self, name: str = "v1", fate: Fate = NO_FATE) -> str:
        """Delete a deployment. The request id."""
        call = self.call("delete-deployment", fate)
        deployments.delete(self.world, call, "shop", ByName(name))
        return call.request_id

    def swap(self, production: str | None, source: str, fate: Fate = NO_FATE) -> str:
        """Swap. The request id."""
        call = self.call("swap-deployment", fate)
        deployments.swap(self.world, call, "shop", Swap(production, source))
        return call.request_id

    def found(self, name: str = "v1") -> Found:
        """Find a deployment and its slot."""
        return self.world.look("shop", ByName(name))

    def deployment(self, name: str = "v1") -> Deployment:
        """Return a deployment."""
        return self.found(name).deployment

    def operation(self, request_id: str) -> Operation:
        """Return an operation."""
        return self.world.subscription.operations[request_id]

    def seen(self, name: str = "v1") -> dict[str, str]:
        """Return the status of each instance."""
        return {one.name: str(one.seen(self.now).status) for one in self.deployment(name).instances}
