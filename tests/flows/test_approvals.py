"""A second person agrees to this request, this commit and this plan, or nothing begins."""

from datetime import timedelta

import pytest

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.errors import Unavailable
from handlers.model import Actor, DeploymentRequest, SetStatus, Slot, Source
from tests.flows.test_locks import HUBOT, MONA, OCTO, PLACE, RULED, ending, launch, say, world
from tests.flows.world import World

TWO_MEN = RULED.model_copy(update={"approvals": 1})
MINUTE = timedelta(minutes=1)


def waiting(where: World) -> DeploymentRequest:
    """Let mona publish a release, and wait until others are asked."""
    return launch(where, run=MINUTE)


def test_nothing_begins_before_somebody_else_agrees() -> None:
    """The request says who has to do what, and then goes on by itself."""
    here = world(TWO_MEN)
    request = waiting(here)
    shown = here.sink.shown[request.id][-1].description
    assert shown == f"Waiting: somebody else to agree to ccccccc by 10:00 UTC: approve {request.id}"
    assert here.azure.operations == []
    assert say(here, f"approve {request.id[:8]}", HUBOT) == f"v1 ({request.id}) is approved by hubot."
    here.run()
    assert ending(here, request)[0] is None


def test_an_answer_that_was_held_up_still_says_who_approved() -> None:
    """What was approved is over and told by the time at which the chat takes the answer."""
    here = world(TWO_MEN)
    request = waiting(here)
    here.voice.trouble = [Unavailable("not so fast", timedelta(minutes=3))]
    said = say(here, f"approve {request.id[:8]}", HUBOT, timedelta(hours=1))
    assert ending(here, request)[0] is None
    assert said == f"v1 ({request.id}) is approved by hubot."


def test_nobody_approves_a_request_of_their_own() -> None:
    """Published on GitHub, approved in Slack: the same person."""
    here = world(TWO_MEN)
    request = waiting(here)
    assert say(here, f"approve {request.id}", MONA) == "Nobody approves a request of their own."
    assert here.azure.operations == []


def test_who_has_no_right_does_not_approve() -> None:
    """By `rights.approve` where it is there."""
    here = world(TWO_MEN.model_copy(update={"rights": {Right.APPROVE: ("slack:U3",)}}))
    request = waiting(here)
    assert say(here, f"approve {request.id}", HUBOT).startswith("You have no right to approve in production")
    assert say(here, f"approve {request.id}", OCTO).endswith("is approved by octo.")


def test_one_person_counts_once() -> None:
    """Where two have to agree."""
    here = world(TWO_MEN.model_copy(update={"approvals": 2}))
    request = waiting(here)
    assert say(here, f"approve {request.id}", HUBOT).endswith("1 more to agree.")
    assert say(here, f"approve {request.id}", HUBOT) == "You have approved it already."
    here.run(2 * MINUTE)
    assert here.azure.operations == []
    say(here, f"approve {request.id}", OCTO)
    here.run()
    assert ending(here, request)[0] is None


def test_an_approval_that_does_not_come_ends_the_request() -> None:
    """After `approval_within`; a later one changes nothing."""
    here = world(TWO_MEN)
    request = waiting(here)
    here.run(timedelta(minutes=61))
    assert ending(here, request) == ("ApprovalExpired", "Nobody agreed within 60 min.")
    assert say(here, f"approve {request.id}", HUBOT).startswith("No request that is under way")


def test_a_request_that_was_agreed_to_and_waits_for_too_long_says_so() -> None:
    """Somebody agreed in time, and a package that was not there kept it from beginning."""
    here = world(TWO_MEN)
    request = waiting(here)
    here.packages.trouble = Unavailable("the package is not there yet")
    say(here, f"approve {request.id}", HUBOT)
    here.run(timedelta(minutes=61))
    here.packages.trouble = None
    here.run()
    assert ending(here, request) == ("ApprovalExpired", "It was agreed to, and did not begin within 60 min.")


def test_what_runs_is_what_was_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tag leads to another commit after somebody agreed: Azure hears nothing."""
    here = world(TWO_MEN)
    request = waiting(here)
    monkeypatch.setattr(here.packages, "commit_of", lambda _: "d" * 40)
    say(here, f"approve {request.id}", HUBOT)
    here.run()
    assert ending(here, request)[0] == "ChangedSinceApproval"
    assert here.azure.operations == []


def test_an_approval_is_for_a_plan() -> None:
    """Something else runs by now than what was to be replaced: ask again."""
    here = world(TWO_MEN)
    request = waiting(here)
    here.azure.stand("other", Slot.PRODUCTION, request="d" + "b" * 20)
    say(here, f"approve {request.id}", HUBOT)
    here.run()
    assert ending(here, request)[0] == "ChangedSinceApproval"
    assert here.azure.operations == []


def test_a_newer_release_supersedes_one_that_waits_for_approval() -> None:
    """Nobody approves what is pointless."""
    here = world(TWO_MEN)
    first = waiting(here)
    second = launch(here, 2, run=2 * MINUTE)
    assert ending(here, first)[0] == "Superseded"
    say(here, f"approve {second.id}", HUBOT)
    here.run()
    assert ending(here, second)[0] is None


def test_one_that_waits_for_approval_lets_others_go_first() -> None:
    """However long it waits."""
    here = world(TWO_MEN)
    waiting(here)
    other = here.request(SetStatus(status="Running"))
    here.deliver(other)
    here.run(5 * MINUTE)
    assert ending(here, other)[0] is None


def asked_from_slack(where: World, actor: Actor = HUBOT) -> DeploymentRequest:
    """Ask to suspend what is in production."""
    request = where.request(SetStatus(status="Suspended")).model_copy(update={"actor": actor, "place": PLACE})
    where.deliver(request)
    where.run(MINUTE)
    return request


def test_production_is_suspended_by_two_people() -> None:
    """From a chat, also where nothing else needs a second person."""
    here = world()
    request = asked_from_slack(here)
    assert here.azure.operations == []
    say(here, f"approve {request.id}", OCTO)
    here.run()
    assert ending(here, request)[0] is None


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(RULED.model_copy(update={"suspend_approvals": 0}), id="where the environment says so"),
        pytest.param(RULED.model_copy(update={"slot": Slot.STAGING, "strategy": None}), id="in staging"),
    ],
)
def test_one_person_is_enough(environment: Environment) -> None:
    """Nothing waits."""
    here = world(environment)
    here.azure.stand("stage", Slot.STAGING, request="d" + "b" * 20)
    request = asked_from_slack(here)
    here.run()
    assert ending(here, request)[0] is None


def test_the_clock_needs_nobody() -> None:
    """A night does not wait for two people."""
    here = world(TWO_MEN)
    clock = Actor(source=Source.CLOCK, id="night", name="night")
    request = here.request(SetStatus(status="Suspended")).model_copy(update={"actor": clock})
    here.deliver(request)
    here.run()
    assert ending(here, request)[0] is None


def test_the_trail_names_who_agreed_to_what() -> None:
    """Commit and plan."""
    here = world(TWO_MEN)
    request = waiting(here)
    say(here, f"approve {request.id}", HUBOT)
    trail = [(one.what, one.actor and one.actor.name, one.sha) for one in here.ledger.audit]
    assert ("proposed", "mona", "c" * 40) in trail
    assert ("approved", "hubot", "c" * 40) in trail
