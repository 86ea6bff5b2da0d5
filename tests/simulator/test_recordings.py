"""The simulator beside recorded traffic of the real service. Skipped where the recordings are not at hand."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from local.simulator import wire_in, wire_out
from local.simulator.configuration import read_configuration
from local.simulator.state import Operation, OperationStatus
from tests.simulator.api import NAMESPACE, Answer, Api
from tests.simulator.process import Simulator, running_simulator

FOLDER = Path(__file__).parents[3] / "shared" / "asm" / "recordings"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not at hand")

READERS = {
    "create-deployment": wire_in.read_create_deployment,
    "change-configuration": wire_in.read_change_configuration,
    "upgrade-deployment": wire_in.read_upgrade_deployment,
    "update-deployment-status": wire_in.read_update_status,
    "swap-deployment": wire_in.read_swap,
    "create-cloud-service": wire_in.read_create_service,
    "update-cloud-service": wire_in.read_update_service,
    "add-extension": wire_in.read_add_extension,
    "delete-role-instance": wire_in.read_delete_instances,
}
KINDS = {
    *READERS,
    "get-deployment",
    "get-cloud-service",
    "get-operation-status",
    "delete-deployment",
    "delete-cloud-service",
    "check-name-availability",
    "list-extensions",
    "list-deployment-events",
    "rebuild-role-instance",
    "get-package",
    "delete-extension",
    "list-cloud-services",
    "list-certificates",
    "add-certificate",
    "delete-certificate",
}
"""Kinds of recorded calls that a session may have to be played again."""
NOT_PLAYED = {"list-certificates", "add-certificate", "delete-certificate"}
"""Calls of those sessions that the simulator does not offer: service certificates."""

Recording = dict[str, Any]


def recordings() -> list[Recording]:
    """Read all recordings of real traffic, session by session in order."""
    files = sorted(FOLDER.glob("s*.json")) if FOLDER.is_dir() else []
    return [json.loads(path.read_bytes()) | {"file": path.name} for path in files]


RECORDED = recordings()
BODIES = [
    one for one in RECORDED if one["kind"] in READERS and one["request"]["body"] and one["response"]["status"] < 300
]


def own(session: list[Recording]) -> list[Recording]:
    """Put a session into an order that can be played.

    Times are known to the second, so within one the creation of the cloud service comes first and polls come last.
    Polls of operations that are not played are left out: they are about storage accounts and certificates.
    """

    def when(recording: Recording) -> tuple[datetime, int]:
        headers = {name.lower(): value for name, value in recording["response"]["headers"].items()}
        rank = {"create-cloud-service": 0, "get-operation-status": 2}.get(recording["kind"], 1)
        return parsedate_to_datetime(headers["date"]), rank

    begun = {recorded_id(one) for one in session if one["kind"] not in {"get-operation-status", *NOT_PLAYED}}
    polls = "get-operation-status"
    kept = [one for one in session if one["kind"] != polls or one["request"]["path"].rpartition("/")[2] in begun]
    return sorted(kept, key=when)


def recorded_id(recording: Recording) -> str:
    """Return the request id of a recorded answer, empty when it has none."""
    headers = {name.lower(): value for name, value in recording["response"]["headers"].items()}
    return str(headers.get("x-ms-request-id", ""))


def whole(session: list[Recording]) -> bool:
    """Say whether a session begins with its cloud service and has only calls that can be played."""
    kinds = {one["kind"] for one in session}
    return (
        {"create-cloud-service", "create-deployment"} <= kinds
        and kinds <= KINDS
        and all(one["request"]["body"] is not None and one["response"]["status"] != 307 for one in session)
    )


SESSIONS = {
    name: session
    for name, group in groupby(RECORDED, key=lambda one: str(one["session"]))
    if whole(session := own(list(group)))
}


@pytest.mark.parametrize("recording", BODIES, ids=lambda one: str(one["file"]))
def test_bodies_that_the_service_accepted_are_accepted(recording: Recording) -> None:
    """Indented, with CRLF, with `xmlns:i` first: all of them were taken."""
    request = recording["request"]
    version = date.fromisoformat(request["headers"].get("x-ms-version", "2015-04-01"))
    message = READERS[recording["kind"]](request["body"].encode(), version)
    if configuration := getattr(message, "configuration", None):
        assert read_configuration(configuration).roles


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator of the subscription that the recordings show."""
    arguments = ("--http", "--subscription", "0" * 8 + "-0000-0000-0000-" + "0" * 12)
    with running_simulator(tmp_path_factory.mktemp("replay") / "state", *arguments) as simulator:
        yield simulator


@pytest.mark.parametrize("recorded", SESSIONS.values(), ids=SESSIONS.keys())
def test_a_recorded_session_goes_the_same_way(
    recorded: list[Recording], replayed: Simulator, session: requests.Session, package_url: str
) -> None:
    """Every call is answered with the recorded status, error and outcome, and elements in the recorded order."""
    api = Api(replayed, session)
    tidy(api, recorded)
    ids: dict[str, str] = {}
    for recording in recorded:
        if recording["kind"] not in NOT_PLAYED:
            answer = play(api, recording, ids, package_url)
            compare(recording, answer)
            ids[recorded_id(recording)] = answer.id


def tidy(api: Api, session: list[Recording]) -> None:
    """Take away cloud services that an earlier session has left behind under the same name."""
    for recording in session:
        if recording["kind"] == "create-cloud-service":
            name = etree.fromstring(recording["request"]["body"]).findtext("{*}ServiceName")
            left = api.call("DELETE", f"services/hostedservices/{name}?comp=media")
            assert left.status == 404 or api.ended(left).text("Status") == "Succeeded"


def play(api: Api, recording: Recording, ids: dict[str, str], package_url: str) -> Answer:
    """Make a recorded call again. Operations are waited for."""
    request = recording["request"]
    path = re.sub(r"^/[^/]+/", "", request["path"])
    body = re.sub(r"(<PackageUrl>)[^<]*", lambda match: match[1] + package_url.replace("&", "&amp;"), request["body"])
    version = request["headers"].get("x-ms-version", "2015-04-01")
    if recording["kind"] == "get-operation-status":
        return api.operation(ids[path.rpartition("/")[2]])
    answer = api.call(request["method"], path, body.encode(), version)
    if answer.status == 202:
        api.ended(answer)
    return answer


def compare(recording: Recording, answer: Answer) -> None:
    """Compare an answer with the recorded one: status, root, order of elements; all of it where nothing varies."""
    recorded = recording["response"]
    assert answer.status == recorded["status"], (recording["file"], answer.body)
    assert bool(answer.body) == bool(recorded["body"])
    if not recorded["body"]:
        return
    if recording["kind"] in {"check-name-availability", "list-deployment-events"} or answer.status >= 400:
        assert answer.body.decode() == recorded["body"]
    elif recording["kind"] != "get-operation-status":
        order_agrees(recorded["body"], answer.body)


def order_agrees(recorded: str, answered: bytes) -> None:
    """Compare the order of siblings, parent by parent, and that no element is unknown there."""
    expected, given = siblings(recorded.encode()), siblings(answered)
    assert next(iter(given)) == next(iter(expected))
    for parent, names in given.items():
        if parent in expected:
            known = expected[parent]
            assert set(names) <= {*known, *SOMETIMES}, (parent, names, known)
            assert set(ALWAYS.get(parent, "").split()) <= set(names), parent
            shared = [name for name in known if name in names]
            assert [name for name in names if name in shared] == shared, parent


SOMETIMES = {"UpgradeStatus", "InstanceEndpoints", "InputEndpoints", "VirtualIPName", "PersistentVMDowntime"}
"""Elements that depend on the package or on the moment, recorded elsewhere."""


ALWAYS = {
    "Deployment": "Name DeploymentSlot PrivateID Status Label Url Configuration RoleInstanceList UpgradeDomainCount "
    "RoleList SdkVersion Locked RollbackAllowed CreatedTime LastModifiedTime ExtendedProperties VirtualIPs",
    "RoleInstance": "RoleName InstanceName InstanceStatus InstanceUpgradeDomain InstanceFaultDomain InstanceSize "
    "InstanceStateDetails IpAddress PowerState",
}
"""Elements that every recorded deployment of roles has, once it stands."""


def siblings(body: bytes) -> dict[str, list[str]]:
    """Return the names of the children of each kind of element, in order, each once."""
    result: dict[str, list[str]] = {}
    for element in etree.fromstring(body).iter(f"{{{NAMESPACE}}}*"):
        names = result.setdefault(etree.QName(element).localname, [])
        children = [etree.QName(child).localname for child in element]
        for before, name in pairwise([None, *children]):
            if name is not None and name not in names:
                names.insert(names.index(before) + 1 if before in names else 0, name)
    return result


@pytest.mark.parametrize("status", ["InProgress", "Succeeded"])
def test_operations_are_written_as_recorded(status: str) -> None:
    """Byte by byte but for the id, in every recording."""
    operation = Operation(
        request_id="0123456789abcdef0123456789abcdef",
        call="create-deployment",
        name="CreateDeployment",
        object_id="",
        parameters=(),
        service="shop",
        deployment=None,
        private_id=None,
        caller="",
        client_ip="",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        status=OperationStatus(status),
        http_status=None if status == "InProgress" else 200,
    )
    bodies = [one["response"]["body"] for one in RECORDED if one["kind"] == "get-operation-status"]
    recorded = {re.sub("<ID>[^<]*", "<ID>", body) for body in bodies if f"<Status>{status}<" in body}
    assert {re.sub("<ID>[^<]*", "<ID>", wire_out.operation(operation).decode())} == recorded
