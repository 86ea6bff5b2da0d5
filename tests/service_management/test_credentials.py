"""The management certificate: every form it comes in, and what is said when it cannot be used."""

import base64
import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from handlers.service_management import BadCredentials, Credentials, ServiceManagement, credentials
from tests.service_management.certifying import Certified, certify, management

OLD = Path(__file__).parent / "certificates"
FIRST, SECOND = "11111111-2222-3333-4444-555555555555", "AAAAAAAA-2222-3333-4444-555555555555"
THUMBPRINT = "60CC8F3CB5EF22E244BED8CAE26DD18FCC952889"


def _thumbprint() -> str:
    return management().certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - Azure's name for it


def _publish_settings(version: str, pfx: bytes, url: str = "https://management.core.usgovcloudapi.net/") -> bytes:
    text = base64.b64encode(pfx).decode()
    if version == "1.0":
        profile = f'Url="{url}" ManagementCertificate="{text}"'
        subscriptions = "".join(f'<Subscription Id="{i}" Name="n"/>' for i in (FIRST, SECOND))
    else:
        profile = 'SchemaVersion="2.0"'
        other = base64.b64encode(certify("Other").pfx()).decode()
        subscriptions = "".join(
            f'<Subscription ServiceManagementUrl="{url}" Id="{i}" Name="n" ManagementCertificate="{c}"/>'
            for i, c in ((FIRST, other), (SECOND, text))
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\r\n<PublishData><PublishProfile {profile} '
        f'PublishMethod="AzureServiceManagementAPI">{subscriptions}</PublishProfile></PublishData>'
    ).encode()


FORMS: dict[str, tuple[Callable[[Certified], bytes], str | bytes | None]] = {
    "PEM, key first": (lambda m: m.key_pem() + m.certificate_pem, None),
    "PEM, certificate first": (lambda m: m.certificate_pem + m.key_pem(), None),
    "PEM, PKCS#1 key": (lambda m: m.key_pem(traditional=True) + m.certificate_pem, None),
    "PEM, encrypted key": (lambda m: m.key_pem(b"pass") + m.certificate_pem, "pass"),
    "PEM, encrypted PKCS#1 key": (lambda m: m.key_pem(b"pass", traditional=True) + m.certificate_pem, "pass"),
    "PEM, with other certificates": (lambda m: certify("x").certificate_pem + m.certificate_pem + m.key_pem(), None),
    "PEM, a password for a key that needs none": (lambda m: m.key_pem() + m.certificate_pem, "pass"),
    "PFX": (lambda m: m.pfx(b"pass"), "pass"),
    "PFX, password in bytes": (lambda m: m.pfx(b"pass"), b"pass"),
    "PFX without password": (lambda m: m.pfx(), None),
    "PFX with an empty password": (lambda m: m.pfx(), ""),
    ".publishsettings 1.0": (lambda m: _publish_settings("1.0", m.pfx()), None),
    ".publishsettings 2.0": (lambda m: _publish_settings("2.0", m.pfx()), None),
    ".publishsettings with a mark": (lambda m: b"\xef\xbb\xbf" + _publish_settings("2.0", m.pfx()), None),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_certificate_is_read_from_the_bytes_of_each_form(form: str) -> None:
    """Bytes are the content of a file."""
    make, password = FORMS[form]
    loaded = Credentials.load(make(management()), password=password, subscription_id=SECOND)
    assert loaded.thumbprint == _thumbprint()


@pytest.mark.parametrize(
    "given", [b"", b"not a certificate", b"0" * (1024 * 1024 + 1), 5, ["x"], bytearray(b"0")], ids=lambda g: str(g)[:20]
)
def test_what_cannot_be_a_certificate_is_bad_credentials(given: Any) -> None:
    """Whatever its type."""
    with pytest.raises(BadCredentials):
        ServiceManagement(FIRST, certificate=given)


@pytest.mark.parametrize("form", FORMS)
def test_a_certificate_is_read_from_each_form(tmp_path: Path, form: str) -> None:
    """What a file is shows in its content; the key becomes part of a TLS context."""
    make, password = FORMS[form]
    path = tmp_path / "certificate.bin"
    path.write_bytes(make(management()))
    loaded = Credentials.load(str(path), password=password, subscription_id=SECOND)
    assert loaded.thumbprint == _thumbprint()
    assert loaded.ssl_context().get_ca_certs() is not None


@pytest.mark.parametrize(
    ("name", "password"), [("rc2-40", None), ("rc2-40", ""), ("rc2-40-key-too", None), ("3des", "secret")]
)
def test_a_pfx_with_old_ciphers_is_read(name: str, password: str | None) -> None:
    """Portals wrote RC2-40 and 3DES, which OpenSSL 3 alone reads only with its legacy provider."""
    loaded = Credentials.load(OLD / f"{name}.pfx", password=password)
    assert loaded.thumbprint == THUMBPRINT
    loaded.ssl_context()


def test_the_base64_of_a_pfx_is_read() -> None:
    """As it stands in a setting, line breaks allowed."""
    text = base64.encodebytes((OLD / "rc2-40.pfx").read_bytes()).decode()
    assert Credentials.load(text).thumbprint == THUMBPRINT
    assert Credentials.load(text.replace("\n", "")).thumbprint == THUMBPRINT


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_publish_settings_name_the_endpoint(tmp_path: Path, version: str) -> None:
    """Both versions do, in different places."""
    path = tmp_path / "azure.publishsettings"
    path.write_bytes(_publish_settings(version, management().pfx()))
    assert Credentials.load(path, subscription_id=SECOND.lower()).url == "https://management.core.usgovcloudapi.net"


def test_a_client_takes_the_endpoint_of_its_publish_settings(tmp_path: Path) -> None:
    """An endpoint there that is not https to a host is refused like any other."""
    path = tmp_path / "azure.publishsettings"
    path.write_bytes(_publish_settings("2.0", management().pfx(), url="http://elsewhere.example"))
    with pytest.raises(ValueError, match="endpoint"):
        ServiceManagement(SECOND, certificate=path)


def _not_ours() -> bytes:
    return management().key_pem() + certify("Other").certificate_pem


def _bad_pem() -> bytes:
    return b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + management().key_pem()


REFUSED: dict[str, tuple[Callable[[], bytes], str | None, str]] = {
    "no key in the PEM": (lambda: management().certificate_pem, None, "no private key"),
    "no certificate in the PEM": (lambda: management().key_pem(), None, "no readable certificate"),
    "a damaged certificate": (_bad_pem, None, "no readable certificate"),
    "a key of another certificate": (_not_ours, None, "does not belong"),
    "an encrypted key, no password": (
        lambda: management().key_pem(b"pass") + management().certificate_pem,
        None,
        "give its password",
    ),
    "an encrypted key, wrong password": (
        lambda: management().key_pem(b"pass") + management().certificate_pem,
        "wrong",
        "password does not open",
    ),
    "a PFX, wrong password": (lambda: management().pfx(b"pass"), "wrong", "password is wrong"),
    "a PFX, no password": (lambda: management().pfx(b"pass"), None, "without a password"),
    "a damaged PFX": (lambda: management().pfx(b"pass")[:-9], "pass", "damaged"),
    "something else": (lambda: b"PK\x03\x04", None, "neither PEM, PFX nor"),
    "nothing": (lambda: b"", None, "neither PEM, PFX nor"),
    "too much": (lambda: b"0" * (1024 * 1024 + 1), None, "larger"),
    "another XML file": (lambda: b"<Project/>", None, "PublishData"),
    "XML with a document type": (lambda: b"<!DOCTYPE x><PublishData/>", None, "document type"),
    "another subscription": (
        lambda: _publish_settings("2.0", management().pfx()).replace(SECOND.encode(), b"x"),
        None,
        "does not know the subscription",
    ),
    "no certificate in the settings": (
        lambda: _publish_settings("1.0", management().pfx()).replace(b"ManagementCertificate", b"Other"),
        None,
        "no ManagementCertificate",
    ),
    "a certificate that is not base64": (
        lambda: _publish_settings("1.0", management().pfx()).replace(
            b'ManagementCertificate="', b'ManagementCertificate="?'
        ),
        None,
        "not base64",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_named(tmp_path: Path, case: str) -> None:
    """The error says what to do, and holds neither the path, the password nor any of the file."""
    make, password, reason = REFUSED[case]
    path = tmp_path / "the-path-of-the-file"
    path.write_bytes(make())
    with pytest.raises(BadCredentials, match=reason) as caught:
        Credentials.load(path, password=password, subscription_id=SECOND)
    assert "the-path-of-the-file" not in str(caught.value)
    assert password is None or password not in str(caught.value).replace("password is wrong", "")


@pytest.mark.parametrize("source", ["no/such/file.pfx", "x" * 5000, "bm90IGEgUEZY", "", "a\0b"])
def test_text_that_is_neither_path_nor_pfx_is_refused(source: str) -> None:
    """A path with a slip, or base64 of something else; neither is repeated in the error."""
    with pytest.raises(BadCredentials, match="neither the path of a file nor the base64 of a PFX") as caught:
        Credentials.load(source)
    assert not source or source not in str(caught.value)


def test_a_missing_path_is_refused() -> None:
    """A Path is always a path."""
    with pytest.raises(BadCredentials, match="cannot be read"):
        Credentials.load(Path("no/such/file.pfx"))


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    """When the client is told the time, it says so before the service does."""
    now = datetime(2026, 1, 31, tzinfo=UTC)
    path = tmp_path / "old.pem"
    old = certify("Old", starts=now - timedelta(days=31), days=30)
    path.write_bytes(old.key_pem() + old.certificate_pem)
    with pytest.raises(BadCredentials, match="ended on 2026-01-30"):
        ServiceManagement(FIRST, certificate=path, now=now)
    with pytest.raises(BadCredentials, match="begins on 2025-12-31"):
        ServiceManagement(FIRST, certificate=path, now=now - timedelta(days=40))
    ServiceManagement(FIRST, certificate=path, now=now - timedelta(days=5)).close()


def test_the_end_of_a_certificate_can_be_asked_for(tmp_path: Path) -> None:
    """So that somebody can be told in time."""
    path = tmp_path / "c.pem"
    path.write_bytes(management().key_pem() + management().certificate_pem)
    with ServiceManagement(FIRST, certificate=path) as client:
        assert client.credentials is not None
        assert client.credentials.not_after == management().certificate.not_valid_after_utc


def test_nothing_shows_the_key() -> None:
    """Neither the credentials nor a client do."""
    loaded = Credentials.load(OLD / "rc2-40.pfx")
    assert "key" not in repr(loaded)


def test_authorities_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """A wrong `ca` must not end in trusting everything."""
    loaded = Credentials.load(OLD / "rc2-40.pfx")
    (tmp_path / "ca.pem").write_bytes(b"nothing")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(BadCredentials, match="authorities"):
            loaded.ssl_context(path)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="memory files are of Linux")
def test_the_key_is_never_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux it goes to OpenSSL through memory, and no descriptor stays."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a folder was made")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    loaded = Credentials.load(OLD / "rc2-40.pfx")
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names only
    loaded.ssl_context()
    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names only


def test_elsewhere_the_key_is_in_a_private_file_that_goes_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """0600 in 0700, encrypted with a password that is never written, and removed whatever happens."""
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with credentials._private_file(b"x") as path:
        file = Path(path)
        assert file.is_relative_to(tmp_path)
        assert (file.parent.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
        assert file.read_bytes() == b"x"
    assert list(tmp_path.iterdir()) == []
    Credentials.load(OLD / "rc2-40.pfx").ssl_context()
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_for_openssl_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the memory file holds no readable key."""
    written: list[bytes] = []
    real = credentials._private_file

    def watched(content: bytes) -> AbstractContextManager[str]:
        written.append(content)
        return real(content)

    monkeypatch.setattr(credentials, "_private_file", watched)
    Credentials.load(OLD / "rc2-40.pfx").ssl_context()
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in written[0]
    assert b"BEGIN PRIVATE KEY" not in written[0]
