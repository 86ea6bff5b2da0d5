"""What stands in staging gets into production by a swap only where production would take it."""

from datetime import timedelta

import pytest

from handlers.environments import Environment, Strategy
from handlers.model import (
    Actor,
    DeploymentRequest,
    Goal,
    Inquiry,
    Rollback,
    SlackPlace,
    Slot,
    Source,
    SwapSlots,
    derive_id,
)
from tests.flows.commits import COMMIT
from tests.flows.test_locks import ending
from tests.flows.test_what import OTHER, commit, held
from tests.flows.world import PRODUCTION, World

STAGING = PRODUCTION.model_copy(update={"name": "staging", "slot": Slot.STAGING, "strategy": Strategy.REPLACE})
"""Takes whatever it is given, into the staging slot of the same cloud service."""


def world(environment: Environment) -> World:
    """Return a world in which something of somebody's runs in production."""
    made = World(environment=environment)
    made.environments["staging"] = STAGING
    made.azure.stand("runs", Slot.PRODUCTION, request="d" + "a" * 20)
    return made


def ask(here: World, goal: Goal, environment: str = "production") -> DeploymentRequest:
    """Ask for a goal, and wait until it is over."""
    number = len(here.calls)
    request = here.request(goal, number).model_copy(update={"environment": environment})
    here.deliver(request)
    here.run()
    return request


def swaps(here: World) -> int:
    """Count the swaps that Azure was asked for."""
    return len(here.azure.accepted("swap"))


@pytest.mark.parametrize(
    ("sha", "code"), [pytest.param(COMMIT, None, id="in main"), pytest.param(OTHER, "CommitNotAllowed", id="nowhere")]
)
def test_a_swap_brings_in_only_what_may_be_in_production(sha: str, code: str | None) -> None:
    """It was deployed to staging, whose rules ask for nothing."""
    here = world(held(required_checks=()))
    ask(here, commit(sha), "staging")
    request = ask(here, SwapSlots())
    assert (ending(here, request)[0], swaps(here)) == (code, 0 if code else 1)


def test_a_swap_waits_for_the_checks_of_production() -> None:
    """Nobody has said anything about the commit, for two hours."""
    here = world(held())
    ask(here, commit(), "staging")
    assert ending(here, ask(here, SwapSlots()))[0] == "CheckMissing"
    assert swaps(here) == 0


def test_what_nobody_knows_is_not_swapped_into_what_asks_for_a_branch() -> None:
    """Somebody has deployed it by hand; an environment that asks for nothing takes it."""
    here = world(held())
    here.azure.stand("by-hand", Slot.STAGING)
    assert ending(here, ask(here, SwapSlots()))[0] == "CommitNotAllowed"
    free = world(PRODUCTION)
    free.azure.stand("by-hand", Slot.STAGING)
    assert ending(free, ask(free, SwapSlots()))[0] is None


@pytest.mark.parametrize("environment", [PRODUCTION, held()], ids=["asks for nothing", "asks for a branch"])
def test_a_rollback_goes_back_to_nothing_that_another_environment_deployed(environment: Environment) -> None:
    """It never ran here, and a rollback is asked about nothing else."""
    here = world(environment)
    ask(here, commit(OTHER), "staging")
    code, sentence = ending(here, ask(here, Rollback()))
    assert (code, swaps(here)) == ("NothingToRollBackTo", 0)
    assert "was deployed to staging" in sentence


def test_what_ran_here_before_is_swapped_back_without_asking() -> None:
    """Also when its branch is gone by then."""
    here = world(held(Environment.model_validate({**PRODUCTION.model_dump(), "strategy": "swap"}), required_checks=()))
    for _ in range(2):
        assert ending(here, ask_briefly(here))[0] is None
    here.commits.branches = {}
    before = swaps(here)
    request = here.request(Rollback(), 99)
    here.deliver(request)
    here.run()
    assert (ending(here, request)[0], swaps(here)) == (None, before + 1)


def ask_briefly(here: World) -> DeploymentRequest:
    """Deploy, and look before what ran before is deleted."""
    request = here.request(commit(), len(here.calls))
    here.deliver(request)
    here.run(timedelta(minutes=10))
    return request


def by_swap(**change: object) -> World:
    """Return a world in which a release of ours runs in production and the one before it is kept in staging."""
    here = World(environment=Environment.model_validate({**PRODUCTION.model_dump(), "strategy": "swap", **change}))
    for number in (1, 2):
        release_briefly(here, number)
    return here


def release_briefly(here: World, number: int) -> DeploymentRequest:
    """Publish a release, and look before what ran before is deleted."""
    request = here.release(number, f"v{number}")
    here.deliver(request)
    here.run(timedelta(minutes=10))
    return request


def roll_back(here: World, number: int = 99) -> tuple[str | None, str]:
    """Ask for a rollback, and say how it ended."""
    request = here.request(Rollback(), number)
    here.deliver(request)
    here.run(timedelta(minutes=10))
    return ending(here, request)


def test_a_rollback_never_swaps_in_a_release_that_failed_in_staging() -> None:
    """What runs is what ran before it; the plan says the same."""
    here = by_swap(ready_within=5)
    here.azure.stuck = "CyclingRole"
    failed = release_briefly(here, 3)
    assert ending(here, failed)[0] == "NotReady"
    before = swaps(here)
    code, sentence = roll_back(here)
    assert (code, swaps(here)) == ("NothingToRollBackTo", before)
    assert "v3, which stands in staging, did not come to stay in production" in sentence
    allowed = here.environments["production"].model_copy(update={"allow": {Source.SLACK: ("U1",)}})
    here.environments["production"] = allowed
    assert "It cannot be done: NothingToRollBackTo" in plan(here, "plan rollback production")


def test_a_second_rollback_does_not_bring_back_what_was_rolled_back() -> None:
    """Two people press at once; the way forward is a swap."""
    here = by_swap()
    assert roll_back(here)[0] is None
    before = swaps(here)
    code, sentence = roll_back(here, 100)
    assert (code, swaps(here)) == ("NothingToRollBackTo", before)
    assert sentence == "v2 was rolled back already. To run it again, write swap production."
    request = here.request(SwapSlots(), 101)
    here.deliver(request)
    here.run(timedelta(minutes=10))
    assert ending(here, request)[0] is None
    assert roll_back(here, 102)[0] is None


def plan(here: World, text: str) -> str:
    """Ask in a chat what a command would do."""
    asked = Inquiry(
        id=derive_id(text),
        text=text,
        actor=Actor(source=Source.SLACK, id="U1", name="mona"),
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=here.clock,
    )
    here.inquiries.put(asked.model_dump_json())
    here.run(timedelta(minutes=1))
    return here.voice.said[-1]
