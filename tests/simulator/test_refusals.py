"""Calls that the service refuses at once: status, code, sentence, and that nothing was begun."""

import pytest
from lxml import etree

from tests.simulator.api import Api, create_deployment, cscfg, document, element, encoded, properties

XML = "The request body's XML was invalid or not correctly specified."


def in_order(*names: str) -> bytes:
    """Write a CreateDeployment with these elements in this order."""
    values = {
        "Name": "v1",
        "PackageUrl": "http://127.0.0.1/p",
        "Label": encoded("x"),
        "Configuration": cscfg(),
        "StartDeployment": "true",
    }
    return document("CreateDeployment", {name: values.get(name, "x") for name in names})


def deployment(**changes: str | etree._Element | None) -> bytes:
    """Write a CreateDeployment whose package is never looked for: it is refused before."""
    return create_deployment("http://127.0.0.1/p", **changes)


BAD_BODIES = {
    "nothing": b"",
    "no XML": b"{}",
    "broken off": b'<CreateDeployment xmlns="http://schemas.microsoft.com/windowsazure"><Name>',
    "other root": document("UpgradeDeployment", {"Name": "v1"}),
    "no namespace": b"<CreateDeployment><Name>v1</Name></CreateDeployment>",
    "other namespace": deployment().replace(b"schemas.microsoft.com/windowsazure", b"example.org/x"),
    "document type": deployment().replace(b"<Create", b'<!DOCTYPE x [<!ENTITY e "v1">]><Create', 1),
    "label before package": in_order("Name", "Label", "PackageUrl", "Configuration"),
    "configuration before label": in_order("Name", "PackageUrl", "Configuration", "Label"),
    "element missing": in_order("Name", "PackageUrl", "Label"),
    "unknown element": in_order("Name", "PackageUrl", "Label", "Configuration", "Force"),
    "boolean in capitals": deployment(StartDeployment="True"),
    "element in a simple element": deployment(Name=element("<Name><x/></Name>")),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_is_not_as_documented_is_invalid_xml(api: Api, service: str, body: bytes) -> None:
    """400 InvalidXmlRequest."""
    answer = api.post(f"{service}/deploymentslots/staging", body)
    assert (answer.status, answer.error) == (400, ("InvalidXmlRequest", XML))


BAD_VALUES = {
    "name with a blank": {"Name": "v 1"},
    "empty name": {"Name": ""},
    "label not base64": {"Label": "%%%"},
    "label of 101 characters": {"Label": encoded("ä" * 101)},
    "empty label": {"Label": ""},
    "package not a URL": {"PackageUrl": "app.cspkg"},
    "package in a file": {"PackageUrl": "file:///etc/passwd"},
    "configuration not base64": {"Configuration": "<x/>"},
    "configuration not XML": {"Configuration": encoded("x")},
    "configuration of another kind": {"Configuration": encoded("<ServiceConfiguration/>")},
    "no role": {"Configuration": cscfg({})},
    "no instance": {"Configuration": cscfg({"WebRole1": 0})},
    "26 roles": {"Configuration": cscfg({f"R{n}": 1 for n in range(26)})},
    "property name with a digit first": {"ExtendedProperties": properties(("1a", "x"))},
    "property name of 65 characters": {"ExtendedProperties": properties(("a" * 65, "x"))},
    "property twice": {"ExtendedProperties": properties(("a", "x"), ("a", "y"))},
    "property without value": {"ExtendedProperties": properties(("a", None))},
    "property of 256 characters": {"ExtendedProperties": properties(("a", "x" * 256))},
    "26 properties": {"ExtendedProperties": properties(*((f"a{n}", "x") for n in range(26)))},
    "extension that was not added": {
        "ExtensionConfiguration": element(
            "<ExtensionConfiguration><AllRoles><Extension><Id>e</Id></Extension></AllRoles></ExtensionConfiguration>"
        )
    },
}


@pytest.mark.parametrize("changes", BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_a_value_that_is_not_allowed_is_a_bad_request(
    api: Api, service: str, changes: dict[str, str | etree._Element | None]
) -> None:
    """400 BadRequest, and the slot stays empty."""
    answer = api.post(f"{service}/deploymentslots/staging", deployment(**changes))
    assert (answer.status, answer.text("Code")) == (400, "BadRequest")
    assert api.get(f"{service}/deploymentslots/staging").status == 404


def test_a_label_of_100_characters_is_accepted(api: Api, service: str, package_url: str) -> None:
    """The limit counts characters before base64, not bytes."""
    body = create_deployment(package_url, Label=encoded("ä" * 100))
    assert api.post(f"{service}/deploymentslots/staging", body).status == 202


@pytest.mark.parametrize("version", [None, "", "2017-1-1", "2017-13-01", "latest", "2009-09-30", "2017-01-01x"])
def test_a_missing_or_malformed_version_is_refused(api: Api, version: str | None) -> None:
    """400 MissingOrIncorrectVersionHeader."""
    answer = api.get("services/hostedservices", version)
    assert (answer.status, answer.text("Code")) == (400, "MissingOrIncorrectVersionHeader")


@pytest.mark.parametrize(
    ("version", "field", "status"),
    [
        ("2010-03-31", {}, 400),
        ("2011-03-31", {"StartDeployment": "true"}, 400),
        ("2012-02-29", {"ExtendedProperties": properties(("a", "b"))}, 400),
        ("2012-03-01", {"ExtendedProperties": properties(("a", "b"))}, 202),
        ("2013-02-28", {"ExtensionConfiguration": element("<ExtensionConfiguration></ExtensionConfiguration>")}, 400),
        ("2013-03-01", {"ExtensionConfiguration": element("<ExtensionConfiguration></ExtensionConfiguration>")}, 202),
    ],
)
def test_elements_newer_than_the_version_are_refused(
    api: Api,
    service: str,
    package_url: str,
    version: str,
    field: dict[str, str | etree._Element | None],
    status: int,
) -> None:
    """An element is known from its documented version on."""
    body = create_deployment(package_url, **field)
    assert api.post(f"{service}/deploymentslots/staging", body, version).status == status


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "services/hostedservices/nobody", 404, "ResourceNotFound"),
        ("GET", "services/hostedservices/*", 400, "BadRequest"),
        ("GET", "services/hostedservices/nobody/deploymentslots/staging", 404, "ResourceNotFound"),
        ("GET", "{service}/deploymentslots/middle", 400, "BadRequest"),
        ("GET", "{service}/deployments/none", 404, "ResourceNotFound"),
        ("POST", "{service}/deployments/none/?comp=status", 404, "ResourceNotFound"),
        ("POST", "{service}/deployments/none/", 400, "MissingOrInvalidRequiredQueryParameter"),
        ("POST", "{service}/deploymentslots/staging/?comp=shrink", 400, "MissingOrInvalidRequiredQueryParameter"),
        ("PUT", "{service}/deploymentslots/staging", 400, "InvalidHttpVerb"),
        ("PATCH", "services/hostedservices", 400, "InvalidHttpVerb"),
        ("GET", "operations", 400, "MissingOrInvalidRequiredQueryParameter"),
        ("GET", "operations?StartTime=yesterday&EndTime=today", 400, "MissingOrInvalidRequiredQueryParameter"),
        ("GET", "operations/00000000000000000000000000000000", 404, "ResourceNotFound"),
        ("GET", "services/nothing", 404, "ResourceNotFound"),
        ("DELETE", "{service}?comp=all", 400, "MissingOrInvalidRequiredQueryParameter"),
        ("POST", "{service}/deployments", 501, "NotImplemented"),
    ],
)
def test_a_call_on_what_is_not_there_says_so(
    api: Api, service: str, method: str, path: str, status: int, code: str
) -> None:
    """Each kind of absence has its code."""
    body = document("UpdateDeploymentStatus", {"Status": "Running"})
    answer = api.call(method, path.format(service=service), body if method == "POST" else b"")
    assert (answer.status, answer.text("Code")) == (status, code)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("{service}/deploymentslots/production", "No deployments were found."),
        ("{service}/deployments/v9", "No deployments were found."),
        ("services/hostedservices/nobody", "The hosted service does not exist."),
        ("services/hostedservices/-", "The hosted service name is invalid."),
    ],
)
def test_the_recorded_sentences_are_used(api: Api, service: str, path: str, message: str) -> None:
    """Clients compare some of them."""
    assert api.get(path.format(service=service)).text("Message") == message


def test_a_change_to_an_unknown_deployment_names_it(api: Api, service: str) -> None:
    """The recorded sentence for POST."""
    body = document("UpdateDeploymentStatus", {"Status": "Running"})
    answer = api.post(f"{service}/deployments/v9/?comp=status", body)
    assert answer.text("Message") == "The deployment name 'v9' does not exist."


def test_an_occupied_slot_is_refused(api: Api, service: str, package_url: str) -> None:
    """One deployment a slot, whatever its name."""
    path = f"{service}/deploymentslots/production"
    assert api.post(path, create_deployment(package_url)).status == 202
    answer = api.post(path, create_deployment(package_url, Name="v2"))
    assert (answer.status, answer.text("Message")) == (
        409,
        "The specified deployment slot Production is occupied.",
    )


def test_a_name_is_used_once_in_a_cloud_service(api: Api, service: str, package_url: str) -> None:
    """The same name in the other slot is a conflict."""
    assert api.post(f"{service}/deploymentslots/production", create_deployment(package_url)).status == 202
    answer = api.post(f"{service}/deploymentslots/staging", create_deployment(package_url))
    assert (answer.status, answer.text("Code")) == (409, "ConflictError")


def test_a_taken_cloud_service_name_is_refused(api: Api, service: str) -> None:
    """Names have no case."""
    answer = api.create_service(service.rpartition("/")[2].upper())
    assert (answer.status, answer.text("Message")) == (409, "The specified DNS name is already taken.")


def test_another_subscription_is_forbidden(api: Api) -> None:
    """Only the subscriptions of the simulator exist."""
    answer = api.call("GET", "../00000000-0000-0000-0000-000000000000/services/hostedservices")
    assert (answer.status, answer.text("Code")) == (403, "AuthenticationFailed")
