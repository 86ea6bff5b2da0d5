"""A plain caller of the simulator, and the bodies it sends. Shares nothing with the simulator's own XML."""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests
from lxml import etree

from tests.simulator.process import Simulator

NAMESPACE = "http://schemas.microsoft.com/windowsazure"
VERSION = "2017-01-01"
DEADLINE_SECONDS = 10
NAMESPACES = {"a": NAMESPACE}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> etree._Element:
        """The body, parsed."""
        return etree.fromstring(self.body)

    @property
    def id(self) -> str:
        """The request id."""
        return self.headers["x-ms-request-id"]

    def text(self, path: str) -> str | None:
        """Text of the first element at a path of local names, `Error/Message`."""
        return self.xml.findtext("/".join(f"a:{name}" for name in path.split("/")), namespaces=NAMESPACES)

    def texts(self, name: str) -> list[str | None]:
        """Texts of all elements of one name, anywhere."""
        return [element.text for element in self.xml.iter(f"{{{NAMESPACE}}}{name}")]

    @property
    def error(self) -> tuple[str | None, str | None]:
        """Code and message of an error body."""
        return self.text("Code"), self.text("Message")


@dataclass(frozen=True)
class Api:
    """Calls one simulator."""

    simulator: Simulator
    session: requests.Session

    def call(
        self, method: str, path: str, body: bytes | str = b"", version: str | None = VERSION, **headers: str
    ) -> Answer:
        """Make one call below the subscription. No redirect is followed."""
        given = {"Content-Type": "application/xml", **headers} | ({} if version is None else {"x-ms-version": version})
        url = f"{self.simulator.url}/{self.simulator.subscription}/{path}"
        answer = self.session.request(method, url, data=body, headers=given, timeout=20, allow_redirects=False)
        return Answer(answer.status_code, answer.headers, answer.content)

    def get(self, path: str, version: str | None = VERSION) -> Answer:
        """Read something."""
        return self.call("GET", path, version=version)

    def post(self, path: str, body: bytes | str = b"", version: str | None = VERSION) -> Answer:
        """Change something."""
        return self.call("POST", path, body, version)

    def create_service(self, name: str) -> Answer:
        """Create a cloud service."""
        elements = {"ServiceName": name, "Label": encoded(name), "Location": "West US"}
        return self.post("services/hostedservices", document("CreateHostedService", elements))

    def operation(self, request_id: str) -> Answer:
        """Ask for an operation."""
        return self.get(f"operations/{request_id}")

    def ended(self, accepted: Answer) -> Answer:
        """Poll until an operation has ended; its last answer."""
        assert accepted.status in {200, 202}, accepted.body
        return self.operation_ended(accepted.id)

    def operation_ended(self, request_id: str) -> Answer:
        """Poll an operation whose id the test knows from elsewhere until it has ended; its last answer."""
        return eventually(lambda: self.operation(request_id), lambda one: one.text("Status") != "InProgress")


def eventually(ask: Callable[[], Answer], good: Callable[[Answer], bool]) -> Answer:
    """Ask until the answer is good. Fail after a deadline."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not good(answer := ask()):
        assert time.monotonic() < end, answer.body
        time.sleep(0.02)
    return answer


def document(root: str, elements: Mapping[str, str | etree._Element | None]) -> bytes:
    """Write a body. None is `i:nil`."""
    top = etree.Element(f"{{{NAMESPACE}}}{root}", nsmap={None: NAMESPACE})
    for name, value in elements.items():
        if isinstance(value, etree._Element):
            top.append(value)
            continue
        element = etree.SubElement(top, f"{{{NAMESPACE}}}{name}")
        element.text = value
        if value is None:
            element.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
    return etree.tostring(top, xml_declaration=True, encoding="utf-8")


def properties(*pairs: tuple[str, str | None]) -> etree._Element:
    """Write `ExtendedProperties`."""
    top = etree.Element(f"{{{NAMESPACE}}}ExtendedProperties", nsmap={None: NAMESPACE})
    for name, value in pairs:
        top.append(etree.fromstring(document("ExtendedProperty", {"Name": name, "Value": value})))
    return top


def element(text: str) -> etree._Element:
    """Write any element in the namespace of the service."""
    return etree.fromstring(text.replace(">", f' xmlns="{NAMESPACE}">', 1))


def encoded(text: str) -> str:
    """Encode text in base64."""
    return base64.b64encode(text.encode()).decode()


def cscfg(counts: Mapping[str, int] | None = None, colour: str = "red", family: str = "4") -> str:
    """Write a base64 service configuration."""
    namespace = "http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration"
    roles = "".join(
        f'<Role name="{name}"><Instances count="{count}"/><ConfigurationSettings>'
        f'<Setting name="Colour" value="{colour}"/></ConfigurationSettings></Role>'
        for name, count in ({"WebRole1": 1} if counts is None else counts).items()
    )
    return encoded(
        f'<ServiceConfiguration serviceName="Demo" osFamily="{family}" osVersion="*" xmlns="{namespace}">'
        f"{roles}</ServiceConfiguration>"
    )


def create_deployment(package_url: str, **changes: str | etree._Element | None) -> bytes:
    """Write the body of Create Deployment; changes keep their documented place."""
    elements: dict[str, str | etree._Element | None] = {
        "Name": "v1",
        "PackageUrl": package_url,
        "Label": encoded("version 1"),
        "Configuration": cscfg(),
        "StartDeployment": "true",
        "TreatWarningsAsError": "false",
    }
    return document("CreateDeployment", elements | changes)


def one_parameter(url: str) -> str:
    """Keep the last query parameter only: neither foreign client escapes `&` in XML, so that no SAS would pass."""
    location, _, query = url.partition("?")
    return f"{location}?{query.rpartition('&')[2]}"
