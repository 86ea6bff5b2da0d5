"""The management certificate: read from a PEM, a PFX or a `.publishsettings` file, used in memory only.

The service knows nobody by name: whoever holds the private key of an uploaded certificate may do anything in the
subscription. So the key is never written where others can read it, never shown, and never part of an error.
"""

import base64
import binascii
import os
import secrets
import shutil
import ssl
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from handlers.service_management import safe_xml
from handlers.service_management.errors import BadCredentials
from handlers.service_management.sockets import WatchedTLSSocket

FILE_LIMIT = 1024 * 1024
"""Bytes of a certificate file. Our choice."""


@dataclass(frozen=True)
class Credentials:
    """A certificate, its private key, and the certificates that signed it (often none: self-signed is usual).

    `url` is the endpoint that a `.publishsettings` file names, else None.
    """

    certificate: x509.Certificate
    key: PrivateKeyTypes = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()
    url: str | None = None

    def __post_init__(self) -> None:
        if _public(self.key) != _public(self.certificate):
            raise BadCredentials("the private key does not belong to the certificate")

    @classmethod
    def load(
        cls, source: str | Path | bytes, *, password: str | bytes | None = None, subscription_id: str | None = None
    ) -> Self:
        """Read a file by its path, its bytes, or the base64 of a PFX. What it is shows in its content, not in its name.

        `subscription_id` chooses among those of a `.publishsettings` file. Raises BadCredentials.
        """
        data = _content(source)
        secret = password.encode() if isinstance(password, str) else password
        if b"-----BEGIN" in data:
            return cls(*_from_pem(data, secret))
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            pfx, url = _from_publish_settings(data, subscription_id)
            return cls(*_from_pfx(pfx, secret), url=url)
        return cls(*_from_pfx(data, secret))

    @property
    def not_after(self) -> datetime:
        """The last instant at which the certificate is good, in UTC."""
        return self.certificate.not_valid_after_utc

    @property
    def not_before(self) -> datetime:
        """The first instant at which the certificate is good, in UTC."""
        return self.certificate.not_valid_before_utc

    @property
    def thumbprint(self) -> str:
        """The SHA-1 of the certificate in upper-case hex, by which Azure lists it."""
        return self.certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - Azure's name for it, no proof

    def check_dates(self, now: datetime) -> None:
        """Raise BadCredentials when the certificate is out of date at `now`."""
        if now > self.not_after:
            raise BadCredentials(
                f"the certificate {self.thumbprint} ended on {self.not_after:%Y-%m-%d}; upload a new one"
            )
        if now < self.not_before:
            raise BadCredentials(f"the certificate {self.thumbprint} begins on {self.not_before:%Y-%m-%d}")

    def ssl_context(self, ca: str | Path | None = None) -> ssl.SSLContext:
        """Make a client context: TLS 1.2 or later, host name checked, this certificate shown.

        `ca` is a PEM file with the only authorities to trust, None for those of the system.
        """
        try:
            context = ssl.create_default_context(cafile=None if ca is None else str(ca))
        except (OSError, ssl.SSLError):
            raise BadCredentials("the file of trusted authorities (ca) cannot be read as PEM") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = WatchedTLSSocket
        passphrase = secrets.token_bytes(32).hex().encode()
        pem = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase),
        )
        pem += b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (self.certificate, *self.chain))
        try:
            with _private_file(pem) as path:
                context.load_cert_chain(path, password=passphrase)
        except ssl.SSLError as error:
            raise BadCredentials(f"OpenSSL does not take the certificate ({error.reason})") from None
        return context


@contextmanager
def _private_file(content: bytes) -> Iterator[str]:
    """Give content a path that only this process can read: memory on Linux, else a file that is gone afterwards."""
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    folder = tempfile.mkdtemp()
    try:
        path = Path(folder) / "certificate.pem"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        yield str(path)
    finally:
        shutil.rmtree(folder)


def _content(source: str | Path | bytes) -> bytes:
    """Read a file unless these are its bytes, or decode base64 that is not the path of a file."""
    if isinstance(source, bytes):
        return _bounded(source)
    if not isinstance(source, str | Path):
        raise BadCredentials("the certificate is given as a path, as the bytes of a file, or as the base64 of a PFX")
    if isinstance(source, Path) or _is_a_file(source):
        try:
            with Path(source).open("rb") as file:
                data = file.read(FILE_LIMIT + 1)
        except OSError as error:
            raise BadCredentials(f"the certificate file cannot be read ({type(error).__name__})") from None
        return _bounded(data)
    try:
        data = base64.b64decode("".join(source.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data.startswith(b"\x30"):
        raise BadCredentials("the certificate is neither the path of a file nor the base64 of a PFX")
    return data


def _bounded(data: bytes) -> bytes:
    if len(data) > FILE_LIMIT:
        raise BadCredentials(f"the certificate file is larger than {FILE_LIMIT} bytes")
    return data


def _is_a_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # base64 is too long for a name
        return False


def _from_pem(
    data: bytes, password: bytes | None
) -> tuple[x509.Certificate, PrivateKeyTypes, tuple[x509.Certificate, ...]]:
    """Find the key, and among the certificates, in any order, the one it belongs to."""
    try:
        certificates = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise BadCredentials("the PEM file has no readable certificate") from None
    key = _pem_key(data, password)
    own = next((certificate for certificate in certificates if _public(certificate) == _public(key)), None)
    if own is None:
        raise BadCredentials("the private key does not belong to any certificate of the PEM file")
    return own, key, tuple(certificate for certificate in certificates if certificate is not own)


def _pem_key(data: bytes, password: bytes | None) -> PrivateKeyTypes:
    """Read the private key among the blocks of a PEM file."""
    start = next((data.find(b"-----BEGIN " + kind) for kind in _KEY_KINDS if b"-----BEGIN " + kind in data), -1)
    if start < 0:
        raise BadCredentials("the PEM file has a certificate but no private key")
    block = data[start:]
    encrypted = b"ENCRYPTED" in block.split(b"-----END", 1)[0]
    if encrypted and password is None:
        raise BadCredentials("the private key is encrypted; give its password")
    try:
        return serialization.load_pem_private_key(block, password if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        reason = "the password does not open the private key" if encrypted else "the private key cannot be read"
    raise BadCredentials(reason)


_KEY_KINDS = (b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY", b"RSA PRIVATE KEY", b"EC PRIVATE KEY")


def _from_pfx(
    data: bytes, password: bytes | None
) -> tuple[x509.Certificate, PrivateKeyTypes, tuple[x509.Certificate, ...]]:
    """Open a PKCS#12. Without a password both ways of having none are tried, no password and an empty one."""
    if not data.startswith(b"\x30"):
        raise BadCredentials("the certificate file is neither PEM, PFX nor .publishsettings")
    for attempt in (password,) if password else (None, b""):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about old, slightly wrong encodings, which old portals wrote
                key, certificate, more = pkcs12.load_key_and_certificates(data, attempt)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if key is None:
            raise BadCredentials("the PFX has no private key; export it with its key")
        if certificate is None:
            raise BadCredentials("the PFX has no certificate that belongs to its key")
        return certificate, key, tuple(more)
    if password:
        raise BadCredentials("the PFX cannot be opened: the password is wrong, or the file is damaged")
    raise BadCredentials("the PFX cannot be opened without a password, or the file is damaged")


def _from_publish_settings(data: bytes, subscription_id: str | None) -> tuple[bytes, str | None]:
    """Find the PFX and the endpoint of a subscription. Version 1.0 keeps both once, 2.0 at each subscription."""
    try:
        root = safe_xml.parse(data)
    except safe_xml.Malformed as malformed:
        raise BadCredentials(f"the .publishsettings file cannot be read: {malformed}") from None
    profiles = root.findall("PublishProfile")
    if root.tag != "PublishData" or not profiles:
        raise BadCredentials("the file is XML, but not PublishData with a PublishProfile")
    for profile in profiles:
        for subscription in profile.findall("Subscription"):
            if subscription_id is None or subscription.get("Id", "").lower() == subscription_id.lower():
                return _of_subscription(profile, subscription)
    raise BadCredentials("the .publishsettings file does not know the subscription")


def _of_subscription(profile: etree._Element, subscription: etree._Element) -> tuple[bytes, str | None]:
    pfx = subscription.get("ManagementCertificate") or profile.get("ManagementCertificate")
    url = subscription.get("ServiceManagementUrl") or profile.get("Url")
    if not pfx:
        raise BadCredentials("the .publishsettings file has no ManagementCertificate for the subscription")
    try:
        return base64.b64decode("".join(pfx.split()), validate=True), url.rstrip("/") if url else None
    except (binascii.Error, ValueError):
        raise BadCredentials("the ManagementCertificate of the .publishsettings file is not base64") from None


def _public(holder: x509.Certificate | PrivateKeyTypes) -> bytes:
    return holder.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
