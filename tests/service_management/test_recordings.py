"""Recorded traffic of the real service: every answer is read, and every request written, as it was."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from handlers.service_management import (
    AddExtension,
    Answered,
    ChangeConfiguration,
    CreateCloudService,
    CreateDeployment,
    ServiceConfiguration,
    ServiceManagement,
    UpgradeDeployment,
    wire,
)
from handlers.service_management.answers import CloudService, Deployment
from handlers.service_management.endpoint import Endpoint
from handlers.service_management.messages import Element, Swap, UpdateDeploymentStatus
from tests.service_management.recorded import (
    ALL,
    NS,
    Exchange,
    arguments,
    canonical,
    counted,
    each,
    exchanges,
    instant,
    number,
    of_kind,
    one_line,
    parse,
    plain,
    properties,
    text,
)
from tests.service_management.serving import Reply, Seen, Server

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
EXPECTED = {
    "operations": 253,
    "deployments": 80,
    "cloud services": 25,
    "extension lists": 18,
    "errors": 94,
    "redirects": 9,
    "accepted changes": 168,
    "request bodies": 107,
    "service configurations": 28,
}
"""What the whole collection has; docs/service-management.md shows these numbers."""


@pytest.mark.parametrize("exchange", of_kind("get-operation-status", status=200), ids=str)
def test_every_operation_is_read(exchange: Exchange) -> None:
    """Id, status, HTTP status and error are what the XML says."""
    root, operation = parse(exchange.body), wire.operation(exchange.body.encode())
    assert operation.id == (text(root, "ID") or "").replace("-", "").lower()
    assert operation.status == text(root, "Status")
    assert operation.http_status_code == number(text(root, "HttpStatusCode"))
    found = operation.error and (operation.error.code, operation.error.message)
    assert found == (
        (text(root, "Error/Code"), one_line(text(root, "Error/Message")))
        if root.find(f"{NS}Error") is not None
        else None
    )
    counted["operations"] += 1


@pytest.mark.parametrize("exchange", of_kind("get-deployment", status=200), ids=str)
def test_every_deployment_is_read(exchange: Exchange) -> None:
    """All that flows look at is what the XML says."""
    _same_deployment(wire.deployment(exchange.body.encode()), parse(exchange.body))
    counted["deployments"] += 1


def _same_deployment(deployment: Deployment, root: ET.Element) -> None:
    assert {
        "name": deployment.name,
        "slot": deployment.slot,
        "status": deployment.status,
        "private id": deployment.private_id,
        "label": (deployment.label or "").encode(),
        "url": deployment.url,
        "configuration": deployment.configuration,
        "domains": deployment.upgrade_domain_count,
        "sdk": deployment.sdk_version,
        "locked": deployment.locked,
        "rollback": deployment.rollback_allowed,
        "network": deployment.virtual_network_name,
        "created": deployment.created_time,
        "modified": deployment.last_modified_time,
        "properties": deployment.extended_properties,
    } == {
        "name": text(root, "Name"),
        "slot": text(root, "DeploymentSlot"),
        "status": text(root, "Status"),
        "private id": text(root, "PrivateID"),
        "label": plain(text(root, "Label")),
        "url": text(root, "Url"),
        "configuration": plain(text(root, "Configuration")),
        "domains": number(text(root, "UpgradeDomainCount")),
        "sdk": text(root, "SdkVersion"),
        "locked": text(root, "Locked") == "true",
        "rollback": text(root, "RollbackAllowed") == "true",
        "network": text(root, "VirtualNetworkName"),
        "created": instant(text(root, "CreatedTime")),
        "modified": instant(text(root, "LastModifiedTime")),
        "properties": properties(root),
    }
    assert [
        (i.role_name, i.name, i.status, i.upgrade_domain, i.fault_domain, i.size, i.ip_address, i.power_state)
        for i in deployment.role_instances
    ] == [
        (
            text(i, "RoleName"),
            text(i, "InstanceName"),
            text(i, "InstanceStatus"),
            number(text(i, "InstanceUpgradeDomain")),
            number(text(i, "InstanceFaultDomain")),
            text(i, "InstanceSize"),
            text(i, "IpAddress"),
            text(i, "PowerState"),
        )
        for i in each(root, "RoleInstanceList/RoleInstance")
    ]
    assert [(r.name, r.os_version) for r in deployment.roles] == [
        (text(r, "RoleName"), text(r, "OsVersion")) for r in each(root, "RoleList/Role")
    ]
    assert [(v.address, v.name) for v in deployment.virtual_ips] == [
        (text(v, "Address"), text(v, "Name")) for v in each(root, "VirtualIPs/VirtualIP")
    ]
    active = deployment.extension_configuration
    assert (active is None) == (root.find(f"{NS}ExtensionConfiguration") is None)
    if active is not None:
        assert [(e.id, e.state) for e in active.all_roles] == [
            (text(e, "Id"), text(e, "State")) for e in each(root, "ExtensionConfiguration/AllRoles/Extension")
        ]
        assert {role: [(e.id, e.state) for e in extensions] for role, extensions in active.named_roles.items()} == {
            text(r, "RoleName"): [(text(e, "Id"), text(e, "State")) for e in each(r, "Extensions/Extension")]
            for r in each(root, "ExtensionConfiguration/NamedRoles/Role")
        }
    upgrade = deployment.upgrade_status
    assert (upgrade and upgrade.type) == text(root, "UpgradeStatus/UpgradeType")


@pytest.mark.parametrize("exchange", of_kind("get-cloud-service", status=200), ids=str)
def test_every_cloud_service_is_read(exchange: Exchange) -> None:
    """Its properties, and its deployments where they are there."""
    root = parse(exchange.body)
    service: CloudService = wire.cloud_service(exchange.body.encode())
    inner = root.find(f"{NS}HostedServiceProperties")
    assert inner is not None
    assert (service.name, service.url) == (text(root, "ServiceName"), text(root, "Url"))
    assert service.status == text(inner, "Status")
    assert (service.label or "").encode() == plain(text(inner, "Label"))
    assert (service.description, service.location) == (text(inner, "Description"), text(inner, "Location"))
    assert service.affinity_group == text(inner, "AffinityGroup")
    assert service.date_created == instant(text(inner, "DateCreated"))
    assert service.extended_properties == properties(inner)
    deployments = each(root, "Deployments/Deployment")
    assert len(service.deployments) == len(deployments)
    for read, there in zip(service.deployments, deployments, strict=True):
        _same_deployment(read, there)
    counted["cloud services"] += 1


@pytest.mark.parametrize("exchange", of_kind("list-extensions", status=200), ids=str)
def test_every_list_of_extensions_is_read(exchange: Exchange) -> None:
    """Empty ones too."""
    assert [
        (e.id, e.provider_name_space, e.type, e.version, e.thumbprint, e.public_configuration)
        for e in wire.extensions(exchange.body.encode())
    ] == [
        (
            text(e, "Id"),
            text(e, "ProviderNameSpace"),
            text(e, "Type"),
            text(e, "Version"),
            text(e, "Thumbprint"),
            plain(text(e, "PublicConfiguration")),
        )
        for e in each(parse(exchange.body), "Extension")
    ]
    counted["extension lists"] += 1


@pytest.mark.parametrize("exchange", [e for e in exchanges() if e.status >= 400], ids=str)
def test_every_error_is_typed(server: Server, exchange: Exchange) -> None:
    """Code, message and request id of the answer, over the wire."""
    _replay(server, exchange)
    with ServiceManagement(SUBSCRIPTION, url=server.url) as client, pytest.raises(Answered) as caught:
        client.delete_deployment("any", name="any")
    root = parse(exchange.body)
    prefix = "" if root.tag == "Error" else NS
    assert caught.value.status == exchange.status
    assert caught.value.code == root.findtext(f"{prefix}Code")
    message = one_line(root.findtext(f"{prefix}Message"))
    assert caught.value.message == (message or "the answer does not say why")
    assert caught.value.request_id == exchange.headers.get("x-ms-request-id")
    counted["errors"] += 1


@pytest.mark.parametrize("exchange", [e for e in exchanges() if e.status == 307], ids=str)
def test_every_redirect_may_be_followed(exchange: Exchange) -> None:
    """They all lead to a region of the same domain, with the same path."""
    home = "https://management.core.windows.net"
    location = exchange.headers["location"]
    assert Endpoint.parse(home).redirected(f"{home}{exchange.path}", location) == location
    assert location.endswith(exchange.path)
    counted["redirects"] += 1


_CHANGES: dict[str, Callable[[ServiceManagement], str]] = {
    "create-cloud-service": lambda c: c.create_cloud_service(
        CreateCloudService(service_name="s", label="s", location="x")
    ),
    "delete-extension": lambda c: c.delete_extension("s", "e"),
}


def _delete(client: ServiceManagement) -> str:
    return client.delete_deployment("s", name="d")


def _accepted() -> list[Exchange]:
    changes = {"delete-extension", "create-cloud-service"}
    return [
        e
        for e in exchanges()
        if e.method in {"POST", "DELETE"}
        and (e.status == 202 or (e.status in {200, 201} and e.kind in changes))
        and "x-ms-request-id" in e.headers
    ]


@pytest.mark.parametrize("exchange", _accepted(), ids=str)
def test_every_accepted_change_gives_its_request_id(server: Server, exchange: Exchange) -> None:
    """The id of the answer is the id of the operation."""
    _replay(server, exchange)
    call = _CHANGES.get(exchange.kind, _delete)
    with ServiceManagement(SUBSCRIPTION, url=server.url) as client:
        assert call(client) == exchange.headers["x-ms-request-id"]
    counted["accepted changes"] += 1


MESSAGES: dict[str, tuple[type[Element], Callable[[ServiceManagement, Any, dict[str, str]], str]]] = {
    "create-deployment": (
        CreateDeployment,
        lambda c, m, at: c.create_deployment(at["service"], at["slot"], m),
    ),
    "change-configuration": (
        ChangeConfiguration,
        lambda c, m, at: c.change_deployment_configuration(at.pop("service"), m, **at),
    ),
    "update-deployment-status": (
        UpdateDeploymentStatus,
        lambda c, m, at: c.update_deployment_status(at.pop("service"), m.status, **at),
    ),
    "upgrade-deployment": (
        UpgradeDeployment,
        lambda c, m, at: c.upgrade_deployment(at.pop("service"), m, **at),
    ),
    "swap-deployment": (
        Swap,
        lambda c, m, at: c.swap_deployment(at["service"], m.source_deployment, m.production),
    ),
    "add-extension": (AddExtension, lambda c, m, at: c.add_extension(at["service"], m)),
    "create-cloud-service": (CreateCloudService, lambda c, m, _: c.create_cloud_service(m)),
}


def _place(path: str) -> dict[str, str]:
    parts = path.partition("?")[0].strip("/").split("/")
    names = {"deploymentslots": "slot", "deployments": "name", "hostedservices": "service"}
    return {names[key]: value for key, value in pairwise(parts) if key in names}


@pytest.mark.parametrize("exchange", [e for e in of_kind(*MESSAGES) if e.request], ids=str)
def test_every_request_body_is_written_again(server: Server, exchange: Exchange) -> None:
    """The same method, path and body as the recorded client sent, by way of our messages."""
    kind, call = MESSAGES[exchange.kind]
    message = kind(**dict(arguments(parse(exchange.request or ""))))
    with ServiceManagement(SUBSCRIPTION, url=server.url) as client:
        call(client, message, _place(exchange.path))
    sent: Seen = server.last
    assert (sent.method, sent.path) == (exchange.method, exchange.path)
    assert canonical(sent.body) == canonical(exchange.request or "")
    counted["request bodies"] += 1


def _configurations() -> list[Any]:
    found: dict[bytes, str] = {}
    for exchange in of_kind("create-deployment", "change-configuration", "upgrade-deployment"):
        found.setdefault(plain(text(parse(exchange.request or "<x/>"), "Configuration")), exchange.file)
    for exchange in of_kind("get-deployment", status=200):
        found.setdefault(plain(text(parse(exchange.body), "Configuration")), exchange.file)
    return [pytest.param(data, id=file) for data, file in found.items() if data]


@pytest.mark.parametrize("data", _configurations())
def test_every_recorded_configuration_is_read_and_scaled(data: bytes) -> None:
    """Roles are what the XML says, and one instance more changes nothing but the number."""
    namespace = "{http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration}"
    configuration = ServiceConfiguration.parse(data)
    root = ET.fromstring(data)  # noqa: S314 - recorded, and kept with the project
    assert configuration.service_name == root.get("serviceName")
    for role, there in zip(configuration.roles, root.findall(f"{namespace}Role"), strict=True):
        count = there.find(f"{namespace}Instances")
        assert count is not None
        assert (role.name, str(role.instances)) == (there.get("name"), count.get("count"))
        assert dict(role.settings) == {s.get("name"): s.get("value") for s in there.iter(f"{namespace}Setting")}
        edited = configuration.scale(role.name, role.instances + 1)
        assert ServiceConfiguration.parse(edited).role(role.name).instances == role.instances + 1
        assert len(edited) - len(data) == len(str(role.instances + 1)) - len(str(role.instances))
    counted["service configurations"] += 1


def test_the_whole_collection_was_compared(record_property: Callable[[str, object], None]) -> None:
    """The numbers that the documentation shows; runs after the tests above."""
    for name, count in counted.items():
        record_property(f"recorded {name}", count)
    if not ALL.is_dir():
        pytest.skip("only the project's own recordings are at hand")
    if set(counted) != set(EXPECTED):
        pytest.skip("the tests above were not all run")
    assert dict(counted) == EXPECTED


def _replay(server: Server, exchange: Exchange) -> None:
    kept = {name: exchange.headers[name] for name in ("x-ms-request-id", "content-type") if name in exchange.headers}
    headers = {"x-ms-request-id": ""} | kept
    server.replies = [Reply(exchange.status, exchange.body.encode(), headers=headers)]
