"""Errors of the service: which type they are, and whether and when to try again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers.service_management import (
    BadRequest,
    Conflict,
    DeploymentBusy,
    NotAllowed,
    NotFound,
    Operation,
    OperationError,
    OperationStatus,
    Retry,
    ServerFault,
    ServiceManagement,
    ServiceManagementError,
    TooManyRequests,
    Unavailable,
)
from handlers.service_management.errors import BY_CODE, FIRST_WAIT, shown
from tests.service_management.serving import REQUEST_ID, Reply, Server, error

EXCLUSIVE = (
    "Windows Azure is currently performing an operation with x-ms-requestid fedcba9876543210fedcba9876543210 on this "
    "deployment that requires exclusive access."
)

# status, code, message -> type, retry of a change, retry of a read
TABLE: list[tuple[int, str, str, type[ServiceManagementError], Retry, Retry]] = [
    (400, "MissingOrIncorrectVersionHeader", "?", BadRequest, Retry.NEVER, Retry.NEVER),
    (400, "InvalidXmlRequest", "?", BadRequest, Retry.NEVER, Retry.NEVER),
    (400, "MissingOrInvalidRequiredQueryParameter", "?", BadRequest, Retry.NEVER, Retry.NEVER),
    (400, "InvalidHttpVerb", "?", BadRequest, Retry.NEVER, Retry.NEVER),
    (400, "BadRequest", "The deployment name is invalid.", BadRequest, Retry.NEVER, Retry.NEVER),
    (403, "AuthenticationFailed", "?", NotAllowed, Retry.NEVER, Retry.NEVER),
    (403, "SubscriptionDisabled", "?", NotAllowed, Retry.NEVER, Retry.NEVER),
    (403, "ForbiddenError", "This operation is not allowed.", NotAllowed, Retry.NEVER, Retry.NEVER),
    (404, "ResourceNotFound", "The deployment name 'v1' does not exist.", NotFound, Retry.NEVER, Retry.NEVER),
    (409, "ConflictError", "The specified DNS name is already taken.", Conflict, Retry.NEVER, Retry.NEVER),
    (409, "ConflictError", "The specified deployment slot Production is occupied.", Conflict, Retry.NEVER, Retry.NEVER),
    (409, "ConflictError", EXCLUSIVE, DeploymentBusy, Retry.LATER, Retry.LATER),
    (409, "ConflictError", "A conflicting operation is underway.", DeploymentBusy, Retry.LATER, Retry.LATER),
    (409, "ConflictError", "Please retry later.", DeploymentBusy, Retry.LATER, Retry.LATER),
    (500, "InternalError", "Please retry the request.", ServerFault, Retry.AFTER_A_LOOK, Retry.LATER),
    (500, "OperationTimedOut", "?", ServerFault, Retry.AFTER_A_LOOK, Retry.LATER),
    (503, "ServerBusy", "?", Unavailable, Retry.LATER, Retry.LATER),
    (503, "TooManyRequests", "Retry after some time.", TooManyRequests, Retry.LATER, Retry.LATER),
    (400, "PreconditionError", "?", BadRequest, Retry.NEVER, Retry.NEVER),
    (409, "Conflict", "?", Conflict, Retry.NEVER, Retry.NEVER),
    (500, "Unheard", "?", ServerFault, Retry.AFTER_A_LOOK, Retry.LATER),
]

# answers without the service's words, e.g. of a proxy in front
WORDLESS: list[tuple[int, type[ServiceManagementError], Retry, Retry]] = [
    (400, BadRequest, Retry.NEVER, Retry.NEVER),
    (401, NotAllowed, Retry.NEVER, Retry.NEVER),
    (403, NotAllowed, Retry.NEVER, Retry.NEVER),
    (404, NotFound, Retry.NEVER, Retry.NEVER),
    (408, Unavailable, Retry.AFTER_A_LOOK, Retry.LATER),
    (409, Conflict, Retry.NEVER, Retry.NEVER),
    (418, BadRequest, Retry.NEVER, Retry.NEVER),
    (429, TooManyRequests, Retry.LATER, Retry.LATER),
    (500, ServerFault, Retry.AFTER_A_LOOK, Retry.LATER),
    (502, Unavailable, Retry.AFTER_A_LOOK, Retry.LATER),
    (503, Unavailable, Retry.AFTER_A_LOOK, Retry.LATER),
    (504, Unavailable, Retry.AFTER_A_LOOK, Retry.LATER),
    (599, ServerFault, Retry.AFTER_A_LOOK, Retry.LATER),
]


def _change(client: ServiceManagement) -> object:
    return client.delete_deployment("shop", name="v1")


def _read(client: ServiceManagement) -> object:
    return client.list_extensions("shop")


def _error(call: Callable[[], object]) -> ServiceManagementError:
    with pytest.raises(ServiceManagementError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(("status", "code", "message", "kind", "changing", "reading"), TABLE)
def test_an_error_answer_is_a_typed_error(
    client: ServiceManagement,
    server: Server,
    status: int,
    code: str,
    message: str,
    kind: type[ServiceManagementError],
    changing: Retry,
    reading: Retry,
) -> None:
    """Code, message, status and request id are there, and what to do next; a read never leaves anything open."""
    server.replies = [Reply(status, error(code, message))]
    for call, retry in ((_change, changing), (_read, reading)):
        caught = _error(lambda call=call: call(client))  # type: ignore[misc]
        assert type(caught) is kind
        assert (caught.code, caught.message, caught.status, caught.request_id) == (code, message, status, REQUEST_ID)
        assert caught.retry is retry
        assert caught.ambiguous is (retry is Retry.AFTER_A_LOOK)
        assert (caught.wait is None) is (retry is Retry.NEVER)


@pytest.mark.parametrize("body", [b"", b"<html><body>Bad gateway</body></html>", b"<Error/>", b"\xff\xfe\x00"])
@pytest.mark.parametrize(("status", "kind", "changing", "reading"), WORDLESS)
def test_an_answer_without_the_services_words_is_judged_by_its_status(
    client: ServiceManagement,
    server: Server,
    status: int,
    kind: type[ServiceManagementError],
    changing: Retry,
    reading: Retry,
    body: bytes,
) -> None:
    """A proxy's 503 does not say that the service saw nothing, as ServerBusy does."""
    server.replies = [Reply(status, body)]
    for call, retry in ((_change, changing), (_read, reading)):
        caught = _error(lambda call=call: call(client))  # type: ignore[misc]
        assert (type(caught), caught.retry) == (kind, retry)


def test_every_code_of_the_table_is_tested() -> None:
    """A new row needs a test."""
    assert set(BY_CODE) <= {code for _, code, *_ in TABLE}


def test_an_error_without_its_namespace_is_read(client: ServiceManagement, server: Server) -> None:
    """The document shows it so."""
    server.replies = [
        Reply(
            409,
            b"<?xml version='1.0'?>\n<Error>\n  <Code>ConflictError</Code>\n"
            b"  <Message>Please retry later.</Message></Error>",
        )
    ]
    assert isinstance(_error(lambda: _change(client)), DeploymentBusy)


def test_an_error_of_another_namespace_is_not_the_services(client: ServiceManagement, server: Server) -> None:
    """Its words are not believed."""
    server.replies = [Reply(409, error("ConflictError", "retry later").replace(b"windowsazure", b"other"))]
    assert type(_error(lambda: _change(client))) is Conflict


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (EXCLUSIVE, "fedcba9876543210fedcba9876543210"),
        ("x-ms-request-id FEDCBA98-7654-3210-FEDC-BA9876543210 is underway", "fedcba9876543210fedcba9876543210"),
        ("Windows Azure is currently performing an operation that requires exclusive access.", None),
        ("x-ms-requestid is underway", None),
    ],
)
def test_a_conflict_names_the_operation_to_wait_for(
    client: ServiceManagement, server: Server, said: str, names: str | None
) -> None:
    """It may be ours, from a call whose answer was lost."""
    server.replies = [Reply(409, error("ConflictError", said))]
    assert _error(lambda: _change(client)).blocking_request_id == names


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, FIRST_WAIT),
        ({"Retry-After": "7"}, timedelta(seconds=7)),
        ({"Retry-After": "0"}, timedelta(0)),
        ({"Retry-After": "999999"}, timedelta(hours=1)),
        (
            {"Retry-After": "Thu, 02 Jul 2015 02:10:09 GMT", "Date": "Thu, 02 Jul 2015 02:09:09 GMT"},
            timedelta(minutes=1),
        ),
        ({"Retry-After": "Thu, 02 Jul 2015 02:10:09 GMT"}, FIRST_WAIT),
        ({"Retry-After": "soon"}, FIRST_WAIT),
        ({"Retry-After": "-1"}, FIRST_WAIT),
        ({"Retry-After": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}, FIRST_WAIT),
    ],
)
def test_throttling_says_when_to_come_back(
    client: ServiceManagement, server: Server, headers: dict[str, str], wait: timedelta
) -> None:
    """503 without Retry-After is what was recorded; one that is there is obeyed, a date by the answer's own clock."""
    server.replies = [Reply(503, error("TooManyRequests", "Too many requests received."), headers=headers)]
    caught = _error(lambda: _change(client))
    assert caught.wait == wait
    assert caught.retry_after == (wait if wait != FIRST_WAIT else None)


def test_an_error_says_all_that_helps_in_one_line() -> None:
    """Status, code, message and request id."""
    caught = BadRequest("No.\nNo!", code="BadRequest", status=400, request_id=REQUEST_ID)
    assert str(caught) == f"400 BadRequest: No. No! (request id {REQUEST_ID})"


@pytest.mark.parametrize(
    ("said", "is_shown"),
    [
        (
            "The package https://a.blob.core.windows.net/c/p.cspkg?sig=abc%3D is bad",
            "The package (URL left out) is bad",
        ),
        ("token sig=abc%3D&x", "token sig=..."),
        ("one\r\n  two\x1b[31m\u2028three", "one two [31m three"),
        ("x" * 2000, "x" * 1000 + "..."),
    ],
    ids=["a URL", "a signature", "control characters", "endless"],
)
def test_a_message_is_fit_to_be_shown(client: ServiceManagement, server: Server, said: str, is_shown: str) -> None:
    """The service's words go to chat and logs, so what they must not hold is taken out."""
    assert shown(said) == is_shown
    if said.isprintable():
        server.replies = [Reply(400, error("BadRequest", said.replace("&", "&amp;")))]
        assert _error(lambda: _change(client)).message == is_shown


@pytest.mark.parametrize(
    ("status", "code", "retry"),
    [
        (200, None, Retry.NEVER),
        (400, "BadRequest", Retry.NEVER),
        (404, "ResourceNotFound", Retry.NEVER),
        (500, "InternalError", Retry.LATER),
        (503, "ServerBusy", Retry.LATER),
        (500, None, Retry.LATER),
        (None, None, Retry.NEVER),
    ],
)
def test_a_failed_operation_says_whether_to_start_it_anew(status: int | None, code: str | None, retry: Retry) -> None:
    """500 and 503 may be started anew, 4xx not; and nothing that has not failed."""
    fault = OperationError(code=code, message="?") if code else None
    failed = Operation(id=REQUEST_ID, status=OperationStatus.FAILED, http_status_code=status, error=fault)
    assert failed.retry is retry
    assert failed.model_copy(update={"status": OperationStatus.IN_PROGRESS}).retry is Retry.NEVER
