"""The text of a queue message <-> its bytes. Pure."""

import base64
import binascii

from local.host.host_json import MessageEncoding


class Undecodable(ValueError):
    """The text is not base64, though messages are expected to be."""


def decode_text(text: str, encoding: MessageEncoding) -> bytes:
    """Read the bytes of a message; raises Undecodable. Space between the letters of base64 is allowed, as in .NET."""
    if encoding is MessageEncoding.NONE:
        return text.encode()
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Undecodable("the message is not base64") from None


def encode_text(body: bytes, encoding: MessageEncoding) -> str:
    """Write the text of a message. Without base64, bytes that are not UTF-8 are replaced."""
    if encoding is MessageEncoding.NONE:
        return body.decode(errors="replace")
    return base64.b64encode(body).decode()
