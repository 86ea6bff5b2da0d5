"""Somebody with write access who waits for one call of the API and strikes: the tag moves, the files are others."""

import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.github.answers import Refused, json_body
from local.github.assets import Given
from local.github.releases import Asset
from local.github.repositories import Repository
from local.github.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Ambush:
    """What happens at one call about a repository."""

    repository: int
    call: int
    """Its number among the calls about the repository, from 1."""
    after: bool
    """Whether the call is carried out first, so that its answer is from before."""
    tag: str
    """It leads to a new commit on `main` from then on."""
    assets: Sequence[Asset]
    """What the release of the tag has from then on, in place of its files."""


class Ambushes:
    """All that wait, and how often each repository was called about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[Ambush] = []
        self._calls: dict[int, int] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of `/_github/`."""
        return [web.post("/_github/ambushes", self.lay), web.get("/_github/ambushes", self.count)]

    async def lay(self, request: web.Request) -> web.Response:
        """`{repository, call, after?, tag, assets: [{name, content_base64}]}`: calls are counted from now on."""
        body = await json_body(request)
        repository = self._named(body["repository"])
        assets = [
            self._world.asset(one["name"], Given(base64.b64decode(one["content_base64"]))) for one in body["assets"]
        ]
        self._waiting.append(Ambush(repository.id, body["call"], body.get("after", False), body["tag"], assets))
        self._calls[repository.id] = 0
        return web.json_response({}, status=201)

    async def count(self, request: web.Request) -> web.Response:
        """Say how many calls were about `?repository=`."""
        return web.json_response({"calls": self._calls.get(self._named(request.query["repository"]).id, 0)})

    def middleware(self) -> Any:
        """Make the middleware in which they wait."""

        @web.middleware
        async def pass_by(request: web.Request, handler: Handler) -> web.StreamResponse:
            """Count the call, and let strike who waits for it."""
            repository = self._about(request)
            if repository is None:
                return await handler(request)
            number = self._calls[repository.id] = self._calls.get(repository.id, 0) + 1
            here = [one for one in self._waiting if (one.repository, one.call) == (repository.id, number)]
            self._strike(repository, [one for one in here if not one.after])
            try:
                return await handler(request)
            finally:
                self._strike(repository, [one for one in here if one.after])

        return pass_by

    def _strike(self, repository: Repository, ambushes: Sequence[Ambush]) -> None:
        for ambush in ambushes:
            repository.tags[ambush.tag] = self._world.push(repository, message="Struck").sha
            for release in repository.releases.values():
                if release.tag == ambush.tag:
                    release.assets = list(ambush.assets)

    def _about(self, request: web.Request) -> Repository | None:
        """Find the repository that a call of the API is about; a download is about the one whose file it brings."""
        match request.match_info:
            case {"owner": owner, "name": name} if "/repos/" in request.path:
                return self._world.find(f"{owner}/{name}")
            case {"id": number}:
                return self._world.repositories.get(int(number))
            case {"key": key}:
                wanted = self._world.download_keys.get(key)
                return next((one for one in self._world.repositories.values() if _has(one, wanted)), None)
            case _:
                return None

    def _named(self, full_name: str) -> Repository:
        repository = self._world.find(full_name)
        if repository is None:
            raise Refused(404, "No such repository")
        return repository


def _has(repository: Repository, asset: int | None) -> bool:
    return any(one.id == asset for release in repository.releases.values() for one in release.assets)
