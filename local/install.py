"""Installs what the project needs beside Python and make."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_HOME = ROOT / ".local" / "node"
AZURITE = NODE_HOME / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
NODE_PATH_FILE = NODE_HOME / "node-path"
