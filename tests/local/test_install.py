"""The installer finds what is wrong first, does nothing twice and survives being interrupted."""

import fcntl
import json
import subprocess
import sys

import pytest

from local.install.problems import ROOM_MB, failure, python_problem, room_problem
from tests.local.conftest import ROOT, Clone

PIP_OFFLINE = """
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f5745ab4dd0>: Failed to establish a \
new connection: [Errno -2] Name or service not known')': /simple/aiohttp/
ERROR: Could not find a version that satisfies the requirement aiohttp==3.14.5 (from versions: none)
ERROR: No matching distribution found for aiohttp==3.14.5
"""
PIP_CERTIFICATE = """
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed \
certificate (_ssl.c:1020)'))': /aiohttp/
ERROR: No matching distribution found for aiohttp==3.14.5
"""
PIP_HASHES = """
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, \
please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
        Expected sha256 463f9a4bb31b3ec8
             Got        9f2a07e8be30a072
"""
PIP_NO_WHEEL = """
ERROR: Could not find a version that satisfies the requirement lxml==6.0.2 (from versions: none)
ERROR: No matching distribution found for lxml==6.0.2
"""
PIP_FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
NPM_OFFLINE = """
npm error code ENOTFOUND
npm error errno ENOTFOUND
npm error network request to http://me:secret@registry.example/azurite failed, reason: getaddrinfo ENOTFOUND
npm error network In most cases you are behind a proxy or have bad network settings.
"""
NPM_CERTIFICATE = """
npm error code DEPTH_ZERO_SELF_SIGNED_CERT
npm error request to https://registry.example/azurite failed, reason: self-signed certificate
"""
NPM_INTEGRITY = """
npm error code EINTEGRITY
npm error Integrity checksum failed when using sha512: wanted sha512-xp3So0 but got sha512-rp3So0.
"""


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)], ids=str)
def test_a_supported_python_is_no_problem(version: tuple[int, int]) -> None:
    """The pins have wheels for these."""
    assert python_problem(version, "/usr/bin/python3", has_venv=True) is None


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)], ids=str)
def test_another_python_is_named_with_its_version(version: tuple[int, int]) -> None:
    """The sentence says what is needed, what was found and how to name another."""
    problem = python_problem(version, "/usr/bin/python3", has_venv=True) or ""
    assert f"needs Python 3.11, 3.12 or 3.13, and /usr/bin/python3 is 3.{version[1]}" in problem
    assert "make PYTHON=" in problem


def test_a_full_disk_is_told_before_anything_is_written() -> None:
    """How much is left, and how much is needed."""
    assert room_problem(ROOM_MB) is None
    assert (room_problem(12) or "").startswith(f"The disk has 12 MB left and {ROOM_MB} MB are needed: make room")


@pytest.mark.parametrize(
    ("output", "reason", "shown"),
    [
        pytest.param(PIP_OFFLINE, "index cannot be reached: check the network", "Name or service", id="pip-offline"),
        pytest.param(PIP_CERTIFICATE, "name your network's CA file in PIP_CERT", "self-signed", id="pip-certificate"),
        pytest.param(PIP_HASHES, "something else than what is pinned", "tampered", id="pip-hashes"),
        pytest.param(PIP_NO_WHEEL, "no such package for this machine", "found for lxml==6.0.2", id="pip-no-wheel"),
        pytest.param(PIP_FULL, "the disk is full: make room", "No space left", id="pip-disk-full"),
        pytest.param(NPM_OFFLINE, "index cannot be reached: check the network", "ENOTFOUND", id="npm-offline"),
        pytest.param(NPM_CERTIFICATE, "and NODE_EXTRA_CA_CERTS", "self-signed", id="npm-certificate"),
        pytest.param(NPM_INTEGRITY, "something else than what is pinned", "sha512-rp3So0", id="npm-integrity"),
        pytest.param("Error: of a new kind\nand more", "It failed:", "of a new kind", id="unknown"),
        pytest.param("", "It failed:", "did not say why", id="silent"),
    ],
)
def test_a_failure_is_one_sentence_and_one_telling_line(output: str, reason: str, shown: str) -> None:
    """Not the pages that pip and npm write."""
    sentence, line = failure("It", output).split("\n    ")
    assert reason in sentence
    assert shown in line


def test_a_failure_never_shows_a_password() -> None:
    """An index's address may hold one."""
    assert "secret" not in failure("It", NPM_OFFLINE)


def test_without_the_venv_module_it_says_which_package_to_install(clone: Clone) -> None:
    """Debian and Ubuntu ship a Python without it."""
    without = (
        "import runpy, sys; sys.modules['ensurepip'] = None; runpy.run_module('local.install', run_name='__main__')"
    )
    result = clone.run(sys.executable, "-c", without)
    version = ".".join(map(str, sys.version_info[:2]))
    assert result.returncode == 1
    assert f"sudo apt install python{version}-venv" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (clone.root / ".venv").exists()


OFFLINE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": "/dev/null"}
"""An index at which nobody listens."""


def test_offline_it_says_so_in_a_few_lines(clone: Clone) -> None:
    """A sentence, the telling line and where the rest is; the exit code tells make."""
    clone.make_venv()
    clone.pretend_azurite()
    result = clone.install(**OFFLINE)
    assert result.returncode == 1
    sentence, telling, log = result.stderr.splitlines()
    assert sentence.startswith("Installing the Python packages failed, the package index cannot be reached: check the")
    assert "Connection refused" in telling
    assert log.strip() == "All it said is in .local/log/packages.log."


def test_offline_a_working_venv_is_left_as_it_is(clone: Clone) -> None:
    """Where other packages are pinned and cannot be had, the old ones still serve the old pins."""
    clone.make_venv()
    clone.pretend_packages()
    clone.pretend_azurite()
    pins = clone.root / "requirements-dev.txt"
    before = pins.read_text()
    pins.write_text(before.replace("# This", "# THIS", 1))
    assert clone.install(**OFFLINE).returncode == 1
    assert clone.ask("steps.venv_works()") == "True"
    pins.write_text(before)
    assert clone.ask("main.all_is_installed()") == "True"


def test_a_second_run_does_nothing(clone: Clone) -> None:
    """It says nothing either."""
    clone.make_venv()
    clone.pretend_packages()
    clone.pretend_azurite()
    result = clone.install()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        pytest.param("requirements-dev.txt", "lxml==6.0.3", id="other-packages-are-pinned"),
        pytest.param("local/node/package-lock.json", "{}", id="another-Azurite-is-pinned"),
        pytest.param(".local/venv-is-half-made", "", id="an-install-was-interrupted"),
        pytest.param(".venv/installed", "", id="the-packages'-stamp-is-gone"),
        pytest.param(".local/node/installed", "", id="Azurite's-stamp-is-gone"),
        pytest.param(".local/node/node-path", "/nowhere/node", id="the-machine's-Node-is-gone"),
    ],
)
def test_what_changed_since_makes_a_run_due(clone: Clone, file: str, text: str) -> None:
    """A stamp stands for what is pinned, and no longer than that."""
    clone.make_venv()
    clone.pretend_packages()
    clone.pretend_azurite()
    assert clone.ask("main.all_is_installed()") == "True"
    (clone.root / file).write_text(text)
    assert clone.ask("main.all_is_installed()") == "False"


def test_a_venv_without_a_stamp_is_built_upon(clone: Clone) -> None:
    """Somebody's own `.venv` is not thrown away when it works."""
    clone.make_venv()
    assert clone.ask("steps.venv_works()") == "True"


def test_a_venv_whose_filling_was_interrupted_is_made_again(clone: Clone) -> None:
    """A package that pip was killed over looks installed and lacks files."""
    clone.make_venv()
    (clone.root / ".local").mkdir()
    (clone.root / ".local" / "venv-is-half-made").touch()
    assert clone.ask("steps.venv_works()") == "False"


def test_a_venv_whose_python_is_gone_is_made_again(clone: Clone) -> None:
    """An updated system leaves links that lead nowhere."""
    clone.make_venv()
    python = clone.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert clone.ask("steps.venv_works()") == "False"


@pytest.mark.parametrize(
    ("node", "npm", "found"),
    [
        pytest.param("echo 20 /opt/node", "echo 10.8.2", "/opt/node", id="both-run"),
        pytest.param("echo 16 /opt/node", "echo 8.0.0", "None", id="Node-is-too-old"),
        pytest.param("echo 20 /opt/node", "exit 1", "None", id="npm-does-not-run"),
        pytest.param("exit 127", "exit 127", "None", id="only-shims-of-a-version-manager"),
    ],
)
def test_a_node_counts_only_where_it_really_runs(clone: Clone, node: str, npm: str, found: str) -> None:
    """Otherwise one of our own is installed."""
    folder = clone.programs({"node": node, "npm": npm})
    question = "from local.install import steps; print(steps.machine_node())"
    assert clone.run(sys.executable, "-c", question, path=str(folder)).stdout.strip() == found


def test_a_second_installer_waits_for_the_first(clone: Clone) -> None:
    """And finds everything done when its turn comes."""
    clone.make_venv()
    (clone.root / ".local").mkdir()
    with (clone.root / ".local" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-m", "local.install"]
        second = subprocess.Popen(command, cwd=clone.root, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert second.stdout.readline() == "Another `make install` is at work here: waiting for it.\n"
        clone.pretend_packages()
        clone.pretend_azurite()
    assert second.communicate(timeout=60)[0] == ""
    assert second.returncode == 0


def test_the_lock_of_azurite_is_complete() -> None:
    """Every package has its checksum, none an address: they come from whatever registry the machine uses."""
    lock = json.loads((ROOT / "local" / "node" / "package-lock.json").read_text())["packages"]
    packages = {name: package for name, package in lock.items() if name}
    assert lock["node_modules/azurite"]["version"] == "3.35.0"
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
