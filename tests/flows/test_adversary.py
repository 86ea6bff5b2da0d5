"""Somebody moves the tag and replaces the files of the release, right before any one call that leaves a flow.

What runs in the end is what was announced before the call, and where others had to agree what they agreed to; or
nothing changed, and the outcome says why.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from handlers.audit import Record, What
from handlers.environments import Environment, Strategy
from handlers.model import Commit, DeploymentRequest, Goal, RunCommit, RunRelease, RunVersion, Slot
from tests.flows.test_locks import HUBOT, RULED, say
from tests.flows.world import World, some_release

T = TypeVar("T")
GOOD, EVIL = "c" * 40, "e" * 40
MINUTE = timedelta(minutes=1)


class BesetWorld(World):
    """A world in which somebody strikes right before a call."""

    def __init__(self, environment: Environment, strikes_at: int) -> None:
        super().__init__(environment=environment)
        self.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
        self.strikes_at = strikes_at

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Move the tag and replace the package, once."""
        if len(self.calls) == self.strikes_at:
            self.packages.commit, self.packages.package = EVIL, "evil"
        return super().io(what, effect)


def deploy(where: World, goal: Goal, *, approved: bool) -> DeploymentRequest:
    """Ask for it, let somebody else agree, and wait for the end."""
    request = where.release().model_copy(update={"goal": goal})
    where.deliver(request)
    where.run(MINUTE)
    if approved:
        say(where, f"approve {request.id}", HUBOT)
    where.run()
    return request


def rows(where: World, what: What) -> list[Record]:
    """Return the rows of one kind."""
    return [one for one in where.ledger.audit if one.what is what]


def check(where: World, request: DeploymentRequest, *, approved: bool) -> None:
    """Compare what Azure was given with what was announced and approved."""
    outcome = where.row(request).outcome
    assert outcome is not None
    announced = [(one.sha, one.words) for one in rows(where, What.ANNOUNCED) if one.words is not None]
    assert where.azure.brought == announced
    assert len(announced) <= 1
    if outcome.code is not None:
        assert (outcome.code, where.azure.operations) == ("ChangedSinceApproval", [])
    elif approved:
        assert announced == [(one.sha, one.words) for one in rows(where, What.APPROVED)]


COMMIT = Commit(repository="contoso/web", repository_id=7, sha=GOOD, branch="main", url="https://example.com")


@pytest.mark.parametrize("approvals", [0, 1])
@pytest.mark.parametrize(
    ("goal", "strategy"),
    [
        pytest.param(RunRelease(release=some_release(1, "v1")), Strategy.REPLACE, id="a release in place of another"),
        pytest.param(RunVersion(tag="v1"), Strategy.SWAP, id="a version that is looked up, and swapped in"),
        pytest.param(RunVersion(tag="v1"), Strategy.REPLACE, id="a version in place of another"),
        pytest.param(RunCommit(commit=COMMIT), Strategy.REPLACE, id="a commit in place of another"),
        pytest.param(RunCommit(commit=COMMIT), Strategy.UPGRADE, id="a commit by an upgrade"),
    ],
)
def test_what_runs_is_what_was_announced_and_approved(goal: Goal, strategy: Strategy, approvals: int) -> None:
    """Whenever somebody strikes."""
    environment = RULED.model_copy(update={"strategy": strategy, "approvals": approvals})
    quiet = BesetWorld(environment, -1)
    request = deploy(quiet, goal, approved=bool(approvals))
    check(quiet, request, approved=bool(approvals))
    brought = set()
    for strikes_at in range(len(quiet.calls)):
        beset = BesetWorld(environment, strikes_at)
        check(beset, deploy(beset, goal, approved=bool(approvals)), approved=bool(approvals))
        brought |= set(beset.azure.brought)
    assert "evil" in {package for _, package in brought}, "nobody struck early enough to be announced"
