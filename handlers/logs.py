"""Log lines: an event name, then `key=value` pairs, all in the message: the Functions worker drops `extra=`."""

import json


def line(event: str, **facts: object) -> str:
    """Write one log line: `deployment.ended id=d7f state=success took_s=42`.

    A value with a blank, a quote, an equals sign or anything unprintable is written as a JSON string, so that nothing
    from outside can begin a second line or a second pair. None is left out.
    """
    pairs = [f"{key}={_plain(value)}" for key, value in facts.items() if value is not None]
    return " ".join([event, *pairs])


def _plain(value: object) -> str:
    text = str(value)
    if text and text.isascii() and text.isprintable() and not set(text) & set(' "=\\'):
        return text
    return json.dumps(text)
