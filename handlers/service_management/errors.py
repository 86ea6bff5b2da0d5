"""What can go wrong with a Service Management call, whose fault it is, and whether to try again.

    ServiceManagementError
    ├── BadCall                     refused here, before anything was sent: a limit, a name, an argument
    │   ├── NotInThisVersion        the chosen x-ms-version does not know the element or the call
    │   ├── BadCredentials          the management certificate cannot be used
    │   └── BadServiceConfiguration the .cscfg cannot be read, or has no such role or setting
    ├── NotSent                     no connection, or it broke on the way out: the service never saw a whole call
    │   └── UntrustedServer         the server's certificate is not the one to expect
    ├── CertificateRefused          the server ended the TLS handshake because of our certificate
    ├── AnswerLost                  sent, then silence: timeout or a broken connection
    ├── BadAnswer                   an answer that is not the service's: HTML, a DTD, another operation's id, megabytes
    │   └── BadRedirect             a 307 that leads out of the service's domain, or in circles; nothing was accepted
    └── Answered                    the service said no
        ├── BadRequest              400 and every other 4xx that is not below
        ├── NotAllowed              401, 403: the certificate is not of this subscription, or it is disabled
        ├── NotFound                404
        ├── Conflict                409 for good: a name is taken, a slot is occupied
        │   └── DeploymentBusy      409 for now: another operation has exclusive access
        ├── TooManyRequests         503 TooManyRequests, 429
        ├── Unavailable             503 ServerBusy, 502, 504
        └── ServerFault             500 and every other 5xx

`BY_CODE`, `BY_STATUS` and `BUSY_SAYINGS` say which answer is which error, and what to do then. Sources: *Service
Management Status and Error Codes* and recorded traffic; none of 1,159 recorded `TooManyRequests` had a Retry-After.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Retry(StrEnum):
    """Whether the same call is worth making again."""

    NEVER = "never"
    LATER = "later"
    """The service did not begin. The same call may be made after `wait`."""
    AFTER_A_LOOK = "after a look"
    """The service may have begun. Look at what runs (or at the operations of the subscription) before repeating."""


FIRST_WAIT = timedelta(seconds=30)
"""Our choice, the poll interval of Microsoft's own clients. Grows with every further try; that is the caller's work."""

LONGEST_WAIT = timedelta(hours=1)
"""Our choice: a longer Retry-After is cut to this."""

MESSAGE_LIMIT = 1000
"""Characters of a message that are kept. Our choice; the longest recorded one has 705."""


class ServiceManagementError(Exception):
    """A call did not give what it was made for.

    `code` and `message` are the service's words where it answered with an `Error` body, `status` its HTTP status and
    `request_id` the id of the answer (32 hex digits), else None. `wait` is the time before the next try, set unless
    `retry` is never; `retry_after` is the wait that the service itself asked for. `ambiguous` says that the change may
    have been accepted all the same. `blocking_request_id` is the operation that a 409 names as the one to wait for.

    No text here holds a URL, a certificate, a key or a signature.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        retry: Retry = Retry.NEVER,
        retry_after: timedelta | None = None,
        ambiguous: bool = False,
        blocking_request_id: str | None = None,
    ) -> None:
        self.message = shown(message)
        self.code = code
        self.status = status
        self.request_id = request_id
        self.retry = retry
        self.retry_after = None if retry_after is None else min(retry_after, LONGEST_WAIT)
        self.wait = None if retry is Retry.NEVER else (FIRST_WAIT if self.retry_after is None else self.retry_after)
        self.ambiguous = ambiguous
        self.blocking_request_id = blocking_request_id
        head = " ".join(str(part) for part in (status, code) if part is not None)
        tail = f" (request id {request_id})" if request_id else ""
        super().__init__(f"{head}: {self.message}{tail}" if head else f"{self.message}{tail}")


class BadCall(ServiceManagementError, ValueError):
    """The call cannot be made as asked. Nothing was sent."""


class NotInThisVersion(BadCall):
    """The chosen x-ms-version does not know the element or the call. Nothing was sent."""


class BadCredentials(BadCall):
    """The management certificate cannot be read, has no key, does not fit its key, or is out of date."""


class BadServiceConfiguration(BadCall):
    """The .cscfg is not one, or has no such role or setting."""


class NotSent(ServiceManagementError):
    """No connection came about, or it broke before the whole call had left. The service did not begin."""


class UntrustedServer(NotSent):
    """The server's certificate is not signed by the expected authority or is for another host."""


class CertificateRefused(ServiceManagementError):
    """The server ended the TLS handshake because of our certificate. An operator has to act."""


class AnswerLost(ServiceManagementError):
    """The call was sent and no whole answer came in time."""


class BadAnswer(ServiceManagementError):
    """The answer is not one of the service: wrong shape, wrong namespace, wrong id, too large."""


class BadRedirect(BadAnswer):
    """A redirect that is not followed: another domain, plain text, too many hops. Nothing was accepted."""


class Answered(ServiceManagementError):
    """The service answered with an error status."""


class BadRequest(Answered):
    """The request is wrong (HTTP 400 and other 4xx). The caller's fault."""


class NotAllowed(Answered):
    """The certificate may not do this (HTTP 401, 403). An operator has to act."""


class NotFound(Answered):
    """The service, deployment or operation does not exist (HTTP 404)."""


class Conflict(Answered):
    """What stands there is in the way, and waiting does not help (HTTP 409)."""


class DeploymentBusy(Conflict):
    """Another operation has exclusive access (HTTP 409 ConflictError). Worth trying again later."""


class TooManyRequests(Answered):
    """Too many calls from this subscription (HTTP 503 TooManyRequests, never 429 in recorded traffic)."""


class Unavailable(Answered):
    """The service, or something in front of it, takes no calls now (HTTP 502, 503, 504)."""


class ServerFault(Answered):
    """The service failed (HTTP 500). Whether a change began is not known."""


@dataclass(frozen=True)
class Rule:
    """What one kind of error answer means: its type, and what to do after a call that reads or one that changes."""

    error: type[Answered]
    reading: Retry = Retry.NEVER
    changing: Retry = Retry.NEVER


_BEGAN_PERHAPS = (Retry.LATER, Retry.AFTER_A_LOOK)
_NOT_BEGUN = (Retry.LATER, Retry.LATER)

BY_CODE: Mapping[str, Rule] = MappingProxyType(
    {
        "MissingOrIncorrectVersionHeader": Rule(BadRequest),
        "InvalidXmlRequest": Rule(BadRequest),
        "MissingOrInvalidRequiredQueryParameter": Rule(BadRequest),
        "InvalidHttpVerb": Rule(BadRequest),
        "BadRequest": Rule(BadRequest),
        "AuthenticationFailed": Rule(NotAllowed),
        "SubscriptionDisabled": Rule(NotAllowed),
        "ForbiddenError": Rule(NotAllowed),
        "ResourceNotFound": Rule(NotFound),
        "ConflictError": Rule(Conflict),
        "InternalError": Rule(ServerFault, *_BEGAN_PERHAPS),
        "OperationTimedOut": Rule(ServerFault, *_BEGAN_PERHAPS),
        "ServerBusy": Rule(Unavailable, *_NOT_BEGUN),
        "TooManyRequests": Rule(TooManyRequests, *_NOT_BEGUN),
    }
)
"""The documented codes, and the two that only recorded traffic shows (ForbiddenError, TooManyRequests)."""

BY_STATUS: Mapping[int, Rule] = MappingProxyType(
    {
        401: Rule(NotAllowed),
        403: Rule(NotAllowed),
        404: Rule(NotFound),
        408: Rule(Unavailable, *_BEGAN_PERHAPS),
        409: Rule(Conflict),
        429: Rule(TooManyRequests, *_NOT_BEGUN),
        502: Rule(Unavailable, *_BEGAN_PERHAPS),
        503: Rule(Unavailable, *_BEGAN_PERHAPS),
        504: Rule(Unavailable, *_BEGAN_PERHAPS),
    }
)
"""For answers without a known code, e.g. those of a proxy in front. Other 4xx are BadRequest, other 5xx ServerFault."""

BUSY = Rule(DeploymentBusy, *_NOT_BEGUN)

BUSY_SAYINGS = ("requires exclusive access", "underway", "retry later")
"""A 409 is worth repeating only when its message has one of these words; every other recorded 409 is final."""

_BLOCKING_ID = re.compile(r"x-ms-request-?id\s+([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})\b", re.IGNORECASE)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]*", re.IGNORECASE)
_SIGNATURE = re.compile(r"\b(sig|se|sv|AccountKey|SharedAccessSignature)=[^\s'\"<>]*", re.IGNORECASE)


def answered(
    status: int,
    code: str | None,
    message: str | None,
    *,
    changing: bool,
    request_id: str | None = None,
    retry_after: timedelta | None = None,
) -> Answered:
    """Say which error an error answer is. `retry_after` is the server's own wish, obeyed up to an hour."""
    rule = rule_for(status, code, message)
    retry = rule.changing if changing else rule.reading
    blocking = _BLOCKING_ID.search(message or "")
    return rule.error(
        message or "the answer does not say why",
        code=None if code is None else shown(code),
        status=status,
        request_id=request_id,
        retry=retry,
        retry_after=retry_after,
        ambiguous=changing and retry is Retry.AFTER_A_LOOK,
        blocking_request_id=canonical_id(blocking.group(1)) if blocking else None,
    )


def rule_for(status: int, code: str | None, message: str | None = None) -> Rule:
    """Find the row of the tables for an error answer, or for the error of an operation that ended `Failed`."""
    rule = BY_CODE.get(code or "") or BY_STATUS.get(status)
    if rule is None:
        return Rule(ServerFault, *_BEGAN_PERHAPS) if status >= 500 else Rule(BadRequest)
    if rule.error is Conflict and any(saying in (message or "").lower() for saying in BUSY_SAYINGS):
        return BUSY
    return rule


def canonical_id(request_id: str) -> str:
    """Write a request id as answers carry it in `x-ms-request-id`: no dashes, lower case."""
    return request_id.strip().replace("-", "").lower()


def shown(text: str) -> str:
    """Make foreign words fit to be shown: one line, no control characters, no URL, no signature, not endless."""
    line = " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text).split())
    line = _SIGNATURE.sub(r"\1=...", _URL.sub("(URL left out)", line))
    return line if len(line) <= MESSAGE_LIMIT else f"{line[:MESSAGE_LIMIT]}..."
