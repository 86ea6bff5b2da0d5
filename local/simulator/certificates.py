"""The certificates of the simulator: a CA, the server's own, a management certificate, a stranger's.

All of them live in the state folder and are kept as long as they are good, so that clients that were told
about them go on working after a restart. Private keys are readable by their owner only.
"""

import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local.simulator.storage import write_private

LIFETIME = timedelta(days=365)
"""Our choice."""
RENEW_BEFORE = timedelta(days=7)
"""A certificate that ends sooner is made anew. Our choice."""
KEY_BITS = 2048
"""The least that a management certificate may have."""


@dataclass(frozen=True)
class Certificates:
    """Where the certificates are. Each `.pem` but the CA's holds certificate and key."""

    authority: Path
    server: Path
    management: Path
    thumbprint: str
    """SHA-1 of the management certificate, upper-case hex: what the subscription knows."""


@dataclass(frozen=True)
class _Pair:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def ensure_certificates(folder: Path, now: datetime) -> Certificates:
    """Make what is missing or no longer good in `folder`, and say where everything is."""
    names = ("ca.pem", "server.pem", "management.pem", "management.pfx", "stranger.pem")
    if not all(_good(folder / name, now) for name in names):
        _make(folder, now)
    management = x509.load_pem_x509_certificate((folder / "management.pem").read_bytes())
    return Certificates(
        folder / "ca.pem",
        folder / "server.pem",
        folder / "management.pem",
        thumbprint(management.public_bytes(serialization.Encoding.DER)),
    )


def thumbprint(der: bytes) -> str:
    """Return the SHA-1 thumbprint of a certificate, upper-case hex, as the service writes it."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def server_context(certificates: Certificates) -> ssl.SSLContext:
    """Build the TLS settings of the server: a certificate of the CA is demanded from clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificates.server)
    context.load_verify_locations(certificates.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _good(path: Path, now: datetime) -> bool:
    if not path.is_file():
        return False
    if path.suffix != ".pem":
        return True
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        return False
    return certificate.not_valid_after_utc - now > RENEW_BEFORE


def _make(folder: Path, now: datetime) -> None:
    authority = _issue("Simulator CA", now, None)
    server = _issue("localhost", now, authority, server=True)
    management = _issue("Simulator management certificate", now, authority)
    stranger = _issue("Simulator stranger", now, authority)
    write_private(folder / "ca.pem", _pem(authority.certificate))
    for name, pair in (("server", server), ("management", management), ("stranger", stranger)):
        write_private(folder / f"{name}.pem", _pem(pair.certificate) + _key_pem(pair))
    pfx = pkcs12.serialize_key_and_certificates(
        b"management", management.key, management.certificate, None, serialization.NoEncryption()
    )
    write_private(folder / "management.pfx", pfx)


def _issue(name: str, now: datetime, issuer: _Pair | None, *, server: bool = False) -> _Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(days=1))
        .not_valid_after(now.astimezone(UTC) + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signer = key if issuer is None else issuer.key
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    builder = builder.add_extension(_usage(authority=issuer is None), critical=True)
    if issuer is not None:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if server:
        names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _Pair(builder.sign(signer, hashes.SHA256()), key)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(pair: _Pair) -> bytes:
    return pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
