"""Where the package of a commit lies: an environment's template, filled in. Pure."""

import re
from urllib.parse import quote, urlsplit

from handlers.errors import PackageUnusable
from handlers.model import Commit
from handlers.web.loopback import is_loopback

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def fill(template: str, commit: Commit) -> str:
    """Put a commit into `https://.../{repository}/{branch}/{sha}/app.cspkg`.

    Every value is quoted; only the slash between a repository's owner and name stays one. Raises PackageUnusable
    where the template is none of ours, or where the commit has no branch and the template wants one.
    """
    values = {
        "repository": quote(commit.repository, safe="/"),
        "branch": quote(commit.branch, safe=""),
        "sha": commit.sha,
    }
    wanted = _PLACEHOLDER.findall(template)
    unknown = [name for name in wanted if name not in values]
    if unknown or "{" in urlsplit(template).netloc:
        raise PackageUnusable(
            "PackageAddressInvalid",
            "The environment's address of a package may have {repository}, {branch} and {sha}, behind the host.",
        )
    empty = [name for name in wanted if not values[name]]
    if empty:
        raise PackageUnusable("PackageAddressInvalid", f"The commit {commit.sha[:7]} has no {empty[0]} to look under.")
    url = _PLACEHOLDER.sub(lambda found: values[found[1]], template)
    _require_safe(url)
    return url


def shown(url: str) -> str:
    """Return what people may see of an address: its path. What comes behind it could be a signature."""
    return urlsplit(url).path.lstrip("/")


def _require_safe(url: str) -> None:
    """Refuse what would be read in plain text, or elsewhere than it says."""
    address = urlsplit(url)
    plain_here = address.scheme == "http" and is_loopback(address.hostname)
    if not (address.scheme == "https" or plain_here) or not address.hostname or "@" in address.netloc:
        raise PackageUnusable("PackageAddressInvalid", "The address of a package must begin with https://HOST/.")
    if {".", ".."} & set(address.path.split("/")):
        raise PackageUnusable("PackageAddressInvalid", "The address of a package must not have . or .. in it.")
