"""Every role, right, entrance and state of a message: denied, but for the cells that are written down here."""

from itertools import product

import pytest

from handlers.environments import Environment
from handlers.environments.rights import NAMED_ONLY, Right
from handlers.model import Actor, Source
from handlers.policy import Effect, Entrance, Message, Reason, Verdict, at_the_door
from handlers.policy.membership import Answer, Membership
from handlers.policy.who import next_question, questions
from tests.policy.places import COMMENT, GROUPED, PLACE, ROLES, attempt

SPOKEN = {Entrance.CHAT, Entrance.COMMENT}
BY_NAME = ["on the allow list", "named as a person", "named as a person, by another identity", "named by id"]
UNNAMED = set(Right) - {Right.DEPLOY, Right.SWAP, Right.UNLOCK_OTHERS, Right.BREAK_GLASS}
EVENTS = {Entrance.RELEASE, Entrance.PUSH, Entrance.WORKFLOW, Entrance.DEPLOYMENT}

Cell = tuple[str, Right, Entrance]

ALLOWED: set[Cell] = (
    set(product(["on the allow list"], UNNAMED, SPOKEN))
    | set(
        product(
            ["named as a person", "named as a person, by another identity"],
            [Right.DEPLOY, Right.UNLOCK_OTHERS, Right.BREAK_GLASS],
            SPOKEN,
        )
    )
    | set(product(["named as a person", "named as a person, by another identity"], [Right.DEPLOY], EVENTS))
    | set(product(["named as a person", "named as a person, by another identity"], [Right.DEPLOY], [Entrance.CLOCK]))
    | set(product(["named by id"], [Right.DEPLOY], SPOKEN | EVENTS | {Entrance.CLOCK}))
    | set(product(ROLES, [Right.DEPLOY], [Entrance.RELEASE]))
    | set(product(ROLES, [Right.READ], [Entrance.CHAT]))
    | set(product(BY_NAME, [Right.READ], [Entrance.COMMENT]))
)
"""With a message as it was sent; in any other state nothing is allowed."""

CELLS = list(product(ROLES.items(), Right, Entrance, Message))


def test_only_what_is_written_down_is_allowed() -> None:
    """Cell by cell."""
    wrong = {
        (role, str(right), str(entrance), str(message)): verdict
        for (role, actor), right, entrance, message in CELLS
        if (verdict := _allows(actor, right, entrance, message))
        is not (message is Message.AS_SENT and (role, right, entrance) in ALLOWED)
    }
    assert not wrong


def test_there_are_enough_cells() -> None:
    """Most of them refuse."""
    assert len(CELLS) >= 1000
    assert len(ALLOWED) < len(CELLS) / 50


def test_a_comment_is_a_command_only_where_it_may_steer() -> None:
    """Every cell that is allowed is refused without the key, from another repository, and from nowhere."""
    elsewhere = COMMENT.model_copy(update={"repository": "contoso/api", "repository_id": 8})
    closed = PLACE.model_copy(update={"comments": False})
    for role, right, entrance in ALLOWED:
        if entrance is Entrance.COMMENT:
            actor = ROLES[role]
            for against, reason in (
                (attempt(right, actor, entrance, closed), Reason.NO_COMMENTS),
                (attempt(right, actor, entrance, place=elsewhere), Reason.NOT_FROM_HERE),
                (attempt(right, actor, entrance, place=None), Reason.NOT_FROM_HERE),
            ):
                rulings = at_the_door(against).rulings
                assert [one.reason for one in rulings if one.effect is not Effect.PASS] == [reason]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(PLACE.model_copy(update={"allow": {}}), id="an empty list"),
        pytest.param(PLACE.model_copy(update={"allow": {Source.SLACK: ("U1",)}}), id="a list of others"),
        pytest.param(PLACE.model_copy(update={"rights": {Right.SCALE: ("slack:U1",)}}), id="a right of others"),
    ],
)
def test_whoever_is_on_no_list_reads_their_own_id(place: Environment) -> None:
    """So that it can be copied into the file."""
    somebody_new = Actor(source=Source.SLACK, id="U0NEW", name="new")
    deciding = at_the_door(attempt(Right.SCALE, somebody_new, Entrance.CHAT, place)).deciding
    assert deciding is not None
    assert "Slack id U0NEW" in deciding.sentence.replace("id is", "id")


def test_every_refusal_names_its_rule() -> None:
    """With a sentence that a person can do something with."""
    for (_, actor), right, entrance, message in CELLS:
        deciding = at_the_door(attempt(right, actor, entrance, message=message)).deciding
        if deciding is not None:
            assert deciding.reason
            assert deciding.sentence.endswith(".")


@pytest.mark.parametrize("named", [(), ("mona",)], ids=["nobody", "mona"])
def test_where_rights_speak_of_reading_a_chat_is_no_right(named: tuple[str, ...]) -> None:
    """Nor does an entrance read; whoever has another right may, in a chat and in a comment."""
    place = PLACE.model_copy(update={"rights": {**PLACE.rights, Right.READ: named}})
    readers = {
        (role, entrance)
        for (role, actor), entrance, message in product(ROLES.items(), Entrance, Message)
        if at_the_door(attempt(Right.READ, actor, entrance, place, message=message)).allowed
    }
    assert readers == set(product(BY_NAME, SPOKEN))


def _allows(actor: Actor, right: Right, entrance: Entrance, message: Message) -> bool:
    return at_the_door(attempt(right, actor, entrance, message=message)).allowed


ON_SLACK = [
    "on the allow list",
    "named as a person",
    "named by id",
    "a stranger",
    "the allowed id, in other letters",
    "the person's name as an id",
]
ON_GITHUB = ["named as a person, by another identity", "the deployer's id from GitHub"]
JOINED = ["named as a person", "named as a person, by another identity"]
"""Known in both."""

COUNTED: set[Cell] = (
    set(product([*JOINED, *ON_GITHUB], [Right.CONFIG, Right.BREAK_GLASS], SPOKEN))
    | set(product([*JOINED, *ON_GITHUB], [Right.DEPLOY], (SPOKEN | EVENTS | {Entrance.CLOCK}) - {Entrance.PUSH}))
    | set(product([*JOINED, *ON_SLACK], [Right.LOCK], SPOKEN))
    | set(product(ON_SLACK, set(Right) - set(GROUPED.rights) - NAMED_ONLY - {Right.READ}, SPOKEN))
    | set(product([*ON_SLACK, *ON_GITHUB], [Right.READ], [Entrance.COMMENT]))
)
"""Where a team, a permission or a user group decides, with a message as it was sent."""

BY_THE_ENTRANCE: set[Cell] = set(product(ROLES, [Right.DEPLOY], [Entrance.PUSH])) | set(
    product(ROLES, [Right.READ], [Entrance.CHAT])
)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(None, Reason.ASKED_LATER, id="nobody was asked"),
        pytest.param(Membership.MEMBER, Reason.MEMBER_OF, id="a clear yes"),
        pytest.param(Membership.NOT_A_MEMBER, Reason.NOT_A_MEMBER, id="a no"),
        pytest.param(Membership.UNKNOWN, Reason.MEMBERSHIP_UNKNOWN, id="no answer"),
    ],
)
def test_groups_decide_where_they_are_named_and_nowhere_else(said: Membership | None, reason: Reason) -> None:
    """Cell by cell, for every answer; in any other state of the message all of it is refused."""
    wrong = {}
    for (role, actor), right, entrance, message in CELLS:
        cell, verdict = (role, right, entrance), _judged(actor, right, entrance, message, said)
        found = verdict.deciding.reason if verdict.deciding is not None else Reason.MEMBER_OF
        if message is not Message.AS_SENT:
            fits = verdict.refusal is not None
        elif cell in BY_THE_ENTRANCE:
            fits = verdict.allowed
        elif cell in COUNTED:
            fits = found is reason and verdict.allowed is (said is Membership.MEMBER)
        else:
            fits = found in {Reason.NOBODY_ALLOWED, Reason.NOT_ALLOWED, Reason.MAY_NOT_READ}
        if not fits:
            wrong[(role, str(right), str(entrance), str(message))] = found
    assert not wrong


def _judged(actor: Actor, right: Right, entrance: Entrance, message: Message, said: Membership | None) -> Verdict:
    """Let everybody who is asked give one answer."""
    one = attempt(right, actor, entrance, GROUPED, message=message)
    while said is not None and (question := next_question(one)) is not None:
        one = one.knowing(question, Answer(said, "said so"))
    assert set(one.answers) <= set(questions(one))
    return at_the_door(one)
