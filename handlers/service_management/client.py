"""The calls of the Service Management API, one method each.

A change answers with the request id of an operation that has only begun: ask `get_operation_status` how it goes. Every
failure is a `ServiceManagementError` that says whether, and when, to try again.

Sources: the documents of the calls. Where the service did otherwise than they say (it answers 202 where they promise
200), both are taken.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from handlers.service_management import versions, wire
from handlers.service_management.answers import (
    AvailableExtension,
    CloudService,
    Deployment,
    Operation,
    OperationStatus,
    SubscriptionOperation,
)
from handlers.service_management.credentials import Credentials
from handlers.service_management.errors import (
    Answered,
    BadAnswer,
    BadCall,
    CertificateRefused,
    NotFound,
    Retry,
    answered,
    canonical_id,
)
from handlers.service_management.messages import (
    AddExtension,
    ChangeConfiguration,
    CreateCloudService,
    CreateDeployment,
    Element,
    RollbackUpdateOrUpgrade,
    Slot,
    Swap,
    UpdateDeploymentStatus,
    UpgradeDeployment,
    WalkUpgradeDomain,
)
from handlers.service_management.transport import Reply, Transport, retry_after

AZURE = "https://management.core.windows.net"
"""The public cloud. Sovereign clouds have their own, e.g. `https://management.core.usgovcloudapi.net`."""

MOST_PAGES = 50
"""Of one List Subscription Operations. Our choice."""

_REQUEST_ID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_ACCEPTED = frozenset({200, 201, 202})

_T = TypeVar("_T")


class ServiceManagement:
    """The Service Management API of one subscription.

    `certificate` is the path of a PEM, PFX or `.publishsettings` file, its bytes, or the base64 of a PFX, with its
    `password`; `ca` the path of a PEM file with the only authorities to trust, None for those of the system. `timeout`
    bounds a whole call, in seconds. With `now`, a certificate that is out of date is refused here instead of by the
    service.

    May be used by many threads at once. Raises BadCredentials and BadCall.
    """

    def __init__(
        self,
        subscription_id: str,
        *,
        url: str | None = None,
        certificate: str | Path | bytes | Credentials | None = None,
        password: str | bytes | None = None,
        ca: str | Path | None = None,
        version: str = versions.NEWEST,
        timeout: float = 60.0,
        now: datetime | None = None,
    ) -> None:
        self._subscription = _segment("subscription id", subscription_id)
        self._version = versions.chosen(version)
        if certificate is None or isinstance(certificate, Credentials):
            self.credentials = certificate
        else:
            self.credentials = Credentials.load(certificate, password=password, subscription_id=subscription_id)
        if self.credentials and now:
            self.credentials.check_dates(now)
        url = url or (self.credentials.url if self.credentials else None) or AZURE
        context = self.credentials.ssl_context(ca) if self.credentials else None
        self._transport = Transport(url, context, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The client may still be used; it then opens new ones."""
        self._transport.close()

    # ---- deployments

    def create_deployment(self, service: str, slot: str, request: CreateDeployment) -> str:
        """Upload a package into an empty slot. Returns the request id."""
        return self._change("Create Deployment", "POST", _deployment_path(service, slot, None), request)

    def change_deployment_configuration(
        self, service: str, request: ChangeConfiguration, *, slot: str | None = None, name: str | None = None
    ) -> str:
        """Replace the configuration of a deployment. Returns the request id."""
        path = f"{_deployment_path(service, slot, name)}/?comp=config"
        return self._change("Change Deployment Configuration", "POST", path, request)

    def update_deployment_status(
        self, service: str, status: str, *, slot: str | None = None, name: str | None = None
    ) -> str:
        """Set a deployment to `Running` or `Suspended`. Returns the request id."""
        path = f"{_deployment_path(service, slot, name)}/?comp=status"
        request = _message(UpdateDeploymentStatus, status=status)
        return self._change("Update Deployment Status", "POST", path, request)

    def upgrade_deployment(
        self, service: str, request: UpgradeDeployment, *, slot: str | None = None, name: str | None = None
    ) -> str:
        """Put a new package into a deployment. Returns the request id."""
        path = f"{_deployment_path(service, slot, name)}/?comp=upgrade"
        return self._change("Upgrade Deployment", "POST", path, request)

    def walk_upgrade_domain(
        self, service: str, upgrade_domain: int, *, slot: str | None = None, name: str | None = None
    ) -> str:
        """Apply a manual update to the next domain, counted from zero. Returns the request id."""
        path = f"{_deployment_path(service, slot, name)}/?comp=walkupgradedomain"
        request = _message(WalkUpgradeDomain, upgrade_domain=upgrade_domain)
        return self._change("Walk Upgrade Domain", "POST", path, request)

    def rollback_update_or_upgrade(
        self,
        service: str,
        *,
        mode: str = "Auto",
        force: bool = False,
        slot: str | None = None,
        name: str | None = None,
    ) -> str:
        """Take back an update that is under way (`Deployment.rollback_allowed`). Returns the request id."""
        path = f"{_deployment_path(service, slot, name)}/?comp=rollback"
        request = _message(RollbackUpdateOrUpgrade, mode=mode, force=force)
        return self._change("Rollback Update Or Upgrade", "POST", path, request)

    def swap_deployment(self, service: str, source_deployment: str, production: str | None = None) -> str:
        """Move a staging deployment into production and the other way round. Returns the request id.

        Both are names; without `production` the slot must be empty.
        """
        request = _message(Swap, production=production, source_deployment=source_deployment)
        return self._change("Swap Deployment", "POST", _service_path(service), request)

    def delete_deployment(
        self, service: str, *, slot: str | None = None, name: str | None = None, media: bool = False
    ) -> str:
        """Delete a deployment, with `media` its disks too. Returns the request id."""
        path, call = _deployment_path(service, slot, name), "Delete Deployment"
        if media:
            path, call = f"{path}?comp=media", "Delete Deployment with its disks"
        return self._change(call, "DELETE", path)

    def get_deployment(self, service: str, *, slot: str | None = None, name: str | None = None) -> Deployment | None:
        """Look at a deployment. None when there is none, or no such cloud service."""

        def read(body: bytes) -> Deployment:
            deployment = wire.deployment(body)
            if not (deployment.name == name if slot is None else deployment.slot is Slot(slot)):
                raise BadAnswer("the answer is about another deployment than the one asked for")
            return deployment

        return self._read_or_none("Get Deployment", _deployment_path(service, slot, name), read)

    def reboot_role_instance(
        self, service: str, instance: str, *, slot: str | None = None, name: str | None = None
    ) -> str:
        """Restart one instance. Returns the request id."""
        path = f"{_instance_path(service, instance, slot, name)}?comp=reboot"
        return self._change("Reboot Role Instance", "POST", path)

    def reimage_role_instance(
        self, service: str, instance: str, *, slot: str | None = None, name: str | None = None
    ) -> str:
        """Lay the operating system of one instance anew. Returns the request id."""
        path = f"{_instance_path(service, instance, slot, name)}?comp=reimage"
        return self._change("Reimage Role Instance", "POST", path)

    # ---- operations

    def get_operation_status(self, request_id: str) -> Operation:
        """Ask how an operation goes. Raises NotFound for an id the service does not know."""
        if not _REQUEST_ID.fullmatch(request_id):
            raise BadCall("a request id has 32 hex digits; this one does not")
        asked = canonical_id(request_id)
        operation = self._read("Get Operation Status", f"/operations/{asked}", wire.operation)
        if operation.id != asked:
            raise BadAnswer("the answer is about another operation than the one asked for", retry=Retry.LATER)
        return operation

    def list_subscription_operations(
        self,
        start: datetime,
        end: datetime,
        *,
        object_id: str | None = None,
        status: OperationStatus | None = None,
    ) -> tuple[SubscriptionOperation, ...]:
        """List the changes between two instants (with a time zone, at most 90 days ago), all pages of them.

        `object_id` filters by what was changed, e.g. `/<subscription>/services/hostedservices/<service>`.
        """
        if start.tzinfo is None or end.tzinfo is None:
            raise BadCall("the times need a time zone")
        query = {"StartTime": _instant(start), "EndTime": _instant(end)}
        query |= {"ObjectIdFilter": object_id} if object_id else {}
        query |= {"OperationResultFilter": status.value} if status else {}
        found: list[SubscriptionOperation] = []
        for _ in range(MOST_PAGES):
            path = f"/operations?{urlencode(query)}"
            page = self._read("List Subscription Operations", path, wire.subscription_operations)
            found += page.operations
            if page.continuation_token is None:
                return tuple(found)
            query["ContinuationToken"] = page.continuation_token
        raise BadAnswer(f"the list has more than {MOST_PAGES} pages; ask for a shorter time")

    # ---- cloud services and their extensions

    def get_cloud_service(self, service: str, *, embed_detail: bool = False) -> CloudService | None:
        """Look at a cloud service, with `embed_detail` at its deployments too. None when there is none."""
        path = _service_path(service) + ("?embed-detail=true" if embed_detail else "")
        return self._read_or_none("Get Cloud Service Properties", path, wire.cloud_service)

    def create_cloud_service(self, request: CreateCloudService) -> str:
        """Create an empty cloud service; done when this returns. Returns the request id."""
        return self._change("Create Cloud Service", "POST", "/services/hostedservices", request)

    def add_extension(self, service: str, request: AddExtension) -> str:
        """Make an extension known to a cloud service. Returns the request id."""
        return self._change("Add Extension", "POST", f"{_service_path(service)}/extensions", request)

    def list_extensions(self, service: str) -> tuple[AvailableExtension, ...]:
        """List the extensions known to a cloud service."""
        return self._read("List Extensions", f"{_service_path(service)}/extensions", wire.extensions)

    def delete_extension(self, service: str, extension_id: str) -> str:
        """Take an extension away from a cloud service; none of its deployments may use it. Returns the request id."""
        path = f"{_service_path(service)}/extensions/{_segment('extension id', extension_id)}"
        return self._change("Delete Extension", "DELETE", path)

    # ---- how

    def _change(self, call: str, method: str, path: str, request: Element | None = None) -> str:
        versions.check_call(call, self._version)
        body = None
        if request is not None:
            tree = wire.body(request)
            versions.check_body(tree, self._version)
            body = wire.written(tree)
        reply = self._call(method, path, body)
        request_id = _request_id(reply)
        if request_id is None or "html" in reply.headers.get("content-type", ""):
            raise BadAnswer(
                "the change was answered without a request id; look whether it began",
                status=reply.status,
                retry=Retry.AFTER_A_LOOK,
                ambiguous=True,
            )
        return request_id

    def _read(self, call: str, path: str, reader: Callable[[bytes], _T]) -> _T:
        versions.check_call(call, self._version)
        reply = self._call("GET", path, None)
        try:
            return reader(reply.body)
        except BadAnswer as bad:
            raise BadAnswer(
                bad.message, status=reply.status, request_id=_request_id(reply), retry=Retry.LATER
            ) from None

    def _read_or_none(self, call: str, path: str, reader: Callable[[bytes], _T]) -> _T | None:
        """Read, or None where the service itself says that there is nothing.

        A 404 without the service's words, or about the subscription, is not that: it would look like an empty slot.
        """
        try:
            return self._read(call, path, reader)
        except NotFound as missing:
            if missing.code == "ResourceNotFound" and "subscription" not in missing.message.lower():
                return None
            raise

    def _call(self, method: str, path: str, body: bytes | None) -> Reply:
        headers = {
            "x-ms-version": self._version,
            "Accept": "application/xml",
            "Accept-Encoding": "identity",
            "User-Agent": "slipway",
        }
        if body is not None:
            headers["Content-Type"] = "application/xml"
        try:
            reply = self._transport.call(method, f"/{self._subscription}{path}", headers, body)
        except CertificateRefused as refused:
            end = self.credentials.not_after if self.credentials else None
            raise CertificateRefused(f"{refused.message}; it ends on {end:%Y-%m-%d}") from None
        changing = method != "GET"
        if reply.status in (_ACCEPTED if changing else {200}):
            return reply
        if reply.status >= 400:
            raise _error(reply, changing=changing)
        raise BadAnswer(
            "the answer has a status that this call never has",
            status=reply.status,
            retry=Retry.AFTER_A_LOOK if changing else Retry.NEVER,
            ambiguous=changing,
        )


def _error(reply: Reply, *, changing: bool) -> Answered:
    fault = wire.error(reply.body)
    return answered(
        reply.status,
        fault.code if fault else None,
        fault.message if fault else None,
        changing=changing,
        request_id=_request_id(reply),
        retry_after=retry_after(reply.headers),
    )


def _request_id(reply: Reply) -> str | None:
    value = reply.headers.get("x-ms-request-id", "")
    return canonical_id(value) if _REQUEST_ID.fullmatch(value) else None


def _message(kind: type[_T], /, **fields: object) -> _T:
    """Build a message from arguments of a call. Raises BadCall where a message would raise ValidationError."""
    try:
        return kind(**fields)
    except ValidationError as invalid:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False))
    raise BadCall(reasons)


def _service_path(service: str) -> str:
    return f"/services/hostedservices/{_segment('cloud service', service)}"


def _deployment_path(service: str, slot: str | None, name: str | None) -> str:
    if (slot is None) == (name is None):
        raise BadCall("a deployment is named by its slot or by its name, one of the two")
    path = _service_path(service)
    if name is not None:
        return f"{path}/deployments/{_segment('deployment', name)}"
    try:
        return f"{path}/deploymentslots/{Slot(slot or '')}"
    except ValueError:
        raise BadCall("a slot is production or staging") from None


def _instance_path(service: str, instance: str, slot: str | None, name: str | None) -> str:
    return f"{_deployment_path(service, slot, name)}/roleinstances/{_segment('role instance', instance)}"


def _segment(what: str, text: str) -> str:
    """Encode one segment of a path. Raises BadCall for what would leave the path."""
    if not text or text in {".", ".."} or len(text) > 260 or re.search(r"[/\\\x00-\x1f\x7f]", text):
        raise BadCall(f"the {what} has 1 to 260 characters and no slash, backslash or control character")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise BadCall(f"the {what} has a character that a path cannot carry") from None


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
