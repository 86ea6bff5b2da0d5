"""Mattermost's REST API (version 4): post, edit, and find a post again.

Sources: *Mattermost API reference*, and the server's `app/post.go` for `pending_post_id`: two posts with the same one
within 30 seconds are one post.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from handlers.chat_api.addresses import check_address
from handlers.chat_api.errors import OWNER_PATIENCE, MessageGone
from handlers.chat_api.http import Answer, ChatHttp
from handlers.chat_api.limits import Pace
from handlers.errors import SinkRefused, Unavailable
from handlers.ports import Clock

EVERY = timedelta(milliseconds=200)
"""Half of what a server with rate limiting allows by default (10 calls a second for all that a bot does)."""

BURST = 10
"""Calls at once after a rest. Our choice; the server's default is 100."""

OURS = "slipway"
"""The property of a post that holds our request's id."""

LOOK_BACK = 100
"""Posts of a channel that are looked through. Our choice: whoever lost an answer is back within minutes."""

_ID = re.compile(r"[A-Za-z0-9]{1,64}")

_REFUSED = {400, 413, 422}


Attachments = Sequence[Mapping[str, Any]]
"""Message attachments, below a post's text."""


class MattermostApi:
    """A bot on one server. Threads may share it."""

    def __init__(self, http: ChatHttp, now: Clock, url: str, token: SecretStr) -> None:
        """`url` is the server's, `https://chat.example.com`. Raises SettingsWrong where it is no safe address."""
        self._http = http
        self._token = token
        self._base = f"{check_address(url, 'MATTERMOST_URL')}/api/v4"
        self._pace = Pace(now, EVERY, BURST)
        self._me: str | None = None

    def post(self, channel: str, text: str, request: str, key: str, attachments: Attachments = ()) -> str:
        """Post for a request; return the post's id. Raises Unavailable, SinkRefused.

        `key` stays the same when the post is repeated because its answer was lost. `attachments` hold buttons.
        """
        body = {"channel_id": channel, "message": text, "pending_post_id": key, "props": _props(request, attachments)}
        answer = self._call("POST", "/posts", "post", body)
        self._require_ok(answer, channel)
        found = _id_of(answer.json())
        if found is None:
            raise Unavailable("Mattermost post: an answer without id")
        return found

    def edit(self, channel: str, post: str, text: str, request: str, attachments: Attachments = ()) -> None:
        """Put another text into a request's post, with these attachments and no others.

        Raises MessageGone, Unavailable, SinkRefused.
        """
        body = {"message": text, "props": _props(request, attachments)}
        answer = self._call("PUT", f"/posts/{quote(post, safe='')}/patch", "edit", body)
        if answer.status == 404:
            raise MessageGone(post)
        self._require_ok(answer, channel)

    def find(self, channel: str, request: str) -> str | None:
        """Look for our post of a request among the channel's latest. Raises Unavailable, SinkRefused.

        Anybody can write our property into a post of theirs, so one by somebody else is passed over.
        """
        path = f"/channels/{quote(channel, safe='')}/posts"
        latest = {"per_page": str(LOOK_BACK), "skipFetchThreads": "true"}
        answer = self._call("GET", path, "look for a post", params=latest)
        self._require_ok(answer, channel)
        posts = answer.json().get("posts")
        there = posts.values() if isinstance(posts, dict) else ()
        marked = [post for post in there if _request_of(post) == request and not post.get("delete_at")]
        ours = self._own_id(channel) if marked else None
        return next((_id_of(post) for post in marked if post.get("user_id") == ours), None)

    def _own_id(self, channel: str) -> str:
        """Return the bot's own user id, which stays."""
        if self._me is None:
            answer = self._call("GET", "/users/me", "look who the bot is")
            self._require_ok(answer, channel)
            self._me = _id_of(answer.json())
        if self._me is None:
            raise Unavailable("Mattermost look who the bot is: an answer without id")
        return self._me

    def _call(
        self,
        method: str,
        path: str,
        verb: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        subject = f"Mattermost {verb}"
        with self._pace.turn("", subject):
            return self._http.send(
                method,
                f"{self._base}{path}",
                subject,
                body=body,
                params=params,
                token=self._token.get_secret_value(),
            )

    def _require_ok(self, answer: Answer, channel: str) -> None:
        """Raise what Mattermost's status means for us."""
        if answer.ok:
            return
        said = answer.word("id") or str(answer.status)
        where = f"{answer.subject} in {channel}: {said}"
        if answer.status == 401:
            raise Unavailable(f"{where}; check MATTERMOST_BOT_TOKEN", OWNER_PATIENCE)
        if answer.status in _REFUSED:
            raise SinkRefused(where)
        raise Unavailable(f"{where}; check the channel's id, and add the bot to its team and to it", OWNER_PATIENCE)


def _props(request: str, attachments: Attachments) -> dict[str, Any]:
    """Write a post's properties: they are replaced as a whole. Pure."""
    return {OURS: {"request": request}, **({"attachments": list(attachments)} if attachments else {})}


def _id_of(thing: Mapping[str, Any]) -> str | None:
    """Return the id of a post or a user, None where it is none that a row could keep. Pure."""
    found = thing.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _request_of(post: object) -> str | None:
    """Return the request that a post shows, None where it is not ours. Pure."""
    props = post.get("props") if isinstance(post, dict) else None
    ours = props.get(OURS) if isinstance(props, dict) else None
    request = ours.get("request") if isinstance(ours, dict) else None
    return request if isinstance(request, str) else None
