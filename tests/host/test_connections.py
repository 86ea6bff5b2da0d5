"""What the `connection` of a binding stands for."""

import pytest

from local.host.connections import Connection, ConnectionString, Identity, read_connection
from local.host.errors import StartError

PLAIN = "AccountName=a;AccountKey=czNjcmV0"


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        pytest.param("C", {"C": PLAIN}, ConnectionString(PLAIN), id="its own name"),
        pytest.param("Storage", {"AzureWebJobsStorage": PLAIN}, ConnectionString(PLAIN), id="with the prefix"),
        pytest.param("C", {"AzureWebJobsC": PLAIN, "C": "x"}, ConnectionString(PLAIN), id="the prefix goes first"),
        pytest.param("", {"AzureWebJobsStorage": PLAIN}, ConnectionString(PLAIN), id="no name is Storage"),
        pytest.param("C", {"C": "", "C__queueServiceUri": "q"}, Identity("q", None, None, False), id="empty is unset"),
        pytest.param("C", {"C__serviceUri": "q"}, Identity("q", None, None, False), id="one service"),
        pytest.param(
            "C",
            {"C__accountName": "a", "C__credential": "managedIdentity", "C__clientId": "id"},
            Identity("https://a.queue.core.windows.net", "https://a.blob.core.windows.net", "id", True),
            id="managed identity of an account",
        ),
        pytest.param(
            "C",
            {"C__queueServiceUri": "q", "C__blobServiceUri": "b"},
            Identity("q", "b", None, False),
            id="services one by one",
        ),
    ],
)
def test_a_connection_is_found(name: str, settings: dict[str, str], expected: Connection) -> None:
    """Strings before groups, prefixed names before plain ones."""
    assert read_connection(name, settings) == expected


@pytest.mark.parametrize("text", ["UseDevelopmentStorage=true", "usedevelopmentstorage=TRUE;"])
def test_the_short_form_is_azurite_on_its_usual_ports(text: str) -> None:
    """The SDK for Python does not know it."""
    found = read_connection("C", {"C": text})
    assert isinstance(found, ConnectionString)
    assert "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1" in found.text


@pytest.mark.parametrize("name", ["C", ""])
def test_a_connection_that_is_not_set_says_how(name: str) -> None:
    """With the name to set."""
    with pytest.raises(StartError, match=f"set {name or 'AzureWebJobsStorage'} to a connection string"):
        read_connection(name, {})


def test_a_connection_string_does_not_show_itself() -> None:
    """It holds a key, and may stand in a traceback."""
    assert "czNjcmV0" not in repr(ConnectionString(PLAIN))
