"""Whether what the fake GitHub takes and answers is what GitHub publishes about the call."""

import json

from aiohttp import web

from local.github.answers import published_call
from local.github.schemas.published import answer_mistakes, query_mistakes, unknown_fields

BEYOND = (
    "assets[0].state: 'starter' is not one of",  # an upload that broke off; *Upload a release asset* says so in words
    ".head.repo: None is not of type",  # a pull request whose fork is gone
    ".head.user: None is not of type",
)
"""What GitHub is known to answer although its description does not say so."""


class Fitting:
    """Looks at calls and their answers, and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    async def look(self, request: web.Request, response: web.StreamResponse) -> None:
        """Compare a call that GitHub describes.

        What was taken has no field and no parameter that GitHub would pass over. An answer has a schema where it is
        JSON: a download and an id alone have none.
        """
        call = published_call(request)
        if call is None:
            return
        found = query_mistakes(call, request.query)
        if response.status < 300 and await request.read():
            found += unknown_fields(call, await request.json())
        if isinstance(response, web.Response) and response.content_type == "application/json":
            found += answer_mistakes(call, response.status, json.loads(response.text or ""))
        self.mistakes += [f"{call} {response.status} {one}" for one in found if not any(so in one for so in BEYOND)]
