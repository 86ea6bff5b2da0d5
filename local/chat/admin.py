"""`/_chat/`: what people and administrators would do by hand, and what a test or a demo wants to see or break."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from local.chat.answers import Fault, Limit, json_object
from local.chat.rendering import render_message
from local.chat.world import Channel, Message, World


class Admin:
    """The routes over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        return [
            web.get("/_slack/messages", self.slack_messages),
            web.get("/_mattermost/posts", self.mattermost_posts),
            web.get("/_teams/cards", self.teams_cards),
            web.post("/_slack/channels", self.add_slack_channel),
            web.post("/_mattermost/channels", self.add_mattermost_channel),
            web.post("/_slack/groups", self.set_group),
            web.post("/_slack/replies", self.add_reply),
            web.post("/_chat/limits", self.set_limits),
            web.post("/_chat/clock", self.forward_clock),
            web.post("/_chat/faults", self.add_fault),
            web.delete("/_chat/faults", self.clear_faults),
            web.get("/_chat/log", self.get_log),
            web.delete("/_chat/log", self.clear_log),
        ]

    async def slack_messages(self, _: web.Request) -> web.Response:
        """Return the messages in Slack, oldest first: id, channel, text, edits, and what a person sees."""
        return web.json_response([_shown(one) for one in self.world.slack.messages if not one.deleted])

    async def mattermost_posts(self, _: web.Request) -> web.Response:
        """Return the posts in Mattermost, oldest first."""
        return web.json_response([_shown(one) for one in self.world.mattermost.posts if not one.deleted])

    async def teams_cards(self, _: web.Request) -> web.Response:
        """Return the cards in Teams, oldest first."""
        cards = [card for workflow in self.world.workflows.values() for card in workflow.cards]
        return web.json_response([_shown(one) for one in cards])

    async def add_slack_channel(self, request: web.Request) -> web.Response:
        """`{id, name?, member?, private?, archived?}`; one that is there is changed."""
        body = await json_object(request) or {}
        self.world.slack.channels[body["id"]] = _channel(body)
        return web.json_response({}, status=201)

    async def add_mattermost_channel(self, request: web.Request) -> web.Response:
        """`{id, name?, member?, archived?}`; one that is there is changed."""
        body = await json_object(request) or {}
        self.world.mattermost.channels[body["id"]] = _channel(body)
        return web.json_response({}, status=201)

    async def set_group(self, request: web.Request) -> web.Response:
        """`{id, users}`: who is in a user group."""
        body = await json_object(request) or {}
        self.world.slack.groups[body["id"]] = list(body["users"])
        return web.json_response({}, status=201)

    async def add_reply(self, request: web.Request) -> web.Response:
        """`{channel, user?, kind?}` -> `{response_url, as_sent}`: where it is served, and what Slack would send."""
        body = await json_object(request) or {}
        reply = self.world.add_reply(body["channel"], body.get("user", "U0ASKER"), body.get("kind", "commands"))
        as_sent = f"https://hooks.slack.com{reply.path.removeprefix('/slack')}"
        return web.json_response({"response_url": f"http://{request.host}{reply.path}", "as_sent": as_sent}, status=201)

    async def set_limits(self, request: web.Request) -> web.Response:
        """`{slack_posts?, slack_updates?, mattermost?}`, each `{most, window_s}` or null for none."""
        body = await json_object(request) or {}
        if "slack_posts" in body:
            self.world.slack.posts = _limit(body["slack_posts"])
        if "slack_updates" in body:
            self.world.slack.updates = _limit(body["slack_updates"])
        if "mattermost" in body:
            self.world.mattermost.limit = _limit(body["mattermost"])
        return web.json_response({})

    async def forward_clock(self, request: web.Request) -> web.Response:
        """`{seconds}`: let time pass."""
        body = await json_object(request) or {}
        self.world.clock.forward(timedelta(seconds=body["seconds"]))
        return web.json_response({})

    async def add_fault(self, request: web.Request) -> web.Response:
        """`{path, status, times?, headers?, body?, skip?, after?}`: answers in place of the true ones; 0 hangs up."""
        self.world.faults.append(Fault(**(await json_object(request) or {})))
        return web.json_response({}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """Forget all faults."""
        self.world.faults.clear()
        return web.Response(status=204)

    async def get_log(self, _: web.Request) -> web.Response:
        """Return every call that was made, oldest first."""
        return web.json_response(self.world.log)

    async def clear_log(self, _: web.Request) -> web.Response:
        """Forget the calls."""
        self.world.log.clear()
        return web.Response(status=204)


def _channel(body: dict[str, Any]) -> Channel:
    return Channel(
        body["id"],
        body.get("name", body["id"].lower()),
        member=body.get("member", True),
        private=body.get("private", False),
        archived=body.get("archived", False),
    )


def _limit(given: dict[str, Any] | None) -> Limit | None:
    return Limit(given["most"], timedelta(seconds=given["window_s"])) if given else None


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.channel,
        "edits": message.edits,
        "only_for": message.only_for,
        "content": message.content,
        "shown": render_message(message),
    }
