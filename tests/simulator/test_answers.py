"""Form of the answers: headers, ids, element order, what a version does not know."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.simulator.api import Api, create_deployment, cscfg, document, element, encoded, eventually, properties

UNDASHED = re.compile(r"[0-9a-f]{32}")


def created(api: Api, service: str, package_url: str, slot: str = "production", **changes: str) -> str:
    """Create a deployment and wait for the operation. Path of the deployment."""
    path = f"{service}/deploymentslots/{slot}"
    answer = api.ended(api.post(path, create_deployment(package_url, **changes)))
    assert answer.text("Status") == "Succeeded", answer.body
    return path


def status(value: str) -> bytes:
    """Write the body of Update Deployment Status."""
    return document("UpdateDeploymentStatus", {"Status": value})


@pytest.mark.parametrize("path", ["services/hostedservices", "services/hostedservices/nobody"], ids=["200", "404"])
def test_every_answer_carries_the_headers_of_the_service(api: Api, path: str) -> None:
    """Request id in 32 lower-case hex digits, region, server, no-cache, date."""
    answer = api.get(path)
    assert UNDASHED.fullmatch(answer.id)
    assert {"x-ms-servedbyregion", "Server", "Cache-Control", "Date"} <= set(answer.headers)
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"


def test_an_accepted_call_is_202_and_empty(api: Api, service: str, package_url: str) -> None:
    """Content-Length 0, no content type."""
    answer = api.post(f"{service}/deploymentslots/staging", create_deployment(package_url))
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (202, b"", "0")
    assert "Content-Type" not in answer.headers


def test_a_created_cloud_service_says_where_it_is(api: Api) -> None:
    """201 with Location, and an id that can be polled and has succeeded."""
    answer = api.create_service("located")
    base = f"{api.simulator.url}/subscriptions/{api.simulator.subscription}/compute/located"
    assert (answer.status, answer.headers["Location"]) == (201, base)
    assert api.operation(answer.id).text("Status") == "Succeeded"


def test_an_operation_is_known_by_its_undashed_id_and_shows_it_dashed(api: Api, service: str, package_url: str) -> None:
    """The digits are the same."""
    accepted = api.post(f"{service}/deploymentslots/staging", create_deployment(package_url))
    shown = api.operation(accepted.id)
    assert (shown.text("ID") or "").replace("-", "") == accepted.id
    assert shown.id != accepted.id


def test_the_id_of_a_call_that_changed_nothing_can_be_polled_too(api: Api) -> None:
    """Recorded: it has succeeded. The id of a refused call is not known."""
    assert api.operation(api.get("services/hostedservices").id).text("Status") == "Succeeded"
    assert api.operation(api.get("services/hostedservices/nobody").id).status == 404


def test_a_finished_operation_is_written_to_the_byte(api: Api, service: str, package_url: str) -> None:
    """As recorded: namespaces in this order, no declaration, no blank."""
    accepted = api.post(f"{service}/deploymentslots/staging", create_deployment(package_url))
    answer = api.ended(accepted)
    dashed = "-".join(accepted.id[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
    assert answer.body.decode() == (
        '<Operation xmlns="http://schemas.microsoft.com/windowsazure" '
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        f"<ID>{dashed}</ID><Status>Succeeded</Status><HttpStatusCode>200</HttpStatusCode></Operation>"
    )


@pytest.mark.parametrize(
    ("query", "words"), [("c/none.cspkg?sig=SECRET", "answered 404"), ("c/empty.cspkg?sig=SECRET", "is empty")]
)
def test_a_package_that_cannot_be_had_fails_the_operation_without_telling_the_sas(
    api: Api, service: str, blobs: str, query: str, words: str
) -> None:
    """400 BadRequest inside the operation; the slot is free again; no log or state holds the SAS."""
    path = f"{service}/deploymentslots/staging"
    answer = api.ended(api.post(path, create_deployment(f"{blobs}/{query}")))
    assert (answer.text("Status"), answer.text("HttpStatusCode"), answer.text("Error/Code")) == (
        "Failed",
        "400",
        "BadRequest",
    )
    assert words in (answer.text("Error/Message") or "")
    assert api.get(path).status == 404
    state = (api.simulator.state / "state.json").read_text()
    log = api.simulator.state.with_name("state.log").read_text()
    assert "SECRET" not in answer.body.decode() + state + log


def test_a_storage_service_that_does_not_answer_fails_the_operation(api: Api, service: str) -> None:
    """Nobody listens on port 1."""
    body = create_deployment("http://127.0.0.1:1/c/app.cspkg?sig=SECRET")
    answer = api.ended(api.post(f"{service}/deploymentslots/staging", body))
    assert answer.text("Error/Code") == "BadRequest"


def test_the_package_was_really_fetched(api: Api, service: str, package_url: str) -> None:
    """Its size is known, its location without the SAS."""
    created(api, service, package_url, "staging")
    state = api.simulator.admin("GET", "state")["subscriptions"][api.simulator.subscription]
    package = state["services"][service.rpartition("/")[2]]["slots"]["Staging"]["package"]
    assert (package["size"], package["location"]) == (20_004, package_url.partition("?")[0])


def test_slots_and_comp_calls_are_taken_in_every_recorded_spelling(api: Api, service: str, package_url: str) -> None:
    """Any case, with and without a slash before the query, by name and by slot."""
    created(api, service, package_url, "Production")
    for path in (
        "deploymentslots/PRODUCTION/?comp=status",
        "deployments/v1?comp=status",
        "deployments/v1/?comp=Status",
    ):
        assert api.ended(api.post(f"{service}/{path}", status("Running"))).text("Status") == "Succeeded"


def test_production_and_staging_have_their_own_addresses(api: Api, service: str, package_url: str) -> None:
    """The staging one is the private id."""
    name = service.rpartition("/")[2]
    production = api.get(created(api, service, package_url))
    staging = api.get(created(api, service, package_url, "staging", Name="v2"))
    assert production.text("Url") == f"http://{name}.cloudapp.net/"
    assert staging.text("Url") == f"http://{staging.text('PrivateID')}.cloudapp.net/"


def test_both_deployments_are_embedded_on_demand(api: Api, service: str, package_url: str) -> None:
    """Only with `embed-detail=true`."""
    created(api, service, package_url)
    created(api, service, package_url, "staging", Name="v2")
    assert api.get(f"{service}?embed-detail=true").texts("DeploymentSlot") == ["Production", "Staging"]
    assert api.get(f"{service}?embed-detail=false").texts("DeploymentSlot") == []


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("2011-05-31", "Locked"),
        ("2011-05-31", "UpgradeDomainCount"),
        ("2011-09-30", "InstanceStateDetails"),
        ("2012-02-29", "ExtendedProperties"),
        ("2012-02-29", "VirtualIPs"),
        ("2012-02-29", "IpAddress"),
        ("2014-04-30", "LoadBalancers"),
    ],
)
def test_elements_of_later_versions_are_left_out(
    api: Api, service: str, package_url: str, version: str, name: str
) -> None:
    """One day later they are there."""
    path = created(api, service, package_url)
    next_day = (datetime.fromisoformat(version) + timedelta(days=1)).date().isoformat()
    assert api.get(path, version).texts(name) == []
    assert api.get(path, next_day).texts(name) != []


def test_calls_of_later_versions_are_refused(api: Api, service: str) -> None:
    """Extensions came on 2013-03-01."""
    assert api.get(f"{service}/extensions", "2013-02-28").text("Code") == "MissingOrIncorrectVersionHeader"
    assert api.get(f"{service}/extensions", "2013-03-01").status == 200


def test_extensions_are_added_listed_used_and_deleted(api: Api, service: str, package_url: str) -> None:
    """The private part is never shown; one in use cannot be deleted."""
    fields = {
        "ProviderNameSpace": "Microsoft.Windows.Azure.Extensions",
        "Type": "RDP",
        "Id": "rdp",
        "PublicConfiguration": encoded("<public/>"),
        "PrivateConfiguration": encoded("private"),
        "Version": "1.*",
    }
    assert api.ended(api.post(f"{service}/extensions", document("Extension", fields))).text("Status") == "Succeeded"
    assert encoded("private") not in api.get(f"{service}/extensions/rdp").body.decode()
    used = element(
        "<ExtensionConfiguration><AllRoles><Extension><Id>rdp</Id></Extension></AllRoles><NamedRoles/>"
        "</ExtensionConfiguration>"
    )
    slot = f"{service}/deploymentslots/staging"
    api.ended(api.post(slot, create_deployment(package_url, ExtensionConfiguration=used)))
    assert api.get(slot).texts("State") == ["enable"]
    assert api.call("DELETE", f"{service}/extensions/rdp").status == 400
    nothing = element("<ExtensionConfiguration><AllRoles/><NamedRoles/></ExtensionConfiguration>")
    body = document("ChangeConfiguration", {"Configuration": cscfg(), "ExtensionConfiguration": nothing})
    api.ended(api.post(f"{slot}/?comp=config", body))
    assert b"<ExtensionConfiguration><NamedRoles/></ExtensionConfiguration>" in api.get(slot).body
    deleted = api.call("DELETE", f"{service}/extensions/rdp")
    assert (deleted.status, api.operation(deleted.id).text("Status")) == (200, "Succeeded")
    assert api.get(f"{service}/extensions").body.endswith(b'XMLSchema-instance"/>')


def test_a_cloud_service_is_updated_and_deleted(api: Api, service: str) -> None:
    """Properties are merged by name; what the service adds itself stays."""
    body = document("UpdateHostedService", {"Description": "new", "ExtendedProperties": properties(("a", "1"))})
    assert api.call("PUT", service, body).status == 200
    answer = api.get(service)
    assert answer.text("HostedServiceProperties/Description") == "new"
    assert answer.texts("Name") == ["ResourceGroup", "ResourceLocation", "a"]
    assert api.call("DELETE", service).status == 200
    assert api.get(service).status == 404


def test_a_cloud_service_with_a_deployment_is_not_deleted(api: Api, service: str, package_url: str) -> None:
    """Unless `comp=media` takes the deployment along, as an operation."""
    created(api, service, package_url)
    assert api.call("DELETE", service).status == 400
    assert api.ended(api.call("DELETE", f"{service}?comp=media")).text("Status") == "Succeeded"
    assert api.get(service).status == 404


@pytest.mark.parametrize(("name", "free"), [("nobody-has-this", "true"), (None, "false")])
def test_the_availability_of_a_name_is_told(api: Api, service: str, name: str | None, free: str) -> None:
    """With the recorded reason."""
    asked = name or service.rpartition("/")[2]
    answer = api.get(f"services/hostedservices/operations/isavailable/{asked}")
    reason = "" if name else "A hosted service with the specified name already exists."
    assert (answer.text("Result"), answer.text("Reason")) == (free, reason)


def test_operations_of_a_subscription_are_listed(api: Api, service: str, package_url: str) -> None:
    """By time, and by what they are about."""
    path = created(api, service, package_url)
    begin, end = datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(minutes=5)
    below = f"/{api.simulator.subscription}/{path}"
    window = f"StartTime={begin:%Y-%m-%dT%H:%M:%S.0000000Z}&EndTime={end:%Y-%m-%dT%H:%M:%S}Z"
    answer = api.get(f"operations?{window}&ObjectIdFilter={below}&OperationResultFilter=Succeeded")
    assert answer.texts("OperationName") == ["CreateDeploymentBySlot"]
    assert answer.texts("OperationObjectId") == [below]
    assert api.get("operations?StartTime=2001-01-01&EndTime=2001-01-02").texts("OperationName") == []


def test_events_are_an_empty_collection(api: Api, service: str, package_url: str) -> None:
    """As recorded."""
    path = created(api, service, package_url)
    answer = api.get(f"{path}/events?starttime=2015-06-11T16:35:17.3168369Z&endtime=2015-06-21T16:35:17.3168369Z")
    assert answer.body.endswith(b"<RebootEvents/></DeploymentEventCollection>")


def test_instances_are_rebooted_reimaged_rebuilt_and_deleted(api: Api, service: str, package_url: str) -> None:
    """202 for each, and an operation that succeeds."""
    path = created(api, service, package_url, Configuration=cscfg({"WebRole1": 2}))
    instance = f"{path}/roleinstances/WebRole1_IN_0"
    for query in ("comp=reboot", "comp=reimage", "comp=rebuild&resources=allLocalDrives"):
        assert api.ended(api.post(f"{instance}?{query}")).text("Status") == "Succeeded"
    gone = document("RoleInstances", {"Name": "WebRole1_IN_0"})
    assert api.ended(api.post(f"{path}/roleinstances/?comp=delete", gone)).text("Status") == "Succeeded"
    assert api.get(path).texts("InstanceName") == ["WebRole1_IN_1"]


def test_rollback_answers_200_by_name_and_202_by_slot(api: Api, service: str, package_url: str) -> None:
    """A client of the vendor insists on exactly that."""
    path = created(api, service, package_url)
    manual = document("ChangeConfiguration", {"Configuration": cscfg(colour="blue"), "Mode": "Manual"})
    back = document("RollbackUpdateOrUpgrade", {"Mode": "auto", "Force": "true"})
    for base, expected in ((f"{service}/deployments/v1", 200), (path, 202)):
        api.ended(api.post(f"{base}/?comp=config", manual))
        assert api.get(path).text("RollbackAllowed") == "true"
        answer = api.post(f"{base}/?comp=rollback", back)
        assert answer.status == expected
        assert api.ended(answer).text("Status") == "Succeeded"
        eventually(lambda: api.get(path), lambda one: one.text("Status") == "Running")


def test_a_warning_fails_a_creation_that_treats_it_as_an_error(api: Api, service: str, package_url: str) -> None:
    """Guest OS family 1 is what the simulator warns about."""
    body = create_deployment(package_url, Configuration=cscfg(family="1"), TreatWarningsAsError="true")
    answer = api.ended(api.post(f"{service}/deploymentslots/staging", body))
    assert (answer.text("Status"), answer.text("HttpStatusCode")) == ("Failed", "400")


def test_a_package_is_given_back_as_an_operation(api: Api, service: str, package_url: str) -> None:
    """202, with the container in the query as a client of the vendor writes it."""
    path = created(api, service, package_url)
    query = "containerUri=http:%2F%2Facc.blob.core.windows.net%2Fc%20+&overwriteExisting=true"
    assert api.ended(api.post(f"{path}/package?{query}")).text("Status") == "Succeeded"


def test_a_large_body_is_refused(api: Api, service: str) -> None:
    """9 MB."""
    answer = api.post(f"{service}/deploymentslots/staging", b" " * 9_000_000)
    assert (answer.status, answer.text("Code")) == (400, "BadRequest")
