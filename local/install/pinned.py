"""Where things are installed, and whether what stands there is what the repository pins."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements-dev.txt"
NODE_PINS = ROOT / "local" / "node"
"""Holds package.json and package-lock.json (Azurite) and requirements.txt (Node, for machines without one)."""

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCAL = ROOT / ".local"
NODE_HOME = LOCAL / "node"
AZURITE = NODE_HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
NODE_PATH_FILE = NODE_HOME / "node-path"
"""Says which Node runs Azurite: the machine's, or the one in NODE_HOME."""

STAMP = "installed"
"""A file in VENV and in NODE_HOME, written last. It says which pins are installed."""

HALF_MADE = LOCAL / "venv-is-half-made"
"""There while VENV is made and filled. What was interrupted is made again: it may lack files that pip believes in."""


def packages_are_installed() -> bool:
    """Say whether VENV holds the pinned packages, for the Python that runs this."""
    return not HALF_MADE.exists() and VENV_PYTHON.is_file() and read(VENV / STAMP) == packages_key()


def azurite_is_installed() -> bool:
    """Say whether NODE_HOME holds the pinned Azurite, and the Node that runs it is still there."""
    return read(NODE_HOME / STAMP) == node_key() and AZURITE.is_file() and Path(read(NODE_PATH_FILE)).is_file()


def packages_key() -> str:
    """Make the stamp of VENV: the pins and the Python."""
    return key(REQUIREMENTS, words=python_version())


def node_key() -> str:
    """Make the stamp of NODE_HOME: the pins of Azurite and of the Node that may come with it."""
    return key(*(NODE_PINS / name for name in ("package.json", "package-lock.json", "requirements.txt")))


def key(*files: Path, words: str = "") -> str:
    """Make a stamp for the contents of files, and for what else counts."""
    digest = hashlib.sha256(words.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def python_version() -> str:
    """Give the version of the Python that runs this: `3.11`."""
    major, minor = sys.version_info[:2]
    return f"{major}.{minor}"


def read(file: Path) -> str:
    """Read a small file; empty where there is none."""
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
