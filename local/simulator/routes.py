"""Method, path and query -> which call of the API this is. Pure.

Fixed words of a path and slots are taken in any case, a slash before the query or none, names as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from urllib.parse import unquote

from local.simulator import versions
from local.simulator.errors import bad_query, bad_value, bad_verb, not_found
from local.simulator.state import Slot
from local.simulator.world import ByName, Target


class CallName(StrEnum):
    """The calls, by the names that faults, logs and the state use."""

    CREATE_DEPLOYMENT = "create-deployment"
    GET_DEPLOYMENT = "get-deployment"
    DELETE_DEPLOYMENT = "delete-deployment"
    CHANGE_CONFIGURATION = "change-configuration"
    UPDATE_STATUS = "update-deployment-status"
    UPGRADE = "upgrade-deployment"
    WALK = "walk-upgrade-domain"
    ROLLBACK = "rollback-update-or-upgrade"
    SWAP = "swap-deployment"
    REBOOT = "reboot-role-instance"
    REIMAGE = "reimage-role-instance"
    REBUILD = "rebuild-role-instance"
    DELETE_INSTANCES = "delete-role-instances"
    GET_PACKAGE = "get-package"
    LIST_EVENTS = "list-deployment-events"
    CREATE_VM_DEPLOYMENT = "create-vm-deployment"
    GET_OPERATION = "get-operation-status"
    LIST_OPERATIONS = "list-subscription-operations"
    CREATE_SERVICE = "create-cloud-service"
    UPDATE_SERVICE = "update-cloud-service"
    DELETE_SERVICE = "delete-cloud-service"
    GET_SERVICE = "get-cloud-service"
    LIST_SERVICES = "list-cloud-services"
    CHECK_NAME = "check-name-availability"
    ADD_EXTENSION = "add-extension"
    GET_EXTENSION = "get-extension"
    LIST_EXTENSIONS = "list-extensions"
    DELETE_EXTENSION = "delete-extension"
    LIST_AVAILABLE_EXTENSIONS = "list-available-extensions"


@dataclass(frozen=True)
class Facts:
    """What is known of a call before it is looked at: its first version, whether it is asynchronous, its name there."""

    since: date
    asynchronous: bool = False
    service_name: str = ""
    """As List Subscription Operations calls it; calls that name a slot add `BySlot`."""


_FIRST, _SERVICES = versions.FIRST, versions.CLOUD_SERVICES
FACTS: dict[CallName, Facts] = {
    CallName.CREATE_DEPLOYMENT: Facts(_FIRST, asynchronous=True, service_name="CreateDeployment"),
    CallName.GET_DEPLOYMENT: Facts(_FIRST),
    CallName.DELETE_DEPLOYMENT: Facts(_FIRST, asynchronous=True, service_name="DeleteDeployment"),
    CallName.CHANGE_CONFIGURATION: Facts(_FIRST, asynchronous=True, service_name="ChangeConfiguration"),
    CallName.UPDATE_STATUS: Facts(_FIRST, asynchronous=True, service_name="UpdateDeploymentStatus"),
    CallName.UPGRADE: Facts(_FIRST, asynchronous=True, service_name="UpgradeDeployment"),
    CallName.WALK: Facts(_FIRST, asynchronous=True, service_name="WalkUpgradeDomain"),
    CallName.ROLLBACK: Facts(versions.ROLLBACK, asynchronous=True, service_name="RollbackDeployment"),
    CallName.SWAP: Facts(_FIRST, asynchronous=True, service_name="SwapDeployment"),
    CallName.REBOOT: Facts(_SERVICES, asynchronous=True, service_name="RebootDeploymentRoleInstance"),
    CallName.REIMAGE: Facts(_SERVICES, asynchronous=True, service_name="ReimageDeploymentRoleInstance"),
    CallName.REBUILD: Facts(versions.REBUILD, asynchronous=True, service_name="RebuildDeploymentRoleInstance"),
    CallName.DELETE_INSTANCES: Facts(versions.MEDIA, asynchronous=True, service_name="DeleteRoleInstances"),
    CallName.GET_PACKAGE: Facts(versions.EXTENDED_PROPERTIES, asynchronous=True, service_name="GetPackage"),
    CallName.LIST_EVENTS: Facts(_FIRST),
    CallName.CREATE_VM_DEPLOYMENT: Facts(versions.EXTENDED_PROPERTIES),
    CallName.GET_OPERATION: Facts(_FIRST),
    CallName.LIST_OPERATIONS: Facts(_FIRST),
    CallName.CREATE_SERVICE: Facts(_SERVICES, service_name="CreateHostedService"),
    CallName.UPDATE_SERVICE: Facts(_SERVICES, service_name="UpdateHostedService"),
    CallName.DELETE_SERVICE: Facts(_SERVICES, service_name="DeleteHostedService"),
    CallName.GET_SERVICE: Facts(_FIRST),
    CallName.LIST_SERVICES: Facts(_FIRST),
    CallName.CHECK_NAME: Facts(versions.EXTENDED_PROPERTIES),
    CallName.ADD_EXTENSION: Facts(versions.EXTENSIONS, asynchronous=True, service_name="AddHostedServiceExtension"),
    CallName.GET_EXTENSION: Facts(versions.EXTENSIONS),
    CallName.LIST_EXTENSIONS: Facts(versions.EXTENSIONS),
    CallName.DELETE_EXTENSION: Facts(versions.EXTENSIONS, service_name="DeleteHostedServiceExtension"),
    CallName.LIST_AVAILABLE_EXTENSIONS: Facts(versions.EXTENSIONS),
}
_COMP = {
    "config": CallName.CHANGE_CONFIGURATION,
    "status": CallName.UPDATE_STATUS,
    "upgrade": CallName.UPGRADE,
    "walkupgradedomain": CallName.WALK,
    "rollback": CallName.ROLLBACK,
}
_INSTANCE_COMP = {"reboot": CallName.REBOOT, "reimage": CallName.REIMAGE, "rebuild": CallName.REBUILD}
ALL_LOCAL_DRIVES = "alllocaldrives"


@dataclass(frozen=True)
class Route:
    """One call: which, on what."""

    call: CallName
    service: str = ""
    target: Target | None = None
    item: str = ""
    """Name of an instance or extension, request id, name to check: by call."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""

    @property
    def facts(self) -> Facts:
        """What is known of the call."""
        return FACTS[self.call]

    @property
    def by_slot(self) -> bool:
        """Say whether the deployment was named by its slot."""
        return isinstance(self.target, Slot)

    @property
    def service_name(self) -> str:
        """As List Subscription Operations calls it."""
        return self.facts.service_name + ("BySlot" if self.by_slot else "")


def split(raw_path: str) -> list[str]:
    """Cut a raw path into its decoded segments, without a trailing slash."""
    return [unquote(segment) for segment in raw_path.strip("/").split("/")]


def route(method: str, segments: list[str], query: Mapping[str, str]) -> Route:
    """Find the call for the segments after the subscription id. Raise 400 or 404."""
    query = {name.lower(): value for name, value in query.items()}
    match [segment.lower() for segment in segments]:
        case ["operations"]:
            return Route(_by_method(method, GET=CallName.LIST_OPERATIONS), query=query)
        case ["operations", request_id]:
            return Route(_by_method(method, GET=CallName.GET_OPERATION), item=request_id)
        case ["services", "extensions"]:
            return Route(_by_method(method, GET=CallName.LIST_AVAILABLE_EXTENSIONS))
        case ["services", "hostedservices"]:
            return Route(_by_method(method, GET=CallName.LIST_SERVICES, POST=CallName.CREATE_SERVICE))
        case ["services", "hostedservices", "operations", "isavailable", _]:
            return Route(_by_method(method, GET=CallName.CHECK_NAME), item=segments[4])
        case ["services", "hostedservices", _, *_]:
            return _in_service(method, segments[2], segments[3:], query)
        case _:
            raise not_found("The requested resource was not found.")


def _in_service(method: str, service: str, rest: list[str], query: Mapping[str, str]) -> Route:
    match [segment.lower() for segment in rest]:
        case []:
            call = _by_method(
                method,
                GET=CallName.GET_SERVICE,
                POST=CallName.SWAP,
                PUT=CallName.UPDATE_SERVICE,
                DELETE=CallName.DELETE_SERVICE,
            )
            return Route(call, service, query=query)
        case ["extensions"]:
            return Route(_by_method(method, GET=CallName.LIST_EXTENSIONS, POST=CallName.ADD_EXTENSION), service)
        case ["extensions", _]:
            call = _by_method(method, GET=CallName.GET_EXTENSION, DELETE=CallName.DELETE_EXTENSION)
            return Route(call, service, item=rest[1])
        case ["deployments"]:
            return Route(_by_method(method, POST=CallName.CREATE_VM_DEPLOYMENT), service)
        case ["deploymentslots", name, *_]:
            return _in_deployment(method, service, _slot(name), rest[2:], query)
        case ["deployments", _, *_]:
            return _in_deployment(method, service, ByName(rest[1]), rest[2:], query)
        case _:
            raise not_found("The requested resource was not found.")


def _in_deployment(method: str, service: str, target: Target, rest: list[str], query: Mapping[str, str]) -> Route:
    item = ""
    match [segment.lower() for segment in rest]:
        case [] if method == "POST" and ("comp" in query or not isinstance(target, Slot)):
            call = _comp(query, _COMP)
        case []:
            call = _by_method(
                method,
                GET=CallName.GET_DEPLOYMENT,
                POST=CallName.CREATE_DEPLOYMENT,
                DELETE=CallName.DELETE_DEPLOYMENT,
            )
        case ["roleinstances"]:
            _by_method(method, POST=CallName.DELETE_INSTANCES)
            call = _comp(query, {"delete": CallName.DELETE_INSTANCES})
        case ["roleinstances", _]:
            _by_method(method, POST=CallName.REBOOT)
            call, item = _comp(query, _INSTANCE_COMP), rest[1]
            if call is CallName.REBUILD and query.get("resources", "").lower() != ALL_LOCAL_DRIVES:
                raise bad_query()
        case ["package"]:
            call = _by_method(method, POST=CallName.GET_PACKAGE)
            if not query.get("containeruri", "").startswith(("http://", "https://")):
                raise bad_query()
        case ["events"]:
            call = _by_method(method, GET=CallName.LIST_EVENTS)
            if not {"starttime", "endtime"} <= set(query):
                raise bad_query()
        case _:
            raise not_found("The requested resource was not found.")
    return Route(call, service, target, item, query)


def _by_method(method: str, **calls: CallName) -> CallName:
    try:
        return calls[method]
    except KeyError as error:
        raise bad_verb() from error


def _comp(query: Mapping[str, str], calls: Mapping[str, CallName]) -> CallName:
    try:
        return calls[query.get("comp", "").lower()]
    except KeyError as error:
        raise bad_query() from error


def _slot(name: str) -> Slot:
    for slot in Slot:
        if slot.lower() == name:
            return slot
    raise bad_value(name, "deploymentslot", "staging,production")
