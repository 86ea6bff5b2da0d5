"""Whether the checks that an environment requires have succeeded on a commit. Pure."""

from collections.abc import Iterator, Sequence

from handlers.errors import PackageUnusable, Unavailable
from handlers.github_api.checks import COMPLETED, SUCCESS, CheckRun, CommitStatus

_NEEDS_SOMEBODY = "action_required"
"""A run that is over and waits for a person: it counts as one that goes on."""

_PENDING = "pending"


def require_success(required: Sequence[str], runs: Sequence[CheckRun], statuses: Sequence[CommitStatus]) -> None:
    """Let a commit pass on which every required name has succeeded.

    A name can be a check run's or a commit status's, exactly as it is written. Where several apps, or a check run and
    a status, go by one name, all of them must have succeeded: anybody who may push can write a status, and it must
    not stand in for a check that failed. Of one app's runs of a name the newest counts. A run that was skipped, or
    ended neutral, has shown nothing about the commit and has not succeeded.

    Raises PackageUnusable `CheckFailed` where one ended otherwise, Unavailable while one is missing or goes on.
    """
    failed: list[str] = []
    waiting: list[str] = []
    for name in required:
        ends = [*_ends_of_runs(name, runs), *_ends_of_statuses(name, statuses)]
        bad = sorted({end for end in ends if end is not None and end != SUCCESS})
        if bad:
            failed.append(f"{name} ({', '.join(bad)})")
        elif not ends or None in ends:
            waiting.append(name)
    if failed:
        raise PackageUnusable("CheckFailed", f"The {_named(failed)} did not succeed on this commit.")
    if waiting:
        raise Unavailable(f"waiting for {_named(waiting)}")


def _ends_of_runs(name: str, runs: Sequence[CheckRun]) -> Iterator[str | None]:
    """Yield how each app's newest run ended, None for one that goes on."""
    newest: dict[int | None, CheckRun] = {}
    for run in runs:
        app = run.app.id if run.app else None
        if run.name == name and (app not in newest or newest[app].id < run.id):
            newest[app] = run
    for run in newest.values():
        over = run.status == COMPLETED and run.conclusion != _NEEDS_SOMEBODY
        yield (run.conclusion or "no conclusion") if over else None


def _ends_of_statuses(name: str, statuses: Sequence[CommitStatus]) -> Iterator[str | None]:
    for status in statuses:
        if status.context == name:
            yield None if status.state == _PENDING else status.state


def _named(names: Sequence[str]) -> str:
    return f"check{'s' if len(names) > 1 else ''} {', '.join(names)}"
