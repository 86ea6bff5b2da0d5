"""Who may read what runs, in a chat: everybody there, unless `rights` says who."""

from datetime import timedelta

import pytest

from handlers.audit import What
from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.events import CommandGiven
from handlers.intake import decide
from handlers.model import Actor, SlackPlace, Source
from tests.flows.queues import Message
from tests.flows.world import PRODUCTION, World

EVE = Actor(source=Source.SLACK, id="U9", name="eve")
PLACE = SlackPlace(team="T1", channel="C1")
RULED = PRODUCTION.model_copy(update={"allow": {}, "rights": {Right.READ: ("slack:U1",)}})
GROUPED = PRODUCTION.model_copy(update={"allow": {}, "rights": {Right.READ: ("slack-group:S1",)}})
STAGING = PRODUCTION.model_copy(update={"name": "staging"})
QUESTIONS = ["status production", "history production", "plan rollback production", "who may deploy production"]


def ask(
    text: str, environment: Environment, members: tuple[str, ...] = (), *, beside: bool = False
) -> tuple[str, World]:
    """Let eve type something; return what she reads, at once or a moment later."""
    here = World(environment=environment)
    here.directory.members["slack-group:S1"] = set(members)
    if beside:
        here.environments["staging"] = STAGING
    decision = decide(CommandGiven(text, EVE, PLACE, "trigger"), here.environments, here.clock)
    if decision.message is not None:
        here.requests.messages.append(Message(decision.message.model_dump_json(), here.clock))
    here.run(timedelta(seconds=5))
    return (here.voice.said or [decision.reply.text])[-1], here


@pytest.mark.parametrize("text", [*QUESTIONS, "status"])
def test_a_chat_reads_where_rights_do_not_speak_of_it(text: str) -> None:
    """As it did before there was such a right."""
    found, here = ask(text, PRODUCTION)
    assert "may not read" not in found
    assert here.ledger.audit == []


@pytest.mark.parametrize("text", [*QUESTIONS, "status"])
@pytest.mark.parametrize(
    ("environment", "rule"), [(RULED, "may_not_read"), (GROUPED, "not_a_member")], ids=["by id", "by group"]
)
def test_where_rights_say_who_reads_others_are_refused(text: str, environment: Environment, rule: str) -> None:
    """With a sentence, and a row."""
    found, here = ask(text, environment)
    assert found.startswith(
        ("You may not read production: your Slack id U9", "rights.read of production does not give")
    )
    assert [(one.what, one.rule) for one in here.ledger.audit] == [(What.REFUSED, rule)]
    assert (here.ledger.audit[0].words or "").startswith(f"{text}: ")


@pytest.mark.parametrize("text", [*QUESTIONS, "status"])
def test_a_group_reads(text: str) -> None:
    """Asked when it is answered."""
    found, here = ask(text, GROUPED, ("U9",))
    assert "does not give" not in found
    assert here.ledger.audit == []


def test_a_status_of_everything_shows_what_may_be_read() -> None:
    """And is refused to whoever may read nothing."""
    for environment in (RULED, GROUPED):
        found, here = ask("status", environment, beside=True)
        assert "staging" in found
        assert "production   " not in found.split("\n", 1)[1].split("  ")[0]
        assert here.ledger.audit == []


def test_a_value_in_a_plan_gets_into_no_row() -> None:
    """It may be a secret; at the door, and where a group was asked."""
    for environment in (RULED, GROUPED):
        _, here = ask("plan set production Key=hunter2", environment)
        assert [(one.words or "").startswith('plan set production Key="…": ') for one in here.ledger.audit] == [True]
