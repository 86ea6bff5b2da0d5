"""Which repository an environment is deployed from: the id decides, a name can be taken over."""

from datetime import timedelta

import pytest

from handlers.events import Trigger
from handlers.model import Commit, DeploymentRequest, RunCommit, RunRelease, RunVersion
from tests.flows.test_locks import RULED, ending, launch, world
from tests.flows.world import PRODUCTION, World, some_release


def launch_from(where: World, repository_id: int, number: int) -> DeploymentRequest:
    """Publish a release in a repository of the right name, with this id."""
    release = some_release(number, f"v{number}").model_copy(update={"repository_id": repository_id})
    request = where.release(number).model_copy(update={"goal": RunRelease(release=release)})
    where.deliver(request)
    where.run()
    return request


def test_an_impostor_under_the_old_name_gets_no_route() -> None:
    """The environment was deployed from another repository before."""
    here = world()
    assert ending(here, launch(here, 1))[0] is None
    code, sentence = ending(here, launch_from(here, 8, 2))
    assert code == "AnotherRepository"
    assert "contoso/web has the id 8" in sentence
    assert here.packages.staged == 1, "nothing of the impostor's was read"
    assert ending(here, launch(here, 3))[0] is None


def test_a_version_that_is_looked_up_under_the_name_passes_too() -> None:
    """By the id of the repository in which it was found."""
    here = world()
    launch_from(here, 8, 1)
    request = here.request(RunVersion(tag="v2"))
    here.deliver(request)
    here.run()
    assert ending(here, request)[0] == "AnotherRepository"


def test_the_file_has_the_last_word() -> None:
    """Where the repository is meant to be another one."""
    here = world(RULED.model_copy(update={"repository_id": 8}))
    assert ending(here, launch(here, 1))[0] == "AnotherRepository"
    assert ending(here, launch_from(here, 8, 2))[0] is None


@pytest.mark.parametrize("name", ["contoso/web", "contoso/renamed", "CONTOSO/WEB", "somebody/else"])
def test_with_an_id_the_name_is_for_reading(name: str) -> None:
    """A renamed repository keeps its route, and one that has its name has none."""
    place = PRODUCTION.model_copy(update={"repository_id": 7, "push": "main"})
    release = some_release(1, "v1").model_copy(update={"repository": name})
    commit = Commit(repository=name, repository_id=7, sha="a" * 40, branch="main", url="https://example.com")
    assert place.wants(release) is None
    assert place.wants(release.model_copy(update={"repository_id": 8})) is not None
    assert place.wants_commit(commit, Trigger.PUSH, "main")
    assert not place.wants_commit(commit.model_copy(update={"repository_id": 8}), Trigger.PUSH, "main")


def test_a_commit_of_an_impostor_is_refused() -> None:
    """As a release is."""
    here = world()
    launch(here, 1, run=timedelta(hours=3))
    commit = Commit(repository="contoso/web", repository_id=8, sha="a" * 40, branch="main", url="https://example.com")
    request = here.request(RunCommit(commit=commit), 2)
    here.deliver(request)
    here.run()
    assert ending(here, request)[0] == "AnotherRepository"
