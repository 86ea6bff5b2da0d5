"""A deployment in the body of an answer, element by element. Pure.

Elements that a version does not know are left out of answers to calls of that version.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lxml import etree

from local.simulator import versions
from local.simulator.deployments import is_web
from local.simulator.state import (
    CloudService,
    Deployment,
    ExtensionReference,
    ExtensionUse,
    Instance,
    Mode,
    Role,
    Slot,
    Update,
    UpdateKind,
)
from local.simulator.upgrades import rollback_allowed
from local.simulator.wire_writing import INSTANCE_NAMESPACE, Context, add, extended_properties, flag, instant

SDK_VERSION = "2.9.6496.2"
GUEST_OS = "WA-GUEST-OS-{family}.40_201506-01"
HTTP_PORT = "80"


def add_deployment(
    parent: etree._Element, value: Deployment, slot: Slot, service: CloudService, context: Context
) -> None:
    """Add what Get Deployment says of one, as far as the version of the call knows it."""
    standing = bool(value.instances)
    add(parent, "Name", value.name)
    add(parent, "DeploymentSlot", slot)
    add(parent, "PrivateID", value.private_id)
    add(parent, "Status", value.status)
    add(parent, "Label", value.model.label)
    if standing:
        add(parent, "Url", f"http://{service.hosts[slot]}.cloudapp.net/")
    add(parent, "Configuration", value.model.configuration)
    listed = add(parent, "RoleInstanceList")
    for instance in value.instances:
        _instance(add(listed, "RoleInstance"), instance, service.addresses[slot], context)
    _upgrade_status(parent, value)
    if context.knows(versions.UPGRADE_DOMAINS):
        add(parent, "UpgradeDomainCount", str(value.upgrade_domains))
    roles = add(parent, "RoleList")
    for role in value.model.roles:
        _role(add(roles, "Role"), role, value, service.addresses[slot], context)
    if context.knows(versions.UPGRADE_DOMAINS):
        add(parent, "SdkVersion", SDK_VERSION)
        add(parent, "Locked", flag(value.locked_by is not None))
        add(parent, "RollbackAllowed", flag(rollback_allowed(value)))
    add(parent, "CreatedTime", instant(value.created_at))
    add(parent, "LastModifiedTime", instant(value.modified_at))
    if context.knows(versions.EXTENDED_PROPERTIES):
        extended_properties(parent, value.model.extended_properties)
        _downtime(add(parent, "PersistentVMDowntime"), value.created_at)
    if context.knows(versions.EXTENSIONS) and value.model.extensions is not None:
        _extension_configuration(parent, value.model.extensions, context)
    if context.knows(versions.EXTENDED_PROPERTIES):
        address = add(add(parent, "VirtualIPs"), "VirtualIP")
        add(address, "Address", service.addresses[slot])
        add(address, "IsDnsProgrammed", flag(standing))
        add(address, "Name", _contract(value))
    if context.knows(versions.LOAD_BALANCERS):
        add(parent, "LoadBalancers")


def _instance(parent: etree._Element, value: Instance, address: str, context: Context) -> None:
    moment = value.seen(context.now)
    add(parent, "RoleName", value.role)
    add(parent, "InstanceName", value.name)
    add(parent, "InstanceStatus", moment.status)
    if context.knows(versions.UPGRADE_DOMAINS):
        add(parent, "InstanceUpgradeDomain", str(value.upgrade_domain))
        add(parent, "InstanceFaultDomain", str(value.fault_domain))
        add(parent, "InstanceSize", "Small")
    if context.knows(versions.ROLLBACK):
        add(parent, "InstanceStateDetails", moment.details)
    if not context.knows(versions.EXTENDED_PROPERTIES):
        return
    add(parent, "IpAddress", value.address)
    if is_web(value.role):
        endpoint = add(add(parent, "InstanceEndpoints"), "InstanceEndpoint")
        add(endpoint, "Name", "Endpoint1")
        add(endpoint, "Vip", address)
        add(endpoint, "PublicPort", HTTP_PORT)
        add(endpoint, "LocalPort", HTTP_PORT)
        add(endpoint, "Protocol", "http")
    add(parent, "PowerState", moment.power)


def _upgrade_status(parent: etree._Element, value: Deployment) -> None:
    update = value.update
    if update is None or not update.begun or (update.over and not _lingers(update)):
        return
    domain = (update.domains or update.walked or (0,))[0]
    element = add(parent, "UpgradeStatus")
    add(element, "UpgradeType", update.mode)
    add(element, "CurrentUpgradeDomainState", "During" if update.during else "Before")
    add(element, "CurrentUpgradeDomain", str(domain))


def _lingers(update: Update) -> bool:
    """Say whether `UpgradeStatus` outlives the walk while the deployment settles, as Auto, Before, 0.

    Recorded after an automatic upgrade, recorded not to be there after a configuration change. No other update was
    recorded, so there the document holds: it disappears when no update runs.
    """
    return update.kind is UpdateKind.UPGRADE and update.mode is Mode.AUTO


def _role(parent: etree._Element, role: Role, value: Deployment, address: str, context: Context) -> None:
    add(parent, "RoleName", role.name)
    add(parent, "OsVersion", GUEST_OS.format(family=value.model.os_family))
    if not context.knows(versions.EXTENDED_PROPERTIES):
        return
    sets = add(add(parent, "ConfigurationSets"), "ConfigurationSet")
    sets.set(f"{{{INSTANCE_NAMESPACE}}}type", "NetworkConfigurationSet")
    add(sets, "ConfigurationSetType", "NetworkConfiguration")
    if is_web(role.name):
        endpoint = add(add(sets, "InputEndpoints"), "InputEndpoint")
        add(endpoint, "Port", HTTP_PORT)
        add(endpoint, "Protocol", "http")
        add(endpoint, "Vip", address)
        add(endpoint, "VirtualIPName", _contract(value))
    add(sets, "SubnetNames")


def _contract(value: Deployment) -> str:
    return f"{value.model.service_name}ContractContract" if value.input_endpoints else "__PseudoBackEndContractVip"


def _downtime(parent: etree._Element, created_at: datetime) -> None:
    """Say something about virtual machines that has no meaning here; the service says it all the same. Recorded."""
    add(parent, "StartTime", instant(created_at - timedelta(days=14)))
    add(parent, "EndTime", instant(created_at - timedelta(days=10)))
    add(parent, "Status", "PersistentVMUpdateScheduled")


def _extension_configuration(parent: etree._Element, use: ExtensionUse, context: Context) -> None:
    element = add(parent, "ExtensionConfiguration")
    if use.all_roles is not None:
        _references(add(element, "AllRoles"), use.all_roles, context)
    named = add(element, "NamedRoles")
    for role in use.named_roles:
        entry = add(named, "Role")
        add(entry, "RoleName", role.role)
        _references(add(entry, "Extensions"), role.extensions, context)


def _references(parent: etree._Element, references: Iterable[ExtensionReference], context: Context) -> None:
    for reference in references:
        element = add(parent, "Extension")
        add(element, "Id", reference.id)
        if context.knows(versions.EXTENSION_STATE):
            add(element, "State", reference.state or "enable")
