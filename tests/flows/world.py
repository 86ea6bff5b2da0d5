"""The world of fakes: storage, queues, Azure and a sink that behave, on a clock that the tests move.

Every call that leaves a flow goes through `World.io`, which counts it, so that a test can make the n-th one fail in
each way that it can: before it took effect, after it, or with the death of the process.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import TypeVar

from handlers.answer import answer
from handlers.audit import of_night
from handlers.environments import Environment, Strategy
from handlers.errors import AnswerLost, LedgerConflict, PackageUnusable, Unavailable
from handlers.ledger import Entry, State
from handlers.model import (
    Actor,
    Commit,
    DeploymentRequest,
    GitHubPlace,
    Goal,
    Place,
    Release,
    RequestsMessage,
    Slot,
    Source,
    derive_id,
    release_request,
)
from handlers.nights.state import NightRow
from handlers.poison import keep, keep_inquiry
from handlers.policy.heads import Head
from handlers.policy.membership import Answer, Membership, Question
from handlers.poll import poll
from handlers.ports import Offer, Ports, StagedPackage, Stored
from handlers.queueing.texts import alone
from handlers.submit import submit
from handlers.sweep import sweep
from handlers.tell import tell
from handlers.telling.report import Report
from tests.flows.azure import FakeAzure
from tests.flows.commits import COMMIT, FakeCommits
from tests.flows.ledger import FakeLedger
from tests.flows.queues import FakeQueue, Message

T = TypeVar("T")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

PRODUCTION = Environment(
    name="production",
    subscription="00000000-0000-0000-0000-000000000000",
    cloud_service="contoso-web",
    slot=Slot.PRODUCTION,
    repository="contoso/web",
    release="v*",
    strategy=Strategy.CREATE,
)


def some_release(number: int, tag: str) -> Release:
    """Return a release of the repository that production deploys."""
    return Release(
        repository="contoso/web", repository_id=7, id=number, tag=tag, prerelease=False, url="https://example.com"
    )


class Crash(BaseException):
    """The process dies here."""


class Fault(StrEnum):
    """What happens to one call to the outside."""

    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    AWAY = "away"
    """The call has no effect, and says so."""
    LOST = "lost"
    """The call has its effect, and its answer is lost."""


@dataclass
class FakePackages:
    """Every release has a package, unless the test says otherwise."""

    world: "World"
    trouble: Exception | None = None
    staged: int = 0
    commit: str = COMMIT
    """Where every tag leads; empty: nowhere, they are gone."""
    package: str = "package"
    """What every release has: the name of the blob."""
    configurations: dict[str, bytes] = field(default_factory=dict)
    """What was brought, by the name of the blob."""

    def stage(self, environment: Environment, release: Release) -> StagedPackage:
        """Bring the package."""

        def effect() -> StagedPackage:
            if self.trouble is not None:
                raise self.trouble
            self.staged += 1
            url = f"https://blobs.example/{self.package}?sig=secret"
            return self._keep(StagedPackage(url, b"<ServiceConfiguration/>"))

        return self.world.io("packages.stage", effect)

    def _keep(self, package: StagedPackage) -> StagedPackage:
        self.configurations[package.configuration_blob] = package.configuration
        return package

    def commit_of(self, release: Release) -> str | None:
        """Return a commit."""
        return self.world.io("packages.commit_of", lambda: self.commit or None)

    def find(self, environment: Environment, tag: str) -> Release:
        """Look up a release."""
        return self.world.io("packages.find", lambda: some_release(1, tag))

    def stage_commit(self, environment: Environment, commit: Commit) -> StagedPackage:
        """Bring the package of a commit."""
        staged = StagedPackage(f"https://blobs.example/{self.package}", b"<x/>")
        return self.world.io("packages.stage_commit", lambda: self._keep(staged))

    def configuration(self, environment: Environment, release: Release) -> bytes:
        """Return the configuration alone."""
        return self.world.io("packages.configuration", lambda: b"<ServiceConfiguration/>")


@dataclass
class FakeSink:
    """A place that shows the last report of each request."""

    world: "World"
    name: str = "github"
    shown: dict[str, list[Report]] = field(default_factory=dict)
    trouble: list[Exception] = field(default_factory=list)

    def concerns(self, request: DeploymentRequest) -> bool:
        """Everything is shown here."""
        return True

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Show a report; the same twice in a row shows once."""

        def effect() -> Mapping[str, str]:
            if self.trouble:
                raise self.trouble.pop(0)
            reports = self.shown.setdefault(report.request.id, [])
            if not reports or not (
                reports[-1].fingerprint == report.fingerprint or report.phase.comes_before(reports[-1].phase)
            ):
                reports.append(report)
            return {"post": report.request.id}

        return self.world.io("sink.post", effect)

    def phases(self, request: DeploymentRequest) -> list[str]:
        """Return the phases that a reader saw, in order, each change once."""
        seen: list[str] = []
        for report in self.shown.get(request.id, []):
            if not seen or seen[-1] != report.phase:
                seen.append(str(report.phase))
        return seen


@dataclass
class FakeVoice:
    """A chat that remembers what was said."""

    world: "World"
    said: list[str] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    whispered: list[tuple[str, str]] = field(default_factory=list)
    """To whom, and what."""
    keys: list[str] = field(default_factory=list)
    """Of what was said. A place that shows what it was told with a key again shows it once."""

    def say(self, place: Place, text: str, key: str, offer: Offer | None = None) -> None:
        """Write a text."""

        def effect() -> None:
            if self.trouble:
                raise self.trouble.pop(0)
            self.said.append(text)
            self.keys.append(key)
            self.offers += [offer] if offer is not None else []

        self.world.io("voice.say", effect)

    def whisper(self, place: Place, to: Actor, text: str, key: str) -> None:
        """Say something to one person."""

        def effect() -> None:
            if self.trouble:
                raise self.trouble.pop(0)
            self.whispered.append((to.name, text))

        self.world.io("voice.whisper", effect)


@dataclass
class FakePulls:
    """Pull requests of one repository, all about one branch whose head the test moves."""

    world: "World"
    sha: str = "a" * 40
    since: datetime | None = START - timedelta(hours=1)
    repository_id: int = 7
    open: bool = True
    from_a_fork: bool = False

    def push(self, sha: str) -> None:
        """Let the branch come to another commit, now."""
        self.sha, self.since = sha, self.world.clock

    def head(self, place: GitHubPlace) -> Head:
        """Return where the branch is."""

        def effect() -> Head:
            url = f"https://example.com/commit/{self.sha}"
            commit = Commit(
                repository="contoso/web", repository_id=self.repository_id, sha=self.sha, branch="feature", url=url
            )
            return Head(commit, self.open, self.from_a_fork, self.since)

        return self.world.io("pulls.head", effect)


@dataclass
class FakeNights:
    """What the nights remember and keep."""

    world: "World"
    rows: dict[str, Stored[NightRow]] = field(default_factory=dict)
    configurations: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    _etags: Iterator[int] = field(default_factory=count)

    def get(self, environment: str) -> Stored[NightRow]:
        """Return the row."""
        none_yet = Stored(NightRow(environment=environment), "")
        return self.world.io("nights.get", lambda: self.rows.get(environment, none_yet))

    def replace(self, stored: Stored[NightRow], row: NightRow) -> Stored[NightRow]:
        """Compare and set."""

        def effect() -> Stored[NightRow]:
            there = self.rows.get(row.environment)
            if (there.etag if there is not None else "") != stored.etag:
                raise LedgerConflict("night")
            record = of_night(stored.row, row)
            self.world.ledger.audit += [record] if record is not None else []
            self.rows[row.environment] = Stored(row, str(next(self._etags)))
            return self.rows[row.environment]

        return self.world.io("nights.replace", effect)

    def asleep(self) -> Iterator[Stored[NightRow]]:
        """Yield what sleeps."""
        rows = self.world.io("nights.asleep", lambda: list(self.rows.values()))
        return iter([stored for stored in rows if stored.row.snapshot is not None])

    def keep(self, configuration: bytes) -> str:
        """Keep a configuration."""

        def effect() -> str:
            name = f"{len(self.configurations)}.cscfg"
            self.configurations[name] = configuration
            return name

        return self.world.io("nights.keep", effect)

    def kept(self, package: str, configuration: str) -> StagedPackage:
        """Return what was kept."""
        content = self.configurations.get(configuration) or self.world.packages.configurations.get(configuration)
        if content is None:
            raise PackageUnusable("PackageNotKept", "It is gone.")
        return self.world.io("nights.kept", lambda: StagedPackage(f"https://blobs.example/{package}", content))

    def read_file(self, path: str) -> str:
        """Return a calendar."""
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]


@dataclass
class FakeDirectory:
    """Whoever knows who counts in what: nobody in anything, but for what the test says."""

    world: "World"
    members: dict[str, set[str]] = field(default_factory=dict)
    """By group, `github-team:contoso/deployers`: ids."""
    away_until: datetime = START
    asks_to_wait: timedelta | None = None
    """What is said meanwhile."""
    silent: str | None = None
    """Why nothing is ever said."""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def stands_for(self, question: Question, environment: Environment) -> Answer:
        """Say what it is now."""

        def effect() -> Answer:
            group, one = str(question.group), question.identity
            self.asked.append((group, one))
            if self.world.clock < self.away_until:
                raise Unavailable("GitHub does not answer", self.asks_to_wait)
            if self.silent is not None:
                return Answer(Membership.UNKNOWN, self.silent)
            if one in self.members.get(group, ()):
                return Answer(Membership.MEMBER, f"{one} counts in it")
            return Answer(Membership.NOT_A_MEMBER, f"{one} is no active member of it")

        return self.world.io("directory.stands_for", effect)


class World:
    """Everything outside the flows, and a host that runs them."""

    def __init__(self, *, faults: Mapping[int, Fault] | None = None, environment: Environment = PRODUCTION) -> None:
        self.clock = START
        self.faults = dict(faults or {})
        self.calls: list[str] = []
        self.outcomes: list[Entry] = []
        self.ledger = FakeLedger(self)
        self.requests = FakeQueue(self, "requests")
        self.operations = FakeQueue(self, "operations")
        self.notifications = FakeQueue(self, "notifications")
        self.poison = FakeQueue(self, "requests-poison")
        self.poison_inquiries = FakeQueue(self, "inquiries-poison")
        self.inquiries = FakeQueue(self, "inquiries")
        self.packages = FakePackages(self)
        self.commits = FakeCommits(self)
        self.azure = FakeAzure(self)
        self.sink = FakeSink(self)
        self.voice = FakeVoice(self)
        self.nights = FakeNights(self)
        self.directory = FakeDirectory(self)
        self.pulls = FakePulls(self)
        self.environments = {"production": environment}
        self.ports = Ports(
            now=lambda: self.clock,
            environments=self.environments,
            ledger=self.ledger,
            requests=self.requests,
            operations=self.operations,
            notifications=self.notifications,
            poison=self.poison,
            packages=self.packages,
            commits=self.commits,
            cloud_service=self.azure,
            sinks=[self.sink],
            inquiries=self.inquiries,
            nights=self.nights,
            pulls=self.pulls,
            voices={Source.SLACK: self.voice, Source.GITHUB: self.voice},
            directory=self.directory,
            sweep_after=timedelta(seconds=120),
        )

    def io(self, what: str, effect: Callable[[], T]) -> T:
        """Do one thing outside, with the fault that the test wants for it."""
        fault = self.faults.get(len(self.calls))
        self.calls.append(what)
        if fault is Fault.DIES_BEFORE:
            raise Crash(what)
        if fault is Fault.AWAY:
            raise Unavailable(f"{what} is away")
        result = effect()
        if fault is Fault.DIES_AFTER:
            raise Crash(what)
        if fault is Fault.LOST and what == "azure.take":
            raise AnswerLost("no answer came")
        if fault is Fault.LOST:
            raise Unavailable(f"{what} gave no answer")
        return result

    def watch(self, entry: Entry) -> None:
        """Remember every outcome that was written."""
        if entry.state is State.DONE and (not self.outcomes or self.outcomes[-1].outcome != entry.outcome):
            self.outcomes.append(entry)

    def release(self, number: int = 1, tag: str = "v1.4.2") -> DeploymentRequest:
        """Return the request for a release."""
        release = some_release(number, tag)
        actor = Actor(source=Source.GITHUB, id="1", name="mona")
        return release_request(release, "production", actor, "guid", self.clock)

    def request(self, goal: Goal, number: int = 1) -> DeploymentRequest:
        """Return a request for another goal, as a command would make it."""
        made = self.release(number)
        return made.model_copy(update={"id": derive_id(goal.kind, number), "goal": goal})

    def deliver(self, *requests: DeploymentRequest) -> None:
        """Put what one delivery asks for on the queue, as the output binding does."""
        text = RequestsMessage(requests=requests).model_dump_json() if len(requests) > 1 else alone(requests[0])
        self.requests.messages.append(Message(text, self.clock))

    def row(self, request: DeploymentRequest) -> Entry:
        """Return a request's row."""
        return self.ledger.entries[request.environment, request.id].row

    def run(self, until: timedelta = timedelta(hours=6)) -> None:
        """Run the host until nothing is left to do, at most for so long on the world's clock.

        Seconds in which nothing can happen are skipped.
        """
        end = self.clock + until
        while self.clock < end and self._busy():
            self._trigger(self.requests, submit)
            self._trigger(self.notifications, tell)
            self._trigger(self.poison, keep)
            self._trigger(self.inquiries, answer)
            self._trigger(self.poison_inquiries, keep_inquiry)
            self.clock = max(self.clock, min(self._next_due(), end))
            seconds = int((self.clock - START).total_seconds())
            if seconds % 10 == 0:
                self._guarded(lambda: poll(self.ports))
            if seconds % 60 == 30:
                self._guarded(lambda: sweep(self.ports))
            self.clock += timedelta(seconds=1)

    def _next_due(self) -> datetime:
        """Return when the next message shows itself or the next sweep is due, whichever is first."""
        shown = [message.visible_at for queue in self._queues() for message in queue.messages]
        into_the_minute = int((self.clock - START).total_seconds()) % 60
        sweep_at = self.clock + timedelta(seconds=(30 - into_the_minute) % 60)
        return min([*shown, sweep_at])

    def _busy(self) -> bool:
        rows = self.ledger.entries.values()
        return any(queue.messages for queue in self._queues()) or any(one.row.state is not State.TOLD for one in rows)

    def _queues(self) -> tuple[FakeQueue, ...]:
        poison = (self.poison, self.poison_inquiries)
        return (self.requests, self.operations, self.notifications, self.inquiries, *poison)

    def _trigger(self, queue: FakeQueue, function: Callable[[str, Ports], None]) -> None:
        """Run a queue function as the host does: 10 min hidden, five tries, then poison."""
        for message in queue.due():
            message.dequeued += 1
            message.visible_at = self.clock + timedelta(minutes=10)
            try:
                function(message.text, self.ports)
            except Crash:
                continue
            except Exception:  # noqa: BLE001 - the host catches everything
                message.visible_at = self.clock + timedelta(seconds=10)
                if message.dequeued >= 5:
                    queue.messages.remove(message)
                    poison = self.poison_inquiries if queue is self.inquiries else self.poison
                    poison.messages.append(Message(message.text, self.clock))
                continue
            queue.messages.remove(message)

    def _guarded(self, tick: Callable[[], None]) -> None:
        try:
            tick()
        except (Crash, Unavailable):
            return
