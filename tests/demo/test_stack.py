"""The parts that the demo, `make serve` and other tests share."""

import json
from pathlib import Path

import pytest

from handlers.environments import read_environments
from handlers.tell import POSTING_LEASE
from local.demo.page import Page
from local.demo.story import Missing, Story
from local.processes import ChildFailed
from local.sample_release import assets
from local.stack import REPOSITORY, SUBSCRIPTION, Stack
from local.stack.environments import places, write_environments
from local.stack.host import _environment
from tests.demo.running import still_running

pytestmark = [pytest.mark.journey, pytest.mark.azurite, pytest.mark.tls]


def test_a_killed_host_comes_back_on_its_port_and_finishes() -> None:
    """What was accepted before a crash ends, also amid a post; the story says which part has died."""
    environments = {"production": {"strategy": "create"}}
    with Stack(environments, operation_seconds=0, instance_seconds=0, clock=True) as stack:
        release = stack.github.publish("v1.0.0", assets("v1.0.0", instances=1))
        delivery = stack.deliver(release)
        assert delivery.status == 202
        url = stack.host.url
        stack.wait_for(delivery.requests[0], lambda row: row.operation is not None)
        stack.host.kill()
        assert stack.redeliver(delivery).status == 0
        with pytest.raises(Missing, match=r"host has ended with exit code -9\. The end of the log of the local host:"):
            Story(stack, Page()).look()
        stack.clock.advance(POSTING_LEASE)
        stack.host.start()
        assert stack.host.url == url
        assert stack.redeliver(delivery).requests == delivery.requests
        row = stack.wait_for(delivery.requests[0])
        assert row.outcome is not None
        assert row.outcome.result == "success"
        assert [one["state"] for one in stack.github.statuses(release, "production")][-1] == "success"
        assert len(stack.simulator.operations("create-deployment")) == 1
        assert stack.folder.stat().st_mode & 0o777 == 0o700
    assert not stack.folder.exists()


def test_a_part_that_does_not_start_is_named() -> None:
    """One sentence with the part and the tail of its log, and the others are stopped."""
    stack = Stack(simulator_arguments=["--no-such-option"])
    with pytest.raises(ChildFailed, match=r"the simulator ended with exit code 2 [\s\S]*--no-such-option"), stack:
        pytest.fail("it started")
    assert still_running({stack.github.child.pid}) == set()
    assert not stack.folder.exists()


def test_environments_may_be_keys_or_text() -> None:
    """Keys left out get a value that works here; a text is taken as it is."""
    text = write_environments({"production": {"strategy": "create", "start": False, "keep_previous": 5}, "test-1": {}})
    read = read_environments(text, "environments.toml")
    assert (read["production"].strategy, read["production"].start) == ("create", False)
    assert read["test-1"].repository == REPOSITORY
    assert write_environments(text) == text
    assert places(text) == ({SUBSCRIPTION}, {"contoso-web"}, {REPOSITORY})


def test_the_shell_that_starts_the_host_does_not_reach_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins over the settings file, so what the developer has set for another app is left out."""
    file = tmp_path / "local.settings.json"
    file.write_text(json.dumps({"Values": {"OURS": "file"}}))
    for name in ("OURS", "AzureWebJobsStorage", "GITHUB_TOKEN", "AzureFunctionsJobHost__x", "KEPT"):
        monkeypatch.setenv(name, "shell")
    environment = _environment(file)
    assert environment["KEPT"] == "shell"
    assert not {"OURS", "AzureWebJobsStorage", "GITHUB_TOKEN", "AzureFunctionsJobHost__x"} & environment.keys()
    assert "127.0.0.1" in environment["no_proxy"]
