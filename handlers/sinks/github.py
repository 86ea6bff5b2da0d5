"""GitHub as a place where people see how a request is going: a deployment, and a block in the release's text.

GitHub has no comments on releases; the block stands in for one. The two parts do not depend on each other: where one
is refused, the other is still shown. A commit has the deployment alone.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from handlers.environments import Environments
from handlers.errors import SinkRefused, Unavailable
from handlers.github_api.client import GitHub
from handlers.github_api.errors import GitHubRefused, wait_for_a_token
from handlers.github_api.releases import MAX_BODY, read_body, write_body
from handlers.logs import line
from handlers.model import DeploymentRequest, Slot
from handlers.sinks import github_deployment
from handlers.sinks.deployed import Deployed, deployed_by, is_shown_on_github
from handlers.sinks.github_takeover import take_over
from handlers.sinks.release_block import is_old, render, upsert
from handlers.telling.report import Report

log = logging.getLogger(__name__)

WRITES = 3
"""How often the block is written when somebody else's edit takes it away at the same moment. Our choice."""

DEPLOYMENT = "deployment"
DEPLOYMENT_REFUSED = "deployment_refused"
BLOCK_REFUSED = "block_refused"
"""Names of references: the deployment's id, and why a part is not shown while the request is going on."""


class GitHubSink:
    """Shows requests on GitHub. Threads may share it."""

    name = "github"

    def __init__(self, github: GitHub, environments: Environments) -> None:
        """Post to `github`; `environments` say which deployments are to production."""
        self._github = github
        self._environments = environments
        self._editing = threading.Lock()

    def concerns(self, request: DeploymentRequest) -> bool:
        """Say whether it deploys a release or a commit, or brings one back: only that has a place on GitHub."""
        return is_shown_on_github(request)

    def post(self, report: Report, references: Mapping[str, str]) -> Mapping[str, str]:
        """Show the report in both parts. A version that is not looked up yet is shown when it is.

        Once it is over, the deployments of what it replaced and of what it brought back say so too.
        While the request is going on, a part that is refused is remembered and left alone; its outcome is tried
        again, and only that refusal is raised, after both parts were tried. Raises Unavailable, SinkRefused.
        """
        deployed = deployed_by(report)
        shown = dict(references)
        delays: list[Unavailable] = []
        for part, refused in ((self._show_deployment, DEPLOYMENT_REFUSED), (self._show_block, BLOCK_REFUSED)):
            if deployed is None or (refused in shown and not report.phase.final):
                continue
            try:
                _part(part, report, deployed, shown, refused)
            except Unavailable as delay:
                delays.append(delay)
        if report.phase.final:
            try:
                self._show_others(report, deployed, shown)
            except Unavailable as delay:
                delays.append(delay)
        if delays:
            raise max(delays, key=lambda delay: delay.retry_after or timedelta(0))
        refusals = [shown[refused] for refused in (DEPLOYMENT_REFUSED, BLOCK_REFUSED) if refused in shown]
        if refusals and report.phase.final:
            raise SinkRefused(" ".join(refusals))
        return shown

    def _show_deployment(self, report: Report, deployed: Deployed, shown: dict[str, str]) -> None:
        known, production = shown.get(DEPLOYMENT), self._is_production(report)
        shown[DEPLOYMENT] = github_deployment.show(self._github, report, deployed, known, production=production)

    def _show_others(self, report: Report, deployed: Deployed | None, shown: Mapping[str, str]) -> None:
        """Show what became of other versions. That is no part of the request, so that a refusal is only logged."""
        own, production = shown.get(DEPLOYMENT), self._is_production(report)
        try:
            take_over(self._github, report, deployed, own, production=production)
        except GitHubRefused as refusal:
            wait_for_a_token(refusal)
            log.warning(line("github.others_kept", id=report.request.id, reason=refusal.reason))

    def _is_production(self, report: Report) -> bool:
        environment = self._environments.get(report.request.environment)
        return environment is not None and environment.slot is Slot.PRODUCTION

    def _show_block(self, report: Report, deployed: Deployed, _shown: dict[str, str]) -> None:
        """Put the block into the release's text, and look whether it stayed.

        GitHub has no conditional write. In this process one edit follows the other; an edit elsewhere that began
        before ours and ends after our look can still take the block away, until the next report brings it back.
        """
        release = deployed.release
        if release is None:
            return
        block = render(report, release)
        with self._editing:
            for _ in range(WRITES):
                body = read_body(self._github, release.repository, release.id)
                wanted = upsert(body, report.request.environment, block)
                if wanted == body or is_old(report, body):
                    return
                if len(wanted) > MAX_BODY:
                    log.warning(line("github.block_left_out", id=report.request.id, characters=len(wanted)))
                    return
                write_body(self._github, release.repository, release.id, wanted)
        raise Unavailable(f"the text of {release.repository} {release.tag} is being edited by somebody else")


Part = Callable[[Report, Deployed, dict[str, str]], None]


def _part(part: Part, report: Report, deployed: Deployed, shown: dict[str, str], refused: str) -> None:
    """Show one part; remember why it was refused, or forget that it was. Raises Unavailable."""
    try:
        part(report, deployed, shown)
    except GitHubRefused as refusal:
        wait_for_a_token(refusal)
        log.warning(line("github.part_refused", id=report.request.id, part=refused, reason=refusal.reason))
        shown[refused] = refusal.reason
    else:
        shown.pop(refused, None)
