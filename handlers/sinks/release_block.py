"""The block in a release's text that says how its deployment to one environment went. Pure.

It stands between two comments that are not shown. Everything outside them belongs to the release's author and is
kept byte for byte; each environment has a block of its own.
"""

import re
from datetime import UTC, datetime

from handlers.model import Phase, Release
from handlers.model.durations import in_words
from handlers.sinks.markdown import code
from handlers.telling.report import Report

MAX_TAG = 255
MAX_MESSAGE = 500
"""Characters that are shown. Our choice: Azure's longest recorded message has some 400."""

_RESULTS = {
    Phase.QUEUED: "accepted",
    Phase.IN_PROGRESS: "in progress",
    Phase.SUCCESS: "success",
    Phase.FAILURE: "failure",
    Phase.ERROR: "error: stopped trying, see the message",
}

_ROW = re.compile(r"^\| (\w+) \| (.*) \|\r?$", re.MULTILINE)


def render(report: Report, release: Release) -> str:
    """Write the block for a report about a release, with its markers.

    What changes from check to check is left out until the end, so that the release is not edited for each.
    """
    request, outcome = report.request, report.outcome
    rows = [
        ("Result", _RESULTS[report.phase]),
        ("Version", code(release.tag, MAX_TAG)),
        ("Accepted", instant(request.accepted_at)),
        ("Duration", None if report.took is None else in_words(report.took)),
        ("Request", code(request.id, MAX_TAG)),
        ("Operation", None if report.azure_id is None else code(report.azure_id, MAX_TAG)),
        ("Error", None if outcome is None or outcome.code is None else code(outcome.code, MAX_TAG)),
        ("Message", None if outcome is None else code(outcome.message, MAX_MESSAGE)),
    ]
    begin, end = markers(request.environment)
    lines = [f"| Environment | {code(request.environment, MAX_TAG)} |", "| :-- | :-- |"]
    lines += [f"| {name} | {value} |" for name, value in rows if value is not None]
    return "\n".join([begin, "", *lines, "", end])


def upsert(body: str, environment: str, block: str) -> str:
    """Put the block in place of the environment's old one, or behind everything else."""
    span = _find(body, environment)
    if span is not None:
        start, stop = span
        return body[:start] + block + body[stop:]
    gap = "" if not body else "" if body.endswith(("\n\n", "\r\n\r\n")) else "\n\n"
    return f"{body}{gap}{block}"


def is_old(report: Report, body: str) -> bool:
    """Say whether the environment's block shows something newer than the report.

    Of one request that is a later phase; of two, the one that was accepted later. A release can be asked for again,
    and then its block begins anew.
    """
    span = _find(body, report.request.environment)
    rows: dict[str, str] = dict(_ROW.findall(body[slice(*span)])) if span is not None else {}
    phase = next((phase for phase, words in _RESULTS.items() if rows.get("Result") == words), None)
    if phase is None:
        return False
    if rows.get("Request") == code(report.request.id, MAX_TAG):
        return report.phase.comes_before(phase)
    # Written largest unit first, so that later is greater.
    return instant(report.request.accepted_at) < rows.get("Accepted", "")


def markers(environment: str) -> tuple[str, str]:
    """Return what a block begins and ends with. An environment's name has no character that could end a comment."""
    return f"<!-- slipway:{environment}:begin -->", f"<!-- slipway:{environment}:end -->"


def instant(at: datetime) -> str:
    """Write an instant for people, in UTC and to the second: `2026-03-01 12:00:00 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _find(body: str, environment: str) -> tuple[int, int] | None:
    """Find the first whole block. A begin without its end is somebody's text and stays."""
    begin, end = markers(environment)
    stop = body.find(end, max(body.find(begin), 0))
    start = body.rfind(begin, 0, stop) if stop >= 0 else -1
    return (start, stop + len(end)) if start >= 0 else None
