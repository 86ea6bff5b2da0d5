"""A published release becomes a running deployment and the release says so, whatever happens on the way."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from handlers.ledger import Entry
from handlers.model import Result
from local.sample_release import assets
from local.stack import PublishedRelease, Stack

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]
VERSIONS = (f"v1.0.{number}" for number in count())


def publish(stack: Stack, repository: str = "contoso/web") -> PublishedRelease:
    """Publish a release that nobody published before."""
    tag = next(VERSIONS)
    return stack.github.publish(tag, assets(tag), repository=repository)


def creations(stack: Stack, request: str) -> int:
    """Count the Create Deployments that Azure accepted for a request."""
    return sum(one["deployment"] == request for one in stack.simulator.operations("create-deployment"))


def states(stack: Stack, release: PublishedRelease, environment: str) -> list[str]:
    """Return the states that a reader of the release's deployment saw, each change once."""
    seen = [status["state"] for status in stack.github.statuses(release, environment)]
    return [state for index, state in enumerate(seen) if index == 0 or seen[index - 1] != state]


def check_success(stack: Stack, release: PublishedRelease, row: Entry, environment: str, service: str) -> None:
    """Check that one effect and one truthful result are there, in Azure and for the reader."""
    assert row.outcome is not None
    assert row.outcome.result is Result.SUCCESS, row.outcome
    assert creations(stack, row.request.id) == 1
    assert stack.simulator.slots(service)["Production"]["name"] == row.request.id
    assert states(stack, release, environment) == ["queued", "in_progress", "success"]
    assert len(stack.github.deployments(release)) == 1
    text = stack.github.text(release)
    assert text.count(f"slipway:{environment}:begin") == 1
    assert row.request.id in text
    assert release.tag in text


def test_two_releases_of_two_repositories_at_the_same_time(stack: Stack) -> None:
    """Each reaches its own environment, and each release says so."""
    web, api = publish(stack), publish(stack, "contoso/api")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(stack.deliver, (web, api))
    assert (first.status, second.status) == (202, 202)
    check_success(stack, web, stack.wait_for(first.requests[0]), "production", "contoso-web")
    check_success(stack, api, stack.wait_for(second.requests[0], environment="api"), "api", "contoso-api")


def test_a_release_that_is_delivered_again_and_again_is_one_request(stack: Stack) -> None:
    """Twice at once, with another delivery id, and once more after success."""
    release = publish(stack)
    with ThreadPoolExecutor(3) as pool:
        deliveries = list(pool.map(lambda _: stack.deliver(release), range(3)))
    (request,) = {delivery.requests for delivery in deliveries}
    row = stack.wait_for(request[0])
    check_success(stack, release, row, "production", "contoso-web")
    before = len(stack.github.calls("POST"))
    again = stack.redeliver(deliveries[0])
    assert (again.status, again.requests) == (202, request)
    stack.wait_for(request[0])
    time.sleep(1)
    check_success(stack, release, row, "production", "contoso-web")
    assert [one for one in stack.github.calls("POST")[before:] if "/deployments" in one["path"]] == []


def test_an_operation_that_fails_is_told_as_it_is(stack: Stack) -> None:
    """Azure's code and message, on the deployment and in the release."""
    release = publish(stack, "contoso/api")
    stack.simulator.fault(
        "late-failed",
        operation="create-deployment",
        code="BadRequest",
        status=400,
        message="Port 22 is already in use by one of the endpoints in this deployment.",
    )
    (request,) = stack.deliver(release).requests
    row = stack.wait_for(request, environment="api")
    assert row.outcome is not None
    assert (row.outcome.result, row.outcome.code) == (Result.FAILURE, "BadRequest")
    assert states(stack, release, "api")[-1] == "failure"
    assert "BadRequest" in stack.github.text(release)
    assert "Port 22 is already in use" in stack.github.text(release)


def test_a_release_without_a_package_is_told_which(stack: Stack) -> None:
    """The sentence names the pattern and what is there."""
    release = stack.github.publish(next(VERSIONS), {"readme.txt": b"hello"})
    (request,) = stack.deliver(release).requests
    row = stack.wait_for(request)
    assert row.outcome is not None
    assert row.outcome.code == "PackageNotFound"
    assert "readme.txt" in row.outcome.message
    assert "*.cspkg" in row.outcome.message


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 401, id="forged"),
        pytest.param({"X-Hub-Signature-256": None}, 401, id="unsigned or sha1 only"),
        pytest.param({"Content-Encoding": "gzip"}, 415, id="compressed"),
    ],
)
def test_what_is_not_proved_has_no_effect(stack: Stack, change: dict[str, str | None], status: int) -> None:
    """Over real HTTP: an answer, no message, no row."""
    release = publish(stack)
    headers, body = stack.github.sign(release, stack.secret)
    changed = {name: value for name, value in {**headers, **change}.items() if value is not None}
    answer = stack.host.send(changed, body)
    assert answer.status == status
    assert not answer.requests
    assert stack.github.deployments(release) == []


def test_a_body_over_the_cap_is_refused_before_its_signature(stack: Stack) -> None:
    """413, even unsigned."""
    assert stack.host.send({"Content-Type": "application/json"}, b" " * (5 * 1024 * 1024 + 1)).status == 413


def test_a_source_that_is_off_does_not_exist(stack: Stack) -> None:
    """404 for what has no secret and for what nobody knows."""
    assert stack.host.send({}, b"{}", source="gitlab").status == 404


def test_a_foreign_message_is_put_aside_with_a_reason(stack: Stack) -> None:
    """Once, readable in the log, and the queue goes on."""
    stack.queue("requests").put("<not ours/>")
    deadline = time.monotonic() + 15
    while not (kept := [one for one in stack.host.lines() if "poison.kept" in one]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert 'reason="queue requests: not a message of ours: text: Invalid JSON' in kept[0]
    assert "<not ours/>" not in "\n".join(stack.host.lines())


def test_no_secret_and_no_body_reached_the_log(stack: Stack) -> None:
    """After all that happened above."""
    log = (stack.folder / "host.log").read_text()
    assert stack.secret not in log
    assert "a-token-of-the-fake-github" not in log
    assert not re.search(r"sig=|AccountKey=|-----BEGIN|\"action\"", log)
