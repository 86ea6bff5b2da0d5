"""Take any one condition away from something that is allowed, and it is refused, with the right reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.environments.rights import NAMED_ONLY, Freeze, Right
from handlers.model import Source
from handlers.policy import Attempt, Effect, Entrance, Lock, Message, Reason, at_the_door, before_a_call
from handlers.policy.membership import Answer, Membership
from handlers.policy.verdict import Verdict
from handlers.policy.who import questions
from tests.policy.places import COMMENT, NOW, PLACE, attempt, somebody

SPOKEN_RIGHTS = st.sampled_from(sorted(set(Right) - NAMED_ONLY))
IDS = st.from_regex(r"\A[A-Z0-9]{1,20}\Z")
SOURCES = st.sampled_from(Source)
BOTH = (Source.GITHUB, Source.SLACK)
"""Where lists of people are kept."""


@st.composite
def allowed_attempts(draw: st.DrawFn) -> Attempt:
    """Something that is allowed: by `allow`, by an id in `rights`, or by a person in `rights`."""
    right, source, one = draw(SPOKEN_RIGHTS), draw(SOURCES), draw(IDS)
    changes: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"allow": {source: (one,)}, "rights": {}},
                {"allow": {}, "rights": {right: (f"{source}:{one}",)}},
                {"allow": {}, "rights": {right: ("hubot",)}, "people": {"hubot": {source: (one,)}}},
            ]
        )
    )
    entrance = draw(st.sampled_from([Entrance.CHAT, Entrance.COMMENT]))
    return attempt(right, somebody(source, one), entrance, PLACE.model_copy(update=where_reading_is_ruled(changes)))


def where_reading_is_ruled(changes: dict[str, Any]) -> dict[str, Any]:
    """Let `rights` speak of reading, or every chat may."""
    return {**changes, "rights": {Right.READ: (), **changes["rights"]}}


def judge(one: Attempt, lock: Lock | None = None) -> Verdict:
    """Ask every rule."""
    return Verdict((*at_the_door(one).rulings, *before_a_call(one, lock).rulings))


def by_somebody_else(one: Attempt) -> Attempt:
    """Let an identity attempt it that stands nowhere."""
    return replace(one, actor=one.actor.model_copy(update={"id": f"{one.actor.id}x"}))


def without_the_right(one: Attempt) -> Attempt:
    """Take every list away."""
    nothing = where_reading_is_ruled({"allow": {}, "rights": {}})
    return replace(one, environment=one.environment.model_copy(update=nothing))


def frozen(one: Attempt) -> Attempt:
    """Freeze the environment."""
    freeze = Freeze(reason="holidays", weekly="Mon 00:00 - Tue 00:00", verbs=(one.right,))
    return replace(one, environment=one.environment.model_copy(update={"freezes": (freeze,)}))


def frozen_with_a_hammer(one: Attempt) -> Attempt:
    """Freeze it, and let somebody set that aside who may not."""
    return replace(frozen(one), break_glass="because")


def said(message: Message) -> Callable[[Attempt], Attempt]:
    """Let the message be in another state."""
    return lambda one: replace(one, message=message)


@given(allowed_attempts())
def test_it_is_allowed_at_first(one: Attempt) -> None:
    """Or the other tests would show nothing."""
    assert judge(one).allowed


@pytest.mark.parametrize(
    ("take_away", "reasons"),
    [
        pytest.param(by_somebody_else, {Reason.NOT_ALLOWED}, id="another identity"),
        pytest.param(without_the_right, {Reason.NOBODY_ALLOWED}, id="no list"),
        pytest.param(frozen, {Reason.FROZEN}, id="a freeze"),
        pytest.param(frozen_with_a_hammer, {Reason.MAY_NOT_BREAK_GLASS}, id="a freeze, and no right to break glass"),
        pytest.param(said(Message.EDITED), {Reason.EDITED}, id="edited"),
        pytest.param(said(Message.DELETED), {Reason.DELETED}, id="deleted"),
        pytest.param(said(Message.BY_A_BOT), {Reason.BY_A_BOT}, id="by a bot"),
        pytest.param(said(Message.BY_AN_APP), {Reason.BY_AN_APP}, id="by an app"),
        pytest.param(said(Message.FROM_A_FORK), {Reason.FROM_A_FORK}, id="from a fork"),
    ],
)
@given(one=allowed_attempts())
def test_without_one_condition_it_is_refused(
    take_away: Callable[[Attempt], Attempt], reasons: set[Reason], one: Attempt
) -> None:
    """And no other rule speaks up."""
    verdict = judge(take_away(one))
    against = {ruling.reason for ruling in verdict.rulings if ruling.effect is not Effect.PASS}
    assert not verdict.allowed
    assert against == ({_unread(reason) for reason in reasons} if one.right is Right.READ else reasons)


def _unread(reason: Reason) -> Reason:
    """Return what stands for it where somebody wants to read, which every other right lets them too."""
    return Reason.MAY_NOT_READ if reason in {Reason.NOT_ALLOWED, Reason.NOBODY_ALLOWED} else reason


@st.composite
def counted_attempts(draw: st.DrawFn) -> Attempt:
    """Something that is allowed because a team, a permission or a user group counts the person in."""
    right, one, source = draw(SPOKEN_RIGHTS), draw(IDS), draw(st.sampled_from(BOTH))
    subject = draw(st.sampled_from(["github-team:contoso/ops", "github-permission:write", "slack-group:S1"]))
    changes: dict[str, Any] = draw(
        st.sampled_from([{"allow": {source: (subject,)}, "rights": {}}, {"rights": {right: (subject,)}}])
    )
    people = {"hubot": dict.fromkeys(BOTH, (one,))}
    place = PLACE.model_copy(update={**where_reading_is_ruled(changes), "people": people})
    asked = attempt(right, somebody(source, one), environment=place)
    (question,) = questions(asked)
    return asked.knowing(question, Answer(Membership.MEMBER, "yes"))


def answered(membership: Membership) -> Callable[[Attempt], Attempt]:
    """Let whoever was asked say something else."""
    return lambda one: replace(one, answers=dict.fromkeys(one.answers, Answer(membership, "no")))


def about_somebody_else(one: Attempt) -> Attempt:
    """Let the answer be about another id."""
    others = {replace(question, identity="other"): answer for question, answer in one.answers.items()}
    return replace(one, answers=others)


def about_another_group(one: Attempt) -> Attempt:
    """Let the answer be about another group."""
    others = {replace(asked, group=replace(asked.group, name="x/y")): said for asked, said in one.answers.items()}
    return replace(one, answers=others)


@given(counted_attempts())
def test_a_clear_yes_is_enough(one: Attempt) -> None:
    """Or the next test would show nothing."""
    assert judge(one).allowed


@pytest.mark.parametrize(
    ("take_away", "reason"),
    [
        pytest.param(answered(Membership.NOT_A_MEMBER), Reason.NOT_A_MEMBER, id="a no"),
        pytest.param(answered(Membership.UNKNOWN), Reason.MEMBERSHIP_UNKNOWN, id="no answer"),
        pytest.param(about_somebody_else, Reason.ASKED_LATER, id="about another id"),
        pytest.param(about_another_group, Reason.ASKED_LATER, id="about another group"),
        pytest.param(without_the_right, Reason.NOBODY_ALLOWED, id="no list"),
        pytest.param(frozen, Reason.FROZEN, id="a freeze"),
        pytest.param(said(Message.EDITED), Reason.EDITED, id="edited"),
        pytest.param(said(Message.BY_A_BOT), Reason.BY_A_BOT, id="by a bot"),
    ],
)
@given(one=counted_attempts())
def test_without_one_condition_a_member_is_held_back(
    take_away: Callable[[Attempt], Attempt], reason: Reason, one: Attempt
) -> None:
    """And no other rule speaks up."""
    verdict = judge(take_away(one))
    assert not verdict.allowed
    expected = _unread(reason) if one.right is Right.READ else reason
    assert {ruling.reason for ruling in verdict.rulings if ruling.effect is not Effect.PASS} == {expected}


@given(allowed_attempts(), st.sampled_from([Entrance.CHAT, Entrance.COMMENT]))
def test_whoever_has_any_right_may_read(one: Attempt, entrance: Entrance) -> None:
    """Whichever right it is, though `rights` names nobody for reading."""
    place = COMMENT if entrance is Entrance.COMMENT else None
    assert judge(replace(one, right=Right.READ, entrance=entrance, place=place)).allowed


@given(SPOKEN_RIGHTS, IDS)
def test_who_may_only_read_may_do_nothing_else(right: Right, one: str) -> None:
    """Whatever it is."""
    place = PLACE.model_copy(update={"allow": {}, "rights": {Right.READ: (f"github:{one}",)}})
    reader = attempt(right, somebody(Source.GITHUB, one), Entrance.COMMENT, place)
    assert judge(reader).allowed is (right is Right.READ)


@given(allowed_attempts())
def test_a_lock_of_somebody_else_refuses(one: Attempt) -> None:
    """Before the first step; after it, the next step waits."""
    lock = Lock(id="l", owner=somebody(Source.GITHUB, "owner"), reason="migration", since=NOW)
    assert _reason(judge(one, lock)) is Reason.LOCKED
    assert _reason(judge(replace(one, begun=True), lock)) is Reason.LOCKED_UNDER_WAY


@given(allowed_attempts(), st.integers(min_value=-3600, max_value=3600))
def test_a_lock_ends_at_its_time(one: Attempt, seconds: int) -> None:
    """Not a second earlier or later."""
    until = NOW + timedelta(seconds=seconds)
    lock = Lock(id="l", owner=somebody(Source.GITHUB, "owner"), reason="migration", since=NOW, until=until)
    assert judge(one, lock).allowed is (seconds <= 0)


def test_nobody_is_locked_out_by_their_own_lock() -> None:
    """Under any of their identities."""
    lock = Lock(id="l", owner=somebody(Source.GITHUB, "1"), reason="migration", since=NOW)
    one = attempt(Right.DEPLOY, somebody(Source.SLACK, "MONA"))
    assert judge(one, lock).allowed
    assert Reason.OWN_LOCK in {ruling.reason for ruling in judge(one, lock).rulings}


def test_somebody_who_may_breaks_the_glass() -> None:
    """With a reason, which the ruling repeats."""
    one = attempt(Right.DEPLOY, somebody(Source.SLACK, "MONA"), break_glass="the shop is down")
    verdict = judge(frozen(one))
    assert verdict.allowed
    assert "mona breaks the glass: the shop is down" in {ruling.sentence for ruling in verdict.rulings}


def test_nothing_that_was_not_asked_is_allowed() -> None:
    """A verdict without rulings refuses."""
    assert not Verdict(()).allowed


def _reason(verdict: Verdict) -> Reason | None:
    return verdict.deciding.reason if verdict.deciding is not None else None
