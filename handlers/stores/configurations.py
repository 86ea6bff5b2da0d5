"""What a service configuration has to be before anything is deployed with it. Pure."""

from handlers.errors import PackageUnusable
from handlers.service_management.cscfg import ServiceConfiguration
from handlers.service_management.errors import BadServiceConfiguration

MAX_CONFIGURATION = 1024 * 1024
"""Bytes. Our choice; files that people write have some thousand."""


def require_short(name: str, size: int) -> None:
    """Refuse a file of more than MAX_CONFIGURATION bytes, before it is read. Raises PackageUnusable."""
    if size > MAX_CONFIGURATION:
        raise PackageUnusable("ConfigurationInvalid", f"{name} is larger than {MAX_CONFIGURATION} bytes.")


def require_configuration(name: str, content: bytes) -> None:
    """Refuse bytes that are no service configuration. Raises PackageUnusable."""
    try:
        ServiceConfiguration.parse(content)
    except BadServiceConfiguration as error:
        raise PackageUnusable("ConfigurationInvalid", f"{name} is not a service configuration: {error}.") from error
