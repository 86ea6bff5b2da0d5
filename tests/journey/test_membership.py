"""GitHub is asked who may deploy, by the app as it is deployed: over HTTP, from a queue, when the work begins."""

import pytest

from handlers.ledger import Entry
from local.stack import Stack
from tests.journey.test_release import check_success, publish

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]


def deploy(stack: Stack, sender: str) -> tuple[Entry, bool]:
    """Let somebody publish a release; return its row, and whether it runs and the release says so."""
    release = publish(stack, "contoso/club")
    delivery = stack.deliver(release, sender=sender)
    assert delivery.status == 202
    row = stack.wait_for(delivery.requests[0], environment="club")
    if row.outcome is None or row.outcome.code is not None:
        return row, False
    check_success(stack, release, row, "club", "contoso-club")
    return row, True


def test_whoever_is_in_the_team_deploys_as_long_as_they_are_in_it(stack: Stack) -> None:
    """And nobody else does, nor whoever was taken out since."""
    team = "contoso/deployers"
    stack.github.admin("POST", "users", {"login": "eve"})
    stack.github.admin("POST", "teams", {"team": team, "login": "mona"})
    assert deploy(stack, "mona")[1]
    row, deployed = deploy(stack, "eve")
    assert not deployed
    assert row.outcome is not None
    assert row.outcome.code == "NotAMember"
    assert "GitHub shows no membership of eve" in row.outcome.message
    stack.github.admin("POST", "teams", {"team": team, "login": "mona", "state": None})
    assert not deploy(stack, "mona")[1]
