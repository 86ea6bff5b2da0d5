"""A cloud service that behaves: slots, operations that take their time, instances that lag behind, refusals."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from handlers.environments import Environment
from handlers.errors import AzureRefused, Unavailable
from handlers.model import (
    ConfigureStep,
    CreateStep,
    DeleteStep,
    DeploymentRequest,
    Failed,
    InProgress,
    Operation,
    OperationStatus,
    RollbackStep,
    Slot,
    StatusStep,
    Step,
    Succeeded,
    SwapStep,
    UpdateMode,
    UpgradeStep,
    WalkStep,
)
from handlers.planning import Deployed, Instance, Situation, Update
from handlers.ports import Materials

T = TypeVar("T")

DOMAINS = 2
"""Of every deployment; each has one instance."""


class Outside(Protocol):
    """What the cloud service needs from the world."""

    clock: datetime

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Do one thing outside."""


@dataclass
class FakeOperation:
    """An operation in Azure."""

    id: str
    step: Step
    begun: datetime
    ends: OperationStatus
    takes: timedelta
    applied: bool = False


@dataclass
class FakeAzure:
    """One cloud service."""

    world: Outside
    slots: dict[Slot, Deployed] = field(default_factory=dict)
    operations: list[FakeOperation] = field(default_factory=list)
    ready_at: dict[str, datetime] = field(default_factory=dict)
    before: dict[str, Deployed] = field(default_factory=dict)
    """What an update that is under way replaces, by name."""
    ending: OperationStatus = field(default_factory=Succeeded)
    """How the next operation ends."""
    takes: timedelta = timedelta(seconds=20)
    boots_in: timedelta = timedelta(seconds=15)
    refusal: list[Exception] = field(default_factory=list)
    """What the next calls are answered with, before anything happens."""
    forgets: bool = False
    """Operation ids are not known any more."""
    stuck: str | None = None
    """A status that the first instance never leaves."""
    brought: list[tuple[str | None, str]] = field(default_factory=list)
    """The commit and the package of every call that carried one."""

    def __call__(self, environment: Environment) -> "FakeAzure":
        """Stand for the cloud service of every environment."""
        return self

    def situation(self) -> Situation:
        """Return both slots."""
        return self.world.io("azure.situation", self._situation)

    def take(self, step: Step, request: DeploymentRequest, materials: Materials) -> str:
        """Accept a step, or refuse it."""
        return self.world.io("azure.take", lambda: self._take(step, request, materials))

    def operation_status(self, operation: Operation) -> OperationStatus:
        """Say how an operation stands."""
        return self.world.io("azure.operation_status", lambda: self._status(operation.id))

    def find_operation(self, step: Step, since: datetime) -> Operation | None:
        """Find the newest operation that the step began."""
        return self.world.io("azure.find_operation", lambda: self._find(step))

    def accepted(self, kind: str) -> list[Step]:
        """Return the steps of one kind that were accepted."""
        return [one.step for one in self.operations if one.step.kind == kind]

    def stand(self, name: str, slot: Slot, *, status: str = "Running", request: str | None = None) -> None:
        """Let a deployment stand in a slot, ready since long ago."""
        self.slots[slot] = Deployed(name, slot, status, locked=False, instances=(), request=request, domains=DOMAINS)
        self.ready_at[name] = self.world.clock

    def _take(self, step: Step, request: DeploymentRequest, materials: Materials) -> str:
        self._situation()
        if self.refusal:
            raise self.refusal.pop(0)
        there = next((one for one in self.slots.values() if one.name == step.name), None)
        if isinstance(step, CreateStep):
            self._admit(step, request, materials)
        elif there is None:
            raise AzureRefused("ResourceNotFound", f"The deployment name '{step.name}' does not exist.")
        elif there.locked:
            raise Unavailable("ConflictError: an operation requires exclusive access")
        elif isinstance(step, SwapStep):
            production = self.slots.get(Slot.PRODUCTION)
            if there.slot is not Slot.STAGING or step.production != (production.name if production else None):
                raise AzureRefused("ConflictError", "The deployments do not stand there.")
        elif isinstance(step, UpgradeStep):
            assert materials.package is not None
            self.before[there.name] = there
            self._put(replace(there, request=request.id, accepted_at=request.accepted_at))
        elif isinstance(step, WalkStep) and (there.update is None or there.update.domain != step.domain):
            raise AzureRefused("BadRequest", "The domains are walked in order.")
        if isinstance(step, CreateStep | UpgradeStep) and materials.package is not None:
            self.brought.append((materials.commit, materials.package.blob))
        operation = FakeOperation(f"{len(self.operations):032x}", step, self.world.clock, self.ending, self.takes)
        self.operations.append(operation)
        return operation.id

    def _admit(self, step: CreateStep, request: DeploymentRequest, materials: Materials) -> None:
        assert materials.package is not None
        if step.slot in self.slots or any(one.name == step.name for one in self.slots.values()):
            raise AzureRefused("ConflictError", f"The specified deployment slot {step.slot} is occupied.")
        if not isinstance(self.ending, Failed):
            made = Deployed(step.name, step.slot, "Deploying", locked=True, instances=(), domains=DOMAINS)
            self._put(replace(made, request=request.id, accepted_at=request.accepted_at))

    def _status(self, operation_id: str) -> OperationStatus:
        if self.forgets:
            raise AzureRefused("ResourceNotFound", "The operation does not exist.")
        operation = next(one for one in self.operations if one.id == operation_id)
        return operation.ends if self._is_over(operation) else InProgress()

    def _find(self, step: Step) -> Operation | None:
        found = [one for one in self.operations if (one.step.kind, one.step.name) == (step.kind, step.name)]
        return Operation(id=found[-1].id, submitted_at=found[-1].begun) if found else None

    def _is_over(self, operation: FakeOperation) -> bool:
        return self.world.clock >= operation.begun + operation.takes

    def _situation(self) -> Situation:
        for operation in self.operations:
            if self._is_over(operation) and not operation.applied and not isinstance(operation.ends, InProgress):
                operation.applied = True
                if isinstance(operation.ends, Succeeded):
                    self._apply(operation.step, operation.begun + operation.takes)
        for deployed in list(self.slots.values()):
            self._put(replace(deployed, instances=self._instances(deployed)))
        return Situation(self.slots.get(Slot.PRODUCTION), self.slots.get(Slot.STAGING))

    def _apply(self, step: Step, over: datetime) -> None:
        """Let an operation that succeeded show its effect."""
        there = next((one for one in self.slots.values() if one.name == step.name), None)
        if there is None:
            return
        match step:
            case CreateStep(start=start):
                self._boot(replace(there, status="Running" if start else "Suspended", locked=False), over)
            case DeleteStep():
                del self.slots[there.slot]
            case SwapStep():
                production = self.slots.pop(Slot.PRODUCTION, None)
                self._put(replace(self.slots.pop(Slot.STAGING), slot=Slot.PRODUCTION))
                if production is not None:
                    self._put(replace(production, slot=Slot.STAGING))
            case UpgradeStep(mode=UpdateMode.MANUAL):
                self._put(replace(there, update=Update(UpdateMode.MANUAL, 0, during=False), rollback_allowed=True))
            case WalkStep(domain=domain) if domain + 1 < DOMAINS:
                self._put(replace(there, update=Update(UpdateMode.MANUAL, domain + 1, during=False)))
            case WalkStep():
                self._boot(replace(there, update=None, rollback_allowed=False), over)
            case RollbackStep():
                old = self.before[there.name]
                self._boot(replace(there, update=None, rollback_allowed=False, request=old.request), over)
            case StatusStep(status=status):
                self._boot(replace(there, status=status), over)
            case UpgradeStep() | ConfigureStep():
                self._boot(there, over)

    def _boot(self, deployed: Deployed, over: datetime) -> None:
        self.ready_at[deployed.name] = over + self.boots_in
        self._put(deployed)

    def _instances(self, deployed: Deployed) -> tuple[Instance, ...]:
        if deployed.name not in self.ready_at:
            return ()
        ready = self.world.clock >= self.ready_at[deployed.name]
        status = "StoppedVM" if deployed.status == "Suspended" else "ReadyRole" if ready else "StartingVM"
        return (Instance("Web_IN_0", self.stuck or status, 0), Instance("Web_IN_1", status, 1))

    def _put(self, deployed: Deployed) -> None:
        self.slots[deployed.slot] = deployed
