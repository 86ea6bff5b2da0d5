"""What the flows need from the world. `wiring.py` gives them the real things, the tests a world of fakes."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from handlers.audit import Record
from handlers.environments import Environment, Environments
from handlers.ledger import Entry, Telling
from handlers.model import (
    Actor,
    Check,
    Commit,
    DeploymentRequest,
    GitHubPlace,
    Operation,
    OperationStatus,
    Place,
    Release,
    Source,
    Step,
)
from handlers.nights.state import NightRow
from handlers.planning import Situation
from handlers.policy.heads import Head
from handlers.policy.membership import Answer, Question
from handlers.policy.standing import Standing
from handlers.policy.strangers import Stranger
from handlers.policy.what import Checks, Found, Refs
from handlers.telling.report import Report

Clock = Callable[[], datetime]
"""Now, in UTC."""

Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Stored(Generic[Row]):
    """A row as it was read; the ETag lets it be replaced only while nobody else has."""

    row: Row
    etag: str


class Ledger(Protocol):
    """The truth about every request. Every method may raise Unavailable."""

    def open(self, entry: Entry) -> Stored[Entry]:
        """Insert the row if there is none of this key; return the one that is there."""

    def get(self, key: Check) -> Stored[Entry] | None:
        """Return the row, or None."""

    def replace(self, stored: Stored[Entry], entry: Entry) -> Stored[Entry]:
        """Compare and set. Raises LedgerConflict where the row is not `stored` any more."""

    def standing(self, environment: str) -> Stored[Standing]:
        """Return the environment's standing row, made if there is none."""

    def replace_standing(self, environment: str, stored: Stored[Standing], standing: Standing) -> Stored[Standing]:
        """Compare and set. Raises LedgerConflict."""

    def replace_both(
        self, stored: Stored[Entry], entry: Entry, old: Stored[Standing], standing: Standing
    ) -> Stored[Entry]:
        """Compare and set the row and its environment's standing, both or neither. Raises LedgerConflict."""

    def note(self, key: str, record: Record) -> None:
        """Write what changes no row into the audit trail, once for a key. Raises LedgerConflict."""

    def stranger(self, repository_id: int, actor: str) -> Stored[Stranger] | None:
        """Return how somebody was last met in a repository who may read nothing there, or None."""

    def remember_stranger(
        self, repository_id: int, actor: str, stored: Stored[Stranger] | None, stranger: Stranger
    ) -> None:
        """Insert or compare and set. Raises LedgerConflict where it is not `stored` any more."""

    def unfinished(self) -> Iterator[Stored[Entry]]:
        """Yield every row that is not told yet, in no order."""

    def history(self, environment: str, most: int) -> Sequence[Entry]:
        """Return the newest rows of an environment, newest first."""

    def telling(self, key: Check, telling: Telling) -> Stored[Telling]:
        """Insert what a sink was told if there is no such row; return the one that is there."""

    def replace_telling(self, key: Check, stored: Stored[Telling], telling: Telling) -> Stored[Telling]:
        """Compare and set. Raises LedgerConflict."""

    def keep_poison(self, text: str, reason: str, now: datetime) -> None:
        """Keep a message that nobody could work with, for a developer to read. The same text twice is one row."""


class Queue(Protocol):
    """A queue that we put messages on."""

    def put(self, text: str, delay: timedelta = timedelta(0)) -> None:
        """Put a message that shows itself after `delay` (at most 7 days) and never expires. Raises Unavailable."""


class Held(Protocol):
    """A message that was received and is hidden from others for a while."""

    @property
    def text(self) -> str:
        """What was put."""

    def hide(self, delay: timedelta) -> None:
        """Show it again after `delay`. A message that somebody else received meanwhile is theirs: no error."""

    def delete(self) -> None:
        """Take it off the queue. One that is gone already is no error."""


class ReceivingQueue(Queue, Protocol):
    """A queue that we read at our own pace."""

    def receive(self, limit: int, hidden_for: timedelta) -> Sequence[Held]:
        """Return up to `limit` (at most 32) messages that are due, hidden from others for `hidden_for`."""


@dataclass(frozen=True)
class StagedPackage:
    """A package where Azure can fetch it."""

    url: str
    """Read-only, short-lived. Carries a SAS: never logged, never kept."""
    configuration: bytes
    """The .cscfg, exactly as it stands in the release."""

    @property
    def blob(self) -> str:
        """The name of the package in our own container, without what lets somebody read it."""
        return urlsplit(self.url).path.rpartition("/")[2]

    @property
    def configuration_blob(self) -> str:
        """The name of the configuration there."""
        return f"{hashlib.sha256(self.configuration).hexdigest()}.cscfg"


@dataclass(frozen=True)
class Materials:
    """What a step's call carries beside its names."""

    release: Release | None = None
    """The release that the package or the configuration is from."""
    commit: str | None = None
    """The commit that it was built from."""
    package: StagedPackage | None = None
    """For a step that brings a package."""
    configuration: bytes | None = None
    """The .cscfg, for a change to the one of a release."""

    @property
    def contents(self) -> tuple[str, ...]:
        """Name the bytes that are brought: other bytes have other names."""
        if self.package is not None:
            return (self.package.blob, self.package.configuration_blob)
        return (hashlib.sha256(self.configuration).hexdigest(),) if self.configuration is not None else ()


class Packages(Protocol):
    """Carries a release's assets into our own container."""

    def configuration(self, environment: Environment, release: Release) -> bytes:
        """Return the release's .cscfg, checked. Raises PackageUnusable, Unavailable."""

    def stage(self, environment: Environment, release: Release) -> StagedPackage:
        """Bring the package and return it. Doing it again brings nothing twice.

        Raises PackageUnusable where the release has nothing that can be deployed, Unavailable to try later.
        """

    def find(self, environment: Environment, tag: str) -> Release:
        """Look up the published release of a tag in the environment's repository.

        Raises PackageUnusable where there is none, Unavailable.
        """

    def stage_commit(self, environment: Environment, commit: Commit) -> StagedPackage:
        """Return the package that was built from a commit, from where the environment says it lies.

        Raises Unavailable while the package is not there, PackageUnusable where nothing usable lies there.
        """

    def commit_of(self, release: Release) -> str | None:
        """Return the commit behind the release's tag (40 hex digits), None where the tag is gone."""


class PullRequests(Protocol):
    """The pull requests on which commands were given."""

    def head(self, place: GitHubPlace) -> Head:
        """Return where the pull request's branch is at this moment, and since when. Raises Unavailable."""


class Commits(Protocol):
    """What GitHub says about a commit. Every method raises Unavailable where it cannot be asked, or not by us."""

    def find(self, repository: str, sha: str, refs: Refs, hint: str | None) -> Found:
        """Say which of the branches contains a commit, or which of the tags points to it.

        A fork's commit that is in none of them is not found, although GitHub shows it by its SHA. `hint` is the branch
        or tag that is asked first, where it is one of them: the release's tag, the branch of a push.
        """

    def checks(self, repository: str, sha: str, contexts: Sequence[str]) -> Checks:
        """Return every check run and every commit status of these names on this very commit."""


class Nights(Protocol):
    """What the nights remember and keep. Every method may raise Unavailable."""

    def get(self, environment: str) -> Stored[NightRow]:
        """Return the environment's row; an empty one where there is none."""

    def replace(self, stored: Stored[NightRow], row: NightRow) -> Stored[NightRow]:
        """Compare and set. Raises LedgerConflict where the row is not `stored` any more."""

    def asleep(self) -> Iterator[Stored[NightRow]]:
        """Yield the row of every environment that a night has put to sleep, in no order."""

    def keep(self, configuration: bytes) -> str:
        """Keep a .cscfg in our own container; return the blob's name. The same bytes twice are one blob."""

    def kept(self, package: str, configuration: str) -> StagedPackage:
        """Return a package and a configuration by the names of their blobs.

        Raises PackageUnusable where one of them is gone.
        """

    def read_file(self, path: str) -> str:
        """Return a file beside `environments.toml`: a calendar. Raises OSError, UnicodeDecodeError."""


@dataclass(frozen=True)
class Offer:
    """A button below a text, where a chat has buttons. The text names the command too."""

    label: str
    command: str
    """What it stands for, as it would be typed."""
    until: datetime
    """When it means nothing any more: a press is told so from then on."""


class Voice(Protocol):
    """A chat that can be spoken to: where inquiries are answered."""

    def say(self, place: Place, text: str, key: str, offer: Offer | None = None) -> None:
        """Write a text there, laid out in lines of equal width. Outside text in it is as it came.

        `key` is the same when the same answer is written again because the first try got lost.

        Raises Unavailable to try later, SinkRefused where it will never be shown.
        """

    def whisper(self, place: Place, to: Actor, text: str, key: str) -> None:
        """Say something to one person who has pressed a button there.

        Where a chat has no way to do that, it is said for everybody, and names them. Raises what `say` raises.
        """


class Sink(Protocol):
    """A place where people see how a request is going."""

    name: str

    def concerns(self, request: DeploymentRequest) -> bool:
        """Say whether this request is shown there."""

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Show the report, in place of what the references point to; return the references from now on.

        Posting the same report twice shows it once, also where the references of the first time were lost; a report
        whose phase comes before the one that is shown (`Phase.comes_before`) is not shown any more.
        Raises Unavailable to try later, SinkRefused where the place will never show it.
        """


class CloudService(Protocol):
    """One cloud service in Azure, in our words.

    Every method may raise AzureRefused (final) and Unavailable (try later).
    """

    def situation(self) -> Situation:
        """Return what stands in both slots."""

    def take(self, step: Step, request: DeploymentRequest, materials: Materials) -> str:
        """Make the one call of a step that changes something; return its request id.

        Raises AnswerLost where Azure may or may not have acted.
        """

    def operation_status(self, operation: Operation) -> OperationStatus:
        """Ask how an operation stands. AzureRefused with `ResourceNotFound` means that Azure has forgotten it."""

    def find_operation(self, step: Step, since: datetime) -> Operation | None:
        """Look through the subscription's operations for one that this step began after `since`."""


class Directory(Protocol):
    """Whoever knows who counts in a team, a permission or a user group. Asked anew each time, nothing is kept."""

    def stands_for(self, question: Question, environment: Environment) -> Answer:
        """Ask. A permission is one in the environment's repository. Raises Unavailable to ask again later."""


@dataclass(frozen=True)
class Ports:
    """Everything that the flows reach the world through."""

    now: Clock
    environments: Environments
    ledger: Ledger
    requests: Queue
    operations: ReceivingQueue
    notifications: Queue
    poison: Queue
    packages: Packages
    commits: Commits
    cloud_service: Callable[[Environment], CloudService]
    sinks: Sequence[Sink]
    inquiries: Queue
    nights: Nights
    pulls: PullRequests
    voices: Mapping[Source, Voice]
    """By source; one that cannot be spoken to is not in it."""
    directory: Directory
    sweep_after: timedelta
    """A row that nobody has touched for this long past its time is put on a queue again."""
