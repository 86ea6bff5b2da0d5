"""`make serve` as a real process."""

import http.client
import json
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.demo.running import descendants, running_demo, still_running

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]


def test_its_curl_line_deploys_the_release_once() -> None:
    """Copied from the screen it is accepted; copied again it is the same request. Enter brings the next release."""
    with running_demo("--serve") as demo:
        curl = demo.wait_for(r"^curl (?:.*\\\n)+.*$").group()
        first, second = _run(curl), _run(curl)
        assert first == second
        assert first["requests"][0]["environment"] == "production"
        demo.wait_for(rf"answers 202: accepted\n +request {first['requests'][0]['id']}")
        demo.wait_for("azure    Create Deployment accepted")
        demo.press_enter()
        demo.wait_for(r"github   contoso/web v1\.1\.0 is published and delivered")
        demo.wait_for(rf"answers 202: accepted\n +request (?!{first['requests'][0]['id']})")
        started = descendants(demo.process.pid)
        assert demo.end(signal.SIGINT) == 130
        assert demo.text.endswith("stopped\n")
        assert still_running(started) == set()
        assert list(demo.temporary.iterdir()) == []


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
