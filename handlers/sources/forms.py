"""`application/x-www-form-urlencoded` from strangers. Pure."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from handlers.errors import Malformed
from handlers.sources.strict_json import WHOLE

MAX_FIELDS = 200
"""Our choice: Slack sends about 15. Mattermost sends two more for everybody who is mentioned in a command."""

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_form(body: bytes, fields: Collection[str]) -> Mapping[str, str]:
    """Read these fields of a form; those that are absent are left out, and others are not looked at.

    A field that is read may stand there once: of two, nobody knows which one somebody else has checked. Raises
    Malformed where a body is no form, or not UTF-8 under its escapes.
    """
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise Malformed(WHOLE, f"must be a form in UTF-8 with at most {MAX_FIELDS} fields") from None
    if _BROKEN_ESCAPE.search(text):
        raise Malformed(WHOLE, "must not hold a % that begins no escape")
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise Malformed(name, "must stand there once")
        if name in fields:
            if "\0" in value:
                raise Malformed(name, "must not hold NUL")
            found[name] = value
    return found
