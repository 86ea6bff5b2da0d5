"""A Workflows webhook of Teams: takes an Adaptive Card in its envelope.

The real one answers 202 before it looks at the card, and a bad card shows nowhere but in the workflow's history. This
one says 400 at once, so that a test sees it.
"""

import json

from aiohttp import web

from local.chat import adaptive_card
from local.chat.answers import json_object
from local.chat.world import Message, World

CARD = "application/vnd.microsoft.card.adaptive"


class TeamsRoutes:
    """The routes over one world, below `/teams`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        return [web.post("/teams/workflows/{id}/triggers/manual/paths/invoke", self.invoke)]

    async def invoke(self, request: web.Request) -> web.Response:
        """Begin the workflow: 202, and nothing that the card could be found by."""
        workflow = self.world.workflows.get(request.match_info["id"])
        if workflow is None:
            return _error(404, "WorkflowNotFound", "The workflow could not be found.")
        if request.query.get("sig") != workflow.signature:
            return _error(401, "DirectApiAuthorizationRequired", "The request must be authenticated.")
        if not workflow.enabled:
            return _error(400, "WorkflowTriggerIsNotEnabled", "The workflow is not enabled.")
        body = await json_object(request)
        wrong = _mistakes(body)
        if wrong or body is None:
            return _error(400, "TriggerInputSchemaMismatch", "; ".join(wrong))
        card = body["attachments"][0]["content"]
        workflow.cards.append(Message(str(self.world.next_number()), workflow.id, card, self.world.clock.now()))
        return web.Response(status=202)


def _mistakes(body: object) -> list[str]:
    if not isinstance(body, dict) or body.get("type") != "message":
        return ["the envelope must be of type message"]
    attachments = body.get("attachments")
    if not isinstance(attachments, list) or len(attachments) != 1 or not isinstance(attachments[0], dict):
        return ["attachments must be a list with one card"]
    if attachments[0].get("contentType") != CARD:
        return [f"contentType must be {CARD}"]
    if len(json.dumps(body, ensure_ascii=False).encode()) > adaptive_card.MAX_BYTES:
        return [f"the message is larger than {adaptive_card.MAX_BYTES} bytes"]
    return adaptive_card.mistakes(attachments[0].get("content"))


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
