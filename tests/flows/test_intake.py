"""What a proved event asks for, and what its sender is told."""

from datetime import UTC, datetime

import pytest

from handlers.environments import Environment, Environments
from handlers.environments.rights import Freeze, Right
from handlers.events import CommandGiven, CommitReady, Ignored, Ping, ReleasePublished, Trigger
from handlers.intake import Decision, decide
from handlers.model import Actor, Commit, RunCommit, RunVersion, SetStatus, SlackPlace, Slot, Source
from tests.flows.world import PRODUCTION, some_release

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MONA = Actor(source=Source.SLACK, id="U1", name="mona")
PLACE = SlackPlace(team="T1", channel="C1")
STAGING = PRODUCTION.model_copy(
    update={
        "name": "staging",
        "slot": Slot.STAGING,
        "strategy": None,
        "release": None,
        "push": "main",
        "workflow": "build",
        "deployment": "stage",
        "allow": {Source.SLACK: ("U1",)},
    }
)
WEEK_OFF = Freeze(reason="holidays", weekly="Mon 00:00 - Sun 00:00")
PLACES: Environments = {"production": PRODUCTION, "staging": STAGING}
COMMIT = Commit(repository="Contoso/Web", repository_id=7, sha="a" * 40, branch="main", url="https://example.com")


def released(tag: str = "v1", environments: Environments = PLACES) -> Decision:
    """Publish a release."""
    actor = Actor(source=Source.GITHUB, id="1", name="mona")
    return decide(ReleasePublished(some_release(1, tag), actor, "guid"), environments, NOW)


def commanded(text: str, actor: Actor = MONA, delivery: str = "trigger-1") -> Decision:
    """Type a command in Slack."""
    return decide(CommandGiven(text, actor, PLACE, delivery), PLACES, NOW)


def ready(trigger: Trigger, name: str, object_id: int | str = 5) -> Decision:
    """Let GitHub say that a commit is ready."""
    return decide(CommitReady(COMMIT, MONA, "guid", trigger, name, object_id), PLACES, NOW)


def ids(decision: Decision) -> list[str]:
    """Return the ids of the requests."""
    assert decision.message is not None
    return [request.id for request in decision.message.requests]


def asked(decision: Decision) -> list[str]:
    """Return the ids of requests and inquiries, of which a refusal has none."""
    message = decision.message
    if message is None:
        return []
    return [one.id for one in (*message.requests, message.inquiry) if one is not None]


def test_a_release_asks_for_every_environment_that_wants_it() -> None:
    """One message, a request for each."""
    europe = PRODUCTION.model_copy(update={"name": "europe"})
    decision = released(environments={**PLACES, "europe": europe})
    assert decision.message is not None
    assert [request.environment for request in decision.message.requests] == ["production", "europe"]
    assert decision.reply.status == 202


def test_a_release_that_nobody_wants_is_ignored_with_every_reason() -> None:
    """So that nobody has to guess."""
    decision = released("nightly")
    assert decision.message is None
    assert decision.reply.facts["ignored"] == (
        "no environment deploys contoso/web nightly: production deploys tags that match v*; staging deploys no releases"
    )


def test_the_same_release_is_the_same_request() -> None:
    """Whatever the delivery, and another one in another environment."""
    assert ids(released()) == ids(released())
    assert ids(released()) != ids(released(environments={"other": PRODUCTION.model_copy(update={"name": "other"})}))


def test_nothing_is_accepted_without_environments() -> None:
    """503: the sender keeps it for redelivery. A ping needs none."""
    assert released(environments={}).reply.status == 503
    assert decide(Ping(), {}, NOW).reply.status == 200


def test_what_is_ignored_says_why() -> None:
    """200, so that the sender does not repeat it."""
    decision = decide(Ignored("issues opened"), PLACES, NOW)
    assert (decision.reply.status, decision.reply.facts) == (200, {"ignored": "issues opened"})


@pytest.mark.parametrize(
    ("trigger", "name", "wanted"),
    [
        pytest.param(Trigger.PUSH, "main", True, id="push to the branch"),
        pytest.param(Trigger.PUSH, "Main", False, id="case of the branch"),
        pytest.param(Trigger.WORKFLOW, "build", True, id="workflow"),
        pytest.param(Trigger.WORKFLOW, "main", False, id="a branch is no workflow"),
        pytest.param(Trigger.DEPLOYMENT, "stage", True, id="deployment"),
    ],
)
def test_a_commit_goes_where_its_trigger_is_named(trigger: Trigger, name: str, wanted: bool) -> None:
    """The repository in any case, the name exactly."""
    decision = ready(trigger, name)
    if wanted:
        assert decision.message is not None
        assert [request.environment for request in decision.message.requests] == ["staging"]
        assert decision.message.requests[0].goal == RunCommit(commit=COMMIT)
    else:
        assert decision.reply.facts["ignored"] == f"no environment deploys the {trigger} {name} of Contoso/Web"


def test_a_commit_that_is_said_again_is_the_same_request() -> None:
    """By the object that happened, not by the delivery."""
    assert ids(ready(Trigger.PUSH, "main")) == ids(ready(Trigger.PUSH, "main"))
    assert ids(ready(Trigger.PUSH, "main", 6)) != ids(ready(Trigger.PUSH, "main"))


def test_a_command_asks_in_the_words_of_its_goal() -> None:
    """And is answered with what was understood and the request's id."""
    decision = commanded("deploy V1.4.2 to staging")
    assert decision.message is not None
    (request,) = decision.message.requests
    assert (request.goal, request.place, request.actor) == (RunVersion(tag="V1.4.2"), PLACE, MONA)
    assert decision.reply.text == f"Accepted: deploy V1.4.2 to staging. {request.id} (staging)"


def test_a_command_that_is_sent_again_is_the_same_request() -> None:
    """By the source's id of the command."""
    assert ids(commanded("suspend staging")) == ids(commanded("suspend  STAGING"))
    assert ids(commanded("suspend staging")) != ids(commanded("suspend staging", delivery="trigger-2"))


@pytest.mark.parametrize(
    ("text", "actor", "reason"),
    [
        pytest.param("suspend production", MONA, "nobody_allowed", id="empty list"),
        pytest.param("suspend staging", MONA.model_copy(update={"id": "U2"}), "not_allowed", id="somebody else"),
        pytest.param(
            "suspend staging", Actor(source=Source.TEAMS, id="U1", name="mona"), "nobody_allowed", id="other source"
        ),
        pytest.param("suspend staging, production", MONA, "nobody_allowed", id="one of two"),
    ],
)
def test_a_command_that_is_not_allowed_has_no_effect(text: str, actor: Actor, reason: str) -> None:
    """Deny is the default, and several environments are all or none."""
    decision = commanded(text, actor)
    assert asked(decision) == []
    assert (decision.reply.status, decision.reply.facts) == (403, {"refused": reason})


def test_several_environments_become_several_requests() -> None:
    """Each with an id of its own."""
    both: dict[str, Environment] = {name: STAGING.model_copy(update={"name": name}) for name in ("qa", "staging")}
    decision = decide(CommandGiven("suspend qa, staging", MONA, PLACE, "t"), both, NOW)
    assert decision.message is not None
    assert [(one.environment, one.goal) for one in decision.message.requests] == [
        ("qa", SetStatus(status="Suspended")),
        ("staging", SetStatus(status="Suspended")),
    ]
    assert len(set(ids(decision))) == 2


@pytest.mark.parametrize("text", ["status", "history staging", "plan deploy v1 to production", "cancel dabcdefgh"])
def test_a_question_becomes_an_inquiry(text: str) -> None:
    """Anybody may ask; who may cancel is decided when the request is known."""
    decision = commanded(text)
    assert decision.message is not None
    assert decision.message.inquiry is not None
    assert decision.message.inquiry.text == text
    assert decision.message.requests == ()


def test_help_is_answered_at_once() -> None:
    """With every verb."""
    decision = commanded("help")
    assert decision.message is None
    assert "rollback" in decision.reply.text


def test_a_mistake_is_answered_with_the_nearest_right_form() -> None:
    """By the words that were used."""
    decision = commanded("deploi v1.4.2 to stagin")
    assert decision.message is None
    assert "deploy v1.4.2 to staging" in decision.reply.text


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        pytest.param({"rights": {Right.DEPLOY: ("github:1",)}}, None, id="whoever published it is named"),
        pytest.param({"rights": {Right.DEPLOY: ("any:release",)}}, None, id="every release"),
        pytest.param({"rights": {Right.DEPLOY: ("github:2",)}}, "not_allowed", id="somebody else is named"),
        pytest.param({"rights": {Right.DEPLOY: ()}}, "nobody_allowed", id="nobody is named"),
        pytest.param({"freezes": (WEEK_OFF,)}, "frozen", id="a freeze"),
    ],
)
def test_a_release_passes_the_rules_of_its_environment(rules: dict[str, object], reason: str | None) -> None:
    """As a command does; a refusal is shown in GitHub's list of deliveries."""
    decision = released(environments={"production": PRODUCTION.model_copy(update=rules)})
    assert (asked(decision) == []) is (reason is not None)
    assert decision.reply.facts.get("refused") == reason


def test_a_push_passes_the_rules_of_its_environment() -> None:
    """Another entrance than a release."""
    closed = STAGING.model_copy(update={"rights": {Right.DEPLOY: ("any:release",)}})
    decision = decide(CommitReady(COMMIT, MONA, "g", Trigger.PUSH, "main", 5), {"staging": closed}, NOW)
    assert (decision.reply.status, decision.reply.facts) == (403, {"refused": "not_allowed"})


def test_a_release_goes_where_it_may_and_says_where_it_may_not() -> None:
    """One environment's freeze holds up no other."""
    frozen = PRODUCTION.model_copy(update={"name": "europe", "freezes": (WEEK_OFF,)})
    decision = released(environments={"production": PRODUCTION, "europe": frozen})
    assert decision.message is not None
    assert [request.environment for request in decision.message.requests] == ["production"]
    assert decision.reply.facts["not_in"] == [
        {
            "environment": "europe",
            "refused": "frozen",
            "sentence": "europe is frozen, Mon 00:00 - Sun 00:00 (UTC): holidays.",
        }
    ]


@pytest.mark.parametrize(("text", "status"), [("lock staging because x", 202), ("unlock staging", 202)])
def test_a_lock_is_written_down_later(text: str, status: int) -> None:
    """Where the ledger is; the door only knows who may."""
    assert commanded(text).reply.status == status
    stranger = commanded(text, MONA.model_copy(update={"id": "U2"}))
    assert (asked(stranger), stranger.reply.facts) == ([], {"refused": "not_allowed"})


def test_who_may_is_answered_at_once() -> None:
    """With the key that says it."""
    decision = commanded("who may deploy staging")
    assert decision.message is None
    assert decision.reply.text == (
        "deploy staging: allow and the environment's keys say slack:U1, any:push, any:workflow, any:deployment."
    )


def test_a_frozen_command_says_how_it_is_meant_all_the_same() -> None:
    """Where somebody may, the request carries the reason."""
    frozen = STAGING.model_copy(update={"freezes": (WEEK_OFF,), "rights": {Right.BREAK_GLASS: ("slack:U1",)}})
    glass = "deploy v1 to staging break-glass because it burns"
    refused = decide(CommandGiven("deploy v1 to staging", MONA, PLACE, "t"), {"staging": frozen}, NOW)
    accepted = decide(CommandGiven(glass, MONA, PLACE, "t"), {"staging": frozen}, NOW)
    assert refused.reply.facts == {"refused": "frozen"}
    assert accepted.message is not None
    assert accepted.message.requests[0].break_glass == "it burns"
