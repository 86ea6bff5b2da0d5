"""What may be deployed, by whichever entrance; and that nothing changes between the look and the call unseen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from handlers.environments import Environment, Strategy
from handlers.errors import Unavailable
from handlers.model import (
    Commit,
    DeploymentRequest,
    Goal,
    Rollback,
    RunCommit,
    RunRelease,
    RunVersion,
    SetStatus,
    Slot,
    UseConfiguration,
)
from handlers.policy.what import CheckRun, CommitStatus
from tests.flows.commits import COMMIT
from tests.flows.test_locks import HUBOT, RULED, ending, say
from tests.flows.world import PRODUCTION, Fault, World, some_release

T = TypeVar("T")
OTHER = "d" * 40
MINUTE = timedelta(minutes=1)
HELD = {"branches": ("main",), "required_checks": ({"context": "build", "app_id": 15368},)}


def held(environment: Environment = PRODUCTION, **changes: Any) -> Environment:
    """Return an environment that asks for a branch and a check, unless it is changed."""
    return Environment.model_validate({**environment.model_dump(), **HELD, **changes})


def built(end: str | None = "success", number: int = 1, sha: str = COMMIT, app: int = 15368) -> CheckRun:
    """Return a run of the check."""
    return CheckRun(number, "build", sha, end, app, "github-actions")


def world(environment: Environment | None = None, **faults: Any) -> World:
    """Return a world in which everything speaks for the commit."""
    made = World(environment=environment or held(), **faults)
    made.commits.runs.append(built())
    return made


def commit(sha: str = COMMIT, deployment: int | None = None) -> RunCommit:
    """Return the goal that a push has, or a GitHub deployment."""
    url = "https://example.com"
    return RunCommit(
        commit=Commit(repository="contoso/web", repository_id=7, sha=sha, branch="main", url=url, deployment=deployment)
    )


def ask(here: World, goal: Goal, run: timedelta = timedelta(hours=6)) -> DeploymentRequest:
    """Ask for a goal."""
    request = here.request(goal)
    here.deliver(request)
    here.run(run)
    return request


RELEASE = RunRelease(release=some_release(1, "v1.4.2"))
ENTRANCES = {
    "release": RELEASE,
    "deploy v1.4.2": RunVersion(tag="v1.4.2"),
    "push": commit(),
    "deployment": commit(deployment=5),
}
EVERY_ENTRANCE = pytest.mark.parametrize("goal", list(ENTRANCES.values()), ids=list(ENTRANCES))


@EVERY_ENTRANCE
def test_what_is_in_the_branch_and_has_passed_is_deployed(goal: Goal) -> None:
    """By every entrance; GitHub is asked when the work begins and immediately before the call."""
    here = world()
    request = ask(here, goal)
    assert ending(here, request)[0] is None
    asked = [number for number, what in enumerate(here.calls) if what == "commits.checks"]
    assert len(asked) == 2
    assert asked[0] < first_of(here, "packages.stage")
    assert here.calls[asked[1] + 1] == "azure.take", "nothing lies between"


def first_of(here: World, what: str) -> int:
    """Return the place of the first call that begins so."""
    return next(number for number, one in enumerate(here.calls) if one.startswith(what))


@EVERY_ENTRANCE
def test_what_is_nowhere_allowed_is_refused(goal: Goal) -> None:
    """At once, before anything is brought, with the code and what helps."""
    here = world()
    here.commits.branches = {"main": set(), "feature": {COMMIT}}
    request = ask(here, goal)
    code, sentence = ending(here, request)
    assert code == "CommitNotAllowed"
    assert here.ledger.audit[-1].sha == COMMIT
    assert sentence == (
        "ccccccc may not be deployed to production: it is not in branch main of contoso/web."
        " Merge it there, or change branches and tags of production."
    )
    assert not [what for what in here.calls if what.startswith("packages.stage")]
    assert here.azure.operations == []


@EVERY_ENTRANCE
@pytest.mark.parametrize(
    ("run", "code"),
    [
        (built("failure", 2), "CheckFailed"),
        (built("neutral", 2), "CheckFailed"),
        (built(None, 2), "CheckMissing"),
    ],
    ids=["failed", "neutral", "run again"],
)
def test_what_has_not_passed_is_refused(goal: Goal, run: CheckRun, code: str) -> None:
    """A run that was asked for again is waited for, not for ever."""
    here = world()
    here.commits.runs.append(run)
    request = ask(here, goal)
    assert ending(here, request)[0] == code
    assert here.azure.operations == []
    assert (here.ledger.audit[-1].rule, here.ledger.audit[-1].sha) == (code, COMMIT), "the trail names the commit"


@pytest.mark.parametrize(
    "runs",
    [[], [built(app=99)], [built(sha=OTHER)], [built("failure"), built(number=2, app=99)]],
    ids=["none", "another app's", "another commit's", "another app's success after a failure"],
)
def test_nothing_stands_in_for_the_check(runs: list[CheckRun]) -> None:
    """Nor does a status under its name."""
    here = world()
    here.commits.runs[:] = runs
    here.commits.statuses.append(CommitStatus(9, "build", "success", "github-actions"))
    request = ask(here, RELEASE)
    assert ending(here, request)[0] in {"CheckMissing", "CheckFailed"}
    assert here.azure.operations == []


def test_a_check_that_comes_late_is_waited_for() -> None:
    """And the reader sees for what."""
    here = world()
    here.commits.runs.clear()
    request = ask(here, RELEASE, run=10 * MINUTE)
    assert here.sink.shown[request.id][-1].description == "Waiting: check build by app 15368 has not reported yet"
    here.commits.runs.append(built())
    here.run()
    assert ending(here, request)[0] is None


def test_a_tag_is_enough_where_it_is_allowed() -> None:
    """For the release's commit, and for a push of the same."""
    here = world(held(branches=(), tags=("v*",)))
    here.commits.branches.clear()
    here.commits.tags["v1.4.2"] = COMMIT
    assert ending(here, ask(here, RELEASE))[0] is None
    other = world(held(branches=(), tags=("v*",)))
    other.commits.tags["nightly"] = COMMIT
    assert ending(other, ask(other, RELEASE))[0] == "CommitNotAllowed"


def test_a_tag_that_is_gone_names_no_commit() -> None:
    """So nobody can know what it would be."""
    here = world()
    here.packages.commit = ""
    assert ending(here, ask(here, RELEASE))[0] == "TagNotFound"
    assert here.azure.operations == []


@pytest.mark.parametrize("goal", [RELEASE, RunVersion(tag="v1"), commit()], ids=["release", "version", "push"])
def test_without_the_keys_nobody_is_asked(goal: Goal) -> None:
    """As it always was."""
    here = World()
    here.commits.branches.clear()
    assert ending(here, ask(here, goal))[0] is None
    assert not [what for what in here.calls if what.startswith("commits.")]


@pytest.mark.parametrize(("branches", "code"), [({"any": {COMMIT}}, None), ({}, "CommitNotAllowed")])
def test_a_github_deployment_may_not_name_a_forks_commit(branches: dict[str, set[str]], code: str | None) -> None:
    """Also without the keys: whoever makes one may name any SHA."""
    here = World()
    here.commits.branches = branches
    assert ending(here, ask(here, commit(deployment=5)))[0] == code


def test_a_configuration_is_held_to_the_same() -> None:
    """It comes from a release too."""
    here = world()
    here.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    here.commits.branches.clear()
    assert ending(here, ask(here, UseConfiguration(tag="v1")))[0] == "CommitNotAllowed"


@pytest.mark.parametrize("goal", [Rollback(), SetStatus(status="Running")], ids=["rollback", "resume"])
def test_what_brings_nothing_is_not_asked_about(goal: Goal) -> None:
    """What runs, or ran, was looked at when it came."""
    here = world()
    here.commits.branches.clear()
    here.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    ask(here, goal)
    assert not [what for what in here.calls if what.startswith("commits.")]


def test_where_github_is_away_it_is_asked_again_and_then_refused() -> None:
    """Two hours, and nothing was called."""
    here = world()
    here.commits.trouble = Unavailable("GitHub does not answer")
    request = ask(here, RELEASE)
    code, sentence = ending(here, request)
    assert code == "CommitNotKnown"
    assert sentence == (
        "GitHub could not be asked whether it may be deployed: GitHub does not answer."
        " Gave up after 2 h; nothing was deployed."
    )
    assert here.azure.operations == []


Strike = Callable[[World], object]


def lose_the_commit(here: World) -> None:
    """Push the branch by force to where the commit is not."""
    here.commits.branches["main"] = {OTHER}


def turn_red(here: World) -> None:
    """Let the check run again, and fail."""
    here.commits.runs.append(built("failure", 2))


def run_again(here: World) -> None:
    """Ask for the check again; it waits."""
    here.commits.runs.append(built(None, 2))


def move_the_tag(here: World) -> None:
    """Let the tag lead to a commit that may not be deployed."""
    here.packages.commit = OTHER


def move_the_tag_within_the_branch(here: World) -> None:
    """Let the tag lead to a commit that may be deployed just as well."""
    move_the_tag(here)
    here.commits.branches["main"] = {COMMIT, OTHER}
    here.commits.runs.append(built(number=2, sha=OTHER))


MOVED = {"TagMoved", "ChangedSinceApproval"}
STRIKES: dict[str, tuple[Strike, str, set[str]]] = {
    "the branch is pushed by force": (lose_the_commit, "commits.find", {"CommitNotAllowed"}),
    "the check turns red": (turn_red, "commits.checks", {"CheckFailed"}),
    "the check is run again": (run_again, "commits.checks", {"CheckMissing"}),
    "the tag is moved": (move_the_tag, "packages.commit_of", {*MOVED, "CommitNotAllowed"}),
}
"""What an adversary does, the question that shows it, and how the request may end."""


class Watched(World):
    """A world in which somebody does something before one call to the outside."""

    strike: Strike | None = None
    at: int = -1

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Let them."""
        if self.strike is not None and len(self.calls) == self.at:
            self.strike(self)
        return super().io(what, effect)


PLACES = {
    "alone": held(),
    "with a second person": held(RULED, approvals=1, strategy="create"),
    "delete, then create": held(strategy="replace"),
}
EVERY_PLACE = pytest.mark.parametrize("place", list(PLACES))


def play(place: str, at: int = -1, strike: Strike | None = None) -> tuple[Watched, DeploymentRequest]:
    """Ask for a release while somebody strikes; where others have to agree, somebody does."""
    here = Watched(environment=PLACES[place])
    here.commits.runs.append(built())
    if PLACES[place].strategy is Strategy.REPLACE:
        here.azure.stand("old", Slot.PRODUCTION)
    here.at, here.strike = at, strike
    request = ask(here, RELEASE, run=MINUTE)
    if PLACES[place].approvals:
        say(here, f"approve {request.id}", HUBOT)
    here.run()
    return here, request


def created(here: World) -> bool:
    """Say whether anything was brought to Azure."""
    return bool(here.azure.accepted("create"))


@EVERY_PLACE
@pytest.mark.parametrize("name", list(STRIKES))
def test_what_can_be_seen_before_the_call_stops_it(name: str, place: str) -> None:
    """An adversary acts before each call to the outside in turn; after the first one to Azure the run is finished."""
    strike, question, codes = STRIKES[name]
    undisturbed, request = play(place)
    assert ending(undisturbed, request)[0] is None
    call = undisturbed.calls.index("azure.take")
    seen_until = max(number for number, what in enumerate(undisturbed.calls[:call]) if what == question)
    wrong = {}
    for at in range(len(undisturbed.calls)):
        here, request = play(place, at, strike)
        entry = here.row(request)
        code = ending(here, request)[0]
        stopped = not here.azure.operations and code in codes
        finished = created(here) and code is None and entry.commit == COMMIT
        given_up = not created(here) and code in MOVED
        if not (stopped or (at > seen_until and (finished or given_up))):
            wrong[at, undisturbed.calls[at]] = f"{code}, {len(here.azure.operations)} calls, {entry.commit}"
    assert not wrong
    assert call - seen_until <= 4, "the last look is the last thing before the call"


@EVERY_PLACE
def test_a_tag_that_is_moved_within_the_branch_lets_nothing_in_that_nobody_looked_at(place: str) -> None:
    """Before the work begins it is the new commit; after that the old one, or nothing."""
    undisturbed, _ = play(place)
    ran = {}
    for at in range(len(undisturbed.calls)):
        here, request = play(place, at, move_the_tag_within_the_branch)
        entry = here.row(request)
        if created(here):
            ran[at] = entry.commit
            assert entry.proposal is None or entry.proposal.sha == entry.commit
        else:
            assert ending(here, request)[0] in MOVED
    assert set(ran.values()) == {COMMIT, OTHER}
    assert sorted(ran, key=lambda at: (ran[at] == COMMIT, at)) == sorted(ran), "never the new one after the old"


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("strike", [turn_red, lose_the_commit, move_the_tag], ids=["red", "pushed", "moved"])
def test_a_process_that_dies_before_the_call_does_not_skip_the_look(fault: Fault, strike: Strike) -> None:
    """What was announced and not called is looked at again by whoever finds it."""
    undisturbed, _ = play("alone")
    announced = undisturbed.calls.index("ledger.replace_both")
    here = Watched(environment=PLACES["alone"], faults={announced: fault})
    here.commits.runs.append(built())
    here.at, here.strike = announced + 1, strike
    request = ask(here, RELEASE)
    assert ending(here, request)[0] in {"CheckFailed", "CommitNotAllowed", *MOVED}
    assert here.azure.operations == []


@pytest.mark.parametrize("fault", list(Fault))
def test_one_fault_anywhere_still_ends_in_one_deployment(fault: Fault) -> None:
    """Also where GitHub is asked."""
    undisturbed, _ = play("alone")
    broken = {}
    for at in range(len(undisturbed.calls)):
        here = Watched(environment=PLACES["alone"], faults={at: fault})
        here.commits.runs.append(built())
        request = ask(here, RELEASE)
        if (ending(here, request)[0], len(here.azure.accepted("create"))) != (None, 1):
            broken[at, undisturbed.calls[at]] = ending(here, request)
    assert not broken


def test_a_look_that_takes_long_is_not_followed_by_a_call() -> None:
    """Somebody else may have taken the row for abandoned meanwhile."""
    here = Watched(environment=PLACES["alone"])
    here.commits.runs.append(built())
    here.at = play("alone")[0].calls.index("azure.take") - 1
    here.strike = take_half_a_minute
    request = ask(here, RELEASE)
    assert ending(here, request)[0] is None
    looks = [what for what in here.calls if what == "commits.checks"]
    assert len(looks) == 4, "the whole once more"
    assert len(here.azure.accepted("create")) == 1


def take_half_a_minute(here: World) -> None:
    """Let GitHub think."""
    here.clock += timedelta(seconds=30)
