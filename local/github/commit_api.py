"""The REST API's routes about what others say of a commit: check runs and statuses."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from local.github import commit_shapes
from local.github.answers import Refused, json_body, page, part_of
from local.github.api import Api, base_of
from local.github.commits import latest_runs, latest_statuses

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CommitApi:
    """The routes over the world of another API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def routes(self) -> list[web.RouteDef]:
        """Return all routes. They come before those for a commit, whose name may have slashes."""
        one_repository: list[tuple[str, str, Handler]] = [
            ("GET", "/commits/{ref:.+}/check-runs", self.list_check_runs),
            ("GET", "/commits/{ref:.+}/status", self.get_combined_status),
            ("GET", "/commits/{ref:.+}/statuses", self.list_statuses),
            ("POST", "/statuses/{sha}", self.create_status),
        ]
        prefixes = ["/repos/{owner}/{name}", r"/repositories/{id:\d+}"]
        return [web.route(method, prefix + path, to) for prefix in prefixes for method, path, to in one_repository]

    async def list_check_runs(self, request: web.Request) -> web.Response:
        """List check runs for a git reference: by default the latest of each name and suite."""
        repository = self.api.repository(request, "checks", "read")
        sha = repository.resolve(request.match_info["ref"])
        if sha is None:
            raise Refused(422, f"No commit found for SHA: {request.match_info['ref']}")
        runs = sorted(repository.check_runs.get(sha, []), key=lambda run: -run.id)
        if request.query.get("filter", "latest") == "latest":
            runs = latest_runs(runs)
        if "check_name" in request.query:
            runs = [run for run in runs if run.name == request.query["check_name"]]
        shown, headers = part_of(request, runs)
        written = [commit_shapes.check_run(base_of(request), repository, run) for run in shown]
        return web.json_response({"total_count": len(runs), "check_runs": written}, headers=headers)

    async def get_combined_status(self, request: web.Request) -> web.Response:
        """Get the combined status for a reference: the latest of each context."""
        repository = self.api.repository(request, "statuses", "read")
        sha = repository.resolve(request.match_info["ref"])
        if sha is None:
            raise Refused(404, "Not Found")
        statuses = latest_statuses(repository.commit_statuses.get(sha, []))
        shown, headers = part_of(request, statuses)
        base = base_of(request)
        written = [commit_shapes.commit_status(base, repository, sha, one) for one in shown]
        return web.json_response(
            commit_shapes.combined_status(base, repository, sha, written, statuses), headers=headers
        )

    async def list_statuses(self, request: web.Request) -> web.Response:
        """List commit statuses for a reference, newest first."""
        repository = self.api.repository(request, "statuses", "read")
        sha = repository.resolve(request.match_info["ref"])
        if sha is None:
            raise Refused(404, "Not Found")
        newest_first = sorted(repository.commit_statuses.get(sha, []), key=lambda one: -one.id)
        base = base_of(request)
        return page(request, [commit_shapes.listed_status(base, repository, sha, one) for one in newest_first])

    async def create_status(self, request: web.Request) -> web.Response:
        """Create a commit status."""
        repository = self.api.repository(request, "statuses", "write")
        body, sha = await json_body(request), request.match_info["sha"]
        if repository.resolve(sha) != sha:
            raise Refused(422, f"No commit found for SHA: {sha}")
        made = self.api.world.mark(
            repository, sha, body.get("context", "default"), body["state"], description=body.get("description")
        )
        return web.json_response(commit_shapes.new_status(base_of(request), repository, sha, made), status=201)
