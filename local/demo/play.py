"""Plays the main job once: two releases and the way back, each hop as it is seen."""

from datetime import UTC, datetime
from uuid import uuid4

from handlers.model import Actor, DeploymentRequest, Outcome, Rollback, Source, derive_id
from local.demo.events import Event, Holding, Logged
from local.demo.page import Mood, Page, Place, Told
from local.demo.story import Story
from local.demo.watch import version_of
from local.demo.words import shown_block
from local.sample_release import assets
from local.stack import SERVICE, Delivery, PublishedRelease, Stack

OPERATION_S = 0.8
INSTANCE_S = 0.5
"""Seconds. Our choice: long enough to be seen, and the whole demo takes less than 20. In Azure these are minutes."""

ENVIRONMENT = "production"
OLD, NEW = "v1.0.0", "v1.1.0"

NEXT = (
    "",
    "make serve   the same parts until Ctrl-C, with a curl line for your own try",
    "make test    every test",
)

PARTS = {
    "azurite": (Place.STORAGE, "Azurite: queues, ledger, packages"),
    "simulator": (Place.AZURE, "simulator of the Service Management API"),
    "github": (Place.GITHUB, "a GitHub that behaves"),
    "host": (Place.SLIPWAY, "the app, in the local host"),
}
"""What each part of a stack is, by its name there."""


def play(page: Page) -> None:
    """Play it. Raises Missing, PartFailed, ChildFailed, AzuriteMissing."""
    page.title("A GitHub release becomes a running deployment, and the release says so.")
    page.say("Each line: seconds since the start, where it was seen, what was seen there.", Mood.QUIET)
    page.chapter("1. The parts start, all on this machine")
    stack = Stack(
        operation_seconds=OPERATION_S,
        instance_seconds=INSTANCE_S,
        started=lambda name, address: page.tell(part(name, address)),
    )
    with stack:
        story = Story(stack, page)
        _release(story)
        _release_over(story)
        _roll_back(story)
        summary = _sum_up(stack)
    page.chapter(f"Done in {page.seconds:.0f} s; all parts have stopped")
    for line in (*summary, *NEXT):
        page.say(f"  {line}".rstrip())


def part(name: str, address: str) -> Told:
    """Say that a part answers."""
    place, what = PARTS[name]
    return Told(place, f"{address.removesuffix('/devstoreaccount1'):<24} {what}")


def _forge(story: Story, release: PublishedRelease) -> None:
    """Send a delivery whose body was changed after it was signed."""
    headers, body = story.stack.github.sign(release, story.stack.secret)
    story.page.tell(Told(Place.SOMEONE, "sends a delivery whose body was changed after it was signed"))
    answer = story.stack.host.send(headers, body.replace(release.tag.encode(), b"v6.6.6"))
    story.expect(answer.status == 401, f"401 for a forged delivery, not {answer.status}")
    story.until(lambda event: _is(event, "delivery.refused"), "the refusal in the app's log")


def _release(story: Story) -> None:
    """Follow the first release on its whole way."""
    story.page.chapter(f"2. Release {OLD}: from the webhook to the answer on the release")
    release = _publish(story, OLD)
    _forge(story, release)
    request = _deliver(story, release)
    _follow(story, request, release.tag)
    _show_release(story, release)


def _release_over(story: Story) -> None:
    """Follow a release that comes over another one, more briefly."""
    story.page.chapter(f"3. Release {NEW} over {OLD}, by swap: {OLD} runs until {NEW} is ready")
    story.words.brief = True
    request = _deliver(story, _publish(story, NEW))
    _follow(story, request, NEW)


def _roll_back(story: Story) -> None:
    """Ask for what ran before. No entrance of the app says that yet, so the request goes straight on the queue."""
    story.page.chapter(f"4. Back to {OLD}: staging has kept it, so a rollback is one more swap")
    request = DeploymentRequest(
        id=derive_id("demo", "rollback", uuid4().hex),
        environment=ENVIRONMENT,
        goal=Rollback(),
        actor=Actor(source=Source.GITHUB, id="0", name="demo"),
        delivery="demo",
        accepted_at=datetime.now(UTC),
    )
    story.stack.request(request)
    words = "puts a request with the goal Rollback on queue `requests`; chat commands, its entrance, come next"
    story.page.tell(Told(Place.DEMO, words, (f"request {request.id}",)))
    outcome = _follow(story, request.id, OLD)
    story.page.tell(Told(Place.SLIPWAY, outcome.message, mood=Mood.GOOD))


def _publish(story: Story, version: str) -> PublishedRelease:
    """Publish a release with its files."""
    given = assets(version)
    story.words.learn(version, given)
    release = story.stack.github.publish(version, given)
    files = ", ".join(given)
    story.page.tell(Told(Place.GITHUB, f"{release.repository} {release.tag} is published: {files}"))
    return release


def _deliver(story: Story, release: PublishedRelease) -> str:
    """Let GitHub deliver; return the id of the request that it became."""
    delivery: Delivery = story.stack.deliver(release)
    story.page.tell(
        Told(Place.GITHUB, "delivers `release published`, signed with HMAC-SHA256", (f"delivery {delivery.guid}",))
    )
    story.expect(delivery.status == 202, f"202 for {release.tag}, not {delivery.status} {delivery.answer.text}")
    story.expect(len(delivery.requests) == 1, f"one request for {release.tag}")
    return delivery.requests[0]


def _follow(story: Story, request: str, version: str) -> Outcome:
    """Tell everything until the request is over, everybody was told, and production holds the version.

    Return the outcome as the ledger has it.
    """
    held: list[Holding] = []

    def over(event: Event) -> bool:
        held.extend([event] if isinstance(event, Holding) else [])
        return _is(event, "request.told") and isinstance(event, Logged) and event.facts["id"] == request

    story.until(over, f"request {request} over and told")
    story.expect(bool(held) and held[-1].production == version, f"{version} in production")
    row = story.stack.row(request, ENVIRONMENT)
    if row is None or row.outcome is None:
        raise story.missing(f"an outcome in the ledger for {request}")
    story.page.tell(Told(Place.SLIPWAY, f"the ledger says: {row.state}"))
    return row.outcome


def _show_release(story: Story, release: PublishedRelease) -> None:
    """Show what a reader of the release sees."""
    rows = shown_block(story.stack.github.text(release), ENVIRONMENT)
    story.expect(bool(rows), f"a table in the text of {release.tag}")
    story.page.tell(Told(Place.GITHUB, "the text of the release ends with", rows))


def _sum_up(stack: Stack) -> list[str]:
    """Say what has happened and what stands now."""
    calls, operations = stack.simulator.calls(), stack.simulator.operations()
    changes = [one for one in operations if "deployment" in one["call"]]
    slots = {slot: version_of(deployment) for slot, deployment in stack.simulator.slots(SERVICE).items()}
    return [
        f"2 releases and 1 rollback: {len(changes)} operations, {len(calls)} calls of Azure's API.",
        f"At the end {SERVICE} held {slots.get('Production')} in production and {slots.get('Staging')} in staging.",
    ]


def _is(event: Event, name: str) -> bool:
    return isinstance(event, Logged) and event.event == name
