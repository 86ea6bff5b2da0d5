"""Somebody with write access moves the tag and replaces the files between any two calls that the app makes of GitHub.

One environment for each call, all side by side. What runs in the end is what was announced, and where somebody else
had to agree what they agreed to; or what ran before still runs, and the outcome says why.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from handlers.audit import What
from handlers.ledger import Entry
from handlers.model import Result
from local.chat.deliveries import slash_command
from local.sample_release import assets
from local.stack import PublishedRelease, Stack
from local.stack.chat import MONA, SIGNING_SECRET, SLACK_CHANNEL
from local.stack.environments import Value

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]
MOST_CALLS = 34
"""Calls of GitHub that the app makes for one release at most: an environment for each, and more would be noticed."""

NEVER = 1_000_000
PATIENCE_S = 90.0
TOLD_WHY = {"ChangedSinceApproval", "ReleaseNotFound"}
"""How a release ends that was changed at the wrong moment: others agreed to something else; a file is gone."""


@dataclass(frozen=True)
class Place:
    """An environment in which somebody waits for one call."""

    kind: str
    call: int

    @property
    def name(self) -> str:
        """Of the environment, and in the names of its repository and cloud service."""
        return f"{self.kind}{self.call}"

    @property
    def repository(self) -> str:
        """Of its own."""
        return f"contoso/{self.name}"

    @property
    def service(self) -> str:
        """Of its own."""
        return f"contoso-{self.name}"


def places(kind: str) -> list[Place]:
    """Return one for every call."""
    return [Place(kind, call) for call in range(1, MOST_CALLS + 1)]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start everything once."""
    kinds: Mapping[str, Mapping[str, Value]] = {
        "free": {"strategy": "replace"},
        "asked": {"strategy": "create", "approvals": 1, "allow": {"slack": [MONA.id]}},
    }
    environments = {
        place.name: {**keys, "repository": place.repository, "cloud_service": place.service}
        for kind, keys in kinds.items()
        for place in places(kind)
    }
    with Stack(environments, operation_seconds=0.1, instance_seconds=0.1, chats=True) as running:
        yield running


def launch(stack: Stack, place: Place, tag: str, call: int, *, after: bool) -> tuple[PublishedRelease, str]:
    """Publish a release, let somebody wait for a call, and let GitHub say that it is there."""
    release = stack.github.publish(tag, assets(tag), repository=place.repository)
    stack.github.ambush(release, call, assets(f"{tag}-evil"), after=after)
    return release, stack.deliver(release).requests[0]


def production(stack: Stack, place: Place) -> tuple[str, str, str] | None:
    """Return what runs: the deployment's name, its commit, its package."""
    there = stack.simulator.slots(place.service).get("Production")
    if there is None:
        return None
    return there["name"], there["extended_properties"]["SlipwayCommit"], f"{there['package']['sha256']}.cspkg"


def rows(stack: Stack, place: Place, request: str, what: What) -> list[tuple[str | None, str | None]]:
    """Return commit and package of a request's rows of one kind that name a package."""
    trail = stack.trail(place.name)
    return [(one.sha, one.words) for one in trail if one.request == request and one.what is what and one.words]


def wait(stack: Stack, place: Place, request: str) -> Entry:
    """Wait until it is over and told."""
    return stack.wait_for(request, environment=place.name, seconds=PATIENCE_S)


def package_of(version: str) -> str:
    """Return the name under which a version's package is kept."""
    return f"{hashlib.sha256(assets(version)['web.cspkg']).hexdigest()}.cspkg"


def test_what_was_announced_runs_whenever_somebody_strikes(stack: Stack) -> None:
    """In place of another release: between its removal and the creation there is time, too."""
    old = {place: launch(stack, place, "v1", NEVER, after=False)[1] for place in places("free")}
    before = {place: wait(stack, place, request).request.id for place, request in old.items()}
    new = {place: launch(stack, place, "v2", place.call, after=False)[1] for place in places("free")}
    packages = set()
    for place, request in new.items():
        outcome = wait(stack, place, request).outcome
        assert outcome is not None
        running, announced = production(stack, place), rows(stack, place, request, What.ANNOUNCED)
        if outcome.result is Result.SUCCESS:
            assert [running] == [(request, *one) for one in announced], place
            packages |= {package for _, package in announced}
        else:
            assert outcome.code in TOLD_WHY, (place, outcome)
            assert (running and running[0], announced) == (before[place], []), place
    assert packages == {package_of("v2"), package_of("v2-evil")}
    assert stack.github.calls_about(places("free")[-1].repository) < MOST_CALLS


def test_what_was_approved_runs_whenever_somebody_strikes(stack: Stack) -> None:
    """Before the approval and after it."""
    asked = {place: launch(stack, place, "v1", place.call, after=True)[1] for place in places("asked")}
    for place, request in asked.items():
        stack.wait_for(
            request, lambda row: row.proposal is not None or row.ended, environment=place.name, seconds=PATIENCE_S
        )
        headers, body = slash_command(SIGNING_SECRET, f"approve {request}", user=MONA, channel=SLACK_CHANNEL)
        stack.host.send(headers, body, source="slack")
    codes = set()
    for place, request in asked.items():
        outcome = wait(stack, place, request).outcome
        assert outcome is not None
        running, approved = production(stack, place), rows(stack, place, request, What.APPROVED)
        if outcome.result is Result.SUCCESS:
            assert [running] == [(request, *one) for one in approved], place
        else:
            assert (outcome.code in TOLD_WHY, running) == (True, None), (place, outcome)
        codes.add(outcome.code)
    assert {None, "ChangedSinceApproval"} <= codes, "nobody struck early enough, or late enough"
    assert stack.github.calls_about(places("asked")[-1].repository) < MOST_CALLS
