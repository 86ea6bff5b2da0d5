"""The REST API's routes about branches, tags and how commits relate to each other."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from local.github import ref_shapes
from local.github.answers import Refused, page
from local.github.api import Api, base_of
from local.github.commits import compare

MOST_LISTED = 250
"""Commits that a comparison shows."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RefApi:
    """The routes over the world of another API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        one_repository: list[tuple[str, str, Handler]] = [
            ("GET", "/compare/{basehead:.+}", self.compare_commits),
            ("GET", "/tags", self.list_tags),
            ("GET", "/git/ref/{ref:.+}", self.get_ref),
            ("GET", "/git/matching-refs/{ref:.+}", self.list_matching_refs),
        ]
        prefixes = ["/repos/{owner}/{name}", r"/repositories/{id:\d+}"]
        return [web.route(method, prefix + path, to) for prefix in prefixes for method, path, to in one_repository]

    async def compare_commits(self, request: web.Request) -> web.Response:
        """Compare two commits: branches, tags or SHAs of this repository, or of any in its network."""
        repository = self.api.repository(request, "contents", "read")
        names = request.match_info["basehead"].split("...")
        if len(names) != 2:
            raise Refused(404, "Not Found")
        base, head = (repository.resolve(name) for name in names)
        if base is None or head is None:
            raise Refused(404, "Not Found")
        comparison = compare(repository.network, base, head)
        if comparison is None:
            raise Refused(404, f"No common ancestor between {names[0]} and {names[1]}.")
        written = ref_shapes.comparison(base_of(request), repository, base, head, comparison)
        size = min(int(request.query.get("per_page", MOST_LISTED)), MOST_LISTED)
        return web.json_response({**written, "commits": written["commits"][:size]})

    async def list_tags(self, request: web.Request) -> web.Response:
        """List repository tags, the names backwards, each with its commit."""
        repository = self.api.repository(request, "contents", "read")
        base = base_of(request)
        return page(request, [ref_shapes.tag(base, repository, name) for name in sorted(repository.tags, reverse=True)])

    async def get_ref(self, request: web.Request) -> web.Response:
        """Get a reference, by its whole name."""
        repository = self.api.repository(request, "contents", "read")
        name = f"refs/{request.match_info['ref']}"
        for ref, sha in repository.refs.items():
            if ref == name:
                return web.json_response(ref_shapes.reference(base_of(request), repository, ref, sha))
        raise Refused(404, "Not Found")

    async def list_matching_refs(self, request: web.Request) -> web.Response:
        """List references that begin so: all at once, however many there are."""
        repository = self.api.repository(request, "contents", "read")
        beginning = f"refs/{request.match_info['ref']}"
        base = base_of(request)
        found = [one for one in sorted(repository.refs.items()) if one[0].startswith(beginning)]
        return web.json_response([ref_shapes.reference(base, repository, ref, sha) for ref, sha in found])
