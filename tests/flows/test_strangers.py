"""Whoever may read nothing is answered seldom, and neither asked about nor written down without end."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from handlers.audit import Record, What
from handlers.environments.rights import Right
from handlers.events import Message
from handlers.intake import decide
from handlers.model import Actor, GitHubPlace, Source
from handlers.policy.strangers import ANSWERED_AGAIN_AFTER, ASKED_AGAIN_AFTER, Stranger, may_be_asked_about, meet
from handlers.ports import Stored
from tests.flows.queues import Message as Queued
from tests.flows.test_comments import EVE, MONA, NOTHING_HERE, PLACE, TEAM, comment, world
from tests.flows.world import START, Fault, World

MINUTE = timedelta(minutes=1)
MALLORY = Actor(source=Source.GITHUB, id="4", name="mallory")
COMMENTS = count(100)


def write(
    here: World, text: str, actor: Actor = EVE, place: GitHubPlace | None = None, message: Message = Message.AS_SENT
) -> GitHubPlace:
    """Write a comment, on a pull request of its own unless it is one that was there; return where it is."""
    number = next(COMMENTS)
    place = place or PLACE.model_copy(update={"number": number, "comment": number})
    event = replace(comment(text, actor, place, message), delivery=f"guid-{number}")
    decision = decide(event, here.environments, here.clock)
    assert decision.message is not None
    here.requests.messages.append(Queued(decision.message.model_dump_json(), here.clock))
    return place


def say(here: World, text: str, actor: Actor = EVE, place: GitHubPlace | None = None) -> GitHubPlace:
    """Write a comment, and let happen what follows."""
    place = write(here, text, actor, place)
    here.run(timedelta(seconds=20))
    return place


def answered(here: World) -> int:
    """Count the comments that GitHub shows of ours."""
    return len(set(here.voice.keys))


def refused(here: World) -> list[Record]:
    """Return the rows about refusals."""
    return [one for one in here.ledger.audit if one.what is What.REFUSED]


def test_a_stranger_is_answered_once_an_hour_in_all_pull_requests() -> None:
    """Whatever they write; others are answered for themselves, and whoever has a right always."""
    here = world()
    for text in ("status production", "deploy to production", "help", "deploy", "approve dabcdefgh", "status"):
        say(here, text)
    assert here.voice.said == [NOTHING_HERE]
    say(here, "status", MALLORY)
    assert answered(here) == 2
    for _ in range(3):
        say(here, "status", MONA)
    assert answered(here) == 5
    here.clock = START + ANSWERED_AGAIN_AFTER + MINUTE
    for _ in range(2):
        say(here, "status")
    assert answered(here) == 6


def test_who_gets_a_right_meanwhile_is_heard_at_once() -> None:
    """Also within the hour."""
    here = world()
    say(here, "status")
    here.environments["production"] = here.environments["production"].model_copy(
        update={"allow": {Source.GITHUB: ("3",)}}
    )
    say(here, "status")
    assert "empty" in here.voice.said[-1]


def test_a_delivery_that_comes_again_is_answered_by_the_same_comment() -> None:
    """In the same words, and nobody is silent for longer by it."""
    here = world()
    place = say(here, "status")
    here.clock += 30 * MINUTE
    say(here, "status", place=place)
    assert here.voice.said == [NOTHING_HERE, NOTHING_HERE]
    assert answered(here) == 1
    here.clock = START + ANSWERED_AGAIN_AFTER + MINUTE
    say(here, "status")
    assert answered(here) == 2


def test_of_two_comments_at_a_moment_one_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever remembers the stranger second looks again."""
    here = world()
    first = Stranger(inquiry="another", answered_at=START, asked_at=START)
    remember, others = here.ledger.remember_stranger, [first]

    def behind_another(repository_id: int, actor: str, stored: Stored[Stranger] | None, stranger: Stranger) -> None:
        if others:
            remember(repository_id, actor, None, others.pop())
        remember(repository_id, actor, stored, stranger)

    monkeypatch.setattr(here.ledger, "remember_stranger", behind_another)
    say(here, "status")
    assert here.voice.said == []
    assert here.ledger.strangers[PLACE.repository_id, EVE.id].row == first


def calls_of_a_stranger() -> int:
    """Count the calls of two comments that nothing disturbs."""
    here = world()
    for _ in range(2):
        say(here, "status production")
    return len(here.calls)


@pytest.mark.parametrize("fault", Fault)
def test_whatever_fails_a_stranger_has_one_answer(fault: Fault) -> None:
    """At every call to the outside; a host that dies leaves its message to the next."""
    for step in range(calls_of_a_stranger()):
        here = world()
        here.faults = {step: fault}
        for _ in range(2):
            write(here, "status production")
            here.run(20 * MINUTE)
        assert answered(here) == 1, step


def test_a_team_is_not_asked_about_a_stranger_for_every_comment() -> None:
    """But again after five minutes, so that whoever was taken into it meanwhile is served."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    for _ in range(10):
        say(here, "status production")
    assert here.directory.asked == [(TEAM, EVE.id)]
    here.clock += ASKED_AGAIN_AFTER
    for _ in range(10):
        say(here, "deploy to production")
    assert here.directory.asked == [(TEAM, EVE.id)] * 2
    assert answered(here) == 1
    here.directory.members[TEAM] = {EVE.id}
    here.clock += ASKED_AGAIN_AFTER
    say(here, "status production")
    assert "empty" in here.voice.said[-1]
    say(here, "status production")
    assert answered(here) == 3


def test_a_team_that_nobody_can_ask_about_does_not_let_strangers_be_answered_each_time() -> None:
    """A token without the permission answers so for ever."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.silent = "the token may not read it"
    for _ in range(5):
        say(here, "deploy to production")
    assert (answered(here), len(here.directory.asked), here.ledger.entries) == (1, 1, {})


@pytest.mark.parametrize("wait", [None, timedelta(minutes=50)])
def test_while_nobody_answers_strangers_have_one_answer_too_and_open_nothing(wait: timedelta | None) -> None:
    """What they ask for waits without being seen: neither its environment nor the rule is named, then or later."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.away_until, here.directory.asks_to_wait = here.clock + timedelta(minutes=50), wait
    for _ in range(10):
        write(here, "deploy to production")
    here.run(timedelta(minutes=30))
    assert all(one.startswith("Slipway cannot find out at the moment") for one in here.voice.said)
    assert answered(here) == 1
    here.run()
    assert (answered(here), here.ledger.entries, here.sink.shown) == (1, {}, {})
    assert here.voice.said[-1].startswith("There is nothing here for your GitHub id 3")
    assert not any("production" in one or TEAM in one for one in here.voice.said)
    assert [one.rule for one in refused(here)] == ["not_a_member"]


def test_of_a_member_all_that_waited_begins() -> None:
    """Also what had no answer."""
    here = world(allow={Source.GITHUB: (TEAM,)})
    here.directory.members[TEAM] = {MONA.id}
    here.directory.away_until = here.clock + timedelta(hours=1)
    for text in ("deploy to production", "resume production"):
        write(here, text, MONA)
    here.run()
    assert len(here.ledger.entries) == 2


@pytest.mark.parametrize("allow", [("1",), (TEAM,)], ids=["by id", "by team"])
def test_a_stranger_adds_a_row_an_hour_for_each_verb(allow: tuple[str, ...]) -> None:
    """However much they write: the trail is no place to fill."""
    here = world(allow={Source.GITHUB: allow})
    for number in range(20):
        say(here, f"deploy v{number} to production")
        say(here, "status production")
    words = [(one.words or "").partition(":")[0] for one in refused(here)]
    assert words == ["deploy v0 to production", "status production"]
    here.clock += timedelta(hours=1)
    say(here, "deploy v99 to production")
    assert len(refused(here)) == 3


@pytest.mark.parametrize("message", [Message.EDITED, Message.BY_A_BOT, Message.BY_AN_APP])
def test_so_do_edits_and_bots(message: Message) -> None:
    """Which are met with silence."""
    here = world()
    for _ in range(20):
        write(here, "deploy to production", message=message)
    here.run(MINUTE)
    assert (len(refused(here)), here.voice.said) == (1, [])


def test_who_has_a_right_is_written_down_each_time() -> None:
    """Their attempts are what the trail is for."""
    here = world()
    here.environments["quiet"] = here.environments["production"].model_copy(
        update={"name": "quiet", "rights": {Right.DEPLOY: ()}}
    )
    for _ in range(3):
        say(here, "deploy to quiet", MONA)
    assert [one.rule for one in refused(here)] == ["nobody_allowed"] * 3


def test_how_a_stranger_is_met() -> None:
    """Remembered from the first time on; asked about and answered at their times."""
    first = meet(None, "one", START, asked=True)
    assert first == Stranger(inquiry="one", answered_at=START, asked_at=START)
    assert meet(first, "two", START + MINUTE, asked=False) == first
    asked = meet(first, "two", START + 6 * MINUTE, asked=True)
    assert (asked.inquiry, asked.answered_at, asked.asked_at) == ("one", START, START + 6 * MINUTE)
    assert meet(first, "one", START + ANSWERED_AGAIN_AFTER, asked=False) == first
    assert meet(first, "two", START + ANSWERED_AGAIN_AFTER, asked=False).inquiry == "two"
    assert may_be_asked_about(None, "one", START)
    assert may_be_asked_about(first, "one", START)
    assert not may_be_asked_about(first, "two", START + ASKED_AGAIN_AFTER - MINUTE)
    assert may_be_asked_about(first, "two", START + ASKED_AGAIN_AFTER)
