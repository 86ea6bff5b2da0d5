"""docs/service-management.md says what the code does: gates, tests, errors, numbers."""

import re
from pathlib import Path

import pytest

from handlers.service_management import NEWEST, ServiceManagement, errors, versions
from handlers.service_management.messages import ChangeConfiguration, CreateDeployment, Element, UpdateDeploymentStatus
from handlers.service_management.wire import element_name
from tests.service_management.test_recordings import EXPECTED

FOLDER = Path(__file__).parent
TEXT = (FOLDER.parents[1] / "docs" / "service-management.md").read_text()


def _rows(title: str) -> list[list[str]]:
    """Read the table under a heading."""
    section = TEXT.partition(f"{title}\n")[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_named_test_exists() -> None:
    """A claim without a test is a guess."""
    written = {
        name
        for path in FOLDER.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 20
    assert named - written == set()


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("### Create Deployment", CreateDeployment),
        ("### Change Deployment Configuration", ChangeConfiguration),
        ("### Update Deployment Status", UpdateDeploymentStatus),
    ],
)
def test_every_element_has_a_row_with_its_gate_and_a_test(title: str, message: type[Element]) -> None:
    """The first version of each row is that of the code."""
    rows = _rows(title)
    listed = {name for row in rows for name in _names(row[0])}
    assert {element_name(field) for field in message.model_fields} <= listed
    for row in rows:
        assert "test_" in row[4], row
        for name in _names(row[0]):
            gate = name if "/" in name else f"{message.element}/{name}"
            inherited = {"ExtendedProperty/": "ExtendedProperties", "Role": "ExtensionConfiguration"}
            parent = next((p for prefix, p in inherited.items() if name.startswith(prefix)), "ExtensionConfiguration")
            known = versions.ELEMENTS.get(gate) or (
                versions.ELEMENTS[f"{message.element}/{parent}"] if "/" in name or name.endswith("Roles") else None
            )
            assert row[1] == (known or versions.OLDEST), name


def test_the_version_is_that_of_the_code() -> None:
    """The newest."""
    assert f"`x-ms-version` is `{NEWEST}`" in TEXT


def test_every_call_is_named() -> None:
    """Each method of the client."""
    calls = {name for name in vars(ServiceManagement) if not name.startswith("_") and name != "close"}
    assert {call for call in calls if f"`{call}`" not in TEXT and f"client.{call}(" not in TEXT} == {
        "change_deployment_configuration",
        "update_deployment_status",
    }, "these two have a section each"


def test_every_error_and_code_is_in_the_table() -> None:
    """With the advice of the code."""
    rows = _rows("## Errors: try again?")
    shown = {name for row in rows for name in _names(row[0])}
    assert set(errors.BY_CODE) <= shown
    assert set(errors.BUSY_SAYINGS) <= shown
    advice = {"never": errors.Retry.NEVER, "later": errors.Retry.LATER, "a look": errors.Retry.AFTER_A_LOOK}
    for row in rows:
        (error,) = _names(row[1])
        assert issubclass(getattr(errors, error), errors.ServiceManagementError)
        for code in set(_names(row[0])) & set(errors.BY_CODE):
            rule = errors.rule_for(0, code, "retry later" if error == "DeploymentBusy" else None)
            if rule.error.__name__ == error:
                assert rule.changing is advice[row[2]], code


def test_the_numbers_are_those_that_are_compared() -> None:
    """The tests hold the code to the same ones."""
    assert [int(row[1]) for row in _rows("## Recorded traffic")] == list(EXPECTED.values())
