"""The `x-ms-version` header and the dates from which things exist.

Any well-formed date from 2009-10-01 on is taken, and gates compare dates: recorded clients send dates
that no list of versions names.
"""

import re
from datetime import date

from local.simulator.errors import bad_version

FIRST = date(2009, 10, 1)
START_DEPLOYMENT = date(2010, 4, 1)
CLOUD_SERVICES = date(2010, 10, 28)
WARNINGS_AS_ERRORS = date(2011, 4, 1)
UPGRADE_DOMAINS = date(2011, 6, 1)
"""UpgradeDomainCount, SdkVersion, Locked, RollbackAllowed, an instance's domains and size."""
CONFIGURATION_MODE = date(2011, 8, 1)
ROLLBACK = date(2011, 10, 1)
"""Rollback Update Or Upgrade, `Force`, InstanceStateDetails, InstanceErrorCode."""
EXTENDED_PROPERTIES = date(2012, 3, 1)
"""Also VirtualIPs, IpAddress, PersistentVMDowntime, Check Name Availability, Get Package."""
SIMULTANEOUS_UPGRADE = date(2012, 12, 1)
EXTENSIONS = date(2013, 3, 1)
"""Also mode `Simultaneous` of Change Configuration."""
REBUILD = date(2013, 6, 1)
MEDIA = date(2013, 8, 1)
"""`comp=media` and Delete Role Instances."""
LOAD_BALANCERS = date(2014, 5, 1)
EXTENSION_STATE = date(2014, 6, 1)
"""Also ReverseDnsFqdn."""

_WELL_FORMED = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_version(header: str | None) -> date:
    """Read `YYYY-MM-DD`. Raise 400 `MissingOrIncorrectVersionHeader` otherwise."""
    if header is None or not _WELL_FORMED.fullmatch(header):
        raise bad_version()
    try:
        version = date.fromisoformat(header)
    except ValueError as error:
        raise bad_version() from error
    if version < FIRST:
        raise bad_version()
    return version
