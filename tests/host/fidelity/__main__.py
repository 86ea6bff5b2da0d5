"""Compare, and report. Exit code 0 where both sides agree or there is no Python 3.13, 1 otherwise."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.host.fidelity.cases import CASES, INVOCATION_ID
from tests.host.fidelity.host_side import judge

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / ".local" / "fidelity"
"""The environment of the other Python."""
PINS = ("azure-functions-runtime==1.3.0", "azure-functions==2.3.0")
RUNTIME_SIDE = Path(__file__).with_name("runtime_side.py")


def main() -> int:
    """Compare every case; returns the exit code."""
    python = _python_313()
    if python is None:
        _say("fidelity: skipped, because the runtime needs Python 3.13 and none was found (PATH, pyenv).")
        return 0
    runtime_python = _installed(python)
    sys.dont_write_bytecode = True  # cases are written faster than the compiled ones before them grow old
    with TemporaryDirectory(prefix="fidelity-") as folder:
        theirs = _theirs(runtime_python, Path(folder))
        ours = [judge(case, Path(folder)) for case in CASES]
    differences = [
        f"  {case.name}\n    runtime: {_show(their)}\n    local:   {_show(our)}"
        for case, their, our in zip(CASES, theirs, ours, strict=True)
        if _comparable(their) != _comparable(our)
    ]
    for difference in differences:
        _say(difference)
    _say(f"fidelity: {len(CASES) - len(differences)} of {len(CASES)} apps agree with {PINS[0]}")
    return 1 if differences else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the report is what this program is for


def _comparable(verdict: dict[str, Any]) -> dict[str, Any]:
    """Leave out the words of errors."""
    return {name: value for name, value in verdict.items() if name != "why"}


def _show(verdict: dict[str, Any]) -> str:
    return json.dumps(verdict)[:300]


def _theirs(python: Path, folder: Path) -> list[dict[str, Any]]:
    task = {"folder": str(folder), "invocation_id": INVOCATION_ID, "cases": [case.to_json() for case in CASES]}
    # -I: neither this project nor the environment reaches the other Python. -B: as above.
    command = [str(python), "-I", "-B", str(RUNTIME_SIDE)]
    answer = subprocess.run(command, input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=True)
    verdicts: list[dict[str, Any]] = json.loads(answer.stdout)
    return verdicts


def _installed(python: Path) -> Path:
    """Make the environment, once for each set of pins."""
    stamp = HOME / "installed"
    inside = HOME / "bin" / "python"
    if not (inside.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == repr(PINS)):
        shutil.rmtree(HOME, ignore_errors=True)
        subprocess.run([python, "-m", "venv", HOME], check=True)
        subprocess.run([inside, "-m", "pip", "install", "--quiet", *PINS], check=True)
        stamp.write_text(repr(PINS), encoding="utf-8")
    return inside


def _python_313() -> Path | None:
    """Find a Python 3.13 that runs: on PATH, or among those of pyenv."""
    from_pyenv = sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python3"))
    candidates = [sys.executable, shutil.which("python3.13"), *from_pyenv]
    return next((Path(candidate) for candidate in candidates if candidate and _is_313(candidate)), None)


def _is_313(python: str | Path) -> bool:
    script = "import sys; print(sys.version_info[:2] == (3, 13))"
    answer = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == "True"


if __name__ == "__main__":
    sys.exit(main())
