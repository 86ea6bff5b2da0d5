"""What rules refuse is a row of the audit trail, once, whoever asked and however often it comes."""

from datetime import timedelta

import pytest

from handlers.audit import Link, Record, What
from handlers.commands import read, say_openly
from handlers.environments import Environments
from handlers.environments.rights import Right
from handlers.errors import LedgerConflict, Unavailable
from handlers.events import CommandGiven, CommitReady, Event, Ignored, Ping, ReleasePublished, Trigger
from handlers.intake import Decision, decide
from handlers.model import MOST_WORDS, Actor, Source
from tests.flows.queues import Message
from tests.flows.test_approvals import TWO_MEN, waiting
from tests.flows.test_intake import COMMIT, MONA, NOW, PLACE, STAGING, WEEK_OFF
from tests.flows.test_locks import HUBOT, OCTO, RULED, say, world
from tests.flows.test_locks import MONA as OWNER
from tests.flows.world import PRODUCTION, World, some_release

EVE = Actor(source=Source.SLACK, id="U9", name="eve")
CLOSED = STAGING.model_copy(update={"rights": {Right.DEPLOY: ()}})
FROZEN = PRODUCTION.model_copy(update={"freezes": (WEEK_OFF,)})
PLACES: Environments = {"production": PRODUCTION, "staging": CLOSED}


def typed(text: str, delivery: str = "trigger-1") -> CommandGiven:
    """Let somebody without any right type a command in Slack."""
    return CommandGiven(text, EVE, PLACE, delivery)


def published(tag: str = "v1") -> ReleasePublished:
    """Publish a release."""
    return ReleasePublished(some_release(1, tag), Actor(source=Source.GITHUB, id="1", name="mona"), "guid")


def put(where: World, decision: Decision) -> None:
    """Put on the queue what the door puts there."""
    assert decision.message is not None
    where.requests.messages.append(Message(decision.message.model_dump_json(), where.clock))


def refusals(where: World) -> list[Record]:
    """Return the rows of the trail that say so."""
    return [record for record in where.ledger.audit if record.what is What.REFUSED]


@pytest.mark.parametrize(
    ("event", "environments", "row"),
    [
        pytest.param(
            typed("suspend staging, production"),
            PLACES,
            ("staging", "not_allowed", "suspend staging, production: You may not command staging: your Slack id U9 is"),
            id="a command is refused as a whole by the first environment",
        ),
        pytest.param(
            typed("lock staging because I say so"),
            PLACES,
            ("staging", "not_allowed", "lock staging because I say so: You may not command staging"),
            id="a lock",
        ),
        pytest.param(
            published(),
            {"production": FROZEN},
            ("production", "frozen", "release v1: production is frozen, Mon 00:00 - Sun 00:00 (UTC): holidays."),
            id="a release",
        ),
        pytest.param(
            published(),
            {"production": PRODUCTION, "europe": FROZEN.model_copy(update={"name": "europe"})},
            ("europe", "frozen", "release v1: europe is frozen"),
            id="a release in one of two environments",
        ),
        pytest.param(
            CommitReady(COMMIT, MONA, "guid", Trigger.PUSH, "main", 5),
            {"staging": CLOSED},
            ("staging", "nobody_allowed", "push main at aaaaaaa: Nobody has the right deploy in staging."),
            id="a push",
        ),
    ],
)
def test_what_the_door_refuses_is_a_row(
    event: CommandGiven | ReleasePublished | CommitReady, environments: Environments, row: tuple[str, str, str]
) -> None:
    """With who, by which delivery, what was asked for and which rule was against it."""
    here = World()
    put(here, decide(event, environments, NOW))
    here.run(timedelta(seconds=5))
    (found,) = refusals(here)
    assert (found.environment, found.rule) == row[:2]
    assert (found.words or "").startswith(row[2])
    assert (found.actor, found.delivery, found.at) == (event.actor, event.delivery, NOW)
    assert found.sha == (COMMIT.sha if isinstance(event, CommitReady) else None)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(Ping(), id="a ping"),
        pytest.param(Ignored("issues opened"), id="what nobody listens to"),
        pytest.param(typed("deploi everything"), id="nonsense"),
        pytest.param(typed("help"), id="a question"),
        pytest.param(published("nightly"), id="a release that no environment deploys"),
    ],
)
def test_what_no_rule_refuses_is_no_row(event: Event) -> None:
    """Nothing is put on the queue for it."""
    assert decide(event, PLACES, NOW).message is None


def test_a_delivery_that_comes_again_is_one_row() -> None:
    """And another one is another row."""
    here = World()
    for delivery in ("one", "one", "two"):
        put(here, decide(typed("suspend staging", delivery), PLACES, NOW))
    here.run(timedelta(seconds=5))
    assert [one.delivery for one in refusals(here)] == ["one", "two"]


def test_what_is_accepted_beside_a_refusal_goes_on() -> None:
    """One message carries both."""
    here = World()
    europe = FROZEN.model_copy(update={"name": "europe"})
    put(here, decide(published(), {"production": PRODUCTION, "europe": europe}, NOW))
    here.run(timedelta(minutes=1))
    assert [one.environment for one in refusals(here)] == ["europe"]
    assert [environment for environment, _ in here.ledger.entries] == ["production"]


@pytest.mark.parametrize("trouble", [Unavailable("the ledger is away"), LedgerConflict("the chain")])
def test_a_row_that_cannot_be_written_is_written_later(trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message goes back, hidden for a while."""
    here = World()
    put(here, decide(typed("suspend staging"), PLACES, NOW))
    write, troubles = here.ledger.note, [trouble]

    def note(key: str, record: Record) -> None:
        """Fail once."""
        if troubles:
            raise troubles.pop()
        write(key, record)

    monkeypatch.setattr(here.ledger, "note", note)
    here.run(timedelta(seconds=20))
    assert refusals(here) == []
    here.run(timedelta(seconds=30))
    assert len(refusals(here)) == 1


def test_no_value_of_a_setting_gets_into_the_trail() -> None:
    """It may be a secret; its name says enough."""
    assert say_openly(read("set production Key=hunter2", ["production"])) == 'set production Key="…"'
    message = decide(typed("set production Key=hunter2"), PLACES, NOW).message
    assert message is not None
    assert message.refused is not None
    assert message.refused.words == 'set production Key="…"'
    assert "hunter2" not in message.model_dump_json()


def test_a_long_command_is_cut() -> None:
    """The trail is no place to fill."""
    roles = " ".join(f"Role{number}=1" for number in range(60))
    message = decide(typed(f"scale staging {roles}"), PLACES, NOW).message
    assert message is not None
    assert message.refused is not None
    assert len(message.refused.words) == MOST_WORDS


@pytest.mark.parametrize(
    ("verb", "actor", "rule"),
    [
        pytest.param("approve", OWNER, "own_request", id="approving one's own request"),
        pytest.param("approve", EVE, "not_allowed", id="approving without the right"),
        pytest.param("cancel", EVE, "not_allowed", id="cancelling without the right"),
    ],
)
def test_a_refused_word_about_a_request_names_it(verb: str, actor: Actor, rule: str) -> None:
    """And the person who tried."""
    here = world(TWO_MEN)
    request = waiting(here)
    say(here, f"{verb} {request.id}", actor)
    (row,) = refusals(here)
    assert (row.rule, row.request, row.actor) == (rule, request.id, actor)


def test_a_second_approval_of_one_person_is_refused_in_the_trail_too() -> None:
    """Two have to agree."""
    here = world(TWO_MEN.model_copy(update={"approvals": 2}))
    request = waiting(here)
    for _ in range(2):
        say(here, f"approve {request.id}", HUBOT)
    assert [one.rule for one in refusals(here)] == ["approved_already"]


def test_an_approval_that_is_answered_twice_is_no_refusal() -> None:
    """The answer got lost, and the same message comes again."""
    here = world(TWO_MEN.model_copy(update={"approvals": 2}))
    request = waiting(here)
    here.voice.trouble = [Unavailable("the chat is away")]
    answer = say(here, f"approve {request.id}", HUBOT, run=timedelta(seconds=20))
    assert answer.endswith("is approved by hubot. 1 more to agree.")
    assert refusals(here) == []


@pytest.mark.parametrize(
    ("text", "actor", "rule"),
    [
        pytest.param("lock production because mine", OWNER, "locked", id="a lock on a lock"),
        pytest.param("lock production because mine", EVE, "not_allowed", id="a lock without the right"),
        pytest.param("unlock production", OWNER, "not_allowed", id="somebody else's lock"),
    ],
)
def test_a_refused_lock_is_a_row(text: str, actor: Actor, rule: str) -> None:
    """What only the ledger knows."""
    here = world(RULED)
    say(here, "lock production because the database moves", HUBOT)
    say(here, text, actor)
    (row,) = refusals(here)
    assert (row.rule, row.actor) == (rule, actor)
    assert (row.words or "").startswith(text)
    say(here, "unlock production", OCTO)
    assert here.ledger.audit[-1].what is What.UNLOCKED


def test_rows_of_the_first_version_keep_their_hashes() -> None:
    """Written before there were refusals: a field more in a record would break every chain that is there."""
    text = (
        '{"number":1,"previous":"' + "0" * 64 + '","record":{"at":"2026-03-02T09:00:00Z","environment":"production",'
        '"what":"accepted","actor":{"source":"github","id":"583231","name":"mona"},"delivery":"guid",'
        '"request":"daaaaaaaaaaaaaaaaaaaa","goal":"run-release","rule":null,"sha":null,"plan":null,"operation":null,'
        '"outcome":null,"words":"v1"}}'
    )
    link = Link.model_validate_json(text)
    assert link.model_dump_json() == text
    assert link.hash == "e75139edf77bd8348372cff30c3ebcab2cac25682b9d59dc49f25846841b86ce"
