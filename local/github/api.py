"""The REST API's routes, with the rules that GitHub documents beside the schemas of its calls."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from local.github import ref_shapes, shapes
from local.github.answers import Refused, invalid, json_body, page
from local.github.callers import app_of, caller_of
from local.github.downloads import send_content, sign_address
from local.github.releases import Asset, Release
from local.github.repositories import Deployment, Repository
from local.github.world import World

MAX_DESCRIPTION = 140
MAX_RELEASE_BODY = 125_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The routes over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        """Return all routes. A repository is reached by its name and by its number."""
        one_repository: list[tuple[str, str, Handler]] = [
            ("GET", "", self.get_repository),
            ("GET", "/installation", self.get_installation),
            ("GET", "/releases", self.list_releases),
            ("GET", r"/releases/{release:\d+}", self.get_release),
            ("PATCH", r"/releases/{release:\d+}", self.edit_release),
            ("GET", r"/releases/{release:\d+}/assets", self.list_assets),
            ("GET", r"/releases/assets/{asset:\d+}", self.get_asset),
            ("GET", "/releases/tags/{tag:.+}", self.get_release_by_tag),
            ("GET", "/commits/{ref:.+}", self.get_commit),
            ("GET", "/deployments", self.list_deployments),
            ("POST", "/deployments", self.create_deployment),
            ("GET", r"/deployments/{deployment:\d+}", self.get_deployment),
            ("GET", r"/deployments/{deployment:\d+}/statuses", self.list_statuses),
            ("POST", r"/deployments/{deployment:\d+}/statuses", self.create_status),
        ]
        prefixes = ["/repos/{owner}/{name}", r"/repositories/{id:\d+}"]
        return [
            *(web.route(method, prefix + path, to) for prefix in prefixes for method, path, to in one_repository),
            web.post(r"/app/installations/{installation:\d+}/access_tokens", self.create_token),
            web.get("/_storage/{key}", self.download),
        ]

    async def get_repository(self, request: web.Request) -> web.Response:
        """Get a repository."""
        repository = self.repository(request, "metadata", "read")
        return web.json_response(shapes.whole_repository(base_of(request), repository))

    async def get_installation(self, request: web.Request) -> web.Response:
        """Get a repository installation for the authenticated app."""
        app = app_of(request, self.world)
        repository = self._find(request)
        installation = None if repository is None else app.installations.get(repository.full_name.lower())
        if repository is None or installation is None:
            raise Refused(404, "Not Found")
        return web.json_response(shapes.installation(base_of(request), repository, app, installation))

    async def create_token(self, request: web.Request) -> web.Response:
        """Create an installation access token for an app."""
        app = app_of(request, self.world)
        installation = int(request.match_info["installation"])
        installed = [name for name, number in app.installations.items() if number == installation]
        if not installed:
            raise Refused(404, "Not Found")
        body = await json_body(request) if await request.read() else {}
        asked = {name.lower() for name in body.get("repositories", [])}
        narrowed = [name for name in installed if not asked or name.partition("/")[2] in asked]
        if len(narrowed) < len(asked):
            raise Refused(422, "There is at least one repository that does not exist or is not accessible.")
        permissions = body.get("permissions") or app.permissions
        if any(app.permissions.get(name) not in {level, "write"} for name, level in permissions.items()):
            raise Refused(422, "The permissions requested are not granted to this installation.")
        token, expires_at = self.world.mint_token(narrowed, permissions)
        expiry = expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": token, "expires_at": expiry, "permissions": permissions}, status=201)

    async def list_releases(self, request: web.Request) -> web.Response:
        """List releases, newest first."""
        repository = self.repository(request, "contents", "read")
        newest_first = sorted(repository.releases.values(), key=lambda one: -one.id)
        return page(request, [shapes.release(base_of(request), repository, one) for one in newest_first])

    async def get_release(self, request: web.Request) -> web.Response:
        """Get a release."""
        repository, release = self._release(request, "read")
        return web.json_response(shapes.release(base_of(request), repository, release))

    async def get_release_by_tag(self, request: web.Request) -> web.Response:
        """Get a release by tag name. Drafts have none."""
        repository = self.repository(request, "contents", "read")
        for release in repository.releases.values():
            if release.tag == request.match_info["tag"] and not release.draft:
                return web.json_response(shapes.release(base_of(request), repository, release))
        raise Refused(404, "Not Found")

    async def edit_release(self, request: web.Request) -> web.Response:
        """Update a release: what is given changes, the rest stays."""
        repository, release = self._release(request, "write")
        body = await json_body(request)
        text = body.get("body", release.body)
        if len(text or "") > MAX_RELEASE_BODY:
            raise invalid("Release", "body", f"body is too long (maximum is {MAX_RELEASE_BODY} characters)")
        release.body = text
        release.name = body.get("name", release.name)
        return web.json_response(shapes.release(base_of(request), repository, release))

    async def list_assets(self, request: web.Request) -> web.Response:
        """List release assets."""
        repository, release = self._release(request, "read")
        return page(request, [shapes.asset(base_of(request), repository, release, one) for one in release.assets])

    async def get_asset(self, request: web.Request) -> web.Response:
        """Get a release asset; as bytes, GitHub sends elsewhere."""
        repository = self.repository(request, "contents", "read")
        release, asset = self._asset(repository, int(request.match_info["asset"]))
        if request.headers.get("Accept") != "application/octet-stream":
            return web.json_response(shapes.asset(base_of(request), repository, release, asset))
        return web.Response(status=302, headers={"Location": sign_address(request, self.world, asset)})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send an asset's bytes to who has the signed address, and no token beside it."""
        asset_id = self.world.download_keys.get(request.match_info["key"])
        if asset_id is None:
            raise Refused(403, "Signature not valid")
        if "Authorization" in request.headers:
            raise Refused(400, "Only one auth mechanism allowed")
        for repository in self.world.repositories.values():
            for release in repository.releases.values():
                for asset in release.assets:
                    if asset.id == asset_id:
                        return await send_content(request, self.world, asset)
        raise Refused(404, "Not Found")

    async def get_commit(self, request: web.Request) -> web.Response:
        """Get a commit, or only its id."""
        repository = self.repository(request, "contents", "read")
        ref = request.match_info["ref"]
        commit = repository.resolve(ref)
        if commit is None:
            raise Refused(422, f"No commit found for SHA: {ref}")
        if request.headers.get("Accept") == "application/vnd.github.sha":
            return web.Response(text=commit, content_type="application/vnd.github.sha")
        return web.json_response(ref_shapes.commit(base_of(request), repository, commit))

    async def list_deployments(self, request: web.Request) -> web.Response:
        """List deployments, newest first, filtered by sha, ref, task and environment."""
        repository = self.repository(request, "deployments", "read")
        wanted = {name: request.query[name] for name in ("ref", "task", "environment") if name in request.query}
        sha = request.query.get("sha")
        found = [
            shapes.deployment(base_of(request), repository, one)
            for one in sorted(repository.deployments.values(), key=lambda one: -one.id)
            if all(one.fields[name] == value for name, value in wanted.items()) and sha in {None, one.sha}
        ]
        return page(request, found)

    async def create_deployment(self, request: web.Request) -> web.Response:
        """Create a deployment."""
        repository = self.repository(request, "deployments", "write")
        body = await json_body(request)
        ref = body["ref"]
        if not ref:
            raise invalid("Deployment", "ref", "ref can't be blank")
        sha = repository.resolve(ref)
        if sha is None:
            raise Refused(422, f"No ref found for: {ref}")
        if body.get("required_contexts") is None:
            raise Refused(409, "Conflict: Commit status checks failed for " + ref)
        if body.get("auto_merge", True) and ref in repository.branches and ref != "main":
            return web.json_response({"message": f"Auto-merged main into {ref} on deployment."}, status=202)
        environment = body.get("environment", "production")
        fields = {
            "ref": ref,
            "task": body.get("task", "deploy"),
            "payload": body.get("payload", {}),
            "environment": environment,
            "description": body.get("description"),
            "transient_environment": body.get("transient_environment", False),
            "production_environment": body.get("production_environment", environment == "production"),
        }
        deployment = self.world.deploy(repository, fields, sha)
        return web.json_response(shapes.deployment(base_of(request), repository, deployment), status=201)

    async def get_deployment(self, request: web.Request) -> web.Response:
        """Get a deployment."""
        repository, deployment = self._deployment(request, "read")
        return web.json_response(shapes.deployment(base_of(request), repository, deployment))

    async def list_statuses(self, request: web.Request) -> web.Response:
        """List deployment statuses, newest first."""
        repository, deployment = self._deployment(request, "read")
        base = base_of(request)
        newest_first = reversed(deployment.statuses)
        return page(request, [shapes.status(base, repository, deployment, one) for one in newest_first])

    async def create_status(self, request: web.Request) -> web.Response:
        """Create a deployment status."""
        repository, deployment = self._deployment(request, "write")
        body = await json_body(request)
        if len(body.get("description") or "") > MAX_DESCRIPTION:
            message = f"description is too long (maximum is {MAX_DESCRIPTION} characters)"
            raise invalid("DeploymentStatus", "description", message)
        if body.get("log_url") and urlsplit(body["log_url"]).scheme not in {"http", "https"}:
            raise invalid("DeploymentStatus", "log_url", "log_url must use http(s) scheme")
        status = self.world.add_status(repository, deployment, body)
        return web.json_response(shapes.status(base_of(request), repository, deployment, status), status=201)

    def repository(self, request: web.Request, permission: str, level: str) -> Repository:
        """Find the repository of a call, and refuse who may not do this there."""
        caller = caller_of(request, self.world)
        repository = self._find(request)
        if repository is None:
            raise Refused(404, "Not Found")
        caller.require(repository, permission, level)
        return repository

    def _find(self, request: web.Request) -> Repository | None:
        if "id" in request.match_info:
            return self.world.repositories.get(int(request.match_info["id"]))
        owner, name = request.match_info["owner"], request.match_info["name"]
        found = self.world.find(f"{owner}/{name}")
        if found is None and (moved := self.world.find_renamed(f"{owner}/{name}")):
            rest = request.path_qs.partition(f"/{owner}/{name}")[2]
            status = 301 if request.method == "GET" else 307
            raise Moved(status, f"{base_of(request)}/repositories/{moved.id}{rest}")
        return found

    def _release(self, request: web.Request, level: str) -> tuple[Repository, Release]:
        repository = self.repository(request, "contents", level)
        release = repository.releases.get(int(request.match_info["release"]))
        if release is None:
            raise Refused(404, "Not Found")
        return repository, release

    def _asset(self, repository: Repository, number: int) -> tuple[Release, Asset]:
        for release in repository.releases.values():
            for asset in release.assets:
                if asset.id == number:
                    return release, asset
        raise Refused(404, "Not Found")

    def _deployment(self, request: web.Request, level: str) -> tuple[Repository, Deployment]:
        repository = self.repository(request, "deployments", level)
        deployment = repository.deployments.get(int(request.match_info["deployment"]))
        if deployment is None:
            raise Refused(404, "Not Found")
        return repository, deployment


class Moved(Exception):
    """The repository has another name now."""

    def __init__(self, status: int, location: str) -> None:
        super().__init__(location)
        self.status = status
        self.location = location


def base_of(request: web.Request) -> str:
    """Return the address under which the caller reaches this server."""
    return f"{request.scheme}://{request.host}"
