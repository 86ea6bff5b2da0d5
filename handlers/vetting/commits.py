"""Which commit a request is about, and whether it may be deployed: asked of GitHub, judged by the policy.

It is looked at when the work begins, before anything is brought, and again immediately before the first call.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from handlers.environments import Environment
from handlers.errors import PackageUnusable, Unavailable
from handlers.ledger import Entry, postpone
from handlers.model import Release, RunCommit, RunRelease, RunVersion, UseConfiguration
from handlers.model.durations import in_words
from handlers.outcomes import after_trouble, fail, is_too_late
from handlers.policy import Effect, Reason, Ruling, entrance_of
from handlers.policy.verdict import Verdict
from handlers.policy.what import allowed_refs, brings_a_commit, rule_checks, rule_reach, rule_same
from handlers.ports import Materials, Ports
from handlers.queueing.pacing import GIVE_UP_AFTER, retry_delay

CODES = {
    Reason.NOT_REACHABLE: "CommitNotAllowed",
    Reason.NO_COMMIT: "TagNotFound",
    Reason.MOVED: "TagMoved",
    Reason.NOT_KNOWN: "CommitNotKnown",
    Reason.CHECK_MISSING: "CheckMissing",
    Reason.CHECK_RUNNING: "CheckMissing",
    Reason.CHECK_FAILED: "CheckFailed",
}
"""How a request ends that this rule refuses, or that has waited for it for too long."""


@dataclass(frozen=True)
class Subject:
    """What a request would let in."""

    repository: str
    sha: str | None
    """None where the tag is gone."""
    ref: str | None
    """The tag of a release, the branch or whatever else an event names."""


def is_the_first(entry: Entry) -> bool:
    """Say whether Azure has accepted nothing for this row yet."""
    return entry.operation is None and not entry.taken and entry.undoing is None


def is_looked_at(entry: Entry, environment: Environment) -> bool:
    """Say whether there is anything to ask GitHub before this row's call."""
    if not is_the_first(entry):
        return False
    refs = allowed_refs(entrance_of(entry.request), environment)
    return brings_a_commit(entry.request.goal) and (refs is not None or bool(environment.required_checks))


def vet(entry: Entry, environment: Environment, ports: Ports, prepared: Materials | None = None) -> Entry | None:
    """Say how a row goes on whose commit may not be deployed, or not yet; None where it may.

    `prepared` is what the announced call would carry: its commit has to be the one that is looked at. What Azure has
    accepted something for is not looked at any more, and goes on.
    """
    if not is_looked_at(entry, environment):
        return None
    return _judge(_rulings(entry, environment, ports, prepared), entry, ports)


def vet_commit(sha: str, ref: str | None, entry: Entry, environment: Environment, ports: Ports) -> Entry | None:
    """Say how a row goes on that would let in a commit which stands in Azure already; None where it may.

    It has to be in the environment's own repository. `ref` is the tag or the branch that it came from.
    """
    return _judge(_about(sha, environment.repository, ref, entry, environment, ports), entry, ports)


def _judge(rulings: Iterator[tuple[str | None, Ruling]], entry: Entry, ports: Ports) -> Entry | None:
    """Say how a row goes on that the rules are asked about. They ask others when their rulings are taken.

    Beside each ruling is the commit that it is about, for the audit trail.
    """
    sha: str | None = None
    try:
        asked = tuple(rulings)
        ruling = Verdict(tuple(one for _, one in asked)).deciding
        sha = next((about for about, one in asked if one is ruling), sha)
    except Unavailable as away:
        if not is_too_late(entry, ports.now()):
            return after_trouble(entry, ports.now(), away)
        ruling = Ruling(Reason.NOT_KNOWN, f"GitHub could not be asked whether it may be deployed: {away.reason}")
    except PackageUnusable as unusable:
        return after_trouble(entry, ports.now(), unusable)
    return None if ruling is None else _held_back(entry, ruling, ports.now(), sha)


def require_the_same(entry: Entry, environment: Environment, prepared: Materials, now: datetime) -> Entry | None:
    """End a request that has been announced where its tag leads to another commit by now.

    What others agreed to, and what was looked at, is the commit of the announcement: nothing else is brought for it.
    """
    if entry.commit is None or prepared.release is None:
        return None
    ruling = rule_same(entry.commit, prepared.commit, environment)
    return None if ruling.effect is Effect.PASS else _held_back(entry, ruling, now)


def _rulings(
    entry: Entry, environment: Environment, ports: Ports, prepared: Materials | None
) -> Iterator[tuple[str | None, Ruling]]:
    """Yield what the rule says, as far as there is anything to ask. Raises Unavailable, PackageUnusable."""
    subject = _subject(entry, environment, ports, prepared.release if prepared is not None else None)
    before = prepared.commit if prepared is not None else None
    same = rule_same(before, subject.sha, environment)
    yield subject.sha, same
    if same.effect is not Effect.PASS or subject.sha is None:
        return
    yield from _about(subject.sha, subject.repository, subject.ref, entry, environment, ports)


def _about(
    sha: str, repository: str, ref: str | None, entry: Entry, environment: Environment, ports: Ports
) -> Iterator[tuple[str, Ruling]]:
    """Yield what the rules say about a commit. Raises Unavailable."""
    refs = allowed_refs(entrance_of(entry.request), environment)
    found = None if refs is None else ports.commits.find(repository, sha, refs, ref)
    reach = rule_reach(refs, sha, found, environment)
    yield sha, reach
    required = environment.required_checks
    if reach.effect is Effect.PASS and required:
        checks = ports.commits.checks(repository, sha, [one.context for one in required])
        yield sha, rule_checks(required, sha, checks)


def _subject(entry: Entry, environment: Environment, ports: Ports, release: Release | None) -> Subject:
    """Look up which commit it is now."""
    match entry.request.goal:
        case RunCommit(commit=commit):
            return Subject(commit.repository, commit.sha, commit.branch)
        case RunRelease(release=published):
            release = published
        case RunVersion(tag=tag) | UseConfiguration(tag=tag):
            release = release or entry.release or ports.packages.find(environment, tag)
        case _:
            raise ValueError(f"{entry.request.goal.kind} lets nothing in")
    return Subject(release.repository, ports.packages.commit_of(release), release.tag)


def _held_back(entry: Entry, ruling: Ruling, now: datetime, sha: str | None = None) -> Entry:
    refused = entry.model_copy(update={"commit": entry.commit or sha})
    if ruling.effect is Effect.REFUSE:
        return fail(refused, now, CODES[ruling.reason], ruling.sentence)
    if is_too_late(entry, now):
        sentence = ruling.sentence[:1].upper() + ruling.sentence[1:]
        sentence += f". Gave up after {in_words(GIVE_UP_AFTER)}; nothing was deployed."
        return fail(refused, now, CODES[ruling.reason], sentence)
    return postpone(entry, now, retry_delay(entry.attempts), ruling.sentence)
