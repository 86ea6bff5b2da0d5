"""Who gets in: mutual TLS with a management certificate of the subscription."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import etree

from handlers.service_management import AnswerLost, CertificateRefused, NotSent, ServiceManagement
from tests.service_management.certifying import management
from tests.simulator.process import Simulator, running_simulator

pytestmark = pytest.mark.tls


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator that demands certificates."""
    with running_simulator(tmp_path_factory.mktemp("tls") / "state") as simulator:
        yield simulator


def ask(simulator: Simulator, session: requests.Session, certificate: Path | None, host: str = "127.0.0.1") -> str:
    """List the cloud services. Status and root element, or error code."""
    url = f"{simulator.url.replace('127.0.0.1', host)}/{simulator.subscription}/services/hostedservices"
    answer = session.get(
        url,
        headers={"x-ms-version": "2017-01-01"},
        cert=None if certificate is None else str(certificate),
        verify=str(simulator.authority),
        timeout=10,
    )
    root = etree.fromstring(answer.content)
    return f"{answer.status_code} {root.findtext('{*}Code') or etree.QName(root).localname}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_management_certificate_gets_in(guarded: Simulator, session: requests.Session, host: str) -> None:
    """Under both names of the machine."""
    assert ask(guarded, session, guarded.certificate, host) == "200 HostedServices"


def test_another_certificate_of_the_ca_is_forbidden(guarded: Simulator, session: requests.Session) -> None:
    """403 with a body: the handshake succeeds, the subscription does not know it."""
    assert ask(guarded, session, guarded.state / "stranger.pem") == "403 AuthenticationFailed"


def test_an_unknown_self_signed_certificate_is_not_answered(guarded: Simulator) -> None:
    """The real service would answer 403; which error it is depends on whether Python's asyncio sends the alert."""
    stranger = management().key_pem() + management().certificate_pem
    with (
        ServiceManagement(guarded.subscription, url=guarded.url, certificate=stranger, ca=guarded.authority) as client,
        pytest.raises((AnswerLost, CertificateRefused, NotSent)),
    ):
        client.get_deployment("shop", slot="staging")


def test_without_a_certificate_nothing_is_answered(guarded: Simulator) -> None:
    """The handshake fails."""
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.ConnectionError):
            ask(guarded, session, None)


def test_an_admin_call_needs_only_a_certificate_of_the_ca(guarded: Simulator, session: requests.Session) -> None:
    """A stranger may look inside."""
    answer = session.get(
        f"{guarded.url}/_simulator/state",
        cert=str(guarded.state / "stranger.pem"),
        verify=str(guarded.authority),
        timeout=10,
    )
    assert answer.status_code == 200


def test_an_operation_knows_its_caller(guarded: Simulator, session: requests.Session) -> None:
    """List Subscription Operations shows the thumbprint."""
    session_cert = {"cert": str(guarded.certificate), "verify": str(guarded.authority), "timeout": 10}
    headers = {"x-ms-version": "2017-01-01"}
    base = f"{guarded.url}/{guarded.subscription}"
    namespace = "http://schemas.microsoft.com/windowsazure"
    body = (
        f'<CreateHostedService xmlns="{namespace}"><ServiceName>caller</ServiceName><Label>eA==</Label>'
        "<Location>West US</Location></CreateHostedService>"
    )
    session.post(f"{base}/services/hostedservices", body, headers=headers, **session_cert)  # type: ignore[arg-type]
    listed = session.get(f"{base}/operations?StartTime=2001-01-01&EndTime=2101-01-01", headers=headers, **session_cert)  # type: ignore[arg-type]
    thumbprint = etree.fromstring(listed.content).findtext(f".//{{{namespace}}}SubscriptionCertificateThumbprint")
    assert thumbprint is not None
    assert len(thumbprint) == 40
