"""Buttons below a post in Mattermost: a message attachment with actions. Pure.

Source: *Interactive messages*, Mattermost's developer documentation, and the server's `PostAction`. The server matches
an action's id against `[A-Za-z0-9]+` alone. It asks nothing before it calls, so a label says everything; it holds no
word from outside, as clients read emoji in it.
"""

from datetime import datetime

from pydantic import SecretStr

from handlers.chat_api.addresses import check_address
from handlers.chat_api.mattermost import Attachments
from handlers.sources.sealed import seal

HOOK = "/api/hooks/mattermost"
"""Where presses are taken, like slash commands."""


class MattermostButtons:
    """Makes buttons that lead back to us."""

    def __init__(self, url: str, token: SecretStr) -> None:
        """`url` is our own, `https://HOST`; `token` is the slash command's. Raises SettingsWrong for an unsafe one."""
        self._hook = f"{check_address(url, 'SLIPWAY_URL')}{HOOK}"
        self._token = token

    def attach(self, label: str, command: str, channel: str, until: datetime) -> Attachments:
        """Write one button for a post in a channel: it says a command, until its time is over."""
        action = {
            "id": command.split(maxsplit=1)[0],
            "type": "button",
            "name": label,
            "style": "primary",
            "integration": {
                "url": self._hook,
                "context": seal(self._token.get_secret_value(), command, channel, until),
            },
        }
        return [{"fallback": label, "actions": [action]}]
