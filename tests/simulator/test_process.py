"""The process: how it starts, what it leaves on disk, how it ends."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.serialization import pkcs12

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
    "arguments",
    [["--fault", "504"], ["--subscription", "mine"], ["--operation-seconds", "soon"], ["--service", "_"]],
    ids=lambda arguments: arguments[0],
)
def test_wrong_options_are_told_in_a_sentence(folder: Path, arguments: list[str]) -> None:
    """No traceback, an exit code that is not 0."""
    ended = run("--http", "--port", "0", "--state", str(folder), *arguments)
    assert ended.returncode in {1, 2}
    assert ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_state_of_somebody_else_is_told_in_a_sentence(folder: Path) -> None:
    """It is not overwritten."""
    folder.mkdir()
    (folder / "state.json").write_text('{"subscriptions": 1}')
    ended = run("--http", "--port", "0", "--state", str(folder))
    assert (ended.returncode, "Move it away" in ended.stderr) == (1, True)
    assert (folder / "state.json").read_text() == '{"subscriptions": 1}'


def test_help_explains_the_faults() -> None:
    """The grammar is where one looks for it."""
    assert "KIND[:COUNT][@WHERE][,KEY=VALUE]" in run("--help").stdout


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


@pytest.mark.tls
def test_keys_are_for_their_owner_only(folder: Path) -> None:
    """0600 in a folder 0700."""
    with running_simulator(folder):
        pass
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.tls
def test_certificates_are_kept_over_a_restart(folder: Path) -> None:
    """Clients that were told about them go on working."""
    names = ("ca.pem", "server.pem", "management.pem", "management.pfx", "stranger.pem")
    with running_simulator(folder):
        before = [(folder / name).read_bytes() for name in names]
    with running_simulator(folder):
        assert [(folder / name).read_bytes() for name in names] == before


@pytest.mark.tls
@pytest.mark.parametrize("password", [None, b""], ids=["none", "empty"])
def test_the_pfx_has_no_password(folder: Path, password: bytes | None) -> None:
    """It holds key and certificate."""
    with running_simulator(folder):
        pass
    key, certificate, _ = pkcs12.load_key_and_certificates((folder / "management.pfx").read_bytes(), password)
    assert key is not None
    assert certificate is not None
