"""Buttons in Mattermost: what one stands for, sealed so that nobody else can make one. Pure.

Source: the server's `DoPostActionWithCookie`. Whoever presses a button lets the server post JSON to the button's
address: who pressed where, and the button's `context`. Nothing is signed and no header is ours to choose. The context
is for the integration alone: clients never get it, while the address stands in the server's log; so the proof stands in
the context. It is bound to the command, to the channel, and to the time until which the button means something.

What it proves: Slipway has made this button, and the server (or whoever reads its database) sends it. Who pressed is
the server's word, exactly as it is for a slash command.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from handlers.sources.fields import Payload
from handlers.sources.signatures import is_any

_PURPOSE = "slipway button 1"
"""Begins what is sealed, so that a seal is never mistaken for anything else that the token may sign one day."""


class Sealed(Payload):
    """The context of a button."""

    command: str = Field(max_length=1000)
    channel: str
    """The channel's id: the button means nothing elsewhere."""
    until: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]
    """Seconds since 1970, as text: what goes through another program's JSON comes back as it was."""
    seal: str
    """HMAC-SHA256 of all the rest: 64 hex digits."""

    def is_genuine(self, tokens: Iterable[str]) -> bool:
        """Say whether one of the tokens has sealed this very context."""
        return is_any(self.seal, [_seal(token, self.command, self.channel, self.until) for token in tokens])

    def is_over(self, now: datetime) -> bool:
        """Say whether its time is over."""
        return now.timestamp() >= int(self.until)


def seal(token: str, command: str, channel: str, until: datetime) -> Mapping[str, str]:
    """Write the context of a button."""
    ends = str(int(until.astimezone(UTC).timestamp()))
    return {"command": command, "channel": channel, "until": ends, "seal": _seal(token, command, channel, ends)}


def _seal(token: str, *facts: str) -> str:
    """Sign facts, each with its length before it, so that no two lists of facts give one text."""
    text = "".join(f"{len(fact)}:{fact}" for fact in (_PURPOSE, *facts))
    return hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()
