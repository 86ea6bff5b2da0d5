"""How the fake GitHub answers: JSON, errors, pages."""

from typing import Any, TypeVar

from aiohttp import web

from local.github.schemas.published import call_of, request_mistakes, resource_of
from local.github.schemas.words import Kind

T = TypeVar("T")

DOCUMENTATION = "https://docs.github.com/rest"
ENTERPRISE = "/api/v3"
"""Where GitHub Enterprise Server has its API; here it is both there and at the root."""


class Refused(Exception):
    """An answer that GitHub gives instead of what was asked for."""

    def __init__(self, status: int, message: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        if errors is not None:
            self.body["errors"] = errors


def invalid(resource: str, field: str, message: str) -> Refused:
    """Refuse a field, 422."""
    mistake = {"resource": resource, "code": "custom", "field": field, "message": message}
    return Refused(422, "Validation Failed", [mistake])


def page(request: web.Request, items: list[Any]) -> web.Response:
    """Answer with the page that was asked for; `Link` leads to the next and the last one."""
    shown, headers = part_of(request, items)
    return web.json_response(shown, headers=headers)


def part_of(request: web.Request, items: list[T]) -> tuple[list[T], dict[str, str]]:
    """Return what stands on the page that was asked for, and the header that leads on."""
    size = min(max(_number(request, "per_page", 30), 1), 100)
    number = max(_number(request, "page", 1), 1)
    last = max((len(items) + size - 1) // size, 1)
    links = []
    if number < last:
        links = [(number + 1, "next"), (last, "last")]
    headers = {}
    if links:
        here = request.url
        headers["Link"] = ", ".join(f'<{here.update_query(page=str(to))}>; rel="{rel}"' for to, rel in links)
    return items[(number - 1) * size : number * size], headers


async def json_body(request: web.Request) -> dict[str, Any]:
    """Read a JSON object, and refuse one that is not what GitHub's published schema of the call asks for."""
    try:
        body = await request.json()
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "Body should be a JSON object")
    call = published_call(request)
    if call is not None:
        _check(call, body)
    return body


def published_call(request: web.Request) -> str | None:
    """Return the call's name in GitHub's description; None for what GitHub does not have."""
    resource = request.match_info.route.resource
    return None if resource is None else call_of(request.method, resource.canonical.removeprefix(ENTERPRISE))


def _check(call: str, body: object) -> None:
    mistakes = request_mistakes(call, body)
    for mistake in mistakes:
        if mistake.kind is Kind.CHOICE:
            raise invalid(resource_of(call), mistake.field, mistake.sentence)
    if mistakes:
        raise Refused(422, "Invalid request.\n\n" + "\n".join(mistake.sentence for mistake in mistakes))


def _number(request: web.Request, name: str, default: int) -> int:
    value = request.query.get(name, "")
    return int(value) if value.isdecimal() else default
