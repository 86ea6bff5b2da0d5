"""Elements and calls that a version does not know are refused before anything is sent."""

from collections.abc import Callable
from typing import Any

import pytest

from handlers.service_management import (
    AddExtension,
    NotInThisVersion,
    ServiceManagement,
    versions,
)
from handlers.service_management.errors import BadCall
from handlers.service_management.messages import Element
from tests.service_management.making import (
    change,
    create,
    service,
    upgrade,
)
from tests.service_management.serving import SUBSCRIPTION, Server

GATES: list[tuple[str, str, Callable[[], Element], str]] = [
    ("StartDeployment", "2010-04-01", lambda: create(start_deployment=False), "create"),
    ("TreatWarningsAsError", "2011-04-01", lambda: create(treat_warnings_as_error=False), "create"),
    ("ExtendedProperties", "2012-03-01", lambda: create(extended_properties={"a": "b"}), "create"),
    ("ExtensionConfiguration", "2013-03-01", lambda: create(extension_configuration={"all_roles": ["rdp"]}), "create"),
    (
        "State",
        "2014-06-01",
        lambda: create(extension_configuration={"all_roles": [{"id": "rdp", "state": "Enable"}]}),
        "create",
    ),
    ("TreatWarningsAsError", "2011-04-01", lambda: change(treat_warnings_as_error=True), "change"),
    ("Mode", "2011-08-01", lambda: change(mode="Auto"), "change"),
    ("Simultaneous", "2013-03-01", lambda: change(mode="Simultaneous"), "change"),
    ("ExtendedProperties", "2012-03-01", lambda: change(extended_properties={"a": None}), "change"),
    ("ExtensionConfiguration", "2013-03-01", lambda: change(extension_configuration={}), "change"),
    (
        "State",
        "2014-06-01",
        lambda: change(extension_configuration={"named_roles": {"W": [{"id": "rdp", "state": "Uninstall"}]}}),
        "change",
    ),
    ("Force", "2011-10-01", lambda: upgrade(force=True), "upgrade"),
    ("Simultaneous", "2012-12-01", lambda: upgrade(mode="Simultaneous"), "upgrade"),
    ("ExtendedProperties", "2012-03-01", lambda: upgrade(extended_properties={"a": "b"}), "upgrade"),
    ("ExtensionConfiguration", "2013-03-01", lambda: upgrade(extension_configuration={}), "upgrade"),
    ("ExtendedProperties", "2012-03-01", lambda: service(extended_properties={"a": "b"}), "service"),
    ("ReverseDnsFqdn", "2014-06-01", lambda: service(reverse_dns_fqdn="a.b."), "service"),
]


def _call(client: ServiceManagement, kind: str, message: Any) -> str:
    match kind:
        case "create":
            return client.create_deployment("shop", "staging", message)
        case "change":
            return client.change_deployment_configuration("shop", message, slot="staging")
        case "upgrade":
            return client.upgrade_deployment("shop", message, slot="staging")
        case _:
            return client.create_cloud_service(message)


def _version_before(version: str) -> str:
    return max(known for known in KNOWN if known < version)


KNOWN = (
    "2009-10-01",
    "2010-10-28",
    "2011-02-25",
    "2011-04-01",
    "2011-06-01",
    "2011-08-01",
    "2011-10-01",
    "2012-03-01",
    "2012-08-01",
    "2012-12-01",
    "2013-03-01",
    "2013-11-01",
    "2014-05-01",
    "2014-06-01",
)
"""Documented versions, with at least one before and at each gate (2010-04-01 is met by 2010-10-28)."""


@pytest.mark.parametrize(("element", "since", "make", "kind"), GATES, ids=[f"{g[3]} {g[0]}" for g in GATES])
def test_an_element_is_refused_in_a_version_that_does_not_know_it(
    server: Server, element: str, since: str, make: Callable[[], Element], kind: str
) -> None:
    """By name and version, before anything is sent; from its version on it is sent."""
    with (
        ServiceManagement(SUBSCRIPTION, url=server.url, version=_version_before(since)) as client,
        pytest.raises(NotInThisVersion, match=f"{element}.* needs version {since}"),
    ):
        _call(client, kind, make())
    assert server.seen == []
    with ServiceManagement(SUBSCRIPTION, url=server.url, version=since) as client:
        _call(client, kind, make())
    assert element.encode() in server.last.body


def test_every_gate_of_an_element_is_tested() -> None:
    """A new row needs a test."""
    assert sorted({since for _, since, _, _ in GATES}) == sorted(set(versions.ELEMENTS.values()))
    gated = {gate.partition("/")[2].rpartition("=")[2] for gate in versions.ELEMENTS}
    assert {element for element, *_ in GATES} == gated


CALL_GATES: dict[str, tuple[str, Callable[[ServiceManagement], object]]] = {
    "Rollback Update Or Upgrade": ("2011-10-01", lambda c: c.rollback_update_or_upgrade("s", slot="staging")),
    "Create Cloud Service": ("2010-10-28", lambda c: c.create_cloud_service(service())),
    "Reboot Role Instance": ("2010-10-28", lambda c: c.reboot_role_instance("s", "W_IN_0", slot="staging")),
    "Reimage Role Instance": ("2010-10-28", lambda c: c.reimage_role_instance("s", "W_IN_0", slot="staging")),
    "Add Extension": (
        "2013-03-01",
        lambda c: c.add_extension("s", AddExtension(provider_name_space="p", type="t", id="i")),
    ),
    "List Extensions": ("2013-03-01", lambda c: c.list_extensions("s")),
    "Delete Extension": ("2013-03-01", lambda c: c.delete_extension("s", "i")),
    "Delete Deployment with its disks": ("2013-08-01", lambda c: c.delete_deployment("s", name="v1", media=True)),
}


@pytest.mark.parametrize("name", CALL_GATES)
def test_a_call_is_refused_in_a_version_that_does_not_offer_it(server: Server, name: str) -> None:
    """By name and version, before anything is sent."""
    since, call = CALL_GATES[name]
    with (
        ServiceManagement(SUBSCRIPTION, url=server.url, version=_version_before(since)) as client,
        pytest.raises(NotInThisVersion, match=f"{name} needs version {since}"),
    ):
        call(client)
    assert server.seen == []


def test_every_gate_of_a_call_is_tested() -> None:
    """A new row needs a test."""
    assert {name: since for name, (since, _) in CALL_GATES.items()} == dict(versions.CALLS)


@pytest.mark.parametrize("call", [create, change])
def test_the_oldest_version_takes_what_is_required(server: Server, call: Callable[..., Element]) -> None:
    """2009-10-01 offers all three calls."""
    with ServiceManagement(SUBSCRIPTION, url=server.url, version="2009-10-01") as client:
        _call(client, call.__name__, call())
        client.update_deployment_status("shop", "Running", slot="production")
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "version", ["2009-09-30", "2014-13-01", "2014-1-1", "latest", "", "2014-06-01\n", "\u0662014-06-01"]
)
def test_a_version_is_a_date_from_2009_10_01_on(version: str) -> None:
    """The service would answer 400 MissingOrIncorrectVersionHeader."""
    with pytest.raises(BadCall, match="version"):
        ServiceManagement(SUBSCRIPTION, url="http://127.0.0.1:1", version=version)
