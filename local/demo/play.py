"""Plays the main job once: a release from GitHub, then Slack, each hop as it is seen."""

import re
from dataclasses import dataclass

from handlers.model import Outcome
from local.demo.events import Event, Logged
from local.demo.page import Mood, Page, Place, Told
from local.demo.people import ALLOW, EVE, type_in_slack
from local.demo.picture import Picture
from local.demo.story import Story
from local.demo.watch import BEFORE, version_of
from local.demo.words import shown_block
from local.sample_release import ROLE, assets
from local.stack import SERVICE, Delivery, PublishedRelease, Stack
from local.stack.chat import MONA

ENVIRONMENT = "production"
OLD, NEW = "v1.0.0", "v1.1.0"
MORE = 3
"""Instances to scale to; the release brings two."""

NEXT = (
    "make serve   the same parts until Ctrl-C, with lines for your own try",
    "make test    every test",
)

PARTS = {
    "azurite": (Place.STORAGE, "Azurite: queues, ledger, packages"),
    "simulator": (Place.AZURE, "simulator of the Service Management API"),
    "github": (Place.GITHUB, "a GitHub that behaves"),
    "chat": (Place.SLACK, "a Slack that behaves"),
    "host": (Place.SLIPWAY, "the app, in the local host"),
}
"""What each part of a stack is, by its name there."""

_REQUEST = re.compile(r"\bd[a-z2-7]{20}\b")


@dataclass(frozen=True)
class Pace:
    """How long things take in Azure; there it is minutes."""

    operation_s: float
    instance_s: float


PACE = Pace(0.3, 0.2)
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
    with stack:
        story = Story(stack, page)
        _release(story)
        page.draw_into(picture)
        _deploy(story)
        _steer(story)
        summary = _sum_up(stack)
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
    release = _publish(story, OLD)
    story.page.tell(Told(Place.GITHUB, f"{release.repository} {OLD} is published: {', '.join(release.assets)}"))
    _forge(story, release)
    request = _deliver(story, release)
    _follow(story, request)
    _expect_production(story, OLD, 2)
    _show_release(story, release)


def _deploy(story: Story) -> None:
    """Follow a command that brings another release over the first one, more briefly."""
    story.page.chapter(f"3. Slack deploys {NEW} over {OLD}, by swap: {OLD} runs until {NEW} is ready")
    story.words.brief = True
    release = _publish(story, NEW)
    words = f"{release.repository} {NEW} is published, and no webhook is sent: it waits for somebody"
    story.page.tell(Told(Place.GITHUB, words))
    _command(story, f"deploy {NEW} to {ENVIRONMENT}")
    _expect_production(story, NEW, 2)


def _steer(story: Story) -> None:
    """Follow commands about what runs."""
    story.page.chapter(f"4. Slack scales, and goes back to {OLD}, which staging has kept: one more swap")
    _command(story, f"scale {ENVIRONMENT} {ROLE}={MORE}")
    _expect_production(story, NEW, MORE)
    _command(story, f"rollback {ENVIRONMENT}")
    _expect_production(story, OLD, 2)
    refusal = type_in_slack(story, EVE, f"suspend {ENVIRONMENT}")
    story.expect(_REQUEST.search(refusal) is None, "a refusal for somebody who is on no list")
    type_in_slack(story, MONA, "status")
    story.until(lambda event: _is(event, "inquiry.answered"), "the answer to status")


def _publish(story: Story, version: str) -> PublishedRelease:
    """Publish a release with its files."""
    given = assets(version)
    story.words.learn(version, given)
    return story.stack.github.publish(version, given)


def _forge(story: Story, release: PublishedRelease) -> None:
    """Send a delivery whose body was changed after it was signed."""
    headers, body = story.stack.github.sign(release, story.stack.secret)
    story.page.tell(Told(Place.SOMEONE, "sends a delivery whose body was changed after it was signed"))
    answer = story.stack.host.send(headers, body.replace(release.tag.encode(), b"v6.6.6"))
    story.expect(answer.status == 401, f"401 for a forged delivery, not {answer.status}")
    story.until(lambda event: _is(event, "delivery.refused"), "the refusal in the app's log")


def _deliver(story: Story, release: PublishedRelease) -> str:
    """Let GitHub deliver; return the id of the request that it became."""
    delivery: Delivery = story.stack.deliver(release)
    story.page.tell(
        Told(Place.GITHUB, "delivers `release published`, signed with HMAC-SHA256", (f"delivery {delivery.guid}",))
    )
    story.expect(delivery.status == 202, f"202 for {release.tag}, not {delivery.status} {delivery.answer.text}")
    story.expect(len(delivery.requests) == 1, f"one request for {release.tag}")
    return delivery.requests[0]


def _command(story: Story, text: str) -> None:
    """Let mona type a command and follow the request that it becomes, which Slack shows in one message."""
    named = _REQUEST.search(type_in_slack(story, MONA, text))
    if named is None:
        raise story.missing(f"the id of a request in the answer to {text}")
    request = named.group()
    _follow(story, request)
    showing = [message["shown"] for message in story.stack.chat.messages() if request in message["shown"]]
    story.expect(showing == [story.words.message], f"one message about {request} in Slack, and it is the one above")


def _follow(story: Story, request: str) -> Outcome:
    """Tell everything until the request is over and everybody was told. Return the outcome as the ledger has it."""

    def over(event: Event) -> bool:
        return _is(event, "request.told") and isinstance(event, Logged) and event.facts["id"] == request

    story.until(over, f"request {request} over and told")
    row = story.stack.row(request, ENVIRONMENT)
    if row is None or row.outcome is None:
        raise story.missing(f"an outcome in the ledger for {request}")
    return row.outcome


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
    return f"1 release and 3 commands: {len(changes)} operations, {len(calls)} calls of Azure's API."


def _is(event: Event, name: str) -> bool:
    return isinstance(event, Logged) and event.event == name
