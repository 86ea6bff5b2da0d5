"""Teams and groups decide when the work begins, and again before the call: what was true at the door proves nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers.audit import What
from handlers.environments import Environment, Strategy
from handlers.environments.groups import Kind
from handlers.environments.rights import Freeze, Right
from handlers.errors import Unavailable
from handlers.events import CommandGiven, CommitReady, Event, ReleasePublished, Trigger
from handlers.intake import decide
from handlers.ledger import State
from handlers.model import Actor, Commit, DeploymentRequest, Release, Source
from handlers.policy.membership import Answer, Question
from handlers.ports import StagedPackage
from tests.flows.test_comments import COMMENTED, comment
from tests.flows.test_locks import HUBOT, MONA, PLACE, RULED, ending, world
from tests.flows.world import Fault, World, some_release

TEAM = "github-team:contoso/deployers"
TEAM_ONLY = RULED.model_copy(update={"allow": {}, "rights": dict.fromkeys(Right, (TEAM,))})
MINUTE = timedelta(minutes=1)
PUBLISHER = Actor(source=Source.GITHUB, id="1", name="mona")


def here(environment: Environment = TEAM_ONLY, *members: str) -> World:
    """Return a world in which something runs, and GitHub counts these ids in the team."""
    made = world(environment)
    made.directory.members[TEAM] = set(members)
    return made


def publish(where: World, number: int = 1, run: timedelta = timedelta(hours=6)) -> DeploymentRequest:
    """Let mona publish a release on GitHub: through the door, and on."""
    event = ReleasePublished(some_release(number, f"v{number}"), PUBLISHER, f"guid-{number}")
    return _through_the_door(where, event, run)


def command(where: World, text: str, actor: Actor = MONA, run: timedelta = timedelta(hours=6)) -> DeploymentRequest:
    """Let somebody command from Slack: through the door, and on."""
    return _through_the_door(where, CommandGiven(text, actor, PLACE, f"trigger-{len(where.calls)}"), run)


def _through_the_door(where: World, event: Event, run: timedelta) -> DeploymentRequest:
    decision = decide(event, where.environments, where.clock)
    assert decision.message is not None, decision.reply
    (request,) = decision.message.requests
    where.deliver(request)
    where.run(run)
    return request


def test_a_member_deploys() -> None:
    """Asked when the work begins and immediately before the first call; not for the steps after."""
    where = here(TEAM_ONLY, "1")
    request = publish(where)
    assert request.asked_later
    assert next(one.rule for one in where.ledger.audit if one.what is What.ACCEPTED) == "asked_later"
    assert ending(where, request)[0] is None
    assert where.directory.asked == [(TEAM, "1")] * 2
    taken = where.calls.index("azure.take")
    assert where.calls[taken - 2 : taken] == ["ledger.replace_both", "directory.stands_for"], "nothing lies between"
    assert len(where.azure.operations) > 1


def test_whoever_is_not_in_it_is_refused_where_it_shows() -> None:
    """Nothing is brought and nothing is called."""
    where = here()
    request = publish(where)
    code, sentence = ending(where, request)
    assert code == "NotAMember"
    assert sentence == f"rights.deploy of production does not give mona the right: {TEAM}: 1 is no active member of it."
    assert where.sink.shown[request.id][-1].description == f"NotAMember: {sentence}"
    assert (where.packages.staged, where.azure.operations) == (0, [])
    assert where.row(request).state is State.TOLD


def test_whoever_was_taken_off_before_the_call_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the package was brought: Azure hears nothing."""
    where = here(TEAM_ONLY, "1")
    stage = where.packages.stage

    def stage_while_somebody_leaves(environment: Environment, release: Release) -> StagedPackage:
        where.directory.members[TEAM].clear()
        return stage(environment, release)

    monkeypatch.setattr(where.packages, "stage", stage_while_somebody_leaves)
    assert ending(where, publish(where))[0] == "NotAMember"
    assert where.azure.operations == []


def test_whoever_was_taken_off_after_the_announcement_is_refused() -> None:
    """The process dies before the call, and another one takes the row up."""
    whole = here(TEAM_ONLY, "1")
    publish(whole)
    where = here(TEAM_ONLY, "1")
    where.faults = {whole.calls.index("azure.take"): Fault.DIES_BEFORE}
    request = publish(where, run=MINUTE)
    assert where.row(request).state is State.INTENT
    where.directory.members[TEAM].clear()
    where.run()
    assert ending(where, request)[0] == "NotAMember"
    assert where.azure.operations == []


def test_whoever_was_taken_off_while_waiting_in_line_is_refused() -> None:
    """The first one goes on; the line is not asked about each time that it is looked at."""
    where = here(TEAM_ONLY, "1")
    where.azure.boots_in = timedelta(minutes=20)
    first = publish(where, run=MINUTE)
    second = command(where, "scale production web=2", run=timedelta(minutes=10))
    assert len(where.directory.asked) == 3
    where.directory.members[TEAM].clear()
    where.run()
    assert ending(where, first)[0] is None
    assert ending(where, second)[0] == "NotAMember"
    assert len(where.directory.asked) == 4


def test_a_service_that_is_down_is_asked_again() -> None:
    """The request says for what it waits."""
    where = here(TEAM_ONLY, "1")
    where.directory.away_until = where.clock + timedelta(minutes=10)
    request = publish(where, run=MINUTE)
    assert where.sink.shown[request.id][-1].description == "Waiting: GitHub does not answer"
    assert where.azure.operations == []
    where.run()
    assert ending(where, request)[0] is None


def test_a_service_that_stays_down_is_a_no() -> None:
    """After two hours, and said so."""
    where = here(TEAM_ONLY, "1")
    where.directory.away_until = where.clock + timedelta(days=1)
    request = publish(where)
    assert ending(where, request) == (
        "MembershipUnknown",
        (
            "rights.deploy of production gives mona the right only where a group does, and that is not known:"
            f" {TEAM}: GitHub does not answer."
        ),
    )
    assert where.azure.operations == []


def test_a_service_that_goes_down_before_the_call_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said at first does not count any more."""
    where = here(TEAM_ONLY, "1")
    stage = where.packages.stage

    def stage_while_it_goes_down(environment: Environment, release: Release) -> StagedPackage:
        where.directory.away_until = where.clock + timedelta(days=1)
        return stage(environment, release)

    monkeypatch.setattr(where.packages, "stage", stage_while_it_goes_down)
    assert ending(where, publish(where))[0] == "MembershipUnknown"
    assert where.azure.operations == []
    assert [one.what for one in where.ledger.audit].count(What.ANNOUNCED) == 1, "not once for each try"


def test_one_that_waits_for_an_answer_lets_others_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that was announced and not made holds nobody up."""
    where = here(TEAM_ONLY.model_copy(update={"rights": {Right.DEPLOY: (TEAM,), Right.SCALE: ("mona",)}}), "1")
    stage = where.packages.stage

    def stage_while_it_goes_down(environment: Environment, release: Release) -> StagedPackage:
        where.directory.away_until = where.clock + timedelta(days=1)
        return stage(environment, release)

    monkeypatch.setattr(where.packages, "stage", stage_while_it_goes_down)
    waiting = publish(where, run=MINUTE)
    other = command(where, "scale production web=2", run=10 * MINUTE)
    assert where.row(waiting).state is State.ACCEPTED
    assert ending(where, other)[0] is None


def nobody_answers(where: World) -> None:
    """Let GitHub not say who is in the team."""
    where.directory.away_until = where.clock + timedelta(days=1)


def no_commit_is_shown(where: World) -> None:
    """Let GitHub not say where a commit is."""
    where.commits.trouble = Unavailable("GitHub does not answer")


def somebody_has_to_agree(where: World) -> None:
    """Let the file ask for a second person from now on."""
    where.environments["production"] = where.environments["production"].model_copy(update={"approvals": 1})


@pytest.mark.parametrize("happens", [nobody_answers, no_commit_is_shown, somebody_has_to_agree])
def test_one_that_azure_was_too_busy_for_and_that_waits_for_others_lets_others_go_first(
    happens: Callable[[World], None],
) -> None:
    """Only while it waits for Azure alone it keeps its place."""
    rights = {Right.DEPLOY: (TEAM,), Right.RESUME: ("mona",)}
    where = here(TEAM_ONLY.model_copy(update={"rights": rights, "branches": ("main",)}), "1")
    where.azure.refusal = [Unavailable("another operation is under way")] * 2
    waiting = publish(where, run=timedelta(seconds=3))
    happens(where)
    other = command(where, "resume production", run=10 * MINUTE)
    assert where.row(waiting).state is State.ACCEPTED
    assert ending(where, other)[0] is None


def test_a_service_that_does_not_say_is_a_no_at_once() -> None:
    """A missing permission does not come back by itself."""
    where = here(TEAM_ONLY, "1")
    where.directory.silent = "GitHub answered 403 to GET mona in the team. Check the permission Members: read"
    request = publish(where, run=MINUTE)
    code, sentence = ending(where, request)
    assert code == "MembershipUnknown"
    assert sentence.endswith("Check the permission Members: read.")


def test_a_clear_yes_is_enough_while_another_list_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what changes nothing."""
    both = (TEAM, "slack-group:S1")
    where = here(TEAM_ONLY.model_copy(update={"rights": dict.fromkeys(Right, both)}))
    where.directory.members["slack-group:S1"] = {"U1"}
    stands_for = where.directory.stands_for

    def without_github(question: Question, environment: Environment) -> Answer:
        if question.group.kind is Kind.GITHUB_TEAM:
            raise Unavailable("GitHub does not answer")
        return stands_for(question, environment)

    monkeypatch.setattr(where.directory, "stands_for", without_github)
    request = publish(where, run=MINUTE)
    assert where.row(request).taken


def test_a_permission_is_one_in_the_repository_that_was_seen_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its id: the name may be somebody else's by now."""
    permission = "github-permission:maintain"
    where = here(TEAM_ONLY.model_copy(update={"rights": dict.fromkeys(Right, (permission,))}))
    where.directory.members[permission] = {"1"}
    ids: list[int | None] = []
    stands_for = where.directory.stands_for

    def note(question: Question, environment: Environment) -> Answer:
        ids.append(environment.repository_id)
        return stands_for(question, environment)

    monkeypatch.setattr(where.directory, "stands_for", note)
    publish(where, 1)
    command(where, "scale production web=2")
    assert ids == [None, 7, 7, 7]


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("members", [["1"], []], ids=["a member", "somebody else"])
def test_whatever_fails_or_dies_only_a_member_deploys(fault: Fault, members: list[str]) -> None:
    """Each call to the outside in turn."""
    place = TEAM_ONLY.model_copy(update={"strategy": Strategy.CREATE})

    def run(faults: dict[int, Fault]) -> tuple[World, DeploymentRequest]:
        where = World(environment=place, faults=faults)
        where.directory.members[TEAM] = set(members)
        return where, publish(where)

    calls, wrong = len(run({})[0].calls), []
    for position in range(calls):
        where, request = run({position: fault})
        created, told = len(where.azure.accepted("create")), where.row(request).state is State.TOLD
        if (created, told, ending(where, request)[0]) != (len(members), True, None if members else "NotAMember"):
            wrong.append(where.calls[position])
    assert not wrong


def test_what_another_entrance_may_helps_nobody() -> None:
    """Whatever was pushed may be deployed; what a workflow has built, by a member alone."""
    rights = {Right.DEPLOY: ("any:push", TEAM)}
    where = here(COMMENTED.model_copy(update={"push": "main", "workflow": "build", "rights": rights}))
    where.azure.slots.clear()
    commit = Commit(repository="contoso/web", repository_id=7, sha="a" * 40, branch="main", url="https://example.com/a")
    built = CommitReady(commit, PUBLISHER, "guid", Trigger.WORKFLOW, "build", 5)
    pushed = CommitReady(commit, PUBLISHER, "guid", Trigger.PUSH, "main", 6)
    assert ending(where, _through_the_door(where, built, 6 * 60 * MINUTE))[0] == "NotAMember"
    assert ending(where, _through_the_door(where, pushed, 6 * 60 * MINUTE))[0] is None


def test_in_slack_a_person_counts_by_their_github_id() -> None:
    """Which the file joins to the Slack id."""
    where = here(TEAM_ONLY, "1")
    request = command(where, "scale production web=2")
    assert ending(where, request)[0] is None
    assert set(where.directory.asked) == {(TEAM, "1")}


def test_in_slack_whoever_has_no_github_id_is_refused_at_the_door() -> None:
    """There is nobody to ask about."""
    where = here()
    event = CommandGiven("scale production web=2", HUBOT, PLACE, "t")
    decision = decide(event, where.environments, where.clock)
    assert decision.message is not None
    assert decision.message.requests == ()
    assert decision.reply.facts == {"refused": "not_allowed"}


def test_a_group_on_the_allow_list_lets_command() -> None:
    """In the list of the chat that is written in."""
    place = RULED.model_copy(update={"allow": {Source.SLACK: ("slack-group:S1",)}, "rights": {}})
    where = here(place)
    where.directory.members["slack-group:S1"] = {"U2"}
    assert ending(where, command(where, "scale production web=2", HUBOT))[0] is None
    assert ending(where, command(where, "scale production web=3", MONA))[0] == "NotAMember"


@pytest.mark.parametrize(("members", "begun"), [({"1"}, [None]), (set(), [])], ids=["may write", "may not"])
def test_a_comment_takes_a_permission_in_its_repository(members: set[str], begun: list[str | None]) -> None:
    """And nothing that GitHub wrote about its author beside it."""
    permission = "github-permission:write"
    where = here(COMMENTED.model_copy(update={"allow": {}, "rights": {Right.DEPLOY: (permission,)}}))
    where.azure.slots.clear()
    where.directory.members[permission] = members
    message = decide(comment("deploy v1.4.2 to production"), where.environments, where.clock).message
    assert message is not None
    where.requests.put(message.model_dump_json())
    where.run()
    assert [ending(where, one.row.request)[0] for one in where.ledger.entries.values()] == begun
    assert set(where.directory.asked) == {(permission, "1")}


def test_the_removal_of_what_was_replaced_asks_nobody() -> None:
    """It is no wish of anybody's."""
    where = here(TEAM_ONLY.model_copy(update={"keep_previous": 1}), "1")
    publish(where, run=MINUTE * 2)
    asked = len(where.directory.asked)
    where.directory.members[TEAM].clear()
    where.run()
    assert [step.name for step in where.azure.accepted("delete")] == ["old"]
    assert len(where.directory.asked) == asked


def test_a_right_that_was_taken_out_of_the_file_is_gone() -> None:
    """Also for what the door let in before."""
    where = here(TEAM_ONLY, "1")
    event = ReleasePublished(some_release(1, "v1"), PUBLISHER, "guid")
    message = decide(event, where.environments, where.clock).message
    assert message is not None
    where.environments["production"] = TEAM_ONLY.model_copy(update={"rights": {Right.DEPLOY: ("slack:U3",)}})
    where.deliver(*message.requests)
    where.run()
    assert ending(where, message.requests[0])[0] == "NotAllowed"


HOLIDAYS = TEAM_ONLY.model_copy(update={"freezes": (Freeze(reason="holidays", weekly="Mon 00:00 - Sun 00:00"),)})
SCALE = "scale production web=2 break-glass because it burns"


@pytest.mark.parametrize(
    ("members", "away", "code"),
    [
        pytest.param(["1"], timedelta(0), None, id="a member"),
        pytest.param([], timedelta(0), "Frozen", id="somebody else"),
        pytest.param(["1"], timedelta(minutes=9), None, id="asked again"),
        pytest.param(["1"], timedelta(days=1), "Frozen", id="nobody answers"),
    ],
)
def test_a_team_breaks_the_glass(members: list[str], away: timedelta, code: str | None) -> None:
    """Where scaling is for everybody, and the freeze is not."""
    rights = {Right.SCALE: ("mona",), Right.BREAK_GLASS: (TEAM,)}
    where = here(HOLIDAYS.model_copy(update={"rights": rights}), *members)
    where.directory.away_until = where.clock + away
    assert ending(where, command(where, SCALE))[0] == code
    assert bool(where.azure.operations) is (code is None)
