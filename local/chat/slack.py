"""Slack's Web API and response URLs, for what a bot that reports needs. Errors come with HTTP 200 and `ok: false`."""

from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from local.chat import block_kit
from local.chat.answers import Limit, bearer, json_object
from local.chat.world import REPLY_USES, REPLY_VALID_FOR, Channel, Message, World, find

MAX_TEXT = 40_000
"""Characters of `text`; Slack cuts longer ones, this refuses them."""


class SlackRoutes:
    """The routes over one world, below `/slack`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        return [
            web.post("/slack/api/chat.postMessage", self.post_message),
            web.post("/slack/api/chat.update", self.update),
            web.post("/slack/api/auth.test", self.auth_test),
            web.get("/slack/api/usergroups.users.list", self.list_group),
            web.post("/slack/api/usergroups.users.list", self.list_group),
            web.post("/slack/api/{method}", self.unknown_method),
            web.post("/slack/commands/{team}/{number}/{secret}", self.respond),
            web.post("/slack/actions/{team}/{number}/{secret}", self.respond),
        ]

    async def post_message(self, request: web.Request) -> web.Response:
        """`chat.postMessage`."""
        body = await _arguments(request)
        refused = self._refused(request, "chat:write") or self._no_channel(request, body.get("channel"))
        if refused is not None:
            return refused
        channel = str(body["channel"])
        limited = self._limited(self.world.slack.posts, channel)
        if limited is not None:
            return limited
        wrong = _wrong_content(body)
        if wrong is not None:
            return wrong
        key = body.get("client_msg_id")
        same = find(self.world.slack.messages, lambda one: key is not None and (one.channel, one.key) == (channel, key))
        if same is not None and same.deleted:
            return _error("duplicate_message_not_found")
        if same is None:
            same = Message(self.world.next_ts(), channel, _content(body), self.world.clock.now(), key)
            self.world.slack.messages.append(same)
        return web.json_response({"ok": True, "channel": channel, "ts": same.id, "message": same.content})

    async def update(self, request: web.Request) -> web.Response:
        """`chat.update`."""
        body = await _arguments(request)
        refused = self._refused(request, "chat:write") or self._no_channel(request, body.get("channel"))
        if refused is not None:
            return refused
        limited = self._limited(self.world.slack.updates, "chat.update")
        if limited is not None:
            return limited
        channel, ts = body["channel"], body.get("ts")
        message = find(self.world.slack.messages, lambda one: (one.channel, one.id) == (channel, ts))
        if message is None or message.deleted or message.only_for is not None:
            return _error("message_not_found")
        wrong = _wrong_content(body)
        if wrong is not None:
            return wrong
        message.content = _content(body)
        message.edits += 1
        return web.json_response({"ok": True, "channel": channel, "ts": ts, "text": message.content["text"]})

    async def auth_test(self, request: web.Request) -> web.Response:
        """`auth.test`."""
        return self._refused(request, None) or web.json_response({"ok": True, "team_id": "T0TEAM", "user_id": "U0BOT"})

    async def list_group(self, request: web.Request) -> web.Response:
        """`usergroups.users.list`. Arguments in the query or a form; JSON is not read here."""
        arguments = dict(request.query) if request.method == "GET" else dict(parse_qsl(await request.text()))
        refused = self._refused(request, "usergroups:read")
        if refused is not None:
            return refused
        limited = self._limited(self.world.slack.groups_asked, "usergroups.users.list")
        if limited is not None:
            return limited
        users = self.world.slack.groups.get(arguments.get("usergroup", ""))
        if users is None:
            return _error("no_such_subteam")
        return web.json_response({"ok": True, "users": users})

    async def unknown_method(self, _request: web.Request) -> web.Response:
        """Answer every other method."""
        return _error("unknown_method")

    async def respond(self, request: web.Request) -> web.Response:
        """Post through a `response_url`: 5 times, 30 minutes."""
        reply = self.world.slack.replies.get(request.path)
        if reply is None:
            return _error("invalid_url", 404)
        now = self.world.clock.now()
        if now - reply.given_at >= REPLY_VALID_FOR:
            return _error("expired_url", 404)
        if reply.uses >= REPLY_USES:
            return _error("used_url", 404)
        body = await _arguments(request)
        wrong = _wrong_content(body)
        if wrong is not None:
            return wrong
        reply.uses += 1
        only_for = None if body.get("response_type") == "in_channel" else reply.user
        if body.get("replace_original") is True and reply.last is not None:
            reply.last.content = _content(body)
            reply.last.edits += 1
        else:
            reply.last = Message(self.world.next_ts(), reply.channel, _content(body), now, only_for=only_for)
            self.world.slack.messages.append(reply.last)
        return web.json_response({"ok": True})

    def _refused(self, request: web.Request, scope: str | None) -> web.Response | None:
        token = bearer(request)
        if token is None:
            return _error("not_authed")
        scopes = self.world.slack.tokens.get(token)
        if scopes is None:
            return _error("invalid_auth")
        if scope is not None and scope not in scopes:
            return web.json_response(
                {"ok": False, "error": "missing_scope", "needed": scope, "provided": ",".join(sorted(scopes))}
            )
        return None

    def _no_channel(self, request: web.Request, given: object) -> web.Response | None:
        channel: Channel | None = self.world.slack.channels.get(str(given))
        if channel is None or (channel.private and not channel.member):
            return _error("channel_not_found")
        if channel.archived:
            return _error("is_archived")
        if not channel.member and "chat:write.public" not in self.world.slack.tokens[bearer(request) or ""]:
            return _error("not_in_channel")
        return None

    def _limited(self, limit: Limit | None, key: str) -> web.Response | None:
        wait = limit.wait(key, self.world.clock.now()) if limit is not None else None
        if wait is None:
            return None
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait)})


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Read arguments, JSON or a form."""
    if request.content_type == "application/json":
        return await json_object(request) or {}
    return dict(parse_qsl(await request.text()))


def _wrong_content(body: dict[str, Any]) -> web.Response | None:
    text, blocks = body.get("text"), body.get("blocks")
    if not text and not blocks:
        return _error("no_text")
    if text is not None and (not isinstance(text, str) or len(text) > MAX_TEXT):
        return _error("msg_too_long")
    wrong = block_kit.mistakes(blocks) if blocks is not None else []
    if wrong:
        return web.json_response(
            {"ok": False, "error": "invalid_blocks", "errors": wrong, "response_metadata": {"messages": wrong}}
        )
    return None


def _content(body: dict[str, Any]) -> dict[str, Any]:
    return {"text": body.get("text", ""), "blocks": body.get("blocks", [])}


def _error(name: str, status: int = 200) -> web.Response:
    return web.json_response({"ok": False, "error": name}, status=status)
