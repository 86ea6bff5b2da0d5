"""The REST API's routes about people: users by their number, memberships of teams, permissions in a repository."""

from aiohttp import web

from local.github import member_shapes as shapes
from local.github.answers import Refused
from local.github.api import Api, base_of
from local.github.callers import caller_of
from local.github.people import Team
from local.github.shapes import whole_user


class MemberApi:
    """The routes over the world of another API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        permission = "/collaborators/{login}/permission"
        return [
            web.get(r"/user/{number:\d+}", self.get_user),
            web.get("/orgs/{organization}/teams/{slug}", self.get_team),
            web.get("/orgs/{organization}/teams/{slug}/memberships/{login}", self.get_membership),
            web.get("/repos/{owner}/{name}" + permission, self.get_permission),
            web.get(r"/repositories/{id:\d+}" + permission, self.get_permission),
        ]

    async def get_user(self, request: web.Request) -> web.Response:
        """Get a user using their ID."""
        caller_of(request, self.api.world)
        number = int(request.match_info["number"])
        login = self.api.world.users.get(number)
        if login is None:
            raise Refused(404, "Not Found")
        return web.json_response(whole_user(base_of(request), login, number))

    async def get_team(self, request: web.Request) -> web.Response:
        """Get a team by name."""
        organization, slug = request.match_info["organization"], request.match_info["slug"]
        return web.json_response(shapes.team(base_of(request), organization, slug, self._team(request)))

    async def get_membership(self, request: web.Request) -> web.Response:
        """Get team membership for a user. The answer names no id."""
        team = self._team(request)
        number = self.api.world.number_of(request.match_info["login"])
        state = team.states.get(number) if number is not None else None
        if state is None:
            raise Refused(404, "Not Found")
        return web.json_response(shapes.membership(base_of(request), team, request.match_info["login"], state))

    async def get_permission(self, request: web.Request) -> web.Response:
        """Get repository permissions for a user: of everybody there is, also of those who have none."""
        repository = self.api.repository(request, "metadata", "read")
        if caller_of(request, self.api.world).token is None:
            raise Refused(401, "Requires authentication")
        number = self.api.world.number_of(request.match_info["login"])
        if number is None:
            raise Refused(404, "Not Found")
        role = repository.roles.get(number, "none" if repository.private else "read")
        login = self.api.world.users[number]
        return web.json_response(shapes.permission(base_of(request), login, number, role))

    def _team(self, request: web.Request) -> Team:
        """Find the team of a call. Who may not read it is told so, or that there is none."""
        token = caller_of(request, self.api.world).token
        if token is None:
            raise Refused(401, "Requires authentication")
        organization, slug = request.match_info["organization"].lower(), request.match_info["slug"].lower()
        if token.permissions.get("members", "none") == "none":
            raise Refused(403, "Resource not accessible by integration")
        owners = {name.partition("/")[0] for name in token.repositories or ()}
        team = self.api.world.teams.get(f"{organization}/{slug}")
        if team is None or (token.repositories is not None and organization not in owners):
            raise Refused(404, "Not Found")
        return team
