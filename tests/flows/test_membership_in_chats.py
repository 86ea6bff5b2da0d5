"""Teams and groups decide about what is asked for in a chat when it is answered, and a silence is a no before long."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers.audit import What
from handlers.environments.rights import Right
from handlers.model import SetStatus
from handlers.policy import Reason
from tests.flows.test_locks import HUBOT, MONA, PLACE, say
from tests.flows.test_membership import MINUTE, TEAM, TEAM_ONLY, here
from tests.flows.world import World


def locked(where: World) -> bool:
    """Say whether production is locked."""
    return where.ledger.standing("production").row.lock is not None


Prepare = Callable[[World], str]
"""Sets a scene; returns the command."""


def _nothing(text: str) -> Prepare:
    return lambda _: text


def _of_a_waiting_request(verb: str) -> Prepare:
    def prepare(where: World) -> str:
        request = where.request(SetStatus(status="Suspended")).model_copy(update={"actor": HUBOT, "place": PLACE})
        where.deliver(request)
        where.run(MINUTE)
        return f"{verb} {request.id}"

    return prepare


NIGHTLY = TEAM_ONLY.model_copy(update={"night": ({"suspend": "19:00", "resume": "07:00", "zone": "UTC"},)})

INQUIRIES = [
    pytest.param(_nothing("lock production because it burns"), "production is locked by mona", id="lock"),
    pytest.param(_of_a_waiting_request("approve"), "is approved by mona", id="approve"),
    pytest.param(_of_a_waiting_request("cancel"), "is cancelled", id="cancel"),
    pytest.param(_nothing("skip tonight production"), "production", id="skip"),
    pytest.param(_nothing("keep production up for 3h"), "production", id="keep"),
    pytest.param(_nothing("sleep production now"), "production", id="sleep"),
]


@pytest.mark.parametrize(("prepare", "says"), INQUIRIES)
def test_what_a_member_asks_for_in_a_chat_is_done(prepare: Prepare, says: str) -> None:
    """Asked when it is answered; about whoever approves once more before the call."""
    where = here(NIGHTLY, "1")
    command = prepare(where)
    answered = say(where, command, MONA)
    assert says in answered
    assert "does not give mona" not in answered
    assert where.directory.asked == [(TEAM, "1")] * (2 if command.startswith("approve") else 1)


@pytest.mark.parametrize(("prepare", "says"), INQUIRIES)
def test_what_somebody_else_asks_for_is_refused_with_what_was_said(prepare: Prepare, says: str) -> None:
    """Nothing is changed, and the trail has the rule."""
    where = here(NIGHTLY)
    text = prepare(where)
    before, nights = len(where.ledger.audit), dict(where.nights.rows)
    assert f"does not give mona the right: {TEAM}: 1 is no active member of it." in say(
        where, text, MONA, timedelta(seconds=2)
    )
    assert [(one.what, one.rule) for one in where.ledger.audit[before:]] == [(What.REFUSED, Reason.NOT_A_MEMBER)]
    assert where.nights.rows == nights
    assert not locked(where)


def test_taking_somebody_elses_lock_off_asks_about_that_right() -> None:
    """One that a group may have as well."""
    where = here(TEAM_ONLY.model_copy(update={"rights": {**TEAM_ONLY.rights, Right.LOCK: ("slack:U2",)}}), "1")
    say(where, "lock production because it burns", HUBOT)
    assert say(where, "unlock production", MONA).startswith("production is unlocked. It was locked by hubot")


def test_an_answer_in_a_chat_waits_for_a_service_that_is_down_for_a_while() -> None:
    """And comes when it can."""
    where = here(TEAM_ONLY, "1")
    where.directory.away_until = where.clock + MINUTE
    say_later(where, "lock production because it burns")
    assert where.voice.said == []
    where.run(MINUTE)
    assert where.voice.said[-1].startswith("production is locked by mona")


def test_an_answer_in_a_chat_that_has_waited_long_enough_is_a_no() -> None:
    """Said aloud; nothing is locked."""
    where = here(TEAM_ONLY, "1")
    where.directory.away_until = where.clock + timedelta(days=1)
    say_later(where, "lock production because it burns")
    where.run(timedelta(minutes=6))
    (said,) = where.voice.said
    assert said.endswith(f"only where a group does, and that is not known: {TEAM}: GitHub does not answer.")
    assert not locked(where)


def test_an_answer_in_a_chat_is_tried_again_when_the_service_says() -> None:
    """Who goes on calling while limited may be banned."""
    where = here(TEAM_ONLY, "1")
    where.directory.away_until, where.directory.asks_to_wait = where.clock + MINUTE, MINUTE
    say_later(where, "lock production because it burns")
    where.run(MINUTE)
    assert len(where.directory.asked) == 2
    assert locked(where)


def test_an_answer_in_a_chat_does_not_wait_for_an_hour() -> None:
    """Where the service asks for that, it is a no at once."""
    where = here(TEAM_ONLY, "1")
    where.directory.away_until, where.directory.asks_to_wait = where.clock + 60 * MINUTE, 60 * MINUTE
    assert say(where, "lock production because it burns", MONA).endswith("GitHub does not answer.")
    assert not locked(where)


def say_later(where: World, text: str) -> None:
    """Let mona say something that is not answered within half a minute."""
    where.voice.said.append("")
    say(where, text, MONA, timedelta(seconds=30))
    where.voice.said.remove("")
