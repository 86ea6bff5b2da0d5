"""What: the commit has to be in an allowed branch or behind an allowed tag, and its checks must have succeeded.

Anything but a clear yes is none. What GitHub says is read in `handlers.github_api`; here it is judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handlers.environments import Environment
from handlers.environments.commits import RequiredCheck
from handlers.model import Goal, RunCommit, RunRelease, RunVersion, UseConfiguration
from handlers.policy.attempt import Entrance
from handlers.policy.reasons import Reason
from handlers.policy.verdict import Ruling

SUCCESS = "success"
"""The one end of a check, and the one state of a status, that lets a commit pass."""


@dataclass(frozen=True)
class Refs:
    """The branches that may contain a commit, and the tags that may point to it: names or patterns."""

    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Name them for people."""
        named = [f"branch {', '.join(self.branches)}"] if self.branches else []
        return " or ".join([*named, *([f"tag {', '.join(self.tags)}"] if self.tags else [])])


ANY_REF = Refs(branches=("*",), tags=("*",))
"""What a commit that nobody has pushed here is held to where an environment says nothing: a fork's commit can be
named by its SHA in the repository that it was forked from, and is in none of its branches."""


@dataclass(frozen=True)
class Found:
    """What GitHub says about where a commit is."""

    ref: str | None
    """The branch or the tag, in words; None where it is in none that was asked."""
    unasked: int = 0
    """How many branches match and were not asked, for there are too many of them."""
    missing: tuple[str, ...] = ()
    """Branches that are named, and that GitHub does not show."""


@dataclass(frozen=True)
class CheckRun:
    """One run of a check. A run that is repeated is a new one with a higher id, or the same one begun again."""

    id: int
    context: str
    """Its name."""
    sha: str
    """The commit that it ran on: 40 hex digits."""
    end: str | None
    """Its conclusion; None while it is on its way or waits for somebody."""
    app_id: int | None = None
    app: str | None = None
    """The app's slug."""


@dataclass(frozen=True)
class CommitStatus:
    """One status that somebody wrote on the commit."""

    id: int
    context: str
    state: str
    """`success`, `pending`, `failure` or `error`."""
    app: str | None = None
    """The slug of the app that wrote it; None where a person did. GitHub does not say an app's id here."""


@dataclass(frozen=True)
class Checks:
    """Everything that was said about one commit."""

    runs: tuple[CheckRun, ...] = ()
    statuses: tuple[CommitStatus, ...] = ()


def brings_a_commit(goal: Goal) -> bool:
    """Say whether a goal lets something in from a repository. What is put away and brought back ran here before."""
    return isinstance(goal, RunRelease | RunVersion | RunCommit | UseConfiguration)


def allowed_refs(entrance: Entrance, environment: Environment) -> Refs | None:
    """Say which branches and tags a commit is held to that came in here, None where it may be anywhere.

    A push and a workflow's run say themselves, signed by GitHub, that the commit is in the repository; whoever makes a
    deployment on GitHub may name any SHA.
    """
    if environment.branches or environment.tags:
        return Refs(environment.branches, environment.tags)
    return ANY_REF if entrance is Entrance.DEPLOYMENT else None


def questions(refs: Refs | None, required: Sequence[RequiredCheck]) -> str | None:
    """Say what is asked about a commit, for people; None where nothing is."""
    asked = [f"whether it is in {refs.words}"] if refs is not None else []
    if required:
        asked.append(f"whether {_named([one.words for one in required])} succeeded")
    return " and ".join(asked) or None


def rule_reach(refs: Refs | None, sha: str, found: Found | None, environment: Environment) -> Ruling:
    """Say whether the commit is where it has to be. `found` is None where nobody was asked."""
    place = environment.name
    if refs is None:
        return Ruling(Reason.ANY_COMMIT, f"{place} has neither branches nor tags: a commit may be anywhere.")
    if found is not None and found.ref is not None:
        return Ruling(Reason.REACHABLE, f"{sha[:7]} is in {found.ref}.")
    beyond = ""
    if found is not None and found.unasked:
        beyond += f" {found.unasked} more branches match and were not looked at: name the branch itself."
    if found is not None and found.missing:
        beyond += f" GitHub shows no branch {', '.join(found.missing)}: check the name and the token."
    if refs is ANY_REF:
        where, helps = "any branch or tag", "Push it there: what is only in a fork is not deployed."
    else:
        where, helps = refs.words, f"Merge it there, or change branches and tags of {place}."
    return Ruling(
        Reason.NOT_REACHABLE,
        f"{sha[:7]} may not be deployed to {place}: it is not in {where} of {environment.repository}.{beyond} {helps}",
    )


def rule_same(before: str | None, sha: str | None, environment: Environment) -> Ruling:
    """Say whether a tag still leads to a commit, and to the one that it led to before."""
    if sha is None:
        return Ruling(Reason.NO_COMMIT, f"The tag is gone, so {environment.name} cannot know which commit it would be.")
    if before is not None and before != sha:
        return Ruling(
            Reason.MOVED,
            f"The tag pointed to {before[:7]} when the work began, and now to {sha[:7]}. Ask again for the right one.",
        )
    return Ruling(Reason.SAME_COMMIT, f"It is {sha[:7]}.")


def rule_checks(required: Sequence[RequiredCheck], sha: str, checks: Checks | None) -> Ruling:
    """Say whether every required check has succeeded on this very commit.

    Where several apps, or a check run and a status, go by a name that no app is required for, all of them must have
    succeeded: anybody who may push can write a status, and it must not stand in for a check that failed. Where an app
    is required, what others say under that name does not count, neither for nor against. Of one app's runs of a name
    the newest counts, of statuses the newest. One that was skipped, or ended neutral, has shown nothing about the
    commit and has not succeeded. `checks` is None where nobody was asked.
    """
    if not required:
        return Ruling(Reason.NO_CHECKS_REQUIRED, "No check is required.")
    ends = {one: list(_ends(one, sha, checks or Checks())) for one in required}
    failed = [
        f"{one.words} ({', '.join(bad)})"
        for one, said in ends.items()
        if (bad := sorted({end for end in said if end is not None and end != SUCCESS}))
    ]
    missing = [one.words for one, said in ends.items() if not said]
    running = [one.words for one, said in ends.items() if None in said]
    if failed:
        return Ruling(
            Reason.CHECK_FAILED,
            f"The {_named(failed)} did not succeed on {sha[:7]}. Repair it or run it again, then ask again.",
        )
    if missing:
        beside = f", and {_named(running)} {_are(running)} still running" if running else ""
        has = "have" if len(missing) > 1 else "has"
        return Ruling(Reason.CHECK_MISSING, f"{_named(missing)} {has} not reported yet{beside}")
    if running:
        return Ruling(Reason.CHECK_RUNNING, f"{_named(running)} {_are(running)} still running")
    return Ruling(Reason.CHECKS_PASSED, f"The {_named([one.words for one in required])} succeeded on {sha[:7]}.")


def _ends(required: RequiredCheck, sha: str, checks: Checks) -> Iterator[str | None]:
    """Yield how the newest run of each app that counts ended, and the newest status; None for one that goes on."""
    newest: dict[int | None, CheckRun] = {}
    for run in checks.runs:
        counts = run.context == required.context and run.sha == sha and _is_by(required, run.app_id, run.app)
        if counts and (run.app_id not in newest or newest[run.app_id].id < run.id):
            newest[run.app_id] = run
    yield from (run.end for run in newest.values())
    statuses = [one for one in checks.statuses if one.context == required.context and _is_by(required, None, one.app)]
    if statuses:
        last = max(statuses, key=lambda one: one.id)
        yield None if last.state == _PENDING else last.state


_PENDING = "pending"


def _is_by(required: RequiredCheck, app_id: int | None, app: str | None) -> bool:
    """Say whether this app's word counts: by its id where one is required, else by its slug."""
    if required.app_id is not None:
        return app_id == required.app_id
    return required.app is None or app == required.app


def _are(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 else "is"


def _named(names: Sequence[str]) -> str:
    return f"check{'s' if len(names) > 1 else ''} {', '.join(names)}"
