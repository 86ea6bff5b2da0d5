"""Whatever the client's messages may hold, the simulator gives back as it was sent."""

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handlers.service_management import (
    ChangeConfiguration,
    CreateDeployment,
    ServiceManagement,
    UpgradeDeployment,
    wire,
)
from handlers.service_management.answers import Deployment
from handlers.service_management.cscfg import NAMESPACE
from local.simulator import deployments, operations, upgrades, wire_in, wire_out
from local.simulator.state import Slot
from local.simulator.wire_writing import Context
from local.simulator.world import ByName
from tests.service_management.drawing import files, in_xml, label, property_name
from tests.simulator.api import Api, eventually
from tests.simulator.worlds import PACKAGE, Lab

VERSION = date(2017, 1, 1)
URL = "http://127.0.0.1/c/app.cspkg"
EXAMPLES = settings(max_examples=60)
value = st.text(in_xml, min_size=1, max_size=255) | st.text(" \t\r\n", min_size=1, max_size=3)
new_properties = st.dictionaries(property_name, value, max_size=10)


@st.composite
def configurations(draw: st.DrawFn) -> bytes:
    """Draw a .cscfg whose roles the service tells apart, with a line end or none."""
    data, roles, codec = draw(files())
    assume(len({role.lower() for role in roles}) == len(roles))
    return data + draw(st.sampled_from(["", "\n", "\r\n"])).encode(codec)


def body(message: CreateDeployment | ChangeConfiguration | UpgradeDeployment) -> bytes:
    """Write what the client sends."""
    return wire.written(wire.body(message))


def created(**fields: Any) -> Lab:
    """Send a Create Deployment, and wait until it stands."""
    lab = Lab()
    call = lab.call("create-deployment")
    message = CreateDeployment(name="v1", package_url=URL, **fields)
    read = wire_in.read_create_deployment(body(message), VERSION)
    deployments.create(lab.world, call, "shop", Slot.STAGING, read)
    operations.package_fetched(lab.world, call.request_id, PACKAGE, lab.now)
    lab.wait(1000)
    return lab


def got(lab: Lab) -> Deployment:
    """Read what Get Deployment shows with the client."""
    found = lab.found()
    context = Context(VERSION, lab.now, "sub", "https://127.0.0.1")
    return wire.deployment(wire_out.deployment(found.deployment, found.slot, found.service, context))


@EXAMPLES
@given(text=label, configuration=configurations(), properties=new_properties)
def test_any_value_of_a_new_deployment_survives(text: str, configuration: bytes, properties: dict[str, str]) -> None:
    """Label, configuration and extended properties: message, XML, simulator, Get Deployment, answer."""
    shown = got(created(label=text, configuration=configuration, extended_properties=properties))
    assert (shown.label, shown.configuration, shown.extended_properties) == (text, configuration, properties)


def test_a_byte_order_mark_is_a_character_of_a_label() -> None:
    """It is counted like any other, by client and simulator."""
    sample = b'<ServiceConfiguration serviceName="s" xmlns="%s"><Role name="Web"><Instances count="1" /></Role>'
    configuration = sample % NAMESPACE.encode() + b"</ServiceConfiguration>"
    assert got(created(label="\ufeff", configuration=configuration)).label == "\ufeff"


@EXAMPLES
@given(configuration=configurations(), properties=new_properties, data=st.data())
def test_any_value_of_a_changed_deployment_survives(
    configuration: bytes, properties: dict[str, str], data: st.DataObject
) -> None:
    """Properties are merged; None deletes."""
    lab = created(label="one", configuration=configuration, extended_properties=properties)
    names = property_name | st.sampled_from(sorted(properties)) if properties else property_name
    changes = data.draw(st.dictionaries(names, st.none() | value, max_size=10))
    message = ChangeConfiguration(configuration=configuration, extended_properties=changes)
    read = wire_in.read_change_configuration(body(message), VERSION)
    upgrades.change_configuration(lab.world, lab.call("change-configuration"), "shop", ByName("v1"), read)
    lab.wait(1000)
    shown, merged = got(lab), properties | changes
    assert shown.configuration == configuration
    assert shown.extended_properties == {name: text for name, text in merged.items() if text is not None}


@EXAMPLES
@given(text=label, configuration=configurations(), properties=new_properties)
def test_any_value_of_an_upgraded_deployment_survives(
    text: str, configuration: bytes, properties: dict[str, str]
) -> None:
    """The label and the properties are the new ones."""
    lab = created(label="one", configuration=configuration)
    call = lab.call("upgrade-deployment")
    message = UpgradeDeployment(
        package_url=URL, label=text, configuration=configuration, extended_properties=properties
    )
    upgrades.upgrade(lab.world, call, "shop", ByName("v1"), wire_in.read_upgrade_deployment(body(message), VERSION))
    operations.package_fetched(lab.world, call.request_id, PACKAGE, lab.now)
    lab.wait(1000)
    shown = got(lab)
    assert (shown.label, shown.configuration, shown.extended_properties) == (text, configuration, properties)


BLANKS = {"around": "  sp  ", "end": " x\n", "only": " ", "return": "a\r\nb\t", "most": " " * 255}


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"], ids=["little endian", "big endian"])
def test_blanks_survive_the_whole_way(api: Api, service: str, package_url: str, mark: bytes) -> None:
    """Over HTTP, and a configuration in UTF-16 with a line end."""
    text = (
        "<ServiceConfiguration serviceName='s' xmlns='http://schemas.microsoft.com/ServiceHosting/2008/10/"
        "ServiceConfiguration'><Role name='Web'><Instances count='1'/></Role></ServiceConfiguration>\n"
    )
    configuration = mark + text.encode("utf-16-le" if mark == b"\xff\xfe" else "utf-16-be")
    message = CreateDeployment(
        name="v1", package_url=package_url, label=" l ", configuration=configuration, extended_properties=BLANKS
    )
    name = service.rpartition("/")[2]
    with ServiceManagement(api.simulator.subscription, url=api.simulator.url) as client:
        request_id = client.create_deployment(name, "staging", message)
        eventually(lambda: api.operation(request_id), lambda one: one.text("Status") == "Succeeded")
        shown = client.get_deployment(name, name="v1")
    assert shown is not None
    assert (shown.label, shown.configuration, shown.extended_properties) == (" l ", configuration, BLANKS)
