"""`python -m local.github.schemas`: cut what the fake needs out of GitHub's description, and write it into github.json.

The description comes in an npm package, some 30 MB, which is not kept. Without options the version that github.json
names is taken again: for a call or a delivery more in wanted.py.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.github.schemas import wanted
from local.github.schemas.extract import DIALECT, DescriptionChanged, extract, write

PACKAGE = "@octokit/openapi"
DESCRIPTION = "package/generated/api.github.com.json"
"""Of github.com; the package has GitHub Enterprise Server's beside it."""

OPENAPI = "3.0."
"""3.1 writes its schemas otherwise."""

HOME = Path(__file__).parent
WRITTEN = HOME / "github.json"
LICENCE = HOME / "LICENSE"


def main(words: Sequence[str] | None = None) -> int:
    """Write github.json and LICENSE. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.github.schemas", description=f"Renews {WRITTEN.name}.")
    parser.add_argument("--version", help=f"of {PACKAGE}, or `latest`; by default the one that is there already")
    parser.add_argument("--package", type=Path, help="the package, where it is here already")
    options = parser.parse_args(words)
    try:
        with tempfile.TemporaryDirectory() as folder:
            package = options.package or _fetch(options.version or _version_here(), Path(folder))
            document, licence = read_package(package)
    except (OSError, KeyError, ValueError, subprocess.SubprocessError, tarfile.TarError, DescriptionChanged) as problem:
        print(f"{WRITTEN.name} stays as it is: {type(problem).__name__}: {problem}", file=sys.stderr)
        return 1
    WRITTEN.write_text(write(document), encoding="utf-8")
    LICENCE.write_text(licence, encoding="utf-8")
    print(f"{WRITTEN.name}: {PACKAGE} {document['source']['version']}, {WRITTEN.stat().st_size // 1000} kB")
    return 0


def read_package(package: Path) -> tuple[dict[str, Any], str]:
    """Return the document and the licence's text. Raises KeyError and DescriptionChanged for what has another shape."""
    with tarfile.open(package) as archive:
        about = json.loads(_member(archive, "package/package.json"))
        description = json.loads(_member(archive, DESCRIPTION))
        licence = _member(archive, "package/LICENSE").decode()
    if not description["openapi"].startswith(OPENAPI):
        raise DescriptionChanged(
            f"the description is OpenAPI {description['openapi']}, and {OPENAPI} is what is read here"
        )
    source = {
        "package": PACKAGE,
        "version": about["version"],
        "licence": about["license"],
        "file": DESCRIPTION.removeprefix("package/"),
        "openapi": description["openapi"],
        "about": "GitHub's REST API and webhooks, cut down by `make schemas`. Not edited by hand.",
    }
    cut = extract(description, wanted.CALLS, wanted.DELIVERIES, wanted.ERRORS)
    return {"$schema": DIALECT, "source": source, **cut}, licence


def _fetch(version: str, folder: Path) -> Path:
    """Let npm fetch the package, as the machine has it set up; it checks the package's hash."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{version}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tgz"))


def _version_here() -> str:
    version: str = json.loads(WRITTEN.read_text(encoding="utf-8"))["source"]["version"]
    return version


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member.read()


if __name__ == "__main__":
    sys.exit(main())
