"""Each element of the request bodies: where it stands, how it is written, and its limit."""

import base64
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pydantic import ValidationError

from handlers.service_management import (
    AddExtension,
    CreateDeployment,
    ServiceManagement,
    UpdateMode,
    wire,
)
from handlers.service_management.errors import BadCall
from handlers.service_management.messages import Element, UpdateDeploymentStatus
from tests.service_management.making import (
    EXTENSIONS,
    NS,
    URL,
    change,
    create,
    names,
    service,
    text,
    upgrade,
    written,
)
from tests.service_management.serving import Server


def test_the_elements_of_create_deployment_stand_in_the_documented_order() -> None:
    """The service skips an element that comes too late."""
    everything = create(
        extension_configuration=EXTENSIONS,
        extended_properties={"a": "b"},
        treat_warnings_as_error=False,
        start_deployment=True,
    )
    assert names(written(everything)) == [
        "Name",
        "PackageUrl",
        "Label",
        "Configuration",
        "StartDeployment",
        "TreatWarningsAsError",
        "ExtendedProperties",
        "ExtensionConfiguration",
    ]


def test_the_elements_of_change_configuration_stand_in_the_documented_order() -> None:
    """Configuration first, extensions last."""
    everything = change(
        extension_configuration=EXTENSIONS, extended_properties={"a": "b"}, mode="Auto", treat_warnings_as_error=True
    )
    assert names(written(everything)) == [
        "Configuration",
        "TreatWarningsAsError",
        "Mode",
        "ExtendedProperties",
        "ExtensionConfiguration",
    ]


def test_the_elements_of_upgrade_deployment_stand_in_their_own_order() -> None:
    """Here the configuration comes before the label."""
    everything = upgrade(
        role_to_upgrade="Web", force=True, extended_properties={"a": "b"}, extension_configuration=EXTENSIONS
    )
    assert names(written(everything)) == [
        "Mode",
        "PackageUrl",
        "Configuration",
        "Label",
        "RoleToUpgrade",
        "Force",
        "ExtendedProperties",
        "ExtensionConfiguration",
    ]


def test_the_elements_of_create_cloud_service_stand_in_the_documented_order() -> None:
    """The location or the affinity group, then properties."""
    everything = service(description="d", extended_properties={"a": "b"}, reverse_dns_fqdn="a.b.")
    assert names(written(everything)) == [
        "ServiceName",
        "Label",
        "Description",
        "Location",
        "ExtendedProperties",
        "ReverseDnsFqdn",
    ]


def test_the_elements_of_add_extension_stand_in_the_documented_order() -> None:
    """Both configurations travel as base64."""
    extension = AddExtension(
        provider_name_space="Microsoft.Azure",
        type="RDP",
        id="rdp",
        thumbprint="AB",
        thumbprint_algorithm="sha1",
        public_configuration="<p/>",
        private_configuration=b"<s/>",
        version="1.*",
    )
    root = written(extension)
    assert root.tag == f"{NS}Extension"
    assert [(child.tag.removeprefix(NS), child.text) for child in root] == [
        ("ProviderNameSpace", "Microsoft.Azure"),
        ("Type", "RDP"),
        ("Id", "rdp"),
        ("Thumbprint", "AB"),
        ("ThumbprintAlgorithm", "sha1"),
        ("PublicConfiguration", base64.b64encode(b"<p/>").decode()),
        ("PrivateConfiguration", base64.b64encode(b"<s/>").decode()),
        ("Version", "1.*"),
    ]


@pytest.mark.parametrize(
    ("message", "required"),
    [
        (create(), ["Name", "PackageUrl", "Label", "Configuration"]),
        (change(), ["Configuration"]),
        (UpdateDeploymentStatus(status="Running"), ["Status"]),
        (upgrade(), ["Mode", "PackageUrl", "Configuration", "Label"]),
        (service(), ["ServiceName", "Label", "Location"]),
    ],
    ids=["create", "change configuration", "status", "upgrade", "cloud service"],
)
def test_what_is_not_set_is_left_out(message: Element, required: list[str]) -> None:
    """So that an old version is not shown what it does not know."""
    assert names(written(message)) == required


@pytest.mark.parametrize("field", ["name", "package_url", "label", "configuration"])
def test_what_is_required_must_be_there(field: str) -> None:
    """None, and nothing at all, are refused by name."""
    with pytest.raises(ValidationError, match=field):
        create(**{field: None})
    with pytest.raises(ValidationError, match=field):
        CreateDeployment(**{k: v for k, v in create().model_dump().items() if k != field})


def test_an_unknown_field_is_refused() -> None:
    """A slip in a name must not be an element that is silently left out."""
    with pytest.raises(ValidationError, match="start"):
        create(start=True)


# ---- how values are written


def test_the_namespace_is_that_of_the_service_and_the_bytes_have_a_declaration() -> None:
    """As in the documents."""
    data = wire.written(wire.body(create()))
    assert data.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<CreateDeployment xmlns=")
    assert written(create()).tag == f"{NS}CreateDeployment"


def test_a_package_url_with_a_signature_is_escaped() -> None:
    """An `&` of a SAS breaks XML that is made by joining strings."""
    assert text(create(), "PackageUrl") == URL
    assert b"&amp;sig=a%2Bb&amp;se=x" in wire.written(wire.body(create()))


def test_a_package_url_may_be_plain_http() -> None:
    """Recorded ones are; so is that of a local emulator."""
    assert (
        text(create(package_url="http://127.0.0.1:10000/a/b.cspkg"), "PackageUrl") == "http://127.0.0.1:10000/a/b.cspkg"
    )


@pytest.mark.parametrize(
    "url", ["", "ftp://a/b", "a/b", "https://", "https:///b", "https://a/b c", "https://u:p@a/b", "https://[a"]
)
def test_a_package_url_must_be_one(url: str) -> None:
    """And the error does not repeat it."""
    with pytest.raises(ValidationError, match="http or https URL") as caught:
        create(package_url=url)
    assert "u:p" not in str(caught.value)
    assert "b c" not in str(caught.value)


def test_the_label_is_base64() -> None:
    """Of its UTF-8."""
    assert text(create(label="Größe 1"), "Label") == base64.b64encode("Größe 1".encode()).decode()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (b"\xef\xbb\xbf<a/>\r\n", b"\xef\xbb\xbf<a/>\r\n"),
        ("<a>ä</a>", "<a>ä</a>".encode()),
        ('<?xml version="1.0" encoding="UTF-8"?><a/>', b'<?xml version="1.0" encoding="UTF-8"?><a/>'),
        (
            "\ufeff<?xml version='1.0' encoding='utf-16'?><a/>",
            "<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16"),
        ),
    ],
    ids=["bytes as they are", "text", "text that says UTF-8", "text that says UTF-16"],
)
def test_the_configuration_is_base64_of_the_file(given: bytes | str, sent: bytes) -> None:
    """Bytes are not touched; text is encoded as its own declaration says."""
    assert text(change(configuration=given), "Configuration") == base64.b64encode(sent).decode()


@pytest.mark.parametrize(
    "given",
    [
        "",
        b"",
        "<?xml version='1.0' encoding='latin-1'?><a/>",
        "<?xml version='1.0' encoding='us-ascii'?><a>ä</a>",
        "\ud800",
        b"x" * (2**20 + 1),
        5,
    ],
)
def test_a_configuration_that_cannot_be_sent_is_refused(given: object) -> None:
    """Nothing, text in another encoding, and more than a mebibyte."""
    with pytest.raises(ValidationError, match="configuration"):
        change(configuration=given)


@pytest.mark.parametrize(("value", "sent"), [(True, "true"), (False, "false"), (None, None)])
def test_start_deployment_is_lower_case_or_left_out(value: bool | None, sent: str | None) -> None:
    """The default, false, is the service's."""
    assert text(create(start_deployment=value), "StartDeployment") == sent


@pytest.mark.parametrize(("value", "sent"), [(True, "true"), (False, "false"), (None, None)])
@pytest.mark.parametrize("message", [create, change])
def test_treat_warnings_as_error_is_lower_case_or_left_out(
    message: Callable[..., Element], value: bool | None, sent: str | None
) -> None:
    """The default, false, is the service's."""
    assert text(message(treat_warnings_as_error=value), "TreatWarningsAsError") == sent


@pytest.mark.parametrize("word", ["Auto", "Manual", "Simultaneous", "auto", UpdateMode.MANUAL])
def test_the_mode_is_one_of_three(word: str) -> None:
    """In any case, sent as documented."""
    assert text(change(mode=word), "Mode") == word.capitalize()
    assert text(upgrade(mode=word), "Mode") == word.capitalize()


def test_another_mode_is_refused() -> None:
    """Before it is sent."""
    with pytest.raises(ValidationError, match="mode"):
        change(mode="Fast")


@pytest.mark.parametrize("status", ["Running", "Suspended"])
def test_the_status_is_one_of_two(client: ServiceManagement, server: Server, status: str) -> None:
    """There is no other element."""
    client.update_deployment_status("shop", status.lower(), slot="production")
    root = ET.fromstring(server.last.body)  # noqa: S314 - our own bytes
    assert [(child.tag, child.text) for child in root] == [(f"{NS}Status", status)]


def test_another_status_is_refused(client: ServiceManagement, server: Server) -> None:
    """Deployments have more states than can be asked for."""
    with pytest.raises(BadCall, match="status"):
        client.update_deployment_status("shop", "Starting", slot="production")
    assert server.seen == []


# ---- other limits


@pytest.mark.parametrize("message", [create, upgrade, service])
def test_a_label_has_at_most_100_characters_before_base64(message: Callable[..., Element]) -> None:
    """Characters, not bytes."""
    message(label="ä" * 100)
    for label in ("", "ä" * 101):
        with pytest.raises(ValidationError, match="label"):
            message(label=label)


@pytest.mark.parametrize("name", ["94d25f99-be85-48a5-91b3-94e2a4d7c58b", "testsvc3969Prod", "v 1.0_b", "n" * 260])
def test_a_good_deployment_name(name: str) -> None:
    """SDKs send GUIDs, people send words."""
    assert text(create(name=name), "Name") == name


@pytest.mark.parametrize("name", ["", " a", "a/b", "a\\b", "a?b", "a#b", "a%b", ".", "..", "a\nb", "n" * 261])
def test_a_bad_deployment_name_is_refused(name: str) -> None:
    """It stands in the path of later calls."""
    with pytest.raises(ValidationError, match="name"):
        create(name=name)


@pytest.mark.parametrize(
    "more",
    [
        {"description": "d" * 1025},
        {"service_name": "a b"},
        {"service_name": "-a"},
        {"service_name": "a" * 64},
        {"location": None},
        {"affinity_group": "g"},
    ],
    ids=["description", "blank", "hyphen first", "too long", "no place", "two places"],
)
def test_a_bad_cloud_service_is_refused(more: dict[str, Any]) -> None:
    """1,024 characters of description, a DNS label for a name, one place."""
    service(description="d" * 1024)
    with pytest.raises(ValidationError):
        service(**more)


def test_nothing_secret_is_shown() -> None:
    """Neither in a message's text nor in an error about it."""
    shown = repr(create(configuration="secret-cscfg", package_url="https://a/b?sig=secret-sas"))
    assert "secret" not in shown
    with pytest.raises(ValidationError) as caught:
        create(configuration="secret-cscfg", package_url="ftp://secret-sas", label="secret-label" * 20)
    assert "secret" not in str(caught.value)
