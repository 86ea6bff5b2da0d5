"""The host as a process: how it starts, why it does not, and how it ends."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import requests

from local.host.__main__ import main
from local.host.banner import banner
from local.processes import Child
from tests.host.conftest import ROOT, App, RunningHost

PING = """
@app.route(route="ping", auth_level="anonymous")
def ping(req: func.HttpRequest) -> str:
    return "pong"
"""

READS = '@app.queue_trigger("m", "que", "C")\ndef f(m): pass'
TICKS = '@app.timer_trigger("t", "0 * * * *")\ndef f(t): pass'


def refusal(app: App, *arguments: str, **environment: str) -> str:
    """Start a host that cannot start, as a process; return the one sentence of its standard error."""
    command = [sys.executable, "-m", "local.host", "--app", str(app.folder), "--port", "0", *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    return sentence(ended.stderr)


def sentence(errors: str) -> str:
    """Find the one sentence in what was written to standard error."""
    [line] = [line for line in errors.splitlines() if line.startswith("cannot run: ")]
    assert "Traceback" not in errors
    return line


@pytest.mark.parametrize(
    ("functions", "host_json", "why"),
    [
        pytest.param("1 / 0", {}, "ZeroDivisionError", id="app that raises"),
        pytest.param("@app.route()\ndef f(req: dict): pass", {}, "function f: parameter req", id="function"),
        pytest.param(PING, {"version": "3"}, 'version must be "2.0"', id="host.json"),
    ],
)
def test_what_is_wrong_ends_the_process_with_a_sentence(
    app: App, functions: str, host_json: dict[str, str], why: str
) -> None:
    """Exit code 1, no traceback, nothing on standard output."""
    assert why in refusal(app.write(functions, host_json))


def test_a_storage_account_that_does_not_answer_ends_the_process_with_a_sentence(app: App) -> None:
    """Before anything runs; the sentence names the connection and does not show it."""
    nobody = "AccountName=a;AccountKey=czNjcmV0;QueueEndpoint=http://127.0.0.1:9/a"
    said = refusal(app.write(READS), C=nobody)
    assert "connection C: queue que cannot be created (ServiceRequestError): start Azurite" in said
    assert "czNjcmV0" not in said


def test_a_host_that_is_ended_as_soon_as_it_is_ready_ends_in_order(app: App) -> None:
    """Whoever waits for its line may end it at once."""
    at_once = (
        "import os, signal, sys\n"
        "import local.host.__main__ as host\n"
        "host._announce = lambda _: os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.exit(host.main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", at_once, "--app", str(app.write(PING).folder), "--port", "0"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 0, ended.stderr


def test_a_taken_port_is_named_with_a_way_out(app: App) -> None:
    """The sentence says which and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = refusal(app.write(PING), "--port", str(port))
    assert f"port {port} on 127.0.0.1 is taken: end the program that has it, or give another --port" in sentence


Refused = Callable[..., str]


@pytest.fixture
def refused(app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Refused]:
    """Start a host that cannot start, in this process; give the sentence."""
    monkeypatch.setattr(os, "environ", {name: os.environ[name] for name in os.environ if name != "AzureWebJobsStorage"})
    monkeypatch.chdir(ROOT)
    root = logging.getLogger()
    kept = root.handlers[:], root.level

    def start(*arguments: str, **environment: str) -> str:
        os.environ.update(environment)
        assert main(["--app", str(app.folder), "--port", "0", *arguments]) == 1
        output = capsys.readouterr()
        assert output.out == ""
        return sentence(output.err)

    yield start
    root.handlers[:] = kept[0]
    root.setLevel(kept[1])
    sys.modules.pop("function_app", None)
    sys.path[:] = [entry for entry in sys.path if entry != str(app.folder)]


@pytest.mark.parametrize(
    ("functions", "environment", "why"),
    [
        pytest.param(TICKS.replace("0 * * * *", "x"), {}, "'x' is not a schedule", id="schedule"),
        pytest.param(READS.replace('"que"', '"%Q%"'), {}, "%Q% names no setting", id="expression"),
        pytest.param(READS, {}, "connection C is not set", id="connection"),
        pytest.param(TICKS, {}, "connection AzureWebJobsStorage is not set", id="storage of timers"),
        pytest.param(
            TICKS,
            {"AzureWebJobsStorage": "AccountName=a;AccountKey=czNjcmV0;BlobEndpoint=http://127.0.0.1:9/a"},
            "connection AzureWebJobsStorage: timers cannot keep their last run in its blobs (ServiceRequestError)",
            id="storage of timers does not answer",
        ),
        pytest.param(READS, {"C": "czNjcmV0"}, "connection C is no connection string", id="no connection string"),
        pytest.param(READS, {"C__blobServiceUri": "https://a"}, "set C__queueServiceUri", id="no queue service"),
        pytest.param(PING, {"FUNCTIONS_WORKER_RUNTIME": "node"}, "must be python", id="another language"),
        pytest.param(PING, {"PYTHON_THREADPOOL_THREAD_COUNT": "x"}, "a whole number above 0", id="number of threads"),
    ],
)
def test_a_wrong_app_or_setting_is_one_sentence(
    app: App, refused: Refused, functions: str, environment: dict[str, str], why: str
) -> None:
    """Which never shows what a setting holds."""
    app.write(functions)
    said = refused(**environment)
    assert why in said
    assert "czNjcmV0" not in said


def test_a_missing_settings_file_is_named(app: App, refused: Refused) -> None:
    """Where one is asked for."""
    app.write(PING)
    assert "settings file missing.json does not exist" in refused("--settings", "missing.json")


def test_a_directory_that_is_none_is_named(refused: Refused) -> None:
    """`--app`."""
    assert "/missing is no directory" in refused("--app", "missing")


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_a_wrong_argument(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as for all arguments."""
    with pytest.raises(SystemExit) as ended:
        main(["--port", port])
    assert ended.value.code == 2
    assert "must be a number from 0 to 65535" in capsys.readouterr().err


def test_standard_output_is_the_ready_line_alone(app: App) -> None:
    """So that a program can wait for it; the address answers from then on."""
    app.write(PING)
    command = [sys.executable, "-m", "local.host", "--app", str(app.folder), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", line)
        assert found is not None
        assert requests.get(found[1] + "/api/ping", timeout=10).text == "pong"
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in errors


SHOWN = f"""
import beside, os
SAID = os.environ["A"] + os.environ["B"]
{PING.replace('"pong"', "beside.HERE")}
@app.route(route="said/{{id}}", methods=["POST", "GET"])
def said(req: func.HttpRequest) -> str:
    return SAID
@app.timer_trigger("t", "0 0 30 2 *", use_monitor=False)
def nightly(t): pass
"""


@pytest.fixture(scope="module")
def host(shared_app: App) -> RunningHost:
    """Run one host with a settings file, started without a port in its arguments."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (shared_app.folder / "beside.py").write_text("from pathlib import Path\nHERE = str(Path.cwd())\n")
    values = {"A": "file ", "B": "file", "LOCAL_ADMIN_KEY": "key"}
    content = json.dumps({"Values": values, "Host": {"LocalHttpPort": port}})
    (shared_app.write(SHOWN).folder / "local.settings.json").write_text(content)
    command = [sys.executable, "-m", "local.host", "--app", str(shared_app.folder)]
    log = shared_app.folder / "host.log"
    child = Child.start(command, name="the local host", log=log, cwd=ROOT, env={**os.environ, "B": "environment"})
    shared_app.stack.enter_context(child)
    assert child.wait_ready() == f"ready http://127.0.0.1:{port}"
    return RunningHost(child, f"http://127.0.0.1:{port}")


def test_the_start_shows_a_table_of_the_functions(host: RunningHost) -> None:
    """Name, trigger, where from, and which need a key."""
    assert host.child.output().startswith(
        "  function  trigger  from\n"
        "  ping      http     any /api/ping\n"
        "  said      http     GET,POST /api/said/{id}  key: function\n"
        "  nightly   timer    0 0 30 2 *\n"
    )


def test_settings_reach_the_app_and_the_environment_wins(host: RunningHost) -> None:
    """The usual settings file is found in the app's folder."""
    assert host.call("GET", "/api/said/1?code=key").text == "file environment"


def test_the_port_of_the_settings_file_counts_where_none_is_given(shared_app: App, host: RunningHost) -> None:
    """`Host.LocalHttpPort`."""
    settings = json.loads((shared_app.folder / "local.settings.json").read_text())
    assert host.address == f"http://127.0.0.1:{settings['Host']['LocalHttpPort']}"


def test_the_app_runs_in_its_folder_and_imports_its_own_modules(shared_app: App, host: RunningHost) -> None:
    """As in Azure."""
    assert host.call("GET", "/api/ping").text == str(shared_app.folder)


def test_an_app_without_functions_says_so() -> None:
    """And serves, as in Azure."""
    assert banner([], "api", {}) == "the app has no functions"


ENDS = """
import time, logging, threading

@app.route(route="wait/{seconds}", auth_level="anonymous")
def wait(req: func.HttpRequest) -> str:
    logging.info("waiting")
    time.sleep(float(req.route_params["seconds"]))
    return "waited"

@app.route(route="thread", auth_level="anonymous")
def thread(req: func.HttpRequest) -> str:
    threading.Thread(target=time.sleep, args=(60,)).start()
    return "started"
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_a_running_function_end(app: App, number: signal.Signals) -> None:
    """Its answer is still sent, and nothing is left behind."""
    host = app.write(ENDS).run()
    with socket.create_connection(("127.0.0.1", int(host.address.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(b"GET /api/wait/0.5 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        host.child.wait_output(re.compile("waiting"), 10)
        os.kill(host.child.pid, number)
        answer = connection.makefile("rb").read()
    assert answer.endswith(b"waited")
    # Not `stop()`: a second signal would end it where Python has put its own handlers back.
    assert host.child.wait_end(10) == 0
    assert "Traceback" not in host.child.output()


def test_a_function_that_does_not_end_is_given_up(app: App) -> None:
    """After a few seconds, with exit code 0."""
    host = app.write(ENDS).run()
    with pytest.raises(requests.Timeout):
        requests.get(f"{host.address}/api/wait/60", timeout=0.2)
    assert host.child.stop() == 0
    assert "wait was still running after 3 s and is given up" in host.child.output()


def test_a_thread_that_the_app_left_does_not_hold_the_process(app: App) -> None:
    """Functions that have ended may have started anything."""
    host = app.write(ENDS).run()
    host.call("GET", "/api/thread")
    assert host.child.stop() == 0
