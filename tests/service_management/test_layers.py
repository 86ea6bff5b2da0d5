"""What the package imports: nothing of the rest of the app, no Azure library, and no I/O in what is pure."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import handlers.service_management as package

FOLDER = Path(package.__file__).parent
IO = {"client", "transport", "sessions", "sockets", "credentials", "__init__"}
DOES_IO = {"asyncio", "http", "io", "logging", "os", "pathlib", "requests", "socket", "ssl", "subprocess", "tempfile"}
CLOCKS = {"now", "utcnow", "today", "time"}


def _imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_knows_nothing_of_the_rest_of_the_app(module: Path) -> None:
    """The client could be lifted out."""
    ours = {name for name in _imports(module) if name.startswith(("handlers.", "local.", "tests."))}
    assert all(name.startswith("handlers.service_management") for name in ours)


@pytest.mark.parametrize("module", [p for p in sorted(FOLDER.glob("*.py")) if p.stem not in IO], ids=lambda p: p.stem)
def test_a_pure_module_does_no_io(module: Path) -> None:
    """Neither itself nor by importing what does."""
    imports = _imports(module)
    assert not {name.partition(".")[0] for name in imports} & DOES_IO
    assert not {name for name in imports if name.rpartition(".")[2] in IO}


@pytest.mark.parametrize("module", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_reads_the_clock_or_the_environment(module: Path) -> None:
    """Time is an argument; a stopwatch (`time.monotonic`) is no clock."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            assert not isinstance(node.func.value, ast.Name) or node.func.value.id not in {"datetime", "date", "time"}
        assert not (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})


def test_importing_the_client_imports_no_azure_library() -> None:
    """It would make every start slower, and none is used."""
    code = "import sys, handlers.service_management; print([m for m in sys.modules if m.partition('.')[0] == 'azure'])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parents[1]
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("module", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_stays_short(module: Path) -> None:
    """One subject each."""
    assert len(module.read_text().splitlines()) <= 400
