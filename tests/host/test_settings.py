"""local.settings.json and host.json: what is read, and the sentence for what is wrong."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.host.errors import StartError
from local.host.host_json import HostJson, MessageEncoding, QueueOptions, read_host_json
from local.host.settings import LocalSettings, put_into, read_settings


def written(folder: Path, content: object) -> Path:
    """Write JSON, or a text as it is."""
    file = folder / "file.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def host_json(folder: Path, content: dict[str, Any], **settings: str) -> HostJson:
    """Read a host.json with a version and this content."""
    return read_host_json(written(folder, {"version": "2.0", **content}), settings)


def test_values_and_port_are_read(tmp_path: Path) -> None:
    """The file of Core Tools."""
    content = {"IsEncrypted": False, "Values": {"A": "1"}, "Host": {"LocalHttpPort": 7072, "CORS": "*"}}
    assert read_settings(written(tmp_path, content)) == LocalSettings({"A": "1"}, 7072)


def test_a_byte_order_mark_does_not_hurt(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    assert read_settings(written(tmp_path, '\ufeff{"Values": {"A": "1"}}')).values == {"A": "1"}


def test_the_environment_wins_over_the_file() -> None:
    """As with Core Tools."""
    environment = {"A": "from the environment"}
    put_into(environment, LocalSettings({"A": "from the file", "B": "new"}))
    assert environment == {"A": "from the environment", "B": "new"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("{", "is not JSON: .* line 1", id="broken"),
        pytest.param([], "must hold an object", id="a list"),
        pytest.param({"IsEncrypted": True}, "is encrypted", id="encrypted"),
        pytest.param({"Values": []}, "Values must be an object", id="values are a list"),
        pytest.param({"Values": {"A": 1}}, "A must be a text in quotes", id="a number"),
        pytest.param({"Values": {"A=B": "1"}}, "'A=B' cannot be an environment variable", id="a name with ="),
        pytest.param({"Host": {"LocalHttpPort": "7071"}}, "LocalHttpPort must be a number", id="port as text"),
    ],
)
def test_a_wrong_settings_file_is_one_sentence(tmp_path: Path, content: object, why: str) -> None:
    """Each says the file and the rule."""
    with pytest.raises(StartError, match=why) as raised:
        read_settings(written(tmp_path, content))
    assert "file.json" in str(raised.value)


def test_a_broken_settings_file_does_not_show_its_values(tmp_path: Path) -> None:
    """It holds keys."""
    with pytest.raises(StartError) as raised:
        read_settings(written(tmp_path, '{"Values": {"KEY": "s3cret" "x": 1}}'))
    assert "s3cret" not in str(raised.value)


def test_a_missing_settings_file_says_where_one_comes_from(tmp_path: Path) -> None:
    """The first thing that happens to everybody."""
    with pytest.raises(StartError, match=r"copy local\.settings\.sample\.json"):
        read_settings(tmp_path / "local.settings.json")


def test_an_empty_host_json_means_the_defaults_of_the_host(tmp_path: Path) -> None:
    """The defaults that the queue extension documents."""
    assert host_json(tmp_path, {}) == HostJson(
        "api",
        QueueOptions(16, 8 * (os.cpu_count() or 1), 5, timedelta(), timedelta(minutes=1), MessageEncoding.BASE64),
        timedelta(minutes=30),
    )


def test_every_value_of_host_json_is_read(tmp_path: Path) -> None:
    """All that the host knows of."""
    queues = {
        "batchSize": 4,
        "newBatchThreshold": 0,
        "maxDequeueCount": 2,
        "visibilityTimeout": "00:00:30",
        "maxPollingInterval": "00:00:02",
        "messageEncoding": "None",
    }
    content = {"extensions": {"http": {"routePrefix": "/v1/"}, "queues": queues}, "functionTimeout": "00:05:00"}
    assert host_json(tmp_path, content) == HostJson(
        "v1",
        QueueOptions(4, 0, 2, timedelta(seconds=30), timedelta(seconds=2), MessageEncoding.NONE),
        timedelta(minutes=5),
    )


def test_the_threshold_follows_the_batch_size(tmp_path: Path) -> None:
    """Half of it for each processor."""
    queues = host_json(tmp_path, {"extensions": {"queues": {"batchSize": 5}}}).queues
    assert queues.new_batch_threshold == 2 * (os.cpu_count() or 1)


def test_a_timeout_of_minus_one_is_none(tmp_path: Path) -> None:
    """No limit."""
    assert host_json(tmp_path, {"functionTimeout": "-1"}).function_timeout is None


def test_a_setting_overrides_host_json(tmp_path: Path) -> None:
    """As in Azure, where names are joined by two underscores."""
    read = host_json(
        tmp_path,
        {"extensions": {"queues": {"batchSize": 4}}},
        AzureFunctionsJobHost__extensions__queues__batchSize="7",
        AzureFunctionsJobHost__extensions__http__routePrefix="",
    )
    assert (read.queues.batch_size, read.route_prefix) == (7, "")


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        pytest.param("queues.batchSize", 33, "batchSize must be a whole number from 1 to 32", id="batch too large"),
        pytest.param("queues.batchSize", True, "batchSize must be a whole number", id="batch is true"),
        pytest.param("queues.newBatchThreshold", -1, "newBatchThreshold must be", id="threshold below zero"),
        pytest.param("queues.maxDequeueCount", 0, "maxDequeueCount must be", id="no try at all"),
        pytest.param("queues.visibilityTimeout", 30, "visibilityTimeout must be a time as hh:mm:ss", id="a number"),
        pytest.param("queues.maxPollingInterval", "00:00:00", "maxPollingInterval must be", id="no pause"),
        pytest.param("queues.messageEncoding", "utf8", "messageEncoding must be base64 or none", id="encoding"),
        pytest.param("queues", [], "must be inside objects", id="queues are a list"),
        pytest.param("http.routePrefix", "{x}", "routePrefix must be a path", id="prefix with a parameter"),
    ],
)
def test_a_wrong_value_of_host_json_is_one_sentence(tmp_path: Path, path: str, value: object, why: str) -> None:
    """Each says the file, the name and the rule."""
    content: object = value
    for name in reversed(["extensions", *path.split(".")]):
        content = {name: content}
    assert isinstance(content, dict)
    with pytest.raises(StartError, match=why) as raised:
        host_json(tmp_path, content)
    assert "file.json: extensions." in str(raised.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param({}, 'version must be "2', id="no version"),
        pytest.param({"version": "1.0"}, 'version must be "2', id="old version"),
        pytest.param({"version": "2.0", "functionTimeout": "5 min"}, "functionTimeout must be a time", id="timeout"),
        pytest.param("no", "is not JSON", id="broken"),
        pytest.param([], "must hold an object", id="a list"),
    ],
)
def test_a_wrong_host_json_is_one_sentence(tmp_path: Path, content: object, why: str) -> None:
    """The file as a whole."""
    with pytest.raises(StartError, match=why):
        read_host_json(written(tmp_path, content), {})


def test_a_missing_host_json_says_what_to_write(tmp_path: Path) -> None:
    """An app has one."""
    with pytest.raises(StartError, match="an app has a host"):
        read_host_json(tmp_path / "host.json", {})
