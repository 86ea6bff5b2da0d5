"""The demo, played as a real process."""

import re
import signal
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from tests.demo.running import Demo, descendants, running_demo, still_running

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]

HOPS = (
    r"storage  http://127\.0\.0\.1:\d+ +Azurite",
    r"azure    https://127\.0\.0\.1:\d+ +simulator",
    r"github   http://127\.0\.0\.1:\d+ +a GitHub",
    r"slipway  http://127\.0\.0\.1:\d+ +the app",
    r"github   contoso/web v1\.0\.0 is published",
    r"someone  sends a delivery whose body was changed",
    r"slipway  answers 401",
    r"github   delivers .*\n +delivery [0-9a-f-]{36}",
    r"slipway  answers 202: accepted\n +request d[a-z2-7]{20}",
    r"slipway  package staged: web\.cspkg of v1\.0\.0, [\d,]+ bytes, sha256\n +[0-9a-f]{64}",
    r"azure    Create Deployment accepted: InProgress\n +x-ms-request-id [0-9a-f]{32}",
    r"azure    Create Deployment: Succeeded",
    r"azure    staging: 2 of 2 instances ready \(ReadyRole, ReadyRole\)",
    r"azure    Swap Deployment accepted",
    r"azure    production: v1\.0\.0, staging: empty",
    r"slipway  asks how it goes: Succeeded",
    r"slipway  success after \d+ s",
    r"github   deployment status success: v1\.0\.0 runs in production",
    r"github   the text of the release ends with\n +Environment  production\n +Result +success\n +Version +v1\.0\.0",
    r"^3\. Slack deploys v1\.1\.0 over v1\.0\.0, by swap",
    r"github   contoso/web v1\.1\.0 is published, and no webhook",
    r"mona     /slipway deploy v1\.1\.0 to production",
    r"azure    production: v1\.0\.0, staging: v1\.1\.0",
    r"azure    staging: 2 of 2 instances ready",
    r"azure    production: v1\.1\.0, staging: v1\.0\.0",
    r"github   deployment status success: v1\.1\.0 runs",
    r"github   deployment status inactive: Replaced by v1\.1\.0\.",
    r"^4\. Under mona's lock she scales and ben may not",
    r"mona     /slipway lock production because the load test runs for 2h",
    r"│ production is locked by mona until .{10} \d\d:\d\d UTC: the load +│",
    r"ben      /slipway scale production WebRole=4",
    r"mona     /slipway scale production WebRole=3",
    r"azure    Change Configuration accepted",
    r"azure    production: 3 of 3 instances ready",
    r"mona     /slipway unlock production",
    r"│ production is unlocked\. +│",
    r"mona     /slipway rollback production",
    r"azure    Swap Deployment accepted",
    r"azure    production: v1\.0\.0, staging: v1\.1\.0",
    r"slipway  success after",
    r"github   deployment status success: Runs again after a rollback by mona\.",
    r"github   deployment status inactive: Rolled back by mona: v1\.0\.0 runs",
    r"^5\. Suspending production takes a second person",
    r"mona     /slipway suspend production",
    r"│ ⏳ suspend → production +│\n.*\n +│ Waiting: somebody else to agree by",
    r"mona     /slipway approve d[a-z2-7]{7}\n.*\n.*\n +╭.*\n +│ You cannot approve your own request\. +│",
    r"eve      /slipway suspend production\n.*slack    to eve alone: You may not",
    r"ben      /slipway approve d[a-z2-7]{7}",
    r"│ suspend \(d[a-z2-7]{20}\) is approved by ben\. +│",
    r"azure    Update Deployment Status accepted",
    r"azure    production: v1\.0\.0 is Suspended",
    r"mona     /slipway status",
    r"│ production   production  v1\.0\.0   Suspended  contoso  \d+ s ago +0/2 +│",
    r"│ production   staging     v1\.1\.0   Running    mona     \d+ s ago +3/3 +│",
    r"^Beside all this one night was played",
    r"^6\. v1\.0\.0 comes to staging on ",
    r"^7\. The evening comes near",
    r"│ \[Keep it up for 3 hours\] +│",
    r"^8\. At 22:00 it goes to sleep",
    r"azure    staging: v1\.0\.0 is Suspended",
    r"^9\. In the morning it runs again",
    r"azure    staging: v1\.0\.0 is Running",
    r"│ staging slept 9 h in 1 night of \d{4}-\d\d\. ",
    r"^Done in \d+ s; all parts have stopped\n.*7 operations",
)
"""What has to be seen, in this order."""

TO_MONA = r"slack    to mona alone: Accepted"
POSTED = r"slack    a message: ⏳ {}, accepted at \d\d:\d\d UTC"
EDITED = r"slack    edited: ⏳ {}, in progress since \d\d:\d\d UTC"
SHOWN = r"slack    the same message, edited \d times, now shows\n +╭.*\n +│ ✅ {} +│\n"

REFUSED = (
    r"slack    to ben alone: Accepted",
    r"slipway  failure Locked after",
    r"│ ❌ WebRole=4 → production +│\n",
    r"│ Error Locked +│\n +│ production is locked by mona until .{10} \d\d:\d\d UTC: the load +│\n +│ test runs\. +│",
    r"mona     /slipway unlock",
)
"""What has to be seen of the request that a lock refuses, in this order; another one goes on meanwhile."""

SUSPENDED = "suspend → production"
MESSAGES = (
    *(
        hop.format(what)
        for what in (r"v1\.1\.0 → production", "WebRole=3 → production", "rollback → production")
        for hop in (TO_MONA, POSTED, EDITED, SHOWN)
    ),
    *(TO_MONA, EDITED.format(SUSPENDED), SHOWN.format(SUSPENDED)),
)
"""What has to be seen in Slack, in this order. How it falls between what Azure does is nobody's promise."""


@pytest.fixture(scope="module")
def played() -> Iterator[Demo]:
    """Play it once for all tests of this file."""
    with running_demo() as demo:
        demo.process.wait(100)
        yield demo


@pytest.mark.parametrize(
    "hops",
    [HOPS, MESSAGES, REFUSED],
    ids=["from the webhook to the table in Slack", "each message", "the refusal by the lock"],
)
def test_every_hop_is_seen_in_order(played: Demo, hops: tuple[str, ...]) -> None:
    """From the webhook to the answer on the release, and from a word in Slack to the message that says it is done."""
    text = played.text
    assert played.process.returncode == 0, text
    position = 0
    for hop in hops:
        found = re.compile(hop, re.MULTILINE).search(text, position)
        assert found, f"{hop!r} does not come, or not after what is before it:\n{text}"
        position = found.end()


def test_the_seconds_only_grow(played: Demo) -> None:
    """Each line has the instant at which it was seen."""
    seconds = [float(word) for word in re.findall(r"^ *(\d+\.\d)  \w", played.text, re.MULTILINE)]
    assert len(seconds) > 30
    assert seconds == sorted(seconds)


def test_in_a_pipe_it_is_plain_text_of_80_columns(played: Demo) -> None:
    """No colours and no cursor movements where nobody looks, and nothing wider than a terminal."""
    assert "\x1b" not in played.text
    assert [line for line in played.text.splitlines() if cell_len(line) > 80] == []


def test_its_folders_are_gone(played: Demo) -> None:
    """Secrets, certificates and logs go with the demo."""
    assert list(played.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "exit_code", "moment"),
    [
        (signal.SIGINT, 130, r"^1\. The parts start"),
        (signal.SIGINT, 130, r"slipway  answers 202"),
        (signal.SIGTERM, 143, r"/slipway deploy"),
    ],
    ids=["Ctrl-C while the parts start", "Ctrl-C in the middle", "SIGTERM after a command"],
)
def test_it_can_be_stopped_at_any_moment(number: signal.Signals, exit_code: int, moment: str) -> None:
    """It says so in one word, and neither a process nor a folder is left."""
    with running_demo() as demo:
        demo.wait_for(moment)
        started = descendants(demo.process.pid)
        assert demo.end(number) == exit_code
        assert demo.text.splitlines()[-1] == "stopped"
        assert "Traceback" not in demo.text
        assert still_running(started) == set()
        assert list(demo.temporary.iterdir()) == []
