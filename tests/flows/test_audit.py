"""The audit trail tells what happened, in order, and a chain that was tampered with is found."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.audit import Head, Link, Record, What, after, breaks
from tests.flows.test_locks import HUBOT, MONA, OCTO, RULED, launch, say, world
from tests.flows.world import START


def chain(length: int) -> list[Link]:
    """Return a whole chain."""
    links: list[Link] = []
    head = Head()
    for number in range(length):
        links.append(
            head.append(Record(at=START, environment="production", what=What.ENDED, actor=MONA, words=str(number)))
        )
        head = after(links[-1])
    return links


def found(links: list[Link], hashes: list[str], end: Link) -> list[str]:
    """Verify."""
    return list(breaks(links, hashes, after(end)))


def test_a_release_leaves_its_trail() -> None:
    """From who asked for it to how it ended, with commit, calls and Azure's ids."""
    here = world()
    request = launch(here, run=timedelta(minutes=20))
    trail = [record for record in here.ledger.audit if record.request == request.id]
    assert [record.what for record in trail] == [
        What.ACCEPTED,
        *[What.ANNOUNCED, What.CALLED] * 2,
        What.ENDED,
    ]
    assert {(record.actor and record.actor.id, record.delivery) for record in trail} == {("1", "guid")}
    assert trail[-1].outcome == "success"
    assert trail[-1].sha == "c" * 40
    assert [record.operation for record in trail if record.operation] == [one.id for one in here.azure.operations]


def test_what_others_agreed_to_is_named_also_where_nothing_came_of_it() -> None:
    """The commit stands in the row of the end too."""
    here = world(RULED.model_copy(update={"approvals": 1}))
    request = launch(here, run=timedelta(minutes=1))
    say(here, "lock production because it burns", HUBOT)
    say(here, f"approve {request.id}", OCTO, timedelta(minutes=1))
    last = here.ledger.audit[-1]
    assert (last.what, last.rule, last.sha) == (What.ENDED, "Locked", "c" * 40)


def test_a_refusal_names_its_rule() -> None:
    """And so do the lock and its end, with who did it."""
    here = world()
    say(here, "lock production because it burns", HUBOT)
    launch(here, run=timedelta(minutes=5))
    say(here, "unlock production", OCTO)
    trail = [(record.what, record.actor and record.actor.name, record.rule) for record in here.ledger.audit]
    assert trail == [
        (What.LOCKED, "hubot", None),
        (What.ACCEPTED, "mona", None),
        (What.ENDED, "mona", "Locked"),
        (What.UNLOCKED, "octo", None),
    ]


@pytest.mark.parametrize(("run", "what"), [(60, What.ENDED), (5, What.CANCELLED)], ids=["not begun", "under way"])
def test_whoever_stops_a_request_is_named_and_not_whoever_asked_for_it(run: int, what: What) -> None:
    """By the immutable id, with the delivery that said it; and so is whoever agreed."""
    here = world(RULED.model_copy(update={"approvals": 2})) if what is What.ENDED else world()
    request = launch(here, run=timedelta(seconds=run))
    if what is What.ENDED:
        say(here, f"approve {request.id}", OCTO)
    say(here, f"cancel {request.id}", HUBOT)
    trail = [record for record in here.ledger.audit if record.request == request.id]
    stopped = next(record for record in trail if record.what is what)
    assert stopped.actor == HUBOT
    assert stopped.delivery not in {None, "guid"}
    agreed = [(record.actor, record.delivery) for record in trail if record.what is What.APPROVED]
    assert {actor for actor, _ in agreed} <= {OCTO}
    assert "guid" not in {delivery for _, delivery in agreed}


@given(st.integers(0, 8))
def test_a_whole_chain_is_whole(length: int) -> None:
    """Also an empty one."""
    links = chain(length)
    assert list(breaks(links, [link.hash for link in links], after(links[-1]) if links else Head())) == []


@given(st.integers(2, 8), st.data())
def test_any_change_is_found(length: int, data: st.DataObject) -> None:
    """One row changed, with its hash or without; one taken out; two exchanged; the end cut off."""
    links = chain(length)
    hashes = [link.hash for link in links]
    place = data.draw(st.integers(0, length - 1))
    changed = links[place].model_copy(update={"record": links[place].record.model_copy(update={"words": "x"})})
    with_change = [*links[:place], changed, *links[place + 1 :]]
    assert found(with_change, hashes, links[-1])
    assert found(with_change, [link.hash for link in with_change], links[-1])
    assert found(links[:place] + links[place + 1 :], hashes[:place] + hashes[place + 1 :], links[-1])
    assert found(links[:-1], hashes[:-1], links[-1])


@pytest.mark.parametrize("number", [0, 1])
def test_every_row_names_the_one_before(number: int) -> None:
    """The first one names the beginning."""
    links = chain(2)
    assert links[number].previous == (links[0].hash if number else "0" * 64)
