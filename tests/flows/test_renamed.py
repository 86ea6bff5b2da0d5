"""A renamed repository keeps its route once its id was seen; what has nothing to do with it leaves no trace."""

from datetime import timedelta

import pytest

from handlers.audit import What
from handlers.environments import Environment, Environments
from handlers.environments.rights import Right
from handlers.events import CommitReady, ReleasePublished, Trigger
from handlers.intake import Decision, decide
from handlers.ledger import State
from handlers.model import Actor, Commit, RunRelease, Source
from handlers.policy.routes import perhaps_renamed
from tests.flows.queues import Message
from tests.flows.test_intake import WEEK_OFF
from tests.flows.test_locks import RULED, launch, world
from tests.flows.world import PRODUCTION, START, Fault, World, some_release

ACTOR = Actor(source=Source.GITHUB, id="1", name="mona")
OTHER = PRODUCTION.model_copy(update={"name": "other", "repository": "contoso/other", "release": "r*"})
WITH_ID = PRODUCTION.model_copy(update={"name": "sure", "repository": "contoso/sure", "repository_id": 70})
PLACES: Environments = {"production": PRODUCTION, "other": OTHER, "sure": WITH_ID}


def published(repository: str, repository_id: int = 7, tag: str = "v9") -> ReleasePublished:
    """Publish a release in a repository of this name and id."""
    release = some_release(9, tag).model_copy(update={"repository": repository, "repository_id": repository_id})
    return ReleasePublished(release, ACTOR, "guid-9")


def pushed(repository: str, repository_id: int = 7, branch: str = "main") -> CommitReady:
    """Push to a branch there."""
    commit = Commit(
        repository=repository, repository_id=repository_id, sha="a" * 40, branch=branch, url="https://example.com"
    )
    return CommitReady(commit, ACTOR, "guid-9", Trigger.PUSH, branch, "a" * 40)


def candidates(decision: Decision) -> list[tuple[str, str | None]]:
    """Return for which environments it may count, and which name each has in the file."""
    message = decision.message
    return [(one.environment, one.renamed_from) for one in message.candidates] if message is not None else []


@pytest.mark.parametrize(
    ("name", "perhaps"),
    [
        pytest.param("contoso/renamed", ["production", "other"], id="nobody's name: all that are routed by name"),
        pytest.param("Contoso/Web", [], id="somebody's name, in any case"),
        pytest.param("contoso/sure", [], id="the name of one that is routed by its id"),
    ],
)
def test_a_name_that_is_nobodys_may_be_anybodys(name: str, perhaps: list[str]) -> None:
    """But for environments that are routed by an id."""
    found = list(perhaps_renamed(PLACES, name))
    assert [one.name for one in found] == perhaps
    assert {one.repository for one in found} <= {name}


@pytest.mark.parametrize(
    ("event", "found"),
    [
        pytest.param(published("contoso/renamed"), [("production", "contoso/web")], id="tag that matches"),
        pytest.param(published("contoso/renamed", tag="r9"), [("other", "contoso/other")], id="tag of the other"),
        pytest.param(published("contoso/renamed", tag="nightly"), [], id="tag of nobody"),
        pytest.param(published("contoso/web", tag="nightly"), [], id="a name that is known, and no such tag"),
        pytest.param(pushed("contoso/renamed"), [], id="a push that nobody takes"),
    ],
)
def test_the_door_asks_only_about_what_matches_otherwise(
    event: ReleasePublished | CommitReady, found: list[tuple[str, str]]
) -> None:
    """The rest is ignored with its reasons, as before."""
    decision = decide(event, PLACES, START)
    assert candidates(decision) == found
    assert decision.reply.status == (202 if found else 200)


def test_the_answer_says_that_it_is_looked_at() -> None:
    """No request is promised."""
    decision = decide(published("contoso/renamed"), PLACES, START)
    assert decision.message is not None
    assert decision.message.requests == ()
    assert (decision.reply.text, decision.reply.facts) == (
        "No environment has this repository's name. Looking whether it was renamed: production.",
        {"perhaps_renamed": ["production"]},
    )


def test_one_that_is_found_by_its_id_is_asked_for_beside_it() -> None:
    """The same delivery may be for an environment that knows the id."""
    decision = decide(published("contoso/renamed", 70), PLACES, START)
    assert decision.message is not None
    assert [one.environment for one in decision.message.requests] == ["sure"]
    assert candidates(decision) == [("production", "contoso/web")]
    assert decision.reply.facts["perhaps_renamed"] == ["production"]


def deliver(where: World, event: ReleasePublished | CommitReady, environment: Environment = RULED) -> None:
    """Let the door decide, and the host run."""
    message = decide(event, {"production": environment}, where.clock).message
    assert message is not None
    where.requests.messages.append(Message(message.model_dump_json(), where.clock))
    where.run()


def deployed_before(environment: Environment = RULED) -> World:
    """Return a world in which the environment was deployed from the repository with the id 7."""
    here = world(environment)
    launch(here)
    return here


def versions(where: World) -> list[str]:
    """Return the versions that were asked for."""
    goals = [stored.row.request.goal for stored in where.ledger.entries.values()]
    return [goal.title for goal in goals if isinstance(goal, RunRelease)]


@pytest.mark.parametrize("kind", ["release", "push"])
def test_a_renamed_repository_keeps_its_route(kind: str) -> None:
    """And every report says what to write into the file."""
    here = deployed_before(RULED.model_copy(update={"push": "main"}))
    event = published("contoso/renamed") if kind == "release" else pushed("contoso/renamed")
    deliver(here, event, here.environments["production"])
    row = next(one.row for one in here.ledger.entries.values() if one.row.request.delivery == "guid-9")
    assert (row.state, row.outcome and row.outcome.code) == (State.TOLD, None)
    assert here.sink.shown[row.request.id][-1].description.endswith(
        "contoso/web is contoso/renamed now: write repository and repository_id = 7 into the file of environments."
    )


@pytest.mark.parametrize(
    ("seen", "repository_id"),
    [pytest.param(True, 8, id="another id"), pytest.param(False, 7, id="no id seen yet")],
)
def test_anything_else_leaves_no_trace(seen: bool, repository_id: int) -> None:
    """No row, no word to anybody."""
    here = deployed_before() if seen else world()
    rows, trail, shown = len(here.ledger.entries), len(here.ledger.audit), len(here.sink.shown)
    deliver(here, published("somebody/else", repository_id))
    assert (len(here.ledger.entries), len(here.ledger.audit), len(here.sink.shown)) == (rows, trail, shown)
    assert here.requests.messages == []


@pytest.mark.parametrize(("repository_id", "rows"), [(7, 1), (8, 0)])
def test_a_refusal_is_a_row_only_where_it_is_our_repository(repository_id: int, rows: int) -> None:
    """Every repository of an organisation may send here."""
    here = deployed_before()
    frozen = RULED.model_copy(update={"freezes": (WEEK_OFF,)})
    deliver(here, published("contoso/renamed", repository_id), frozen)
    assert [one.rule for one in here.ledger.audit if one.what is What.REFUSED] == ["frozen"] * rows


def test_what_may_not_deploy_is_not_asked_for_under_another_name() -> None:
    """The same rules stand before it."""
    here = deployed_before()
    closed = RULED.model_copy(update={"rights": {Right.DEPLOY: ()}})
    decision = decide(published("contoso/renamed"), {"production": closed}, START)
    assert (candidates(decision), decision.reply.status) == ([], 202)
    deliver(here, published("contoso/renamed"), closed)
    assert here.ledger.audit[-1].rule == "nobody_allowed"


def test_a_candidate_waits_for_the_ledger() -> None:
    """It is looked at again when the ledger is back."""
    here = deployed_before()
    here.faults = {len(here.calls): Fault.AWAY}
    message = decide(published("contoso/renamed"), {"production": RULED}, here.clock).message
    assert message is not None
    here.requests.messages.append(Message(message.model_dump_json(), here.clock))
    here.run(timedelta(seconds=10))
    assert versions(here) == ["v1"]
    here.run()
    assert versions(here) == ["v1", "v9"]
