"""HMAC signatures over a body's exact bytes. Pure."""

import hashlib
import hmac
from collections.abc import Iterable


def usable(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the secrets that count as such: an empty or blank one proves nothing and is left out."""
    return tuple(secret for secret in secrets if secret.strip())


def sign(secret: str, body: bytes) -> str:
    """Write the `X-Hub-Signature-256` of a body: `sha256=` and 64 hex digits in lower case."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(header: str | None, body: bytes, secrets: Iterable[str]) -> bool:
    """Say whether the header is the signature of the body by one of the secrets.

    Each comparison takes the same time wherever the first difference is, and none is left out when an earlier one
    matched. A header that is absent, in upper case or in no known form is just a wrong one.
    """
    given = (header or "").encode("utf-8", errors="surrogatepass")
    matches = [hmac.compare_digest(sign(secret, body).encode(), given) for secret in secrets]
    return any(matches)
