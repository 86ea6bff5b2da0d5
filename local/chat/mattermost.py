"""Mattermost's REST API, for what a bot that reports needs."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, web

from local.chat import attachments
from local.chat.answers import bearer, json_object
from local.chat.deliveries import Person, mattermost_press
from local.chat.world import Message, World, find

MAX_MESSAGE = 16_383
SAME_POST_FOR = timedelta(seconds=30)
"""How long the server remembers a `pending_post_id`."""

BOT = "b0t00000000000000000000000"
_ID = re.compile(r"[a-z0-9]{26}")


class MattermostRoutes:
    """The routes over one world, below `/mattermost/api/v4`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        return [
            web.post("/mattermost/api/v4/posts", self.create),
            web.put("/mattermost/api/v4/posts/{post}/patch", self.patch),
            web.get("/mattermost/api/v4/posts/{post}", self.get),
            web.get("/mattermost/api/v4/channels/{channel}/posts", self.list_posts),
            web.get("/mattermost/api/v4/users/me", self.me),
            web.post("/_mattermost/presses", self.press),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """`POST /posts`."""
        body = await json_object(request) or {}
        channel, message = body.get("channel_id"), body.get("message")
        refused = self._refused(request) or self._not_there(channel) or _wrong_message(message) or _wrong_props(body)
        if refused is not None:
            return refused
        now, key = self.world.clock.now(), body.get("pending_post_id") or None
        posts = self.world.mattermost.posts
        same = find(posts, lambda one: key is not None and one.key == key and now - one.posted_at < SAME_POST_FOR)
        if same is None:
            content = {"message": message, "props": {**body.get("props", {}), "from_bot": "true"}}
            same = Message(uuid4().hex[:26], str(channel), content, now, key)
            posts.append(same)
        return web.json_response(_shape(same), status=201)

    async def patch(self, request: web.Request) -> web.Response:
        """`PUT /posts/{id}/patch`."""
        refused = self._refused(request)
        body = await json_object(request) or {}
        post = self._find(request)
        if refused is None and post is None:
            refused = _error(404, "app.post.get.app_error", "Unable to get the post.")
        if refused is None and "message" in body:
            refused = _wrong_message(body["message"])
        if refused is None:
            refused = _wrong_props(body)
        if refused is None and post is not None and post.by is not None:
            refused = _error(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
        if refused is not None or post is None:
            return refused or web.Response(status=500)
        post.content = {**post.content, **{name: body[name] for name in ("message", "props") if name in body}}
        post.edits += 1
        return web.json_response(_shape(post))

    async def get(self, request: web.Request) -> web.Response:
        """`GET /posts/{id}`."""
        post = self._find(request)
        refused = self._refused(request)
        if refused is None and post is None:
            refused = _error(404, "app.post.get.app_error", "Unable to get the post.")
        return refused or web.json_response(_shape(post) if post else {})

    async def list_posts(self, request: web.Request) -> web.Response:
        """`GET /channels/{id}/posts`, newest first."""
        channel = request.match_info["channel"]
        refused = self._refused(request) or self._not_there(channel)
        if refused is not None:
            return refused
        size = min(int(request.query.get("per_page", "60")), 200)
        of_channel = (one for one in self.world.mattermost.posts if one.channel == channel and one.only_for is None)
        there = [one for one in of_channel if not one.deleted]
        shown = there[::-1][:size]
        return web.json_response(
            {"order": [one.id for one in shown], "posts": {one.id: _shape(one) for one in shown}, "next_post_id": ""}
        )

    async def press(self, request: web.Request) -> web.Response:
        """`{post, label, user, name}`: press a button as a person's client does; the server calls where it leads.

        -> `{status, answer}` of that call; 404 where there is no such post or button.
        """
        body = await json_object(request) or {}
        post = find(self.world.mattermost.posts, lambda one: one.id == body["post"] and not one.deleted)
        there = post.content["props"].get("attachments", []) if post is not None else []
        action = attachments.find(there, body["label"])
        if post is None or action is None:
            return _error(404, "api.post.do_action.action_id.app_error", "Invalid action id.")
        who, integration = Person(body["user"], body.get("name", body["user"])), action["integration"]
        headers, sent = mattermost_press(integration["context"], user=who, channel=post.channel, post=post.id)
        async with (
            ClientSession(trust_env=False) as session,
            session.post(integration["url"], headers=headers, data=sent, allow_redirects=False) as called,
        ):
            status, answer = called.status, await called.json(content_type=None) if called.status == 200 else {}
        self.take(answer or {}, post, who)
        return web.json_response({"status": status, "answer": answer})

    def take(self, answer: dict[str, Any], post: Message, who: Person) -> None:
        """Do what the answer to a press says: change the post, and show its presser a text."""
        changed = answer.get("update")
        if changed is not None:
            props = changed.get("props")
            post.content = {
                "message": changed.get("message", ""),
                "props": post.content["props"] if props is None else props,
            }
            post.edits += 1
        if answer.get("ephemeral_text"):
            content = {"message": answer["ephemeral_text"], "props": {}}
            now = self.world.clock.now()
            self.world.mattermost.posts.append(Message(uuid4().hex[:26], post.channel, content, now, only_for=who.id))

    async def me(self, request: web.Request) -> web.Response:
        """`GET /users/me`."""
        return self._refused(request) or web.json_response({"id": BOT, "username": "slipway", "is_bot": True})

    def _find(self, request: web.Request) -> Message | None:
        wanted = request.match_info["post"]
        return find(self.world.mattermost.posts, lambda one: one.id == wanted and not one.deleted)

    def _refused(self, request: web.Request) -> web.Response | None:
        if bearer(request) not in self.world.mattermost.tokens:
            return _error(401, "api.context.session_expired.app_error", "Invalid or expired session.")
        limit = self.world.mattermost.limit
        wait = limit.wait("", self.world.clock.now()) if limit is not None else None
        if wait is not None:
            headers = {"Retry-After": str(wait), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(wait)}
            return web.Response(status=429, text="limit exceeded", headers=headers)
        return None

    def _not_there(self, given: object) -> web.Response | None:
        if not isinstance(given, str) or not _ID.fullmatch(given):
            return _error(400, "api.context.invalid_body_param.app_error", "Invalid or missing channel_id.")
        channel = self.world.mattermost.channels.get(given)
        if channel is None or not channel.member:
            return _error(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")
        if channel.archived:
            return _error(400, "api.post.create_post.can_not_post_to_deleted.error", "Can not post to deleted channel.")
        return None


def _wrong_message(message: object) -> web.Response | None:
    if not isinstance(message, str) or not message:
        return _error(400, "api.context.invalid_body_param.app_error", "Invalid or missing message.")
    if len(message) > MAX_MESSAGE:
        return _error(400, "model.post.is_valid.message_length.app_error", "Post Message property is too long.")
    return None


def _wrong_props(body: dict[str, Any]) -> web.Response | None:
    """Refuse at once what the real server stores and then shows without a button, or cannot route."""
    wrong = attachments.mistakes(body.get("props", {}).get("attachments", []))
    if not wrong:
        return None
    return _error(400, "model.post.is_valid.props.app_error", "; ".join(wrong))


def _shape(post: Message) -> dict[str, Any]:
    return {
        "id": post.id,
        "create_at": _millis(post.posted_at),
        "edit_at": 1 if post.edits else 0,
        "delete_at": 0,
        "user_id": post.by or BOT,
        "channel_id": post.channel,
        "root_id": "",
        "type": "",
        **post.content,
        "props": attachments.without_integrations(post.content["props"]),
    }


def _millis(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _error(status: int, name: str, message: str) -> web.Response:
    body = {"id": name, "message": message, "detailed_error": "", "request_id": uuid4().hex, "status_code": status}
    return web.json_response(body, status=status)
