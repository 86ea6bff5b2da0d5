"""The client over real HTTP: what is sent, what comes back, and what each refusal says."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from handlers.errors import SettingsWrong, Unavailable
from handlers.github_api import deployments, releases
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import Nobody, Token
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.transport import Transport
from local.github.assets import Generated, Given
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY, TOKEN

NEW = deployments.NewDeployment(
    ref="v1", environment="production", description="", payload={}, production_environment=True
)


def client(base: str, token: str | None = TOKEN) -> GitHub:
    """Make a client for an address."""
    transport = Transport(lambda: datetime.now(UTC), base)
    return GitHub(transport, Nobody() if token is None else Token(SecretStr(token)))


def test_every_call_says_who_what_and_which_version(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """The headers that GitHub's documentation asks for."""
    release = fake.world.publish(repository, "v1")
    releases.read_body(github, REPOSITORY, release.id)
    headers = fake.calls()[-1]["headers"]
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["user-agent"] == "slipway"


def test_proxies_and_netrc_are_ignored(
    fake: FakeGitHub, repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """Neither may see the token or replace it."""
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="utf-8") as file:  # noqa: PTH123 - a path as text goes into the environment
        file.write("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", netrc)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    release = fake.world.publish(repository, "v1")
    releases.read_body(client(fake.url), REPOSITORY, release.id)
    assert fake.calls()[-1]["headers"]["authorization"] == f"Bearer {TOKEN}"


def test_a_server_of_ones_own_is_reached_below_its_path(fake: FakeGitHub, repository: Repository) -> None:
    """GitHub Enterprise Server has its API at /api/v3."""
    release = fake.world.publish(repository, "v1", body="hello")
    assert releases.read_body(client(f"{fake.url}/api/v3/"), REPOSITORY, release.id) == "hello"
    assert fake.calls()[-1]["path"].startswith("/api/v3/repos/")


@pytest.mark.parametrize(
    "base",
    [
        "http://api.github.com",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "api.github.com",
        "",
        "https://",
        "https://token@api.github.com",
        "https://api.github.com/?x=1",
    ],
)
def test_an_address_that_would_leak_is_refused(base: str) -> None:
    """Plain http only to this machine; the message does not repeat what may hold a secret."""
    with pytest.raises(SettingsWrong, match="must be https://HOST") as refused:
        client(base)
    assert "token" not in str(refused.value)


def test_all_pages_of_assets_are_read(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """A release with 250 assets comes in three pages."""
    assets = [fake.world.asset(f"{number}.zip", Given(b"")) for number in range(250)]
    release = fake.world.publish(repository, "v1", assets)
    found = releases.read_assets(github, REPOSITORY, release.id)
    assert [asset.name for asset in found] == [f"{number}.zip" for number in range(250)]
    assert len(fake.calls("GET", "/assets")) == 3


@pytest.mark.parametrize("tag", ["v1", "release/2026 03#1", "v1%2e", "ünïcode", "v1?x=y&z"])
def test_a_tag_is_found_whatever_stands_in_it(
    github: GitHub, fake: FakeGitHub, repository: Repository, tag: str
) -> None:
    """Every character of it is quoted."""
    fake.world.publish(repository, tag)
    assert releases.commit_of_tag(github, REPOSITORY, tag) == repository.tags[tag]


def test_a_branch_of_the_same_name_is_not_the_tag(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """Somebody who may push a branch must not choose what a tag means."""
    fake.world.publish(repository, "v1")
    repository.branches["v1"] = "b" * 40
    assert releases.commit_of_tag(github, REPOSITORY, "v1") == repository.tags["v1"]


def test_a_tag_that_is_gone_has_no_commit(github: GitHub, repository: Repository) -> None:
    """GitHub answers 422."""
    assert repository.tags == {}
    assert releases.commit_of_tag(github, REPOSITORY, "v1") is None


def test_a_renamed_repository_is_followed_with_the_call(
    github: GitHub, fake: FakeGitHub, repository: Repository
) -> None:
    """GitHub sends reads and writes from the old name to the same host; method and body go along."""
    release = fake.world.publish(repository, "v1")
    fake.world.rename(repository, "octo/store")
    releases.write_body(github, REPOSITORY, release.id, "new")
    assert releases.read_body(github, REPOSITORY, release.id) == "new"


def test_another_host_gets_nothing(fake: FakeGitHub, repository: Repository) -> None:
    """A redirect away from GitHub ends the call, before a token or a body goes there."""
    release = fake.world.publish(repository, "v1")
    elsewhere = fake.url.replace("127.0.0.1", "localhost")
    fake.fault(307, headers={"Location": f"{elsewhere}/repos/{REPOSITORY}/releases/{release.id}"})
    with pytest.raises(Unavailable, match="elsewhere"):
        releases.write_body(client(fake.url), REPOSITORY, release.id, "secret text")
    assert len(fake.calls()) == 1


def test_a_page_on_another_host_is_not_asked_for(fake: FakeGitHub, repository: Repository) -> None:
    """`Link` is followed on GitHub's own host only."""
    files = [fake.world.asset(f"{number}.txt", Given(b"x")) for number in range(releases.FEW)]
    release = fake.world.publish(repository, "v1", files)
    link = {"Link": '<http://localhost:9/next>; rel="next"'}
    fake.fault(200, path="/assets", body=[], headers=link)
    with pytest.raises(Unavailable, match="elsewhere"):
        releases.read_assets(client(fake.url), REPOSITORY, release.id)


def test_going_in_circles_ends(fake: FakeGitHub, repository: Repository) -> None:
    """After five redirects."""
    release = fake.world.publish(repository, "v1")
    fake.fault(302, times=99, headers={"Location": f"/repos/{REPOSITORY}/releases/{release.id}"})
    with pytest.raises(Unavailable, match="in circles"):
        releases.read_body(client(fake.url), REPOSITORY, release.id)
    assert len(fake.calls()) == 5


def test_bytes_come_from_elsewhere_without_the_token(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """The store behind GitHub refuses a second authorization, and has no business with the token."""
    asset = fake.world.asset("shop.cspkg", Generated(3_000_000, seed=4))
    release = fake.world.publish(repository, "v1", [asset])
    (found,) = releases.read_assets(github, REPOSITORY, release.id)
    with releases.download_asset(github, REPOSITORY, found) as pieces:
        content = b"".join(pieces)
    assert content == b"".join(asset.content.blocks())
    (call,) = fake.calls("GET", "/_storage/")
    assert call["host"].startswith("localhost:")
    assert "authorization" not in call["headers"]


def test_bytes_that_come_at_once_are_taken(fake: FakeGitHub, repository: Repository) -> None:
    """GitHub's documentation allows 200 as well as 302."""
    asset = fake.world.asset("shop.cspkg", Given(b"[1]"))
    release = fake.world.publish(repository, "v1", [asset])
    github = client(fake.url)
    (found,) = releases.read_assets(github, REPOSITORY, release.id)
    fake.fault(200, path="/releases/assets/", body=[2])
    with releases.download_asset(github, REPOSITORY, found) as pieces:
        assert b"".join(pieces) == b"[2]"


@pytest.mark.parametrize(
    "target", ["http://example.com/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://10.0.0.1/"]
)
def test_bytes_are_not_fetched_over_plain_http(fake: FakeGitHub, repository: Repository, target: str) -> None:
    """Only https, or this machine when GitHub itself is on it."""
    asset = fake.world.asset("shop.cspkg", Given(b"x"))
    release = fake.world.publish(repository, "v1", [asset])
    github = client(fake.url)
    (found,) = releases.read_assets(github, REPOSITORY, release.id)
    fake.fault(302, path="/releases/assets/", headers={"Location": target})
    with pytest.raises(Unavailable, match="not https"), releases.download_asset(github, REPOSITORY, found):
        pass


def test_a_download_that_breaks_off_is_for_later(github: GitHub, fake: FakeGitHub, repository: Repository) -> None:
    """The length that was promised is missed."""
    asset = fake.world.asset("shop.cspkg", Generated(3_000_000))
    release = fake.world.publish(repository, "v1", [asset])
    fake.world.broken_downloads[asset.id] = 1
    (found,) = releases.read_assets(github, REPOSITORY, release.id)
    with (
        pytest.raises(Unavailable, match="broke off"),
        releases.download_asset(github, REPOSITORY, found) as pieces,
    ):
        list(pieces)


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (403, {"Retry-After": "17"}, {"message": "You have exceeded a secondary rate limit"}, timedelta(seconds=17)),
        (429, {}, {"message": "slow down"}, timedelta(seconds=60)),
        (502, {}, "<html>bad gateway</html>", None),
        (503, {"Retry-After": "9"}, None, timedelta(seconds=9)),
        (0, {}, None, None),
    ],
    ids=["secondary limit", "429", "502", "503", "hangs up"],
)
def test_what_passes_is_for_later(
    fake: FakeGitHub, repository: Repository, status: int, headers: dict[str, str], body: object, wait: timedelta | None
) -> None:
    """Limits, errors of GitHub's own and lost connections; with the wait that was asked for."""
    release = fake.world.publish(repository, "v1")
    fake.fault(status, headers=headers, body=body)
    with pytest.raises(Unavailable) as later:
        releases.read_body(client(fake.url), REPOSITORY, release.id)
    assert later.value.retry_after == wait


def test_an_hours_limit_is_waited_for_until_its_end(fake: FakeGitHub, repository: Repository) -> None:
    """`x-ratelimit-reset` says when."""
    release = fake.world.publish(repository, "v1")
    reset = int(datetime.now(UTC).timestamp()) + 600
    fake.fault(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}, body={})
    with pytest.raises(Unavailable) as later:
        releases.read_body(client(fake.url), REPOSITORY, release.id)
    assert later.value.retry_after is not None
    assert timedelta(seconds=580) < later.value.retry_after <= timedelta(seconds=601)


def test_no_connection_is_for_later_and_its_text_holds_no_address() -> None:
    """The text goes into logs and posts."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        github = client(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(Unavailable) as later:
            releases.read_body(github, REPOSITORY, 1)
    assert str(later.value) == "GitHub does not answer for the release of octo/shop (ConnectionError)"


@pytest.mark.parametrize("body", ["no json", {"body": 5}, [], None], ids=["text", "wrong type", "list", "null"])
def test_an_answer_of_another_shape_is_for_later(fake: FakeGitHub, repository: Repository, body: object) -> None:
    """Something between us and GitHub has answered in its place."""
    release = fake.world.publish(repository, "v1")
    fake.fault(200, body=body)
    with pytest.raises(Unavailable, match="not what it documents"):
        releases.read_body(client(fake.url), REPOSITORY, release.id)


def test_an_endless_answer_is_cut(fake: FakeGitHub) -> None:
    """No answer fills the memory."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
            try:
                for _ in range(64):
                    connection.sendall(b" " * 1024 * 1024)
            except OSError:
                return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with listening, pytest.raises(Unavailable, match="larger than"):
        releases.read_body(client(f"http://127.0.0.1:{listening.getsockname()[1]}"), REPOSITORY, 1)
    thread.join(10)


@pytest.mark.parametrize(
    ("token", "permissions", "status", "words"),
    [
        ("wrong", None, 401, "Bad credentials"),
        (TOKEN, {"contents": "write", "deployments": "read"}, 403, "permission Deployments: write"),
        (None, None, 0, "neither a token nor a GitHub App is configured"),
    ],
    ids=["wrong token", "no permission", "no token"],
)
def test_a_refusal_says_what_to_check(
    fake: FakeGitHub,
    repository: Repository,
    token: str | None,
    permissions: dict[str, str] | None,
    status: int,
    words: str,
) -> None:
    """What was refused, why, and what the owner can do; never the token."""
    fake.world.publish(repository, "v1")
    fake.world.add_token(TOKEN, permissions)
    with pytest.raises(GitHubRefused) as refused:
        deployments.create(client(fake.url, token), REPOSITORY, NEW)
    assert refused.value.status == status
    assert words in refused.value.reason
    assert "a deployment of octo/shop" in refused.value.reason
    assert "ghp_" not in refused.value.reason


def test_without_a_token_nothing_is_written(fake: FakeGitHub, repository: Repository) -> None:
    """Not even tried: GitHub counts refused calls too."""
    with pytest.raises(GitHubRefused):
        deployments.create(client(fake.url, None), REPOSITORY, NEW)
    assert repository.deployments == {}
    assert fake.calls() == []


def test_without_a_token_public_releases_are_read(fake: FakeGitHub, repository: Repository) -> None:
    """Sixty times an hour, says GitHub."""
    release = fake.world.publish(repository, "v1", body="open to all")
    assert releases.read_body(client(fake.url, None), REPOSITORY, release.id) == "open to all"


def test_a_private_repository_looks_absent(fake: FakeGitHub) -> None:
    """GitHub does not tell the two apart, so the sentence names both."""
    private = fake.world.add_repository("octo/private", private=True)
    release = fake.world.publish(private, "v1")
    with pytest.raises(GitHubRefused, match="still has it, and that the token may read it") as refused:
        releases.read_body(client(fake.url, None), "octo/private", release.id)
    assert refused.value.status == 404


def test_a_merge_instead_of_a_deployment_is_refused(fake: FakeGitHub, repository: Repository) -> None:
    """202 means that GitHub merged and created nothing."""
    fake.world.publish(repository, "v1")
    fake.fault(202, method="POST", body={"message": "Auto-merged main into v1 on deployment."})
    with pytest.raises(GitHubRefused, match="created no deployment"):
        deployments.create(client(fake.url), REPOSITORY, NEW)


@pytest.mark.parametrize("repository_name", ["octo/..", "../octo", "octo", "octo//shop", "/shop"])
def test_an_address_is_made_of_two_plain_parts(fake: FakeGitHub, repository_name: str) -> None:
    """No configuration can point the token at another path."""
    with pytest.raises(GitHubRefused):
        releases.read_body(client(fake.url), repository_name, 1)
    assert fake.calls() == []
