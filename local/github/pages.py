"""The page of a release, for people who follow its link: its text and its deployments, plainly."""

from html import escape

from aiohttp import web

from local.github.answers import Refused
from local.github.world import Deployment, World


def routes(world: World) -> list[web.RouteDef]:
    """Return the one route."""

    async def release_page(request: web.Request) -> web.Response:
        repository = world.find(f"{request.match_info['owner']}/{request.match_info['name']}")
        releases = repository.releases.values() if repository else []
        release = next((one for one in releases if one.tag == request.match_info["tag"]), None)
        if repository is None or release is None:
            raise Refused(404, "Not Found")
        deployments = [one for one in repository.deployments.values() if one.fields["ref"] == release.tag]
        title = escape(f"{repository.full_name} {release.tag}")
        parts = [
            f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>",
            f"<pre>{escape(release.body or '')}</pre><h2>Deployments</h2>",
            *(_deployment(one) for one in deployments),
        ]
        return web.Response(text="\n".join(parts), content_type="text/html")

    return [web.get("/{owner}/{name}/releases/tag/{tag:.+}", release_page)]


def _deployment(one: Deployment) -> str:
    lines = [f"<li>{escape(each['state'])}: {escape(each.get('description') or '')}</li>" for each in one.statuses]
    return f"<h3>{escape(one.fields['environment'])}</h3><ol>{''.join(lines)}</ol>"
