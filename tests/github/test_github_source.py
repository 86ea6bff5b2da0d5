"""GitHub's deliveries: which of them deploy, and what each refusal says."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.errors import DeliveryRefused, Malformed, Unproved
from handlers.events import Delivery, Event, Ignored, Ping, ReleasePublished
from handlers.model import Actor, Release, Source
from handlers.sources import Entrance, Sources, read_delivery, sources_from
from handlers.sources.github import GitHubSource
from handlers.sources.signatures import sign
from tests.github import payloads

SECRET = "a webhook's secret"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
SOURCES: Sources = sources_from({"github": Entrance((SECRET,))})


def delivery(body: bytes, event: str | None = "release", **headers: str | None) -> Delivery:
    """Sign a body and send it; a header given as None is left out, underscores in names are dashes."""
    given = {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": GUID,
        "x-hub-signature-256": sign(SECRET, body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Delivery("github", {name: value for name, value in given.items() if value is not None}, body)


def read(body: bytes, event: str | None = "release", **headers: str | None) -> Event:
    """Read a signed body."""
    return GitHubSource((SECRET,)).read(delivery(body, event, **headers), NOW)


def published(**release: Any) -> bytes:
    """Return a real payload with some of the release's fields replaced."""
    payload = payloads.load("release.published.with_assets")
    payload["release"].update(release)
    return json.dumps(payload).encode()


@pytest.mark.parametrize("name", ["release.published", "release.published.with_assets"])
def test_a_published_release_is_read(name: str) -> None:
    """All that we keep of a real delivery."""
    assert read(payloads.read(name)) == ReleasePublished(
        release=Release(
            repository="Codertocat/Hello-World",
            repository_id=186853002,
            id=17372790,
            tag="0.0.1",
            prerelease=False,
            url="https://github.com/Codertocat/Hello-World/releases/tag/0.0.1",
        ),
        actor=Actor(source=Source.GITHUB, id="21031067", name="Codertocat"),
        delivery=GUID,
    )


@pytest.mark.parametrize("name", ["ping", "ping.organization"])
def test_a_ping_is_a_ping(name: str) -> None:
    """GitHub sends one when a webhook is made."""
    assert read(payloads.read(name), "ping") == Ping()


@pytest.mark.parametrize(
    ("name", "event", "named"),
    [
        ("release.created", "release", "release created"),
        ("release.edited", "release", "release edited"),
        ("release.deleted", "release", "release deleted"),
        ("release.prereleased", "release", "release prereleased"),
        ("release.released", "release", "release released"),
        ("issues.opened", "issues", "issues opened"),
        ("workflow_run.completed", "workflow_run", "workflow_run completed"),
        ("deployment_status.created", "deployment_status", "deployment_status created"),
        ("star.created", "star", "star created"),
    ],
)
def test_every_other_event_is_ignored_by_name(name: str, event: str, named: str) -> None:
    """The reason says what it was, so that the list of deliveries on GitHub explains itself."""
    ignored = read(payloads.read(name), event)
    assert isinstance(ignored, Ignored)
    assert named in ignored.reason


def test_a_published_draft_is_ignored() -> None:
    """GitHub does not send this; nothing deploys if it ever does."""
    assert isinstance(read(published(draft=True)), Ignored)


def test_an_action_that_cannot_be_shown_is_not() -> None:
    """Nothing from outside comes into a reason but a plain word."""
    ignored = read(b'{"action": "x\\nforged=line"}', "star")
    assert ignored == Ignored("nothing to do for star")


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"tag_name": 5}, "release.tag_name", "must be text"),
        ({"tag_name": None}, "release.tag_name", "must be text"),
        ({"tag_name": ["v1"]}, "release.tag_name", "must be text"),
        ({"tag_name": ""}, "release.tag_name", "must not be empty"),
        ({"tag_name": "v" * 256}, "release.tag_name", "must have at most 255 characters"),
        ({"tag_name": "v1 2"}, "release.tag_name", "must be of the form that GitHub documents"),
        ({"tag_name": "v1\n"}, "release.tag_name", "must be of the form that GitHub documents"),
        ({"id": "17372790"}, "release.id", "must be a whole number"),
        ({"id": True}, "release.id", "must be a whole number"),
        ({"id": 1.0}, "release.id", "must be a whole number"),
        ({"id": 0}, "release.id", "must be at least 1"),
        ({"id": 2**63}, "release.id", "must be less than 9223372036854775808"),
        ({"draft": "false"}, "release.draft", "must be true or false"),
        ({"prerelease": 0}, "release.prerelease", "must be true or false"),
        ({"html_url": "javascript:alert(1)"}, "release.html_url", "must be of the form that GitHub documents"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_a_wrong_field_of_the_release_is_named(change: dict[str, Any], field: str, rule: str) -> None:
    """Field and rule stand in the answer that GitHub shows to the sender's owner."""
    with pytest.raises(Malformed) as refused:
        read(published(**change))
    assert (refused.value.field, refused.value.rule) == (field, rule)


@pytest.mark.parametrize(
    ("path", "value", "field", "rule"),
    [
        (["release"], [], "release", "must be an object"),
        (["release"], ..., "release", "missing"),
        (["release", "tag_name"], ..., "release.tag_name", "missing"),
        (["repository", "full_name"], "a/../b", "repository.full_name", "must be of the form that GitHub documents"),
        (["repository", "full_name"], "../b", "repository.full_name", "must be of the form that GitHub documents"),
        (["repository", "full_name"], "a/b?c=d", "repository.full_name", "must be of the form that GitHub documents"),
        (["repository", "id"], None, "repository.id", "must be a whole number"),
        (["sender", "login"], {}, "sender.login", "must be text"),
        (["sender"], None, "sender", "must be an object"),
        (["action"], 7, "action", "must be text"),
        (["action"], ..., "action", "must be text"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, list) and value else "",
)
def test_a_wrong_shape_is_named(path: list[str], value: Any, field: str, rule: str) -> None:
    """Also where whole parts are missing or of another kind."""
    payload = payloads.load("release.published")
    place = payload
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(Malformed) as refused:
        read(json.dumps(payload).encode())
    assert (refused.value.field, refused.value.rule) == (field, rule)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """Whatever the event."""
    with pytest.raises(Malformed, match="body: must be an object"):
        read(body, "ping")


@pytest.mark.parametrize(
    ("header", "value", "message"),
    [
        ("x-github-event", None, "x-github-event: missing"),
        ("x-github-event", "Release!", "x-github-event: must be the name of an event"),
        ("x-github-delivery", "a b", "x-github-delivery: must be an id"),
        ("content-type", "application/x-www-form-urlencoded", "choose it in the webhook's settings"),
        ("content-type", "text/plain", "content-type: must be application/json"),
    ],
)
def test_a_wrong_header_is_named(header: str, value: str | None, message: str) -> None:
    """Headers are not signed, so they are read with the same care."""
    with pytest.raises(Malformed, match=message):
        read(published(), **{header: value})


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_read_under_each_of_its_names(content_type: str | None) -> None:
    """A charset does not matter, nor does a missing type: the signature has proved who wrote it."""
    assert isinstance(read(published(), content_type=content_type), ReleasePublished)


def test_a_missing_delivery_id_loses_no_release() -> None:
    """It is only for finding the call again."""
    event = read(published(), x_github_delivery=None)
    assert isinstance(event, ReleasePublished)
    assert event.delivery == ""


def test_nothing_is_read_before_it_is_proved() -> None:
    """A body that would be malformed is 401 while its signature is wrong."""
    with pytest.raises(Unproved):
        read(b"\xff not json", x_hub_signature_256="sha256=" + "0" * 64)


def test_a_form_is_explained_only_to_who_proved_it() -> None:
    """An unsigned form is 401 like everything unsigned."""
    with pytest.raises(Unproved):
        read(b"payload=%7B%7D", content_type="application/x-www-form-urlencoded", x_hub_signature_256=None)


def test_a_sha1_signature_proves_nothing() -> None:
    """GitHub still sends the old header beside the new one; alone it is not looked at."""
    with pytest.raises(Unproved):
        read(published(), x_hub_signature_256=None, x_hub_signature="sha1=" + "0" * 40)


JSON_VALUES: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({})
)


@given(path=st.sampled_from(["action", "release", "repository", "sender"]), value=JSON_VALUES, inner=st.data())
@settings(max_examples=300)
def test_no_wrong_type_raises_anything_but_a_refusal(path: str, value: object, inner: st.DataObject) -> None:
    """Any value in any place that is read: an event, or a refusal with a status."""
    payload = payloads.load("release.published")
    if isinstance(payload[path], dict) and inner.draw(st.booleans()):
        payload[path][inner.draw(st.sampled_from(sorted(payload[path])))] = value
    else:
        payload[path] = value
    try:
        read(json.dumps(payload).encode())
    except DeliveryRefused as refused:
        assert refused.status == 400  # noqa: PT017 - both ends are allowed


def status(sent: Delivery, cap: int = 100_000) -> int:
    """Bring a delivery to the door; return the status of the refusal."""
    with pytest.raises(DeliveryRefused) as refused:
        read_delivery(sent, SOURCES, cap, NOW)
    return refused.value.status


def test_the_door_lets_a_proved_delivery_in() -> None:
    """The same as the source says."""
    event = read_delivery(delivery(published()), SOURCES, 100_000, NOW)
    assert isinstance(event, ReleasePublished)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (Delivery("nobody", {"content-encoding": "gzip"}, b"x" * 101), 404),
        (delivery(b"x" * 101, content_encoding="gzip"), 415),
        (delivery(b"x" * 101, x_hub_signature_256="wrong"), 413),
        (delivery(b"x" * 100, x_hub_signature_256="wrong"), 401),
        (delivery(b"x" * 100), 400),
    ],
    ids=["source", "encoding", "size", "signature", "json"],
)
def test_the_door_looks_in_this_order(sent: Delivery, expected: int) -> None:
    """Each of these is wrong in every later way too; the earliest is answered."""
    assert status(sent, cap=100) == expected


@pytest.mark.parametrize("secrets", [{}, {"github": ()}, {"github": ("",)}, {"github": (" ", "\n")}])
def test_a_source_without_a_secret_is_off(secrets: dict[str, tuple[str, ...]]) -> None:
    """It answers as if it did not exist."""
    assert sources_from({name: Entrance(given) for name, given in secrets.items()}) == {}


def test_identity_is_no_encoding() -> None:
    """A sender may say that it did nothing."""
    sent = delivery(published(), content_encoding="Identity")
    assert isinstance(read_delivery(sent, SOURCES, 100_000, NOW), ReleasePublished)
