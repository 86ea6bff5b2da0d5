"""The three chats as a part."""

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.chat.deliveries import Delivery, Person, press
from local.processes import Child
from local.stack.answers import call, session
from local.stack.simulator import ROOT

MONA = Person("U0MONA", "mona")
MONA_IN_TEAMS = Person("6d6f6e61-0000-4000-8000-000000000001", "mona")
MONA_IN_MATTERMOST = Person("monamonamonamonamonamonamo", "mona")
"""One person as each chat knows her."""
HUBOT = Person("U0HUBOT", "hubot")
"""Somebody else, in Slack."""

SLACK_CHANNEL = "C0RELEASES"
MATTERMOST_CHANNEL = "releasesreleasesreleasesre"
BOT_TOKEN = "xoxb-of-this-machine"  # noqa: S105 - of a Slack that lives for minutes
SIGNING_SECRET = "a-signing-secret-of-this-machine"  # noqa: S105 - as above
TEAMS_SECRET = base64.b64encode(b"an outgoing webhook's key").decode()
MATTERMOST_TOKEN = "a-slash-command-token"  # noqa: S105 - as above


class ChatPart:
    """`python -m local.chat`."""

    name = "the chats"

    def __init__(self, log: Path) -> None:
        """Start them; `wait_ready` waits until they answer."""
        words = ["--slack-channel", SLACK_CHANNEL, "--mattermost-channel", MATTERMOST_CHANNEL]
        self._session = session()
        self.child = Child.start(
            [sys.executable, "-m", "local.chat", "--slack-token", BOT_TOKEN, "--mattermost-token", BOT_TOKEN, *words],
            name=self.name,
            log=log,
            cwd=ROOT,
        )

    def wait_ready(self) -> None:
        """Wait until they answer. Raises ChildFailed."""
        self.child.wait_ready()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return self.child.wait_ready().split()[1]

    @property
    def settings(self) -> Mapping[str, str]:
        """What the app is told about them."""
        return {
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": f"{self.url}/slack/api",
            "TEAMS_OUTGOING_SECRET": TEAMS_SECRET,
            "TEAMS_WORKFLOW_URL": self.child.wait_ready().split()[2],
            "MATTERMOST_TOKEN": MATTERMOST_TOKEN,
            "MATTERMOST_URL": f"{self.url}/mattermost",
            "MATTERMOST_BOT_TOKEN": BOT_TOKEN,
        }

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Make an admin call, `admin("POST", "_chat/faults", {"path": "chat.update", "status": 500})`."""
        return call(self._session, self.name, method, f"{self.url}/{path}", body)

    def press(self, message: Mapping[str, Any], label: str, user: Person) -> Delivery:
        """Press the button with this label on a message in Slack; return what Slack sends. Raises LookupError."""
        asked = {"channel": message["channel"], "user": user.id, "kind": "actions"}
        reply = self.admin("POST", "_slack/replies", asked)
        return press(SIGNING_SECRET, message, label, user=user, response_url=reply["as_sent"])

    def messages(self) -> list[dict[str, Any]]:
        """Return what Slack shows, oldest first: `id`, `channel`, `edits`, and `shown` as a person sees it."""
        return list(self.admin("GET", "_slack/messages"))

    def posts(self) -> list[dict[str, Any]]:
        """Return what Mattermost shows, likewise."""
        return list(self.admin("GET", "_mattermost/posts"))

    def cards(self) -> list[dict[str, Any]]:
        """Return what Teams shows, likewise."""
        return list(self.admin("GET", "_teams/cards"))
