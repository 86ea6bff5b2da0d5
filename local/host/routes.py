"""Route templates as ASP.NET Core reads them, as far as functions use them. Pure.

`hooks/{source}`, `items/{id:int}`, `files/{*rest}`, `list/{page?}`, `v{major}.{minor}`. Letters match in any case.
Among routes that match, the more exact wins: literals before constrained parameters before plain ones before `{*rest}`.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from urllib.parse import unquote

_CONSTRAINTS = {
    "int": r"[+-]?\d{1,10}",
    "long": r"[+-]?\d{1,19}",
    "bool": r"(?:[tT]rue|[fF]alse|TRUE|FALSE)",
    "alpha": r"[a-zA-Z]+",
    "guid": r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}",
}
_PARAMETER = re.compile(r"\{(?P<rest>\*{0,2})(?P<name>[A-Za-z_]\w*)(?::(?P<constraint>[^{}?=]+))?(?P<optional>\?)?\}")


class RouteError(ValueError):
    """The text is no route that this host knows. The message says which part."""


class _Weight(IntEnum):
    """Order in which segments are tried."""

    LITERAL = 1
    CONSTRAINED = 2
    PARAMETER = 3
    REST = 4


@dataclass(frozen=True)
class Route:
    """A compiled template."""

    text: str
    """As it is written, without slashes at the ends."""
    pattern: re.Pattern[str] = field(repr=False)
    names: tuple[str, ...]
    """Parameters, in the order of the pattern's groups."""
    weight: tuple[int, ...]
    """Sorts routes: smaller is more exact."""

    @property
    def shape(self) -> str:
        """The same for two routes which match the same paths."""
        return re.sub(r"\{\**\w+", "{", self.text.lower())

    def match(self, path: str) -> dict[str, str] | None:
        """Parameters of a path (percent-encoded, without the prefix); None where the route does not fit.

        Values are decoded, save `%2F`, which stays apart from the slash. An optional parameter that is missing is
        left out.
        """
        found = self.pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        return {
            name: unquote(value.replace("%2f", "%252F").replace("%2F", "%252F"))
            for name, value in zip(self.names, found.groups(), strict=True)
            if value
        }


def parse_route(text: str) -> Route:
    """Compile a template; raises RouteError."""
    trimmed = text.strip("/")
    segments = [segment for segment in trimmed.split("/") if trimmed]
    names: list[str] = []
    pattern, weights = "", []
    for index, segment in enumerate(segments):
        piece, weight = _segment(segment, names, is_last=index == len(segments) - 1)
        slash = "/" if index else ""
        is_optional = weight is _Weight.REST or segment.endswith("?}")
        pattern += f"(?:{slash}{piece})?" if is_optional else slash + piece
        weights.append(weight)
    if len({name.lower() for name in names}) != len(names):
        raise RouteError(f"route {text!r} has one parameter twice")
    return Route(trimmed, re.compile(pattern, re.IGNORECASE), tuple(names), tuple(weights))


def _segment(segment: str, names: list[str], *, is_last: bool) -> tuple[str, _Weight]:
    pattern, weight, end = "", _Weight.LITERAL, 0
    for match in _PARAMETER.finditer(segment):
        is_whole = match.group() == segment
        if (match["rest"] or match["optional"]) and not (is_whole and is_last):
            raise RouteError(f"{match.group()} must stand alone at the end of the route")
        pattern += _literal(segment[end : match.start()])
        pattern += f"({_value_pattern(match)})"
        weight = max(weight, _weight(match))
        names.append(match["name"])
        end = match.end()
    return pattern + _literal(segment[end:]), weight


def _literal(text: str) -> str:
    if set(text) & set("{}?*"):
        raise RouteError(f"{text!r} cannot be read: write {{name}}, {{name:int}}, {{name?}} or {{*rest}}")
    return re.escape(text)


def _value_pattern(match: re.Match[str]) -> str:
    if match["rest"]:
        return ".*"
    if match["constraint"] is None:
        return "[^/]+?"
    if match["constraint"] not in _CONSTRAINTS:
        known = ", ".join(_CONSTRAINTS)
        raise RouteError(f"{match.group()} has a constraint that the local host does not know ({known})")
    return _CONSTRAINTS[match["constraint"]]


def _weight(match: re.Match[str]) -> _Weight:
    if match["rest"]:
        return _Weight.REST
    return _Weight.CONSTRAINED if match["constraint"] else _Weight.PARAMETER
