"""The pull request where somebody commented a command, as a place where people see how it is going.

Each request has one comment, which is edited until it is over. Where its id was lost, it is found again by the marker
at its beginning; at worst, an answer that was lost while GitHub's list was late leaves a second one.
"""

from collections.abc import Mapping

from handlers.environments import Environments
from handlers.errors import SinkRefused
from handlers.github_api import comments
from handlers.github_api.client import GitHub
from handlers.github_api.errors import GitHubRefused, wait_for_a_token
from handlers.model import DeploymentRequest, GitHubPlace, Phase, Retire
from handlers.sinks.card import card_of
from handlers.sinks.github_text import text
from handlers.telling.report import Report

COMMENT = "comment"
PHASE = "phase"
"""Names of references: the comment's id, and the last phase that it shows."""


class GitHubCommentSink:
    """Shows the requests that comments asked for. Threads may share it."""

    name = "github-comment"

    def __init__(self, github: GitHub, environments: Environments) -> None:
        """Write to `github`."""
        self._github = github
        self._environments = environments

    def concerns(self, request: DeploymentRequest) -> bool:
        """Say whether a comment asked for it. Nobody asked for the removal of what a release replaced."""
        return isinstance(request.place, GitHubPlace) and not isinstance(request.goal, Retire)

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Show the report in the request's comment; write it where there is none or somebody has deleted it.

        Raises Unavailable, SinkRefused.
        """
        place, shown = report.request.place, references.get(PHASE)
        if not isinstance(place, GitHubPlace) or (shown is not None and report.phase.comes_before(Phase(shown))):
            return references
        card = card_of(report, self._environments.get(report.request.environment))
        marker = f"<!-- slipway:request:{report.request.id} -->"
        comment = upsert(self._github, place, marker, text(card, place), references.get(COMMENT))
        return {**references, COMMENT: str(comment), PHASE: report.phase.value}


def upsert(github: GitHub, place: GitHubPlace, marker: str, body: str, known: str | None = None) -> int:
    """Write a comment behind a marker, or over the one that is there; return its id.

    `known` is the id from the last time. Raises Unavailable, SinkRefused.
    """
    marked = f"{marker}\n{body}"
    try:
        there = int(known) if known is not None else None
        if there is None:
            there = comments.find(github, place.repository, place.number, marker, place.commented_at)
        if there is not None and comments.edit(github, place.repository, there, marked):
            return there
        return comments.create(github, place.repository, place.number, marked)
    except GitHubRefused as refused:
        wait_for_a_token(refused)
        raise SinkRefused(refused.reason) from refused
