"""`function_app.py` wires and decides nothing, and the files beside it fit the code."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.settings import environments_file, names, read_settings

ROOT = Path(__file__).resolve().parents[2]
APP = ast.parse((ROOT / "function_app.py").read_text())
DECISIONS = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match, ast.BoolOp, ast.Compare, ast.comprehension)
FUNCTIONS = [node for node in APP.body if isinstance(node, ast.FunctionDef)]

INDEX = """
import json, function_app
print(json.dumps([[f.get_function_name(), [b.get_dict_repr() for b in f.get_bindings()]]
                  for f in function_app.app.get_functions()], default=str))
"""


def index(**environ: str) -> subprocess.CompletedProcess[str]:
    """Index the app in a process of its own, as a host does, with these settings and no others."""
    clean = {name: value for name, value in os.environ.items() if name not in names()}
    return subprocess.run(
        [sys.executable, "-c", INDEX], cwd=ROOT, env={**clean, **environ}, capture_output=True, text=True, check=False
    )


def test_function_app_decides_nothing() -> None:
    """No branch, no loop, no comparison."""
    assert [ast.unparse(node) for node in ast.walk(APP) if isinstance(node, DECISIONS)] == []


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_every_trigger_is_one_statement(function: ast.FunctionDef) -> None:
    """A docstring, and one call into wiring."""
    docstring, statement = function.body
    assert isinstance(docstring, ast.Expr)
    assert ast.unparse(statement).startswith(("wiring.", "return wiring."))


def test_function_app_imports_the_library_and_the_wiring_alone() -> None:
    """Whatever else it needed would be a decision."""
    imports = [ast.unparse(node) for node in APP.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports == ["import azure.functions as func", "from handlers import wiring"]


def test_the_app_indexes_without_any_setting() -> None:
    """Nine functions, each with its trigger."""
    done = index()
    assert done.returncode == 0, done.stderr
    triggers = {
        name: binding["type"]
        for name, bindings in json.loads(done.stdout)
        for binding in bindings
        if binding["type"].endswith("Trigger")
    }
    assert triggers == {
        "receive_delivery": "httpTrigger",
        "submit_request": "queueTrigger",
        "keep_poison": "queueTrigger",
        "keep_poison_inquiry": "queueTrigger",
        "poll_operations": "timerTrigger",
        "tell_outcome": "queueTrigger",
        "answer_inquiry": "queueTrigger",
        "sweep_ledger": "timerTrigger",
        "look_after_nights": "timerTrigger",
    }


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        pytest.param({"SLIPWAY_ENVIRONMENTS": "gone.toml"}, "there is no file gone.toml", id="no such file"),
        pytest.param({"WEBHOOK_MAX_BYTES": "lots"}, "WEBHOOK_MAX_BYTES: must be a whole number", id="number"),
        pytest.param({"WEBHOOK_MAX_BYTES": "1"}, "WEBHOOK_MAX_BYTES: must be 1024 or more", id="too small"),
        pytest.param({"SWEEP_AFTER_SECONDS": "1000000"}, "SWEEP_AFTER_SECONDS: must be 86400 or less", id="too much"),
        pytest.param(
            {"SERVICE_MANAGEMENT_CERTIFICATE": "gone.pem"},
            "SERVICE_MANAGEMENT_CERTIFICATE: there is no file gone.pem",
            id="no certificate",
        ),
        pytest.param(
            {"SERVICE_MANAGEMENT_CA": "gone.pem"}, "SERVICE_MANAGEMENT_CA: there is no file gone.pem", id="no CA"
        ),
        pytest.param({"POLL_SCHEDULE": "* * *"}, "POLL_SCHEDULE: '* * *' is not a schedule: write 5", id="schedule"),
        pytest.param({"GITHUB_API_URL": "github"}, "GITHUB_API_URL: must be an http(s) address", id="no address"),
        pytest.param({"GITHUB_APP_ID": "1"}, "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY", id="half an app"),
    ],
)
def test_a_wrong_setting_stops_the_start(environ: dict[str, str], says: str) -> None:
    """With a sentence that names it."""
    done = index(**environ)
    assert done.returncode != 0
    assert says in done.stderr.splitlines()[-1]


def test_a_source_without_a_secret_is_off_and_the_start_says_so() -> None:
    """Nothing is accepted unproved, and nobody has to guess why."""
    code = "import logging; logging.basicConfig(level='INFO'); import function_app"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert 'source.off source=github reason="no secret is set; its route answers 404"' in done.stderr


def test_a_channel_that_nobody_can_post_to_is_named_at_the_start(tmp_path: Path) -> None:
    """The environment wants news in Slack, and there is no token."""
    text = (ROOT / "environments.sample.toml").read_text() + '\nnotify = { slack = "C1" }\n'
    (tmp_path / "environments.toml").write_text(text)
    code = "import logging; logging.basicConfig(level='INFO'); import function_app"
    environ = {**os.environ, "SLIPWAY_ENVIRONMENTS": str(tmp_path / "environments.toml")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert 'notify.off environment=production source=slack reason="its token is not set"' in done.stderr


def test_the_sample_holds_every_setting_that_is_read() -> None:
    """And no other."""
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())
    assert set(sample["Values"]) == set(names())


def test_the_sample_reads_the_environments_that_were_copied() -> None:
    """`environments.toml`, and not the sample beside it, in which nobody's changes stand."""
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())
    assert environments_file(sample["Values"]) is None
    assert read_settings(sample["Values"]).storage is not None


def test_the_documentation_holds_every_setting_that_is_read() -> None:
    """One row each, and no other."""
    rows = re.findall(r"^\| `([A-Za-z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(names())


def test_the_settings_that_the_host_must_have_are_few() -> None:
    """Whoever comes with an older file of settings has the other schedules all the same."""
    required = set(re.findall(r"%(\w+)%", (ROOT / "function_app.py").read_text()))
    assert required == {"POLL_SCHEDULE"}
    assert '"30 * * * * *"' in index().stdout
    assert '"0 0 * * * *"' in index(SWEEP_SCHEDULE="0 0 * * * *").stdout


def test_host_json_suits_the_flows() -> None:
    """The prefix that the documents name, text as the flows write it, and tries that do not pass in a second."""
    host = json.loads((ROOT / "host.json").read_text())
    queues = host["extensions"]["queues"]
    assert host["version"] == "2.0"
    assert host["extensions"]["http"]["routePrefix"] == "api"
    assert queues["messageEncoding"] == "base64"
    assert queues["maxDequeueCount"] == 5
    assert queues["visibilityTimeout"] == "00:00:10"


def test_the_webhook_path_imports_no_storage_sdk() -> None:
    """What only queues and timers need is not there when the app has been indexed."""
    heavy = ["requests", "lxml", "cryptography", "azure.storage", "azure.data", "azure.identity", "azure.core"]
    code = f"import sys, function_app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
