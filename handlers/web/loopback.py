"""Which hosts are this machine itself: the only ones that may be called without TLS. Pure."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Say whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
