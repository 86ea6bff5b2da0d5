"""What GitHub publishes about a call or a delivery, compared with a body."""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from local.github.schemas.validators import errors, published
from local.github.schemas.words import Mistake, mistake

if TYPE_CHECKING:
    from jsonschema import ValidationError

_BY_NUMBER = "/repositories/{}"
_BY_NAME = "/repos/{}/{}"


def call_of(method: str, route: str) -> str | None:
    """Return the name of a call in the description, None where it has none. `route` has its parts in braces.

    A repository by its number is not described; it is the same as by its name.
    """
    return _calls().get((method, _shape(route).replace(_BY_NUMBER, _BY_NAME, 1)))


def request_mistakes(call: str, body: object) -> list[Mistake]:
    """Say in GitHub's words what is wrong with a request's body."""
    schema = published()["calls"][call].get("request")
    return [] if schema is None else [mistake(error) for error in errors(schema, body, closed=False)]


def resource_of(call: str) -> str:
    """Return what GitHub calls the thing that a call writes: `DeploymentStatus`."""
    answers = published()["calls"][call]["answers"].values()
    names = [answer["$ref"].rpartition("/")[2] for answer in answers if answer and "$ref" in answer]
    return "".join(word.capitalize() for word in names[0].split("-")) if names else ""


def unknown_fields(call: str, body: object) -> list[str]:
    """Say what a request has that the description does not know. GitHub passes over it."""
    schema = published()["calls"][call].get("request")
    found = [] if schema is None else errors(schema, body, closed=True)
    return [_line(error) for error in found if error.validator == "unevaluatedProperties"]


def query_mistakes(call: str, query: Mapping[str, str]) -> list[str]:
    """Say which parameters of an address GitHub does not know, and passes over, or whose value is none of its own."""
    described = published()["calls"][call].get("query", {})
    found = [f"?{name}: not described" for name in query if name not in described]
    for name, schema in described.items():
        if name in query:
            value = int(query[name]) if schema.get("type") == "integer" and query[name].isdecimal() else query[name]
            found += [f"?{name}: {error.message}" for error in errors(schema, value, closed=False)]
    return found


def answer_mistakes(call: str, status: int, body: object) -> list[str]:
    """Say where an answer is not what the description promises: a field that is missing, wrong, or that it lacks.

    A redirect or a refusal that a call does not describe has the form of any, and all of them may have fields besides:
    GitHub's have a `status` that few descriptions know.
    """
    answers = published()["calls"][call]["answers"]
    if str(status) in answers:
        schema = answers[str(status)]
    elif status >= 300:
        schema = {"$ref": f"#/$defs/{'validation-error' if status == 422 else 'basic-error'}"}
    else:
        return [f"{call} has no answer {status}"]
    return [] if schema is None else [_line(error) for error in errors(schema, body, closed=status < 300)]


def delivery_mistakes(event: str, body: object) -> list[str]:
    """Say where a delivery is not what the description promises. KeyError for an event that was not cut out."""
    action = body.get("action") if isinstance(body, Mapping) else None
    name = f"{event}-{action}" if action else event
    schema = published()["deliveries"][name.replace("_", "-")]
    return [_line(error) for error in errors(schema, body, closed=True)]


@cache
def _calls() -> dict[tuple[str, str], str]:
    names = (name.partition(" ") for name in published()["calls"])
    return {(method, _shape(path)): f"{method} {path}" for method, _, path in names}


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _line(error: "ValidationError") -> str:
    """Write where and what, without the whole body: it may be long."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return f"{place or '.'}: {error.message[:200]}"
