"""Who calls the fake GitHub, and what they may do."""

from dataclasses import dataclass

import jwt
from aiohttp import web

from local.github.access import App, Token
from local.github.answers import Refused
from local.github.repositories import Repository
from local.github.world import World

MAX_JWT_AGE_S = 600
"""Seconds that an app's own token may live."""

_LEVELS = ["none", "read", "write"]


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, or nobody."""

    token: Token | None

    def require(self, repository: Repository, permission: str, level: str) -> None:
        """Refuse as GitHub does: who may not read a private repository is told that there is none."""
        if self.token is None:
            if repository.private:
                raise Refused(404, "Not Found")
            if level != "read":
                raise Refused(401, "Requires authentication")
            return
        if not self.token.reaches(repository):
            if repository.private or level != "read":
                raise Refused(404, "Not Found")
            return
        has = self.token.permissions.get(permission, "none")
        if _LEVELS.index(has) < _LEVELS.index(level) and (repository.private or level != "read"):
            raise Refused(403, "Resource not accessible by integration")


def caller_of(request: web.Request, world: World) -> Caller:
    """Look at the token. An unknown one is refused even where none is needed."""
    given = request.headers.get("Authorization")
    if given is None:
        return Caller(None)
    token = world.tokens.get(_value(given))
    if token is None or (token.expires_at is not None and token.expires_at <= world.clock()):
        raise Refused(401, "Bad credentials")
    return Caller(token)


def app_of(request: web.Request, world: World) -> App:
    """Check an app's own token: RS256 by its key, its id as issuer, ten minutes at most."""
    if world.app is None:
        raise Refused(401, "A JSON web token could not be decoded")
    try:
        claims = jwt.decode(
            _value(request.headers.get("Authorization", "")),
            world.app.public_key,
            algorithms=["RS256"],
            options={"require": ["iat", "exp", "iss"], "verify_iat": False, "verify_exp": False},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    now = world.clock().timestamp()
    if claims["iss"] != world.app.id:
        raise Refused(401, "Integration must be found with the 'iss' claim")
    if claims["iat"] > now:
        raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing a time in the past")
    if claims["exp"] <= now:
        raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value in the future")
    if claims["exp"] > now + MAX_JWT_AGE_S:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    return world.app


def _value(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    return value if scheme.lower() in {"bearer", "token"} else ""
