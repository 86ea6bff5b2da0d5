"""What can be asked of the service: one frozen model for each request body.

A field is an element of the body, in the documented order; its name in PascalCase is the element's name. A field that
is None is left out, so what the service does then is the documented default. `bytes`, and text marked `BASE64`, travel
as base64. Limits are checked here, before anything is sent, and named. Errors never show what was put in.

Sources: *Create Deployment*, *Change Deployment Configuration*, *Update Deployment Status* and their sister documents
of the Service Management REST reference.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PROPERTIES_OF_A_DEPLOYMENT = 25
"""Pairs. Source: *Create Deployment*."""

PROPERTIES_OF_A_CLOUD_SERVICE = 50
"""Pairs. Source: *Create Cloud Service*."""

CONFIGURATION_LIMIT = 1024 * 1024
"""Bytes of a .cscfg. Our choice; recorded ones have a few thousand."""

MOST_UPGRADE_DOMAINS = 20
"""Source: *Update a cloud service*; the default is 5."""

BASE64: Final = "base64"
"""Marks text that travels as the base64 of its UTF-8 bytes."""

_PROPERTY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_ENCODING = re.compile(r"""\A\ufeff?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class Word(StrEnum):
    """A value that the documents list. Read in any case, sent as the documents write it."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return next((member for member in cls if isinstance(value, str) and member.lower() == value.lower()), None)


class Slot(Word):
    """The two environments of a cloud service."""

    PRODUCTION = "Production"
    STAGING = "Staging"


class UpdateMode(Word):
    """How an update goes through the upgrade domains. Manual waits for Walk Upgrade Domain."""

    AUTO = "Auto"
    MANUAL = "Manual"
    SIMULTANEOUS = "Simultaneous"


class RollbackMode(Word):
    """How a rollback goes through the upgrade domains."""

    AUTO = "Auto"
    MANUAL = "Manual"


class WantedStatus(Word):
    """What Update Deployment Status can ask for."""

    RUNNING = "Running"
    SUSPENDED = "Suspended"


class ExtensionState(Word):
    """What becomes of an extension (those configured with JSON only)."""

    ENABLE = "Enable"
    DISABLE = "Disable"
    UNINSTALL = "Uninstall"


def _fit_for_xml(text: str) -> str:
    if _NOT_IN_XML.search(text):
        raise ValueError("has a character that XML cannot carry")
    return text


def _fit_for_a_path(text: str) -> str:
    if text in {".", ".."} or re.search(r"[/\\?#%\x00-\x1f\x7f]", text) or text != text.strip():
        raise ValueError("stands in a path, so it has no slash, backslash, %, ? or # and no blank at its ends")
    return _fit_for_xml(text)


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", text):
        raise ValueError("must be an http or https URL of a blob")
    return _fit_for_xml(text)


def _file_bytes(value: object) -> object:
    """Encode a .cscfg given as text in the encoding that its own XML declaration names."""
    if not isinstance(value, str):
        return value
    declared = _ENCODING.search(value)
    encoding = declared.group(1).lower() if declared else "utf-8"
    if encoding not in {"utf-8", "us-ascii", "utf-16"}:
        raise ValueError(f"is text that declares itself {encoding[:20]}; give the bytes of the file")
    try:
        return (value if encoding == "utf-8" else value.removeprefix("\ufeff")).encode(encoding)
    except UnicodeEncodeError:
        raise ValueError(f"has a character that {encoding.upper()} cannot carry") from None


def _text_bytes(value: object) -> object:
    try:
        return value.encode() if isinstance(value, str) else value
    except UnicodeEncodeError:
        raise ValueError("has a character that UTF-8 cannot carry") from None


def _pairs(value: object) -> object:
    """Take properties as a mapping or as pairs; only pairs can name one property twice."""
    if isinstance(value, Mapping) or not isinstance(value, Iterable) or isinstance(value, str | bytes):
        return value
    pairs = [tuple(pair) for pair in value]
    names = [pair[0] for pair in pairs if pair]
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        raise ValueError("names a property twice")
    return dict(pairs)


def _property(name: str, value: str | None) -> None:
    if not _PROPERTY_NAME.fullmatch(name):
        raise ValueError("a property name has 1 to 64 letters, digits or underscores and starts with a letter")
    if value is None:
        return
    if not 1 <= len(value) <= 255:
        raise ValueError(f"the value of property {name} must have 1 to 255 characters; None deletes a property")
    _fit_for_xml(value)


def _properties(properties: dict[str, str | None]) -> dict[str, str | None]:
    for name, value in properties.items():
        _property(name, value)
    return properties


def _defined_properties(properties: dict[str, str | None]) -> dict[str, str | None]:
    if None in properties.values():
        raise ValueError("a new deployment has no property to delete, so every value must be defined")
    return properties


XmlText = Annotated[str, AfterValidator(_fit_for_xml)]
DeploymentName = Annotated[str, Field(min_length=1, max_length=260), AfterValidator(_fit_for_a_path)]
"""Unique in the cloud service. No published bound for its length was found; 260 is our choice."""
ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")]
"""The first label of `<name>.cloudapp.net`, so a DNS label."""
Label = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_fit_for_xml), BASE64]
"""Characters, counted before base64. Source: *Create Deployment*."""
PackageUrl = Annotated[str, AfterValidator(_web_address), Field(repr=False)]
"""The `.cspkg` in Blob storage. May carry a SAS, so it is never shown."""
Configuration = Annotated[
    bytes, BeforeValidator(_file_bytes), Field(min_length=1, max_length=CONFIGURATION_LIMIT, repr=False)
]
"""The whole .cscfg. Its settings may hold secrets, so it is never shown."""
Properties = Annotated[
    dict[str, str | None],
    BeforeValidator(_pairs),
    Field(max_length=PROPERTIES_OF_A_DEPLOYMENT),
    AfterValidator(_properties),
]
"""Name to value; None deletes. Names that differ in case only are two names: the documents say "identical"."""
NewProperties = Annotated[Properties, AfterValidator(_defined_properties)]
ExtensionId = Annotated[str, Field(min_length=1), AfterValidator(_fit_for_a_path)]
ExtensionBytes = Annotated[bytes, BeforeValidator(_text_bytes)]


class Element(BaseModel):
    """An XML element with child elements. `element` is its name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, ser_json_bytes="base64", val_json_bytes="base64"
    )
    element: ClassVar[str]


class Extension(Element):
    """One extension of a role. It must have been added to the cloud service first. Taken from a plain id too."""

    element: ClassVar[str] = "Extension"
    id: ExtensionId
    state: ExtensionState | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value


class RoleExtensions(Element):
    """The extensions of one role."""

    element: ClassVar[str] = "Role"
    role_name: Annotated[XmlText, Field(min_length=1)]
    extensions: tuple[Extension, ...] = Field(min_length=1)


def _named_roles(value: object) -> object:
    if isinstance(value, Mapping):
        return [{"role_name": role, "extensions": extensions} for role, extensions in value.items()]
    return value


def _each_role_once(roles: tuple[RoleExtensions, ...] | None) -> tuple[RoleExtensions, ...] | None:
    names = [role.role_name for role in roles or ()]
    if len(names) != len(set(names)):
        raise ValueError("names a role twice")
    return roles


class ExtensionConfiguration(Element):
    """The extensions of a deployment, replacing those of before as a whole.

    Two empty lists take every extension away; both are sent even when empty, as every recorded client did. None
    leaves a list out. `named_roles` may be a mapping of role name to extensions.
    """

    element: ClassVar[str] = "ExtensionConfiguration"
    all_roles: tuple[Extension, ...] | None = ()
    named_roles: Annotated[
        tuple[RoleExtensions, ...] | None, BeforeValidator(_named_roles), AfterValidator(_each_role_once)
    ] = ()


class CreateDeployment(Element):
    """Upload a package and create a deployment in an empty slot."""

    element: ClassVar[str] = "CreateDeployment"
    name: DeploymentName
    package_url: PackageUrl
    label: Label
    configuration: Configuration
    start_deployment: bool | None = None
    """None means false: laid down, but Suspended until its status is set to Running. Charged all the same."""
    treat_warnings_as_error: bool | None = None
    """None means false. True makes the operation fail on warnings about the package."""
    extended_properties: NewProperties | None = None
    extension_configuration: ExtensionConfiguration | None = None


class ChangeConfiguration(Element):
    """Replace the configuration of a deployment: always the whole file."""

    element: ClassVar[str] = "ChangeConfiguration"
    configuration: Configuration
    treat_warnings_as_error: bool | None = None
    """None means false. True blocks the update on warnings."""
    mode: UpdateMode | None = None
    """None means Auto."""
    extended_properties: Properties | None = None
    """Pairs that are not named stay as they are."""
    extension_configuration: ExtensionConfiguration | None = None


class UpdateDeploymentStatus(Element):
    """Start or suspend a deployment. A suspended one is still charged."""

    element: ClassVar[str] = "UpdateDeploymentStatus"
    status: WantedStatus


class UpgradeDeployment(Element):
    """Put a new package into a deployment, domain by domain. Here the configuration comes before the label."""

    element: ClassVar[str] = "UpgradeDeployment"
    mode: UpdateMode = UpdateMode.AUTO
    package_url: PackageUrl
    configuration: Configuration
    label: Label
    role_to_upgrade: Annotated[XmlText, Field(min_length=1)] | None = None
    """One role; None upgrades all."""
    force: bool | None = None
    """True goes on even where local data is lost."""
    extended_properties: Properties | None = None
    extension_configuration: ExtensionConfiguration | None = None


class WalkUpgradeDomain(Element):
    """Apply a manual update to one domain. Domains are walked in order, from zero."""

    element: ClassVar[str] = "WalkUpgradeDomain"
    upgrade_domain: int = Field(ge=0, lt=MOST_UPGRADE_DOMAINS)


class RollbackUpdateOrUpgrade(Element):
    """Take back an update that is under way."""

    element: ClassVar[str] = "RollbackUpdateOrUpgrade"
    mode: RollbackMode = RollbackMode.AUTO
    force: bool = False


class Swap(Element):
    """Exchange what is in production and in staging. Without `production` the slot must be empty."""

    element: ClassVar[str] = "Swap"
    production: DeploymentName | None = None
    source_deployment: DeploymentName


class CreateCloudService(Element):
    """Create an empty cloud service in a location or an affinity group."""

    element: ClassVar[str] = "CreateHostedService"
    service_name: ServiceName
    label: Label
    description: Annotated[XmlText, Field(max_length=1024)] | None = None
    location: Annotated[XmlText, Field(min_length=1)] | None = None
    affinity_group: Annotated[XmlText, Field(min_length=1)] | None = None
    extended_properties: (
        Annotated[
            dict[str, str | None],
            BeforeValidator(_pairs),
            Field(max_length=PROPERTIES_OF_A_CLOUD_SERVICE),
            AfterValidator(_properties),
            AfterValidator(_defined_properties),
        ]
        | None
    ) = None
    reverse_dns_fqdn: Annotated[XmlText, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.location is None) == (self.affinity_group is None):
            raise ValueError("a cloud service has either a location or an affinity group")
        return self


class AddExtension(Element):
    """Make an extension known to a cloud service, for deployments to use."""

    element: ClassVar[str] = "Extension"
    provider_name_space: Annotated[XmlText, Field(min_length=1)]
    type: Annotated[XmlText, Field(min_length=1)]
    id: ExtensionId
    thumbprint: XmlText | None = None
    thumbprint_algorithm: XmlText | None = None
    public_configuration: ExtensionBytes | None = Field(default=None, repr=False)
    private_configuration: ExtensionBytes | None = Field(default=None, repr=False)
    version: XmlText | None = None
    """None, "" or "*" is the newest; "1.*" and "1.2" narrow it."""
