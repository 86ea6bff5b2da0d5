"""The fake GitHub: as close to the real one as our tests rely on, and as a program."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from handlers.events import Delivery, ReleasePublished
from handlers.sources.github import GitHubSource
from local.github import deliveries
from local.github.assets import Generated, Given
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from local.processes import Child
from tests.github import payloads
from tests.github.conftest import REPOSITORY, TOKEN

SECRET = "a webhook's secret"
ROOT = Path(__file__).parents[2]
NEWER = {"immutable", "updated_at"}
"""What GitHub has added to releases since the payloads were recorded."""
NEWER_REPOSITORY = {
    *("allow_forking", "custom_properties", "has_discussions", "is_template", "topics", "visibility"),
    "web_commit_signoff_required",
}
"""What GitHub has added to repositories since most payloads were recorded."""


def lower(headers: dict[str, str]) -> dict[str, str]:
    """Write names as the Functions host does."""
    return {name.lower(): value for name, value in headers.items()}


def keys(value: Any) -> Any:
    """Return the names in a payload, level by level, without the values."""
    return {name: keys(member) for name, member in value.items()} if isinstance(value, dict) else None


def test_its_delivery_has_the_shape_of_a_recorded_one(fake: FakeGitHub, repository: Repository) -> None:
    """Every field of a real `release published`, and no other."""
    release = fake.world.publish(repository, "v1")
    built = json.loads(fake.delivery(SECRET, repository, release).body)
    recorded = payloads.load("release.published")
    assert set(built["release"]) - NEWER == set(recorded["release"])
    assert keys(built["release"]["author"]) == keys(recorded["release"]["author"])
    assert set(built["repository"]) - NEWER_REPOSITORY == set(recorded["repository"])
    assert keys(built["repository"]["owner"]) == keys(recorded["repository"]["owner"])
    assert keys(built["sender"]) == keys(recorded["sender"])


def test_its_assets_have_the_documented_shape(fake: FakeGitHub, repository: Repository) -> None:
    """As in the REST documentation's example, which stands in one of the payloads."""
    asset = fake.world.asset("shop.cspkg", Given(b"x"))
    release = fake.world.publish(repository, "v1", [asset])
    built = json.loads(fake.delivery(SECRET, repository, release).body)["release"]["assets"][0]
    assert keys(built) == keys(payloads.load("release.published.with_assets")["release"]["assets"][0])


def test_its_delivery_is_proved_and_read(fake: FakeGitHub, repository: Repository) -> None:
    """The two ends were written apart."""
    release = fake.world.publish(repository, "v1", body="ünïcode \U0001f600")
    delivery = fake.delivery(SECRET, repository, release)
    event = GitHubSource((SECRET,)).read(Delivery("github", lower(delivery.headers), delivery.body), datetime.now(UTC))
    assert isinstance(event, ReleasePublished)
    assert (event.release.id, event.release.repository) == (release.id, REPOSITORY)


def test_its_signature_is_the_published_one() -> None:
    """The vector of GitHub's documentation."""
    vector = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert deliveries.sign("It's a Secret to Everybody", b"Hello, World!") == vector


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_001])
def test_generated_bytes_have_their_size(size: int) -> None:
    """To the byte."""
    assert sum(map(len, Generated(size).blocks())) == size


def call(fake: FakeGitHub, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
    """Call the API with the token."""
    with_token = {"Authorization": f"Bearer {TOKEN}", **headers}
    return requests.request(method, f"{fake.url}{path}", json=body, headers=with_token, timeout=10)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"state": "done"}, "state is not included in the list"),
        ({"state": "success", "description": "x" * 141}, "description is too long (maximum is 140 characters)"),
        ({"state": "success", "log_url": "javascript:1"}, "log_url must use http(s) scheme"),
    ],
)
def test_it_refuses_wrong_statuses(
    fake: FakeGitHub, repository: Repository, fields: dict[str, str], message: str
) -> None:
    """422 with the field."""
    fake.world.publish(repository, "v1")
    body = {"ref": "v1", "required_contexts": [], "auto_merge": False}
    made = call(fake, "POST", f"/repos/{REPOSITORY}/deployments", body).json()
    answer = call(fake, "POST", f"/repos/{REPOSITORY}/deployments/{made['id']}/statuses", fields)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == message


def test_it_makes_earlier_staging_deployments_inactive_by_itself(fake: FakeGitHub, repository: Repository) -> None:
    """And leaves those to production."""
    fake.world.publish(repository, "v1")
    for environment in ("staging", "staging", "production", "production"):
        body = {"ref": "v1", "required_contexts": [], "auto_merge": False, "environment": environment}
        made = call(fake, "POST", f"/repos/{REPOSITORY}/deployments", body).json()
        call(fake, "POST", f"/repos/{REPOSITORY}/deployments/{made['id']}/statuses", {"state": "success"})
    assert [one.state for one in repository.deployments.values()] == ["inactive", "success", "success", "success"]


def test_it_refuses_a_text_that_is_too_long(fake: FakeGitHub, repository: Repository) -> None:
    """125 000 characters."""
    release = fake.world.publish(repository, "v1")
    path = f"/repos/{REPOSITORY}/releases/{release.id}"
    assert call(fake, "PATCH", path, {"body": "x" * 125_000}).status_code == 200
    assert call(fake, "PATCH", path, {"body": "x" * 125_001}).status_code == 422


def test_its_store_refuses_a_token(fake: FakeGitHub, repository: Repository) -> None:
    """As the one behind GitHub does."""
    asset = fake.world.asset("a", Given(b"x"))
    fake.world.publish(repository, "v1", [asset])
    octets = {"Accept": "application/octet-stream"}
    headers = {"Authorization": f"Bearer {TOKEN}", **octets}
    url = f"{fake.url}/repos/{REPOSITORY}/releases/assets/{asset.id}"
    answer = requests.get(url, headers=headers, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert requests.get(answer.headers["Location"], headers=headers, timeout=10).status_code == 400
    assert requests.get(answer.headers["Location"], timeout=10).content == b"x"


def test_a_release_has_a_page(fake: FakeGitHub, repository: Repository) -> None:
    """For who follows the link of a demo; its text is shown as text."""
    release = fake.world.publish(repository, "v1", body="<b>notes</b>")
    page = requests.get(f"{fake.url}/{REPOSITORY}/releases/tag/{release.tag}", timeout=10).text
    assert "&lt;b&gt;notes" in page


class Receiver(BaseHTTPRequestHandler):
    """Takes deliveries as a webhook's address would."""

    received: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        """Keep it and answer 202."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((dict(self.headers.items()), body))
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"accepted")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Give an address for deliveries, and what came there."""
    Receiver.received = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api/hooks/github", Receiver.received
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_as_a_program_it_publishes_and_delivers(
    tmp_path: Path, receiver: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    """All by HTTP, as a demo does it."""
    address, received = receiver
    argv = [sys.executable, "-m", "local.github", "--token", "demo", "--repository", REPOSITORY]
    with Child.start(argv, name="fake GitHub", log=tmp_path / "github.log", cwd=ROOT) as child:
        url = child.wait_ready(20).split()[1]
        release = requests.post(
            f"{url}/_github/releases",
            json={
                "repository": REPOSITORY,
                "tag": "v1",
                "assets": [{"name": "shop.cspkg", "size": 5_000_000}, {"name": "a.cscfg", "text": "<a/>"}],
            },
            timeout=10,
        ).json()
        assert [asset["size"] for asset in release["assets"]] == [5_000_000, 4]
        sent = requests.post(
            f"{url}/_github/deliveries",
            json={"repository": REPOSITORY, "release_id": release["id"], "secret": SECRET, "url": address},
            timeout=20,
        ).json()
        assert sent["answer"] == {"status": 202, "body": "accepted"}
        assert sent["curl"].startswith(f"curl -sS -X POST {address}")
        log = requests.get(f"{url}/_github/log", timeout=10).json()
        assert log == []
    headers, body = received[0]
    event = GitHubSource((SECRET,)).read(Delivery("github", lower(headers), body), datetime.now(UTC))
    assert isinstance(event, ReleasePublished)
    assert event.release.id == release["id"]


def test_its_log_shows_what_was_sent(fake: FakeGitHub, repository: Repository) -> None:
    """Method, path, headers, body and answer."""
    release = fake.world.publish(repository, "v1")
    call(fake, "PATCH", f"/repos/{REPOSITORY}/releases/{release.id}", {"body": "new"})
    (entry,) = requests.get(f"{fake.url}/_github/log", timeout=10).json()
    assert (entry["method"], entry["status"], entry["body"]) == ("PATCH", 200, {"body": "new"})
    assert entry["headers"]["authorization"] == f"Bearer {TOKEN}"
