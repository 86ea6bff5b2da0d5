"""What the answers say beyond the XML: words that are not listed, secrets, and the way into JSON and back."""

import pickle
from typing import Any

import pytest

from handlers.service_management import Deployment, DeploymentStatus, InstanceStatus, RoleInstance, Slot

DEPLOYMENT = Deployment(
    name="v1",
    slot=Slot.STAGING,
    status=DeploymentStatus.RUNNING,
    configuration=b"\xffsecret",
    role_instances=(RoleInstance(role_name="Web", name="Web_IN_0", status=InstanceStatus("Provisioning")),),
)


def test_a_word_that_the_documents_do_not_list_keeps_its_text() -> None:
    """`Provisioning` was recorded, and the service may have invented more."""
    status = DEPLOYMENT.role_instances[0].status
    assert (status, str(status)) == ("Provisioning", "Provisioning")
    assert status not in set(InstanceStatus)
    assert InstanceStatus("ReadyRole") is InstanceStatus.READY_ROLE


@pytest.mark.parametrize("status", [5, None])
def test_a_word_is_text(status: Any) -> None:
    """Anything else is a bug of the caller."""
    with pytest.raises(ValueError, match="not a valid"):
        InstanceStatus(status)


def test_an_answer_goes_into_json_and_back() -> None:
    """Bytes and unlisted words too, so that it can be kept."""
    assert Deployment.model_validate_json(DEPLOYMENT.model_dump_json()) == DEPLOYMENT
    assert pickle.loads(pickle.dumps(DEPLOYMENT)) == DEPLOYMENT  # noqa: S301 - our own bytes


def test_a_configuration_is_not_shown() -> None:
    """Its settings may hold secrets."""
    assert "secret" not in repr(DEPLOYMENT)
