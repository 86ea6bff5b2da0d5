"""Slack's Web API and `response_url`: two methods, one address, and what their errors ask the owner to do.

Sources: *chat.postMessage*, *chat.update*, *Rate limits* and *Handling user interaction*, docs.slack.dev. Slack says no
with HTTP 200 and `ok: false`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from handlers.chat_api.addresses import HOOKS_HOST, check_address, is_response_url
from handlers.chat_api.errors import OWNER_PATIENCE, MessageGone
from handlers.chat_api.http import ChatHttp, plain_word
from handlers.chat_api.limits import Pace
from handlers.errors import SinkRefused, Unavailable
from handlers.ports import Clock
from handlers.web.loopback import is_loopback

SLACK = "https://slack.com/api"

POST_EVERY = timedelta(seconds=1)
"""Slack's limit for new messages in one channel. Short bursts are tolerated."""

UPDATE_EVERY = timedelta(seconds=1.2)
"""chat.update is a tier 3 method: some 50 calls a minute for a workspace."""

BURST = 10
"""Calls at once after a rest. Our choice: Slack tolerates bursts and does not say how long."""

EARLIER = timedelta(seconds=3)
"""Our choice: a message that is older than its post by this was there before. We repeat a post after 5 seconds."""

OWNER_HAS_TO = {
    "invalid_auth": "check SLACK_BOT_TOKEN",
    "not_authed": "check SLACK_BOT_TOKEN",
    "account_inactive": "the bot was removed: install the app again and set the new SLACK_BOT_TOKEN",
    "token_revoked": "install the app again and set the new SLACK_BOT_TOKEN",
    "token_expired": "set a new SLACK_BOT_TOKEN",
    "missing_scope": "give the app the scope chat:write and install it again",
    "no_permission": "give the app the scope chat:write and install it again",
    "not_allowed_token_type": "SLACK_BOT_TOKEN must be a bot token, xoxb-...",
    "not_in_channel": "invite the bot to the channel",
    "channel_not_found": "check the channel's id, and invite the bot where the channel is private",
    "is_archived": "the channel is archived: name another one",
    "restricted_action": "a workspace setting keeps the bot from posting there",
    "restricted_action_read_only_channel": "the channel is read-only for the bot",
    "ekm_access_denied": "an administrator has suspended posting",
    "access_denied": "the token may not do this",
    "org_login_required": "the workspace is being moved",
    "team_access_not_granted": "the app is not installed in the channel's workspace",
}
"""Errors that pass once somebody has acted, with what to do."""

FOR_NOW = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
"""Errors that pass by themselves."""

_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_NO_DUPLICATE = {"duplicate_message_not_found", "duplicate_channel_not_found"}
_SPENT = {"used_url", "expired_url"}

_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_POST = "chat.postMessage"
_UPDATE = "chat.update"

Payload = Mapping[str, Any]
"""`text` and `blocks`."""


class SlackApi:
    """A bot in one workspace. Threads may share it."""

    def __init__(self, http: ChatHttp, now: Clock, token: SecretStr, base: str = SLACK) -> None:
        """`token` is `xoxb-...` with the scope `chat:write`. Raises SettingsWrong where `base` is no safe address."""
        self._http = http
        self._now = now
        self._token = token
        self._base = check_address(base, "SLACK_API_URL")
        self._posts = Pace(now, POST_EVERY, BURST)
        self._updates = Pace(now, UPDATE_EVERY, BURST)

    def post(self, channel: str, payload: Payload, key: str) -> str:
        """Post a message; return its `ts`.

        `key` is a UUID that stays the same when the post is repeated because its answer was lost. Slack's errors
        speak of it (`client_msg_id`); its documentation does not say for how long it makes two posts one. Where the
        answer names a message from before, that one is brought up to date. Raises Unavailable, SinkRefused.
        """
        begun = self._now()
        with self._posts.turn(channel, f"Slack {_POST}"):
            answer = self._call(_POST, {"channel": channel, **_QUIET, **payload, "client_msg_id": key})
            if answer.get("error") in _NO_DUPLICATE:
                # Slack remembers the key, and the message is gone: somebody deleted it.
                answer = self._call(_POST, {"channel": channel, **_QUIET, **payload})
        _require_ok(_POST, answer, channel)
        ts = answer.get("ts")
        if not isinstance(ts, str) or not _TS.fullmatch(ts):
            raise Unavailable(f"Slack {_POST}: an answer without ts")
        if begun.timestamp() - float(ts) > EARLIER.total_seconds():
            self._bring_up_to_date(channel, ts, payload)
        return ts

    def _bring_up_to_date(self, channel: str, ts: str, payload: Payload) -> None:
        try:
            self.update(channel, ts, payload)
        except MessageGone as gone:
            raise Unavailable(f"Slack {_POST}: the message of an earlier try is gone") from gone

    def update(self, channel: str, ts: str, payload: Payload) -> None:
        """Put another content into a message. Raises MessageGone, Unavailable, SinkRefused."""
        body = {"channel": channel, "ts": ts, "parse": "none", "link_names": False, **payload}
        with self._updates.turn(_UPDATE, f"Slack {_UPDATE}"):
            answer = self._call(_UPDATE, body)
        _require_ok(_UPDATE, answer, channel)

    def _call(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._http.send(
            "POST",
            f"{self._base}/{method}",
            f"Slack {method}",
            body=body,
            token=self._token.get_secret_value(),
        ).json()


_QUIET = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
"""Nothing in the text becomes a mention, a link or a preview by itself."""


class SlackReplies:
    """Answers through a command's `response_url`: 5 times in 30 minutes, no token needed. Threads may share it."""

    def __init__(self, http: ChatHttp, base: str = SLACK) -> None:
        """Answer to Slack's addresses.

        Where `base`, SLACK_API_URL, is on this machine, whatever stands there for `slack.com/api` stands beside it for
        `hooks.slack.com` too, and may give out addresses of its own.
        """
        self._http = http
        checked = check_address(base, "SLACK_API_URL")
        self._local = is_loopback(urlsplit(checked).hostname)
        self._hooks = checked.removesuffix("/api") if self._local else f"https://{HOOKS_HOST}"

    def respond(self, url: str, payload: Payload, *, replace: bool) -> None:
        """Post for everybody in the channel, in place of the last answer where Slack can.

        Raises Unavailable, and SinkRefused where the address is used up, expired, or not Slack's.
        """
        self._send(url, {"response_type": "in_channel", "replace_original": replace, **payload})

    def whisper(self, url: str, payload: Payload) -> None:
        """Post for whoever the address was given to alone. Raises Unavailable, SinkRefused, as `respond`."""
        self._send(url, {"response_type": "ephemeral", "replace_original": False, **payload})

    def _send(self, url: str, body: Payload) -> None:
        if not is_response_url(url, local=self._local):
            raise SinkRefused("the response_url does not lead to Slack")
        target = url.replace(f"https://{HOOKS_HOST}", self._hooks, 1)
        answer = self._http.send("POST", target, "Slack response_url", body=body)
        error = answer.word("error")
        if error in _SPENT or answer.status in {404, 410}:
            raise SinkRefused(
                "Slack's response_url may be used 5 times in 30 minutes, and that is over. Set SLACK_BOT_TOKEN."
            )
        if error in FOR_NOW:
            raise Unavailable(f"Slack response_url: {error}")
        if error or not answer.ok:
            raise SinkRefused(f"Slack refuses the answer: {error or answer.status}")


def _require_ok(method: str, answer: Mapping[str, Any], channel: str) -> None:
    """Raise what Slack's error means for us."""
    if answer.get("ok") is True:
        return
    error = plain_word(answer.get("error")) or "an unnamed error"
    if error in _GONE and method == _UPDATE:
        raise MessageGone(error)
    if error in FOR_NOW:
        raise Unavailable(f"Slack {method}: {error}")
    if error in OWNER_HAS_TO:
        raise Unavailable(f"Slack {method} in {channel}: {error}; {OWNER_HAS_TO[error]}", OWNER_PATIENCE)
    raise SinkRefused(f"Slack refuses the message in {channel}: {error}")
