"""Makes certificates for tests: an authority, servers, and management certificates."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certified:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def certificate_pem(self) -> bytes:
        """Give the certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self, password: bytes | None = None, *, traditional: bool = False) -> bytes:
        """Give the key as PEM, encrypted with a password."""
        form = serialization.PrivateFormat.TraditionalOpenSSL if traditional else serialization.PrivateFormat.PKCS8
        hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, form, hidden)

    def pfx(self, password: bytes | None = None) -> bytes:
        """Give both as PKCS#12."""
        hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return pkcs12.serialize_key_and_certificates(b"test", self.key, self.certificate, None, hidden)


def certify(
    name: str,
    *,
    issuer: Certified | None = None,
    host: str | None = None,
    starts: datetime | None = None,
    days: float = 30,
    rsa_key: bool = False,
) -> Certified:
    """Make a certificate, self-signed without an issuer, for a host if one is given."""
    key: Key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    starts = starts or datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(starts + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        # Python 3.13 asks for these three, as RFC 5280 does.
        .add_extension(_usage(authority=host is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer.key if issuer else key).public_key()),
            critical=False,
        )
    )
    if host:
        address = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return Certified(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def authority() -> Certified:
    """Give the authority that the tests trust."""
    return certify("Authority of the tests")


@cache
def management() -> Certified:
    """Give a management certificate: self-signed, RSA 2048, as the documents ask."""
    return certify("Management", rsa_key=True)


def server_context(
    folder: Path, certified: Certified, *, clients: tuple[Certified, ...] | None, newest: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """Make a server's context; `clients` are the only certificates it takes, None asks for none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if newest is not None:
        context.minimum_version = context.maximum_version = newest
    path = folder / "server.pem"
    path.write_bytes(certified.key_pem() + certified.certificate_pem)
    context.load_cert_chain(path)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        if clients:
            context.load_verify_locations(cadata="".join(c.certificate_pem.decode() for c in clients))
    return context
