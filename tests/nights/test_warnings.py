"""The warning before a night, and its button, which ends with that night."""

from datetime import timedelta

from handlers import commands
from handlers.commands import KeepUp, SkipTonight
from handlers.model import Actor, Inquiry, SlackPlace, Source
from tests.nights.world import ALLOWED, DOWN, UP, NightWorld, lock, sleeper, wishes


def press(world: NightWorld, text: str, name: str = "d" + "p" * 20) -> str:
    """Press the button of a warning now; return what is said to that."""
    inquiry = Inquiry(
        id=name,
        text=text,
        actor=Actor(source=Source.SLACK, id="U1", name="mona"),
        place=SlackPlace(team="T1", channel="C1"),
        asked_at=world.clock,
        pressed=True,
    )
    world.inquiries.put(inquiry.model_dump_json())
    world.run(timedelta(seconds=5))
    return world.voice.said[-1]


def test_the_owner_is_warned_once_before_the_evening() -> None:
    """A quarter of an hour before it."""
    world = NightWorld(sleeper())
    world.live("02 17:40")
    assert world.voice.said == []
    world.live("02 18:10", timers=2)
    (warning,) = world.voice.said
    assert "production goes to sleep at 19:00" in warning
    (offer,) = world.voice.offers
    assert isinstance(commands.read(offer.command, ["production"]), KeepUp)
    assert offer.until.isoformat() == "2026-03-03T06:00:00+00:00"


def test_nobody_is_warned_of_a_night_that_is_skipped() -> None:
    """Neither in the evening nor before the morning that it is put off to."""
    world = NightWorld(ALLOWED)
    world.stop("02 15:00")
    wishes(world, SkipTonight("production"))
    world.live("03 07:00")
    assert world.voice.said == []


def test_the_button_of_a_warning_keeps_it_up_as_long_as_it_is_up() -> None:
    """Also where the night waits for somebody's lock past its time."""
    world = NightWorld(ALLOWED)
    lock(world, "02 18:30")
    world.live("02 18:10")
    (offer,) = world.voice.offers
    assert "production stays up until Mon 2026-03-02 22:10" in press(world, offer.command)
    world.live("02 21:05")
    assert world.status == UP


def test_the_button_of_a_warning_wakes_nothing_that_sleeps_and_says_what_does() -> None:
    """Typed, the same words wake it."""
    world = NightWorld(ALLOWED)
    world.live("02 18:10")
    (offer,) = world.voice.offers
    assert press(world, offer.command) == (
        "Too late for this button, and nothing has changed: the night has begun at 19:00 and ends on Tuesday at 07:00, "
        "Europe/Berlin. To wake it up all the same, say: keep production up for 3h"
    )
    world.live("02 18:30")
    assert (world.status, world.remembered.overrides) == (DOWN, ())
    assert "It is woken up within minutes." in wishes(world, KeepUp("production", timedelta(hours=3)))
    world.live("02 18:45")
    assert world.status == UP
