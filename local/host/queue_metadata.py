"""What `func.QueueMessage` tells beside its body: id, number of tries, times, pop receipt. Pure.

A trap of the host is kept: where the body is a JSON object, its own top-level fields of these names, in any case of
letters, take their place. A message `{"id": "r-1"}` arrives with `id` "r-1", not with the id of the queue.
Source: `QueueTriggerBinding.CreateBindingData`; azure-functions-python-worker issue 1373.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from azure.functions.meta import Datum

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage

_NAMES = ("Id", "DequeueCount", "PopReceipt", "InsertionTime", "ExpirationTime", "NextVisibleTime")


def message_metadata(message: "QueueMessage", body: Datum) -> dict[str, Datum]:
    """Give what the converter of `func.QueueMessage` reads beside the body."""
    times = {
        "InsertionTime": message.inserted_on,
        "ExpirationTime": message.expires_on,
        "NextVisibleTime": message.next_visible_on,
    }
    return {
        "Id": Datum(message.id, "string"),
        "DequeueCount": Datum(message.dequeue_count, "int"),
        "PopReceipt": Datum(message.pop_receipt, "string"),
        **{name: Datum(time.isoformat(), "string") for name, time in times.items() if time is not None},
        **_from_body(body),
    }


def _from_body(body: Datum) -> dict[str, Datum]:
    fields = {name.lower(): value for name, value in _object(body).items()}
    found = {name: fields.get(name.lower()) for name in _NAMES}
    return {name: _datum(value) for name, value in found.items() if value is not None and not isinstance(value, list)}


def _object(body: Datum) -> Mapping[str, Any]:
    if body.type != "string":
        return {}
    try:
        value = json.loads(body.value)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _datum(value: Any) -> Datum:
    return Datum(value, "string") if isinstance(value, str) else Datum(json.dumps(value), "json")
