"""What every test may ask for. Nothing starts before a test asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from local.azurite import Azurite, AzuriteMissing, running_azurite

# A red run has to be red again for whoever looks into it, and a busy machine must not make one: the same examples each
# time, and no limit on how long they take. `--hypothesis-profile=search` looks for new ones.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", PATIENT, derandomize=True)
settings.register_profile("search", PATIENT, print_blob=True)
settings.load_profile("repeatable")


@dataclass(frozen=True)
class Names:
    """Names that no other test uses, so that all tests can share one Azurite."""

    prefix: str
    """13 lower-case letters and digits that begin with a letter: right for queues, tables and containers."""

    def queue(self, name: str) -> str:
        """Name a queue. Letters, digits and single hyphens, 63 at most."""
        return f"{self.prefix}-{name}"

    def container(self, name: str) -> str:
        """Name a blob container. The rules of queues."""
        return f"{self.prefix}-{name}"

    def table(self, name: str) -> str:
        """Name a table. Letters and digits only, 63 at most."""
        return f"{self.prefix}{name}"


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """Give the one Azurite of this run; `azurite.connection_string` is all that a client needs."""
    try:
        with running_azurite() as running:
            yield running
    except AzuriteMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture
def names() -> Names:
    """Give this test names of its own for queues, tables and containers."""
    return Names(f"t{uuid4().hex[:12]}")


RECORDED = "recorded "
"""How properties begin that say how much recorded traffic a test has compared."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much recorded traffic was compared; what workers found out comes here as properties of their tests."""
    ended = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("skipped")]
    told = sorted(one for report in ended for one in report.user_properties if one[0].startswith(RECORDED))
    if told:
        compared = ", ".join(f"{count} {name.removeprefix(RECORDED)}" for name, count in told)
        terminalreporter.write_line(f"recorded traffic compared: {compared}")
