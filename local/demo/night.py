"""Plays one night in a minute: staging goes to sleep in the evening and is back in the morning.

App and simulator live on a clock that this program moves, in steps, so that a busy machine is never too late for
anything: where something is to happen, the clock goes on only once it was seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.sinks.progress import bar
from local.demo.events import Event, ShownInSlack, Turned
from local.demo.follow import ask, deliver, follow, publish
from local.demo.page import Mood, Page, Place, Told
from local.demo.people import ALLOW, BEN
from local.demo.play import PACE, part
from local.demo.schedule import coming
from local.demo.story import Story
from local.demo.words import UNDER_WAY
from local.stack import SERVICE, Stack
from local.stack.chat import SLACK_CHANNEL
from local.stack.environments import Value

ENVIRONMENT, VERSION = "staging", "v1.0.0"
ZONE = ZoneInfo("Europe/Berlin")
BEGINS, KEPT_UNTIL, ENDS = "19:00", "22:00", "07:00"
"""The night by its rule, and how late it begins because somebody is at work."""
HOURS = 9
"""From `KEPT_UNTIL` to `ENDS`."""

EACH_LINE = "Each line: the time in Berlin, on a clock that is moved; where; what was seen."

SAVES = (
    "What is suspended is charged all the same. What saves money is",
    'sleep = "delete" or "scale": docs/nights.md',
)

STEP = timedelta(minutes=15)
STEP_S = 0.2
"""What passes on the moved clock and how many seconds that takes. Our choice: a night that can be watched."""
UNSEEN_STEP_S = 0.03
"""The same where nobody watches, because the night is told afterwards."""


CHAPTERS = (
    f"{VERSION} comes to {ENVIRONMENT} on {{day:%A, %d %B %Y}}",
    f"The evening comes near; ben is still at work and keeps it up until {KEPT_UNTIL}",
    f"At {KEPT_UNTIL} it goes to sleep",
    "In the morning it runs again; when the month is over, its hours are told",
)


@dataclass(frozen=True)
class Night:
    """The night that is played, and how it is told."""

    story: Story
    day: date
    """When it begins."""
    first_chapter: int
    step_s: float

    @property
    def morning(self) -> datetime:
        """When it ends."""
        return at(self.day + timedelta(days=1), ENDS)

    def chapter(self, number: int) -> None:
        """Begin one of `CHAPTERS`, counted from zero."""
        self.story.page.chapter(f"{self.first_chapter + number}. {CHAPTERS[number].format(day=self.day)}")


def play_night(page: Page, first_chapter: int | None = None) -> None:
    """Play it: by itself, or quickly and without a head and an end as chapters of something longer.

    Raises Missing, PartFailed, ChildFailed, AzuriteMissing.
    """
    alone = first_chapter is None
    if alone:
        page.title("One night in a minute: staging sleeps from the evening to the morning.")
    page.say(EACH_LINE, Mood.QUIET)
    if alone:
        page.chapter("1. The parts start, all on this machine")
    day = evening_of(datetime.now(UTC).date())
    stack = Stack(
        {ENVIRONMENT: environment(day)},
        operation_seconds=PACE.operation_s,
        instance_seconds=PACE.instance_s,
        chats=True,
        clock=True,
        started=lambda name, address: page.tell(part(name, address)) if alone else None,
    )
    with stack:
        stack.clock.set(at(day, "18:30"))
        page.show_time(lambda: f"{stack.clock.now().astimezone(ZONE):%H:%M}")
        night = Night(Story(stack, page), day, first_chapter or 2, STEP_S if alone else UNSEEN_STEP_S)
        _deploy(night)
        _late_worker(night)
        _sleep(night)
        _wake(night)
    if not alone:
        return
    page.chapter(f"Done in {page.seconds:.0f} s; all parts have stopped")
    for line in SAVES:
        page.say(f"  {line}")


def evening_of(today: date) -> date:
    """Return the day of the coming night: the last but one of a month, whose hours are told once it is over. Pure."""
    for days in (32, 63):
        last = (today.replace(day=1) + timedelta(days=days)).replace(day=1) - timedelta(days=1)
        if last - timedelta(days=1) > today:
            return last - timedelta(days=1)
    raise AssertionError(today)


def environment(day: date) -> dict[str, Value]:
    """Return an environment whose nights begin on this day of the week alone."""
    rule = {"suspend": BEGINS, "resume": ENDS, "days": f"{day:%a}".lower(), "weekend": "", "zone": ZONE.key}
    return {"slot": "staging", "allow": ALLOW, "notify": {"slack": SLACK_CHANNEL}, "night": rule}


def at(day: date, clock: str) -> datetime:
    """Return when the clocks of Berlin show this on a day."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZONE)


def _deploy(night: Night) -> None:
    """Let a release run in staging."""
    story, day = night.story, night.day
    night.chapter(0)
    story.words.brief = True
    follow(story, ENVIRONMENT, deliver(story, publish(story, VERSION)))
    _expect(story, "Running", 0)
    story.page.say()
    story.page.say("  python -m handlers schedule")
    for line in coming(story.stack.environments, day, 2, story.now):
        story.page.say(f"  {line}", Mood.QUIET)


def _late_worker(night: Night) -> None:
    """Let the evening come near, and somebody keep staging up."""
    story, day = night.story, night.day
    night.chapter(1)
    _pass(night, at(day, "18:45"), lambda _: "")
    _until_slack(story, f"{ENVIRONMENT} goes to sleep at {BEGINS}")
    ask(
        story,
        BEN,
        f"keep {ENVIRONMENT} up until {KEPT_UNTIL} because the demo is tomorrow",
        f"{ENVIRONMENT} stays up until ",
    )
    _pass(night, at(day, BEGINS), lambda status: f"the night begins without {ENVIRONMENT}: {status}")
    _pass(night, at(day, "21:45"), lambda status: f"{ENVIRONMENT} is {status}")
    _until_slack(story, f"{ENVIRONMENT} goes to sleep at {KEPT_UNTIL}")
    _expect(story, "Running", 0)


def _sleep(night: Night) -> None:
    """Let it fall asleep, and the night pass."""
    story, day = night.story, night.day
    night.chapter(2)
    _pass(night, at(day, KEPT_UNTIL), lambda _: "the night begins")
    story.until(lambda event: _has_turned(event, "Suspended"), f"{ENVIRONMENT} Suspended")
    _until_slack(story, f"{ENVIRONMENT} is suspended")
    _pass(night, night.morning - STEP, lambda status: _how_far(night, status))
    _expect(story, "Suspended", 1)


def _wake(night: Night) -> None:
    """Let the morning come, and the month end."""
    story, day = night.story, night.day
    night.chapter(3)
    _pass(night, night.morning, lambda status: _how_far(night, status))
    story.until(lambda event: _has_turned(event, "Running"), f"{ENVIRONMENT} Running")
    _until_slack(story, f"resume → {ENVIRONMENT}")
    _expect(story, "Running", 2)
    story.stack.clock.set(at(day + timedelta(days=2), "00:05"))
    story.page.tell(Told(Place.CLOCK, f"{day + timedelta(days=2):%A, %d %B}: the month is over"))
    _until_slack(story, f"{ENVIRONMENT} slept {HOURS} h in 1 night of {day:%Y-%m}")


def _how_far(night: Night, status: str) -> str:
    slept = HOURS - round((night.morning - night.story.now) / timedelta(hours=1))
    return f"{bar(slept, 0, HOURS)} {slept} of {HOURS} h, {status}"


def _pass(night: Night, until: datetime, say: Callable[[str], str]) -> None:
    """Move the clock, step by step; `say` says of each hour how it goes, from what staging is in Azure."""
    story, clock = night.story, night.story.stack.clock
    while clock.now() < until:
        passed = (clock.now() - datetime.min.replace(tzinfo=UTC)) // STEP * STEP
        clock.set(min(datetime.min.replace(tzinfo=UTC) + passed + STEP, until))
        told = say(_status(story)) if clock.now().minute == 0 else ""
        if told:
            story.page.tell(Told(Place.CLOCK, told))
        story.wait(night.step_s)


def _until_slack(story: Story, text: str) -> None:
    """Tell what happens until Slack shows a message that is over and says this. Raises Missing."""
    story.until(lambda event: _says(event, text), f"in Slack: {text}")


def _says(event: Event, text: str) -> bool:
    return isinstance(event, ShownInSlack) and text in event.text and not event.text.startswith(UNDER_WAY)


def _has_turned(event: Event, status: str) -> bool:
    return isinstance(event, Turned) and event.status == status


def _status(story: Story) -> str:
    return str(story.stack.simulator.slots(SERVICE)["Staging"]["status"])


def _expect(story: Story, status: str, changes: int) -> None:
    """Hold the story to what staging is in Azure, and to how often that was changed."""
    seen, made = _status(story), len(story.stack.simulator.operations("update-deployment-status"))
    story.expect((seen, made) == (status, changes), f"{status} after {changes} changes, not {seen} after {made}")
