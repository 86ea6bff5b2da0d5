"""The fake GitHub as a part."""

import base64
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.processes import Child
from local.stack.answers import Answer, call, session
from local.stack.environments import REPOSITORY
from local.stack.simulator import ROOT


@dataclass(frozen=True)
class PublishedRelease:
    """A release in the fake GitHub."""

    repository: str
    id: int
    tag: str
    url: str
    """Its page for people."""
    assets: Mapping[str, int]
    """Ids by name."""


@dataclass(frozen=True)
class Delivery:
    """A signed delivery, with the answer it got."""

    headers: Mapping[str, str]
    body: bytes
    answer: Answer

    @property
    def status(self) -> int:
        """The HTTP status; 0 where nobody answered."""
        return self.answer.status

    @property
    def guid(self) -> str:
        """GitHub's id of the delivery."""
        return self.headers["X-GitHub-Delivery"]

    @property
    def requests(self) -> tuple[str, ...]:
        """The ids of the deployment requests that it became."""
        return self.answer.requests


class GitHubPart:
    """`python -m local.github`."""

    name = "the fake GitHub"

    def __init__(self, log: Path, port: int, token: str, repositories: Sequence[str]) -> None:
        """Start it; `wait_ready` waits until it answers."""
        words = [word for repository in repositories for word in ("--repository", repository)]
        self._session = session()
        self._token = token
        self.child = Child.start(
            [sys.executable, "-m", "local.github", "--port", str(port), "--token", token, *words],
            name=self.name,
            log=log,
            cwd=ROOT,
        )

    def wait_ready(self) -> None:
        """Wait until it answers. Raises ChildFailed."""
        self.child.wait_ready()

    @cached_property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, also its API's address. Waits until it answers."""
        return self.child.wait_ready().split()[1]

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Make an admin call, `admin("POST", "faults", {"status": 502})`, and return the JSON of its answer."""
        return call(self._session, self.name, method, f"{self.url}/_github/{path}", body)

    def publish(
        self, tag: str, assets: Mapping[str, bytes], *, repository: str = REPOSITORY, **more: object
    ) -> PublishedRelease:
        """Publish a release with these files. `more`: name, body, draft, prerelease."""
        made = self.admin("POST", "releases", {"repository": repository, "tag": tag, "assets": _files(assets), **more})
        ids = {one["name"]: int(one["id"]) for one in made["assets"]}
        return PublishedRelease(repository, int(made["id"]), tag, made["html_url"], ids)

    def deliver(self, release: PublishedRelease, url: str, secret: str, **more: object) -> Delivery:
        """Let GitHub sign a delivery and send it once to `url`. `more`: action, guid, sender (a login)."""
        fields = {"repository": release.repository, "release_id": release.id, "secret": secret, "url": url, **more}
        made = self.admin("POST", "deliveries", fields)
        answer = Answer(int(made["answer"]["status"]), made["answer"]["body"])
        return Delivery(made["headers"], made["body"].encode(), answer)

    def sign(self, release: PublishedRelease, secret: str, **more: object) -> tuple[Mapping[str, str], bytes]:
        """Return headers and body of a delivery that GitHub signs and does not send. `more`: as `deliver`."""
        fields = {"repository": release.repository, "release_id": release.id, "secret": secret, **more}
        made = self.admin("POST", "deliveries", fields)
        return made["headers"], made["body"].encode()

    def fault(self, status: int, **fields: object) -> None:
        """Give the next matching call another answer: method, path, times, headers, body; status 0 hangs up."""
        self.admin("POST", "faults", {"status": status, **fields})

    def ambush(self, release: PublishedRelease, call: int, assets: Mapping[str, bytes], *, after: bool = False) -> None:
        """Let somebody move the release's tag and replace its files, right before or after one call of the API.

        `call` is counted from now on among all calls about the release's repository, from 1.
        """
        fields = {"repository": release.repository, "tag": release.tag, "call": call, "after": after}
        self.admin("POST", "ambushes", {**fields, "assets": _files(assets)})

    def calls_about(self, repository: str) -> int:
        """Count the calls of the API about a repository since somebody began to wait there."""
        return int(self.admin("GET", f"ambushes?repository={repository}")["calls"])

    def calls(self, method: str | None = None, path: str = "") -> list[dict[str, Any]]:
        """Return the calls of its API so far: `method`, `path`, `body`, `status`."""
        seen: list[dict[str, Any]] = self.admin("GET", "log")
        return [one for one in seen if method in {None, one["method"]} and path in one["path"]]

    def deployments(self, release: PublishedRelease) -> list[dict[str, Any]]:
        """Return the deployments of a release's tag as the API gives them, oldest first."""
        found: list[dict[str, Any]] = self.api(f"repos/{release.repository}/deployments")
        return [one for one in reversed(found) if one["ref"] == release.tag]

    def statuses(self, release: PublishedRelease, environment: str) -> list[dict[str, Any]]:
        """Return what the deployment to one environment shows, oldest first: `state`, `description`."""
        return [
            status
            for one in self.deployments(release)
            if one["environment"] == environment
            for status in reversed(self.api(f"repos/{release.repository}/deployments/{one['id']}/statuses"))
        ]

    def text(self, release: PublishedRelease) -> str:
        """Return the release's text, which holds our block."""
        return str(self.api(f"repos/{release.repository}/releases/{release.id}")["body"] or "")

    def api(self, path: str) -> Any:
        """Read from the API as the app does, with its token."""
        headers = {"Authorization": f"Bearer {self._token}"}
        return call(self._session, self.name, "GET", f"{self.url}/{path}", headers=headers)


def _files(assets: Mapping[str, bytes]) -> list[dict[str, str]]:
    return [{"name": name, "content_base64": base64.b64encode(content).decode()} for name, content in assets.items()]
