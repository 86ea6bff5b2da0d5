"""Mattermost's REST API, for what a bot that reports needs."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from aiohttp import web

from local.chat.answers import bearer, json_object
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
        ]

    async def create(self, request: web.Request) -> web.Response:
        """`POST /posts`."""
        body = await json_object(request) or {}
        channel, message = body.get("channel_id"), body.get("message")
        refused = self._refused(request) or self._not_there(channel) or _wrong_message(message)
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
        there = [one for one in self.world.mattermost.posts if one.channel == channel and not one.deleted]
        shown = there[::-1][:size]
        return web.json_response(
            {"order": [one.id for one in shown], "posts": {one.id: _shape(one) for one in shown}, "next_post_id": ""}
        )

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


def _shape(post: Message) -> dict[str, Any]:
    return {
        "id": post.id,
        "create_at": _millis(post.posted_at),
        "edit_at": 1 if post.edits else 0,
        "delete_at": 0,
        "user_id": BOT,
        "channel_id": post.channel,
        "root_id": "",
        "type": "",
        **post.content,
    }


def _millis(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _error(status: int, name: str, message: str) -> web.Response:
    body = {"id": name, "message": message, "detailed_error": "", "request_id": uuid4().hex, "status_code": status}
    return web.json_response(body, status=status)
