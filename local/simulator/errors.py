"""What the service answers when it refuses: status, code and sentence.

Sentences marked *recorded* are the real service's own; for the others no recording exists and the
sentence is ours, with the documented code and status.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """Why a call was refused or an operation failed: HTTP status, `Code` and `Message` of the body."""

    status: int
    code: str
    message: str


class ServiceError(Exception):
    """The service refuses this call at once. Becomes the `Error` body; nothing was changed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def bad_request(message: str) -> ServiceError:
    """Build a 400 `BadRequest`: a parameter was incorrect."""
    return ServiceError(Failure(400, "BadRequest", message))


def bad_value(value: str | None, parameter: str, allowed: str) -> ServiceError:
    """Build a 400 `BadRequest` for a value that is not one of those allowed. Recorded."""
    return bad_request(
        f"Value '{value or ''}' specified for parameter '{parameter}' is invalid. Allowed values are '{allowed}'."
    )


def not_found(message: str) -> ServiceError:
    """Build a 404 `ResourceNotFound`."""
    return ServiceError(Failure(404, "ResourceNotFound", message))


def conflict(message: str) -> ServiceError:
    """Build a 409 `ConflictError`."""
    return ServiceError(Failure(409, "ConflictError", message))


def invalid_xml() -> ServiceError:
    """Build the 400 for a body that is not XML, out of order, or names what this version does not know."""
    return ServiceError(
        Failure(400, "InvalidXmlRequest", "The request body's XML was invalid or not correctly specified.")
    )


def bad_version() -> ServiceError:
    """Build the 400 for an `x-ms-version` that is missing, malformed or older than the call."""
    return ServiceError(
        Failure(
            400,
            "MissingOrIncorrectVersionHeader",
            "The versioning header is not specified or was specified incorrectly.",
        )
    )


def bad_query() -> ServiceError:
    """Build the 400 for a query parameter that is missing or wrong. Recorded."""
    return ServiceError(
        Failure(
            400,
            "MissingOrInvalidRequiredQueryParameter",
            "A required query parameter was not specified for this request or was specified incorrectly.",
        )
    )


def bad_verb() -> ServiceError:
    """Build the 400 for a method that is not valid for this resource."""
    return ServiceError(
        Failure(400, "InvalidHttpVerb", "The HTTP verb specified was not recognized or is not valid for this resource.")
    )


def unauthenticated() -> ServiceError:
    """Build the 403 for a certificate that is not one of the subscription's."""
    return ServiceError(
        Failure(
            403,
            "AuthenticationFailed",
            "The server failed to authenticate the request. Verify that the certificate is valid and is associated "
            "with this subscription.",
        )
    )


def no_such_service() -> ServiceError:
    """Build the 404 for an unknown cloud service. Recorded."""
    return not_found("The hosted service does not exist.")


def no_such_deployment() -> ServiceError:
    """Build the 404 for an empty slot, or a name that cannot be read. Recorded."""
    return not_found("No deployments were found.")


def no_such_deployment_name(name: str) -> ServiceError:
    """Build the 404 for a change to an unknown deployment name. Recorded."""
    return not_found(f"The deployment name '{name}' does not exist.")


def no_such_role(role: str) -> ServiceError:
    """Build the 404 for a role that the package does not have. Recorded."""
    return not_found(f"Role {role} was not found in the currently deployed service.")


def slot_occupied(slot: str) -> ServiceError:
    """Build the 409 for a slot in which a deployment stands. Recorded; final."""
    return conflict(f"The specified deployment slot {slot} is occupied.")


def deployment_busy(request_id: str) -> ServiceError:
    """Build the 409 for a deployment that is locked by an operation. Recorded; worth repeating."""
    return conflict(
        f"Windows Azure is currently performing an operation with x-ms-requestid {request_id} on this deployment "
        "that requires exclusive access."
    )


def service_busy() -> ServiceError:
    """Build the 409 for a cloud service that is being changed. Recorded; worth repeating."""
    return conflict(
        "Windows Azure is currently performing an operation on this hosted service that requires exclusive access."
    )


def underway() -> ServiceError:
    """Build the 409 for something underway that excludes this call. Recorded; worth repeating."""
    return conflict(
        "The operation cannot be performed at this time because a conflicting operation is underway. "
        "Please retry later."
    )


INTERNAL_ERROR = Failure(500, "InternalError", "The server encountered an internal error. Please retry the request.")
"""Recorded, both at once and inside operations."""
SERVER_BUSY = Failure(
    503,
    "ServerBusy",
    "The server (or an internal component) is currently unavailable to receive requests. Please retry.",
)
TOO_MANY_REQUESTS = Failure(503, "TooManyRequests", "Too many requests received. Retry after some time.")
"""Recorded; comes without Retry-After."""
SUPERSEDED = Failure(409, "ConflictError", "The update was superseded by a later operation on this deployment.")
"""Our choice: no recording shows how an update's operation ends when another one takes its place."""
