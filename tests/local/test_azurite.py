"""Azurite starts, answers the SDKs and is gone when its program is."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from local import azurite as module
from local.azurite import Azurite, AzuriteMissing, running_azurite, start_azurite
from tests.conftest import Names

pytestmark = pytest.mark.azurite


def test_a_queue_keeps_a_message(azurite: Azurite, names: Names) -> None:
    """The queue service takes the SDK's calls."""
    with QueueClient.from_connection_string(azurite.connection_string, names.queue("requests")) as queue:
        queue.create_queue()
        queue.send_message("hello")
        assert [message.content for message in queue.receive_messages()] == ["hello"]


def test_a_table_keeps_a_row(azurite: Azurite, names: Names) -> None:
    """The table service takes the SDK's calls."""
    with TableServiceClient.from_connection_string(azurite.connection_string) as service:
        table = service.create_table(names.table("ledger"))
        table.create_entity({"PartitionKey": "p", "RowKey": "r", "State": "accepted"})
        assert table.get_entity("p", "r")["State"] == "accepted"


def test_a_container_keeps_a_blob(azurite: Azurite, names: Names) -> None:
    """The blob service takes the SDK's calls."""
    with BlobServiceClient.from_connection_string(azurite.connection_string) as service:
        container = service.create_container(names.container("packages"))
        container.upload_blob("app.cspkg", b"package")
        assert container.download_blob("app.cspkg").readall() == b"package"


def test_all_services_are_on_loopback(azurite: Azurite) -> None:
    """Nobody else on the network reaches the emulator, whose key everybody knows."""
    endpoints = (azurite.blob_endpoint, azurite.queue_endpoint, azurite.table_endpoint)
    assert {urlsplit(endpoint).hostname for endpoint in endpoints} == {"127.0.0.1"}


def test_two_run_side_by_side_and_end_with_their_blocks(azurite: Azurite, tmp_path: Path) -> None:
    """Each has ports of its own; after the block nothing listens and the folder is still there."""
    with running_azurite(tmp_path / "second") as second:
        assert second.queue_endpoint != azurite.queue_endpoint
    assert second.child.exit_code == 0
    assert (tmp_path / "second" / "azurite.log").is_file()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(urlsplit(second.queue_endpoint).netloc, timeout=5).connect()


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    """A tidy stop loses nothing."""
    for round_trip in ("create", "read"):
        with start_azurite(tmp_path) as azurite:
            queue = QueueClient.from_connection_string(azurite.connection_string, "kept")
            if round_trip == "create":
                queue.create_queue()
                queue.send_message("hello")
            else:
                assert [message.content for message in queue.peek_messages()] == ["hello"]
            queue.close()


def test_before_the_install_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence instead of a missing file's traceback."""
    monkeypatch.setattr(module, "AZURITE", tmp_path / "missing.js")
    with pytest.raises(AzuriteMissing, match="run `make install`"):
        start_azurite(tmp_path)


def test_when_its_node_is_gone_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Node that was updated away under our feet is the installer's business."""
    path_file = tmp_path / "node-path"
    path_file.write_text("/nowhere/node\n")
    monkeypatch.setattr(module, "NODE_PATH_FILE", path_file)
    with pytest.raises(AzuriteMissing, match="/nowhere/node, is gone: run `make install`"):
        start_azurite(tmp_path)
