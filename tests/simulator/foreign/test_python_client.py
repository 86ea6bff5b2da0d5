"""`azure-servicemanagement-legacy`, unmodified, through the whole life of a deployment."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from azure.common import (  # type: ignore[import-untyped]
    AzureConflictHttpError,
    AzureHttpError,
    AzureMissingResourceHttpError,
)
from azure.servicemanagement import ServiceManagementService

from tests.simulator.api import cscfg, one_parameter
from tests.simulator.process import Simulator, running_simulator

pytestmark = pytest.mark.foreign
DEADLINE_SECONDS = 15


@pytest.fixture(scope="module", params=["http", pytest.param("https", marks=pytest.mark.tls)], ids=["http", "tls"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator in which operations take a moment."""
    plain = ("--http",) if request.param == "http" else ()
    pace = ("--operation-seconds", "0.1", "--instance-seconds", "0.1")
    with running_simulator(tmp_path_factory.mktemp(request.param) / "state", *pace, *plain) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def client(running: Simulator) -> Iterator[Any]:
    """Connect the client: with its own session, the management certificate and the simulator's host."""
    scheme, _, host = running.url.partition("://")
    with requests.Session() as session:
        session.trust_env = False
        if scheme == "https":
            session.cert, session.verify = str(running.certificate), str(running.authority)
        service = ServiceManagementService(running.subscription, host=host, request_session=session)

        def in_scheme(request: Any, send: Callable[[Any], Any]) -> Any:
            request.protocol_override = scheme
            return send(request)

        yield service.with_filter(in_scheme)


def succeeded(client: Any, accepted: Any) -> None:
    """Wait as the client itself does, only with shorter breaks."""
    result = client.wait_for_operation_status(
        accepted.request_id,
        timeout=DEADLINE_SECONDS,
        sleep_interval=0.05,
        progress_callback=None,
        success_callback=None,
    )
    assert (result.status, result.error) == ("Succeeded", None)


def until(ask: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Ask until the answer is good."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not good(answer := ask()):
        assert time.monotonic() < end, vars(answer)
        time.sleep(0.05)
    return answer


def test_a_deployment_lives_and_dies(client: Any, package_url: str) -> None:
    """Create, look, configure by domain, roll back, suspend, upgrade, swap, reboot, shrink, delete."""
    assert client.check_hosted_service_name_availability("shop").result is True
    succeeded(client, client.create_hosted_service("shop", "the shop", "sells", "West US", None, {"team": "red"}))
    assert client.check_hosted_service_name_availability("shop").result is False

    two = cscfg({"WebRole1": 2})
    accepted = client.create_deployment(
        "shop", "staging", "v1", one_parameter(package_url), "version 1", two, True, False, {"commit": "abc"}
    )
    assert client.get_deployment_by_slot("shop", "staging").status == "Deploying"
    succeeded(client, accepted)
    ready = until(
        lambda: client.get_deployment_by_name("shop", "v1"),
        lambda one: {instance.instance_status for instance in one.role_instance_list} == {"ReadyRole"},
    )
    assert (ready.name, ready.deployment_slot, ready.status, ready.label) == ("v1", "Staging", "Running", "version 1")
    assert [instance.instance_name for instance in ready.role_instance_list] == ["WebRole1_IN_0", "WebRole1_IN_1"]
    assert (ready.locked, ready.rollback_allowed, ready.upgrade_domain_count) == (False, False, "2")
    assert ready.extended_properties == {"commit": "abc"}
    assert ready.role_list[0].role_name == "WebRole1"
    assert ready.url == f"http://{ready.private_id}.cloudapp.net/"

    succeeded(
        client, client.change_deployment_configuration("shop", "v1", cscfg({"WebRole1": 2}, "blue"), False, "Manual")
    )
    waiting = client.get_deployment_by_name("shop", "v1")
    assert (waiting.upgrade_status.upgrade_type, waiting.upgrade_status.current_upgrade_domain) == ("Manual", "0")
    for domain in (0, 1):
        succeeded(client, client.walk_upgrade_domain("shop", "v1", domain))
    until(lambda: client.get_deployment_by_name("shop", "v1"), lambda one: one.status == "Running")

    succeeded(client, client.change_deployment_configuration("shop", "v1", two, False, "Manual"))
    assert client.get_deployment_by_name("shop", "v1").rollback_allowed is True
    succeeded(client, client.rollback_update_or_upgrade("shop", "v1", "auto", True))
    until(lambda: client.get_deployment_by_name("shop", "v1"), lambda one: one.status == "Running")

    succeeded(client, client.update_deployment_status("shop", "v1", "Suspended"))
    assert client.get_deployment_by_name("shop", "v1").status == "Suspended"
    succeeded(client, client.update_deployment_status("shop", "v1", "Running"))

    succeeded(
        client, client.upgrade_deployment("shop", "v1", "Auto", one_parameter(package_url), two, "version 1.1", True)
    )
    until(lambda: client.get_deployment_by_name("shop", "v1"), lambda one: one.status == "Running")
    assert client.get_deployment_by_name("shop", "v1").label == "version 1.1"

    succeeded(
        client, client.create_deployment("shop", "production", "v0", one_parameter(package_url), "version 0", two)
    )
    succeeded(client, client.swap_deployment("shop", "v0", "v1"))
    assert client.get_deployment_by_slot("shop", "production").name == "v1"
    assert client.get_deployment_by_slot("shop", "staging").name == "v0"

    for call in (client.reboot_role_instance, client.reimage_role_instance, client.rebuild_role_instance):
        succeeded(client, call("shop", "v1", "WebRole1_IN_1"))
    succeeded(client, client.delete_role_instances("shop", "v1", ["WebRole1_IN_0"]))
    assert len(client.get_deployment_by_name("shop", "v1").role_instance_list) == 1

    detailed = client.get_hosted_service_properties("shop", True)
    assert sorted(one.name for one in detailed.deployments) == ["v0", "v1"]
    assert detailed.hosted_service_properties.extended_properties["team"] == "red"
    client.update_hosted_service("shop", "the new shop")
    assert client.get_hosted_service_properties("shop").hosted_service_properties.label == "the new shop"
    assert [one.service_name for one in client.list_hosted_services()] == ["shop"]

    succeeded(client, client.delete_deployment("shop", "v0", delete_vhd=True))
    succeeded(client, client.delete_deployment("shop", "v1"))
    client.delete_hosted_service("shop")
    assert list(client.list_hosted_services()) == []

    begin, end = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    form = "%Y-%m-%dT%H:%M:%SZ"
    listed = client.list_subscription_operations(begin.strftime(form), end.strftime(form)).subscription_operations
    first = listed[1]
    assert (first.operation_name, first.operation_status.status) == ("CreateDeploymentBySlot", "Succeeded")
    assert first.operation_parameters["deploymentName"] == "v1"


def test_errors_are_the_client_s_own(client: Any, package_url: str) -> None:
    """Missing, conflict, bad request, failed operation."""
    client.create_hosted_service("errors", "errors", location="West US")
    with pytest.raises(AzureMissingResourceHttpError, match=r"No deployments were found\."):
        client.get_deployment_by_slot("errors", "staging")
    with pytest.raises(AzureMissingResourceHttpError, match=r"The hosted service does not exist\."):
        client.get_hosted_service_properties("nobody")
    with pytest.raises(AzureConflictHttpError, match=r"The specified DNS name is already taken\."):
        client.create_hosted_service("errors", "errors", location="West US")
    with pytest.raises(AzureHttpError, match="InvalidXmlRequest"):
        client.create_deployment("errors", "staging", "v1", "http://127.0.0.1/?a=1&b=2", "label", cscfg())
    accepted = client.create_deployment("errors", "staging", "v1", "http://127.0.0.1:1/p", "label", cscfg())
    failed = until(lambda: client.get_operation_status(accepted.request_id), lambda one: one.status != "InProgress")
    assert (failed.status, failed.http_status_code, failed.error.code) == ("Failed", "400", "BadRequest")
    client.create_deployment("errors", "staging", "v1", one_parameter(package_url), "label", cscfg())
    with pytest.raises(AzureConflictHttpError, match="The specified deployment slot Staging is occupied"):
        client.create_deployment("errors", "staging", "v2", one_parameter(package_url), "label", cscfg())


def test_the_client_follows_a_redirect(client: Any, running: Simulator) -> None:
    """307, to the other name of this machine, with the certificate."""
    running.fault("307")
    client.list_hosted_services()
    assert [one["status"] for one in running.calls("list-cloud-services")][-2:] == [307, 200]
