"""`make serve` as a real process."""

import http.client
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.demo.running import ROOT, descendants, running_demo, still_running

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]


def test_its_lines_work_as_they_are_copied() -> None:
    """Copied from the screen it is accepted; copied again it is the same request. So is a word in Slack, and Enter."""
    with running_demo("--serve") as demo:
        curl = demo.wait_for(r"^curl (?:.*\\\n)+.*$").group()
        first, second = _run(curl), _run(curl)
        assert first == second
        assert first["requests"][0]["environment"] == "production"
        demo.wait_for(rf"answers 202: accepted\n +request {first['requests'][0]['id']}")
        demo.wait_for("azure    Create Deployment accepted")
        said = demo.wait_for(r"^\S+ -m local\.demo --say status --to http://\S+$").group()
        assert (
            "One moment."
            in subprocess.run(
                ["sh", "-c", said], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
            ).stdout
        )
        demo.wait_for("│ environment  slot ")
        demo.press_enter()
        demo.wait_for(r"github   contoso/web v1\.1\.0 is published and delivered")
        demo.wait_for(rf"answers 202: accepted\n +request (?!{first['requests'][0]['id']})")
        started = descendants(demo.process.pid)
        assert demo.end(signal.SIGINT) == 130
        assert demo.text.endswith("stopped\n")
        assert still_running(started) == set()
        assert list(demo.temporary.iterdir()) == []


def test_a_word_in_slack_needs_somebody_who_listens() -> None:
    """Where no demo serves, one sentence says so."""
    done = subprocess.run(
        [sys.executable, "-m", "local.demo", "--say", "status", "--to", "http://127.0.0.1:1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "Nobody answers at http://127.0.0.1:1 (ConnectionError). Is make serve running there?" in done.stdout


def _run(curl: str) -> Any:
    """Run the line in a shell as its reader would; where there is no curl, do what it says."""
    if shutil.which("curl"):
        done = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, timeout=30, check=True)
        return json.loads(done.stdout)
    words = shlex.split(curl.replace("\\\n", " "))
    url = urlsplit(next(word for word in words if re.match("http://", word)))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    body = Path(words[words.index("--data-binary") + 1].removeprefix("@")).read_bytes()
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.request("POST", url.path, body, headers)
    return json.loads(connection.getresponse().read())
