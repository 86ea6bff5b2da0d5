"""Comments on pull requests: who is heard, what is answered, and that only the head that was meant is deployed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers.audit import What
from handlers.environments import Environments
from handlers.environments.rights import Right
from handlers.errors import SinkRefused, Unavailable
from handlers.events import CommandGiven, Message
from handlers.intake import Decision, decide
from handlers.model import (
    Actor,
    DeploymentRequest,
    GitHubPlace,
    RunCommit,
    RunHead,
    RunVersion,
    SlackPlace,
    Slot,
    Source,
    derive_id,
)
from tests.flows.queues import Message as Queued
from tests.flows.world import PRODUCTION, START, Fault, World

MONA = Actor(source=Source.GITHUB, id="1", name="mona")
HUBOT = Actor(source=Source.GITHUB, id="2", name="hubot")
EVE = Actor(source=Source.GITHUB, id="3", name="eve")
SHA, LATER = "a" * 40, "b" * 40
MINUTE = timedelta(minutes=1)
COMMENTED = PRODUCTION.model_copy(
    update={
        "comments": True,
        "allow": {Source.GITHUB: ("1", "2")},
        "package_url": "https://builds.example/{sha}/app.cspkg",
        "configuration_url": "https://builds.example/{sha}/app.cscfg",
    }
)
PLACE = GitHubPlace(repository="contoso/web", repository_id=7, number=12, comment=34, commented_at=START)
ELSEWHERE = COMMENTED.model_copy(update={"name": "shop", "repository": "contoso/shop"})
CLOSED = COMMENTED.model_copy(update={"name": "quiet", "comments": False})
PLACES: Environments = {"production": COMMENTED, "shop": ELSEWHERE, "quiet": CLOSED}


def comment(
    text: str, actor: Actor = MONA, place: GitHubPlace = PLACE, message: Message = Message.AS_SENT
) -> CommandGiven:
    """Write a comment."""
    return CommandGiven(text, actor, place, "guid", message=message)


def heard(event: CommandGiven, environments: Environments = PLACES) -> Decision:
    """Let the door decide."""
    return decide(event, environments, START)


def said(decision: Decision) -> str | None:
    """Return what is answered beside the comment at once, None where nothing is."""
    if decision.message is None or decision.message.inquiry is None:
        return None
    return decision.message.inquiry.said


def answered(text: str, actor: Actor = MONA, environments: Environments = PLACES) -> str:
    """Write a comment where nothing else goes on; return what is answered beside it."""
    here = world()
    here.environments.update(environments)
    return ask_to(here, text, actor)


def ordered(decision: Decision) -> DeploymentRequest:
    """Return the one request."""
    assert decision.message is not None
    (request,) = decision.message.requests
    return request


def world(**changes: object) -> World:
    """Return a world whose production takes comments."""
    return World(environment=COMMENTED.model_copy(update=changes))


def ask(here: World, event: CommandGiven | None = None) -> DeploymentRequest:
    """Deliver a comment as the door does; return its request."""
    decision = decide(event or comment("deploy to production"), here.environments, here.clock)
    assert decision.message is not None
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    return ordered(decision)


def ending(here: World, request: DeploymentRequest) -> str | None:
    """Return the code with which a request ended, None where it succeeded."""
    outcome = here.row(request).outcome
    assert outcome is not None, here.row(request)
    return outcome.code


def test_a_head_is_asked_for_once_however_often_it_is_delivered() -> None:
    """By the comment's id and nothing of the delivery."""
    request = ordered(heard(comment("deploy to production")))
    assert request.goal == RunHead()
    assert request.id == derive_id("github", 7, "comment", 34, "production")
    assert ordered(heard(comment("Deploy  TO  production"))).id == request.id
    assert (request.actor, request.place) == (MONA, PLACE)


def test_a_version_is_asked_for_as_in_a_chat() -> None:
    """Whatever the pull request is about."""
    assert ordered(heard(comment("deploy v1.4.2 to production"))).goal == RunVersion(tag="v1.4.2")


@pytest.mark.parametrize(
    "text", ["status", "plan deploy to production", "approve dabcdefgh", "lock production because x"]
)
def test_what_has_to_be_looked_up_is_answered_later(text: str) -> None:
    """As in a chat."""
    decision = heard(comment(text))
    assert decision.message is not None
    assert decision.message.inquiry is not None
    assert (decision.message.inquiry.text, decision.message.inquiry.said) == (text, None)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("deploy to prodcution", "Did you mean: /deploy to production", id="environment"),
        pytest.param("deploy prodcution", "Did you mean: /deploy to production", id="without to"),
        pytest.param("deploy v1 prodcution", "Did you mean: /deploy v1 to production", id="a version"),
        pytest.param("rollback", "Did you mean: /rollback production", id="the only environment"),
        pytest.param("cancel", "Write it like this: /cancel ID", id="a gap"),
        pytest.param("plan deploy production", "Did you mean: /plan deploy to production", id="planned"),
        pytest.param("deploy to pr\u043eduction", "CYRILLIC SMALL LETTER O", id="a letter that looks like another"),
        pytest.param("deploy to production\u200b", "cannot be seen", id="a character that cannot be seen"),
        pytest.param("deploy to " + "x" * 65_000, "at most 1,000 characters", id="65,000 characters"),
        pytest.param("help", "/deploy to ENVIRONMENT", id="help"),
        pytest.param("help deploy", "For example: /deploy to production", id="help about one"),
        pytest.param("who may deploy production", "github:1, github:2", id="who may"),
    ],
)
def test_a_mistake_is_answered_beside_the_comment(text: str, answer: str) -> None:
    """With the nearest right form, with its slash; nothing that is for elsewhere is named."""
    found = answered(text)
    assert answer in found
    assert "shop" not in found
    assert "quiet" not in found


def test_who_may_not_is_told_so_beside_the_comment() -> None:
    """The list of deliveries and the audit trail have the rule; everybody reads the comment, so it names nothing."""
    decision = heard(comment("deploy to production", EVE))
    assert (decision.reply.status, decision.reply.facts) == (403, {"refused": "not_allowed"})
    assert decision.message is not None
    assert decision.message.refused is not None
    assert decision.message.requests == ()
    assert answered("deploy to production", EVE) == NOTHING_HERE


NOTHING_HERE = (
    "There is nothing here for your GitHub id 3: it has no right in an environment that takes comments on this"
    " repository's pull requests. Whoever runs Slipway here can give it one. Until 10:00 UTC your comments in this"
    " repository are not answered again, unless you have a right by then."
)

QUESTIONS = [
    "status {}",
    "history {}",
    "plan rollback {}",
    "plan deploy to {}",
    "who may deploy {}",
]


@pytest.mark.parametrize("name", ["production", "prodcution", "shop", "quiet"])
@pytest.mark.parametrize(
    "form", [*QUESTIONS, "deploy to {}", "lock {} because x", "unlock {}", "sleep {} now", "keep {} up for 3h"]
)
def test_a_stranger_reads_the_same_whatever_there_is(form: str, name: str) -> None:
    """An environment, a name that is nobody's, one for elsewhere; and Azure is not asked."""
    here = world()
    here.environments.update(PLACES)
    assert ask_to(here, form.format(name), EVE) == NOTHING_HERE
    assert [call for call in here.calls if call.startswith(("azure", "packages", "pulls"))] == []


@pytest.mark.parametrize("text", ["status", "history", "cancel dabcdefgh", "approve dabcdefgh", "deploy", "status x y"])
def test_a_stranger_reads_nothing_where_nothing_is_named(text: str) -> None:
    """Nor which environments there are."""
    assert answered(text, EVE) == NOTHING_HERE


def test_help_is_open_and_names_no_environment() -> None:
    """To whoever may read none."""
    found = answered("help", EVE)
    assert "/rollback ENVIRONMENT" in found
    assert "Environments: none." in found
    assert found.endswith(NOTHING_HERE)
    assert answered("help deploy", EVE).startswith("/deploy VERSION to ENVIRONMENT")


STAGED = COMMENTED.model_copy(update={"name": "staging", "slot": Slot.STAGING, "allow": {Source.GITHUB: ("3",)}})


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("status", "staging"),
        ("status staging", "staging"),
        ("status production", 'I do not know the environment "production". Did you mean: /status staging'),
        ("status prodcution", 'I do not know the environment "prodcution". Did you mean: /status staging'),
        ("suspend production", 'I do not know the environment "production". Did you mean: /suspend staging'),
        ("history", "Did you mean: /history staging"),
    ],
)
def test_who_may_read_one_environment_hears_of_that_alone(text: str, answer: str) -> None:
    """What they may not read is not there for them."""
    found = answered(text, EVE, {"production": COMMENTED, "staging": STAGED})
    assert answer in found
    assert "production" not in found.replace('"production"', "", 1)
    assert "Environments: staging." in answered("help", EVE, {"production": COMMENTED, "staging": STAGED})


@pytest.mark.parametrize("right", [Right.READ, Right.LOCK, Right.BREAK_GLASS])
def test_any_right_lets_somebody_read(right: Right) -> None:
    """And do what it says, no more: the refusal names the rule to whoever may read."""
    environments = {"production": COMMENTED.model_copy(update={"rights": {right: ("github:3",)}})}
    assert "empty" in answered("status production", EVE, environments)
    refused = answered("deploy to production", EVE, environments)
    assert refused == "You may not command production: your GitHub id 3 is not on its allow list."


def test_who_may_read_is_said() -> None:
    """With the key."""
    assert "whoever has another right there, and everybody in the chats" in answered("who may read production")
    ruled = {"production": COMMENTED.model_copy(update={"rights": {Right.READ: ("github-permission:read",)}})}
    assert "rights.read says github-permission:read" in answered("who may read production", environments=ruled)


@pytest.mark.parametrize("text", [form.format("production") for form in QUESTIONS] + ["status"])
def test_a_question_that_is_refused_is_a_row(text: str) -> None:
    """With its rule."""
    here = world()
    ask_to(here, text, EVE)
    assert [(one.what, one.rule, one.environment) for one in here.ledger.audit] == [
        (What.REFUSED, "may_not_read", "production")
    ]
    assert (here.ledger.audit[0].words or "").startswith(text)


def test_a_value_in_a_plan_gets_into_no_row() -> None:
    """It may be a secret."""
    here = world()
    ask_to(here, "plan set production Key=hunter2", EVE)
    assert "hunter2" not in (here.ledger.audit[0].words or "")


TEAM = "github-team:contoso/deployers"


@pytest.mark.parametrize("text", [form.format("production") for form in QUESTIONS])
def test_a_team_is_asked_before_anything_is_read(text: str) -> None:
    """Its members read; for others it is as if there was nothing, and the trail says why."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.members[TEAM] = {"1"}
    assert "There is nothing here" not in ask_to(here, text)
    asked = len(here.calls)
    assert ask_to(here, text, EVE) == NOTHING_HERE
    assert [call for call in here.calls[asked:] if call.startswith(("azure", "packages", "pulls"))] == []
    assert [(one.what, one.rule) for one in here.ledger.audit] == [(What.REFUSED, "not_a_member")]


def test_where_nobody_says_who_is_in_the_team_nothing_is_read() -> None:
    """And it is said that this is why, without a name."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.silent = "the token may not read it"
    assert ask_to(here, "status production").startswith("Slipway cannot find out at the moment")


@pytest.mark.parametrize("text", ["deploy to production", "suspend production", "lock production because x"])
def test_what_a_stranger_orders_where_a_team_may_opens_nothing(text: str) -> None:
    """No row of a request, nothing on GitHub but the one answer."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    assert ask_to(here, text, EVE) == NOTHING_HERE
    here.run()
    assert here.ledger.entries == {}
    assert [(one.rule, one.words) for one in here.ledger.audit] == [
        (
            "not_a_member",
            f"{text}: The allow list of production does not give eve the right: {TEAM}: 3 is no active member of it.",
        )
    ]


def test_what_a_member_orders_begins_once_others_said_so() -> None:
    """However often it is delivered; while they do not answer for longer than a question waits, it is seen to wait."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.members[TEAM] = {"1"}
    here.directory.away_until = here.clock + timedelta(minutes=20)
    for _ in range(2):
        decision = heard(comment("deploy to production"), here.environments)
        assert decision.reply.status == 202
        assert decision.message is not None
        here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    here.run(3 * MINUTE)
    assert here.voice.said == []
    here.run(3 * MINUTE)
    assert set(here.voice.said) == {WAITS}
    assert here.ledger.entries == {}
    here.run()
    (row,) = here.ledger.entries.values()
    assert row.row.outcome is not None
    assert row.row.outcome.code is None
    assert here.voice.said[-1] == "You have a right here, and what you asked for goes on."
    assert len(set(here.voice.keys)) == 1


def test_what_takes_no_comments_by_now_is_not_ordered() -> None:
    """The file changes after the door let the comment in, whose author may read something else there."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.members[TEAM] = {"1"}
    here.environments["staging"] = COMMENTED.model_copy(update={"name": "staging"})
    decision = heard(comment("deploy to production"), here.environments)
    assert decision.message is not None
    here.environments["production"] = here.environments["production"].model_copy(update={"comments": False})
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    here.run()
    assert here.ledger.entries == {}
    assert "production" in here.voice.said[-1]


WAITS = (
    "Slipway cannot find out at the moment whether you have a right here. It asks again for 2 h, and what you asked for"
    " waits for the answer. Until 10:04 UTC your comments in this repository are not answered again, unless that is"
    " known by then."
)


def test_a_command_is_seen_to_wait_where_others_ask_to_be_left_alone() -> None:
    """For an hour, as GitHub does where a token has used up its requests."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.away_until = here.clock + timedelta(hours=1)
    here.directory.asks_to_wait = timedelta(hours=1)
    decision = heard(comment("deploy to production"), here.environments)
    assert decision.message is not None
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    here.run(MINUTE)
    assert here.voice.said == [WAITS.replace("10:04", "10:00")]


def test_where_nothing_can_be_said_a_command_waits_all_the_same() -> None:
    """Somebody has locked the conversation."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.members[TEAM] = {"1"}
    here.directory.away_until = here.clock + timedelta(minutes=20)
    here.voice.trouble = [SinkRefused("locked")] * 99
    decision = heard(comment("deploy to production"), here.environments)
    assert decision.message is not None
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    here.run()
    assert [one.row.outcome and one.row.outcome.code for one in here.ledger.entries.values()] == [None]


def test_a_question_waits_for_others_as_long_as_for_an_answer() -> None:
    """Then it is said that nobody knows."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.members[TEAM] = {"1"}
    here.directory.away_until = here.clock + timedelta(minutes=20)
    decision = heard(comment("status production"), here.environments)
    assert decision.message is not None
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    here.run(timedelta(minutes=6))
    assert [one.startswith("Slipway cannot find out at the moment") for one in here.voice.said] == [True]


@pytest.mark.parametrize("name", ["shop", "quiet"])
@pytest.mark.parametrize(
    "form",
    [
        "deploy to {}",
        "suspend {}",
        "status {}",
        "history {}",
        "plan rollback {}",
        "lock {} because x",
        "who may deploy {}",
    ],
)
def test_an_environment_that_is_not_for_here_is_refused_with_a_sentence(form: str, name: str) -> None:
    """One of another repository, and one without the key: neither steered nor shown."""
    decision = heard(comment(form.format(name)))
    assert decision.reply.status == 403
    assert (
        said(decision)
        == {
            "shop": "shop is not deployed from this repository, so it is not steered from its pull requests.",
            "quiet": "quiet takes no comments: comments = true is not set.",
        }[name]
    )


@pytest.mark.parametrize("message", [one for one in Message if one is not Message.AS_SENT])
def test_what_is_not_as_it_was_written_by_a_person_is_refused_in_silence(message: Message) -> None:
    """Or two bots would talk for ever, and an edited comment would have two answers."""
    decision = heard(comment("deploy to production", message=message))
    assert decision.reply.status == 403
    assert decision.message is not None
    assert (decision.message.requests, decision.message.inquiry) == ((), None)
    assert decision.message.refused is not None, "the audit trail hears of it"
    assert [one.environment for one in decision.message.refused.against] == ["production"]


@pytest.mark.parametrize(
    "text", ["", " deploy to production", "usr/bin is full", "deployment failed", "d\u0435ploy to production"]
)
def test_what_begins_with_no_verb_is_left_alone(text: str) -> None:
    """People write what they like."""
    decision = heard(comment(text))
    assert (decision.reply.status, decision.message) == (200, None)


def test_a_repository_without_an_environment_that_takes_comments_hears_nothing() -> None:
    """Also where an environment is deployed from it: the key opens the entrance."""
    for environments in ({"quiet": CLOSED}, {"shop": ELSEWHERE}):
        decision = heard(comment("deploy to production"), environments)
        assert (decision.reply.status, decision.message) == (200, None)


def test_a_repository_that_has_taken_the_name_is_another_one() -> None:
    """Where the environment knows the id."""
    known = COMMENTED.model_copy(update={"repository_id": 7})
    impostor = PLACE.model_copy(update={"repository_id": 8})
    assert heard(comment("deploy to production", place=impostor), {"production": known}).message is None


def test_without_an_address_of_packages_no_head_is_deployed() -> None:
    """The answer says what can be."""
    bare = COMMENTED.model_copy(update={"package_url": None})
    found = said(heard(comment("deploy to production"), {"production": bare}))
    assert found is not None
    assert found.endswith("Write it like this: /deploy VERSION to production")


def test_the_head_is_what_runs() -> None:
    """From the comment to the deployment of that commit."""
    here = world()
    request = ask(here)
    here.run()
    assert ending(here, request) is None
    entry = here.row(request)
    assert isinstance(entry.request.goal, RunCommit)
    assert entry.request.goal.commit.sha == entry.commit == SHA
    trail = [(one.what, one.sha) for one in here.ledger.audit]
    assert trail.index((What.PINNED, SHA)) < trail.index((What.ANNOUNCED, SHA))
    assert here.calls.count("pulls.head") == 2, "when it is pinned, and immediately before the first call"


def test_a_head_that_nobody_says_before_the_call_is_waited_for() -> None:
    """Announced once and not with each try."""
    here = world()

    def fall_silent() -> None:
        here.pulls.since = None

    in_between(here, undisturbed().index("ledger.replace_both"), fall_silent)
    request = ask(here)
    here.run(10 * MINUTE)
    assert "waiting for GitHub" in (here.row(request).delayed_by or "")
    here.pulls.since = START - MINUTE
    here.run()
    assert ending(here, request) is None
    announced = [one.request for one in here.ledger.audit if one.what is What.ANNOUNCED]
    assert announced == [request.id, request.id]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"since": START}, "HeadMoved", id="pushed in the second of the comment"),
        pytest.param({"since": START - timedelta(seconds=1)}, "HeadMoved", id="pushed in the second before"),
        pytest.param({"since": START - timedelta(seconds=2)}, None, id="pushed two seconds before"),
        pytest.param({"since": START + MINUTE}, "HeadMoved", id="pushed after it"),
        pytest.param({"from_a_fork": True}, "FromAFork", id="a fork"),
        pytest.param({"open": False}, "PullRequestClosed", id="closed"),
        pytest.param({"repository_id": 8}, "AnotherRepository", id="another repository under the name"),
        pytest.param({"since": None}, "GaveUp", id="GitHub never says since when"),
    ],
)
def test_only_a_head_that_was_there_before_the_comment_is_deployed(change: dict[str, object], code: str | None) -> None:
    """Otherwise Azure hears nothing."""
    here = world()
    for name, value in change.items():
        setattr(here.pulls, name, value)
    request = ask(here)
    here.run()
    assert ending(here, request) == code
    assert bool(here.azure.operations) is (code is None)


def test_a_record_that_is_late_is_waited_for() -> None:
    """Then the head is deployed."""
    here = world()
    here.pulls.since = None
    request = ask(here)
    here.run(MINUTE)
    assert "waiting for GitHub" in (here.row(request).delayed_by or "")
    here.pulls.since = START - MINUTE
    here.run()
    assert ending(here, request) is None


def test_a_push_while_the_package_is_awaited_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, not after two hours."""
    here = world()

    def not_there(*_: object) -> None:
        raise Unavailable("waiting for the package")

    monkeypatch.setattr(here.packages, "stage_commit", not_there)
    request = ask(here)
    here.run(5 * MINUTE)
    here.pulls.push(LATER)
    here.run(10 * MINUTE)
    assert ending(here, request) == "HeadMoved"
    assert here.azure.operations == []


def test_a_push_while_others_are_asked_ends_it() -> None:
    """Whatever they agree to afterwards."""
    here = world(approvals=1)
    request = ask(here)
    here.run(MINUTE)
    assert f"agree to {SHA[:7]}" in (here.row(request).delayed_by or "")
    here.pulls.push(LATER)
    ask_to(here, f"approve {request.id}", HUBOT)
    here.run(5 * MINUTE)
    assert ending(here, request) == "HeadMoved"
    outcome = here.row(request).outcome
    assert outcome is not None
    assert outcome.message == "feature has moved from aaaaaaa to bbbbbbb meanwhile. Look at it, then comment again."
    assert here.azure.operations == []


def ask_to(here: World, text: str, actor: Actor = MONA) -> str:
    """Comment something that is looked up; return the answer."""
    place = PLACE.model_copy(update={"comment": len(here.calls) + 100})
    decision = decide(comment(text, actor, place), here.environments, here.clock)
    assert decision.message is not None
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    here.run(timedelta(seconds=5))
    return here.voice.said[-1]


def test_somebody_else_approves_in_a_comment() -> None:
    """This request, this commit; nobody their own."""
    here = world(approvals=1)
    request = ask(here)
    here.run(MINUTE)
    assert ask_to(here, f"approve {request.id}") == "You cannot approve your own request."
    assert ask_to(here, f"approve {request.id}", EVE).startswith("There is nothing here for your GitHub id 3")
    assert (here.ledger.audit[-1].words or "").startswith(f"approve {request.id}: You may not read production")
    assert ask_to(here, f"approve {request.id}", HUBOT).endswith("is approved by hubot.")
    here.run()
    assert ending(here, request) is None


def test_nobody_cancels_or_approves_from_a_pull_request_of_another_repository() -> None:
    """Though they have the right in both."""
    here = world(approvals=1)
    here.environments["shop"] = ELSEWHERE
    request = ask(here)
    here.run(MINUTE)
    other = PLACE.model_copy(update={"repository": "contoso/shop", "repository_id": 8})
    for number, verb in enumerate(("approve", "cancel")):
        place = other.model_copy(update={"comment": 70 + number})
        decision = decide(comment(f"{verb} {request.id}", HUBOT, place), here.environments, here.clock)
        assert decision.message is not None
        here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
        here.run(timedelta(seconds=5))
        assert here.voice.said[-1] == f"No request that is under way begins with {request.id}."
    assert not here.row(request).ended


def test_a_status_shows_what_is_for_here_alone() -> None:
    """Whoever reads the pull request reads it."""
    here = world()
    here.environments["shop"] = ELSEWHERE
    here.azure.stand("old", Slot.PRODUCTION, request="d" + "a" * 20)
    answer = ask_to(here, "status")
    assert "production" in answer
    assert "shop" not in answer


@pytest.mark.parametrize("since", [START - MINUTE, START + MINUTE])
def test_a_plan_says_which_commit_it_is_about(since: object) -> None:
    """Or why there would be none."""
    here = world()
    here.pulls.since = since  # type: ignore[assignment]
    answer = ask_to(here, "plan deploy to production")
    assert SHA[:7] in answer
    assert ("Create deployment" in answer) is (since == START - MINUTE)
    assert here.azure.operations == []


def test_in_a_chat_there_is_no_head() -> None:
    """The words of a comment are none there."""
    place = SlackPlace(team="T1", channel="C1")
    decision = decide(CommandGiven("deploy to production", MONA, place, "t"), PLACES, START)
    assert decision.message is None
    assert decision.reply.status == 400


def test_a_right_is_asked_for_in_the_comments_own_name() -> None:
    """A person under any of their identities."""
    people = {"people": {"mona": {Source.GITHUB: ("9",), Source.SLACK: ("U1",)}}, "rights": {Right.DEPLOY: ("mona",)}}
    ruled = COMMENTED.model_copy(update=people)
    known = Actor(source=Source.GITHUB, id="9", name="somebody")
    assert ordered(heard(comment("deploy to production", known), {"production": ruled})).actor == known
    assert heard(comment("deploy to production"), {"production": ruled}).reply.status == 403


def in_between(here: World, step: int, happens: Callable[[], None]) -> None:
    """Let something happen immediately before the n-th call to the outside."""
    do = here.io

    def io(what: str, effect: Callable[[], object]) -> object:
        if len(here.calls) == step:
            happens()
        return do(what, effect)

    here.io = io  # type: ignore[method-assign, assignment]


def undisturbed() -> list[str]:
    """Return the calls of a run that nothing disturbs."""
    here = world()
    ask(here)
    here.run()
    return here.calls


@pytest.mark.parametrize("moves", ["on", "on and back", "closed", "gone to a fork"])
def test_whenever_the_head_moves_the_pinned_commit_is_deployed_or_nothing(moves: str) -> None:
    """Between any two calls to the outside; before the first call to Azure, it is nothing."""
    seen = set()
    for step in range(len(undisturbed())):
        here = world()

        def move(here: World = here) -> None:
            match moves:
                case "closed":
                    here.pulls.open = False
                case "gone to a fork":
                    here.pulls.from_a_fork = True
                case "on":
                    here.pulls.push(LATER)
                case _:
                    here.pulls.push(SHA)
            here.clock += timedelta(seconds=3)

        here.clock += timedelta(seconds=3)
        in_between(here, step, move)
        request = ask(here)
        here.run()
        code = ending(here, request)
        assert code in {None, "HeadMoved", "PullRequestClosed", "FromAFork"}
        if code is None:
            assert here.row(request).commit == SHA
            taken = here.calls.index("azure.take")
            assert here.calls[taken - 2 : taken] == ["ledger.replace_both", "pulls.head"], "looked at once more, last"
            assert step > taken - 1
        else:
            assert here.azure.operations == []
        seen.add(code)
    assert len(seen) == 2, "both ends were seen"


@pytest.mark.parametrize(
    "dies", [("ledger.replace_both", Fault.DIES_AFTER), ("azure.take", Fault.DIES_BEFORE)], ids=lambda one: one[0]
)
def test_a_head_that_moves_while_an_announced_call_waits_for_a_host_is_not_deployed(dies: tuple[str, Fault]) -> None:
    """The host died between the announcement and the call; whoever takes the row up looks again."""
    here = world()
    here.faults = {undisturbed().index(dies[0]): dies[1]}
    request = ask(here)
    here.run(timedelta(seconds=20))
    here.pulls.push(LATER)
    here.run()
    assert (ending(here, request), here.azure.operations) == ("HeadMoved", [])


@pytest.mark.parametrize("fault", Fault)
def test_whatever_fails_while_the_head_moves(fault: Fault) -> None:
    """One fault and one push, at every place: the pinned commit or nothing, and an end."""
    for step in range(len(undisturbed())):
        here = world()
        here.faults = {step: fault}
        here.clock += timedelta(seconds=3)
        in_between(here, step + 2, lambda here=here: here.pulls.push(LATER))  # type: ignore[misc]
        request = ask(here)
        here.run(timedelta(hours=12))
        ended = ending(here, request)
        assert ended in {None, "HeadMoved"}
        assert here.row(request).commit in ({SHA} if here.azure.operations else {None, SHA})
