"""What GitHub publishes about its API and webhooks, and whether the fake and the app keep to it.

Every other test with the fake holds its answers to it too: the fixture `fake` looks at them.
"""

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

from handlers.github_api import deployments, releases
from handlers.github_api.client import GitHub
from handlers.github_api.deployments import NewDeployment, State
from local.github import deliveries, shapes
from local.github.answers import ENTERPRISE
from local.github.assets import Given
from local.github.deliveries import Delivery
from local.github.repositories import Repository
from local.github.schemas import wanted
from local.github.schemas.published import (
    answer_mistakes,
    call_of,
    delivery_mistakes,
    query_mistakes,
    request_mistakes,
    resource_of,
    unknown_fields,
)
from local.github.schemas.validators import PUBLISHED, published
from local.github.server import OWN, FakeGitHub, application
from local.github.world import World
from tests.github import payloads
from tests.github.conftest import REPOSITORY
from tests.github.test_fake_github import SECRET, call

MAX_BYTES = 150_000
"""Our choice: a file that a reader can still open."""

NO_API = (*OWN, "/{owner}/{name}/", "/_storage/")
"""What the paths begin with that are no part of the API: ours, and GitHub's for browsers and downloads."""

CREATE = "POST /repos/{owner}/{repo}/deployments"
CREATE_STATUS = "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses"
GET_RELEASE = "GET /repos/{owner}/{repo}/releases/{release_id}"
BASE = "http://127.0.0.1:1"


def test_the_file_says_where_it_is_from() -> None:
    """The package, its version and its licence, whose text is beside it."""
    source = published()["source"]
    assert (source["package"], source["licence"], source["openapi"]) == ("@octokit/openapi", "MIT", "3.0.3")
    assert source["version"].count(".") == 2
    assert PUBLISHED.with_name("LICENSE").read_text().startswith("MIT License Copyright (c) 2020 Octokit contributors")


def test_the_file_is_small() -> None:
    """What no body can break is left out of it."""
    assert PUBLISHED.stat().st_size < MAX_BYTES


def test_the_file_has_what_is_wanted() -> None:
    """`make schemas` was run after the last change of wanted.py."""
    assert list(published()["calls"]) == sorted(wanted.CALLS)
    assert list(published()["deliveries"]) == sorted(wanted.DELIVERIES)


def test_every_reference_in_the_file_leads_somewhere() -> None:
    """And nothing is defined that nobody refers to."""
    text = PUBLISHED.read_text(encoding="utf-8")
    referred = {part.partition('"')[0] for part in text.split('"$ref":"#/$defs/')[1:]}
    assert referred | set(wanted.ERRORS) == set(published()["$defs"])


def test_a_fake_starts_without_the_validator() -> None:
    """It comes with the first body, so that a demo is as quick as before."""
    asked = "import sys, local.chat.__main__, local.github.__main__; print('jsonschema' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout == "False\n"


def test_every_route_of_the_fake_is_published() -> None:
    """By name and number, here and below /api/v3. A new call is a line in schemas/wanted.py and `make schemas`."""
    routes = {
        (route.method, route.resource.canonical.removeprefix(ENTERPRISE))
        for route in application(World()).router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    of_the_api = {(method, path) for method, path in routes if not path.startswith(NO_API)}
    assert {one for one in of_the_api if call_of(*one) is None} == set()
    assert len(of_the_api) > 30


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/deployments", {}, 'Invalid request.\n\n"ref" wasn\'t supplied.'),
        ("/deployments", {"ref": 7}, "Invalid request.\n\nFor 'properties/ref', 7 is not a string."),
        ("/deployments", {"ref": None}, "Invalid request.\n\nFor 'properties/ref', nil is not a string."),
        (
            "/deployments",
            {"ref": "main", "description": 7},
            "Invalid request.\n\nFor 'properties/description', 7 is not a string or null.",
        ),
        (
            "/deployments",
            {"ref": "main", "required_contexts": ["ci", 1]},
            "Invalid request.\n\nFor 'properties/required_contexts/items', 1 is not a string.",
        ),
        (
            "/deployments",
            {"ref": "main", "required_contexts": {}},
            "Invalid request.\n\nFor 'properties/required_contexts', {} is not an array.",
        ),
        (
            "/deployments",
            {"ref": "main", "payload": 7},
            'Invalid request.\n\nNo subschema in "oneOf" matched.',
        ),
        (
            "/deployments",
            {"auto_merge": "no"},
            'Invalid request.\n\n"ref" wasn\'t supplied.\nFor \'properties/auto_merge\', "no" is not a boolean.',
        ),
        ("/statuses/SHA", {}, 'Invalid request.\n\n"state" wasn\'t supplied.'),
        (
            "/statuses/SHA",
            {"state": "success", "target_url": 1},
            "For 'properties/target_url', 1 is not a string or null",
        ),
        ("/releases/RELEASE", {"body": None}, "Invalid request.\n\nFor 'properties/body', nil is not a string."),
        ("/releases/RELEASE", {"draft": "yes"}, "For 'properties/draft', \"yes\" is not a boolean."),
        ("/issues/1/comments", {}, '"body" wasn\'t supplied.'),
        ("/issues/1/comments", {"body": ["a"]}, "For 'properties/body', [\"a\"] is not a string."),
    ],
)
def test_a_body_that_the_schema_refuses_is_refused(
    fake: FakeGitHub, repository: Repository, path: str, body: dict[str, Any], message: str
) -> None:
    """422 in GitHub's words, and nothing is changed."""
    release = fake.world.publish(repository, "v1", body="as it was")
    fake.world.push(repository, "feature")
    repository.pulls[1] = fake.world.open_pull(repository, "feature")
    place = path.replace("SHA", repository.branches["main"]).replace("RELEASE", str(release.id))
    answer = call(fake, "PATCH" if "releases" in path else "POST", f"/repos/{REPOSITORY}{place}", body)
    assert answer.status_code == 422
    assert message in answer.json()["message"]
    assert (repository.deployments, repository.commit_statuses, repository.comments, release.body) == (
        {},
        {},
        {},
        "as it was",
    )


@pytest.mark.parametrize(
    ("path", "body", "resource", "field"),
    [
        ("/statuses/SHA", {"state": "done"}, "Status", "state"),
        ("/releases/RELEASE", {"make_latest": "maybe"}, "Release", "make_latest"),
    ],
)
def test_a_word_that_is_not_listed_is_refused_by_its_field(
    fake: FakeGitHub, repository: Repository, path: str, body: dict[str, str], resource: str, field: str
) -> None:
    """GitHub names the thing and the field then."""
    release = fake.world.publish(repository, "v1")
    place = path.replace("SHA", repository.branches["main"]).replace("RELEASE", str(release.id))
    answer = call(fake, "PATCH" if "releases" in path else "POST", f"/repos/{REPOSITORY}{place}", body)
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert answer.json()["errors"] == [
        {"resource": resource, "code": "custom", "field": field, "message": f"{field} is not included in the list"}
    ]


def test_who_may_not_write_does_not_hear_of_the_body(fake: FakeGitHub, repository: Repository) -> None:
    """Rights come first."""
    fake.world.add_token("reads", {"deployments": "read"})
    answer = call(fake, "POST", f"/repos/{REPOSITORY}/deployments", {}, Authorization="Bearer reads")
    assert answer.status_code == 403


def test_a_field_that_github_does_not_know_is_passed_over(fake: FakeGitHub, repository: Repository) -> None:
    """Its schemas are open."""
    assert request_mistakes(CREATE, {"ref": "main", "colour": "red"}) == []
    assert unknown_fields(CREATE, {"ref": "main", "colour": "red", "payload": {"any": "thing"}}) == [
        ".: Unevaluated properties are not allowed ('colour' was unexpected)"
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"environment": "live", "per_page": "100"}, []),
        ({"enviroment": "live"}, ["?enviroment: not described"]),
        ({"per_page": "many"}, ["?per_page: 'many' is not of type 'integer'"]),
    ],
    ids=["described", "misspelt", "no number"],
)
def test_a_parameter_that_github_does_not_know_is_found(query: dict[str, str], found: list[str]) -> None:
    """GitHub would list everything, and nobody would notice."""
    assert query_mistakes("GET /repos/{owner}/{repo}/deployments", query) == found


def test_what_our_client_writes_is_what_github_asks_for(
    fake: FakeGitHub, repository: Repository, github: GitHub
) -> None:
    """Also the fields that are written seldom."""
    release = fake.world.publish(repository, "v1")
    new = NewDeployment(
        ref="v1", environment="live", description="d", payload={"a": {"b": 1}}, production_environment=True
    )
    made = deployments.create(github, REPOSITORY, new)
    deployments.add_status(github, REPOSITORY, made.id, State.SUCCESS, "done", log_url="https://example.org/v1")
    releases.write_body(github, REPOSITORY, release.id, "a text")
    sent = [(one["body"], call_of(one["method"], _route(one["path"]))) for one in fake.world.log if one["body"]]
    assert [name for _, name in sent] == [CREATE, CREATE_STATUS, "PATCH /repos/{owner}/{repo}/releases/{release_id}"]
    assert [unknown_fields(name or "", body) + request_mistakes(name or "", body) for body, name in sent] == [
        [],
        [],
        [],
    ]


def _route(path: str) -> str:
    """Put braces around what stands for a name or a number."""
    parts = path.split("/")
    return "/".join(f"{{{part}}}" if part.isdigit() or index in {2, 3} else part for index, part in enumerate(parts))


@pytest.fixture
def written() -> dict[str, Any]:
    """Give a release as the fake writes it."""
    world = World()
    repository = world.add_repository(REPOSITORY)
    return shapes.release(BASE, repository, world.publish(repository, "v1", [world.asset("a", Given(b"a"))]))


def test_an_answer_as_it_is_written_fits(written: dict[str, Any]) -> None:
    """The one that the next tests spoil."""
    assert answer_mistakes(GET_RELEASE, 200, written) == []


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"tag_name": None}, ".tag_name: None is not of type 'string'"),
        ({"invented": 1}, ".: Unevaluated properties are not allowed ('invented' was unexpected)"),
        ({"created_at": "yesterday"}, ".created_at: 'yesterday' is not a 'date-time'"),
        ({"created_at": "2026-02-30T00:00:00Z"}, ".created_at: '2026-02-30T00:00:00Z' is not a 'date-time'"),
        ({"html_url": "no address"}, ".html_url: 'no address' is not a 'uri'"),
        ({"assets": [{}]}, ".assets[0]: 'url' is a required property"),
    ],
    ids=["type", "invented", "no-time", "no-such-day", "no-address", "inside"],
)
def test_an_answer_that_drifts_is_found(written: dict[str, Any], change: dict[str, Any], mistake: str) -> None:
    """With the place."""
    assert mistake in answer_mistakes(GET_RELEASE, 200, {**written, **change})


def test_a_field_that_an_answer_lacks_is_found(written: dict[str, Any]) -> None:
    """By its name."""
    del written["draft"]
    assert answer_mistakes(GET_RELEASE, 200, written) == [".: 'draft' is a required property"]


def test_a_success_that_github_does_not_describe_is_found() -> None:
    """Where it says 201, 200 is wrong."""
    assert answer_mistakes(CREATE_STATUS, 200, {}) == [f"{CREATE_STATUS} has no answer 200"]


def test_a_refusal_has_the_form_of_any() -> None:
    """Where the call does not describe it."""
    assert answer_mistakes(CREATE_STATUS, 401, {"message": "Bad credentials", "status": "401"}) == []
    assert answer_mistakes(CREATE_STATUS, 401, {"message": 401}) == [".message: 401 is not of type 'string'"]


def test_what_a_call_writes_is_named_after_its_answer() -> None:
    """As in GitHub's refusals."""
    assert (resource_of(CREATE), resource_of(CREATE_STATUS)) == ("Deployment", "DeploymentStatus")


def _deliveries() -> dict[str, Delivery]:
    """Build one of every kind, and those of them that have something unusual."""
    world = World()
    repository, private = world.add_repository(REPOSITORY), world.add_repository("octo/secret", private=True)
    commit = world.push(repository)
    release = world.publish(repository, "v1", [world.asset("a", Given(b"a"))], name="n", body="b")
    run, failed = deliveries.Run(1, "build", "main"), deliveries.Run(1, "build", None, "failure", "schedule")
    fields = {"ref": "v1", "task": "deploy", "payload": {}, "environment": "e"}
    flags = {"transient_environment": False, "production_environment": True}
    deployment = world.deploy(repository, {**fields, **flags}, commit.sha)
    world.push(repository, "feature")
    pull = world.open_pull(repository, "feature")
    on_pull, by_app = (
        world.comment(repository, pull.number, "mona", "/x"),
        world.comment(repository, 99, "m", "", app="7"),
    )
    return {
        "release": deliveries.release_delivery(SECRET, BASE, repository, release),
        "bare release": deliveries.release_delivery(
            SECRET, BASE, private, world.publish(private, "v1", prerelease=True)
        ),
        "push": deliveries.push_delivery(SECRET, BASE, repository, "main", [commit], sender="mona"),
        "push that deletes": deliveries.push_delivery(SECRET, BASE, private, "main", []),
        "run": deliveries.workflow_run_delivery(SECRET, BASE, repository, commit, run),
        "failed run": deliveries.workflow_run_delivery(SECRET, BASE, repository, commit, failed),
        "deployment": deliveries.deployment_delivery(SECRET, BASE, repository, deployment),
        "comment": deliveries.comment_delivery(SECRET, BASE, repository, on_pull),
        "comment by an app": deliveries.comment_delivery(SECRET, BASE, repository, by_app),
        "ping": deliveries.ping_delivery(SECRET, BASE, repository),
    }


DELIVERIES = _deliveries()


@pytest.mark.parametrize("delivery", DELIVERIES.values(), ids=DELIVERIES)
def test_a_delivery_is_what_github_publishes(delivery: Delivery) -> None:
    """With every field, and no other."""
    assert delivery_mistakes(delivery.headers["X-GitHub-Event"], json.loads(delivery.body)) == []


SINCE: dict[str, set[str]] = {
    "issue_comment.created": {"active_lock_reason", "disabled", "performed_via_github_app", "reactions"},
    "ping": set(),
    "push": {"has_discussions"},
    "release.published": {"immutable", "updated_at"},
    "workflow_run.completed": {"actor", "path", "triggering_actor"},
}
"""What GitHub has added since deliveries were recorded."""


@pytest.mark.parametrize("name", SINCE)
def test_a_recorded_delivery_fits_too(name: str) -> None:
    """But for what GitHub has added since: so what is published here is what GitHub does."""
    found = delivery_mistakes(name.partition(".")[0], payloads.load(name))
    assert {one.partition(": ")[2] for one in found} == {f"{field!r} is a required property" for field in SINCE[name]}


def test_every_published_delivery_is_tried() -> None:
    """One of each kind at least."""
    told = {(one.headers["X-GitHub-Event"], json.loads(one.body).get("action")) for one in DELIVERIES.values()}
    names = {"-".join(filter(None, one)).replace("_", "-") for one in told}
    assert names == set(wanted.DELIVERIES)


def test_a_delivery_that_drifts_is_found() -> None:
    """Also deep inside."""
    body = json.loads(DELIVERIES["comment"].body)
    spoilt = copy.deepcopy(body)
    del spoilt["comment"]["user"]["login"]
    assert delivery_mistakes("issue_comment", spoilt) == [".comment.user: 'login' is a required property"]
