"""Signing in as a GitHub App, against a server that checks the signature as GitHub does."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from handlers.errors import SettingsWrong, Unavailable
from handlers.github_api import releases
from handlers.github_api.client import GitHub
from handlers.github_api.credentials import GitHubApp
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.transport import Transport
from local.github.repositories import Repository
from local.github.server import FakeGitHub
from tests.github.conftest import REPOSITORY

APP = "12345"


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return its time."""
        return self.now


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    """Make a key, as GitHub would for the app."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: RSAPrivateKey) -> str:
    """Write the key as GitHub gives it out."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    """Write the half that GitHub keeps."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


@pytest.fixture
def app(fake: FakeGitHub, repository: Repository, key: RSAPrivateKey, clock: Clock) -> GitHubApp:
    """Give an app that is installed in the repository."""
    fake.world.clock = clock
    fake.world.install_app(APP, public_pem(key), [repository.full_name])
    return GitHubApp(APP, SecretStr(private_pem(key)), Transport(clock, fake.url), clock)


def test_an_app_gets_a_token_that_works(fake: FakeGitHub, repository: Repository, app: GitHubApp) -> None:
    """From the private key to a release's text."""
    release = fake.world.publish(repository, "v1")
    github = GitHub(Transport(app._clock, fake.url), app)
    releases.write_body(github, REPOSITORY, release.id, "by an app")
    assert release.body == "by an app"


def test_a_token_is_for_one_repository_and_for_what_is_needed(fake: FakeGitHub, app: GitHubApp) -> None:
    """Not for everything that the app may do."""
    app.authorization(REPOSITORY)
    (asked,) = fake.calls("POST", "/access_tokens")
    assert asked["body"] == {
        "repositories": ["shop"],
        "permissions": {
            "contents": "write",
            "deployments": "write",
            "checks": "read",
            "statuses": "read",
            "pull_requests": "write",
            "members": "read",
        },
    }


def test_an_app_that_may_not_read_checks_asks_for_what_it_has(
    fake: FakeGitHub, repository: Repository, key: RSAPrivateKey, clock: Clock
) -> None:
    """It was made for releases alone, and goes on working."""
    fake.world.clock = clock
    has = {"contents": "write", "deployments": "write", "metadata": "read"}
    fake.world.install_app(APP, public_pem(key), [repository.full_name], has)
    GitHubApp(APP, SecretStr(private_pem(key)), Transport(clock, fake.url), clock).authorization(REPOSITORY)
    (asked,) = fake.calls("POST", "/access_tokens")
    assert asked["body"]["permissions"] == {"contents": "write", "deployments": "write"}


def test_a_token_of_any_length_is_taken(app: GitHubApp) -> None:
    """GitHub made them longer once already."""
    assert len(app.authorization(REPOSITORY)) > 400


def test_a_token_is_kept(fake: FakeGitHub, app: GitHubApp) -> None:
    """Whatever the case of the repository's name."""
    assert app.authorization("octo/shop") == app.authorization("Octo/Shop")
    assert len(fake.calls("POST", "/access_tokens")) == 1


@pytest.mark.parametrize(("minutes", "asked"), [(54, 1), (56, 2)], ids=["six minutes left", "four minutes left"])
def test_a_token_is_renewed_before_it_ends(
    fake: FakeGitHub, app: GitHubApp, clock: Clock, minutes: int, asked: int
) -> None:
    """Five minutes before: a download must not end in the middle of a deployment."""
    app.authorization(REPOSITORY)
    clock.now += timedelta(minutes=minutes)
    app.authorization(REPOSITORY)
    assert len(fake.calls("POST", "/access_tokens")) == asked


@pytest.mark.parametrize("ends", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_token_that_ended_long_ago_is_asked_for_anew(fake: FakeGitHub, app: GitHubApp, ends: str) -> None:
    """However long: there is no time before the first one to count back to."""
    fake.fault(201, path="/access_tokens", times=2, body={"token": "t", "expires_at": ends})
    assert [app.authorization(REPOSITORY) for _ in range(2)] == ["Bearer t"] * 2
    assert len(fake.calls("POST", "/access_tokens")) == 2


def test_many_threads_ask_once(fake: FakeGitHub, app: GitHubApp) -> None:
    """The first one asks, the others wait for it."""
    together = threading.Barrier(8)

    def ask() -> str:
        together.wait(10)
        return app.authorization(REPOSITORY)

    with ThreadPoolExecutor(8) as pool:
        tokens = {future.result() for future in [pool.submit(ask) for _ in range(8)]}
    assert len(tokens) == 1
    assert len(fake.calls("POST", "/access_tokens")) == 1


def test_a_token_that_was_revoked_is_replaced_once(
    fake: FakeGitHub, repository: Repository, app: GitHubApp, clock: Clock
) -> None:
    """The call goes through all the same."""
    release = fake.world.publish(repository, "v1", body="hello")
    github = GitHub(Transport(clock, fake.url), app)
    releases.read_body(github, REPOSITORY, release.id)
    fake.world.tokens.clear()
    assert releases.read_body(github, REPOSITORY, release.id) == "hello"
    assert len(fake.calls("POST", "/access_tokens")) == 2


@pytest.mark.parametrize("drift", [timedelta(seconds=55), timedelta(seconds=-50)], ids=["clock ahead", "clock behind"])
def test_a_clock_that_is_a_minute_off_does_not_matter(
    fake: FakeGitHub, app: GitHubApp, clock: Clock, drift: timedelta
) -> None:
    """GitHub refuses tokens from the future, and ones that live longer than ten minutes."""
    github_time = clock.now
    fake.world.clock = lambda: github_time
    clock.now += drift
    assert app.authorization(REPOSITORY).startswith("Bearer ")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda fake: fake.world.app.installations.clear(), "installed in this repository"),
        (lambda fake: fake.world.app.permissions.update(deployments="read"), "Deployments: write"),
        (lambda fake: setattr(fake.world.app, "id", "1"), "Check the app's id and private key"),
    ],
    ids=["not installed", "no permission", "another app"],
)
def test_a_refusal_says_what_to_check(
    fake: FakeGitHub, app: GitHubApp, break_it: Callable[[FakeGitHub], None], words: str
) -> None:
    """And does not hold the token by which the app signed in."""
    assert fake.world.app is not None
    fake.world.app.permissions = dict(fake.world.app.permissions)
    break_it(fake)
    with pytest.raises(GitHubRefused) as refused:
        app.authorization(REPOSITORY)
    assert words in refused.value.reason
    assert "eyJ" not in refused.value.reason


def test_an_answer_without_a_token_is_for_later(fake: FakeGitHub, app: GitHubApp) -> None:
    """Nothing is kept of it."""
    fake.fault(201, path="/access_tokens", body={"token": "", "expires_at": "2099-01-01T00:00:00Z"})
    with pytest.raises(Unavailable):
        app.authorization(REPOSITORY)
    assert app.authorization(REPOSITORY).startswith("Bearer ghs_")


def test_line_breaks_may_be_written_out(key: RSAPrivateKey, transport: Transport, clock: Clock) -> None:
    """A setting is one line; its key is not."""
    one_line = private_pem(key).replace("\n", "\\n")
    GitHubApp(APP, SecretStr(one_line), transport, clock)


@pytest.mark.parametrize("kind", ["nothing", "text", "public", "elliptic"])
def test_what_is_no_key_stops_the_start(kind: str, key: RSAPrivateKey, transport: Transport, clock: Clock) -> None:
    """The message does not repeat it."""
    elliptic = generate_ec_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    pem = {"nothing": "", "text": "hunter2", "public": public_pem(key), "elliptic": elliptic}[kind]
    with pytest.raises(SettingsWrong, match="must be an RSA key in PEM form") as refused:
        GitHubApp(APP, SecretStr(pem), transport, clock)
    assert "hunter2" not in str(refused.value)


def test_the_key_and_the_token_do_not_show(app: GitHubApp) -> None:
    """Not when somebody prints what holds them."""
    app.authorization(REPOSITORY)
    assert "ghs_" not in repr(vars(app))
    assert "PRIVATE KEY" not in repr(vars(app))
