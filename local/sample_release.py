"""The files of a release that the demo and the tests publish: a small package and its service configuration.

A real `.cspkg` is a zip with the roles' code, encrypted for Azure; neither GitHub nor the simulator looks into it.
"""

import hashlib
import io
import zipfile
from xml.sax.saxutils import quoteattr

from local.stack.environments import SERVICE

ROLE = "WebRole"
NAMESPACE = "http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time in the zip, so that the same version is the same bytes."""


def package(version: str, size: int = 20_000) -> bytes:
    """Return a package of about `size` bytes; each version has other bytes, the same at each call."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (("ServiceDefinition.csdef", version.encode()), (f"{ROLE}.cssx", _noise(version, size))):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data)
    return content.getvalue()


def configuration(version: str, *, instances: int = 2) -> bytes:
    """Return a service configuration of one role."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<ServiceConfiguration serviceName="{SERVICE}" osFamily="6" osVersion="*" xmlns="{NAMESPACE}">
  <Role name="{ROLE}">
    <Instances count="{instances}" />
    <ConfigurationSettings>
      <Setting name="Version" value={quoteattr(version)} />
    </ConfigurationSettings>
  </Role>
</ServiceConfiguration>
""".encode()


def assets(version: str, *, instances: int = 2) -> dict[str, bytes]:
    """Return a release's files by name: a package and a configuration for production."""
    return {
        "web.cspkg": package(version),
        "web.production.cscfg": configuration(version, instances=instances),
    }


def _noise(version: str, size: int) -> bytes:
    """Return bytes that do not compress, as in a real package."""
    return hashlib.shake_256(version.encode()).digest(size)
