"""Redirects: followed within the service's domain, with the same method and body, and nowhere else."""

import pytest

from handlers.service_management import BadAnswer, BadRedirect, Retry, ServiceManagement
from handlers.service_management.endpoint import Endpoint
from tests.service_management.serving import REQUEST_ID, SUBSCRIPTION, Reply, Server

AZURE = "https://management.core.windows.net"
PATH = f"/{SUBSCRIPTION}/operations/{REQUEST_ID}"


def test_a_redirect_is_followed_with_method_and_body(client: ServiceManagement, server: Server) -> None:
    """As front ends of the real service did, for changes and polls."""
    body = b'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/"/>'
    moved = Reply(307, body, headers={"Location": f"http://localhost:{server.port}/{SUBSCRIPTION}/there?comp=status"})
    server.replies = [moved, Reply()]
    assert client.update_deployment_status("shop", "Running", slot="staging") == REQUEST_ID
    first, second = server.seen
    assert (first.method, first.body) == (second.method, second.body) == ("POST", first.body)
    assert b"Running" in second.body
    assert second.path == f"/{SUBSCRIPTION}/there?comp=status"
    assert second.headers["x-ms-version"] == first.headers["x-ms-version"]


def test_a_redirect_may_be_relative(client: ServiceManagement, server: Server) -> None:
    """It then stays at the host."""
    server.replies = [Reply(307, headers={"Location": f"/{SUBSCRIPTION}/there"}), Reply()]
    client.delete_deployment("shop", name="v1")
    assert server.last.path == f"/{SUBSCRIPTION}/there"


@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/{}/x",
        "https://example.com/{}/x",
        "http://127.0.0.1.example.com/{}/x",
        "http://user@127.0.0.1/{}/x",
        "ftp://127.0.0.1/{}/x",
        "//169.254.169.254/{}/x",
        "http://[::1",
        "http://127.0.0.1:99999/{}/x",
        "/other-subscription/x",
        "",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(client: ServiceManagement, server: Server, location: str) -> None:
    """Nor was anything accepted."""
    server.replies = [Reply(307, headers={"Location": location.format(SUBSCRIPTION)})]
    with pytest.raises(BadRedirect) as caught:
        client.delete_deployment("shop", name="v1")
    assert (caught.value.retry, caught.value.ambiguous, len(server.seen)) == (Retry.NEVER, False, 1)


def test_redirects_in_circles_end(client: ServiceManagement, server: Server) -> None:
    """After five."""
    server.replies = [Reply(307, headers={"Location": f"/{SUBSCRIPTION}/again"})]
    with pytest.raises(BadRedirect, match="more than 5"):
        client.delete_deployment("shop", name="v1")
    assert len(server.seen) == 6


def test_the_body_of_a_redirect_is_bounded_too(client: ServiceManagement, server: Server) -> None:
    """No more of it is read than of any answer."""
    server.replies = [Reply(307, b"x" * (5 * 1024 * 1024), headers={"Location": f"/{SUBSCRIPTION}/again"})]
    with pytest.raises(BadAnswer, match="larger"):
        client.delete_deployment("shop", name="v1")


@pytest.mark.parametrize(
    ("endpoint", "location"),
    [
        (AZURE, "https://ussouth.management.core.windows.net"),
        (AZURE, "https://management.core.windows.net"),
        (AZURE, "https://MANAGEMENT.core.windows.net:443"),
        (AZURE, "https://a.b.management.core.windows.net"),
        ("https://management.core.chinacloudapi.cn", "https://cn.management.core.chinacloudapi.cn"),
        ("https://127.0.0.1:1", "https://localhost:2"),
        ("http://127.0.0.1:1", "https://127.0.0.1:2"),
    ],
)
def test_the_same_host_and_its_sub_domains_are_the_service(endpoint: str, location: str) -> None:
    """Recorded redirects lead to `ussouth.` and `usnorth.` of the host."""
    there = Endpoint.parse(endpoint).redirected(f"{endpoint}{PATH}", f"{location}{PATH}")
    assert there == f"{location}{PATH}"


@pytest.mark.parametrize(
    "location",
    [
        "https://core.windows.net",
        "https://evilmanagement.core.windows.net",
        "https://management.core.windows.net.example.com",
        "https://management.core.usgovcloudapi.net",
        "http://ussouth.management.core.windows.net",
        "https://ussouth.management.core.windows.net:8443",
        "https://x@ussouth.management.core.windows.net",
        "https://127.0.0.1",
        "https://localhost",
        "https://ussouth.management.core.windows.net.",
    ],
)
def test_no_other_host_is_the_service(location: str) -> None:
    """Neither a parent, a look-alike, another cloud, another port, nor plain text."""
    with pytest.raises(BadRedirect, match="domain"):
        Endpoint.parse(AZURE).redirected(f"{AZURE}{PATH}", f"{location}{PATH}")
