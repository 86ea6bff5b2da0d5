"""Service configurations: what is read, what is refused, and that a change touches one value."""

import codecs
from collections.abc import Callable
from typing import Any

import pytest

from handlers.service_management.cscfg import NAMESPACE, Certificate, ServiceConfiguration
from handlers.service_management.errors import BadServiceConfiguration

PLAIN = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- <Instances count="9"/> is how it was -->
<ServiceConfiguration serviceName="Shop" osFamily="4" osVersion='*' schemaVersion="2015-04.2.6"
    xmlns="{NAMESPACE}">
  <Role name="Web"  vmName="web">
    <Instances   count = '2' />
    <ConfigurationSettings>
      <Setting value="red &amp; gold" name="Colour"/>
      <Setting name='Quote' value='say "hi"'></Setting>
      <Setting name="Größe" value="groß" />
    </ConfigurationSettings>
    <Certificates>
      <Certificate name="ssl" thumbprint="ABC" thumbprintAlgorithm="sha1"/>
    </Certificates>
  </Role>
  <Role name="Worker"><ConfigurationSettings/><Instances count="1"/></Role>
  <NetworkConfiguration/>
</ServiceConfiguration>
"""

ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16 little endian": lambda text: codecs.BOM_UTF16_LE + text.replace("utf-8", "utf-16").encode("utf-16-le"),
    "utf-16 big endian": lambda text: codecs.BOM_UTF16_BE + text.replace("utf-8", "UTF-16").encode("utf-16-be"),
    "windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "no declaration": lambda text: text.partition("?>\n")[2].encode(),
}


def test_a_configuration_is_read() -> None:
    """Service name, os family, roles, instances, settings and certificates."""
    configuration = ServiceConfiguration.parse(PLAIN.encode())
    assert (configuration.service_name, configuration.os_family, configuration.os_version) == ("Shop", "4", "*")
    web, worker = configuration.roles
    assert (web.name, web.instances, worker.name, worker.instances) == ("Web", 2, "Worker", 1)
    assert dict(web.settings) == {"Colour": "red & gold", "Quote": 'say "hi"', "Größe": "groß"}
    assert web.certificates == (Certificate("ssl", "ABC", "sha1"),)
    assert (dict(worker.settings), worker.certificates) == ({}, ())


def test_what_a_file_does_not_say_has_its_default() -> None:
    """`osFamily` is 1 and `osVersion` follows new guest systems."""
    configuration = ServiceConfiguration.parse(_file(""))
    assert (configuration.os_family, configuration.os_version, configuration.roles) == ("1", "*", ())


@pytest.mark.parametrize("form", ENCODINGS)
@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("count = '2'", "count = '5'", lambda c: c.scale("Web", 5)),
        ('<Instances count="1"/>', '<Instances count="12"/>', lambda c: c.scale("Worker", 12)),
        ('"red &amp; gold"', '"&lt;&amp;&gt;&quot;\'"', lambda c: c.set("Web", "Colour", "<&>\"'")),
        ("'say \"hi\"'", "'&apos;\"&#9;&#10;&#13;'", lambda c: c.set("Web", "Quote", "'\"\t\n\r")),
        ('"groß"', '"größer 𝄞"', lambda c: c.set("Web", "Größe", "größer 𝄞")),
    ],
    ids=["count in single quotes", "count after an empty element", "markup", "white space", "beyond ASCII"],
)
def test_a_change_leaves_every_other_byte(
    form: str, old: str, new: str, change: Callable[[ServiceConfiguration], bytes]
) -> None:
    """Comments, marks, quotes, blanks and line ends stay, in each encoding."""
    write = ENCODINGS[form]
    assert change(ServiceConfiguration.parse(write(PLAIN))) == write(PLAIN.replace(old, new))


def test_a_change_to_what_is_there_already_gives_the_same_bytes() -> None:
    """Nothing is written anew for nothing."""
    configuration = ServiceConfiguration.parse(PLAIN.encode())
    assert configuration.scale("Web", 2) == PLAIN.encode()
    assert configuration.set("Web", "Colour", "red & gold") == PLAIN.encode()


def test_an_attribute_of_another_namespace_is_not_the_count() -> None:
    """`x:count` is somebody else's."""
    text = f"""<ServiceConfiguration serviceName='s' xmlns='{NAMESPACE}' xmlns:x='urn:x'><Role name='Web'>
    <x:Instances count='7'/><Instances x:count='8' count='2'/></Role></ServiceConfiguration>"""
    edited = ServiceConfiguration.parse(text.encode()).scale("Web", 3)
    assert edited == text.replace(" count='2'", " count='3'").encode()


def test_a_prefix_for_the_namespace_is_understood() -> None:
    """Names count, prefixes do not."""
    text = f"<c:ServiceConfiguration serviceName='s' xmlns:c='{NAMESPACE}'>"
    text += "<c:Role name='W'><c:Instances count='1'/></c:Role></c:ServiceConfiguration>"
    assert ServiceConfiguration.parse(text.encode()).scale("W", 2) == text.replace("'1'", "'2'").encode()


def _file(inside: str, attributes: str = "serviceName='s'") -> bytes:
    return f"<ServiceConfiguration {attributes} xmlns='{NAMESPACE}'>{inside}</ServiceConfiguration>".encode()


ROLE = "<Role name='W'><Instances count='1'/>{}</Role>"

REFUSED = {
    "empty": (b"", "no element found"),
    "not XML": (b"PK\x03\x04", "not well-formed"),
    "a document type": (b"<!DOCTYPE x><x/>", "DOCTYPE"),
    "an entity": (b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "DOCTYPE"),
    "an undefined entity": (_file("&e;"), "undefined entity"),
    "a definition": (b"<ServiceDefinition/>", "root"),
    "no namespace": (b"<ServiceConfiguration/>", "namespace"),
    "another namespace": (b"<ServiceConfiguration xmlns='urn:x'/>", "namespace"),
    "too large": (b" " * (1024 * 1024 + 1), "larger"),
    "too deep": (_file("<a>" * 70 + "</a>" * 70), "deep"),
    "too many elements": (_file("<a/>" * 250_000), "more elements"),
    "latin-1": ("<?xml version='1.0' encoding='iso-8859-1'?><x>ä</x>".encode("latin-1"), "UTF-8"),
    "declared latin-1": (b"<?xml version='1.0' encoding='iso-8859-1'?><x/>", "declares"),
    "declared utf-16": (b"<?xml version='1.0' encoding='utf-16'?><x/>", "declares"),
    "no service name": (_file(ROLE.format(""), ""), "needs a serviceName"),
    "an empty service name": (_file(ROLE.format(""), "serviceName=''"), "needs a serviceName"),
    "two network configurations": (_file("<NetworkConfiguration/>" * 2), "more than one NetworkConfiguration"),
    "a vmName of 11 characters": (
        _file("<Role name='W' vmName='elevenchars'><Instances count='1'/></Role>"),
        "vmName of role 'W' has more than 10 characters",
    ),
    "a role without a name": (_file("<Role><Instances count='1'/></Role>"), "no name"),
    "a role twice": (_file(ROLE.format("") * 2), "two roles"),
    "no instances": (_file("<Role name='W'/>"), "Instances"),
    "instances twice": (_file(ROLE.format("<Instances count='1'/>")), "Instances"),
    "no count": (_file("<Role name='W'><Instances/></Role>"), "count"),
    "a count that is none": (_file("<Role name='W'><Instances count='two'/></Role>"), "count"),
    "a count below zero": (_file("<Role name='W'><Instances count='-1'/></Role>"), "count"),
    "a setting twice": (
        _file(ROLE.format("<ConfigurationSettings>" + "<Setting name='a' value=''/>" * 2 + "</ConfigurationSettings>")),
        "twice",
    ),
    "a setting without value": (
        _file(ROLE.format("<ConfigurationSettings><Setting name='a'/></ConfigurationSettings>")),
        "lacks",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_plain_configuration_is_refused(case: str) -> None:
    """The error names what is wrong."""
    data, reason = REFUSED[case]
    with pytest.raises(BadServiceConfiguration, match=reason):
        ServiceConfiguration.parse(data)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.scale("Db", 2), "no role 'Db'; it has 'Web', 'Worker'"),
        (lambda c: c.scale("Web", 0), "1 to 1000"),
        (lambda c: c.scale("Web", 1001), "1 to 1000"),
        (lambda c: c.scale("Web", 2.5), "1 to 1000 instances, a whole number"),
        (lambda c: c.scale("Web", 2.0), "1 to 1000 instances, a whole number"),
        (lambda c: c.scale("Web", "3"), "1 to 1000 instances, a whole number"),
        (lambda c: c.scale("Worker", True), "1 to 1000 instances, a whole number"),
        (lambda c: c.set("Worker", "Colour", "x"), "new package"),
        (lambda c: c.set("Web", "Colour", 5), "not text"),
        (lambda c: c.set("Web", "Colour", "\x00"), "XML cannot carry"),
    ],
    ids=[
        "unknown role",
        "no instance",
        "too many instances",
        "half an instance",
        "a number with a point",
        "a number as text",
        "a truth",
        "unknown setting",
        "a value that is no text",
        "a character outside XML",
    ],
)
def test_a_change_that_cannot_be_is_refused(change: Callable[[Any], bytes], reason: str) -> None:
    """What cannot change in place says so."""
    with pytest.raises(BadServiceConfiguration, match=reason):
        change(ServiceConfiguration.parse(PLAIN.encode()))


def test_a_vm_name_of_ten_characters_and_one_network_configuration_are_read() -> None:
    """The limits themselves are allowed."""
    data = _file("<Role name='W' vmName='tencharact'><Instances count='1'/></Role><NetworkConfiguration/>")
    assert ServiceConfiguration.parse(data).role("W").instances == 1


VIRTUAL_MACHINES = (
    '<ServiceConfiguration xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xmlns="{NAMESPACE}">\r\n  <Role name="vm">\r\n    <Instances count="1" />{{}}'
    "\r\n  </Role>\r\n</ServiceConfiguration>"
)
"""As Get Deployment gives it back, and with something that people write."""


def test_what_the_service_made_for_virtual_machines_is_read_without_a_service_name() -> None:
    """Recorded."""
    assert ServiceConfiguration.parse(VIRTUAL_MACHINES.format("").encode()).service_name is None


def test_a_role_with_settings_needs_a_service_name_whatever_the_file_declares() -> None:
    """The exception is no wider than what was recorded."""
    with pytest.raises(BadServiceConfiguration, match="serviceName"):
        ServiceConfiguration.parse(VIRTUAL_MACHINES.format("<ConfigurationSettings/>").encode())


def test_a_file_in_ascii_stays_in_ascii() -> None:
    """Other characters become references, and are read as what they are."""
    text = PLAIN.replace("utf-8", "US-ASCII").replace("Größe", "Groesse").replace("groß", "gross")
    configuration = ServiceConfiguration.parse(text.encode("ascii"))
    edited = configuration.set("Web", "Groesse", "größer 𝄞")
    assert edited == text.replace('"gross"', '"gr&#246;&#223;er &#119070;"').encode("ascii")
    assert ServiceConfiguration.parse(edited).role("Web").settings["Groesse"] == "größer 𝄞"


def test_settings_are_never_shown() -> None:
    """They hold connection strings."""
    shown = repr(ServiceConfiguration.parse(PLAIN.encode()))
    assert "gold" not in shown
