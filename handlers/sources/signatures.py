"""What proves a delivery: signatures over its exact bytes, and tokens. Pure."""

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

    A header that is absent, in upper case or in no known form is just a wrong one.
    """
    return is_any(header, [sign(secret, body) for secret in secrets])


def is_any(given: str | None, expected: Iterable[str]) -> bool:
    """Say whether what was given is one of the expected texts, in constant time.

    Each comparison takes the same time wherever the first difference is, and none is left out when an earlier one
    matched. Nothing is one of the expected texts only where an empty one is expected, so none may be empty.
    """
    text = (given or "").encode("utf-8", errors="surrogatepass")
    matches = [hmac.compare_digest(one.encode(), text) for one in expected]
    return any(matches)
