"""Releases the way an engineer would do them, and the way back."""

from datetime import timedelta

import pytest

from handlers.environments import Environment, OnUnready, Strategy
from handlers.errors import PackageUnusable
from handlers.ledger import State
from handlers.model import (
    Configure,
    DeploymentRequest,
    Goal,
    Outcome,
    Result,
    Rollback,
    SetStatus,
    Slot,
    Step,
    SwapSlots,
    UpdateMode,
    UpgradeStep,
    UseConfiguration,
    Walk,
    WalkStep,
)
from handlers.planning import Deployed, Instance, Settle, Situation, Update, next_step
from tests.flows.world import PRODUCTION, World


def environment(strategy: Strategy, **changes: object) -> Environment:
    """Return production with a strategy."""
    return PRODUCTION.model_copy(update={"strategy": strategy, **changes})


def outcome_of(world: World, request: DeploymentRequest) -> Outcome:
    """Run a request to its end and return its outcome."""
    world.deliver(request)
    world.run()
    outcome = world.row(request).outcome
    assert outcome is not None
    assert world.row(request).state is State.TOLD
    return outcome


def kinds(world: World) -> list[str]:
    """Return the kinds of the accepted steps, in order."""
    return [operation.step.kind for operation in world.azure.operations]


def test_the_first_release_goes_through_staging_into_an_empty_production() -> None:
    """Swap without anything to swap with."""
    world = World(environment=environment(Strategy.SWAP))
    request = world.release()
    outcome = outcome_of(world, request)
    assert (outcome.result, kinds(world)) == (Result.SUCCESS, ["create", "swap"])
    assert world.azure.slots[Slot.PRODUCTION].name == request.id
    assert Slot.STAGING not in world.azure.slots


def test_a_second_release_is_swapped_in_and_the_first_one_deleted_after_a_while() -> None:
    """Kept for an hour, then deleted by name."""
    world = World(environment=environment(Strategy.SWAP))
    first, second = world.release(1), world.release(2, "v1.5.0")
    outcome_of(world, first)
    world.deliver(second)
    world.run(timedelta(minutes=30))
    assert world.azure.slots[Slot.PRODUCTION].name == second.id
    assert world.azure.slots[Slot.STAGING].name == first.id
    world.run()
    assert kinds(world) == ["create", "swap", "create", "swap", "delete"]
    assert Slot.STAGING not in world.azure.slots


def test_a_rollback_while_the_previous_one_is_kept_is_a_swap() -> None:
    """What is back in production is not deleted when its time is over; what was rolled back is, when its own is."""
    world = World(environment=environment(Strategy.SWAP))
    first, second = world.release(1), world.release(2, "v1.5.0")
    outcome_of(world, first)
    world.deliver(second)
    world.run(timedelta(minutes=30))
    outcome = outcome_of(world, world.request(Rollback()))
    assert outcome.message == f"{first.id} runs in production, 2 of 2 instances ready."
    assert world.azure.slots[Slot.PRODUCTION].name == first.id
    assert kinds(world) == ["create", "swap", "create", "swap", "swap", "delete"]
    assert Slot.STAGING not in world.azure.slots


def test_a_stale_staging_deployment_of_ours_makes_way() -> None:
    """It is deleted by name."""
    world = World(environment=environment(Strategy.SWAP))
    world.azure.stand("stale", Slot.STAGING, request="d" + "a" * 20)
    assert outcome_of(world, world.release()).result is Result.SUCCESS
    assert kinds(world) == ["delete", "create", "swap"]


def test_a_staging_deployment_of_somebody_else_does_not() -> None:
    """It is named, and nothing is called."""
    world = World(environment=environment(Strategy.SWAP))
    world.azure.stand("theirs", Slot.STAGING)
    outcome = outcome_of(world, world.release())
    assert (outcome.code, kinds(world)) == ("SlotOccupied", [])
    assert "deployment theirs" in outcome.message


def test_nothing_is_swapped_that_is_not_ready() -> None:
    """Production keeps running what it ran."""
    world = World(environment=environment(Strategy.SWAP))
    outcome_of(world, world.release(1))
    world.azure.stuck = "CyclingRole"
    outcome = outcome_of(world, world.release(2))
    assert (outcome.result, outcome.code) == (Result.FAILURE, "NotReady")
    assert world.azure.slots[Slot.PRODUCTION].name == world.release(1).id


def test_instances_that_fail_after_the_swap_are_swapped_back() -> None:
    """`on_unready = "rollback"`: the outcome is the failure, and what ran before runs again."""
    world = World(environment=environment(Strategy.SWAP, on_unready=OnUnready.ROLLBACK))
    outcome_of(world, world.release(1))
    second = world.release(2)
    world.deliver(second)
    while kinds(world)[-1] != "swap" or len(kinds(world)) < 4:
        world.run(timedelta(seconds=1))
    world.azure.stuck = "CyclingRole"
    world.run(timedelta(minutes=31))
    world.azure.stuck = None
    world.run()
    outcome = world.row(second).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.FAILURE, "NotReady")
    assert outcome.message.endswith("Web_IN_0 is CyclingRole. Rolled back: what ran before runs again.")
    assert world.azure.slots[Slot.PRODUCTION].name == world.release(1).id


def test_replace_deletes_what_stands_there_first() -> None:
    """Whoever put it there."""
    world = World(environment=environment(Strategy.REPLACE))
    world.azure.stand("theirs", Slot.PRODUCTION)
    assert outcome_of(world, world.release()).result is Result.SUCCESS
    assert kinds(world) == ["delete", "create"]


@pytest.mark.parametrize("mode", [UpdateMode.AUTO, UpdateMode.SIMULTANEOUS])
def test_upgrade_changes_what_stands_there(mode: UpdateMode) -> None:
    """In place: the name stays."""
    world = World(environment=environment(Strategy.UPGRADE, mode=mode))
    world.azure.stand("theirs", Slot.PRODUCTION)
    assert outcome_of(world, world.release()).result is Result.SUCCESS
    assert kinds(world) == ["upgrade"]
    assert world.azure.slots[Slot.PRODUCTION].name == "theirs"


def test_a_manual_upgrade_is_walked_domain_by_domain() -> None:
    """Each waited for, and shown."""
    world = World(environment=environment(Strategy.UPGRADE, mode=UpdateMode.MANUAL))
    world.azure.stand("theirs", Slot.PRODUCTION)
    request = world.release()
    assert outcome_of(world, request).result is Result.SUCCESS
    assert kinds(world) == ["upgrade", "walk", "walk"]
    assert [step.domain for step in world.azure.accepted("walk") if step.kind == "walk"] == [0, 1]


def test_a_domain_is_not_walked_before_the_last_one_is_ready() -> None:
    """And what does not become ready in time is rolled back, while Azure still allows it."""
    chosen = environment(Strategy.UPGRADE, mode=UpdateMode.MANUAL, on_unready=OnUnready.ROLLBACK, ready_within=5)
    world = World(environment=chosen)
    world.azure.stand("theirs", Slot.PRODUCTION)
    world.azure.stuck = "CyclingRole"
    request = world.release()
    outcome = outcome_of(world, request)
    assert kinds(world) == ["upgrade", "walk", "rollback"]
    assert (outcome.result, outcome.code) == (Result.FAILURE, "NotReady")


def test_an_update_that_azure_still_shows_is_not_walked_again() -> None:
    """For a while after the last walk it may stand there as it was before the first."""
    ours = Deployed(
        "theirs",
        Slot.PRODUCTION,
        "RunningTransitioning",
        locked=False,
        instances=(Instance("Web_IN_0", "BusyRole", 0),),
        request=World().release().id,
        update=Update(UpdateMode.MANUAL, 0, during=False),
        domains=2,
    )
    taken: tuple[Step, ...] = (
        UpgradeStep(name="theirs", mode=UpdateMode.MANUAL),
        WalkStep(name="theirs", domain=0),
        WalkStep(name="theirs", domain=1),
    )
    chosen = environment(Strategy.UPGRADE, mode=UpdateMode.MANUAL)
    decision = next_step(World().release(), chosen, Situation(production=ours), taken)
    assert isinstance(decision, Settle)
    assert decision.readiness.domain is None


def test_the_domain_that_an_upgrade_is_at_is_shown_while_it_runs() -> None:
    """Not only when it is over."""
    world = World(environment=environment(Strategy.UPGRADE, mode=UpdateMode.MANUAL))
    world.azure.stand("theirs", Slot.PRODUCTION)
    request = world.release()
    outcome_of(world, request)
    said = [report.description for report in world.sink.shown[request.id]]
    assert "Upgrade domain 1 of 2." in said
    assert "Upgrade domain 2 of 2." in said


@pytest.mark.parametrize("strategy", [Strategy.SWAP, Strategy.REPLACE])
def test_a_release_that_cannot_be_deployed_takes_nothing_down(strategy: Strategy) -> None:
    """Its package is looked at before anything makes way for it."""
    world = World(environment=environment(strategy))
    world.azure.stand("runs", Slot.PRODUCTION)
    world.azure.stand("kept", Slot.STAGING, request="d" + "a" * 20)
    world.packages.trouble = PackageUnusable("PackageNotFound", "No asset matches *.cspkg.")
    outcome = outcome_of(world, world.release())
    assert (outcome.code, kinds(world)) == ("PackageNotFound", [])
    assert world.azure.slots.keys() == {Slot.PRODUCTION, Slot.STAGING}


def test_what_is_not_ready_in_staging_is_taken_away_where_the_environment_wants_it() -> None:
    """`on_unready = "rollback"` before the swap: production was never touched."""
    world = World(environment=environment(Strategy.SWAP, on_unready=OnUnready.ROLLBACK))
    world.azure.stand("runs", Slot.PRODUCTION)
    world.azure.stuck = "CyclingRole"
    outcome = outcome_of(world, world.release())
    assert kinds(world) == ["create", "delete"]
    assert outcome.message.endswith("Web_IN_0 is CyclingRole. Rolled back: what ran before runs again.")


def test_what_was_rolled_back_is_kept_for_a_while_and_then_deleted() -> None:
    """It would be charged for ever."""
    world = World(environment=environment(Strategy.SWAP, keep_previous=30))
    world.azure.stand("old", Slot.PRODUCTION)
    outcome_of(world, world.release(1))
    assert "old" not in {one.name for one in world.azure.slots.values()}
    world.azure.stand("before", Slot.STAGING, request="d" + "b" * 20)
    assert outcome_of(world, world.request(Rollback())).result is Result.SUCCESS
    assert [one.name for one in world.azure.slots.values()] == ["before"]


def test_a_pause_between_two_domains_is_kept() -> None:
    """`walk_pause` minutes after the first."""
    world = World(environment=environment(Strategy.UPGRADE, mode=UpdateMode.MANUAL, walk_pause=10))
    world.azure.stand("theirs", Slot.PRODUCTION)
    outcome_of(world, world.release())
    first, second = (one.begun for one in world.azure.operations if one.step.kind == "walk")
    assert second - first >= timedelta(minutes=10)


def test_upgrade_creates_where_nothing_stands() -> None:
    """The first release of an environment."""
    world = World(environment=environment(Strategy.UPGRADE))
    assert outcome_of(world, world.release()).result is Result.SUCCESS
    assert kinds(world) == ["create"]


@pytest.mark.parametrize("strategy", [Strategy.SWAP, Strategy.REPLACE, Strategy.UPGRADE])
def test_an_older_request_never_replaces_a_newer_one(strategy: Strategy) -> None:
    """The first was held up; the second is running by then."""
    world = World(environment=environment(strategy))
    older = world.release(1)
    world.clock += timedelta(minutes=1)
    newer = world.release(2, "v1.5.0")
    outcome_of(world, newer)
    outcome = outcome_of(world, older)
    assert outcome.code == "Superseded"
    assert world.azure.slots[Slot.PRODUCTION].name == newer.id


@pytest.mark.parametrize("strategy", [Strategy.SWAP, Strategy.REPLACE])
def test_two_releases_at_once_do_not_fight(strategy: Strategy) -> None:
    """The newer one wins, the older one says that it was replaced."""
    world = World(environment=environment(strategy))
    older = world.release(1)
    world.deliver(older)
    world.run(timedelta(seconds=12))
    newer = world.release(2, "v1.5.0")
    assert outcome_of(world, newer).result is Result.SUCCESS
    old = world.row(older).outcome
    assert old is not None
    assert (old.result, old.code) in {(Result.FAILURE, "Superseded"), (Result.SUCCESS, None)}
    assert world.azure.slots[Slot.PRODUCTION].name == newer.id


@pytest.mark.parametrize(
    ("goal", "steps", "message"),
    [
        pytest.param(
            SetStatus(status="Suspended"),
            ["status"],
            "production is suspended. Azure charges for it all the same.",
            id="suspend",
        ),
        pytest.param(
            SetStatus(status="Running"), [], "runs runs in production, 2 of 2 instances ready.", id="runs already"
        ),
        pytest.param(
            Configure(instances={"Web": 4}),
            ["configure"],
            "production: Web=4 done, 2 of 2 instances ready.",
            id="scale a role",
        ),
        pytest.param(
            UseConfiguration(tag="v1.4.2"),
            ["configure"],
            "production: configuration of v1.4.2 done, 2 of 2 instances ready.",
            id="configuration of a release",
        ),
        pytest.param(SwapSlots(), ["swap"], "kept runs in production, 2 of 2 instances ready.", id="swap"),
    ],
)
def test_a_change_is_made_once_and_told(goal: Goal, steps: list[str], message: str) -> None:
    """Every goal beside a release, on what is deployed already."""
    world = World(environment=environment(Strategy.SWAP))
    world.azure.stand("runs", Slot.PRODUCTION)
    world.azure.stand("kept", Slot.STAGING, request="d" + "a" * 20)
    outcome = outcome_of(world, world.request(goal))
    assert (outcome.result, kinds(world), outcome.message) == (Result.SUCCESS, steps, message)


def test_a_rollback_takes_an_update_back_while_azure_allows_it() -> None:
    """Rollback Update Or Upgrade rather than a swap."""
    world = World(environment=environment(Strategy.UPGRADE))
    world.azure.stand("runs", Slot.PRODUCTION)
    runs = world.azure.slots[Slot.PRODUCTION]
    updating = Update(UpdateMode.MANUAL, 1, during=False)
    world.azure.before["runs"] = runs
    world.azure.slots[Slot.PRODUCTION] = type(runs)(
        runs.name, runs.slot, "Running", locked=False, instances=(), update=updating, rollback_allowed=True
    )
    assert outcome_of(world, world.request(Rollback())).result is Result.SUCCESS
    assert kinds(world) == ["rollback"]


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        pytest.param(SetStatus(status="Running"), "NothingDeployed", id="status"),
        pytest.param(Configure(instances={"Web": 4}), "NothingDeployed", id="configure"),
        pytest.param(Rollback(), "NothingDeployed", id="rollback"),
        pytest.param(SwapSlots(), "NothingToSwap", id="swap"),
    ],
)
def test_a_change_to_an_empty_slot_says_so(goal: Goal, code: str) -> None:
    """There is nothing that could be changed."""
    world = World(environment=environment(Strategy.SWAP))
    outcome = outcome_of(world, world.request(goal))
    assert (outcome.result, outcome.code) == (Result.FAILURE, code)


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        pytest.param(SwapSlots(), "OnlyIntoProduction", id="swap"),
        pytest.param(Rollback(), "NothingToRollBackTo", id="rollback"),
    ],
)
def test_whoever_may_change_staging_does_not_change_production_by_it(goal: Goal, code: str) -> None:
    """Its rights, freezes, locks and approvals are another environment's."""
    staging = environment(Strategy.REPLACE).model_copy(update={"name": "production", "slot": Slot.STAGING})
    world = World(environment=staging)
    world.azure.stand("runs", Slot.PRODUCTION, request="d" + "b" * 20)
    world.azure.stand("head", Slot.STAGING, request="d" + "a" * 20)
    assert outcome_of(world, world.request(goal)).code == code
    assert kinds(world) == []


def test_a_walk_without_a_manual_update_says_so() -> None:
    """There is no domain to walk."""
    world = World(environment=environment(Strategy.UPGRADE))
    world.azure.stand("runs", Slot.PRODUCTION)
    assert outcome_of(world, world.request(Walk(domain=1))).code == "NoManualUpdate"


def test_a_walk_goes_to_the_domain_that_was_asked_for() -> None:
    """The ones before it first, and not further."""
    world = World(environment=environment(Strategy.UPGRADE))
    world.azure.stand("runs", Slot.PRODUCTION)
    runs = world.azure.slots[Slot.PRODUCTION]
    updating = Update(UpdateMode.MANUAL, 0, during=False)
    world.azure.slots[Slot.PRODUCTION] = type(runs)(
        runs.name, runs.slot, "Running", locked=False, instances=(), update=updating
    )
    assert outcome_of(world, world.request(Walk(domain=0))).result is Result.SUCCESS
    assert kinds(world) == ["walk"]
