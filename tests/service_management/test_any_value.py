"""What holds for every value and every input, tried with many that nobody thought of."""

import base64
import random
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.service_management import (
    BadAnswer,
    BadCredentials,
    BadServiceConfiguration,
    ChangeConfiguration,
    CreateDeployment,
    Credentials,
    Operation,
    OperationError,
    OperationStatus,
    ServiceConfiguration,
    UpgradeDeployment,
    safe_xml,
    wire,
)
from handlers.service_management.cscfg import NAMESPACE as CSCFG_NAMESPACE
from handlers.service_management.errors import shown
from handlers.service_management.messages import Element, ExtensionState, Swap, UpdateMode
from tests.service_management.certifying import management
from tests.service_management.drawing import files, in_xml, label, name, property_name, word
from tests.service_management.recorded import arguments, of_kind

NS = "http://schemas.microsoft.com/windowsazure"
EXAMPLES = settings(max_examples=60)

# ---- values

maybe = st.none() | st.booleans()
extension = st.fixed_dictionaries({"id": name}, optional={"state": st.sampled_from(ExtensionState)})
extensions = st.fixed_dictionaries(
    {
        "all_roles": st.none() | st.lists(extension, max_size=3),
        "named_roles": st.none() | st.dictionaries(word, st.lists(extension, min_size=1, max_size=2), max_size=2),
    }
)
url = st.builds(
    lambda host, path, query: f"https://{host}/{path}?{query}",
    st.sampled_from(["a.blob.core.windows.net", "127.0.0.1:10000"]),
    st.text("abc/%20é", max_size=10),
    st.text("abc=&%2B<>'", max_size=20),
)
common = {
    "configuration": st.binary(min_size=1, max_size=200),
    "extension_configuration": st.none() | extensions,
}
new_properties = st.none() | st.dictionaries(property_name, st.text(in_xml, min_size=1, max_size=255), max_size=25)
properties = st.none() | st.dictionaries(
    property_name, st.none() | st.text(in_xml, min_size=1, max_size=50), max_size=25
)

MESSAGES: dict[str, st.SearchStrategy[Element]] = {
    "create": st.builds(
        CreateDeployment,
        name=name,
        package_url=url,
        label=label,
        start_deployment=maybe,
        treat_warnings_as_error=maybe,
        extended_properties=new_properties,
        **common,
    ),
    "change configuration": st.builds(
        ChangeConfiguration,
        treat_warnings_as_error=maybe,
        mode=st.none() | st.sampled_from(UpdateMode),
        extended_properties=properties,
        **common,
    ),
    "upgrade": st.builds(
        UpgradeDeployment,
        mode=st.sampled_from(UpdateMode),
        package_url=url,
        label=label,
        role_to_upgrade=st.none() | word,
        force=maybe,
        extended_properties=properties,
        **common,
    ),
    "swap": st.builds(Swap, production=st.none() | name, source_deployment=name),
}


@pytest.mark.parametrize("kind", MESSAGES)
@EXAMPLES
@given(data=st.data())
def test_every_message_survives_being_written_and_read(kind: str, data: st.DataObject) -> None:
    """Read with another library, the bytes give the same message."""
    message = data.draw(MESSAGES[kind])
    root = ET.fromstring(wire.written(wire.body(message)))  # noqa: S314 - our own bytes
    fields = dict(arguments(root))
    if getattr(message, "extension_configuration", None) is not None:
        fields["extension_configuration"] = {"all_roles": None, "named_roles": None} | fields["extension_configuration"]
    assert type(message)(**fields) == message


@EXAMPLES
@given(
    message=st.builds(
        Operation,
        id=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
        status=st.sampled_from(OperationStatus),
        http_status_code=st.none() | st.integers(100, 599),
        error=st.none()
        | st.builds(OperationError, code=st.text("aBc", min_size=1, max_size=9), message=label.map(shown)),
    )
)
def test_every_operation_survives_being_written_and_read(message: Operation) -> None:
    """Written with another library, it is read as it was."""
    root = ET.Element("Operation", xmlns=NS)
    _put(root, "ID", message.id)
    _put(root, "Status", message.status)
    if message.http_status_code is not None:
        _put(root, "HttpStatusCode", str(message.http_status_code))
    if message.error is not None:
        error = ET.SubElement(root, "Error")
        _put(error, "Code", message.error.code)
        _put(error, "Message", message.error.message)
    assert wire.operation(_bytes(root)) == message


@EXAMPLES
@given(
    text=word,
    configuration=st.binary(max_size=100),
    instances=st.lists(st.tuples(word, word), max_size=4),
    moment=st.datetimes(min_value=datetime(2009, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - zone below
    pairs=st.dictionaries(property_name, st.text(in_xml, max_size=20), max_size=5),
)
def test_every_deployment_survives_being_written_and_read(
    text: str, configuration: bytes, instances: list[tuple[str, str]], moment: datetime, pairs: dict[str, str]
) -> None:
    """Written with another library, it is read as it was, unlisted states included."""
    root = ET.Element("Deployment", xmlns=NS)
    _put(root, "Name", text)
    _put(root, "DeploymentSlot", "Staging")
    _put(root, "Status", text)
    _put(root, "Label", base64.b64encode(text.encode()).decode())
    _put(root, "Configuration", base64.b64encode(configuration).decode())
    listed = ET.SubElement(root, "RoleInstanceList")
    for instance, status in instances:
        item = ET.SubElement(listed, "RoleInstance")
        _put(item, "InstanceName", instance)
        _put(item, "InstanceStatus", status)
    _put(root, "CreatedTime", f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z")
    listed = ET.SubElement(root, "ExtendedProperties")
    for key, value in pairs.items():
        item = ET.SubElement(listed, "ExtendedProperty")
        _put(item, "Name", key)
        _put(item, "Value", value)
    deployment = wire.deployment(_bytes(root))
    assert (deployment.name, deployment.status, deployment.label) == (text, text, text)
    assert deployment.configuration == configuration
    assert [(i.name, i.status) for i in deployment.role_instances] == instances
    assert deployment.created_time == moment.replace(tzinfo=UTC)
    assert deployment.extended_properties == pairs


def _put(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _bytes(root: ET.Element) -> bytes:
    """Write as .NET does: a carriage return as a reference, since a bare one is read as a new line."""
    return ET.tostring(root).replace(b"\r", b"&#13;")


# ---- service configurations


@EXAMPLES
@given(file=files(), data=st.data())
def test_every_change_of_a_configuration_changes_what_it_names(
    file: tuple[bytes, list[str], str], data: st.DataObject
) -> None:
    """One role, one value; what is cut out at the front and the back is the same bytes as before."""
    original, roles, codec = file
    before = ServiceConfiguration.parse(original)
    role = data.draw(st.sampled_from(roles))
    if data.draw(st.booleans()):
        count = data.draw(st.integers(2, 1000))
        edited, value = before.scale(role, count), str(count)
        assert ServiceConfiguration.parse(edited).role(role).instances == count
    else:
        value = data.draw(st.text(in_xml, max_size=20))
        edited = before.set(role, "k", value)
        assert dict(ServiceConfiguration.parse(edited).role(role).settings) == {"k": value}
    after = ServiceConfiguration.parse(edited)
    others = [r for r in before.roles if r.name != role]
    assert [r for r in after.roles if r.name != role] == others
    front = next(
        (i for i, (a, b) in enumerate(zip(original, edited, strict=False)) if a != b), min(len(original), len(edited))
    )
    shorter = min(len(original), len(edited)) - front
    back = next((i for i in range(shorter) if original[-1 - i] != edited[-1 - i]), shorter)
    changed = edited[front : len(edited) - back]
    assert len(changed) <= 6 * len(value.encode(codec)) + 6


# ---- any bytes at all

PARSERS: dict[str, tuple[Callable[[bytes], object], type[Exception] | None]] = {
    "xml": (safe_xml.parse, safe_xml.Malformed),
    "operation": (wire.operation, BadAnswer),
    "deployment": (wire.deployment, BadAnswer),
    "cloud service": (wire.cloud_service, BadAnswer),
    "extensions": (wire.extensions, BadAnswer),
    "operations": (wire.subscription_operations, BadAnswer),
    "error": (wire.error, None),
    "configuration": (ServiceConfiguration.parse, BadServiceConfiguration),
}
SEEDS = [
    e.body.encode()
    for kind in ("get-operation-status", "get-deployment", "delete-deployment")
    for e in of_kind(kind)[:3]
    if e.body
] + [
    f'<?xml version="1.0"?><ServiceConfiguration serviceName="s" xmlns="{CSCFG_NAMESPACE}">'
    '<Role name="W"><Instances count="1"/></Role></ServiceConfiguration>'.encode()
]
SPLINTERS = [
    b"<!DOCTYPE x>",
    b"<!ENTITY",
    b"&#0;",
    b"&e;",
    b"\x00",
    b"\xff\xfe",
    b"]]>",
    b"<a>" * 300,
    b"9" * 400,
    b"nil='true'",
    b"=",
]


def _broken(data: bytes, seed: int) -> bytes:
    """Cut, double, swap and splinter a document, the same way each time."""
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    broken = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at, other = sorted(dice.randint(0, len(broken)) for _ in range(2))
        match dice.randint(0, 4):
            case 0:
                del broken[at:other]
            case 1:
                broken[at:at] = broken[at:other]
            case 2:
                broken[at:at] = dice.choice(SPLINTERS)
            case 3 if at < len(broken):
                broken[at] = dice.randint(0, 255)
            case _:
                broken = broken[:other]
    return bytes(broken)


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=200)
@given(data=st.binary(max_size=300) | st.builds(_broken, st.sampled_from(SEEDS), st.integers(0, 2**32)))
def test_no_bytes_make_a_parser_raise_anything_but_its_own_error(parser: str, data: bytes) -> None:
    """Whatever comes, the caller has one error to expect."""
    parse, own = PARSERS[parser]
    with suppress(own) if own else nullcontext():
        parse(data)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), form=st.sampled_from(["pem", "pfx", "xml"]))
def test_no_bytes_make_the_credentials_raise_anything_but_their_own_error(tmp_path: Path, seed: int, form: str) -> None:
    """A damaged certificate is a sentence, not a stack."""
    held: dict[str, Any] = {
        "pem": management().key_pem() + management().certificate_pem,
        "pfx": management().pfx(b"p"),
        "xml": b'<PublishData><PublishProfile><Subscription Id="a" ManagementCertificate="MA=="/>'
        b"</PublishProfile></PublishData>",
    }
    path = tmp_path / "damaged"
    path.write_bytes(_broken(held[form], seed))
    with suppress(BadCredentials):
        Credentials.load(path, password="p")
