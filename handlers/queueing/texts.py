"""The texts on our queues, both ways. Pure."""

from typing import TypeVar

from pydantic import ValidationError

from handlers.errors import NotOurs
from handlers.model import Check, DeploymentRequest, Inquiry, Message, RequestsMessage

Ours = TypeVar("Ours", bound=Message)


def read_requests(text: str) -> RequestsMessage:
    """Read a text from queue `requests`. Raises NotOurs with the place where it differs."""
    return _read(text, RequestsMessage)


def read_check(text: str) -> Check:
    """Read a text from queue `operations` or `notifications`. Raises NotOurs with the place where it differs."""
    return _read(text, Check)


def read_inquiry(text: str) -> Inquiry:
    """Read a text from queue `inquiries`. Raises NotOurs with the place where it differs."""
    return _read(text, Inquiry)


def alone(request: DeploymentRequest) -> str:
    """Write the text that asks for one request."""
    return RequestsMessage(requests=(request,)).model_dump_json()


def _read(text: str, kind: type[Ours]) -> Ours:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        # The text itself is left out: it is somebody else's, and may hold anything.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "text"
        raise NotOurs(f"not a message of ours: {place}: {first['msg']}") from None
