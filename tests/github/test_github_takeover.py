"""What GitHub shows of what no longer runs and of what runs again: the flows on a world, and a GitHub that behaves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.environments import Environment, OnUnready, Strategy
from handlers.github_api.client import GitHub
from handlers.ledger import State, open_entry
from handlers.model import (
    Actor,
    BringBack,
    DeploymentRequest,
    Kept,
    Outcome,
    Result,
    Rollback,
    RunRelease,
    Slot,
    Source,
    SwapSlots,
    derive_id,
)
from handlers.poll import poll
from handlers.sinks.github import GitHubSink
from handlers.submit import submit
from local.github.server import FakeGitHub
from tests.flows.world import PRODUCTION, World

SWAPPED = PRODUCTION.model_copy(update={"strategy": Strategy.SWAP})
STAGING = PRODUCTION.model_copy(update={"name": "staging", "slot": Slot.STAGING, "strategy": Strategy.REPLACE})
MONA = Actor(source=Source.SLACK, id="U1", name="mona")


class Place:
    """A repository, and an environment that shows on it what happens."""

    def __init__(self, fake: FakeGitHub, github: GitHub, environment: Environment = SWAPPED) -> None:
        self.fake = fake
        self.repository = fake.world.add_repository("contoso/web")
        self.world = World(environment=environment)
        self.world.environments["staging"] = STAGING
        self.world.ports = replace(self.world.ports, sinks=[GitHubSink(github, self.world.environments)])

    def release(self, tag: str, *, settled: bool = True) -> DeploymentRequest:
        """Publish a release and bring it; return the request."""
        published = self.fake.world.publish(self.repository, tag)
        return self.ask(self.world.release(published.id, tag), settled=settled)

    def rollback(self, number: int = 1, *, settled: bool = True) -> DeploymentRequest:
        """Let mona roll back."""
        return self.ask(self._command(Rollback(), number), settled=settled)

    def swap(self) -> DeploymentRequest:
        """Let mona swap."""
        return self.ask(self._command(SwapSlots(), 1))

    def ask(self, request: DeploymentRequest, *, settled: bool = True) -> DeploymentRequest:
        """Bring a request to its end, and let everybody be told unless it need not be `settled`."""
        self.world.deliver(request)
        if settled:
            self.world.run(timedelta(minutes=35))
            assert self.world.row(request).state is State.TOLD
        return request

    def end_untold(self, request: DeploymentRequest) -> None:
        """Let a request that was asked for end, and keep the news on the queue."""
        key = (request.environment, request.id)
        while key not in self.world.ledger.entries or not self.world.row(request).ended:
            for message in self.world.requests.due():
                self.world.requests.messages.remove(message)
                submit(message.text, self.world.ports)
            poll(self.world.ports)
            self.world.clock += timedelta(seconds=5)

    def shown(self, environment: str = "production") -> dict[str, str | None]:
        """Return the state of each deployment to an environment, by what it deploys."""
        ours = [one for one in self.repository.deployments.values() if one.fields["environment"] == environment]
        return {one.fields["ref"]: one.state for one in ours}

    def status(self, tag: str) -> dict[str, Any]:
        """Return the latest status of a tag's deployment."""
        (found,) = [one for one in self.repository.deployments.values() if one.fields["ref"] == tag]
        return found.statuses[-1]

    def writes(self) -> Sequence[dict[str, Any]]:
        """Return the calls that wrote a status or a deployment."""
        return [one for one in self.fake.calls("POST", "/deployments") if one["status"] == 201]

    def _command(self, goal: Rollback | SwapSlots, number: int) -> DeploymentRequest:
        made = self.world.request(goal, number)
        return made.model_copy(update={"id": derive_id(goal.kind, number), "actor": MONA})


@pytest.fixture
def place(fake: FakeGitHub, github: GitHub) -> Place:
    """Give a production into which releases are swapped."""
    return Place(fake, github)


def test_a_rollback_ends_one_deployment_and_brings_the_other_back(place: Place) -> None:
    """With a sentence that says why, in six calls."""
    place.release("v1")
    place.release("v2")
    place.fake.world.log.clear()
    place.rollback()
    assert place.shown() == {"v1": "success", "v2": "inactive"}
    assert place.status("v1")["description"] == "Runs again after a rollback by mona."
    assert place.status("v1")["log_url"] == "https://example.com"
    assert place.status("v2")["description"] == "Rolled back by mona: v1 runs again."
    assert len(place.fake.calls()) <= 6


def test_a_swap_after_a_rollback_is_shown_too(place: Place) -> None:
    """Each of them runs again in its turn."""
    place.release("v1")
    place.release("v2")
    place.rollback()
    place.swap()
    assert place.shown() == {"v1": "inactive", "v2": "success"}


def test_a_release_after_a_rollback_replaces_what_runs(place: Place) -> None:
    """Not only the newest of those before it, which is inactive already."""
    for tag in ("v1", "v2"):
        place.release(tag)
    place.rollback()
    place.release("v3")
    assert place.shown() == {"v1": "inactive", "v2": "inactive", "v3": "success"}
    assert place.status("v1")["description"] == "Replaced by v3."


def test_a_failed_release_that_stands_has_replaced_what_ran(place: Place) -> None:
    """Production runs what is not ready, and not what it ran; the way back is shown as well."""
    place.release("v1")
    second = place.release("v2", settled=False)
    while len(place.world.azure.accepted("swap")) < 2:
        place.world.run(timedelta(seconds=1))
    place.world.azure.stuck = "CyclingRole"
    place.world.run(timedelta(minutes=40))
    assert place.world.row(second).state is State.TOLD
    assert place.shown() == {"v1": "inactive", "v2": "failure"}
    place.world.azure.stuck = None
    place.rollback()
    assert place.shown() == {"v1": "success", "v2": "failure"}


def test_what_ran_is_known_after_it_was_deleted(fake: FakeGitHub, github: GitHub) -> None:
    """A replacement takes it away before it brings what then is not ready."""
    place = Place(fake, github, SWAPPED.model_copy(update={"strategy": Strategy.REPLACE}))
    place.release("v1")
    place.world.azure.stuck = "CyclingRole"
    place.release("v2")
    assert place.shown() == {"v1": "inactive", "v2": "failure"}


def test_a_release_that_is_taken_back_by_itself_has_replaced_nothing(fake: FakeGitHub, github: GitHub) -> None:
    """What ran before runs, and its deployment was a success all the time."""
    place = Place(fake, github, SWAPPED.model_copy(update={"on_unready": OnUnready.ROLLBACK}))
    place.release("v1")
    place.release("v2", settled=False)
    while len(place.world.azure.accepted("swap")) < 2:
        place.world.run(timedelta(seconds=1))
    place.world.azure.stuck = "CyclingRole"
    place.world.run(timedelta(minutes=31))
    place.world.azure.stuck = None
    place.world.run()
    assert place.shown() == {"v1": "success", "v2": "failure"}


def test_what_a_swap_brings_from_staging_gets_a_deployment(place: Place) -> None:
    """GitHub knows it as a deployment to staging alone."""
    place.release("v1")
    published = place.fake.world.publish(place.repository, "v2")
    asked = place.world.release(published.id, "v2")
    place.ask(asked.model_copy(update={"environment": "staging", "id": derive_id("staging", 2)}))
    place.swap()
    assert place.shown() == {"v1": "inactive", "v2": "success"}
    assert place.status("v1")["description"] == "Swapped out by mona: v2 runs."
    made = max(place.repository.deployments.values(), key=lambda one: one.id)
    assert made.fields["production_environment"] is True
    assert made.statuses[-1]["description"] == "Runs since a swap by mona."


@pytest.mark.parametrize("after", [False, True], ids=["not heard", "heard, and its answer lost"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_write_that_fails_is_made_up_for_once(place: Place, number: int, after: bool) -> None:
    """However often the news are told, each status is there once."""
    place.release("v1")
    place.release("v2")
    place.fake.world.log.clear()
    place.fake.fault(502, method="POST", path="/statuses", skip=number, after=after)
    place.rollback()
    assert place.shown() == {"v1": "success", "v2": "inactive"}
    states = [status["state"] for one in place.repository.deployments.values() for status in one.statuses]
    assert (states.count("inactive"), states.count("success")) == (2, 3)


def test_a_refusal_is_logged_and_holds_up_nobody(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The request is over and told; only GitHub shows what was."""
    place.release("v1")
    place.release("v2")
    place.fake.fault(403, path="/deployments", times=9, body={"message": "Resource not accessible"})
    place.rollback()
    assert "github.others_kept" in caplog.text
    assert place.shown() == {"v1": "inactive", "v2": "success"}


def test_news_that_come_late_undo_nothing(place: Place) -> None:
    """A later release runs by the time GitHub hears of the rollback."""
    place.release("v1")
    place.release("v2")
    late = place.rollback(settled=False)
    place.end_untold(late)
    held_back = list(place.world.notifications.messages)
    place.world.notifications.messages.clear()
    place.release("v3")
    place.world.notifications.messages.extend(held_back)
    place.world.run(timedelta(minutes=5))
    assert place.world.row(late).state is State.TOLD
    assert place.shown() == {"v1": "inactive", "v2": "inactive", "v3": "success"}


def test_a_success_that_is_told_late_is_over_at_once(place: Place) -> None:
    """It ran, and something later runs by the time GitHub hears of it."""
    place.release("v1")
    late = place.release("v2", settled=False)
    place.end_untold(late)
    held_back = list(place.world.notifications.messages)
    place.world.notifications.messages.clear()
    place.release("v3")
    place.world.notifications.messages.extend(held_back)
    place.world.run(timedelta(minutes=5))
    assert place.world.row(late).state is State.TOLD
    assert place.shown() == {"v1": "inactive", "v2": "inactive", "v3": "success"}
    assert place.status("v2")["description"] == "Something later has taken its place."


def test_a_rollback_outside_production_is_shown_too(fake: FakeGitHub, github: GitHub) -> None:
    """GitHub ends only earlier deployments by itself, and the one that was rolled back is the later one."""
    place = Place(fake, github)
    place.release("v1")
    place.release("v2")
    for one in place.repository.deployments.values():
        one.fields["production_environment"] = False
    place.rollback()
    assert place.shown() == {"v1": "success", "v2": "inactive"}


def test_what_a_morning_brought_back_is_known_by_its_version(place: Place) -> None:
    """It stands in Azure under the name of the night's request; GitHub shows it as the release's."""
    first = place.release("v1")
    published = first.goal.release if isinstance(first.goal, RunRelease) else None
    kept = Kept(version="v1", package="p", configuration="c", release=published)
    morning = first.model_copy(update={"id": derive_id("morning"), "goal": BringBack(kept=kept)})
    woken = Outcome(result=Result.SUCCESS, message="v1 runs again.", ended_at=place.world.clock)
    row = open_entry(morning, place.world.clock).change(place.world.clock, state=State.TOLD, outcome=woken)
    place.world.ledger.open(row)
    standing = place.world.azure.slots[Slot.PRODUCTION]
    place.world.azure.slots[Slot.PRODUCTION] = replace(standing, request=morning.id)
    place.release("v2")
    place.rollback()
    assert place.shown() == {"v1": "success", "v2": "inactive"}
    assert len(place.repository.deployments) == 2


def test_somebody_elses_deployment_is_left_alone(place: Place) -> None:
    """It is theirs to end, also where it stands between ours."""
    place.release("v1")
    fields = {
        **next(iter(place.repository.deployments.values())).fields,
        "ref": "theirs",
        "payload": {},
    }
    theirs = place.fake.world.deploy(place.repository, fields, "0" * 40)
    place.fake.world.add_status(place.repository, theirs, {"state": "success"})
    place.release("v2")
    place.rollback()
    assert place.shown() == {"v1": "success", "theirs": "success", "v2": "inactive"}
