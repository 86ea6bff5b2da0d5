"""A second person agrees to this request, this commit and this plan, or nothing begins."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers.audit import What
from handlers.environments import Environment, Strategy
from handlers.environments.rights import Right
from handlers.errors import Unavailable
from handlers.ledger import State
from handlers.model import Actor, DeploymentRequest, Inquiry, SetStatus, Slot, Source
from handlers.model.consent import Lapse
from handlers.policy import Reason
from tests.flows.test_locks import HUBOT, MONA, OCTO, PLACE, RULED, ending, launch, say, world
from tests.flows.world import Fault, World

HUBOT_IDS = {Source.SLACK: ("U2",), Source.GITHUB: ("2",)}
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
    assert say(here, f"approve {request.id}", MONA) == "You cannot approve your own request."
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
    assert ending(here, request) == ("ApprovalExpired", "It was approved, and did not begin within 60 min.")


TEAM = "github-team:contoso/leads"
LEADS = TWO_MEN.model_copy(
    update={"rights": {Right.APPROVE: (TEAM, "slack:U3")}, "people": {**RULED.people, "hubot": HUBOT_IDS}}
)


def leads(*members: str, environment: Environment = LEADS) -> World:
    """Return a world in which these GitHub ids, and octo by name, may agree."""
    here = world(environment)
    here.directory.members[TEAM] = set(members)
    return here


def before(here: World, call: str, happens: Callable[[], object]) -> None:
    """Let something happen before the first call of a name, once."""
    do = here.io

    def io(what: str, effect: Callable[[], object]) -> object:
        if what == call:
            here.io = do  # type: ignore[method-assign]
            happens()
        return do(what, effect)

    here.io = io  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("call", ["packages.stage", "ledger.replace_both", "directory.stands_for"])
def test_whoever_agreed_and_leaves_the_team_does_not_count(call: str) -> None:
    """Up to the last look: the request says who and why, somebody else agrees, and it goes on."""
    here = leads("2")
    request = waiting(here)
    assert say(here, f"approve {request.id}", HUBOT, timedelta(seconds=1)) == f"v1 ({request.id}) is approved by hubot."
    before(here, call, here.directory.members[TEAM].clear)
    here.run(MINUTE)
    assert here.azure.operations == []
    report = here.sink.shown[request.id][-1]
    assert report.description == (
        f"Waiting: somebody else to agree to ccccccc by 10:00 UTC: approve {request.id}. hubot agreed and has lost the"
        f" right to. rights.approve of production does not give hubot the right: {TEAM}: 2 is no active member of it"
    )
    assert report.asks is not None, "the button is there again"
    assert say(here, f"approve {request.id}", HUBOT).startswith("rights.approve of production does not give hubot")
    assert say(here, f"approve {request.id}", OCTO) == f"v1 ({request.id}) is approved by octo."
    here.run()
    assert ending(here, request)[0] is None
    trail = [(one.what, one.actor and one.actor.name, one.rule) for one in here.ledger.audit]
    assert [one for one in trail if one[0] in {What.APPROVED, What.LAPSED}] == [
        (What.APPROVED, "hubot", None),
        (What.LAPSED, "hubot", Reason.APPROVAL_LAPSED),
        (What.APPROVED, "octo", None),
    ]


def test_nothing_is_called_for_a_consent_that_was_lost_before_the_last_look() -> None:
    """Whoever agreed leaves the team before each call to the outside in turn."""

    def play(at: int) -> tuple[World, DeploymentRequest]:
        here = leads("2")
        do = here.io

        def io(what: str, effect: Callable[[], object]) -> object:
            if len(here.calls) == at:
                here.directory.members[TEAM].clear()
            return do(what, effect)

        here.io = io  # type: ignore[method-assign, assignment]
        request = waiting(here)
        say(here, f"approve {request.id}", HUBOT, MINUTE)
        here.run()
        return here, request

    undisturbed, _ = play(-1)
    last_look = max(at for at, what in enumerate(undisturbed.calls) if what == "directory.stands_for")
    assert undisturbed.calls[last_look + 1] == "azure.take", "nothing lies between"
    for at in range(last_look + 3):
        here, request = play(at)
        called = at > last_look
        assert (bool(here.azure.operations), ending(here, request)[0]) == (
            called,
            None if called else "ApprovalExpired",
        )


def test_whoever_agreed_and_is_taken_out_of_the_file_does_not_count() -> None:
    """Nobody is asked about that; who may is said."""
    here = world(TWO_MEN)
    request = waiting(here)
    say(here, f"approve {request.id}", HUBOT, timedelta(seconds=1))
    here.environments["production"] = TWO_MEN.model_copy(update={"rights": {Right.APPROVE: ("slack:U3",)}})
    here.run(MINUTE)
    assert here.azure.operations == []
    assert here.row(request).delayed_by == (
        f"somebody else to agree to ccccccc by 10:00 UTC: approve {request.id}. hubot agreed and has lost the right to."
        " Who may approve production: rights.approve says slack:U3"
    )
    here.run()
    assert ending(here, request)[0] == "ApprovalExpired"


def test_whoever_agreed_and_turns_out_to_be_the_requester_does_not_count() -> None:
    """The file joins both identities after they agreed: the request waits for somebody else."""
    here = world(TWO_MEN)
    request = waiting(here)
    say(here, f"approve {request.id}", HUBOT, timedelta(seconds=1))
    joined = {"mona": {Source.SLACK: ("U1", "U2"), Source.GITHUB: ("1",)}}
    here.environments["production"] = TWO_MEN.model_copy(update={"people": joined})
    here.run(MINUTE)
    assert here.azure.operations == []
    assert [one.why for one in lapsed(here, request)] == ["hubot agreed and is the same person as mona (GitHub id 1)"]
    say(here, f"approve {request.id}", OCTO)
    here.run()
    assert ending(here, request)[0] is None


def test_two_who_agreed_and_turn_out_to_be_one_count_once() -> None:
    """The first of them."""
    two = TWO_MEN.model_copy(update={"approvals": 2})
    here = world(two)
    request = waiting(here)
    say(here, f"approve {request.id}", HUBOT)
    say(here, f"approve {request.id}", OCTO, timedelta(seconds=1))
    here.environments["production"] = two.model_copy(update={"people": {"hubot": {Source.SLACK: ("U2", "U3")}}})
    here.run(MINUTE)
    assert here.azure.operations == []
    assert [one.why for one in lapsed(here, request)] == ["octo agreed and is the same person as hubot (Slack id U2)"]


def test_where_the_file_asks_for_one_more_by_now_one_more_may_agree() -> None:
    """How many have to agree is not what it was when the others were asked, and the trail has both."""
    here = world(TWO_MEN)
    request = waiting(here)
    here.environments["production"] = TWO_MEN.model_copy(update={"approvals": 2})
    here.run(MINUTE)
    assert (here.row(request).delayed_by or "").startswith("2 others to agree")
    assert say(here, f"approve {request.id}", HUBOT).endswith("1 more to agree.")
    assert say(here, f"approve {request.id}", OCTO).endswith("is approved by octo.")
    here.run()
    assert ending(here, request)[0] is None
    assert [one.what for one in here.ledger.audit].count(What.PROPOSED) == 2


def test_one_that_azure_was_too_busy_for_lets_others_go_first_while_one_more_has_to_agree() -> None:
    """Its first call had been announced and was taken back, and it is not the next one any more."""
    here = world(TWO_MEN)
    request = waiting(here)
    here.azure.refusal = [Unavailable("another operation is under way")] * 3
    say(here, f"approve {request.id}", HUBOT, timedelta(seconds=6))
    here.environments["production"] = TWO_MEN.model_copy(update={"approvals": 2})
    resume = here.request(SetStatus(status="Running"))
    here.deliver(resume)
    here.run(2 * MINUTE)
    assert here.row(request).announced_at is not None
    assert (here.row(request).delayed_by or "").startswith("somebody else to agree")
    assert ending(here, resume)[0] is None


def test_one_that_comes_back_may_agree_once_more() -> None:
    """And the first consent, delivered again, is none."""
    here = leads("2")
    request = waiting(here)
    before(here, "ledger.replace_both", here.directory.members[TEAM].clear)
    say(here, f"approve {request.id}", HUBOT, MINUTE)
    assert here.azure.operations == []
    here.directory.members[TEAM].add("2")
    (lapse,) = lapsed(here, request)
    again = Inquiry(
        id=lapse.approval.inquiry, text=f"approve {request.id}", actor=HUBOT, place=PLACE, asked_at=here.clock
    )
    here.inquiries.put(again.model_dump_json())
    here.run(MINUTE)
    assert here.azure.operations == []
    assert say(here, f"approve {request.id}", HUBOT).endswith("is approved by hubot.")
    here.run()
    assert ending(here, request)[0] is None


def lapsed(here: World, request: DeploymentRequest) -> tuple[Lapse, ...]:
    """Return the consents that do not count any more."""
    proposal = here.row(request).proposal
    assert proposal is not None
    return proposal.lapsed


def test_where_nobody_says_whether_they_still_may_it_waits_and_then_they_do_not_count() -> None:
    """Two hours; a call is announced once meanwhile."""
    here = leads("2", environment=LEADS.model_copy(update={"approval_within": 600}))
    request = waiting(here)

    def go_down() -> None:
        here.directory.away_until = here.clock + timedelta(hours=5)

    before(here, "ledger.replace_both", go_down)
    say(here, f"approve {request.id}", HUBOT, MINUTE)
    assert here.row(request).delayed_by == "GitHub does not answer"
    here.run(timedelta(hours=3))
    assert (len(lapsed(here, request)), here.azure.operations) == (1, [])
    assert [one.what for one in here.ledger.audit].count(What.ANNOUNCED) == 1
    say(here, f"approve {request.id}", OCTO)
    here.run()
    assert ending(here, request)[0] is None


def test_enough_others_are_enough() -> None:
    """One of two who agreed has left, and one was needed by then."""
    here = leads("2", environment=LEADS.model_copy(update={"approvals": 2}))
    request = waiting(here)
    say(here, f"approve {request.id}", HUBOT)
    here.environments["production"] = LEADS
    here.directory.members[TEAM].clear()
    say(here, f"approve {request.id}", OCTO)
    here.run()
    assert (ending(here, request)[0], lapsed(here, request)) == (None, ())


def test_after_the_first_call_consent_stands() -> None:
    """What Azure has begun is finished."""
    here = leads("2")
    request = waiting(here)
    say(here, f"approve {request.id}", HUBOT, timedelta(seconds=10))
    assert len(here.azure.operations) == 1
    here.directory.members[TEAM].clear()
    here.run()
    assert ending(here, request)[0] is None


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


def approved(faults: dict[int, Fault], environment: Environment = TWO_MEN) -> tuple[World, DeploymentRequest]:
    """Let somebody agree, with these faults from then on, and let ten seconds pass."""
    here = world(environment)
    request = waiting(here)
    here.faults = faults
    agree = Inquiry(id="d" + "i" * 20, text=f"approve {request.id}", actor=HUBOT, place=PLACE, asked_at=here.clock)
    here.inquiries.put(agree.model_dump_json())
    here.run(timedelta(seconds=10))
    return here, request


def other_runs(here: World) -> None:
    """Let somebody deploy something else by hand."""
    here.azure.stand("other", Slot.PRODUCTION, request="d" + "b" * 20)


def five_hours(here: World) -> None:
    """Let nobody be there for a while."""
    here.clock += timedelta(hours=5)


@pytest.mark.parametrize("strategy", [Strategy.SWAP, Strategy.REPLACE])
@pytest.mark.parametrize(("happens", "code"), [(other_runs, "ChangedSinceApproval"), (five_hours, "ApprovalExpired")])
def test_a_call_that_was_announced_and_not_made_is_for_what_was_approved(
    strategy: Strategy, happens: Callable[[World], None], code: str
) -> None:
    """The host died in between: what others agreed to is looked at again, and Azure hears nothing of anything else."""
    environment = TWO_MEN.model_copy(update={"strategy": strategy})
    undisturbed, _ = approved({}, environment)
    here, request = approved({undisturbed.calls.index("ledger.replace_both"): Fault.DIES_AFTER}, environment)
    assert (here.row(request).state, here.azure.operations) == (State.INTENT, [])
    happens(here)
    here.run()
    assert (ending(here, request)[0], here.azure.operations) == (code, [])


@pytest.mark.parametrize("strategy", [Strategy.SWAP, Strategy.REPLACE])
@pytest.mark.parametrize("fault", Fault)
def test_whatever_fails_what_was_approved_is_finished(fault: Fault, strategy: Strategy) -> None:
    """At every call to the outside, also where the first call to Azure had its effect and nobody heard it."""
    environment = TWO_MEN.model_copy(update={"strategy": strategy})
    undisturbed, _ = approved({}, environment)
    for step in range(undisturbed.calls.index("inquiries.put") + 1, len(undisturbed.calls)):
        here, request = approved({step: fault}, environment)
        here.run()
        assert ending(here, request)[0] is None, (step, undisturbed.calls[step])
