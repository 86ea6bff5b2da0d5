"""Steps and plans against the real simulator: what planning says leads to the goal there, call by call."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from handlers.connections.cloud_service import AzureCloudService, edited
from handlers.environments import Environment, Strategy
from handlers.errors import AnswerLost, AzureRefused, Unavailable
from handlers.model import (
    Actor,
    Configure,
    CreateStep,
    DeploymentRequest,
    Failed,
    Goal,
    InProgress,
    Operation,
    Release,
    Rollback,
    SetStatus,
    Slot,
    Source,
    Step,
    Succeeded,
    UpdateMode,
    derive_id,
    release_request,
)
from handlers.planning import Impossible, Reached, TakeStep, next_step
from handlers.ports import Materials, StagedPackage
from handlers.service_management import CreateCloudService, CreateDeployment, ServiceManagement
from tests.simulator.process import Simulator, running_simulator

CSCFG = b"""<?xml version="1.0" encoding="utf-8"?>
<ServiceConfiguration serviceName="Web" osFamily="4" osVersion="*"
    xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="WebRole">
    <Instances count="2" />
    <ConfigurationSettings><Setting name="Colour" value="red" /></ConfigurationSettings>
  </Role>
</ServiceConfiguration>
"""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENCE_S = 20


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve one package, as a blob would be."""
    folder = tmp_path_factory.mktemp("blobs")
    (folder / "web.cspkg").write_bytes(b"PK\x03\x04 a package")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Start one simulator for all of these tests."""
    with running_simulator(tmp_path_factory.mktemp("simulator"), "--http") as running:
        yield running


def some_release(number: int) -> Release:
    """Return a release."""
    return Release(
        repository="contoso/web", repository_id=7, id=number, tag=f"v{number}", prerelease=False, url="https://x.y"
    )


class Place:
    """A cloud service of one test's own, and what drives a request through it."""

    def __init__(self, simulator: Simulator, blobs: str, name: str, **changes: object) -> None:
        self.simulator = simulator
        self.client = ServiceManagement(simulator.subscription, url=simulator.url)
        self.client.create_cloud_service(CreateCloudService(service_name=name, label=name, location="West US"))
        values = {
            "name": "production",
            "subscription": simulator.subscription,
            "cloud_service": name,
            "slot": Slot.PRODUCTION,
            "repository": "contoso/web",
            "release": "v*",
            **changes,
        }
        self.environment = Environment.model_validate(values)
        self.service = AzureCloudService(lambda: self.client, self.environment, lambda: datetime.now(UTC))
        package = StagedPackage(f"{blobs}/web.cspkg?sv=1&sig=secret", CSCFG)
        self.materials = Materials(release=some_release(1), commit="c" * 40, package=package)

    def release(self, number: int = 1) -> DeploymentRequest:
        """Return a request for a release; a later number was accepted later."""
        actor = Actor(source=Source.GITHUB, id="1", name="mona")
        return release_request(some_release(number), "production", actor, "guid", NOW + timedelta(minutes=number))

    def change(self, goal: Goal) -> DeploymentRequest:
        """Return a request for another goal."""
        return self.release().model_copy(update={"id": derive_id(goal.kind), "goal": goal})

    def drive(self, request: DeploymentRequest) -> tuple[list[str], Reached | Impossible]:
        """Take step after step until planning says that it is over; return the kinds of steps and the end."""
        taken: list[Step] = []
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            decision = next_step(request, self.environment, self.service.situation(), tuple(taken))
            match decision:
                case TakeStep(step) if not taken or step != taken[-1]:
                    operation_id = self.service.take(step, request, self.materials)
                    self.finish(Operation(id=operation_id, submitted_at=NOW))
                    taken.append(step)
                case Reached() | Impossible():
                    return [step.kind for step in taken], decision
                case _:
                    time.sleep(0.02)
        pytest.fail(f"not over after {PATIENCE_S} s: {decision}")

    def finish(self, operation: Operation) -> None:
        """Wait until an operation has succeeded."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            status = self.service.operation_status(operation)
            if isinstance(status, Succeeded):
                return
            assert isinstance(status, InProgress), status
            time.sleep(0.02)
        pytest.fail("the operation does not end")


def test_a_release_reaches_production_by_swap_and_the_next_one_takes_its_place(
    simulator: Simulator, blobs: str
) -> None:
    """And a rollback swaps back."""
    place = Place(simulator, blobs, "by-swap")
    assert place.drive(place.release(1))[0] == ["create", "swap"]
    assert place.drive(place.release(2))[0] == ["create", "swap"]
    situation = place.service.situation()
    assert situation.production is not None
    assert situation.staging is not None
    assert (situation.production.request, situation.staging.request) == (place.release(2).id, place.release(1).id)
    assert place.drive(place.change(Rollback()))[0] == ["swap"]
    assert place.drive(place.release(3))[0] == ["delete", "create", "swap"]


def test_replace_deletes_and_creates(simulator: Simulator, blobs: str) -> None:
    """In the slot itself."""
    place = Place(simulator, blobs, "by-replace", strategy=Strategy.REPLACE)
    assert place.drive(place.release(1))[0] == ["create"]
    assert place.drive(place.release(2))[0] == ["delete", "create"]


@pytest.mark.parametrize("mode", list(UpdateMode))
def test_an_upgrade_in_place_walks_as_its_mode_says(simulator: Simulator, blobs: str, mode: UpdateMode) -> None:
    """Manual domain by domain, the others by themselves."""
    place = Place(simulator, blobs, f"upgrade-{mode}".lower(), strategy=Strategy.UPGRADE, mode=mode)
    assert place.drive(place.release(1))[0] == ["create"]
    walks = ["walk", "walk"] if mode is UpdateMode.MANUAL else []
    assert place.drive(place.release(2))[0] == ["upgrade", *walks]
    production = place.service.situation().production
    assert production is not None
    assert (production.name, production.request) == (place.release(1).id, place.release(2).id)


def test_changes_to_what_is_deployed(simulator: Simulator, blobs: str) -> None:
    """Suspend, resume, scale a role and set a setting."""
    place = Place(simulator, blobs, "changes", strategy=Strategy.CREATE)
    place.drive(place.release(1))
    assert place.drive(place.change(SetStatus(status="Suspended")))[0] == ["status"]
    assert place.drive(place.change(SetStatus(status="Running")))[0] == ["status"]
    goal = Configure(instances={"WebRole": 3}, settings={"Colour": "blue"})
    kinds, end = place.drive(place.change(goal))
    assert kinds == ["configure"]
    assert isinstance(end, Reached)
    assert end.readiness.total == 3
    production = place.service.situation().production
    assert production is not None
    assert production.configuration == CSCFG.replace(b'"2"', b'"3"').replace(b'"red"', b'"blue"')


def test_what_is_deployed_says_where_it_comes_from(simulator: Simulator, blobs: str) -> None:
    """Request, time of acceptance, repository, version and commit, as extended properties."""
    place = Place(simulator, blobs, "properties", strategy=Strategy.CREATE)
    request = place.release(1)
    place.drive(request)
    deployment = place.client.get_deployment("properties", slot="production")
    assert deployment is not None
    assert deployment.label == "contoso/web v1"
    assert deployment.extended_properties == {
        "SlipwayRequest": request.id,
        "SlipwayAccepted": request.accepted_at.isoformat(),
        "SlipwayRepository": "contoso/web",
        "SlipwayVersion": "v1",
        "SlipwayCommit": "c" * 40,
    }


def test_a_deployment_that_names_what_is_no_request_was_not_made_by_one(simulator: Simulator, blobs: str) -> None:
    """Whoever may deploy there may write any property, and nothing is looked up under it."""
    place = Place(simulator, blobs, "foreign")
    foreign = CreateDeployment(
        name="foreign",
        package_url=f"{blobs}/web.cspkg",
        label="by hand",
        configuration=CSCFG,
        extended_properties={"SlipwayRequest": "a/b'c", "SlipwayAccepted": "yesterday"},
    )
    operation = place.client.create_deployment("foreign", "production", foreign)
    place.finish(Operation(id=operation, submitted_at=NOW))
    there = place.service.situation().production
    assert there is not None
    assert (there.name, there.request, there.accepted_at) == ("foreign", None, None)


def create(place: Place, request: DeploymentRequest) -> str:
    """Create straight away, whatever planning says."""
    step = CreateStep(slot=Slot.PRODUCTION, name=request.id, start=True)
    return place.service.take(step, request, place.materials)


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        pytest.param({"kind": "409"}, Unavailable, "exclusive access", id="busy"),
        pytest.param({"kind": "503"}, Unavailable, "TooManyRequests", id="throttled"),
        pytest.param({"kind": "server-busy"}, Unavailable, "ServerBusy", id="server busy"),
        pytest.param({"kind": "500"}, AnswerLost, "InternalError", id="internal error"),
        pytest.param({"kind": "lost"}, AnswerLost, "", id="answer lost"),
        pytest.param({"kind": "reset"}, AnswerLost, "", id="reset"),
        pytest.param({"kind": "html"}, AnswerLost, "", id="HTML with 200"),
    ],
)
def test_what_a_troubled_call_means(
    simulator: Simulator, blobs: str, fault: dict[str, object], error: type[Exception], says: str
) -> None:
    """Whether Azure may have acted decides between trying again and looking first."""
    place = Place(simulator, blobs, derive_id(str(fault), error.__name__))
    simulator.fault(**fault, operation="create-deployment")  # type: ignore[arg-type]
    with pytest.raises(error) as caught:
        create(place, place.release())
    assert says in str(caught.value)


def test_a_final_refusal_is_azures_words(simulator: Simulator, blobs: str) -> None:
    """The slot is occupied."""
    place = Place(simulator, blobs, "occupied", strategy=Strategy.CREATE)
    place.drive(place.release(1))
    with pytest.raises(AzureRefused, match="slot Production is occupied") as caught:
        create(place, place.release(2))
    assert caught.value.request_id == simulator.calls("create-deployment")[-1]["request_id"]


def test_an_operation_whose_answer_was_lost_is_found_again(simulator: Simulator, blobs: str) -> None:
    """In the list of the subscription's operations, by the name of the deployment."""
    place = Place(simulator, blobs, "lost-answer")
    request = place.release()
    step = CreateStep(slot=Slot.PRODUCTION, name=request.id, start=True)
    before = datetime.now(UTC)
    assert place.service.find_operation(step, before) is None
    simulator.fault("lost", operation="create-deployment")
    with pytest.raises(AnswerLost):
        create(place, request)
    found = place.service.find_operation(step, before)
    assert found is not None
    place.finish(found)


def test_a_package_that_azure_cannot_fetch_fails_inside_the_operation(simulator: Simulator, blobs: str) -> None:
    """With Azure's code, and without the signature."""
    place = Place(simulator, blobs, "no-package")
    place.materials = Materials(package=StagedPackage(f"{blobs}/gone.cspkg?sig=secret", CSCFG))
    operation = Operation(id=create(place, place.release()), submitted_at=NOW)
    deadline = time.monotonic() + PATIENCE_S
    while isinstance(status := place.service.operation_status(operation), InProgress) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert isinstance(status, Failed)
    assert (status.status, status.code) == (400, "BadRequest")
    assert "secret" not in status.message


def test_a_certificate_that_cannot_be_read_is_a_delay() -> None:
    """Its owner can put it right while the request waits."""
    values = {
        "name": "production",
        "subscription": "00000000-0000-0000-0000-000000000000",
        "cloud_service": "web",
        "slot": "production",
        "repository": "contoso/web",
        "release": "v*",
    }
    environment = Environment.model_validate(values)
    gone = Path("gone.pem")

    def client() -> ServiceManagement:
        return ServiceManagement(environment.subscription, url="https://127.0.0.1:9", certificate=str(gone))

    with pytest.raises(Unavailable, match="certificate"):
        AzureCloudService(client, environment, lambda: NOW).situation()


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        pytest.param(Configure(instances={"Worker": 1}), "RoleNotFound", id="no such role"),
        pytest.param(Configure(instances={"WebRole": 0}), "InstanceCountInvalid", id="no instance"),
        pytest.param(Configure(settings={"Color": "blue"}), "SettingNotFound", id="no such setting"),
    ],
)
def test_a_change_that_the_configuration_does_not_know_is_refused(goal: Configure, code: str) -> None:
    """By name, before any call."""
    with pytest.raises(AzureRefused) as caught:
        edited(CSCFG, goal)
    assert caught.value.code == code
