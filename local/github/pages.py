"""The pages of a release, a commit and a pull request, for people who follow links: what is known."""

from html import escape

from aiohttp import web

from local.github.answers import Refused
from local.github.commits import latest_runs
from local.github.repositories import Deployment
from local.github.world import World


def routes(world: World) -> list[web.RouteDef]:
    """Return the routes."""

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

    async def commit_page(request: web.Request) -> web.Response:
        repository = world.find(f"{request.match_info['owner']}/{request.match_info['name']}")
        commit = repository.commits.get(request.match_info["sha"]) if repository else None
        if repository is None or commit is None:
            raise Refused(404, "Not Found")
        runs = latest_runs(repository.check_runs.get(commit.sha, []))
        checks = [f"<li>{escape(run.name)}: {escape(run.conclusion or run.status)}</li>" for run in runs]
        deployments = [one for one in repository.deployments.values() if one.sha == commit.sha]
        title = escape(f"{repository.full_name} {commit.sha[:7]}")
        parts = [
            f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>",
            f"<pre>{escape(commit.message)}</pre><h2>Checks</h2><ul>{''.join(checks)}</ul><h2>Deployments</h2>",
            *(_deployment(one) for one in deployments),
        ]
        return web.Response(text="\n".join(parts), content_type="text/html")

    async def pull_page(request: web.Request) -> web.Response:
        repository = world.find(f"{request.match_info['owner']}/{request.match_info['name']}")
        pull = repository.pulls.get(int(request.match_info["number"])) if repository else None
        if repository is None or pull is None:
            raise Refused(404, "Not Found")
        comments = [one for one in repository.comments.values() if one.number == pull.number]
        title = escape(f"{repository.full_name} #{pull.number}: {pull.title}")
        parts = [
            f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>",
            f"<p>{escape(pull.branch)} at {world.head_of(pull)}, {pull.state}</p>",
            *(f"<h3>{escape(one.author)}</h3><pre>{escape(one.body)}</pre>" for one in comments),
        ]
        return web.Response(text="\n".join(parts), content_type="text/html")

    return [
        web.get("/{owner}/{name}/releases/tag/{tag:.+}", release_page),
        web.get("/{owner}/{name}/commit/{sha}", commit_page),
        web.get(r"/{owner}/{name}/pull/{number:\d+}", pull_page),
    ]


def _deployment(one: Deployment) -> str:
    lines = [f"<li>{escape(each['state'])}: {escape(each.get('description') or '')}</li>" for each in one.statuses]
    return f"<h3>{escape(one.fields['environment'])}</h3><ol>{''.join(lines)}</ol>"
