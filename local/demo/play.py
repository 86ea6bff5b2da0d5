"""Plays the main job once: a release from GitHub, then Slack, each hop as it is seen."""

from dataclasses import dataclass

from local.demo.beside import night_beside
from local.demo.events import ShownInSlack
from local.demo.follow import REQUEST, ask, command, deliver, expect_one_message, follow, is_about, publish
from local.demo.page import Mood, Page, Place, Told
from local.demo.people import ALLOW, BEN, EVE, type_in_slack
from local.demo.picture import Picture
from local.demo.story import Story
from local.demo.watch import BEFORE, version_of
from local.demo.words import shown_block
from local.sample_release import ROLE
from local.stack import SERVICE, PublishedRelease, Stack
from local.stack.chat import MONA

ENVIRONMENT = "production"
OLD, NEW = "v1.0.0", "v1.1.0"
MORE, TOO_MANY = 3, 4
"""Instances to scale to; the release brings two."""
BECAUSE = "the load test runs"
"""Why production is locked."""

NIGHT_BEGINS = 6
"""The chapter after the main job's last one."""
BESIDE = "Beside all this one night was played, with parts of its own."

NEXT = (
    'make demo ARGS="--night"   the night again, slowly enough to be watched',
    "make serve                 the same parts until Ctrl-C, to try things by hand",
    "make test                  every test",
)

PARTS = {
    "azurite": (Place.STORAGE, "Azurite: queues, ledger, packages"),
    "simulator": (Place.AZURE, "simulator of the Service Management API"),
    "github": (Place.GITHUB, "a GitHub that behaves"),
    "chat": (Place.SLACK, "a Slack that behaves"),
    "host": (Place.SLIPWAY, "the app, in the local host"),
}
"""What each part of a stack is, by its name there."""


@dataclass(frozen=True)
class Pace:
    """How long things take in Azure; there it is minutes."""

    operation_s: float
    instance_s: float


PACE = Pace(0.25, 0.1)
"""Our choice: the app looks once a second, and a change is over when it looks for the first time."""
SLOW = Pace(0.6, 1.2)
"""Our choice: slow enough for Slack to show how far things are."""


def play(page: Page, picture: Picture | None = None) -> None:
    """Play it, slowly for a picture. Raises Missing, PartFailed, ChildFailed, AzuriteMissing."""
    pace = PACE if picture is None else SLOW
    page.title("A GitHub release becomes a running deployment, and Slack steers what runs.")
    page.say("Each line: seconds since the start, where it was seen, what was seen there.", Mood.QUIET)
    page.chapter("1. The parts start, all on this machine")
    stack = Stack(
        {ENVIRONMENT: {"allow": ALLOW}},
        operation_seconds=pace.operation_s,
        instance_seconds=pace.instance_s,
        chats=True,
        started=lambda name, address: page.tell(part(name, address)),
    )
    with stack, night_beside(page, NIGHT_BEGINS) as night:
        story = Story(stack, page)
        _release(story)
        _deploy(story)
        page.draw_into(picture)
        _steer(story)
        _agree(story)
        summary = _sum_up(stack)
        page.say()
        page.say(BESIDE)
        night.tell(page)
    page.chapter(f"Done in {page.seconds:.0f} s; all parts have stopped")
    for line in (summary, "", *NEXT):
        page.say(f"  {line}".rstrip())


def part(name: str, address: str) -> Told:
    """Say that a part answers."""
    place, what = PARTS[name]
    return Told(place, f"{address.removesuffix('/devstoreaccount1'):<24} {what}")


def _release(story: Story) -> None:
    """Follow a release on its whole way."""
    story.page.chapter(f"2. Release {OLD}: from the webhook to the answer on the release")
    release = publish(story, OLD)
    story.page.tell(Told(Place.GITHUB, f"{release.repository} {OLD} is published: {', '.join(release.assets)}"))
    _forge(story, release)
    follow(story, ENVIRONMENT, deliver(story, release))
    _expect_production(story, OLD, 2)
    _show_release(story, release)


def _deploy(story: Story) -> None:
    """Follow a command that brings another release over the first one, more briefly."""
    story.page.chapter(f"3. Slack deploys {NEW} over {OLD}, by swap: {OLD} runs until {NEW} is ready")
    story.words.brief = True
    release = publish(story, NEW)
    words = f"{release.repository} {NEW} is published, and no webhook is sent: it waits for somebody"
    story.page.tell(Told(Place.GITHUB, words))
    _command(story, f"deploy {NEW} to {ENVIRONMENT}")
    _expect_production(story, NEW, 2)


def _steer(story: Story) -> None:
    """Follow commands about what runs: one under a lock, while somebody else's is refused; and the way back."""
    story.page.chapter(f"4. Under mona's lock she scales and ben may not; a swap leads back to {OLD}")
    ask(story, MONA, f"lock {ENVIRONMENT} because {BECAUSE} for 2h", f"{ENVIRONMENT} is locked by mona until ")
    bens = command(story, BEN, f"scale {ENVIRONMENT} {ROLE}={TOO_MANY}")
    story.to_be_refused.add(bens)
    monas = command(story, MONA, f"scale {ENVIRONMENT} {ROLE}={MORE}")
    refused, _ = follow(story, ENVIRONMENT, bens, monas, in_slack_alone=True)
    by_the_lock = refused.code == "Locked" and "locked by mona" in refused.message and BECAUSE in refused.message
    story.expect(by_the_lock, f"ben's request refused by mona's lock, not {refused.code}: {refused.message}")
    for request in (bens, monas):
        expect_one_message(story, request)
    _expect_production(story, NEW, MORE)
    ask(story, MONA, f"unlock {ENVIRONMENT}", f"{ENVIRONMENT} is unlocked")
    _command(story, f"rollback {ENVIRONMENT}")
    _expect_production(story, OLD, 2)


def _agree(story: Story) -> None:
    """Follow a command that a second person has to agree to."""
    story.page.chapter("5. Suspending production takes a second person who may")
    request = command(story, MONA, f"suspend {ENVIRONMENT}")
    story.until(lambda event: isinstance(event, ShownInSlack) and f"approve {request}" in event.text, "a wait for two")
    ask(story, MONA, f"approve {request[:8]}", "You cannot approve your own request.")
    refusal = type_in_slack(story, EVE, f"suspend {ENVIRONMENT}")
    story.expect(REQUEST.search(refusal) is None, "a refusal for somebody who is on no list")
    ask(story, BEN, f"approve {request[:8]}", f"suspend ({request}) is approved by ben.")
    follow(story, ENVIRONMENT, request, in_slack_alone=True)
    expect_one_message(story, request)
    standing = story.stack.simulator.slots(SERVICE)["Production"]
    story.expect(standing["status"] == "Suspended", f"production Suspended, not {standing['status']}")
    ask(story, MONA, "status", "Suspended")


def _forge(story: Story, release: PublishedRelease) -> None:
    """Send a delivery whose body was changed after it was signed."""
    headers, body = story.stack.github.sign(release, story.stack.secret)
    story.page.tell(Told(Place.SOMEONE, "sends a delivery whose body was changed after it was signed"))
    answer = story.stack.host.send(headers, body.replace(release.tag.encode(), b"v6.6.6"))
    story.expect(answer.status == 401, f"401 for a forged delivery, not {answer.status}")
    story.until(lambda event: is_about(event, "delivery.refused", "status", ["401"]), "the refusal in the app's log")


def _command(story: Story, text: str) -> None:
    """Let mona type a command and follow the request that it becomes, which Slack shows in one message."""
    request = command(story, MONA, text)
    follow(story, ENVIRONMENT, request)
    expect_one_message(story, request)


def _expect_production(story: Story, version: str, instances: int) -> None:
    """Hold the story to what Azure has in production."""
    standing = story.stack.simulator.slots(SERVICE).get("Production")
    story.expect(standing is not None and version_of(standing) == version, f"{version} in production")
    states = [] if standing is None else list(standing["instances"].values())
    story.expect(states == ["ReadyRole"] * instances, f"{instances} instances ready in production, not {states}")


def _show_release(story: Story, release: PublishedRelease) -> None:
    """Show what a reader of the release sees."""
    rows = shown_block(story.stack.github.text(release), ENVIRONMENT)
    story.expect(bool(rows), f"a table in the text of {release.tag}")
    story.page.tell(Told(Place.GITHUB, "the text of the release ends with", rows))


def _sum_up(stack: Stack) -> str:
    """Say what has happened."""
    calls, operations = stack.simulator.calls(), stack.simulator.operations()
    changes = [one for one in operations if one["call"] not in BEFORE]
    return f"1 release and 4 commands, 3 refusals: {len(changes)} operations, {len(calls)} calls of Azure's API."
