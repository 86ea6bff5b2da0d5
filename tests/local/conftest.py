"""A copy of what `make install` needs, to be spoiled at will."""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Clone:
    """A fresh clone in a folder of its own, seen from a shell whose HOME is empty."""

    root: Path
    home: Path

    def run(
        self, *command: str | Path, path: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command at the top of the clone; `path` replaces PATH."""
        env = {"PATH": path or os.environ["PATH"], "HOME": str(self.home), **environment}
        words = [str(word) for word in command]
        return subprocess.run(words, cwd=self.root, env=env, capture_output=True, text=True, check=False, timeout=60)

    def install(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the installer with the Python of these tests."""
        return self.run(sys.executable, "-m", "local.install", **environment)

    def ask(self, expression: str) -> str:
        """Evaluate an expression over the installer's modules, in the clone."""
        imports = "from local.install import __main__ as main, pinned, steps"
        return self.run(sys.executable, "-c", f"{imports}; print({expression})").stdout.strip()

    def programs(self, scripts: dict[str, str]) -> Path:
        """Make a folder of shell scripts that stand for programs."""
        folder = self.root / "programs"
        folder.mkdir()
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        return folder

    def make_venv(self) -> None:
        """Make a virtual environment in no time: its pip is the one of these tests."""
        self.run(sys.executable, "-m", "venv", "--without-pip", ".venv")
        site_packages = next((self.root / ".venv" / "lib").glob("*/site-packages"))
        (site_packages / "pip").symlink_to(Path(sysconfig.get_path("purelib"), "pip"))

    def pretend_packages(self) -> None:
        """Let `.venv` look as after an install."""
        (self.root / ".venv" / "installed").write_text(self.ask("pinned.packages_key()"))

    def pretend_azurite(self) -> None:
        """Let `.local/node` look as after an install."""
        home = self.root / ".local" / "node"
        script = home / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
        script.parent.mkdir(parents=True)
        script.touch()
        (home / "node-path").write_text(sys.executable)
        (home / "installed").write_text(self.ask("pinned.node_key()"))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Give a clone in which nothing is installed."""
    root, home = tmp_path / "a clone", tmp_path / "home"
    home.mkdir()
    shutil.copytree(ROOT / "local", root / "local", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / ".ci", root / ".ci")
    for name in ("Makefile", "requirements-dev.txt"):
        shutil.copy(ROOT / name, root)
    return Clone(root, home)
