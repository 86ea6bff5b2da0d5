"""Which addresses are called: those from the settings, and Slack's own `response_url`. Pure."""

from urllib.parse import urlsplit

from handlers.errors import SettingsWrong
from handlers.web.loopback import is_loopback

HOOKS_HOST = "hooks.slack.com"
"""The one host that a `response_url` may lead to."""


def check_address(url: str, setting: str) -> str:
    """Return an address from the settings without a slash at its end.

    Raises SettingsWrong, without the address in its text, where it is neither https nor http on this machine.
    """
    try:
        target = urlsplit(url)
        fine = target.scheme == "https" or (target.scheme == "http" and is_loopback(target.hostname))
        fine = fine and bool(target.hostname) and "@" not in target.netloc and target.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise SettingsWrong(f"{setting}: must be an https:// address without a user name in it")
    return url.rstrip("/")


def is_response_url(url: str, *, local: bool) -> bool:
    """Say whether an address is one of Slack's response URLs: https, exactly the host, no user, no port.

    `local` allows plain http on this machine too, for a Slack that runs there.
    """
    if not url.isascii() or not url.isprintable() or set(url) & set('\\ "<>'):
        return False
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        return False
    if "@" in target.netloc:
        return False
    if local and target.scheme == "http" and is_loopback(target.hostname):
        return True
    return target.scheme == "https" and target.hostname == HOOKS_HOST and port is None
