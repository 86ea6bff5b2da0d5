"""Which `x-ms-version` knows which call and which element, as data.

A request carries an element only when the caller set it, so the gates below are met by leaving the element out.
Source: the documents of the calls; dates compare as text.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NewType

from lxml import etree

from handlers.service_management.errors import BadCall, NotInThisVersion

Version = NewType("Version", str)
"""YYYY-MM-DD."""

NEWEST = Version("2017-01-01")
"""The newest version in recorded requests that the service accepted (create, change configuration, polls)."""

OLDEST = Version("2009-10-01")
"""The first version of every call of this client."""

CALLS: Mapping[str, Version] = MappingProxyType(
    {
        "Rollback Update Or Upgrade": Version("2011-10-01"),
        "Create Cloud Service": Version("2010-10-28"),
        "Reboot Role Instance": Version("2010-10-28"),
        "Reimage Role Instance": Version("2010-10-28"),
        "Add Extension": Version("2013-03-01"),
        "List Extensions": Version("2013-03-01"),
        "Delete Extension": Version("2013-03-01"),
        "Delete Deployment with its disks": Version("2013-08-01"),
    }
)
"""First version of a call. One that is not listed is as old as `OLDEST`."""

ELEMENTS: Mapping[str, Version] = MappingProxyType(
    {
        "CreateDeployment/StartDeployment": Version("2010-04-01"),
        "CreateDeployment/TreatWarningsAsError": Version("2011-04-01"),
        "CreateDeployment/ExtendedProperties": Version("2012-03-01"),
        "CreateDeployment/ExtensionConfiguration": Version("2013-03-01"),
        "ChangeConfiguration/TreatWarningsAsError": Version("2011-04-01"),
        "ChangeConfiguration/Mode": Version("2011-08-01"),
        "ChangeConfiguration/Mode=Simultaneous": Version("2013-03-01"),
        "ChangeConfiguration/ExtendedProperties": Version("2012-03-01"),
        "ChangeConfiguration/ExtensionConfiguration": Version("2013-03-01"),
        "UpgradeDeployment/Mode=Simultaneous": Version("2012-12-01"),
        "UpgradeDeployment/Force": Version("2011-10-01"),
        "UpgradeDeployment/ExtendedProperties": Version("2012-03-01"),
        "UpgradeDeployment/ExtensionConfiguration": Version("2013-03-01"),
        "Extension/State": Version("2014-06-01"),
        "CreateHostedService/ExtendedProperties": Version("2012-03-01"),
        "CreateHostedService/ReverseDnsFqdn": Version("2014-06-01"),
    }
)
"""First version of `parent/element`, or of one of its values: `parent/element=value`."""

_FORM = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def chosen(version: str) -> Version:
    """Take a version by its text. Raises BadCall where it is not a date from 2009-10-01 on."""
    if not _FORM.fullmatch(version) or version < OLDEST:
        raise BadCall(f"the version is a date (YYYY-MM-DD) from {OLDEST} on; this is not one: {version[:20]!r}")
    return Version(version)


def check_call(call: str, version: Version) -> None:
    """Raise NotInThisVersion where `version` does not offer the call."""
    since = CALLS.get(call, OLDEST)
    if version < since:
        raise NotInThisVersion(f"{call} needs version {since}; this client speaks {version}")


def check_body(body: etree._Element, version: Version) -> None:
    """Raise NotInThisVersion where `version` does not know an element of the body, or its value."""
    for element in body.iter(etree.Element):
        parent = element.getparent()
        if parent is None:
            continue
        path = f"{etree.QName(parent).localname}/{etree.QName(element).localname}"
        for gate in (path, f"{path}={element.text}"):
            since = ELEMENTS.get(gate, OLDEST)
            if version < since:
                raise NotInThisVersion(f"{gate} needs version {since}; this client speaks {version}")
