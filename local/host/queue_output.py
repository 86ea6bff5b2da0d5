"""What a queue output binding puts on its queue. Pure.

The Functions host looks into what Python puts out, and changes some of it:

- Text that begins and ends like a JSON array becomes one message an element; like a JSON object, it is written again,
  indented. Text that only looks like JSON fails the function.
- A list is one message an element, each text untouched. A `QueueMessage` is sent as a JSON object of its id and body.
- Bytes pass untouched.

Not imitated: .NET rewrites texts inside JSON that look like dates.
Source: `FunctionBinding.ReadAsEnumerable` and `BindAsyncCollectorAsync` in azure-functions-host.
"""

import json
from typing import Any

from azure.functions.meta import Datum

from local.host.errors import OutputFailed


def messages(datum: Datum) -> list[bytes]:
    """Say which messages a value becomes, in order. Raises OutputFailed."""
    match datum.type:
        case "bytes":
            return [datum.value]
        case "string":
            return _of_text(datum.value)
        case "json":
            return _of_json(json.loads(datum.value))
        case None:
            return []
        case _:
            return [_text(datum.value).encode()]


def _of_text(text: str) -> list[bytes]:
    if text.strip()[:1] + text.strip()[-1:] not in ("{}", "[]"):
        return [text.encode()]
    try:
        value = json.loads(text)
    except ValueError as error:
        raise OutputFailed(f"the text looks like JSON and is none ({error}); put it out as bytes") from None
    return _of_json(value)


def _of_json(value: Any) -> list[bytes]:
    return [_text(item).encode() for item in (value if isinstance(value, list) else [value])]


def _text(value: Any) -> str:
    """Write one value as .NET's `ToString` does."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case dict() | list():
            return json.dumps(value, indent=2, ensure_ascii=False)
        case _:
            return str(value)
