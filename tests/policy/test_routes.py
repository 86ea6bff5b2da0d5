"""One rule says which environments a release or a commit is for, and which it is for perhaps."""

from collections.abc import Callable

import pytest

from handlers.environments import Environments
from handlers.events import CommitReady, ReleasePublished, Trigger
from handlers.model import Commit, Source
from handlers.policy import Entrance
from handlers.policy.routes import Routed, route
from tests.flows.world import some_release
from tests.policy.places import PLACE, somebody

PLACES: Environments = {
    "production": PLACE,
    "qa": PLACE.model_copy(update={"name": "qa", "release": "qa-*", "push": "next"}),
    "sure": PLACE.model_copy(update={"name": "sure", "repository": "contoso/sure", "repository_id": 70}),
}
"""Two that are routed by the name contoso/web, and one that is routed by its id."""

GITHUB = somebody(Source.GITHUB, "5")


def published(repository: str, repository_id: int) -> ReleasePublished:
    """Return a release with a tag that production and sure take."""
    changes = {"repository": repository, "repository_id": repository_id}
    return ReleasePublished(some_release(1, "v1").model_copy(update=changes), GITHUB, "guid")


def pushed(repository: str, repository_id: int) -> CommitReady:
    """Return a push to the branch that production and sure take."""
    commit = Commit(repository=repository, repository_id=repository_id, sha="a" * 40, branch="main", url="u")
    return CommitReady(commit, GITHUB, "guid", Trigger.PUSH, "main", "o")


@pytest.mark.parametrize("event", [published, pushed])
@pytest.mark.parametrize(
    ("repository", "repository_id", "routed"),
    [
        pytest.param("Contoso/Web", 7, Routed(("production",), ()), id="its name, in any case"),
        pytest.param("contoso/new", 7, Routed((), ("production",)), id="a name that is nobody's"),
        pytest.param("contoso/new", 70, Routed(("sure",), ("production",)), id="a new name, and an id that is known"),
        pytest.param("contoso/sure", 71, Routed((), ()), id="a name that was taken over"),
    ],
)
def test_a_release_and_a_push_take_the_same_ways(
    event: Callable[[str, int], ReleasePublished | CommitReady], repository: str, repository_id: int, routed: Routed
) -> None:
    """Only those count that want the tag or the branch."""
    assert route(event(repository, repository_id), PLACES) == routed


@pytest.mark.parametrize("trigger", Trigger)
def test_what_asks_for_a_commit_is_an_entrance(trigger: Trigger) -> None:
    """So that the rules know every one of them, a new one too."""
    assert Entrance(trigger).name == trigger.name
