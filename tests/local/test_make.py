"""Make finds a Python, tells what it can do, and passes failures on."""

import re
import sys

import pytest

from tests.local.conftest import ROOT, Clone

TARGETS = ["help", "install", "demo", "serve", "test", "check", "fmt", "bench", "fidelity", "lock", "schemas", "clean"]


@pytest.mark.parametrize("goal", [[], ["help"]], ids=["make", "make-help"])
def test_help_is_an_aligned_list_of_all_targets(clone: Clone, goal: list[str]) -> None:
    """It is what a bare `make` shows."""
    lines = clone.run("make", *goal).stdout.splitlines()
    assert [line.split()[1] for line in lines] == TARGETS
    assert {len(re.match(r"  make \w+ +", line).group()) for line in lines} == {len("  make ") + 11}  # type: ignore[union-attr]


def test_the_documentation_knows_every_target() -> None:
    """In the order of `make help`."""
    text = (ROOT / "docs" / "development.md").read_text()
    assert re.findall(r"^\| (?:`make` or )?`make (\w+)` \|", text, re.MULTILINE) == TARGETS


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("install", "sh local/python.sh -m local.install"),
        ("demo", ".venv/bin/python -m local.demo --fast"),
        ("serve", ".venv/bin/python -m local.demo --serve --fast"),
        ("test", ".venv/bin/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --fast"),
        ("check", "sh local/check.sh"),
        ("bench", ".venv/bin/python -m benchmarks --fast"),
        ("fidelity", ".venv/bin/python -m tests.host.fidelity --fast"),
        ("schemas", ".venv/bin/python -m local.github.schemas --fast"),
    ],
)
def test_a_target_installs_first_and_passes_its_arguments_on(clone: Clone, target: str, command: str) -> None:
    """ARGS is for the program that the target runs."""
    commands = clone.run("make", "-n", target, "ARGS=--fast").stdout.splitlines()
    assert "local.install" in commands[0]
    assert commands[-1].endswith(command)


def test_a_python_that_does_not_run_is_passed_over(clone: Clone) -> None:
    """A version manager's shim may be there and lead nowhere."""
    folder = clone.programs(
        {"python3": "exit 127", "python3.13": "exit 1", "python3.12": f'exec "{sys.executable}" "$@"'}
    )
    result = clone.run("/bin/sh", "local/python.sh", "-c", "print('found')", path=str(folder))
    assert (result.stdout, result.stderr) == ("found\n", "")


def test_without_a_python_one_sentence_says_what_to_do(clone: Clone) -> None:
    """Not the shell's complaints about each candidate."""
    folder = clone.programs({"python3": "exit 127"})
    result = clone.run("/bin/sh", "local/python.sh", path=str(folder))
    assert result.returncode == 1
    assert re.fullmatch(r"No Python 3\.11, 3\.12 or 3\.13 runs here: install one .*\n", result.stderr)


def test_a_named_python_that_will_not_do_is_named_again(clone: Clone) -> None:
    """Another is not taken silently in its place."""
    result = clone.run("make", "install", "PYTHON=/nowhere/python")
    assert result.returncode != 0
    assert result.stderr.startswith("PYTHON=/nowhere/python is not a Python 3.11, 3.12 or 3.13 that runs: name another")


@pytest.mark.parametrize(
    ("check", "test", "succeeds"),
    [(0, 0, True), (1, 0, False), (0, 1, False), (1, 1, False)],
    ids=["all-is-well", "a-check-fails", "a-test-fails", "both-fail"],
)
def test_ci_runs_checks_and_tests_and_fails_where_either_does(
    clone: Clone, check: int, test: int, succeeds: bool
) -> None:
    """The tests run also where a check has failed, and their summary is the last that is written."""
    script = f'echo "$1"; case $1 in check) exit {check};; test) exit {test};; esac'
    folder = clone.programs({"make": script})
    result = clone.run(".ci/run", path=f"{folder}:/usr/bin:/bin")
    assert result.stdout == "check\ntest\n"
    assert (result.returncode == 0) is succeeds


def test_every_check_runs_and_only_failures_speak(clone: Clone) -> None:
    """One failure hides no other."""
    stubs = {"ruff": "echo noise", "mypy": "echo Found 1 error; exit 1", "lint-imports": "echo broken; exit 1"}
    (clone.root / ".venv").mkdir()
    clone.programs(stubs).rename(clone.root / ".venv" / "bin")
    result = clone.run("sh", "local/check.sh")
    assert result.returncode == 1
    assert re.findall(r"^  (\S+.*?) {2,}(\w+)$", result.stdout, re.MULTILINE) == [
        ("ruff check", "ok"),
        ("ruff format", "ok"),
        ("mypy", "failed"),
        ("lint-imports", "failed"),
    ]
    assert "Found 1 error" in result.stdout
    assert "noise" not in result.stdout
    assert result.stderr == "Failed: mypy lint-imports\n"


def test_the_versions_that_are_looked_for_are_those_that_are_accepted() -> None:
    """`local/python.sh` cannot import `local.install.problems`."""
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in (ROOT / "local" / "python.sh").read_text()
