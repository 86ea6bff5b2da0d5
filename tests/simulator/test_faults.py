"""Faults: what goes wrong on demand, and what was done nevertheless."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from local.simulator import upgrades
from local.simulator.faults import Fault, FaultKind, parse_fault
from local.simulator.messages import WalkUpgradeDomain
from local.simulator.routes import CallName
from local.simulator.state import Fate, InstanceStatus, Mode, Stuck
from local.simulator.world import ByName
from tests.simulator.api import Api, create_deployment, document
from tests.simulator.process import running_simulator
from tests.simulator.worlds import Lab


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("503", Fault(FaultKind.THROTTLED)),
        ("503:3", Fault(FaultKind.THROTTLED, count=3)),
        ("reset:*", Fault(FaultKind.RESET, count=None)),
        ("lost@create-deployment", Fault(FaultKind.LOST, operation=CallName.CREATE_DEPLOYMENT)),
        ("500@POST,accepted=true", Fault(FaultKind.INTERNAL, method="POST", accepted=True)),
        ("slow:2@/operations/,seconds=0.5", Fault(FaultKind.SLOW, count=2, path="/operations/", seconds=0.5)),
        (
            "late-failed,code=BadRequest,status=400,message=no, not this, never=ever",
            Fault(FaultKind.LATE_FAILED, code="BadRequest", status="400", message="no, not this, never=ever"),
        ),
        ("409,request-id=" + "a" * 32, Fault(FaultKind.BUSY, request_id="a" * 32)),
        ("409,request_id=" + "a" * 32, Fault(FaultKind.BUSY, request_id="a" * 32)),
    ],
)
def test_a_fault_is_read_from_the_command_line(spec: str, expected: Fault) -> None:
    """KIND[:COUNT][@WHERE][,KEY=VALUE]..."""
    assert parse_fault(spec) == expected


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "504",
        "503:0",
        "503:x",
        "lost@create",
        "503,colour=red",
        "unready,status=Tired",
        "error,status=200",
        "slow,seconds=long",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(spec: str) -> None:
    """With a ValueError, never silently."""
    with pytest.raises(ValueError, match=r"\w"):
        parse_fault(spec)


@pytest.mark.parametrize(
    ("kind", "status", "code", "words"),
    [
        ("409", 409, "ConflictError", "requires exclusive access"),
        ("500", 500, "InternalError", "retry the request"),
        ("503", 503, "TooManyRequests", "Retry after some time"),
        ("server-busy", 503, "ServerBusy", "unavailable"),
    ],
)
def test_errors_on_demand_are_the_service_s_own(api: Api, kind: str, status: int, code: str, words: str) -> None:
    """And only as often as asked for."""
    api.simulator.fault(kind)
    answer = api.get("services/hostedservices")
    assert (answer.status, answer.text("Code")) == (status, code)
    assert words in (answer.text("Message") or "")
    assert "Retry-After" not in answer.headers
    assert api.get("services/hostedservices").status == 200


def test_any_error_can_be_asked_for(api: Api) -> None:
    """With status, code and message."""
    api.simulator.fault("error", status=403, code="ForbiddenError", message="not for you")
    answer = api.get("services/hostedservices")
    assert (answer.status, answer.error) == (403, ("ForbiddenError", "not for you"))


def test_a_redirect_names_the_other_host_and_has_no_request_id(api: Api) -> None:
    """307; the same call there succeeds."""
    api.simulator.fault("307")
    answer = api.get("services/hostedservices?x=1")
    expected = api.simulator.url.replace("127.0.0.1", "localhost")
    assert answer.status == 307
    assert answer.headers["Location"] == f"{expected}/{api.simulator.subscription}/services/hostedservices?x=1"
    assert "x-ms-request-id" not in answer.headers
    assert len(answer.body) == 69


def test_a_reset_call_was_not_accepted(api: Api, service: str, package_url: str) -> None:
    """The connection breaks, nothing was begun."""
    api.simulator.fault("reset", operation="create-deployment")
    with pytest.raises(requests.ConnectionError):
        api.post(f"{service}/deploymentslots/staging", create_deployment(package_url))
    assert api.get(f"{service}/deploymentslots/staging").status == 404


def test_a_lost_answer_leaves_the_operation_behind(api: Api, service: str, package_url: str) -> None:
    """The connection breaks in the same way, yet the deployment is there and the log knows its operation."""
    api.simulator.fault("lost", operation="create-deployment")
    with pytest.raises(requests.ConnectionError):
        api.post(f"{service}/deploymentslots/staging", create_deployment(package_url, Name="lost-one"))
    assert api.get(f"{service}/deployments/lost-one").status == 200
    assert api.simulator.accepted("create-deployment", "lost-one") == 1
    seen = [one for one in api.simulator.calls("create-deployment") if one["deployment"] == "lost-one"]
    assert [(one["status"], one["fault"]) for one in seen] == [(None, "lost")]
    assert api.operation_ended(seen[0]["operation_id"]).text("Status") == "Succeeded"


def test_a_500_can_hide_an_accepted_call(api: Api, service: str, package_url: str) -> None:
    """`accepted`: the call is carried out all the same."""
    api.simulator.fault("500", operation="create-deployment", accepted=True)
    assert api.post(f"{service}/deploymentslots/staging", create_deployment(package_url)).status == 500
    assert api.get(f"{service}/deploymentslots/staging").status == 200


def test_a_fault_waits_for_a_call_that_is_accepted(api: Api, service: str, package_url: str) -> None:
    """A refused call is answered truthfully and uses nothing up."""
    api.simulator.fault("lost", operation="create-deployment")
    assert api.post(f"{service}/deploymentslots/staging", b"x").status == 400
    assert len(api.simulator.admin("GET", "faults")["faults"]) == 1


def test_a_slow_answer_is_held_back(api: Api, service: str, package_url: str) -> None:
    """The client gives up before it comes; the deployment is there."""
    api.simulator.fault("slow", operation="create-deployment", seconds=30)
    url = f"{api.simulator.url}/{api.simulator.subscription}/{service}/deploymentslots/staging"
    with pytest.raises(requests.ReadTimeout):
        api.session.post(url, create_deployment(package_url), headers={"x-ms-version": "2017-01-01"}, timeout=0.3)
    assert api.get(f"{service}/deploymentslots/staging").status == 200


def test_a_late_failure_shows_in_the_operation(api: Api, service: str, package_url: str) -> None:
    """With code, status and message of the fault."""
    api.simulator.fault("late-failed", code="ResourceNotFound", status=404, message="gone")
    answer = api.ended(api.post(f"{service}/deploymentslots/staging", create_deployment(package_url)))
    assert (answer.text("Status"), answer.text("HttpStatusCode")) == ("Failed", "404")
    assert (answer.text("Error/Code"), answer.text("Error/Message")) == ("ResourceNotFound", "gone")


def test_an_extension_that_fails_late_is_gone(api: Api, service: str) -> None:
    """What an operation began is undone when it fails."""
    api.simulator.fault("late-failed")
    body = document("Extension", {"ProviderNameSpace": "p", "Type": "t", "Id": "e"})
    assert api.ended(api.post(f"{service}/extensions", body)).text("Status") == "Failed"
    assert api.get(f"{service}/extensions/e").status == 404


def test_two_calls_at_once_share_one_fault(api: Api) -> None:
    """One of them meets it, the other one does not, and neither breaks."""
    api.simulator.fault("slow", seconds=0.2)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: api.get("services/hostedservices").status, range(2)))
    assert answers == [200, 200]
    assert [one["fault"] for one in api.simulator.calls("list-cloud-services")][-2:].count("slow") == 1


def test_an_endless_operation_stays_in_progress(api: Api, service: str, package_url: str) -> None:
    """And the deployment stays locked."""
    api.simulator.fault("never")
    accepted = api.post(f"{service}/deploymentslots/staging", create_deployment(package_url))
    time.sleep(0.1)
    assert api.operation(accepted.id).text("Status") == "InProgress"
    status = document("UpdateDeploymentStatus", {"Status": "Running"})
    refused = api.post(f"{service}/deploymentslots/staging/?comp=status", status)
    assert accepted.id in (refused.text("Message") or "")


def test_an_unready_instance_stays_as_it_is(api: Api, service: str, package_url: str) -> None:
    """The operation succeeds, the instance does not come up."""
    api.simulator.fault("unready", status="CyclingRole")
    path = f"{service}/deploymentslots/staging"
    assert api.ended(api.post(path, create_deployment(package_url))).text("Status") == "Succeeded"
    assert api.get(path).texts("InstanceStatus") == ["CyclingRole"]


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.SIMULTANEOUS])
@pytest.mark.parametrize("count", [3, 7, 2], ids=["as many", "more", "fewer"])
def test_an_unready_instance_is_one_of_all_domains(mode: Mode, count: int) -> None:
    """The last one of an update, not the last one of each domain; scaling changes nothing about that."""
    lab = Lab()
    lab.running(WebRole1=1, Worker=3)
    stuck = Fate(stuck=Stuck(InstanceStatus.CYCLING))
    lab.configure(mode=mode, fate=stuck, WebRole1=1, Worker=count)
    lab.wait(1000)
    assert [name for name, status in lab.seen().items() if status != "ReadyRole"] == [f"Worker_IN_{count - 1}"]


def test_an_unready_instance_of_a_walk_is_the_last_of_its_domain() -> None:
    """Each walk is a call of its own, with faults of its own."""
    lab = Lab()
    lab.running(WebRole1=7)
    lab.configure(mode=Mode.MANUAL, WebRole1=7)
    lab.wait(10)
    call = lab.call("walk-upgrade-domain", Fate(stuck=Stuck(InstanceStatus.CYCLING)))
    upgrades.walk(lab.world, call, "shop", ByName("v1"), WalkUpgradeDomain(0))
    lab.wait(40)
    assert [name for name, status in lab.seen().items() if status != "ReadyRole"] == ["WebRole1_IN_5"]


@pytest.mark.parametrize("field", ["request_id", "request-id"])
def test_the_admin_call_takes_the_names_of_the_command_line(api: Api, field: str) -> None:
    """A dash or an underscore."""
    api.simulator.fault("409", **{field: "a" * 32})
    assert "x-ms-requestid " + "a" * 32 in (api.get("services/hostedservices").text("Message") or "")


@pytest.mark.parametrize(("kind", "start"), [("html", b"<!DOCTYPE html"), ("garbage", b"<Operation")])
def test_nonsense_is_served_with_200(api: Api, kind: str, start: bytes) -> None:
    """A proxy's page, or XML that breaks off."""
    api.simulator.fault(kind)
    answer = api.get("operations/00000000000000000000000000000000")
    assert (answer.status, answer.body[: len(start)]) == (200, start)


def test_a_fault_for_another_call_does_not_show(api: Api) -> None:
    """Operation, method and path all have to fit."""
    api.simulator.fault("500", operation="create-deployment")
    api.simulator.fault("500", method="DELETE")
    api.simulator.fault("500", path="/deploymentslots/")
    assert api.get("services/hostedservices").status == 200


def test_a_fault_of_the_command_line_is_there_from_the_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`--fault`, twice."""
    folder = tmp_path_factory.mktemp("faults") / "state"
    with running_simulator(folder, "--http", "--fault", "503:2", "--fault", "lost") as simulator:
        kinds = [fault["kind"] for fault in simulator.admin("GET", "faults")["faults"]]
    assert kinds == ["503", "lost"]


@pytest.mark.parametrize("body", [{"kind": "504"}, [], {"kind": "503", "colour": 1}, "503", None])
def test_the_admin_call_refuses_what_is_no_fault(api: Api, body: object) -> None:
    """400 with a reason, except for an empty list, which adds nothing."""
    url = f"{api.simulator.url}/_simulator/faults"
    answer = api.session.post(url, json=body, timeout=10)
    assert answer.status_code == (201 if body == [] else 400)
    assert body == [] or answer.json()["error"]
