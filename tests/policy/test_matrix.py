"""Every role, right, entrance and state of a message: denied, but for the cells that are written down here."""

from itertools import product

from handlers.environments.rights import Right
from handlers.model import Actor
from handlers.policy import Attempt, Entrance, Message, at_the_door
from tests.policy.places import NOW, PLACE, ROLES

SPOKEN = {Entrance.CHAT, Entrance.COMMENT}
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


def test_every_refusal_names_its_rule() -> None:
    """With a sentence that a person can do something with."""
    for (_, actor), right, entrance, message in CELLS:
        deciding = at_the_door(Attempt(right, PLACE, actor, entrance, NOW, message)).deciding
        if deciding is not None:
            assert deciding.reason
            assert deciding.sentence.endswith(".")


def _allows(actor: Actor, right: Right, entrance: Entrance, message: Message) -> bool:
    return at_the_door(Attempt(right, PLACE, actor, entrance, NOW, message)).allowed
