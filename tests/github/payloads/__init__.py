"""Real deliveries, see README.md."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def read(name: str) -> bytes:
    """Return one payload's bytes, for example `release.published`."""
    return (FOLDER / f"{name}.json").read_bytes()


def load(name: str) -> Any:
    """Return one payload, parsed."""
    return json.loads(read(name))


def names() -> list[str]:
    """Return the names of all of them."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))
