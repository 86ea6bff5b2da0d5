"""Each call: its method, its path, its body, and what it makes of the answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest

from handlers.service_management import (
    NEWEST,
    AddExtension,
    BadAnswer,
    BadCall,
    ChangeConfiguration,
    CreateCloudService,
    CreateDeployment,
    NotFound,
    OperationStatus,
    Retry,
    ServiceManagement,
    UpgradeDeployment,
)
from tests.service_management.serving import DASHED, REQUEST_ID, SUBSCRIPTION, XMLNS, Reply, Server, error

CSCFG = b"<ServiceConfiguration/>"
CREATE = CreateDeployment(name="v1", package_url="https://a/b?x=1&sig=s", label="Release 1", configuration=CSCFG)
CHANGE = ChangeConfiguration(configuration=CSCFG)
UPGRADE = UpgradeDeployment(package_url="https://a/b", configuration=CSCFG, label="Release 2")
NEW_SERVICE = CreateCloudService(service_name="shop", label="Shop", location="West US")
EXTENSION = AddExtension(provider_name_space="Microsoft.Azure", type="RDP", id="rdp")
SERVICE = "/services/hostedservices/shop"

CHANGES: dict[str, tuple[Callable[[ServiceManagement], str], str, str, str | None]] = {
    "create": (
        lambda c: c.create_deployment("shop", "staging", CREATE),
        "POST",
        f"{SERVICE}/deploymentslots/Staging",
        "CreateDeployment",
    ),
    "change configuration by slot": (
        lambda c: c.change_deployment_configuration("shop", CHANGE, slot="PRODUCTION"),
        "POST",
        f"{SERVICE}/deploymentslots/Production/?comp=config",
        "ChangeConfiguration",
    ),
    "change configuration by name": (
        lambda c: c.change_deployment_configuration("shop", CHANGE, name="v 1"),
        "POST",
        f"{SERVICE}/deployments/v%201/?comp=config",
        "ChangeConfiguration",
    ),
    "suspend by slot": (
        lambda c: c.update_deployment_status("shop", "Suspended", slot="staging"),
        "POST",
        f"{SERVICE}/deploymentslots/Staging/?comp=status",
        "UpdateDeploymentStatus",
    ),
    "run by name": (
        lambda c: c.update_deployment_status("shop", "Running", name="v1"),
        "POST",
        f"{SERVICE}/deployments/v1/?comp=status",
        "UpdateDeploymentStatus",
    ),
    "upgrade": (
        lambda c: c.upgrade_deployment("shop", UPGRADE, name="v1"),
        "POST",
        f"{SERVICE}/deployments/v1/?comp=upgrade",
        "UpgradeDeployment",
    ),
    "walk": (
        lambda c: c.walk_upgrade_domain("shop", 1, slot="production"),
        "POST",
        f"{SERVICE}/deploymentslots/Production/?comp=walkupgradedomain",
        "WalkUpgradeDomain",
    ),
    "roll back": (
        lambda c: c.rollback_update_or_upgrade("shop", mode="manual", force=True, name="v1"),
        "POST",
        f"{SERVICE}/deployments/v1/?comp=rollback",
        "RollbackUpdateOrUpgrade",
    ),
    "swap": (lambda c: c.swap_deployment("shop", "v2", "v1"), "POST", SERVICE, "Swap"),
    "delete by name": (
        lambda c: c.delete_deployment("shop", name="v1"),
        "DELETE",
        f"{SERVICE}/deployments/v1",
        None,
    ),
    "delete with disks": (
        lambda c: c.delete_deployment("shop", slot="staging", media=True),
        "DELETE",
        f"{SERVICE}/deploymentslots/Staging?comp=media",
        None,
    ),
    "create cloud service": (
        lambda c: c.create_cloud_service(NEW_SERVICE),
        "POST",
        "/services/hostedservices",
        "CreateHostedService",
    ),
    "add extension": (lambda c: c.add_extension("shop", EXTENSION), "POST", f"{SERVICE}/extensions", "Extension"),
    "delete extension": (lambda c: c.delete_extension("shop", "rdp"), "DELETE", f"{SERVICE}/extensions/rdp", None),
    "reboot": (
        lambda c: c.reboot_role_instance("shop", "Web_IN_0", slot="production"),
        "POST",
        f"{SERVICE}/deploymentslots/Production/roleinstances/Web_IN_0?comp=reboot",
        None,
    ),
    "reimage": (
        lambda c: c.reimage_role_instance("shop", "Web Role_IN_0", name="v1"),
        "POST",
        f"{SERVICE}/deployments/v1/roleinstances/Web%20Role_IN_0?comp=reimage",
        None,
    ),
}


@pytest.mark.parametrize("call", CHANGES)
def test_a_change_has_its_method_path_and_body(client: ServiceManagement, server: Server, call: str) -> None:
    """Each call goes where the documents say, with the root element they say."""
    make, method, path, root = CHANGES[call]
    assert make(client) == REQUEST_ID
    assert (server.last.method, server.last.path) == (method, f"/{SUBSCRIPTION}{path}")
    sent = ET.fromstring(server.last.body).tag if server.last.body else None  # noqa: S314 - our own bytes
    assert sent == (root and f"{{http://schemas.microsoft.com/windowsazure}}{root}")


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("call", CHANGES)
def test_a_change_is_accepted_with_any_of_the_good_statuses(
    client: ServiceManagement, server: Server, call: str, status: int
) -> None:
    """The documents promise 200, the service sent 202 (201 for a new cloud service): all are taken."""
    server.replies = [Reply(status)]
    assert CHANGES[call][0](client) == REQUEST_ID


def test_the_newest_version_and_xml_are_sent(client: ServiceManagement, server: Server) -> None:
    """The two required headers are there."""
    CHANGES["create"][0](client)
    assert server.last.headers["x-ms-version"] == NEWEST == "2017-01-01"
    assert server.last.headers["Content-Type"] == "application/xml"


def test_a_post_without_body_has_a_length_of_zero(client: ServiceManagement, server: Server) -> None:
    """Reboot Role Instance documents `Content-Length: 0`."""
    CHANGES["reboot"][0](client)
    assert server.last.headers["Content-Length"] == "0"


def test_a_version_can_be_chosen(server: Server) -> None:
    """The client speaks the version it was given."""
    with ServiceManagement(SUBSCRIPTION, url=server.url, version="2014-06-01") as client:
        CHANGES["create"][0](client)
    assert server.last.headers["x-ms-version"] == "2014-06-01"


@pytest.mark.parametrize("form", [REQUEST_ID, DASHED, DASHED.upper()])
def test_an_operation_is_asked_for_by_either_form_of_its_id(
    client: ServiceManagement, server: Server, form: str
) -> None:
    """The path has no dashes, the answer has them, and the id given back is the one the change gave."""
    server.replies = [
        Reply(200, f"<Operation {XMLNS}><ID>{DASHED}</ID><Status>InProgress</Status></Operation>".encode())
    ]
    operation = client.get_operation_status(form)
    assert server.last.path == f"/{SUBSCRIPTION}/operations/{REQUEST_ID}"
    assert (operation.id, operation.status) == (REQUEST_ID, OperationStatus.IN_PROGRESS)


def test_a_failed_operation_has_its_error(client: ServiceManagement, server: Server) -> None:
    """Code and message of the failure are read, and the status that it would have had."""
    fault = "<Error><Code>BadRequest</Code><Message>Port 22 is already in use.</Message></Error>"
    body = f"<Operation {XMLNS}><ID>{DASHED}</ID><Status>Failed</Status><HttpStatusCode>400</HttpStatusCode>{fault}"
    server.replies = [Reply(200, f"{body}</Operation>".encode())]
    operation = client.get_operation_status(REQUEST_ID)
    assert operation.http_status_code == 400
    assert operation.error is not None
    assert (operation.error.code, operation.error.message) == ("BadRequest", "Port 22 is already in use.")


def test_the_answer_about_another_operation_is_refused(client: ServiceManagement, server: Server) -> None:
    """An id that was not asked for must never end a request."""
    server.replies = [
        Reply(200, f"<Operation {XMLNS}><ID>{'f' * 32}</ID><Status>Succeeded</Status></Operation>".encode())
    ]
    with pytest.raises(BadAnswer, match="another operation"):
        client.get_operation_status(REQUEST_ID)


def _deployment(name: str, slot: str) -> Reply:
    inner = f"<Name>{name}</Name><DeploymentSlot>{slot}</DeploymentSlot><Status>Running</Status>"
    return Reply(200, f"<Deployment {XMLNS}>{inner}<Configuration/></Deployment>".encode())


@pytest.mark.parametrize("asked", [{"name": "v1"}, {"slot": "staging"}, {"slot": "STAGING"}], ids=str)
def test_the_deployment_asked_for_is_given(client: ServiceManagement, server: Server, asked: dict[str, str]) -> None:
    """A slot may be asked for in any case."""
    server.replies = [_deployment("v1", "Staging")]
    found = client.get_deployment("shop", **asked)
    assert found is not None
    assert (found.name, found.slot) == ("v1", "Staging")


@pytest.mark.parametrize("asked", [{"name": "v2"}, {"name": "V1"}, {"slot": "production"}], ids=str)
def test_the_answer_about_another_deployment_is_refused(
    client: ServiceManagement, server: Server, asked: dict[str, str]
) -> None:
    """Nobody may act on what stands somewhere else; it is asked for again later."""
    server.replies = [_deployment("v1", "Staging")]
    with pytest.raises(BadAnswer, match="another deployment") as caught:
        client.get_deployment("shop", **asked)
    assert (caught.value.retry, caught.value.status, caught.value.request_id) == (Retry.LATER, 200, REQUEST_ID)


def test_no_deployment_is_none(client: ServiceManagement, server: Server) -> None:
    """An empty slot is not an error."""
    server.replies = [
        Reply(
            404,
            error("ResourceNotFound", "No deployments were found."),
        )
    ]
    assert client.get_deployment("shop", slot="production") is None
    assert client.get_cloud_service("shop") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>404</html>",
        error("ResourceNotFound", "The specified subscription x does not exist"),
        error("Other", "?"),
    ],
    ids=["empty", "of a proxy", "about the subscription", "of another code"],
)
def test_a_404_that_is_not_about_the_deployment_is_an_error(
    client: ServiceManagement, server: Server, body: bytes
) -> None:
    """It must not look like an empty slot."""
    server.replies = [Reply(404, body)]
    with pytest.raises(NotFound):
        client.get_deployment("shop", slot="production")


def test_an_unknown_operation_is_not_found(client: ServiceManagement, server: Server) -> None:
    """Nothing is known about an operation that the service does not know."""
    server.replies = [Reply(404, error("ResourceNotFound", "?"))]
    with pytest.raises(NotFound):
        client.get_operation_status(REQUEST_ID)


def test_the_list_of_operations_is_read_page_by_page(client: ServiceManagement, server: Server) -> None:
    """A continuation token asks for the next page; times are sent in UTC."""

    def page(identity: str, token: str) -> Reply:
        operation = (
            f"<SubscriptionOperation><OperationId>{identity}</OperationId><OperationObjectId>/x/y</OperationObjectId>"
            "<OperationName>CreateDeploymentBySlot</OperationName><OperationParameters>"
            '<OperationParameter><d:Name xmlns:d="http://other">serviceName</d:Name>'
            '<d:Value xmlns:d="http://other">shop</d:Value></OperationParameter></OperationParameters>'
            "<OperationCaller><UsedServiceManagementApi>true</UsedServiceManagementApi>"
            "<SubscriptionCertificateThumbprint>AB</SubscriptionCertificateThumbprint></OperationCaller>"
            f"<OperationStatus><ID>{identity}</ID><Status>Succeeded</Status><HttpStatusCode>200</HttpStatusCode>"
            "</OperationStatus><OperationStartedTime>2015-07-02T17:57:04.1234567Z</OperationStartedTime>"
            "</SubscriptionOperation>"
        )
        root = "SubscriptionOperationCollection"
        operations = f"<SubscriptionOperations>{operation}</SubscriptionOperations>"
        return Reply(200, f"<{root} {XMLNS}>{operations}{token}</{root}>".encode())

    server.replies = [page(DASHED, "<ContinuationToken>a b&amp;c</ContinuationToken>"), page("f" * 32, "")]
    start = datetime(2015, 7, 2, 2, 0, 0, tzinfo=timezone(timedelta(hours=2)))
    found = client.list_subscription_operations(start, datetime(2015, 7, 3, tzinfo=UTC), object_id="/s/x")
    assert [operation.id for operation in found] == [REQUEST_ID, "f" * 32]
    first = found[0]
    assert (first.name, first.object_id, first.parameters) == (
        "CreateDeploymentBySlot",
        "/x/y",
        {"serviceName": "shop"},
    )
    assert first.started_time == datetime(2015, 7, 2, 17, 57, 4, 123456, tzinfo=UTC)
    assert (first.status, first.http_status_code, first.caller_thumbprint) == (OperationStatus.SUCCEEDED, 200, "AB")
    query = "StartTime=2015-07-02T00%3A00%3A00Z&EndTime=2015-07-03T00%3A00%3A00Z&ObjectIdFilter=%2Fs%2Fx"
    assert server.seen[0].path == f"/{SUBSCRIPTION}/operations?{query}"
    assert server.seen[1].path == f"/{SUBSCRIPTION}/operations?{query}&ContinuationToken=a+b%26c"


def test_a_list_of_operations_that_never_ends_is_given_up(client: ServiceManagement, server: Server) -> None:
    """Pages are bounded."""
    root = "SubscriptionOperationCollection"
    body = f"<{root} {XMLNS}><SubscriptionOperations/><ContinuationToken>x</ContinuationToken></{root}>"
    server.replies = [Reply(200, body.encode())]
    with pytest.raises(BadAnswer, match="pages"):
        client.list_subscription_operations(datetime(2015, 7, 2, tzinfo=UTC), datetime(2015, 7, 3, tzinfo=UTC))
    assert len(server.seen) == 50


BAD_CALLS: dict[str, Callable[[ServiceManagement], object]] = {
    "no slot, no name": lambda c: c.get_deployment("shop"),
    "slot and name": lambda c: c.get_deployment("shop", slot="staging", name="v1"),
    "a slot that is none": lambda c: c.get_deployment("shop", slot="canary"),
    "a service with a slash": lambda c: c.get_deployment("shop/../other", slot="staging"),
    "a service of two dots": lambda c: c.get_deployment("..", slot="staging"),
    "an empty service": lambda c: c.get_deployment("", slot="staging"),
    "a name with a line break": lambda c: c.get_deployment("shop", name="a\nb"),
    "a name that no path carries": lambda c: c.get_deployment("shop", name="\ud800"),
    "a name too long": lambda c: c.get_deployment("shop", name="n" * 261),
    "a request id that is none": lambda c: c.get_operation_status("../services"),
    "a status that is none": lambda c: c.update_deployment_status("shop", "Stopped", slot="staging"),
    "a domain below zero": lambda c: c.walk_upgrade_domain("shop", -1, slot="staging"),
    "a domain too many": lambda c: c.walk_upgrade_domain("shop", 20, slot="staging"),
    "a simultaneous rollback": lambda c: c.rollback_update_or_upgrade("shop", mode="Simultaneous", slot="staging"),
    "times without a zone": lambda c: c.list_subscription_operations(datetime(2015, 1, 1), datetime(2015, 1, 2)),  # noqa: DTZ001 - that is the point
}


@pytest.mark.parametrize("call", BAD_CALLS)
def test_a_call_that_cannot_be_made_is_refused_before_anything_is_sent(
    client: ServiceManagement, server: Server, call: str
) -> None:
    """Arguments are checked first."""
    with pytest.raises(BadCall):
        BAD_CALLS[call](client)
    assert server.seen == []


@pytest.mark.parametrize(
    ("service", "slot", "named"),
    [
        ("a/b", "staging", "the cloud service has"),
        ("shop", "canary", "a slot is"),
        ("a/b", "canary", "the cloud service"),
    ],
)
def test_a_bad_path_is_refused_by_the_name_of_what_is_bad(
    client: ServiceManagement, service: str, slot: str, named: str
) -> None:
    """A bad service is not called a bad slot."""
    with pytest.raises(BadCall, match=named):
        client.create_deployment(service, slot, CREATE)


@pytest.mark.parametrize(
    "url",
    [
        "http://management.core.windows.net",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "https://user@host",
        "https://host/path",
        "https://host?query",
        "https://",
        "host",
        "http://[::1",
    ],
)
def test_an_endpoint_must_be_https_and_a_host(url: str) -> None:
    """Plain http is for loopback only, and nothing but a host is an endpoint."""
    with pytest.raises(BadCall, match="endpoint"):
        ServiceManagement(SUBSCRIPTION, url=url)


def test_https_needs_a_certificate() -> None:
    """Without one the service would refuse every call."""
    with pytest.raises(BadCall, match="certificate"):
        ServiceManagement(SUBSCRIPTION)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.8.9.1:1", "http://[::1]:1", "http://127.0.0.1:1/"])
def test_plain_loopback_needs_no_certificate(url: str) -> None:
    """A simulator may be plain."""
    ServiceManagement(SUBSCRIPTION, url=url).close()
