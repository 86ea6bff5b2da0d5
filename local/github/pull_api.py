"""The REST API's routes about pull requests: their heads, the activity of branches, and comments."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from local.github import pull_shapes, shapes
from local.github.answers import Refused, invalid, json_body, page
from local.github.api import Api, base_of
from local.github.callers import caller_of
from local.github.pulls import Comment, Pull
from local.github.repositories import Repository

MAX_COMMENT = 65_536

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PullApi:
    """The routes over the world of another API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        one_repository: list[tuple[str, str, Handler]] = [
            ("GET", r"/pulls/{number:\d+}", self.get_pull),
            ("GET", "/activity", self.list_activity),
            ("GET", r"/issues/{number:\d+}/comments", self.list_comments),
            ("POST", r"/issues/{number:\d+}/comments", self.create_comment),
            ("PATCH", r"/issues/comments/{comment:\d+}", self.edit_comment),
        ]
        prefixes = ["/repos/{owner}/{name}", r"/repositories/{id:\d+}"]
        return [
            *(web.route(method, prefix + path, to) for prefix in prefixes for method, path, to in one_repository),
            web.get("/user", self.get_user),
        ]

    async def get_user(self, request: web.Request) -> web.Response:
        """Get the authenticated user. An app's installation is none."""
        token = caller_of(request, self.api.world).token
        if token is None:
            raise Refused(401, "Requires authentication")
        if token.app is not None:
            raise Refused(403, "Resource not accessible by integration")
        return web.json_response(shapes.whole_user(base_of(request), token.login))

    async def get_pull(self, request: web.Request) -> web.Response:
        """Get a pull request."""
        repository, pull = self._pull(request, "read")
        head = self.api.world.repositories.get(pull.head_repository or 0)
        sha = self.api.world.head_of(pull)
        return web.json_response(pull_shapes.pull(base_of(request), repository, pull, sha, head))

    async def list_activity(self, request: web.Request) -> web.Response:
        """List repository activities, newest first, perhaps of one branch: its whole name or the short one."""
        repository = self.api.repository(request, "contents", "read")
        ref = request.query.get("ref")
        whole = ref if ref is None or ref.startswith("refs/") else f"refs/heads/{ref}"
        found = [one for one in reversed(repository.activities) if whole in {None, one.ref}]
        return page(request, [pull_shapes.activity(base_of(request), one) for one in found])

    async def list_comments(self, request: web.Request) -> web.Response:
        """List issue comments, oldest first; `since` leaves out those that were last changed before."""
        repository, pull = self._pull(request, "read")
        since = request.query.get("since", "")
        found = [
            pull_shapes.comment(base_of(request), repository, one)
            for one in repository.comments.values()
            if one.number == pull.number and one.updated_at >= since
        ]
        return page(request, found)

    async def create_comment(self, request: web.Request) -> web.Response:
        """Create an issue comment."""
        repository, pull = self._pull(request, "write")
        body = _checked((await json_body(request)).get("body"))
        token = caller_of(request, self.api.world).token
        author, app = (token.login, token.app) if token is not None else ("ghost", None)
        made = self.api.world.comment(repository, pull.number, author, body, app=app)
        return web.json_response(pull_shapes.comment(base_of(request), repository, made), status=201)

    async def edit_comment(self, request: web.Request) -> web.Response:
        """Update an issue comment. Whoever may write may edit anybody's."""
        repository = self.api.repository(request, "pull_requests", "write")
        comment: Comment | None = repository.comments.get(int(request.match_info["comment"]))
        if comment is None:
            raise Refused(404, "Not Found")
        self.api.world.edit_comment(comment, _checked((await json_body(request)).get("body")))
        return web.json_response(pull_shapes.comment(base_of(request), repository, comment))

    def _pull(self, request: web.Request, level: str) -> tuple[Repository, Pull]:
        repository = self.api.repository(request, "pull_requests", level)
        pull = repository.pulls.get(int(request.match_info["number"]))
        if pull is None:
            raise Refused(404, "Not Found")
        return repository, pull


def _checked(body: object) -> str:
    if not isinstance(body, str) or not body.strip():
        raise invalid("IssueComment", "body", "body cannot be blank")
    if len(body) > MAX_COMMENT:
        raise invalid("IssueComment", "body", f"body is too long (maximum is {MAX_COMMENT} characters)")
    return body
