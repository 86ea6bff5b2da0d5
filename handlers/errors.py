"""What can go wrong at our own edges; each error says whose fault it is and what happens then.

    SlipwayError
    ├── DeliveryRefused         the sender's fault: answered with `status` and `reason`, never enqueued
    │   ├── Unproved            401: no signature, or not one of ours
    │   ├── Malformed           400: proved, but not what the source documents; names field and rule
    │   ├── TooLarge            413: over the cap; said before the signature is computed
    │   ├── UnsupportedEncoding 415: a body that somebody would have to unpack
    │   └── UnknownSource       404: no such source, or it is off for want of a secret
    ├── Unavailable             nobody's fault: try again after `retry_after`
    │   └── NotOurTurn          nothing was sent: we keep a pace of our own, and `retry_after` is until our turn
    ├── AzureRefused            Azure said no and would again: ends the request
    ├── AnswerLost              Azure may have heard us: look before calling again
    ├── PackageUnusable         the release's or the build's fault: nothing that could be deployed; ends the request
    ├── SinkRefused             the place refuses what we post for good: logged, not repeated
    ├── LedgerConflict          somebody else changed the row first: read it again
    ├── NotOurs                 a queue message nobody here wrote: kept aside with a reason
    └── SettingsWrong           the owner's fault: the app does not start

`handlers.service_management` has a tree of its own for what Azure answers; `connections/cloud_service.py`
maps it to this one.
"""

from datetime import timedelta


class SlipwayError(Exception):
    """Everything below."""


class DeliveryRefused(SlipwayError):
    """A delivery that is answered with an error and has no effect."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unproved(DeliveryRefused):
    """The signature is missing or wrong (401). Which of the two is nobody's business."""

    status = 401

    def __init__(self) -> None:
        super().__init__("signature missing or wrong")


class Malformed(DeliveryRefused):
    """Proved, but not what the source documents (400)."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class TooLarge(DeliveryRefused):
    """The body is over the cap (413). Bytes."""

    status = 413

    def __init__(self, size: int, cap: int) -> None:
        super().__init__(f"body: {size} bytes, at most {cap} are read")


class UnsupportedEncoding(DeliveryRefused):
    """A `Content-Encoding` other than identity (415)."""

    status = 415

    def __init__(self) -> None:
        super().__init__("content-encoding: only identity is read")


class UnknownSource(DeliveryRefused):
    """No such source, or one without a secret (404)."""

    status = 404

    def __init__(self) -> None:
        super().__init__("no such source")


class Unavailable(SlipwayError):
    """A service cannot be reached or asks us to wait. Nothing is wrong with what we asked for."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        """How long the service asked us to wait, if it said."""


class NotOurTurn(Unavailable):
    """Nothing was sent, for the sake of a pace of our own; a turn is meant for us after `retry_after`."""

    retry_after: timedelta


class AzureRefused(SlipwayError):
    """Azure answered a call with an error that would come again."""

    def __init__(self, code: str, message: str, request_id: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.request_id = request_id
        """The `x-ms-request-id` of the answer; None where nothing was sent."""


class AnswerLost(SlipwayError):
    """A call went out and no answer came back, or one that leaves open whether Azure acted on it."""


class PackageUnusable(SlipwayError):
    """The release has no package, or no configuration, that can be deployed."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        """In the form of Azure's codes: `PackageNotFound`, `PackageAmbiguous`, `ConfigurationInvalid`."""
        self.reason = reason


class SinkRefused(SlipwayError):
    """The place where an outcome should appear refuses it, and would again."""


class LedgerConflict(SlipwayError):
    """The row was changed by somebody else since it was read."""


class NotOurs(SlipwayError):
    """A queue message that no Slipway wrote."""


class SettingsWrong(SlipwayError):
    """A setting or a file that the app cannot start with. One line a mistake: where, rule, value seen."""
