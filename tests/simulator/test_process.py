"""The process: how it starts, what it leaves on disk, how it ends."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.serialization import pkcs12

from local.simulator.certificates import ensure_certificates
from local.simulator.options import read_options
from tests.simulator.api import Api, create_deployment
from tests.simulator.process import ROOT, running_simulator

DEADLINE_SECONDS = 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Name a state folder that does not exist yet."""
    return tmp_path / "state"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a simulator that is expected to end by itself."""
    command = [sys.executable, "-m", "local.simulator", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_without_a_word(folder: Path, number: signal.Signals) -> None:
    """Exit code 0, no traceback, even with a connection open."""
    with running_simulator(folder, "--http") as simulator, requests.Session() as session:
        session.trust_env = False
        session.get(f"{simulator.url}/_simulator/log", timeout=5)
        os.kill(simulator.process.pid, number)
        assert simulator.process.wait(DEADLINE_SECONDS) == 0
    assert "Traceback" not in folder.with_name("state.log").read_text()


def test_one_line_is_printed(folder: Path) -> None:
    """`ready URL subscription=ID`, and nothing after it."""
    identity = "01234567-89ab-cdef-0123-456789abcdef"
    with running_simulator(folder, "--http", "--subscription", identity.upper()) as simulator:
        assert simulator.subscription == identity
        simulator.admin("GET", "state")
        simulator.process.terminate()
        assert simulator.process.stdout is not None
        assert simulator.process.stdout.read() == ""


def test_the_help_says_who_gets_in_and_how_faults_are_written() -> None:
    """With what differs from the real service."""
    words = run("--help").stdout
    assert "handshake fails here and nothing is answered" in words
    assert "`request-id` or `request_id`" in words
    assert "one instance never becomes ready" in words


def test_a_taken_port_is_told_in_a_sentence(folder: Path) -> None:
    """Exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run("--http", "--port", port, "--state", str(folder))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Port {port} is taken. Choose another one with --port, or 0 for a free one.\n"


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--fault", "504", "kind: Input should be '307'"),
        ("--port", "65536", "between 0 and 65535"),
        ("--subscription", "mine", "a GUID with dashes"),
        ("--operation-seconds", "soon", "seconds are a number"),
        ("--instance-seconds", "-1", "between 0 and 86400"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(
    option: str, value: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As argparse does it: exit code 2."""
    with pytest.raises(SystemExit) as ended:
        read_options(["--state", "x", f"{option}={value}"])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_folder_belongs_to_one_simulator(folder: Path) -> None:
    """A second one is told so and changes nothing."""
    with running_simulator(folder, "--http"):
        ended = run("--http", "--port", "0", "--state", str(folder))
    assert ended.returncode == 1
    assert ended.stderr == f"{folder} is the state of a simulator that runs. Choose another --state.\n"


def test_a_service_that_cannot_be_created_is_told_in_a_sentence(folder: Path) -> None:
    """The name is wrong; exit code 1, no traceback."""
    ended = run("--http", "--port", "0", "--state", str(folder), "--service", "_")
    assert ended.returncode == 1
    assert ended.stderr == (
        "The simulator cannot create the services of --service: The hosted service name is invalid.\n"
    )


def test_a_state_of_somebody_else_is_told_in_a_sentence(folder: Path) -> None:
    """It is not overwritten."""
    folder.mkdir()
    (folder / "state.json").write_text('{"subscriptions": 1}')
    ended = run("--http", "--port", "0", "--state", str(folder))
    assert (ended.returncode, "Move it away" in ended.stderr) == (1, True)
    assert (folder / "state.json").read_text() == '{"subscriptions": 1}'


def test_help_explains_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """The grammar is where one looks for it."""
    with pytest.raises(SystemExit):
        read_options(["--help"])
    assert "KIND[:COUNT][@WHERE][,KEY=VALUE]" in capsys.readouterr().out


def test_a_restart_goes_on_where_it_stopped(folder: Path, package_url: str, session: requests.Session) -> None:
    """Subscription, services, deployments and operations are the same, even after a kill."""
    with running_simulator(folder, "--http", "--service", "shop", "--operation-seconds", "0.2") as first:
        api = Api(first, session)
        accepted = api.post("services/hostedservices/shop/deploymentslots/staging", create_deployment(package_url))
        first.process.kill()
        first.process.wait(DEADLINE_SECONDS)
    with running_simulator(folder, "--http", "--service", "shop", "--operation-seconds", "0.2") as second:
        api = Api(second, session)
        assert second.subscription == first.subscription
        assert api.ended(accepted).text("Status") == "Succeeded"
        assert api.get("services/hostedservices/shop/deployments/v1").text("Status") == "Running"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let a simulator make its certificates. The folder."""
    folder = tmp_path_factory.mktemp("made") / "state"
    with running_simulator(folder):
        return folder


@pytest.mark.tls
def test_keys_are_for_their_owner_only(made: Path) -> None:
    """0600 in a folder 0700."""
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o600}


@pytest.mark.tls
def test_certificates_are_kept_over_a_restart(made: Path) -> None:
    """Clients that were told about them go on working."""
    names = ("ca.pem", "server.pem", "management.pem", "management.pfx", "stranger.pem")
    before = [(made / name).read_bytes() for name in names]
    with running_simulator(made):
        assert [(made / name).read_bytes() for name in names] == before


@pytest.mark.tls
def test_a_broken_certificate_is_made_anew(made: Path, tmp_path: Path) -> None:
    """All of them, since they belong together."""
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    (copy / "server.pem").write_text("broken")
    before = (copy / "ca.pem").read_bytes()
    ensure_certificates(copy, datetime.now(UTC))
    assert (copy / "ca.pem").read_bytes() != before


@pytest.mark.tls
def test_certificates_that_end_soon_are_made_anew(made: Path, tmp_path: Path) -> None:
    """A week before."""
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    before = ensure_certificates(copy, datetime.now(UTC)).thumbprint
    assert ensure_certificates(copy, datetime.now(UTC) + timedelta(days=359)).thumbprint != before


@pytest.mark.tls
@pytest.mark.parametrize("password", [None, b""], ids=["none", "empty"])
def test_the_pfx_has_no_password(made: Path, password: bytes | None) -> None:
    """It holds key and certificate."""
    key, certificate, _ = pkcs12.load_key_and_certificates((made / "management.pfx").read_bytes(), password)
    assert key is not None
    assert certificate is not None
